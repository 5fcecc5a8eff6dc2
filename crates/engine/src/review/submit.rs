//! Committing a review, and taking it back.

use std::time::Duration;

use turnwise_model::access::Role;
use turnwise_model::page::Page;
use turnwise_model::queue::{Review, Task};
use turnwise_model::rubric::{Answer, Answers, Question, QuestionKind};
use turnwise_model::score::{Exposure, Score, Source, Value};
use turnwise_model::view::review::{Next, ReviewRow, Submitted};
use turnwise_model::{ClaimId, ProjectId, QueueId, ReviewId, ScoreId, TaskId};
use turnwise_store::{Durability, Origin, Transaction};

use super::{ReviewError, Reviews};
use crate::access::Access;
use crate::blind::owes_any;

/// How many of one's own latest reviews can be taken back.
const UNDOABLE: i64 = 10;

/// What a reviewer submits.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// The claim under which it was answered.
    pub claim: ClaimId,
    /// Its fencing token.
    pub fence: i64,
    /// The task, so that the answers are kept as its draft even when the claim is not known any more.
    pub task: Option<TaskId>,
    /// The answers by question key.
    pub answers: Answers,
    /// The version of the rubric that was answered; `None` for the newest.
    pub rubric_version: Option<i64>,
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
        let mut answers = submission.answers.clone();
        answers.retain(|_, answer| !answer.is_blank());

        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        // Of two submits at once the second waits here, and then finds the review of the first.
        let claimed = transaction.claim(project, submission.claim).await?;
        let task = match claimed.as_ref().map(|held| held.claim.task).or(submission.task) {
            Some(task) => transaction.lock_task(project, task).await?,
            None => None,
        };
        if let Some(done) = transaction.review(project, review_id).await? {
            return if done.review.reviewer == reviewer && done.review.answers == answers {
                let progress = self.progress(project, done.queue, &reviewer).await?;
                Ok(Submitted { review: review_id, progress })
            } else {
                Err(ReviewError::AlreadyReviewed)
            };
        }
        let held = transaction.claim(project, submission.claim).await?;
        let (Some(held), Some(task)) = (held.filter(|held| held.is(&reviewer, submission.fence)), &task) else {
            let refusal = match &task {
                None => ReviewError::NoSuchClaim,
                Some(task) if transaction.has_reviewed(project, task.id, &reviewer).await? => {
                    ReviewError::AlreadyReviewed
                }
                Some(_) => ReviewError::ClaimLapsed,
            };
            return self.refuse(transaction, project, task.as_ref(), &reviewer, &answers, refusal).await;
        };
        let queue = transaction.queue(project, held.queue).await?.ok_or(ReviewError::NoSuchQueue)?;
        let rubric = match submission.rubric_version {
            Some(version) => transaction.rubric_version(project, queue.rubric, version).await?,
            None => transaction.rubric(project, queue.rubric).await?,
        };
        let rubric = rubric.ok_or(ReviewError::NoSuchQueue)?;
        if let Err(invalid) = rubric.accept(&answers) {
            return self.refuse(transaction, project, Some(task), &reviewer, &answers, invalid.into()).await;
        }

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
            return self.refuse(transaction, project, Some(task), &reviewer, &answers, refusal).await;
        }

        // The page measures; nobody works longer on a task than it was held.
        let held_ms = i64::try_from(now.since(held.created_at).as_millis()).unwrap_or(i64::MAX);
        let revises = transaction.delete_draft(project, task.id, &reviewer).await?;
        let review = Review {
            id: review_id,
            task: task.id,
            reviewer: reviewer.clone(),
            answers,
            rubric: rubric.id,
            rubric_version: rubric.version,
            exposure: match (queue.blind, revises) {
                (false, _) => Exposure::Shown,
                (true, false) => Exposure::Blind,
                // Verdicts stood on the session's page since it was answered first.
                (true, true) => Exposure::Revised,
            },
            active_ms: submission.active_ms.map(|active| active.clamp(0, held_ms)),
            created_at: now,
        };
        transaction.insert_review(project, queue.id, &review).await?;
        let scores: Vec<Score> = rubric
            .questions
            .iter()
            .filter_map(|question| Some((question, review.answers.get(&question.key)?)))
            .map(|(question, answer)| {
                score_of(&review, task, question, answer, score_id(project, review_id, &question.key))
            })
            .collect();
        transaction.put_scores(project, &scores, Origin::Given).await?;
        transaction.count_review(project, task.id, queue.overlap).await?;
        transaction.delete_claim(project, held.claim.id).await?;
        transaction.commit().await?;
        Ok(Submitted { review: review_id, progress: self.progress(project, queue.id, &reviewer).await? })
    }

    /// Keeps the answers of a submit that is refused.
    async fn refuse(
        &self,
        mut transaction: Transaction,
        project: ProjectId,
        task: Option<&Task>,
        reviewer: &str,
        answers: &Answers,
        refusal: ReviewError,
    ) -> Result<Submitted, ReviewError> {
        if let Some(task) = task {
            transaction.put_draft(project, task.id, reviewer, answers, self.ambient.now()).await?;
            transaction.commit().await?;
        }
        Err(refusal)
    }

    /// Takes back one of the caller's last ten reviews and hands the task out to them again, with the answers as a draft.
    ///
    /// # Errors
    /// [`ReviewError::NotUndoable`].
    pub async fn undo(&self, access: &Access, review: ReviewId) -> Result<Next, ReviewError> {
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
        if !transaction.delete_review(project, review).await? {
            return Err(ReviewError::NotUndoable);
        }
        let session = task.target.session();
        for key in done.review.answers.keys() {
            transaction.delete_score(project, session, score_id(project, review, key)).await?;
        }
        transaction.uncount_review(project, done.review.task, queue.overlap).await?;
        transaction.put_draft(project, done.review.task, &reviewer, &done.review.answers, now).await?;
        transaction.draft_now_revises(project, done.review.task, &reviewer).await?;
        // It comes before what is held already, so that it is what a reload shows.
        let mut claim = self.new_claim(&queue, done.review.task, &reviewer);
        if let Some(held) = transaction.held_claim(project, queue.id, &reviewer, None, now).await? {
            claim.created_at = claim.created_at.min(held.created_at - Duration::from_micros(1));
        }
        let claim = transaction.put_claim(project, &claim).await?;
        transaction.commit().await?;
        let task = self.task_of(access, &queue, &claim).await?;
        self.step(project, &queue, &reviewer, task).await
    }

    /// Reviews of the project, or of one queue, oldest first; only their own for who owes an answer in a blind queue.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list(
        &self,
        access: &Access,
        queue: Option<QueueId>,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<ReviewRow>, ReviewError> {
        let mut page = self.store.reviews(access.project.id, queue, cursor, limit).await?;
        if owes_any(&self.store, access).await? {
            let own = access.reviewer();
            page.data.retain(|row| row.review.reviewer == own);
        }
        Ok(page)
    }

    /// The caller's latest review in a queue, which `u` takes back.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn latest(&self, access: &Access, queue: QueueId) -> Result<Option<ReviewId>, ReviewError> {
        Ok(self.store.latest_review(access.project.id, queue, &access.reviewer()).await?)
    }
}

fn score_id(project: ProjectId, review: ReviewId, key: &str) -> ScoreId {
    ScoreId::derive(project, &format!("{review}:{key}"))
}

/// The score that an answer becomes.
fn score_of(review: &Review, task: &Task, question: &Question, answer: &Answer, id: ScoreId) -> Score {
    Score {
        id,
        target: task.target.clone(),
        name: question.key.clone(),
        value: match answer {
            Answer::Flag(flag) => Value::Flag(*flag),
            Answer::Number(number) => Value::Number(*number),
            Answer::Text(text) if matches!(question.kind, QuestionKind::Text(_)) => Value::Text(text.clone()),
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
