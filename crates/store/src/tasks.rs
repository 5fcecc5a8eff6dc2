//! Tasks: targets in queues, and which of them a reviewer gets next.

use turnwise_model::page::Page;
use turnwise_model::queue::{Order, Queue, Task, TaskState};
use turnwise_model::score::Target;
use turnwise_model::view::review::TaskRow;
use turnwise_model::{Micros, Probability, ProjectId, QueueId, SessionId, TaskId, TurnId};

use crate::double::Double;
use crate::error::StoreError;
use crate::row::Fields;
use crate::statement::Statement;
use crate::store::Store;
use crate::transaction::Transaction;

/// A task to be stored, with what queues order by.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTask {
    /// The task.
    pub task: Task,
    /// Distance of the machine's score from its threshold; the least is the most uncertain.
    pub uncertainty: f64,
    /// Turns of the session.
    pub turn_count: i64,
}

/// What must be known of a target to make a task of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskFacts {
    /// Revision of the session.
    pub revision: i64,
    /// Turns of the session.
    pub turn_count: i64,
}

impl Store {
    /// One task.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn task(&self, project: ProjectId, task: TaskId) -> Result<Option<Task>, StoreError> {
        let row = sqlx::query(
            "select *
             from tasks
             where project_id = $1
               and task_id = $2",
        )
        .bind(project.to_string())
        .bind(task.to_string())
        .fetch_optional(self.reader())
        .await?;
        row.map(|row| read(&Fields::keyed("tasks", "task_id", &row))).transpose()
    }

    /// Tasks of a queue, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tasks(
        &self,
        project: ProjectId,
        queue: QueueId,
        state: Option<TaskState>,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<Task>, StoreError> {
        let mut statement = Statement::new("select * from tasks where project_id = ");
        statement.value(project.to_string()).push(" and queue_id = ").value(queue.to_string());
        if let Some(state) = state {
            statement.push(" and state = ").value(state.as_str());
        }
        if let Some((created_at, id)) = cursor.and_then(|cursor| cursor.split_once('~')) {
            let created_at: i64 = created_at.parse().unwrap_or(i64::MIN);
            statement
                .push(" and (created_at, task_id) > (")
                .value(created_at)
                .push(", ")
                .value(id.to_owned())
                .push(")");
        }
        statement.push(" order by created_at, task_id limit ").value(i64::from(limit) + 1);
        let rows = statement.query()?.fetch_all(self.reader()).await?;
        let tasks: Vec<Task> =
            rows.iter().map(|row| read(&Fields::keyed("tasks", "task_id", row))).collect::<Result<_, _>>()?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(Page::from_surplus(tasks, limit, |task| format!("{}~{}", task.created_at.0, task.id)))
    }

    /// Tasks of a queue as a list shows them, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn task_rows(
        &self,
        project: ProjectId,
        queue: QueueId,
        state: Option<TaskState>,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<TaskRow>, StoreError> {
        let mut statement = Statement::new(
            "select k.*, s.preview as preview, t.position as turn_position
             from tasks k
             left join sessions s on s.project_id = k.project_id and s.session_id = k.session_id
             left join turns t on t.project_id = k.project_id and t.session_id = k.session_id and t.turn_id = k.turn_id
             where k.project_id = ",
        );
        statement.value(project.to_string()).push(" and k.queue_id = ").value(queue.to_string());
        if let Some(state) = state {
            statement.push(" and k.state = ").value(state.as_str());
        }
        if let Some((created_at, id)) = cursor.and_then(|cursor| cursor.split_once('~')) {
            let created_at: i64 = created_at.parse().unwrap_or(i64::MIN);
            statement.push(" and (k.created_at, k.task_id) > (").value(created_at);
            statement.push(", ").value(id.to_owned()).push(")");
        }
        statement.push(" order by k.created_at, k.task_id limit ").value(i64::from(limit) + 1);
        let rows = statement.query()?.fetch_all(self.reader()).await?;
        let tasks: Vec<TaskRow> = rows
            .iter()
            .map(|row| {
                let fields = Fields::keyed("tasks", "task_id", row);
                Ok(TaskRow {
                    task: read(&fields)?,
                    preview: fields.optional_text("preview")?,
                    position: fields.optional_integer("turn_position")?,
                })
            })
            .collect::<Result<_, StoreError>>()?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(Page::from_surplus(tasks, limit, |row| format!("{}~{}", row.task.created_at.0, row.task.id)))
    }

    /// The tasks that a session and its turns are in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tasks_of_session(&self, project: ProjectId, session: SessionId) -> Result<Vec<Task>, StoreError> {
        let rows = sqlx::query(
            "select *
             from tasks
             where project_id = $1
               and session_id = $2
             order by created_at, task_id",
        )
        .bind(project.to_string())
        .bind(session.to_string())
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(|row| read(&Fields::keyed("tasks", "task_id", row))).collect()
    }

    /// How many open tasks of a queue cannot be had because others hold them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tasks_held_by_others(
        &self,
        project: ProjectId,
        queue: QueueId,
        reviewer: &str,
        now: Micros,
    ) -> Result<i64, StoreError> {
        let row = sqlx::query(
            "select count(distinct c.task_id) as held
             from claims c
             join tasks t on t.project_id = c.project_id and t.task_id = c.task_id
             where c.project_id = $1
               and c.queue_id = $2
               and c.reviewer <> $3
               and c.expires_at > $4
               and t.state = 'open'",
        )
        .bind(project.to_string())
        .bind(queue.to_string())
        .bind(reviewer)
        .bind(now.0)
        .fetch_one(self.reader())
        .await?;
        Fields::keyed("claims", "held", &row).integer("held")
    }
}

