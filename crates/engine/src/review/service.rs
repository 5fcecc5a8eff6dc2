//! [`Reviews`]: handing out tasks and keeping them held while somebody works on them.

use std::time::Duration;

use turnwise_model::access::Role;
use turnwise_model::queue::{Claim, Queue};
use turnwise_model::rubric::Answers;
use turnwise_model::score::Source;
use turnwise_model::view::review::{Next, Progress, ReviewTask, Ticket};
use turnwise_model::{Ambient, ClaimId, ProjectId, QueueId, TaskId};
use turnwise_store::{Durability, NewClaim, Store};

use super::ReviewError;
use crate::access::Access;
use crate::blind::withholds;

/// Claims, drafts, reviews. Clones share everything.
#[derive(Debug, Clone)]
pub struct Reviews {
    pub(super) store: Store,
    pub(super) ambient: Ambient,
}

impl Reviews {
    pub(crate) fn new(store: Store, ambient: Ambient) -> Self {
        Self { store, ambient }
    }

    /// Claims the next task of the queue for the caller, or hands out again what they hold.
    ///
    /// `besides` is a task that the caller has on screen: the one after it is claimed ahead, so that it is there at once.
    ///
    /// # Errors
    /// Unless the caller is a reviewer; [`ReviewError::NoSuchQueue`].
    pub async fn next(&self, access: &Access, queue: QueueId, besides: Option<TaskId>) -> Result<Next, ReviewError> {
        access.require(Role::Reviewer)?;
        let project = access.project.id;
        let queue = self.store.queue(project, queue).await?.ok_or(ReviewError::NoSuchQueue)?;
        let reviewer = access.reviewer();
        let claim = self.claim(project, &queue, &reviewer, besides).await?;
        let task = match claim {
            Some(claim) => self.task_of(access, &queue, &claim).await?,
            None => None,
        };
        self.step(project, &queue, &reviewer, task).await
    }

    pub(super) async fn step(
        &self,
        project: ProjectId,
        queue: &Queue,
        reviewer: &str,
        task: Option<ReviewTask>,
    ) -> Result<Next, ReviewError> {
        Ok(Next {
            task,
            held_by_others: self.store.tasks_held_by_others(project, queue.id, reviewer, self.ambient.now()).await?,
            latest: self.store.latest_review(project, queue.id, reviewer).await?,
            progress: self.progress(project, queue.id, reviewer).await?,
        })
    }

    /// Claims one task by its id, as when a lapsed one is taken up again.
    ///
    /// # Errors
    /// [`ReviewError::TaskFull`] when others hold or have done it, [`ReviewError::AlreadyReviewed`].
    pub async fn take(&self, access: &Access, task: TaskId) -> Result<ReviewTask, ReviewError> {
        access.require(Role::Reviewer)?;
        let project = access.project.id;
        let reviewer = access.reviewer();
        let task = self.store.task(project, task).await?.ok_or(ReviewError::NoSuchTask)?;
        let queue = self.store.queue(project, task.queue).await?.ok_or(ReviewError::NoSuchQueue)?;
        let now = self.ambient.now();
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        let locked = transaction.lock_task(project, task.id).await?.ok_or(ReviewError::NoSuchTask)?;
        if transaction.has_reviewed(project, task.id, &reviewer).await? {
            return Err(ReviewError::AlreadyReviewed);
        }
        let held = transaction.claims_of_others(project, task.id, &reviewer, now).await?;
        if locked.reviews + held >= queue.overlap {
            return Err(ReviewError::TaskFull);
        }
        let claim = transaction.put_claim(project, &self.new_claim(&queue, task.id, &reviewer)).await?;
        transaction.commit().await?;
        self.task_of(access, &queue, &claim).await?.ok_or(ReviewError::NoSuchTask)
    }

    /// Keeps a claim for another lease. `None` when it is not the caller's any more.
    ///
    /// # Errors
    /// Unless the caller is a reviewer.
    pub async fn renew(&self, access: &Access, claim: ClaimId, fence: i64) -> Result<Option<Ticket>, ReviewError> {
        access.require(Role::Reviewer)?;
        let project = access.project.id;
        let reviewer = access.reviewer();
        let mut transaction = self.store.write(Durability::Derived).await?;
        let Some(held) = transaction.claim(project, claim).await?.filter(|held| held.is(&reviewer, fence)) else {
            return Ok(None);
        };
        let Some(queue) = transaction.queue(project, held.queue).await? else { return Ok(None) };
        let now = self.ambient.now();
        if held.claim.expires_at <= now {
            // Lapsed: it holds on only where nobody else took the place.
            let Some(task) = transaction.lock_task(project, held.claim.task).await? else { return Ok(None) };
            let others = transaction.claims_of_others(project, task.id, &reviewer, now).await?;
            if task.reviews + others >= queue.overlap {
                return Ok(None);
            }
        }
        let expires_at = now + lease(&queue);
        transaction.extend_claim(project, claim, expires_at).await?;
        transaction.commit().await?;
        Ok(Some(Ticket { claim, fence, expires_at }))
    }

    /// Keeps the answers begun on a task, and the claim on it for another lease. `None` when the claim is not the caller's
    /// any more; the answers are kept nevertheless.
    ///
    /// # Errors
    /// As [`Reviews::save_draft`] and [`Reviews::renew`].
    pub async fn keep(
        &self,
        access: &Access,
        task: TaskId,
        claim: ClaimId,
        fence: i64,
        answers: &Answers,
    ) -> Result<Option<Ticket>, ReviewError> {
        self.save_draft(access, task, answers).await?;
        self.renew(access, claim, fence).await
    }

