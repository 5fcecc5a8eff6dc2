//! The reviews committed on a session, as its page shows them.

use turnwise_model::rubric::question::{Answer, Question, QuestionKind};
use turnwise_model::view::session_page::{AnsweredQuestion, SessionReview};

use super::error::SessionError;
use super::service::Sessions;
use crate::access::Access;

impl Sessions {
    /// The reviews of a session and of what is in it, oldest first; `None` when this project has no such session.
    ///
    /// Whoever has yet to review it blind is told only their own, as in [`Sessions::open`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reviews(
        &self,
        access: &Access,
        id_or_external: &str,
    ) -> Result<Option<Vec<SessionReview>>, SessionError> {
        let project = access.project.id;
        let Some(session) = self.store.session_id(project, id_or_external).await? else { return Ok(None) };
        let mut rows = self.store.reviews_of_session(project, session).await?;
        if self.withholds(access, session).await? {
            let own = access.reviewer();
            rows.retain(|row| row.review.reviewer == own);
        }
        let mut reviews = Vec::with_capacity(rows.len());
        for row in rows {
            let rubric = self.store.rubric(project, row.review.rubric).await?;
            let questions = rubric.map(|rubric| rubric.questions).unwrap_or_default();
            let queue = self.store.queue(project, row.task.queue).await?;
            let answers = row.review.answers.iter().map(|(key, answer)| answered(&questions, key, answer)).collect();
            reviews.push(SessionReview {
                id: row.review.id,
                queue: row.task.queue,
                queue_name: queue.map(|queue| queue.name).unwrap_or_default(),
                reviewer_name: row.reviewer_name,
                target: row.task.target,
                exposure: row.review.exposure,
                active_ms: row.review.active_ms,
                created_at: row.review.created_at,
                answers,
            });
        }
        Ok(Some(reviews))
    }
}

/// An answer in words, beside its question as it reads now.
fn answered(questions: &[Question], key: &str, answer: &Answer) -> AnsweredQuestion {
    let question = questions.iter().find(|question| question.key == key);
    let told = match serde_json::to_value(answer) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(serde_json::Value::Bool(yes)) => if yes { "yes" } else { "no" }.to_owned(),
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    };
    let label = match question.map(|question| &question.kind) {
        Some(QuestionKind::Choice(choice)) => {
            choice.options.iter().find(|option| option.value == told).map(|option| option.label.clone())
        }
        _ => None,
    };
    AnsweredQuestion {
        title: question.map_or_else(|| key.to_owned(), |question| question.title.clone()),
        answer: label.unwrap_or(told),
    }
}