impl Transaction {
    /// A new task; `false` when the target is in the queue already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_task(&mut self, project: ProjectId, new: &NewTask) -> Result<bool, StoreError> {
        let task = &new.task;
        let done = sqlx::query(
            "insert into tasks (project_id, task_id, queue_id, session_id, turn_id, revision, arm, rule_id, rule_version,
                                probability, note, state, uncertainty, turn_count, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
             on conflict (project_id, task_id) do nothing",
        )
        .bind(project.to_string())
        .bind(task.id.to_string())
        .bind(task.queue.to_string())
        .bind(task.target.session().to_string())
        .bind(task.target.turn().map(|turn| turn.to_string()))
        .bind(task.revision)
        .bind(task.arm.as_str())
        .bind(task.rule.map(|rule| rule.to_string()))
        .bind(task.rule_version)
        .bind(Double(task.probability.map(Probability::get)))
        .bind(task.note.as_deref())
        .bind(task.state.as_str())
        .bind(new.uncertainty)
        .bind(new.turn_count)
        .bind(task.created_at.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// A task that a rule makes; `false` when the target is in the queue already. There, as long as nobody has reviewed it,
    /// a task of the audit arm becomes a flagged one, and a task of an older revision one of this.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn route_task(&mut self, project: ProjectId, new: &NewTask) -> Result<bool, StoreError> {
        if self.insert_task(project, new).await? {
            return Ok(true);
        }
        let task = &new.task;
        sqlx::query(
            "update tasks
             set revision = $3,
                 arm = $4,
                 rule_id = $5,
                 rule_version = $6,
                 probability = $7,
                 note = $8,
                 uncertainty = $9,
                 turn_count = $10
             where project_id = $1
               and task_id = $2
               and state = 'open'
               and review_count = 0
               and (
                   (arm = 'audit' and $4 = 'flagged')
                   or (arm = $4 and rule_id = $5 and revision < $3)
               )",
        )
        .bind(project.to_string())
        .bind(task.id.to_string())
        .bind(task.revision)
        .bind(task.arm.as_str())
        .bind(task.rule.map(|rule| rule.to_string()))
        .bind(task.rule_version)
        .bind(Double(task.probability.map(Probability::get)))
        .bind(task.note.as_deref())
        .bind(new.uncertainty)
        .bind(new.turn_count)
        .execute(self.connection())
        .await?;
        Ok(false)
    }

