//! Background work: rows that wait until they are due, are claimed under a lease, and go away when done.
//!
//! A claim carries a fence, a number that grows with every claim of the row. Who comes back with an older number has lost
//! its lease in the meantime and changes nothing. Work asked for again while it runs is due once more after that run.

use std::time::Duration;

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;
use turnwise_model::{Micros, ProjectId, WorkId};

use crate::error::StoreError;
use crate::row::Fields;
use crate::store::Store;
use crate::transaction::{Durability, Transaction};

/// Work to be done. Of one kind there is one row per key.
#[derive(Debug, Clone)]
pub struct NewWork<'w> {
    /// Its id, should it be new.
    pub id: WorkId,
    /// In which project; `None` for work on the whole installation.
    pub project: Option<ProjectId>,
    /// Who does it.
    pub kind: &'w str,
    /// What is to be worked on: asking for it twice makes one row.
    pub key: &'w str,
    /// What else needs to be known, as JSON.
    pub payload: &'w str,
    /// Not before this.
    pub due_at: Micros,
}

impl<'w> NewWork<'w> {
    /// Work on the whole installation, without a payload.
    #[must_use]
    pub const fn new(id: WorkId, kind: &'w str, key: &'w str, due_at: Micros) -> Self {
        Self { id, project: None, kind, key, payload: "{}", due_at }
    }
}

/// Work that somebody holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedWork {
    /// Its id.
    pub id: WorkId,
    /// In which project.
    pub project: Option<ProjectId>,
    /// Who does it.
    pub kind: String,
    /// What is to be worked on.
    pub key: String,
    /// What else needs to be known, as JSON.
    pub payload: String,
    /// Which attempt this is, from 1.
    pub attempts: u32,
    /// The proof of the claim.
    pub fence: i64,
    /// When it fell due.
    pub due_at: Micros,
}

/// Work that is given up until somebody asks for it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedWork {
    /// Its id.
    pub id: WorkId,
    /// What was to be worked on.
    pub key: String,
    /// How often it was tried.
    pub attempts: u32,
    /// What went wrong the last time.
    pub last_error: Option<String>,
}

/// Whether a claim still holds.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    /// It holds, and what was asked for is done.
    Held,
    /// The lease ran out and somebody else has the work or has done it. Nothing was changed.
    Lost,
}

impl Lease {
    const fn from_rows(affected: u64) -> Self {
        if affected == 0 { Self::Lost } else { Self::Held }
    }
}

impl Transaction {
    /// Asks for work. What waits already becomes due at the earlier time, what runs is done once more afterwards, what
    /// has failed is tried again. The payload is the latest one. Wakes the workers of this kind at commit.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn enqueue(&mut self, work: &NewWork<'_>) -> Result<(), StoreError> {
        sqlx::query(
            "insert into work (id, project_id, kind, key, payload, state, due_at, fence, attempts, created_at)
             values ($1, $2, $3, $4, $5, 'waiting', $6, 0, 0, $7)
             on conflict (kind, key) do update
             set payload = excluded.payload,
                 due_at = case
                     when work.state = 'waiting' and work.due_at < excluded.due_at then work.due_at
                     when work.state = 'running' then work.due_at
                     else excluded.due_at
                 end,
                 again_at = case
                     when work.state <> 'running' then null
                     when work.again_at < excluded.due_at then work.again_at
                     else excluded.due_at
                 end,
                 attempts = case when work.state = 'failed' then 0 else work.attempts end,
                 state = case when work.state = 'failed' then 'waiting' else work.state end",
        )
        .bind(work.id.to_string())
        .bind(work.project.map(|project| project.to_string()))
        .bind(work.kind)
        .bind(work.key)
        .bind(work.payload)
        .bind(work.due_at.0)
        .bind(self.now().0)
        .execute(self.connection())
        .await?;
        self.wake(work.kind);
        Ok(())
    }

    /// Asks for work unless it is there in whatever state: for what recurs. Says whether it was not there.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn enqueue_if_absent(&mut self, work: &NewWork<'_>) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into work (id, project_id, kind, key, payload, state, due_at, fence, attempts, created_at)
             values ($1, $2, $3, $4, $5, 'waiting', $6, 0, 0, $7)
             on conflict (kind, key) do nothing",
        )
        .bind(work.id.to_string())
        .bind(work.project.map(|project| project.to_string()))
        .bind(work.kind)
        .bind(work.key)
        .bind(work.payload)
        .bind(work.due_at.0)
        .bind(self.now().0)
        .execute(self.connection())
        .await?;
        self.wake(work.kind);
        Ok(done.rows_affected() == 1)
    }

    /// The work is done: the row goes away, or waits once more if it was asked for again meanwhile.
    ///
    /// In the transaction that writes the results, so that a lost lease takes the results with it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn complete_work(&mut self, work: &ClaimedWork) -> Result<Lease, StoreError> {
        let deleted = sqlx::query(
            "delete from work
             where id = $1
               and fence = $2
               and state = 'running'
               and again_at is null",
        )
        .bind(work.id.to_string())
        .bind(work.fence)
        .execute(self.connection())
        .await?;
        if deleted.rows_affected() == 1 {
            return Ok(Lease::Held);
        }
        let repeated = sqlx::query(
            "update work
             set state = 'waiting',
                 due_at = again_at,
                 again_at = null,
                 lease_until = null,
                 attempts = 0,
                 last_error = null
             where id = $1
               and fence = $2
               and state = 'running'
               and again_at is not null",
        )
        .bind(work.id.to_string())
        .bind(work.fence)
        .execute(self.connection())
        .await?;
        self.wake(&work.kind);
        Ok(Lease::from_rows(repeated.rows_affected()))
    }
}

