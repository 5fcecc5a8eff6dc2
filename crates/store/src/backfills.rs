//! Backfills: how far each is. Progress is written together with what was decided.

use turnwise_model::view::rule::{Backfill, BackfillState};
use turnwise_model::{BackfillId, Micros, ProjectId, RuleId};

use crate::error::StoreError;
use crate::row::Fields;
use crate::statement::Statement;
use crate::store::Store;
use crate::transaction::Transaction;

/// A backfill with the place that it has come to.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredBackfill {
    /// The backfill.
    pub backfill: Backfill,
    /// The last session decided about, in the order of ids; empty at the beginning.
    pub place: String,
}

/// What one step of a backfill did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BackfillStep {
    /// Sessions decided about.
    pub matched: i64,
    /// Those that were taken.
    pub sampled: i64,
    /// Those that the cap left out.
    pub capped: i64,
    /// Rows put on the ledger to be evaluated.
    pub evaluations: i64,
}

impl Store {
    /// One backfill.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn backfill(
        &self,
        project: ProjectId,
        backfill: BackfillId,
    ) -> Result<Option<StoredBackfill>, StoreError> {
        let row = sqlx::query(
            "select *
             from backfills
             where project_id = $1
               and backfill_id = $2",
        )
        .bind(project.to_string())
        .bind(backfill.to_string())
        .fetch_optional(self.reader())
        .await?;
        row.map(|row| read(&Fields::keyed("backfills", "backfill_id", &row))).transpose()
    }

    /// Backfills of a project, newest first: of one rule, and of one state, where these are given.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn backfills(
        &self,
        project: ProjectId,
        rule: Option<RuleId>,
        state: Option<BackfillState>,
        limit: i64,
    ) -> Result<Vec<Backfill>, StoreError> {
        let mut statement = Statement::new("select * from backfills where project_id = ");
        statement.value(project.to_string());
        if let Some(rule) = rule {
            statement.push(" and rule_id = ").value(rule.to_string());
        }
        if let Some(state) = state {
            statement.push(" and state = ").value(state.as_str());
        }
        statement.push(" order by created_at desc, backfill_id desc limit ").value(limit);
        let rows = statement.query()?.fetch_all(self.reader()).await?;
        rows.iter().map(|row| Ok(read(&Fields::keyed("backfills", "backfill_id", row))?.backfill)).collect()
    }
}

impl Transaction {
    /// A new backfill; `false` when one of this rule is under way.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_backfill(&mut self, project: ProjectId, backfill: &Backfill) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into backfills (project_id, backfill_id, rule_id, rule_version, cap, state, thinning, place, matched,
                                    sampled, capped, evaluations, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, '', 0, 0, 0, 0, $8, $8)
             on conflict do nothing",
        )
        .bind(project.to_string())
        .bind(backfill.id.to_string())
        .bind(backfill.rule.to_string())
        .bind(backfill.rule_version)
        .bind(backfill.cap)
        .bind(backfill.state.as_str())
        .bind(backfill.thinning)
        .bind(backfill.created_at.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes how many sessions there are and by how much the cap lowers the rates.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn size_backfill(
        &mut self,
        project: ProjectId,
        backfill: BackfillId,
        total: i64,
        thinning: f64,
        now: Micros,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update backfills
             set total = $3,
                 thinning = $4,
                 updated_at = $5
             where project_id = $1
               and backfill_id = $2
               and total is null",
        )
        .bind(project.to_string())
        .bind(backfill.to_string())
        .bind(total)
        .bind(thinning)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Goes on from one place to the next; `false` when it is not there any more, because it was cancelled or another
    /// process has gone on: then nothing else of this transaction may count.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn advance_backfill(
        &mut self,
        project: ProjectId,
        from: &StoredBackfill,
        to: &str,
        step: BackfillStep,
        now: Micros,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update backfills
             set place = $4,
                 matched = matched + $5,
                 sampled = sampled + $6,
                 capped = capped + $7,
                 evaluations = evaluations + $8,
                 updated_at = $9
             where project_id = $1
               and backfill_id = $2
               and place = $3
               and state = 'running'",
        )
        .bind(project.to_string())
        .bind(from.backfill.id.to_string())
        .bind(from.place.as_str())
        .bind(to)
        .bind(step.matched)
        .bind(step.sampled)
        .bind(step.capped)
        .bind(step.evaluations)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends a backfill that is under way; `false` when it is not.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_backfill(
        &mut self,
        project: ProjectId,
        backfill: BackfillId,
        state: BackfillState,
        reason: Option<&str>,
        now: Micros,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update backfills
             set state = $3,
                 reason = $4,
                 updated_at = $5
             where project_id = $1
               and backfill_id = $2
               and state = 'running'",
        )
        .bind(project.to_string())
        .bind(backfill.to_string())
        .bind(state.as_str())
        .bind(reason)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn read(fields: &Fields<'_>) -> Result<StoredBackfill, StoreError> {
    Ok(StoredBackfill {
        backfill: Backfill {
            id: fields.parsed("backfill_id")?,
            rule: fields.parsed("rule_id")?,
            rule_version: fields.integer("rule_version")?,
            cap: fields.integer("cap")?,
            state: fields.parsed("state")?,
            total: fields.optional_integer("total")?,
            thinning: fields.real("thinning")?,
            matched: fields.integer("matched")?,
            sampled: fields.integer("sampled")?,
            capped: fields.integer("capped")?,
            evaluations: fields.integer("evaluations")?,
            reason: fields.optional_text("reason")?,
            created_at: fields.instant("created_at")?,
            updated_at: fields.instant("updated_at")?,
        },
        place: fields.text("place")?,
    })
}