    /// What must be known of a target to make a task of it; `None` when it is not there.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn task_facts(&mut self, project: ProjectId, target: &Target) -> Result<Option<TaskFacts>, StoreError> {
        let row = sqlx::query(
            "select s.session_id, s.revision, s.turn_count
             from sessions s
             where s.project_id = $1
               and s.session_id = $2
               and ($3 is null or exists (
                   select 1
                   from turns t
                   where t.project_id = s.project_id
                     and t.session_id = s.session_id
                     and t.turn_id = $3
               ))",
        )
        .bind(project.to_string())
        .bind(target.session().to_string())
        .bind(target.turn().map(|turn| turn.to_string()))
        .fetch_optional(self.connection())
        .await?;
        row.map(|row| {
            let fields = Fields::keyed("sessions", "session_id", &row);
            Ok(TaskFacts { revision: fields.integer("revision")?, turn_count: fields.integer("turn_count")? })
        })
        .transpose()
    }

    /// A task that nobody else claims or reviews until the transaction ends.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lock_task(&mut self, project: ProjectId, task: TaskId) -> Result<Option<Task>, StoreError> {
        let row = sqlx::query(
            "update tasks
             set state = state
             where project_id = $1
               and task_id = $2
             returning *",
        )
        .bind(project.to_string())
        .bind(task.to_string())
        .fetch_optional(self.connection())
        .await?;
        row.map(|row| read(&Fields::keyed("tasks", "task_id", &row))).transpose()
    }

    /// The task that a reviewer gets next: open, not seen or held by them, with a place left beside those who hold it.
    /// It is locked until the transaction ends. Those that others are claiming at this moment are passed over, unless
    /// `wait`. On PostgreSQL a place may have gone while the lock was got: ask again under the lock.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn next_task(
        &mut self,
        project: ProjectId,
        queue: &Queue,
        reviewer: &str,
        now: Micros,
        wait: bool,
    ) -> Result<Option<TaskId>, StoreError> {
        let mut statement = Statement::new(
            "select t.task_id
             from tasks t
             where t.state = 'open'
               and t.project_id = ",
        );
        statement
            .value(project.to_string())
            .push(" and t.queue_id = ")
            .value(queue.id.to_string())
            .push(
                " and not exists (
                    select 1 from reviews r
                    where r.project_id = t.project_id and r.task_id = t.task_id and r.reviewer = ",
            )
            .value(reviewer.to_owned())
            .push(
                ") and not exists (
                    select 1 from skips k
                    where k.project_id = t.project_id and k.task_id = t.task_id and k.reviewer = ",
            )
            .value(reviewer.to_owned())
            .push(
                ") and not exists (
                    select 1 from claims m
                    where m.project_id = t.project_id and m.task_id = t.task_id and m.reviewer = ",
            )
            .value(reviewer.to_owned())
            .push(" and m.expires_at > ")
            .value(now.0)
            .push(
                ") and t.review_count + (
                    select count(*) from claims c
                    where c.project_id = t.project_id and c.task_id = t.task_id and c.expires_at > ",
            )
            .value(now.0)
            .push(") < ")
            .value(queue.overlap)
            .push(match queue.order {
                Order::Oldest => " order by t.created_at, t.task_id",
                Order::Uncertain => " order by t.uncertainty, t.created_at, t.task_id",
                Order::Easy => " order by t.turn_count, t.created_at, t.task_id",
            })
            .push(" limit 1 ")
            .push(if wait { self.dialect().lock_rows() } else { self.dialect().skip_locked() });
        let row = statement.query()?.fetch_optional(self.connection()).await?;
        row.map(|row| Fields::keyed("tasks", "task_id", &row).parsed("task_id")).transpose()
    }

    /// Counts a review, and ends the task when it has as many as the queue's overlap.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_review(&mut self, project: ProjectId, task: TaskId, overlap: i64) -> Result<(), StoreError> {
        self.change_review_count(project, task, overlap, 1).await
    }

    /// Takes a review off the count, which opens the task again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn uncount_review(&mut self, project: ProjectId, task: TaskId, overlap: i64) -> Result<(), StoreError> {
        self.change_review_count(project, task, overlap, -1).await
    }

    async fn change_review_count(
        &mut self,
        project: ProjectId,
        task: TaskId,
        overlap: i64,
        by: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update tasks
             set review_count = review_count + $3,
                 state = case
                     when state = 'cancelled' then state
                     when review_count + $3 >= $4 then 'done'
                     else 'open'
                 end
             where project_id = $1
               and task_id = $2",
        )
        .bind(project.to_string())
        .bind(task.to_string())
        .bind(by)
        .bind(overlap)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Opens and ends the tasks of a queue as its overlap now asks.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn settle_tasks(&mut self, project: ProjectId, queue: QueueId, overlap: i64) -> Result<(), StoreError> {
        sqlx::query(
            "update tasks
             set state = case when review_count >= $3 then 'done' else 'open' end
             where project_id = $1
               and queue_id = $2
               and state <> 'cancelled'",
        )
        .bind(project.to_string())
        .bind(queue.to_string())
        .bind(overlap)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

pub(crate) fn read(fields: &Fields<'_>) -> Result<Task, StoreError> {
    let session: SessionId = fields.parsed("session_id")?;
    let turn: Option<TurnId> = fields.optional_parsed("turn_id")?;
    let probability = fields.optional_real("probability")?.map(Probability::new).transpose();
    Ok(Task {
        id: fields.parsed("task_id")?,
        queue: fields.parsed("queue_id")?,
        target: match turn {
            Some(turn) => Target::Turn { session, turn },
            None => Target::Session { session },
        },
        revision: fields.integer("revision")?,
        arm: fields.parsed("arm")?,
        rule: fields.optional_parsed("rule_id")?,
        rule_version: fields.optional_integer("rule_version")?,
        probability: probability.map_err(|error| fields.impossible("probability", error))?,
        note: fields.optional_text("note")?,
        state: fields.parsed("state")?,
        reviews: fields.integer("review_count")?,
        created_at: fields.instant("created_at")?,
    })
}
