//! Sessions that changed and wait to be derived again from their spans.
//!
//! The row is written in the transaction that stores what changed. Whoever derives claims it under a lease, reads
//! everything, and in the transaction that writes the result lets the row go, unless more came in the meantime: then its
//! generation has grown and the session is derived once more.

use std::time::Duration;

use turnwise_model::{Micros, ProjectId, SessionId};

use crate::bulk::Insert;
use crate::error::StoreError;
use crate::row::Fields;
use crate::store::Store;
use crate::traces::TouchedSession;
use crate::transaction::Transaction;
use crate::work::Lease;

/// The topic that wakes whoever derives sessions.
pub const SESSIONS_CHANGED: &str = "derive_sessions";

/// A changed session that somebody derives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedChange {
    /// Which session.
    pub touched: TouchedSession,
    /// Up to which change.
    pub generation: i64,
    /// The proof of the claim.
    pub fence: i64,
    /// How often it was claimed since it was last derived.
    pub attempts: u32,
}

const COLUMNS: &str = "project_id, session_id, external_id, generation, fence, attempts";

impl Transaction {
    /// Notes that sessions changed and are to be derived at `due_at`, or earlier if that was asked for before.
    /// Wakes whoever derives, at commit.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn touch_sessions<'t>(
        &mut self,
        touched: impl IntoIterator<Item = &'t TouchedSession>,
        due_at: Micros,
    ) -> Result<(), StoreError> {
        const INSERT: Insert = Insert {
            into: "insert into session_changes (project_id, session_id, external_id, generation, due_at)",
            columns: 5,
            then: "on conflict (project_id, session_id) do update
                   set generation = case
                           when excluded.generation > session_changes.generation then excluded.generation
                           else session_changes.generation + 1
                       end,
                       due_at = case
                           when excluded.due_at < session_changes.due_at then excluded.due_at
                           else session_changes.due_at
                       end",
        };
        let now = self.now();
        let mut ordered: Vec<&TouchedSession> = touched.into_iter().collect();
        ordered.sort();
        ordered.dedup();
        if ordered.is_empty() {
            return Ok(());
        }
        self.insert(&INSERT, &ordered, |values, touched| {
            values
                .add(touched.project.to_string())
                .add(touched.session.to_string())
                .add(touched.external_id.as_str())
                .add(now.0)
                .add(due_at.0);
        })
        .await?;
        self.wake(SESSIONS_CHANGED);
        Ok(())
    }

    /// Ends a claim after deriving: the change goes away, or is due again at `again_at` if more came in the meantime.
    /// [`Lease::Lost`] means that somebody else derives the session now, and that this transaction must not write.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn settle_change(&mut self, claim: &ClaimedChange, again_at: Micros) -> Result<Lease, StoreError> {
        let gone = sqlx::query(
            "delete from session_changes
             where project_id = $1
               and session_id = $2
               and fence = $3
               and generation = $4",
        )
        .bind(claim.touched.project.to_string())
        .bind(claim.touched.session.to_string())
        .bind(claim.fence)
        .bind(claim.generation)
        .execute(self.connection())
        .await?;
        if gone.rows_affected() == 1 {
            return Ok(Lease::Held);
        }
        let kept = sqlx::query(
            "update session_changes
             set lease_until = null,
                 due_at = $4,
                 attempts = 0,
                 last_error = null
             where project_id = $1
               and session_id = $2
               and fence = $3
               and generation > $5",
        )
        .bind(claim.touched.project.to_string())
        .bind(claim.touched.session.to_string())
        .bind(claim.fence)
        .bind(again_at.0)
        .bind(claim.generation)
        .execute(self.connection())
        .await?;
        Ok(if kept.rows_affected() == 1 { Lease::Held } else { Lease::Lost })
    }

    /// Gives a claim back after a failure: the session is due again at `due_at`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn give_back_change(
        &mut self,
        claim: &ClaimedChange,
        due_at: Micros,
        error: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update session_changes
             set lease_until = null,
                 due_at = $4,
                 last_error = $5
             where project_id = $1
               and session_id = $2
               and fence = $3",
        )
        .bind(claim.touched.project.to_string())
        .bind(claim.touched.session.to_string())
        .bind(claim.fence)
        .bind(due_at.0)
        .bind(error)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Claims up to `most` changed sessions that are due, the longest waiting first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim_changes(&mut self, lease: Duration, most: u32) -> Result<Vec<ClaimedChange>, StoreError> {
        let now = self.now();
        let sql = format!(
            "with due as (
                 select project_id, session_id
                 from session_changes
                 where due_at <= $1
                   and (lease_until is null or lease_until <= $1)
                 order by due_at
                 limit $3
                 {}
             )
             update session_changes
             set lease_until = $2,
                 fence = fence + 1,
                 attempts = attempts + 1
             where (project_id, session_id) in (select project_id, session_id from due)
             returning {COLUMNS}",
            self.dialect().skip_locked()
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(now.0)
            .bind((now + lease).0)
            .bind(i64::from(most))
            .fetch_all(self.connection())
            .await?;
        rows.iter().map(claimed).collect()
    }

    /// Claims one session whether or not it is due; `None` when nothing changed in it or somebody else has it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim_change(
        &mut self,
        project: ProjectId,
        session: SessionId,
        lease: Duration,
    ) -> Result<Option<ClaimedChange>, StoreError> {
        let now = self.now();
        let sql = format!(
            "update session_changes
             set lease_until = $4,
                 fence = fence + 1,
                 attempts = attempts + 1
             where project_id = $1
               and session_id = $2
               and (lease_until is null or lease_until <= $3)
             returning {COLUMNS}"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(project.to_string())
            .bind(session.to_string())
            .bind(now.0)
            .bind((now + lease).0)
            .fetch_optional(self.connection())
            .await?;
        row.as_ref().map(claimed).transpose()
    }
}

impl Store {
    /// When the next changed session is due, or free again after a lease; `None` when none waits.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn next_change_due(&self) -> Result<Option<Micros>, StoreError> {
        let row = sqlx::query(
            "select min(case when lease_until > due_at then lease_until else due_at end) as due_at
             from session_changes",
        )
        .fetch_one(self.reader())
        .await?;
        Fields::keyed("session_changes", "due_at", &row).optional_instant("due_at")
    }

    /// How many changed sessions wait.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn waiting_changes(&self) -> Result<i64, StoreError> {
        let row = sqlx::query("select count(*) as waiting from session_changes").fetch_one(self.reader()).await?;
        Fields::keyed("session_changes", "waiting", &row).integer("waiting")
    }

    /// Whether a session waits to be derived.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_changed(&self, project: ProjectId, session: SessionId) -> Result<bool, StoreError> {
        let row = sqlx::query("select generation from session_changes where project_id = $1 and session_id = $2")
            .bind(project.to_string())
            .bind(session.to_string())
            .fetch_optional(self.reader())
            .await?;
        Ok(row.is_some())
    }
}

fn claimed(row: &sqlx::any::AnyRow) -> Result<ClaimedChange, StoreError> {
    let fields = Fields::keyed("session_changes", "session_id", row);
    Ok(ClaimedChange {
        touched: TouchedSession {
            project: fields.parsed("project_id")?,
            session: fields.parsed("session_id")?,
            external_id: fields.text("external_id")?,
        },
        generation: fields.integer("generation")?,
        fence: fields.integer("fence")?,
        attempts: fields.count("attempts")?,
    })
}
