//! The evaluation ledger: what is to be evaluated, by whom it is held, and what became of it.

use std::time::Duration;

use turnwise_model::evaluation::{Evaluation, State};
use turnwise_model::score::Target;
use turnwise_model::{EvaluationId, EvaluatorId, Micros, Probability, ProjectId, SessionId, TurnId, Usd};

use crate::double::Double;
use crate::error::StoreError;
use crate::row::Fields;
use crate::statement::Statement;
use crate::store::Store;
use crate::transaction::Transaction;

/// A row to be put on the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvaluation {
    /// The row.
    pub evaluation: Evaluation,
    /// Hash of what the evaluator sees.
    pub input_hash: String,
}

/// A row that a worker holds.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedEvaluation {
    /// The project.
    pub project: ProjectId,
    /// The row.
    pub evaluation: Evaluation,
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
    /// When it is due again, for the state `queued`.
    pub due_at: Micros,
}

/// Counts of one evaluator by state, with what it cost.
#[derive(Debug, Clone, PartialEq)]
pub struct EvaluatorCounts {
    /// The evaluator.
    pub evaluator: EvaluatorId,
    /// The state.
    pub state: State,
    /// How many rows.
    pub count: i64,
    /// Sum of the known costs.
    pub cost: Option<Usd>,
    /// Mean of the known latencies, in milliseconds.
    pub mean_latency_ms: Option<f64>,
    /// One of the reasons, where there are any.
    pub reason: Option<String>,
}

impl Store {
    /// The ledger of a session, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ledger(&self, project: ProjectId, session: SessionId) -> Result<Vec<Evaluation>, StoreError> {
        let rows = sqlx::query(
            "select e.*, coalesce(v.name, e.evaluator_id) as evaluator_name
             from evaluations e
             left join evaluators v on v.project_id = e.project_id and v.evaluator_id = e.evaluator_id
             where e.project_id = $1
               and e.session_id = $2
             order by e.revision, e.created_at, e.evaluation_id",
        )
        .bind(project.to_string())
        .bind(session.to_string())
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(|row| read(&Fields::keyed("evaluations", "evaluation_id", row))).collect()
    }

    /// Rows of each evaluator by state.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn evaluator_counts(&self, project: ProjectId) -> Result<Vec<EvaluatorCounts>, StoreError> {
        let rows = sqlx::query(
            "select evaluator_id, state, count(*) as total, sum(cost_usd) as cost,
                    cast(avg(latency_ms) as double precision) as mean_latency, max(reason) as reason
             from evaluations
             where project_id = $1
             group by evaluator_id, state",
        )
        .bind(project.to_string())
        .fetch_all(self.reader())
        .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("evaluations", "evaluator_id", row);
                Ok(EvaluatorCounts {
                    evaluator: fields.parsed("evaluator_id")?,
                    state: fields.parsed("state")?,
                    count: fields.integer("total")?,
                    cost: fields.optional_real("cost")?.map(Usd),
                    mean_latency_ms: fields.optional_real("mean_latency")?,
                    reason: fields.optional_text("reason")?,
                })
            })
            .collect()
    }

    /// When the next row falls due.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn next_evaluation_due(&self) -> Result<Option<Micros>, StoreError> {
        let row = sqlx::query(
            "select min(case when state = 'running' then lease_until else due_at end) as due
             from evaluations
             where state in ('queued', 'running')",
        )
        .fetch_one(self.reader())
        .await?;
        Fields::keyed("evaluations", "due", &row).optional_instant("due")
    }
}

