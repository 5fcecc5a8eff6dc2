//! Committing a review, and taking it back.

use turnwise_model::access::Role;
use turnwise_model::queue::Review;
use turnwise_model::rubric::{Answer, Answers};
use turnwise_model::score::{Exposure, Score, Source, Value};
use turnwise_model::view::review::{ReviewTask, Submitted};
use turnwise_model::{ClaimId, ReviewId, ScoreId};
use turnwise_store::Durability;

use super::{ReviewError, Reviews};
use crate::access::Access;

/// How many of one's own latest reviews can be taken back.
const UNDOABLE: i64 = 10;

/// What a reviewer submits.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// The claim under which it was answered.
    pub claim: ClaimId,
    /// Its fencing token.
    pub fence: i64,
    /// The answers by question key.
    pub answers: Answers,
    /// Milliseconds of active work, as the page measured them.
    pub active_ms: Option<i64>,
}

impl Reviews {
    /// Commits a review: once, under its claim, within the overlap. The answers become scores in the same transaction.
    ///
    /// Submitting the same again after a lost connection changes nothing and succeeds.
    ///
    /// # Errors
    /// [`ReviewError::ClaimLapsed`], [`ReviewError::TaskFull`], [`ReviewError::AlreadyReviewed`] keep the answers as a
    /// draft; [`ReviewError::Invalid`] names the answer that does not fit.
    pub async fn submit(&self, access: &Access, submission: &Submission) -> Result<Submitted, ReviewError> {
        access.require(Role::Reviewer)?;
        let project = access.project.id;
        let reviewer = access.reviewer();
        let now = self.ambient.now();
        let review_id = ReviewId::of_claim(submission.claim);

        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        if let Some(done) = transaction.review(project, review_id).await? {
            return if done.review.reviewer == reviewer && done.review.answers == submission.answers {
                let progress = self.progress(project, done.queue, &reviewer).await?;
                Ok(Submitted { review: review_id, progress })
            } else {
                Err(ReviewError::AlreadyReviewed)
            };
        }
        let held = transaction.claim(project, submission.claim).await?;
        let Some(held) = held.filter(|held| held.is(&reviewer, submission.fence)) else {
            return Err(ReviewError::ClaimLapsed);
        };
        let queue = transaction.queue(project, held.queue).await?.ok_or(ReviewError::NoSuchQueue)?;
        let task = transaction.lock_task(project, held.claim.task).await?.ok_or(ReviewError::NoSuchTask)?;
        let rubric = transaction.rubric(project, queue.rubric).await?.ok_or(ReviewError::NoSuchQueue)?;
        rubric.accept(&submission.answers)?;

        let refusal = if transaction.has_reviewed(project, task.id, &reviewer).await? {
            Some(ReviewError::AlreadyReviewed)
        } else if task.reviews >= queue.overlap {
            Some(ReviewError::TaskFull)
        } else if held.claim.expires_at <= now
            && task.reviews + transaction.claims_of_others(project, task.id, &reviewer, now).await? >= queue.overlap
        {
            Some(ReviewError::ClaimLapsed)
        } else {
            None
        };
        if let Some(refusal) = refusal {
            transaction.put_draft(project, task.id, &reviewer, &submission.answers, now).await?;
            transaction.commit().await?;
            return Err(refusal);
        }

        // The page measures; nobody works longer on a task than it was held.
        let held_ms = i64::try_from(now.since(held.created_at).as_millis()).unwrap_or(i64::MAX);
        let review = Review {
            id: review_id,
            task: task.id,
            reviewer: reviewer.clone(),
            answers: submission.answers.clone(),
            rubric: rubric.id,
            rubric_version: rubric.version,
            exposure: if queue.blind { Exposure::Blind } else { Exposure::Shown },
            active_ms: submission.active_ms.map(|active| active.clamp(0, held_ms)),
            created_at: now,
        };
        transaction.insert_review(project, queue.id, &review).await?;
        for (key, answer) in &review.answers {
            let score = score_of(&review, &task, key, answer, ScoreId::derive(project, &format!("{review_id}:{key}")));
            transaction.put_score(project, &score).await?;
        }
        transaction.count_review(project, task.id, queue.overlap).await?;
        transaction.delete_claim(project, held.claim.id).await?;
        transaction.delete_draft(project, task.id, &reviewer).await?;
        transaction.commit().await?;
        Ok(Submitted { review: review_id, progress: self.progress(project, queue.id, &reviewer).await? })
    }

    /// Takes back one of the caller's last ten reviews and hands the task out to them again, with the answers as a draft.
    ///
    /// # Errors
    /// [`ReviewError::NotUndoable`].
    pub async fn undo(&self, access: &Access, review: ReviewId) -> Result<ReviewTask, ReviewError> {
        access.require(Role::Reviewer)?;
        let project = access.project.id;
        let reviewer = access.reviewer();
        let now = self.ambient.now();
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        let done = transaction.review(project, review).await?.filter(|done| done.review.reviewer == reviewer);
        let done = done.ok_or(ReviewError::NotUndoable)?;
        if transaction.reviews_since(project, &done).await? >= UNDOABLE {
            return Err(ReviewError::NotUndoable);
        }
        let queue = transaction.queue(project, done.queue).await?.ok_or(ReviewError::NoSuchQueue)?;
        let task = transaction.lock_task(project, done.review.task).await?.ok_or(ReviewError::NoSuchTask)?;
        let session = task.target.session();
        for key in done.review.answers.keys() {
            transaction.delete_score(project, session, ScoreId::derive(project, &format!("{review}:{key}"))).await?;
        }
        transaction.delete_review(project, review).await?;
        transaction.uncount_review(project, done.review.task, queue.overlap).await?;
        transaction.put_draft(project, done.review.task, &reviewer, &done.review.answers, now).await?;
        let claim = transaction.put_claim(project, &self.new_claim(&queue, done.review.task, &reviewer)).await?;
        transaction.commit().await?;
        self.task_of(project, &queue, &claim, &reviewer).await?.ok_or(ReviewError::NoSuchTask)
    }

    /// The caller's latest review in a queue, which `u` takes back.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn latest(
        &self,
        access: &Access,
        queue: turnwise_model::QueueId,
    ) -> Result<Option<ReviewId>, ReviewError> {
        Ok(self.store.latest_review(access.project.id, queue, &access.reviewer()).await?)
    }
}

/// The score that an answer becomes.
fn score_of(review: &Review, task: &turnwise_model::queue::Task, key: &str, answer: &Answer, id: ScoreId) -> Score {
    Score {
        id,
        target: task.target.clone(),
        name: key.to_owned(),
        value: match answer {
            Answer::Flag(flag) => Value::Flag(*flag),
            Answer::Number(number) => Value::Number(*number),
            Answer::Text(text) => Value::Label(text.clone()),
        },
        passed: None,
        source: Source::Human,
        evaluator: None,
        evaluator_version: None,
        author: Some(review.reviewer.clone()),
        rubric_version: Some(review.rubric_version),
        exposure: Some(review.exposure),
        active_ms: review.active_ms,
        explanation: None,
        evidence: Vec::new(),
        revision: task.revision,
        stale: false,
        created_at: review.created_at,
    }
}
