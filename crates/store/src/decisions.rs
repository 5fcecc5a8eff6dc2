//! What rules decided about sessions, and which of these decisions wait for their routes to be followed.
//!
//! A decision is ready when no evaluation of its session and revision waits or runs. Who ends the last of them says so, in
//! the same transaction, so that nobody has to search for decisions that have become ready.

use turnwise_model::{Micros, Probability, ProjectId, RuleId, SessionId};

use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::row::Fields;
use crate::store::Store;
use crate::transaction::Transaction;

/// The topic that is woken when decisions became ready.
pub const DECISIONS_READY: &str = "route";

/// What a rule decided about one revision of a session whose filter it passed.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The rule.
    pub rule: RuleId,
    /// Its version.
    pub rule_version: i64,
    /// The session.
    pub session: SessionId,
    /// Its revision.
    pub revision: i64,
    /// Whether the draw took it.
    pub sampled: bool,
    /// With which probability.
    pub probability: Probability,
    /// Under which salt.
    pub salt: String,
    /// In which stratum.
    pub stratum: Option<String>,
    /// When.
    pub created_at: Micros,
}

impl Store {
    /// What rules decided about a session, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn decisions(&self, project: ProjectId, session: SessionId) -> Result<Vec<Decision>, StoreError> {
        let rows = sqlx::query(
            "select *
             from rule_decisions
             where project_id = $1
               and session_id = $2
             order by revision desc, created_at desc, rule_id",
        )
        .bind(project.to_string())
        .bind(session.to_string())
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(|row| read(&Fields::keyed("rule_decisions", "session_id", row))).collect()
    }

    /// Ready decisions whose routes were not followed yet, with their projects, the longest ready first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn decisions_to_route(&self, limit: i64) -> Result<Vec<(ProjectId, Decision)>, StoreError> {
        let rows = sqlx::query(
            "select *
             from rule_decisions
             where ready_at is not null
               and routed_at is null
             order by ready_at
             limit $1",
        )
        .bind(limit)
        .fetch_all(self.reader())
        .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("rule_decisions", "session_id", row);
                Ok((fields.parsed("project_id")?, read(&fields)?))
            })
            .collect()
    }
}

impl Transaction {
    /// Writes a decision. One that was made about the same revision before stays, unless it did not take the session and
    /// this one does. Says whether it was written.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_decision(&mut self, project: ProjectId, decision: &Decision) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into rule_decisions (project_id, rule_id, session_id, rule_version, revision, sampled, probability,
                                         salt, stratum, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             on conflict (project_id, rule_id, session_id, revision) do update
             set rule_version = excluded.rule_version,
                 sampled = excluded.sampled,
                 probability = excluded.probability,
                 salt = excluded.salt,
                 stratum = excluded.stratum,
                 created_at = excluded.created_at
             where rule_decisions.sampled = 0
               and excluded.sampled = 1",
        )
        .bind(project.to_string())
        .bind(decision.rule.to_string())
        .bind(decision.session.to_string())
        .bind(decision.rule_version)
        .bind(decision.revision)
        .bind(i64::from(decision.sampled))
        .bind(decision.probability.get())
        .bind(decision.salt.as_str())
        .bind(decision.stratum.as_deref())
        .bind(decision.created_at.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Marks the decisions about a revision ready if none of its evaluations waits or runs any more, and wakes who routes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn mark_ready(
        &mut self,
        project: ProjectId,
        session: SessionId,
        revision: i64,
        now: Micros,
    ) -> Result<(), StoreError> {
        if self.dialect() == Dialect::Postgres {
            // Two processes that end the last two evaluations at once do not see each other's: the second waits here, and
            // what it looks at next has the first one's in it.
            sqlx::query(
                "select 1 as locked
                 from rule_decisions
                 where project_id = $1
                   and session_id = $2
                   and revision = $3
                 order by rule_id
                 for update",
            )
            .bind(project.to_string())
            .bind(session.to_string())
            .bind(revision)
            .fetch_all(self.connection())
            .await?;
        }
        let done = sqlx::query(
            "update rule_decisions
             set ready_at = $4
             where project_id = $1
               and session_id = $2
               and revision = $3
               and sampled = 1
               and ready_at is null
               and not exists (
                   select 1
                   from evaluations e
                   where e.project_id = $1
                     and e.session_id = $2
                     and e.revision = $3
                     and e.state in ('queued', 'running')
               )",
        )
        .bind(project.to_string())
        .bind(session.to_string())
        .bind(revision)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        if done.rows_affected() > 0 {
            self.wake(DECISIONS_READY);
        }
        Ok(())
    }

    /// Lets the routes of a decision be followed again when the evaluations that wait now have ended.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn await_again(&mut self, project: ProjectId, decision: &Decision) -> Result<(), StoreError> {
        sqlx::query(
            "update rule_decisions
             set ready_at = null,
                 routed_at = null
             where project_id = $1
               and rule_id = $2
               and session_id = $3
               and revision = $4",
        )
        .bind(project.to_string())
        .bind(decision.rule.to_string())
        .bind(decision.session.to_string())
        .bind(decision.revision)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Notes that the routes of a decision were followed; `false` when another process did so before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn mark_routed(
        &mut self,
        project: ProjectId,
        decision: &Decision,
        now: Micros,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update rule_decisions
             set routed_at = $5
             where project_id = $1
               and rule_id = $2
               and session_id = $3
               and revision = $4
               and ready_at is not null
               and routed_at is null",
        )
        .bind(project.to_string())
        .bind(decision.rule.to_string())
        .bind(decision.session.to_string())
        .bind(decision.revision)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn read(fields: &Fields<'_>) -> Result<Decision, StoreError> {
    let probability = Probability::new(fields.real("probability")?);
    Ok(Decision {
        rule: fields.parsed("rule_id")?,
        rule_version: fields.integer("rule_version")?,
        session: fields.parsed("session_id")?,
        revision: fields.integer("revision")?,
        sampled: fields.flag("sampled")?,
        probability: probability.map_err(|error| fields.impossible("probability", error))?,
        salt: fields.text("salt")?,
        stratum: fields.optional_text("stratum")?,
        created_at: fields.instant("created_at")?,
    })
}
