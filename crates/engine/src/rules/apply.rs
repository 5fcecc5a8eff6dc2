//! [`ApplyRules`]: looks at every session that closed, once per revision, and puts on the ledger what rules take.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use turnwise_model::{Ambient, ProjectId, SessionId};
use turnwise_store::{ClosedSession, Durability, Store, StoreError};

use super::decide::{Cap, Evaluators, decide, is_unchanged};
use super::design::{Design, Place};
use crate::background::{Progress, Worker};
use crate::error::EngineError;
use crate::sessions::SESSIONS_CLOSED;

/// How many sessions are looked at in one transaction.
const HELPING: i64 = 200;

/// The worker that applies the rules that are on.
#[derive(Debug)]
pub struct ApplyRules {
    store: Store,
    ambient: Ambient,
}

impl ApplyRules {
    /// On this database.
    #[must_use]
    pub fn new(store: Store, ambient: Ambient) -> Self {
        Self { store, ambient }
    }

    async fn apply(&self, project: ProjectId, sessions: &[ClosedSession]) -> Result<(), StoreError> {
        let store = &self.store;
        let now = self.ambient.now();
        let mut designs: Vec<(Design, HashMap<SessionId, Place>)> = Vec::new();
        let mut ids: Vec<SessionId> = sessions.iter().map(|session| session.id).collect();
        ids.sort();
        for rule in store.rules(project).await?.into_iter().filter(|rule| rule.enabled) {
            let (id, version) = (rule.id, rule.version);
            match Design::of(rule) {
                Ok(design) => {
                    let placed = design.placed(store, project, &ids, now).await?;
                    designs.push((design, placed));
                }
                Err(error) => {
                    tracing::error!(%project, rule = %id, version, %error, "a rule has a filter that cannot be read and decides nothing");
                }
            }
        }
        let evaluators = evaluators(store, project).await?;
        let mut transaction = store.write(Durability::Derived).await?;
        let locked = transaction.lock_sessions(project, &ids).await?;
        for session in sessions {
            // One that changed since it was read falls due again with its new revision.
            let Some(record) = locked.get(&session.id).filter(|record| is_unchanged(record, session.revision)) else {
                continue;
            };
            for (design, placed) in &designs {
                if let Some(place) = placed.get(&session.id) {
                    decide(&mut transaction, project, design, (record, *place), &evaluators, Cap::NONE, now).await?;
                }
            }
            transaction.mark_ruled(project, session.id, session.revision).await?;
        }
        transaction.commit().await
    }
}

#[async_trait]
impl Worker for ApplyRules {
    fn name(&self) -> &'static str {
        SESSIONS_CLOSED
    }

    async fn run_once(&self) -> Result<Progress, EngineError> {
        let due = self.store.sessions_to_rule(HELPING).await?;
        if due.is_empty() {
            return Ok(Progress::Idle { until: None });
        }
        let mut by_project: BTreeMap<ProjectId, Vec<ClosedSession>> = BTreeMap::new();
        for (project, session) in due {
            by_project.entry(project).or_default().push(session);
        }
        for (project, sessions) in by_project {
            self.apply(project, &sessions).await?;
        }
        Ok(Progress::Worked)
    }
}

/// The evaluators in use at their newest versions.
pub(super) async fn evaluators(store: &Store, project: ProjectId) -> Result<Evaluators, StoreError> {
    Ok(store.evaluators(project).await?.into_iter().map(|version| (version.evaluator, version)).collect())
}
