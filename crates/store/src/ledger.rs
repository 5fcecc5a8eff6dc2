//! The evaluation ledger: what is to be evaluated and what became of it. How workers take rows is in `ledger_work`.

use turnwise_model::evaluation::{Evaluation, Kind, State};
use turnwise_model::score::Target;
use turnwise_model::{EvaluationId, EvaluatorId, Micros, Probability, ProjectId, SessionId, TurnId, Usd};

use crate::bulk::SelectIn;
use crate::double::Double;
use crate::error::StoreError;
use crate::row::Fields;
use crate::store::Store;
use crate::transaction::Transaction;

/// The topic that is woken when checks are due.
pub const CHECKS_DUE: &str = "evaluate_checks";
/// The topic that is woken when judges are due.
pub const JUDGES_DUE: &str = "evaluate_judges";

/// The topic that is woken when evaluators of this kind are due.
#[must_use]
pub const fn evaluations_due(kind: Kind) -> &'static str {
    match kind {
        Kind::Check => CHECKS_DUE,
        Kind::Judge => JUDGES_DUE,
    }
}

/// A row to be put on the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvaluation {
    /// The row.
    pub evaluation: Evaluation,
    /// Hash of what the evaluator sees.
    pub input_hash: String,
}

/// How many rows of one version of an evaluator are in a state, and what they took.
#[derive(Debug, Clone, PartialEq)]
pub struct EvaluatorCounts {
    /// The evaluator.
    pub evaluator: EvaluatorId,
    /// Content hash of its version.
    pub version: String,
    /// The state.
    pub state: State,
    /// How many rows.
    pub count: i64,
    /// How many of them have a reason: of those that are done, the ones without a score.
    pub with_reason: i64,
    /// Sum of the known costs.
    pub cost: Option<Usd>,
    /// How many latencies are known.
    pub timed: i64,
    /// Their sum, in milliseconds.
    pub latency_ms: Option<f64>,
}

/// Why something did not come to a score, the latest time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatestReason {
    /// The evaluator.
    pub evaluator: EvaluatorId,
    /// The state that its row has: `failed`, `paused`, or `queued` for another attempt.
    pub state: State,
    /// The reason.
    pub reason: String,
    /// When.
    pub at: Micros,
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

    /// Rows of each version of each evaluator by state.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn evaluator_counts(&self, project: ProjectId) -> Result<Vec<EvaluatorCounts>, StoreError> {
        let rows = sqlx::query(
            "select evaluator_id, evaluator_version, state, count(*) as total, count(reason) as with_reason,
                    sum(cost_usd) as cost, count(latency_ms) as timed,
                    cast(sum(latency_ms) as double precision) as latency
             from evaluations
             where project_id = $1
             group by evaluator_id, evaluator_version, state",
        )
        .bind(project.to_string())
        .fetch_all(self.reader())
        .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("evaluations", "evaluator_id", row);
                Ok(EvaluatorCounts {
                    evaluator: fields.parsed("evaluator_id")?,
                    version: fields.text("evaluator_version")?,
                    state: fields.parsed("state")?,
                    count: fields.integer("total")?,
                    with_reason: fields.integer("with_reason")?,
                    cost: fields.optional_real("cost")?.map(Usd),
                    timed: fields.integer("timed")?,
                    latency_ms: fields.optional_real("latency")?,
                })
            })
            .collect()
    }

    /// Of each evaluator the latest reason why a row failed, waits, or is tried again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn latest_reasons(&self, project: ProjectId) -> Result<Vec<LatestReason>, StoreError> {
        let rows = sqlx::query(
            "select evaluator_id, state, reason, updated_at
             from (
                 select evaluator_id, state, reason, updated_at,
                        row_number() over (partition by evaluator_id order by updated_at desc, evaluation_id) as place
                 from evaluations
                 where project_id = $1
                   and state in ('failed', 'paused', 'queued')
                   and reason is not null
             ) as found
             where place = 1",
        )
        .bind(project.to_string())
        .fetch_all(self.reader())
        .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("evaluations", "evaluator_id", row);
                Ok(LatestReason {
                    evaluator: fields.parsed("evaluator_id")?,
                    state: fields.parsed("state")?,
                    reason: fields.text("reason")?,
                    at: fields.instant("updated_at")?,
                })
            })
            .collect()
    }

    /// The earlier row that the same version of the evaluator has finished on the very same input, with its revision.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn evaluated_before(
        &self,
        project: ProjectId,
        row: &Evaluation,
        input_hash: &str,
    ) -> Result<Option<Evaluation>, StoreError> {
        let row = sqlx::query(
            "select e.*, e.evaluator_id as evaluator_name
             from evaluations e
             where e.project_id = $1
               and e.session_id = $2
               and e.evaluator_id = $3
               and e.evaluator_version = $4
               and e.input_hash = $5
               and e.evaluation_id <> $6
               and e.state = 'done'
             order by e.revision desc
             limit 1",
        )
        .bind(project.to_string())
        .bind(row.target.session().to_string())
        .bind(row.evaluator.to_string())
        .bind(row.evaluator_version.as_str())
        .bind(input_hash)
        .bind(row.id.to_string())
        .fetch_optional(self.reader())
        .await?;
        row.map(|row| read(&Fields::keyed("evaluations", "evaluation_id", &row))).transpose()
    }
}

