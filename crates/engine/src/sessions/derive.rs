//! [`Derive`]: makes sessions and turns of what telemetry brought, over and over, until nothing new came meanwhile.
//!
//! A session is always derived from all of its spans, so that the order in which they came leaves no trace. What is
//! written is compared with what is there: turns that did not change are not touched, and scores of those that did are
//! marked stale.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use async_trait::async_trait;
use turnwise_model::score::Score;
use turnwise_model::{Ambient, ProjectId, SessionId};
use turnwise_store::{
    ClaimedChange, Durability, Lease, NewTurn, Origin, SESSIONS_CHANGED, SessionRecord, SpanOfSession, Store,
    StoreError, Transaction,
};

use super::build::{Built, build};
use super::life;
use crate::background::{Backoff, Progress, Worker};
use crate::error::EngineError;
use crate::settings::Settings;

/// The topic that is woken when sessions were derived.
pub const SESSIONS_DERIVED: &str = "close_sessions";
/// How many changed sessions are claimed at a time.
const HELPING: u32 = 64;
/// How many small sessions are read together.
const READ_TOGETHER: usize = 16;
/// A session of more spans is read and built alone, so that memory stays bounded.
const LARGE: i64 = 2_000;
/// After so long a claim is free again, which is how long a killed process can hold sessions up. It is many times what
/// deriving takes; who takes longer is fenced off, and the work is done again.
const LEASE: Duration = Duration::from_secs(30);
/// When more came while a session was derived, it is derived again after this, or after a multiple of what it took.
const SETTLE: Duration = Duration::from_millis(150);
/// How many times as long as deriving it took a session that goes on changing is left alone.
const REST: u32 = 3;
const AFTER_FAILURE: Backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(300) };

/// The worker that derives changed sessions.
#[derive(Debug)]
pub struct Derive(pub(super) Deriver);

#[async_trait]
impl Worker for Derive {
    fn name(&self) -> &'static str {
        SESSIONS_CHANGED
    }

    async fn run_once(&self) -> Result<Progress, EngineError> {
        let store = &self.0.store;
        // Asked first: taking the writer for nothing would make ingestion wait.
        let next = store.next_change_due().await?;
        if next.is_none_or(|due_at| due_at > self.0.ambient.now()) {
            return Ok(Progress::Idle { until: next });
        }
        let mut transaction = store.write(Durability::Derived).await?;
        let claims = transaction.claim_changes(LEASE, HELPING).await?;
        transaction.commit().await?;
        if claims.is_empty() {
            return Ok(Progress::Idle { until: store.next_change_due().await? });
        }
        self.0.derive(claims).await?;
        Ok(Progress::Worked)
    }
}

/// Derives sessions. Clones share everything.
#[derive(Debug, Clone)]
pub(super) struct Deriver {
    store: Store,
    ambient: Ambient,
    settings: Settings,
}

impl Deriver {
    pub(super) fn new(store: Store, ambient: Ambient, settings: Settings) -> Self {
        Self { store, ambient, settings }
    }

    /// Derives one session now if anything changed in it and nobody else is at it.
    pub(super) async fn derive_now(&self, project: ProjectId, session: SessionId) -> Result<(), EngineError> {
        let mut transaction = self.store.write(Durability::Derived).await?;
        let claim = transaction.claim_change(project, session, LEASE).await?;
        transaction.commit().await?;
        match claim {
            Some(claim) => self.derive(vec![claim]).await,
            None => Ok(()),
        }
    }

    /// Derives claimed sessions. Where some cannot be derived, each is tried alone and the failing ones wait.
    async fn derive(&self, claims: Vec<ClaimedChange>) -> Result<(), EngineError> {
        let mut by_project: BTreeMap<ProjectId, Vec<ClaimedChange>> = BTreeMap::new();
        for claim in claims {
            by_project.entry(claim.touched.project).or_default().push(claim);
        }
        for (project, mut claims) in by_project {
            // The order in which ingestion touches them, so that neither waits for the other crosswise.
            claims.sort_by_key(|claim| claim.touched.session);
            let Err(error) = self.derive_in_project(project, &claims).await else { continue };
            if let [claim] = claims.as_slice() {
                self.give_back(claim, &error).await?;
                continue;
            }
            tracing::warn!(%error, sessions = claims.len(), "sessions could not be derived together, each is tried alone");
            for claim in claims {
                if let Err(error) = self.derive_in_project(project, std::slice::from_ref(&claim)).await {
                    self.give_back(&claim, &error).await?;
                }
            }
        }
        Ok(())
    }