impl Transaction {
    /// Puts a row on the ledger; `false` when it is there already. One that a cap had left out is queued after all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_evaluation(&mut self, project: ProjectId, new: &NewEvaluation) -> Result<bool, StoreError> {
        let row = &new.evaluation;
        let done = sqlx::query(
            "insert into evaluations (project_id, evaluation_id, session_id, turn_id, revision, input_hash, evaluator_id,
                                      evaluator_version, rule_id, rule_version, probability, salt, stratum, state, reason,
                                      due_at, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
             on conflict (project_id, evaluation_id) do update
             set rule_id = excluded.rule_id,
                 rule_version = excluded.rule_version,
                 probability = excluded.probability,
                 salt = excluded.salt,
                 stratum = excluded.stratum,
                 state = excluded.state,
                 reason = excluded.reason,
                 due_at = excluded.due_at,
                 updated_at = excluded.updated_at
             where evaluations.state = 'capped'
               and excluded.state = 'queued'",
        )
        .bind(project.to_string())
        .bind(row.id.to_string())
        .bind(row.target.session().to_string())
        .bind(row.target.turn().map(|turn| turn.to_string()))
        .bind(row.revision)
        .bind(new.input_hash.as_str())
        .bind(row.evaluator.to_string())
        .bind(row.evaluator_version.as_str())
        .bind(row.rule.map(|rule| rule.to_string()))
        .bind(row.rule_version)
        .bind(Double(row.probability.map(Probability::get)))
        .bind(row.salt.as_deref())
        .bind(row.stratum.as_deref())
        .bind(row.state.as_str())
        .bind(row.reason.as_deref())
        .bind(row.created_at.0)
        .bind(row.created_at.0)
        .bind(row.updated_at.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Whether an evaluator version has judged the very same input before, successfully.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_evaluated(
        &mut self,
        project: ProjectId,
        session: SessionId,
        evaluator_version: &str,
        input_hash: &str,
    ) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "select 1
             from evaluations
             where project_id = $1
               and session_id = $2
               and evaluator_version = $3
               and input_hash = $4
               and state = 'done'
             limit 1",
        )
        .bind(project.to_string())
        .bind(session.to_string())
        .bind(evaluator_version)
        .bind(input_hash)
        .fetch_optional(self.connection())
        .await?;
        Ok(row.is_some())
    }

    /// Claims up to `limit` due rows: queued ones, and running ones whose lease has lapsed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim_evaluations(
        &mut self,
        now: Micros,
        lease: Duration,
        limit: i64,
    ) -> Result<Vec<ClaimedEvaluation>, StoreError> {
        let lease_until = now + lease;
        let mut statement =
            Statement::new("update evaluations set state = 'running', attempts = attempts + 1, lease_until = ");
        statement
            .value(lease_until.0)
            .push(", fence = fence + 1, updated_at = ")
            .value(now.0)
            .push(
                " where (project_id, evaluation_id) in (
                    select project_id, evaluation_id
                    from evaluations
                    where state in ('queued', 'running')
                      and due_at <= ",
            )
            .value(now.0)
            .push(" and (state = 'queued' or lease_until <= ")
            .value(now.0)
            .push(") order by due_at limit ")
            .value(limit)
            .push(" ")
            .push(self.dialect().skip_locked())
            .push(") returning *, evaluator_id as evaluator_name");
        let rows = statement.query()?.fetch_all(self.connection()).await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("evaluations", "evaluation_id", row);
                Ok(ClaimedEvaluation {
                    project: fields.parsed("project_id")?,
                    evaluation: read(&fields)?,
                    fence: fields.integer("fence")?,
                })
            })
            .collect()
    }

    /// Keeps a row for another lease; `false` when another worker has it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn renew_evaluation(
        &mut self,
        claimed: &ClaimedEvaluation,
        lease_until: Micros,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update evaluations
             set lease_until = $4
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

    /// Writes what became of a row; `false` when another worker has it: then nothing else of this transaction may count.
    /// After the last row of a session's revision the rules' decisions about it are ready to be routed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn settle_evaluation(
        &mut self,
        claimed: &ClaimedEvaluation,
        outcome: &Outcome,
        now: Micros,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update evaluations
             set state = $4,
                 reason = $5,
                 cost_usd = $6,
                 latency_ms = $7,
                 due_at = $8,
                 lease_until = null,
                 updated_at = $9
             where project_id = $1
               and evaluation_id = $2
               and fence = $3
               and state = 'running'",
        )
        .bind(claimed.project.to_string())
        .bind(claimed.evaluation.id.to_string())
        .bind(claimed.fence)
        .bind(outcome.state.as_str())
        .bind(outcome.reason.as_deref())
        .bind(Double(outcome.cost.map(|cost| cost.0)))
        .bind(outcome.latency_ms)
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
    pub async fn resume_evaluations(&mut self, project: ProjectId, now: Micros) -> Result<u64, StoreError> {
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
        let done = sqlx::query(
            "update evaluations
             set state = 'queued',
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
        Ok(done.rows_affected())
    }

    /// Lets a failed or finished row run again, with its attempts forgotten. The routes of its session will be followed
    /// again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn requeue_evaluation(
        &mut self,
        project: ProjectId,
        evaluation: EvaluationId,
        now: Micros,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update evaluations
             set state = 'queued',
                 attempts = 0,
                 reason = null,
                 due_at = $3,
                 updated_at = $3
             where project_id = $1
               and evaluation_id = $2
               and state in ('done', 'failed', 'paused')",
        )
        .bind(project.to_string())
        .bind(evaluation.to_string())
        .bind(now.0)
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(
            "update rule_decisions
             set ready_at = null,
                 routed_at = null
             where project_id = $1
               and (session_id, revision) in (
                   select session_id, revision
                   from evaluations
                   where project_id = $1
                     and evaluation_id = $2
               )",
        )
        .bind(project.to_string())
        .bind(evaluation.to_string())
        .execute(self.connection())
        .await?;
        Ok(true)
    }
}

fn read(fields: &Fields<'_>) -> Result<Evaluation, StoreError> {
    let session: SessionId = fields.parsed("session_id")?;
    let turn: Option<TurnId> = fields.optional_parsed("turn_id")?;
    let probability = fields.optional_real("probability")?.map(Probability::new).transpose();
    Ok(Evaluation {
        id: fields.parsed("evaluation_id")?,
        target: match turn {
            Some(turn) => Target::Turn { session, turn },
            None => Target::Session { session },
        },
        revision: fields.integer("revision")?,
        evaluator: fields.parsed("evaluator_id")?,
        evaluator_version: fields.text("evaluator_version")?,
        evaluator_name: fields.text("evaluator_name")?,
        rule: fields.optional_parsed("rule_id")?,
        rule_version: fields.optional_integer("rule_version")?,
        probability: probability.map_err(|error| fields.impossible("probability", error))?,
        salt: fields.optional_text("salt")?,
        stratum: fields.optional_text("stratum")?,
        state: fields.parsed("state")?,
        attempts: fields.integer("attempts")?,
        reason: fields.optional_text("reason")?,
        cost: fields.optional_real("cost_usd")?.map(Usd),
        latency_ms: fields.optional_integer("latency_ms")?,
        created_at: fields.instant("created_at")?,
        updated_at: fields.instant("updated_at")?,
    })
}