    /// Keeps answers that are not submitted yet.
    ///
    /// # Errors
    /// Unless the caller is a reviewer; [`ReviewError::NoSuchTask`].
    pub async fn save_draft(&self, access: &Access, task: TaskId, answers: &Answers) -> Result<(), ReviewError> {
        access.require(Role::Reviewer)?;
        let project = access.project.id;
        self.store.task(project, task).await?.ok_or(ReviewError::NoSuchTask)?;
        let mut transaction = self.store.write(Durability::Derived).await?;
        transaction.put_draft(project, task, &access.reviewer(), answers, self.ambient.now()).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Gives a task back and does not hand it to the caller again.
    ///
    /// # Errors
    /// Unless the caller is a reviewer.
    pub async fn skip(&self, access: &Access, claim: ClaimId, fence: i64) -> Result<(), ReviewError> {
        self.give_back(access, claim, fence, true).await
    }

    /// Gives a task back, so that anybody may take it, the caller included.
    ///
    /// # Errors
    /// Unless the caller is a reviewer.
    pub async fn release(&self, access: &Access, claim: ClaimId, fence: i64) -> Result<(), ReviewError> {
        self.give_back(access, claim, fence, false).await
    }

    async fn give_back(&self, access: &Access, claim: ClaimId, fence: i64, skip: bool) -> Result<(), ReviewError> {
        access.require(Role::Reviewer)?;
        let project = access.project.id;
        let reviewer = access.reviewer();
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        let held = transaction.claim(project, claim).await?.ok_or(ReviewError::NoSuchClaim)?;
        if !held.is(&reviewer, fence) {
            return Err(ReviewError::ClaimLapsed);
        }
        if skip {
            transaction.put_skip(project, held.claim.task, &reviewer, self.ambient.now()).await?;
        }
        transaction.delete_claim(project, claim).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn claim(
        &self,
        project: ProjectId,
        queue: &Queue,
        reviewer: &str,
        besides: Option<TaskId>,
    ) -> Result<Option<Claim>, ReviewError> {
        let now = self.ambient.now();
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        if let Some(held) = transaction.held_claim(project, queue.id, reviewer, besides, now).await? {
            let expires_at = now + lease(queue);
            transaction.extend_claim(project, held.claim.id, expires_at).await?;
            transaction.commit().await?;
            return Ok(Some(Claim { expires_at, ..held.claim }));
        }
        // Those that others are just claiming are passed over first, and waited for only when there is nothing else.
        let mut wait = false;
        let task = loop {
            let Some(task) = transaction.next_task(project, queue, reviewer, now, wait).await? else {
                if wait {
                    return Ok(None);
                }
                wait = true;
                continue;
            };
            let Some(locked) = transaction.lock_task(project, task).await? else { return Ok(None) };
            let others = transaction.claims_of_others(project, task, reviewer, now).await?;
            if locked.reviews + others < queue.overlap && !transaction.has_reviewed(project, task, reviewer).await? {
                break task;
            }
        };
        let claim = transaction.put_claim(project, &self.new_claim(queue, task, reviewer)).await?;
        transaction.commit().await?;
        Ok(Some(claim))
    }

    pub(super) fn new_claim(&self, queue: &Queue, task: TaskId, reviewer: &str) -> NewClaim {
        let now = self.ambient.now();
        NewClaim {
            id: self.ambient.id(),
            queue: queue.id,
            task,
            reviewer: reviewer.to_owned(),
            expires_at: now + lease(queue),
            created_at: now,
        }
    }

    pub(super) async fn task_of(
        &self,
        access: &Access,
        queue: &Queue,
        claim: &Claim,
    ) -> Result<Option<ReviewTask>, ReviewError> {
        let project = access.project.id;
        let Some(task) = self.store.task(project, claim.task).await? else { return Ok(None) };
        let session = task.target.session();
        let Some(conversation) = self.store.conversation(project, session).await? else { return Ok(None) };
        let Some(rubric) = self.store.rubric(project, queue.rubric).await? else { return Ok(None) };
        // Verdicts are withheld here, on the server: a blind page never has them.
        let withheld = queue.blind || withholds(&self.store, access, session, self.ambient.now()).await?;
        let verdicts = if withheld {
            Vec::new()
        } else {
            let scores = self.store.scores_of_session(project, session).await?;
            scores.into_iter().filter(|score| score.source != Source::Human).collect()
        };
        Ok(Some(ReviewTask {
            ticket: Ticket { claim: claim.id, fence: claim.fence, expires_at: claim.expires_at },
            draft: self.store.draft(project, task.id, &access.reviewer()).await?,
            task: task.id,
            target: task.target,
            note: task.note.filter(|_| !withheld),
            conversation,
            rubric,
            verdicts,
        }))
    }

    pub(super) async fn progress(
        &self,
        project: ProjectId,
        queue: QueueId,
        reviewer: &str,
    ) -> Result<Progress, ReviewError> {
        Ok(self.store.queue_progress(project, queue, reviewer).await?)
    }
}

pub(super) fn lease(queue: &Queue) -> Duration {
    Duration::from_secs(u64::try_from(queue.lease_seconds).unwrap_or(300))
}