    async fn give_back(&self, claim: &ClaimedChange, error: &EngineError) -> Result<(), EngineError> {
        let session = claim.touched.session;
        tracing::error!(%session, attempt = claim.attempts, %error, "a session could not be derived from its spans and will be tried again");
        let due_at = self.ambient.now() + AFTER_FAILURE.delay(claim.attempts, &self.ambient);
        let mut transaction = self.store.write(Durability::Derived).await?;
        transaction.give_back_change(claim, due_at, &error.to_string()).await?;
        Ok(transaction.commit().await?)
    }

    async fn derive_in_project(&self, project: ProjectId, claims: &[ClaimedChange]) -> Result<(), EngineError> {
        let began_at = self.ambient.now();
        let ids: Vec<SessionId> = claims.iter().map(|claim| claim.touched.session).collect();
        let large: HashSet<SessionId> = self
            .store
            .sessions(project, &ids)
            .await?
            .into_iter()
            .filter(|session| session.span_count > LARGE)
            .map(|session| session.id)
            .collect();
        let (large, small): (Vec<&ClaimedChange>, Vec<&ClaimedChange>) =
            claims.iter().partition(|claim| large.contains(&claim.touched.session));
        let mut built: HashMap<SessionId, Option<Built>> = HashMap::with_capacity(claims.len());
        for together in small.chunks(READ_TOGETHER).chain(large.chunks(1)) {
            built.extend(self.read_and_build(project, together).await?);
        }
        let took = self.ambient.now().since(began_at);
        metrics::histogram!("turnwise_derive_seconds").record(took.as_secs_f64());
        metrics::counter!("turnwise_sessions_derived_total").increment(claims.len() as u64);
        self.write(project, claims, built, (took * REST).max(SETTLE)).await
    }

    /// Sessions from their spans; `None` for one that has none.
    async fn read_and_build(
        &self,
        project: ProjectId,
        claims: &[&ClaimedChange],
    ) -> Result<HashMap<SessionId, Option<Built>>, EngineError> {
        let ids: Vec<SessionId> = claims.iter().map(|claim| claim.touched.session).collect();
        let spans = self.store.spans_of_sessions(project, &ids).await?;
        let hashes: HashSet<_> = spans.iter().flat_map(|span| span.span.hashes()).collect();
        let messages = self.store.messages(project, &hashes.into_iter().collect::<Vec<_>>()).await?;
        let mut by_session: HashMap<SessionId, Vec<SpanOfSession>> = HashMap::new();
        for span in spans {
            by_session.entry(span.session).or_default().push(span);
        }
        let touched: Vec<_> = claims.iter().map(|claim| claim.touched.clone()).collect();
        let built = tokio::task::spawn_blocking(move || {
            touched
                .into_iter()
                .map(|touched| match by_session.remove(&touched.session) {
                    None => Ok((touched.session, None)),
                    Some(spans) => Ok((touched.session, Some(build(&touched, spans, &messages)?))),
                })
                .collect::<Result<HashMap<_, _>, StoreError>>()
        });
        Ok(built.await??)
    }

