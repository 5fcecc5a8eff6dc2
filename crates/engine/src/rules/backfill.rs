//! Backfills: a rule applied to sessions that closed before it could look at them, step by step, each in one transaction
//! with its progress, so that it goes on after a stop.
//!
//! A cap does not cut the list off: it takes the sessions with the least draw relative to their rate, and the probability
//! recorded is the rate lowered by the same factor. So a capped backfill is as good a sample as any (sequential Poisson).

use std::collections::BinaryHeap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use turnwise_model::access::Role;
use turnwise_model::view::rule::{Backfill, BackfillState};
use turnwise_model::{Ambient, BackfillId, ProjectId, RuleId, SessionId};
use turnwise_store::{BackfillStep, ClaimedWork, Closed, Durability, NewWork, Store, StoredBackfill};

use super::apply::evaluators;
use super::decide::{Cap, decide, is_unchanged};
use super::design::Design;
use super::error::RuleError;
use super::service::Rules;
use crate::access::Access;
use crate::background::{Job, JobError, JobOutcome};
use crate::error::EngineError;

/// The kind of work rows that backfills are.
pub const BACKFILL: &str = "backfill";
/// The highest cap.
pub const MOST_BACKFILLED: i64 = 1_000_000;
/// How many sessions are decided about in one step.
const STEP: i64 = 200;
/// How many sessions are counted at a time.
const COUNTED_TOGETHER: i64 = 5_000;
/// After so many failures in a row a backfill is given up.
const ATTEMPTS: u32 = 8;

#[derive(Serialize, Deserialize)]
struct Payload {
    backfill: BackfillId,
}

impl Rules {
    /// Starts to apply a rule, at its newest version, to all sessions that are closed. At most `cap` of them are taken.
    ///
    /// # Errors
    /// Unless the caller is an editor; when the cap cannot be; [`RuleError::BackfillRunning`].
    pub async fn backfill(&self, access: &Access, rule: RuleId, cap: i64) -> Result<Backfill, RuleError> {
        access.require(Role::Editor)?;
        if !(1..=MOST_BACKFILLED).contains(&cap) {
            return Err(RuleError::field("cap", format!("it must be 1 to {MOST_BACKFILLED} sessions")));
        }
        let project = access.project.id;
        let rule = self.store.rule(project, rule).await?.ok_or(RuleError::NoSuchRule)?;
        let now = self.ambient.now();
        let backfill = Backfill {
            id: self.ambient.id(),
            rule: rule.id,
            rule_version: rule.version,
            cap,
            state: BackfillState::Running,
            total: None,
            thinning: 1.0,
            matched: 0,
            sampled: 0,
            capped: 0,
            evaluations: 0,
            reason: None,
            created_at: now,
            updated_at: now,
        };
        let payload = serde_json::json!(Payload { backfill: backfill.id }).to_string();
        let key = backfill.id.to_string();
        let work = NewWork {
            project: Some(project),
            payload: &payload,
            ..NewWork::new(self.ambient.id(), BACKFILL, &key, now)
        };
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        if !transaction.insert_backfill(project, &backfill).await? {
            return Err(RuleError::BackfillRunning);
        }
        transaction.enqueue(&work).await?;
        transaction.commit().await?;
        Ok(backfill)
    }

    /// One backfill.
    ///
    /// # Errors
    /// [`RuleError::NoSuchBackfill`].
    pub async fn backfill_progress(&self, access: &Access, backfill: BackfillId) -> Result<Backfill, RuleError> {
        let found = self.store.backfill(access.project.id, backfill).await?;
        Ok(found.ok_or(RuleError::NoSuchBackfill)?.backfill)
    }

    /// Backfills of the project, newest first, of one rule where it is given.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn backfills(&self, access: &Access, rule: Option<RuleId>) -> Result<Vec<Backfill>, RuleError> {
        Ok(self.store.backfills(access.project.id, rule, None, 100).await?)
    }

    /// Stops a backfill. What it has put on the ledger stays. One that has ended already is left as it is.
    ///
    /// # Errors
    /// Unless the caller is an editor; [`RuleError::NoSuchBackfill`].
    pub async fn cancel_backfill(&self, access: &Access, backfill: BackfillId) -> Result<Backfill, RuleError> {
        access.require(Role::Editor)?;
        let project = access.project.id;
        self.backfill_progress(access, backfill).await?;
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        transaction.end_backfill(project, backfill, BackfillState::Cancelled, None, self.ambient.now()).await?;
        transaction.commit().await?;
        self.backfill_progress(access, backfill).await
    }
}

/// Does one step of a backfill after the other.
#[derive(Debug)]
pub struct BackfillJob {
    store: Store,
    ambient: Ambient,
}

impl BackfillJob {
    /// On this database.
    #[must_use]
    pub fn new(store: Store, ambient: Ambient) -> Self {
        Self { store, ambient }
    }

    /// One step; `true` when there are more.
    async fn step(&self, project: ProjectId, id: BackfillId) -> Result<bool, EngineError> {
        let store = &self.store;
        let Some(found) = store.backfill(project, id).await? else { return Ok(false) };
        if found.backfill.state != BackfillState::Running {
            return Ok(false);
        }
        let version = store.rule_version(project, found.backfill.rule, found.backfill.rule_version).await?;
        let design = match version.map(Design::of) {
            Some(Ok(design)) => design,
            Some(Err(error)) => {
                self.end(project, id, BackfillState::Failed, Some(&format!("the rule's filter: {error}"))).await?;
                return Ok(false);
            }
            None => {
                self.end(project, id, BackfillState::Failed, Some("the rule is gone")).await?;
                return Ok(false);
            }
        };
        if found.backfill.total.is_none() {
            self.size(project, &found.backfill, &design).await?;
            return Ok(true);
        }
        self.go_on(project, &found, &design).await
    }

