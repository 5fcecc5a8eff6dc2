//! [`Queues`]: making queues, changing them, and putting tasks into them by hand.

use turnwise_model::access::Role;
use turnwise_model::page::Page;
use turnwise_model::queue::{Queue, Task, TaskState};
use turnwise_model::rubric::Rubric;
use turnwise_model::rule::Arm;
use turnwise_model::score::Target;
use turnwise_model::view::review::{NamedTarget, QueueDraft, QueueSummary, TaskRow};
use turnwise_model::{Ambient, ProjectId, QueueId, TaskId};
use turnwise_store::{Durability, NewTask, Store};

use super::QueueError;
use crate::access::Access;

/// Queues and the rubrics they ask.
#[derive(Debug, Clone)]
pub struct Queues {
    store: Store,
    ambient: Ambient,
}

impl Queues {
    pub(crate) fn new(store: Store, ambient: Ambient) -> Self {
        Self { store, ambient }
    }

    /// All queues of the project by name, with how far each is.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list(&self, access: &Access) -> Result<Vec<QueueSummary>, QueueError> {
        let week_ago = self.ambient.now() - std::time::Duration::from_secs(7 * 86_400);
        Ok(self.store.queue_summaries(access.project.id, &access.reviewer(), week_ago).await?)
    }

    /// One queue.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn get(&self, access: &Access, queue: QueueId) -> Result<Option<Queue>, QueueError> {
        Ok(self.store.queue(access.project.id, queue).await?)
    }

    /// The rubric of a queue at its newest version.
    ///
    /// # Errors
    /// [`QueueError::NoSuchQueue`].
    pub async fn rubric(&self, access: &Access, queue: QueueId) -> Result<Rubric, QueueError> {
        let queue = self.get(access, queue).await?.ok_or(QueueError::NoSuchQueue)?;
        self.store.rubric(access.project.id, queue.rubric).await?.ok_or(QueueError::NoSuchQueue)
    }

    /// Makes a queue with a rubric of its own.
    ///
    /// # Errors
    /// Unless the caller is an editor; names the setting or the question that is wrong.
    pub async fn create(&self, access: &Access, draft: &QueueDraft) -> Result<Queue, QueueError> {
        access.require(Role::Editor)?;
        self.create_in(access.project.id, draft).await
    }

    /// Makes a queue in a project, for the system itself (samples, imports).
    ///
    /// # Errors
    /// Names the setting or the question that is wrong.
    pub async fn create_in(&self, project: ProjectId, draft: &QueueDraft) -> Result<Queue, QueueError> {
        check(draft)?;
        let now = self.ambient.now();
        let name = draft.name.trim().to_owned();
        let rubric = Rubric {
            id: self.ambient.id(),
            version: 1,
            name: name.clone(),
            questions: draft.questions.clone(),
            created_at: now,
        };
        let queue = Queue {
            id: self.ambient.id(),
            name: name.clone(),
            instructions: draft.instructions.clone(),
            rubric: rubric.id,
            overlap: draft.overlap,
            order: draft.order,
            blind: draft.blind,
            lease_seconds: draft.lease_seconds,
            created_at: now,
        };
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        if !transaction.insert_queue(project, &queue).await? {
            return Err(QueueError::NameTaken(name));
        }
        transaction.insert_rubric(project, &rubric).await?;
        transaction.commit().await?;
        Ok(queue)
    }

    /// Changes a queue; changed questions make a new version of its rubric.
    ///
    /// # Errors
    /// Unless the caller is an editor; names the setting or the question that is wrong.
    pub async fn update(&self, access: &Access, id: QueueId, draft: &QueueDraft) -> Result<Queue, QueueError> {
        access.require(Role::Editor)?;
        check(draft)?;
        let project = access.project.id;
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        let before = transaction.lock_queue(project, id).await?.ok_or(QueueError::NoSuchQueue)?;
        let rubric = transaction.rubric(project, before.rubric).await?.ok_or(QueueError::NoSuchQueue)?;
        if rubric.questions != draft.questions {
            let next = Rubric {
                version: rubric.version + 1,
                questions: draft.questions.clone(),
                created_at: self.ambient.now(),
                ..rubric
            };
            transaction.insert_rubric_version(project, &next).await?;
        }
        let queue = Queue {
            name: draft.name.trim().to_owned(),
            instructions: draft.instructions.clone(),
            overlap: draft.overlap,
            order: draft.order,
            blind: draft.blind,
            lease_seconds: draft.lease_seconds,
            ..before
        };
        if !transaction.update_queue(project, &queue).await? {
            return Err(QueueError::NameTaken(queue.name));
        }
        transaction.settle_tasks(project, id, queue.overlap).await?;
        transaction.commit().await?;
        Ok(queue)
    }

    /// Puts targets into a queue by hand. Such tasks have no inclusion probability and support no population figure.
    /// What is in the queue already stays as it is. Returns how many were new.
    ///
    /// # Errors
    /// Unless the caller is an editor; [`QueueError::NoSuchQueue`].
    pub async fn add(&self, access: &Access, queue: QueueId, targets: &[Target]) -> Result<u64, QueueError> {
        access.require(Role::Editor)?;
        let project = access.project.id;
        let now = self.ambient.now();
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        transaction.lock_queue(project, queue).await?.ok_or(QueueError::NoSuchQueue)?;
        let mut added = 0;
        for target in targets {
            let Some(facts) = transaction.task_facts(project, target).await? else { continue };
            let task = Task {
                id: TaskId::derive(queue, &target.key()),
                queue,
                target: target.clone(),
                revision: facts.revision,
                arm: Arm::Manual,
                rule: None,
                rule_version: None,
                probability: None,
                note: None,
                state: TaskState::Open,
                reviews: 0,
                created_at: now,
            };
            let new = NewTask { task, uncertainty: 1.0, turn_count: facts.turn_count };
            added += u64::from(transaction.insert_task(project, &new).await?);
        }
        transaction.commit().await?;
        Ok(added)
    }

    /// The targets that a program names.
    ///
    /// # Errors
    /// [`QueueError::NoSuchTarget`], which says which one is not there.
    pub async fn targets(&self, access: &Access, named: &[NamedTarget]) -> Result<Vec<Target>, QueueError> {
        let project = access.project.id;
        let mut targets = Vec::with_capacity(named.len());
        for (index, one) in named.iter().enumerate() {
            let missing = |what: String| QueueError::NoSuchTarget { index, what };
            let session = self.store.session_id(project, &one.session).await?;
            let session = session.ok_or_else(|| missing(format!("session {:?}", one.session)))?;
            targets.push(match one.position {
                None => Target::Session { session },
                Some(position) => {
                    let turns = self.store.turns_of_session(project, session).await?;
                    let turn = turns.iter().find(|turn| turn.position == position);
                    let turn = turn.ok_or_else(|| missing(format!("turn {position} in session {:?}", one.session)))?;
                    Target::Turn { session, turn: turn.id }
                }
            });
        }
        Ok(targets)
    }

    /// Tasks of a queue, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tasks(
        &self,
        access: &Access,
        queue: QueueId,
        state: Option<TaskState>,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<Task>, QueueError> {
        Ok(self.store.tasks(access.project.id, queue, state, cursor, limit).await?)
    }

    /// Tasks of a queue as a list shows them, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn task_rows(
        &self,
        access: &Access,
        queue: QueueId,
        state: Option<TaskState>,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<TaskRow>, QueueError> {
        Ok(self.store.task_rows(access.project.id, queue, state, cursor, limit).await?)
    }
}

fn check(draft: &QueueDraft) -> Result<(), QueueError> {
    let within = |field: &'static str, value: i64, range: std::ops::RangeInclusive<i64>| {
        if range.contains(&value) {
            Ok(())
        } else {
            Err(QueueError::Setting { field, expected: format!("from {} to {}", range.start(), range.end()) })
        }
    };
    let name_length = draft.name.trim().chars().count();
    if !(1..=80).contains(&name_length) {
        return Err(QueueError::Setting { field: "the name", expected: "1 to 80 characters long".to_owned() });
    }
    within("the overlap", draft.overlap, 1..=20)?;
    within("the lease time", draft.lease_seconds, 30..=86_400)?;
    if draft.instructions.len() > 50_000 {
        return Err(QueueError::Setting {
            field: "the instructions",
            expected: "at most 50,000 bytes long".to_owned(),
        });
    }
    Rubric::check(&draft.name, &draft.questions)?;
    Ok(())
}
