//! Reviews as a session's page needs them: those committed on it, and those that a reviewer still owes.

use sqlx::AssertSqlSafe;
use turnwise_model::view::review::ReviewRow;
use turnwise_model::{Micros, ProjectId, SessionId, TaskId};

use crate::error::StoreError;
use crate::reviews::{LISTED, listed};
use crate::row::Fields;
use crate::statement::Statement;
use crate::store::Store;

/// A task of a blind queue that a reviewer may still have to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlindTask {
    /// The task.
    pub task: TaskId,
    /// The reviewer holds it now or has begun to answer it.
    pub begun: bool,
}

/// The open tasks of blind queues in project `$1` that reviewer `$2` has neither answered nor skipped.
const OWED: &str = "
             from tasks t
             join queues q on q.project_id = t.project_id and q.queue_id = t.queue_id
             where t.project_id = $1
               and t.state = 'open'
               and q.blind = 1
               and q.archived_at is null
               and not exists (
                 select 1
                 from reviews r
                 where r.project_id = t.project_id
                   and r.task_id = t.task_id
                   and r.reviewer = $2)
               and not exists (
                 select 1
                 from skips k
                 where k.project_id = t.project_id
                   and k.task_id = t.task_id
                   and k.reviewer = $2)";

impl Store {
    /// The reviews of a session and of what is in it, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reviews_of_session(
        &self,
        project: ProjectId,
        session: SessionId,
    ) -> Result<Vec<ReviewRow>, StoreError> {
        let mut statement = Statement::new(LISTED);
        statement.value(project.to_string()).push(" and t.session_id = ").value(session.to_string());
        statement.push(" order by r.created_at, r.review_id");
        let rows = statement.query()?.fetch_all(self.reader()).await?;
        rows.iter().map(listed).collect()
    }

    /// Whether `reviewer` has neither answered nor skipped some open task of a blind queue of this project.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn owes_blind_review(&self, project: ProjectId, reviewer: &str) -> Result<bool, StoreError> {
        let sql = format!("select t.task_id {OWED} limit 1");
        let owed = sqlx::query(AssertSqlSafe(sql))
            .bind(project.to_string())
            .bind(reviewer)
            .fetch_optional(self.reader())
            .await?;
        Ok(owed.is_some())
    }

    /// The open tasks of blind queues about a session or something in it that `reviewer` has neither answered nor skipped.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn blind_tasks(
        &self,
        project: ProjectId,
        session: SessionId,
        reviewer: &str,
        now: Micros,
    ) -> Result<Vec<BlindTask>, StoreError> {
        let sql = format!(
            "select t.task_id,
                    (select count(*)
                     from claims c
                     where c.project_id = t.project_id
                       and c.task_id = t.task_id
                       and c.reviewer = $2
                       and c.expires_at > $4)
                    + (select count(*)
                       from drafts d
                       where d.project_id = t.project_id
                         and d.task_id = t.task_id
                         and d.reviewer = $2) as begun
             {OWED}
               and t.session_id = $3
             order by t.task_id"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(project.to_string())
            .bind(reviewer)
            .bind(session.to_string())
            .bind(now.0)
            .fetch_all(self.reader())
            .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("tasks", "task_id", row);
                Ok(BlindTask { task: fields.parsed("task_id")?, begun: fields.integer("begun")? > 0 })
            })
            .collect()
    }
}