    async fn write(
        &self,
        project: ProjectId,
        claims: &[ClaimedChange],
        mut built: HashMap<SessionId, Option<Built>>,
        rest: Duration,
    ) -> Result<(), EngineError> {
        let settings = self.settings.of(project).await?;
        let mut transaction = self.store.write(Durability::Derived).await?;
        let now = self.ambient.now();
        let mut held = Vec::with_capacity(claims.len());
        for claim in claims {
            match transaction.settle_change(claim, now + rest).await? {
                Lease::Held => held.push(claim.touched.session),
                Lease::Lost => {
                    tracing::debug!(session = %claim.touched.session, "another process derives this session now")
                }
            }
        }
        held.sort();
        let before = transaction.lock_sessions(project, &held).await?;
        let mut derived: Vec<(Built, SessionRecord)> = Vec::with_capacity(held.len());
        for session in &held {
            match built.remove(session).flatten() {
                Some(built) => {
                    let record = life::after(before.get(session), &built, project, &settings);
                    derived.push((built, record));
                }
                None => {
                    transaction.forget_session(project, *session).await?;
                }
            }
        }
        let records: Vec<&SessionRecord> = derived.iter().map(|(_, record)| record).collect();
        transaction.put_sessions(&records).await?;
        let changed: HashMap<SessionId, bool> = derived
            .iter()
            .map(|(built, record)| {
                (
                    built.session.id,
                    before
                        .get(&built.session.id)
                        .is_some_and(|before| before.state.content_hash != record.state.content_hash),
                )
            })
            .collect();
        write_turns(&mut transaction, project, &derived, &changed).await?;
        write_scores(&mut transaction, project, &derived).await?;
        let attributes: Vec<_> =
            derived.iter_mut().map(|(built, _)| (built.session.id, std::mem::take(&mut built.attributes))).collect();
        transaction.put_attributes(project, &attributes).await?;
        let texts: Vec<_> =
            derived.iter_mut().map(|(built, _)| (built.session.id, std::mem::take(&mut built.text))).collect();
        transaction.put_search_texts(project, &texts).await?;
        transaction.wake(SESSIONS_DERIVED);
        Ok(transaction.commit().await?)
    }
}

/// Writes the turns that differ, removes those that are no more, and marks stale what judged them.
async fn write_turns(
    transaction: &mut Transaction,
    project: ProjectId,
    derived: &[(Built, SessionRecord)],
    changed: &HashMap<SessionId, bool>,
) -> Result<(), StoreError> {
    let ids: Vec<SessionId> = derived.iter().map(|(built, _)| built.session.id).collect();
    let mut stored = transaction.stored_turns(project, &ids).await?;
    let mut written: Vec<(SessionId, &NewTurn)> = Vec::new();
    for (built, _) in derived {
        let session = built.session.id;
        let mut before = stored.remove(&session).unwrap_or_default();
        for turn in &built.turns {
            let stored = before.remove(&turn.turn().id);
            if !stored.as_ref().is_some_and(|stored| stored.is(turn)) {
                written.push((session, turn));
            }
            if stored.is_some_and(|stored| stored.content_hash != turn.content_hash()) {
                transaction.mark_stale(project, session, Some(turn.turn().id)).await?;
            }
        }
        for gone in before.into_keys() {
            transaction.mark_stale(project, session, Some(gone)).await?;
            transaction.delete_turn(project, session, gone).await?;
        }
        if changed.get(&session).copied().unwrap_or(false) {
            transaction.mark_stale(project, session, None).await?;
        }
    }
    transaction.put_turns(project, &written).await
}

/// Writes the scores that came on spans, and removes those that no span says any more.
async fn write_scores(
    transaction: &mut Transaction,
    project: ProjectId,
    derived: &[(Built, SessionRecord)],
) -> Result<(), StoreError> {
    let ids: Vec<SessionId> = derived.iter().map(|(built, _)| built.session.id).collect();
    let before = transaction.scores_from_telemetry(project, &ids).await?;
    let scores: Vec<Score> = derived
        .iter()
        .flat_map(|(built, record)| {
            built.scores.iter().map(|score| Score { revision: record.session.revision, ..score.clone() })
        })
        .collect();
    transaction.put_scores(project, &scores, Origin::Telemetry).await?;
    let said: HashSet<_> = scores.iter().map(|score| score.id).collect();
    for (session, ids) in before {
        for id in ids.into_iter().filter(|id| !said.contains(id)) {
            transaction.delete_score(project, session, id).await?;
        }
    }
    Ok(())
}
