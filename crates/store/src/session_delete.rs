//! Deleting a session with everything that came of it.

use turnwise_model::{ProjectId, SessionId};

use crate::error::StoreError;
use crate::transaction::Transaction;

/// In this order: what is found through another table goes before it.
const OF_SESSION: &[&str] = &[
    "delete from claims
     where project_id = $1
       and task_id in (select task_id from tasks where project_id = $1 and session_id = $2)",
    "delete from drafts
     where project_id = $1
       and task_id in (select task_id from tasks where project_id = $1 and session_id = $2)",
    "delete from skips
     where project_id = $1
       and task_id in (select task_id from tasks where project_id = $1 and session_id = $2)",
    "delete from reviews
     where project_id = $1
       and task_id in (select task_id from tasks where project_id = $1 and session_id = $2)",
    "delete from tasks where project_id = $1 and session_id = $2",
    "delete from rule_decisions where project_id = $1 and session_id = $2",
    "delete from evaluations where project_id = $1 and session_id = $2",
    "delete from spans
     where project_id = $1
       and trace_id in (select trace_id from traces where project_id = $1 and session_id = $2)",
    "delete from traces where project_id = $1 and session_id = $2",
    "delete from session_changes where project_id = $1 and session_id = $2",
];

/// What was derived from spans; without spans there is nothing to derive it from.
const DERIVED: &[&str] = &[
    "delete from scores where project_id = $1 and session_id = $2",
    "delete from session_attributes where project_id = $1 and session_id = $2",
    "delete from turns where project_id = $1 and session_id = $2",
    "delete from sessions where project_id = $1 and session_id = $2",
];

impl Transaction {
    /// Deletes a session: its spans, turns, scores, evaluations, tasks and reviews. Its messages stay, as other spans may
    /// hold the same. Says whether there was such a session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_session(&mut self, project: ProjectId, session: SessionId) -> Result<bool, StoreError> {
        self.run_for_session(OF_SESSION, project, session).await?;
        self.forget_session(project, session).await
    }

    /// Deletes what was derived of a session that has no spans any more. Says whether there was such a session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_session(&mut self, project: ProjectId, session: SessionId) -> Result<bool, StoreError> {
        self.delete_search_text(project, session).await?;
        Ok(self.run_for_session(DERIVED, project, session).await? > 0)
    }

    /// Runs the statements, and says how many rows the last one changed.
    async fn run_for_session(
        &mut self,
        statements: &[&'static str],
        project: ProjectId,
        session: SessionId,
    ) -> Result<u64, StoreError> {
        let mut changed = 0;
        for sql in statements {
            changed = sqlx::query(*sql)
                .bind(project.to_string())
                .bind(session.to_string())
                .execute(self.connection())
                .await?
                .rows_affected();
        }
        Ok(changed)
    }
}