impl Transaction {
    /// Puts a row on the ledger and wakes its worker. Says whether it is to be evaluated for it.
    ///
    /// A row that is there already stays as it is, with three exceptions: what a draw left out is evaluated when another
    /// rule or a person asks; what the evaluator sees has changed since (an open session grew) and it is evaluated again;
    /// and a row that a person asked for takes the probability of the first rule that draws it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_evaluation(&mut self, project: ProjectId, new: &NewEvaluation) -> Result<bool, StoreError> {
        let row = &new.evaluation;
        let done = sqlx::query(
            "insert into evaluations (project_id, evaluation_id, session_id, turn_id, revision, input_hash, evaluator_id,
                                      evaluator_version, kind, rule_id, rule_version, probability, salt, stratum, state,
                                      reason, due_at, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
             on conflict (project_id, evaluation_id) do update
             set input_hash = excluded.input_hash,
                 rule_id = coalesce(excluded.rule_id, evaluations.rule_id),
                 rule_version = case when excluded.rule_id is null then evaluations.rule_version else excluded.rule_version end,
                 probability = case when excluded.rule_id is null then evaluations.probability else excluded.probability end,
                 salt = case when excluded.rule_id is null then evaluations.salt else excluded.salt end,
                 stratum = case when excluded.rule_id is null then evaluations.stratum else excluded.stratum end,
                 state = excluded.state,
                 attempts = 0,
                 reason = excluded.reason,
                 cost_usd = null,
                 latency_ms = null,
                 due_at = excluded.due_at,
                 fence = evaluations.fence + 1,
                 updated_at = excluded.updated_at
             where excluded.state not in ('sampled_out', 'capped')
               and (evaluations.state in ('sampled_out', 'capped') or evaluations.input_hash <> excluded.input_hash)",
        )
        .bind(project.to_string())
        .bind(row.id.to_string())
        .bind(row.target.session().to_string())
        .bind(row.target.turn().map(|turn| turn.to_string()))
        .bind(row.revision)
        .bind(new.input_hash.as_str())
        .bind(row.evaluator.to_string())
        .bind(row.evaluator_version.as_str())
        .bind(row.kind.as_str())
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
        let written = done.rows_affected() == 1;
        if !written && row.rule.is_some() && !matches!(row.state, State::SampledOut | State::Capped) {
            self.attribute_to_rule(project, row).await?;
        }
        let is_due = written && row.state == State::Queued;
        if is_due {
            self.wake(evaluations_due(row.kind));
        }
        Ok(is_due)
    }

    /// Notes the rule on a row that a person asked for.
    async fn attribute_to_rule(&mut self, project: ProjectId, row: &Evaluation) -> Result<(), StoreError> {
        sqlx::query(
            "update evaluations
             set rule_id = $3,
                 rule_version = $4,
                 probability = $5,
                 salt = $6,
                 stratum = $7
             where project_id = $1
               and evaluation_id = $2
               and rule_id is null",
        )
        .bind(project.to_string())
        .bind(row.id.to_string())
        .bind(row.rule.map(|rule| rule.to_string()))
        .bind(row.rule_version)
        .bind(Double(row.probability.map(Probability::get)))
        .bind(row.salt.as_deref())
        .bind(row.stratum.as_deref())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Ledger rows of sessions as this transaction sees them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ledger_of_sessions(
        &mut self,
        project: ProjectId,
        sessions: &[SessionId],
    ) -> Result<Vec<Evaluation>, StoreError> {
        const SELECT: SelectIn<'_> = SelectIn {
            select: "select e.*, e.evaluator_id as evaluator_name from evaluations e where e.project_id = {} and e.session_id in",
            then: "",
        };
        let rows = self.rows_of_sessions(&SELECT, project, sessions).await?;
        rows.iter().map(|row| read(&Fields::keyed("evaluations", "evaluation_id", row))).collect()
    }

    /// Lets a failed, waiting or finished row run again, with its attempts forgotten. The routes of its session will be
    /// followed again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn requeue_evaluation(
        &mut self,
        project: ProjectId,
        evaluation: EvaluationId,
        kind: Kind,
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
               and state in ('done', 'failed', 'paused', 'queued')",
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
        self.wake(evaluations_due(kind));
        Ok(true)
    }
}

/// A row of the ledger, with the evaluator's name.
pub(crate) fn read(fields: &Fields<'_>) -> Result<Evaluation, StoreError> {
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
        kind: fields.parsed("kind")?,
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
