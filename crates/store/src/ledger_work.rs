//! How workers take rows of the ledger: claims under a lease and a fence, outcomes, waiting rows that go on.

use std::time::Duration;

use turnwise_model::evaluation::{Evaluation, Kind, State};
use turnwise_model::{Micros, ProjectId, Usd};

use crate::double::Double;
use crate::error::StoreError;
use crate::ledger::{CHECKS_DUE, JUDGES_DUE, read};
use crate::row::Fields;
use crate::span_body::storable;
use crate::statement::Statement;
use crate::store::Store;
use crate::transaction::Transaction;

/// A row that a worker holds.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedEvaluation {
    /// The project.
    pub project: ProjectId,
    /// The row.
    pub evaluation: Evaluation,
    /// Hash of what the evaluator was to see when the row was written.
    pub input_hash: String,
    /// The fencing token under which it is held.
    pub fence: i64,
}

/// What became of an evaluation.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The new state.
    pub state: State,
    /// Why it failed, waits, or was done without a score.
    pub reason: Option<String>,
    /// What it cost.
    pub cost: Option<Usd>,
    /// How long it took, in milliseconds.
    pub latency_ms: Option<i64>,
    /// Hash of what the evaluator saw; empty when it saw nothing, so that nothing is taken for evaluated.
    pub input_hash: String,
    /// When it is due again, for the state `queued`.
    pub due_at: Micros,
}

impl Store {
    /// For each project with rows of this kind that wait or run: when the first of them falls due.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn evaluations_due(&self, kind: Kind) -> Result<Vec<(ProjectId, Micros)>, StoreError> {
        // Hops from project to project in the index, however many rows each has.
        let rows = sqlx::query(
            "with recursive waiting(project_id) as (
                 select (select min(project_id)
                         from evaluations
                         where kind = $1
                           and state in ('queued', 'running'))
                 union all
                 select (select min(e.project_id)
                         from evaluations e
                         where e.kind = $1
                           and e.state in ('queued', 'running')
                           and e.project_id > waiting.project_id)
                 from waiting
                 where waiting.project_id is not null
             )
             select w.project_id,
                    (select min(e.due_at)
                     from evaluations e
                     where e.kind = $1
                       and e.state in ('queued', 'running')
                       and e.project_id = w.project_id) as due_at
             from waiting w
             where w.project_id is not null",
        )
        .bind(kind.as_str())
        .fetch_all(self.reader())
        .await?;
        let due = rows.iter().map(|row| {
            let fields = Fields::keyed("evaluations", "project_id", row);
            Ok(fields.optional_instant("due_at")?.zip(Some(fields.parsed("project_id")?)))
        });
        let due = due.collect::<Result<Vec<_>, StoreError>>()?;
        Ok(due.into_iter().flatten().map(|(at, project)| (project, at)).collect())
    }
}

impl Transaction {
    /// Claims up to `limit` due rows of a project: queued ones, and running ones whose lease has lapsed. Those of one
    /// session come together, as they were put there together.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim_evaluations(
        &mut self,
        project: ProjectId,
        kind: Kind,
        lease: Duration,
        limit: i64,
    ) -> Result<Vec<ClaimedEvaluation>, StoreError> {
        let now = self.now();
        let mut statement = Statement::new("with due as (select evaluation_id from evaluations where project_id = ");
        statement
            .value(project.to_string())
            .push(" and kind = ")
            .value(kind.as_str())
            .push(" and state in ('queued', 'running') and due_at <= ")
            .value(now.0)
            .push(" order by due_at, session_id limit ")
            .value(limit)
            .push(" ")
            .push(self.dialect().skip_locked())
            .push(") update evaluations set state = 'running', attempts = attempts + 1, due_at = ")
            .value((now + lease).0)
            .push(", fence = fence + 1, updated_at = ")
            .value(now.0)
            .push(" where project_id = ")
            .value(project.to_string())
            .push(" and evaluation_id in (select evaluation_id from due) returning *, evaluator_id as evaluator_name");
        let rows = statement.query()?.fetch_all(self.connection()).await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("evaluations", "evaluation_id", row);
                Ok(ClaimedEvaluation {
                    project,
                    evaluation: read(&fields)?,
                    input_hash: fields.text("input_hash")?,
                    fence: fields.integer("fence")?,
                })
            })
            .collect()
    }

    /// Keeps a row for another lease; `false` when another worker has it or it was asked for anew.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn renew_evaluation(&mut self, claimed: &ClaimedEvaluation, lease: Duration) -> Result<bool, StoreError> {
        let lease_until = self.now() + lease;
        let done = sqlx::query(
            "update evaluations
             set due_at = $4
             where project_id = $1
               and evaluation_id = $2
               and fence = $3
               and state = 'running'",
        )
        .bind(claimed.project.to_string())
        .bind(claimed.evaluation.id.to_string())
        .bind(claimed.fence)
        .bind(lease_until.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes what became of a row; `false` when another worker has it or it was asked for anew: then no score may be
    /// written for it either. After the last row of a session's revision the rules' decisions about it are ready to be routed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn settle_evaluation(
        &mut self,
        claimed: &ClaimedEvaluation,
        outcome: &Outcome,
    ) -> Result<bool, StoreError> {
        let now = self.now();
        let done = sqlx::query(
            "update evaluations
             set state = $4,
                 reason = $5,
                 cost_usd = $6,
                 latency_ms = $7,
                 input_hash = $8,
                 due_at = $9,
                 updated_at = $10
             where project_id = $1
               and evaluation_id = $2
               and fence = $3
               and state = 'running'",
        )
        .bind(claimed.project.to_string())
        .bind(claimed.evaluation.id.to_string())
        .bind(claimed.fence)
        .bind(outcome.state.as_str())
        .bind(outcome.reason.clone().map(storable))
        .bind(Double(outcome.cost.map(|cost| cost.0)))
        .bind(outcome.latency_ms)
        .bind(outcome.input_hash.as_str())
        .bind(outcome.due_at.0)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        if !matches!(outcome.state, State::Queued | State::Running) {
            let row = &claimed.evaluation;
            self.mark_ready(claimed.project, row.target.session(), row.revision, now).await?;
        }
        Ok(true)
    }

    /// Lets waiting rows of a project run again, as when a provider was set up. Their routes will be followed again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn resume_evaluations(&mut self, project: ProjectId) -> Result<u64, StoreError> {
        sqlx::query(
            "update rule_decisions
             set ready_at = null,
                 routed_at = null
             where project_id = $1
               and session_id in (select session_id from evaluations where project_id = $1 and state = 'paused')",
        )
        .bind(project.to_string())
        .execute(self.connection())
        .await?;
        let now = self.now();
        let done = sqlx::query(
            "update evaluations
             set state = 'queued',
                 attempts = 0,
                 reason = null,
                 due_at = $2,
                 updated_at = $2
             where project_id = $1
               and state = 'paused'",
        )
        .bind(project.to_string())
        .bind(now.0)
        .execute(self.connection())
        .await?;
        self.wake(CHECKS_DUE);
        self.wake(JUDGES_DUE);
        Ok(done.rows_affected())
    }

    /// The projects that have waiting rows and no provider of their own.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn paused_without_provider(&mut self) -> Result<Vec<ProjectId>, StoreError> {
        let rows = sqlx::query(
            "select distinct e.project_id
             from evaluations e
             where e.state = 'paused'
               and not exists (select 1 from providers p where p.project_id = e.project_id)",
        )
        .fetch_all(self.connection())
        .await?;
        rows.iter().map(|row| Fields::keyed("evaluations", "project_id", row).parsed("project_id")).collect()
    }
}