impl Store {
    /// Claims up to `limit` rows of a kind that are due, or whose lease ran out, until `now + lease`. The longest due first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim_work(
        &self,
        kind: &str,
        now: Micros,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<ClaimedWork>, StoreError> {
        // Looking does not need the write lock, and mostly there is nothing.
        if self.next_work_due(kind).await?.is_none_or(|due_at| due_at > now) {
            return Ok(Vec::new());
        }
        let sql = format!(
            "with due as (
                 select id
                 from work
                 where kind = $1
                   and ((state = 'waiting' and due_at <= $2) or (state = 'running' and lease_until <= $2))
                 order by due_at, id
                 limit $4
                 {skip_locked}
             )
             update work
             set state = 'running',
                 lease_until = $3,
                 fence = fence + 1,
                 attempts = attempts + 1
             where id in (select id from due)
             returning id, project_id, kind, key, payload, attempts, fence, due_at",
            skip_locked = self.engine().skip_locked(),
        );
        let mut transaction = self.write(Durability::Derived).await?;
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(kind)
            .bind(now.0)
            .bind((now + lease).0)
            .bind(i64::from(limit))
            .fetch_all(transaction.connection())
            .await?;
        transaction.commit().await?;
        let mut claimed = rows.iter().map(claimed_work).collect::<Result<Vec<_>, _>>()?;
        claimed.sort_by_key(|work| (work.due_at, work.id));
        Ok(claimed)
    }

    /// When the next row of a kind falls due, or its lease runs out; `None` when there is nothing to wait for.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn next_work_due(&self, kind: &str) -> Result<Option<Micros>, StoreError> {
        let row = sqlx::query(
            "select
                 (select min(due_at) from work where kind = $1 and state = 'waiting') as due_at,
                 (select min(lease_until) from work where kind = $1 and state = 'running') as lease_until",
        )
        .bind(kind)
        .fetch_one(self.reader())
        .await?;
        let fields = Fields::of("work", &row);
        let (due_at, lease_until) = (fields.optional_instant("due_at")?, fields.optional_instant("lease_until")?);
        Ok(due_at.into_iter().chain(lease_until).min())
    }

    /// [`Transaction::complete_work`] in a transaction of its own.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn complete_work(&self, work: &ClaimedWork) -> Result<Lease, StoreError> {
        let mut transaction = self.write(Durability::Derived).await?;
        let lease = transaction.complete_work(work).await?;
        transaction.commit().await?;
        Ok(lease)
    }

    /// The work is done for now and due again at `due_at`, or earlier if it was asked for meanwhile.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn repeat_work(&self, work: &ClaimedWork, due_at: Micros) -> Result<Lease, StoreError> {
        let mut transaction = self.write(Durability::Derived).await?;
        let done = sqlx::query(
            "update work
             set state = 'waiting',
                 due_at = case when again_at < $3 then again_at else $3 end,
                 again_at = null,
                 lease_until = null,
                 attempts = 0,
                 last_error = null
             where id = $1
               and fence = $2
               and state = 'running'",
        )
        .bind(work.id.to_string())
        .bind(work.fence)
        .bind(due_at.0)
        .execute(transaction.connection())
        .await?;
        transaction.wake(&work.kind);
        transaction.commit().await?;
        Ok(Lease::from_rows(done.rows_affected()))
    }

    /// The work was not done and is tried again at `due_at`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn retry_work(&self, work: &ClaimedWork, due_at: Micros, error: &str) -> Result<Lease, StoreError> {
        let mut transaction = self.write(Durability::Derived).await?;
        let done = sqlx::query(
            "update work
             set state = 'waiting',
                 due_at = $3,
                 again_at = null,
                 lease_until = null,
                 last_error = $4
             where id = $1
               and fence = $2
               and state = 'running'",
        )
        .bind(work.id.to_string())
        .bind(work.fence)
        .bind(due_at.0)
        .bind(error)
        .execute(transaction.connection())
        .await?;
        transaction.wake(&work.kind);
        transaction.commit().await?;
        Ok(Lease::from_rows(done.rows_affected()))
    }

    /// The work is given up, unless it was asked for again meanwhile.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fail_work(&self, work: &ClaimedWork, error: &str) -> Result<Lease, StoreError> {
        let mut transaction = self.write(Durability::Derived).await?;
        let done = sqlx::query(
            "update work
             set state = case when again_at is null then 'failed' else 'waiting' end,
                 attempts = case when again_at is null then attempts else 0 end,
                 due_at = coalesce(again_at, due_at),
                 again_at = null,
                 lease_until = null,
                 last_error = $3
             where id = $1
               and fence = $2
               and state = 'running'",
        )
        .bind(work.id.to_string())
        .bind(work.fence)
        .bind(error)
        .execute(transaction.connection())
        .await?;
        transaction.wake(&work.kind);
        transaction.commit().await?;
        Ok(Lease::from_rows(done.rows_affected()))
    }

    /// Holds the work until `lease_until`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn renew_work(&self, work: &ClaimedWork, lease_until: Micros) -> Result<Lease, StoreError> {
        let mut transaction = self.write(Durability::Derived).await?;
        let done = sqlx::query(
            "update work
             set lease_until = $3
             where id = $1
               and fence = $2
               and state = 'running'",
        )
        .bind(work.id.to_string())
        .bind(work.fence)
        .bind(lease_until.0)
        .execute(transaction.connection())
        .await?;
        transaction.commit().await?;
        Ok(Lease::from_rows(done.rows_affected()))
    }

    /// The work of a kind that was given up, by key.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn failed_work(&self, kind: &str) -> Result<Vec<FailedWork>, StoreError> {
        let rows = sqlx::query(
            "select id, key, attempts, last_error
             from work
             where kind = $1
               and state = 'failed'
             order by key",
        )
        .bind(kind)
        .fetch_all(self.reader())
        .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::of("work", row);
                Ok(FailedWork {
                    id: fields.parsed("id")?,
                    key: fields.text("key")?,
                    attempts: fields.count("attempts")?,
                    last_error: fields.optional_text("last_error")?,
                })
            })
            .collect()
    }
}

fn claimed_work(row: &AnyRow) -> Result<ClaimedWork, StoreError> {
    let fields = Fields::of("work", row);
    Ok(ClaimedWork {
        id: fields.parsed("id")?,
        project: fields.optional_parsed("project_id")?,
        kind: fields.text("kind")?,
        key: fields.text("key")?,
        payload: fields.text("payload")?,
        attempts: fields.count("attempts")?,
        fence: fields.integer("fence")?,
        due_at: fields.instant("due_at")?,
    })
}