    /// Counts the sessions and finds by how much the cap lowers the rates.
    async fn size(&self, project: ProjectId, backfill: &Backfill, design: &Design) -> Result<(), EngineError> {
        // The least draws, one more than may be taken; the greatest of them on top, as ordered bits.
        let mut least: BinaryHeap<u64> = BinaryHeap::new();
        let cap = usize::try_from(backfill.cap).unwrap_or(usize::MAX);
        let (mut total, mut place) = (0_i64, None);
        loop {
            let now = backfill.created_at;
            let which = Closed::After(place);
            let page = self.store.closed_sessions(project, &design.filter, now, which, COUNTED_TOGETHER).await?;
            let Some(last) = page.last() else { break };
            place = Some(last.id);
            total += i64::try_from(page.len()).unwrap_or(0);
            let ids = page.iter().map(|session| session.id).collect();
            for (session, stratum) in design.places(&self.store, project, ids, now).await? {
                if design.draw(session, stratum, 1.0).sampled {
                    least.push(design.urgency(session, stratum).to_bits());
                    if least.len() > cap + 1 {
                        least.pop();
                    }
                }
            }
        }
        let first_left_out = if least.len() > cap { least.peek().copied() } else { None };
        let thinning = first_left_out.map_or(1.0, f64::from_bits);
        let mut transaction = self.store.write(Durability::Derived).await?;
        transaction.size_backfill(project, backfill.id, total, thinning, self.ambient.now()).await?;
        Ok(transaction.commit().await?)
    }

    async fn go_on(&self, project: ProjectId, found: &StoredBackfill, design: &Design) -> Result<bool, EngineError> {
        let StoredBackfill { backfill, place } = found;
        let after: Option<SessionId> = place.parse().ok();
        let asked_at = backfill.created_at;
        let page = self.store.closed_sessions(project, &design.filter, asked_at, Closed::After(after), STEP).await?;
        let Some(last) = page.last() else {
            self.end(project, backfill.id, BackfillState::Done, None).await?;
            return Ok(false);
        };
        let ids: Vec<SessionId> = page.iter().map(|session| session.id).collect();
        let places = design.places(&self.store, project, ids.iter().copied().collect(), asked_at).await?;
        let evaluators = evaluators(&self.store, project).await?;
        let reason =
            format!("the backfill's cap of {} sessions was reached by sessions with a lesser draw", backfill.cap);
        let cap = Cap { thinning: backfill.thinning, reason: &reason };
        let now = self.ambient.now();
        let mut transaction = self.store.write(Durability::Derived).await?;
        let locked = transaction.lock_sessions(project, &ids).await?;
        let mut step = BackfillStep::default();
        for session in &page {
            // One that was reopened meanwhile is looked at when it closes.
            let Some(record) = locked.get(&session.id).filter(|record| is_unchanged(record, session.revision)) else {
                continue;
            };
            let at = places.get(&session.id).copied().flatten();
            let did = decide(&mut transaction, project, design, (record, at), &evaluators, cap, now).await?;
            step.matched += did.matched;
            step.sampled += did.sampled;
            step.capped += did.capped;
            step.evaluations += did.evaluations;
        }
        if !transaction.advance_backfill(project, found, &last.id.to_string(), step, now).await? {
            // Cancelled, or taken on by another process: nothing of this step may count.
            transaction.roll_back().await?;
            return Ok(false);
        }
        transaction.commit().await?;
        Ok(true)
    }

    async fn end(
        &self,
        project: ProjectId,
        backfill: BackfillId,
        state: BackfillState,
        reason: Option<&str>,
    ) -> Result<(), EngineError> {
        let mut transaction = self.store.write(Durability::Derived).await?;
        transaction.end_backfill(project, backfill, state, reason, self.ambient.now()).await?;
        Ok(transaction.commit().await?)
    }
}

#[async_trait]
impl Job for BackfillJob {
    fn kind(&self) -> &'static str {
        BACKFILL
    }

    async fn run(&self, work: &ClaimedWork) -> Result<JobOutcome, JobError> {
        let payload: Payload =
            serde_json::from_str(&work.payload).map_err(|error| JobError::Hopeless(error.to_string()))?;
        let project = work.project.ok_or_else(|| JobError::Hopeless("a backfill without a project".to_owned()))?;
        match self.step(project, payload.backfill).await {
            Ok(true) => Ok(JobOutcome::Again { due_at: self.ambient.now() }),
            Ok(false) => Ok(JobOutcome::Done),
            Err(error) if work.attempts >= ATTEMPTS => {
                tracing::error!(backfill = %payload.backfill, %error, "a backfill is given up");
                let reason =
                    "it failed again and again; the server's log says why, start it once more when that is mended";
                self.end(project, payload.backfill, BackfillState::Failed, Some(reason)).await?;
                Ok(JobOutcome::Done)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn attempts(&self) -> u32 {
        ATTEMPTS + 1
    }
}
