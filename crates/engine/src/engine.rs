//! [`Engine`]: all services of one process, cheap to clone.

use std::sync::Arc;

use turnwise_model::Ambient;
use turnwise_store::Store;

use crate::accounts::Accounts;
use crate::background::{Job, JobWorker, Worker};
use crate::config::EngineConfig;
use crate::error::EngineError;
use crate::evaluation::Evaluations;
use crate::evaluators::Evaluators;
use crate::exports::Exports;
use crate::imports::Imports;
use crate::ingestion::Ingestion;
use crate::providers::{Connections, Providers};
use crate::queues::Queues;
use crate::review::Reviews;
use crate::routing::Route;
use crate::rules::{ApplyRules, BackfillJob, Rules};
use crate::sessions::Sessions;
use crate::settings::Settings;

/// The services. Clones share everything.
#[derive(Clone)]
pub struct Engine {
    services: Arc<Services>,
}

struct Services {
    store: Store,
    ambient: Ambient,
    accounts: Accounts,
    ingestion: Ingestion,
    sessions: Sessions,
    providers: Providers,
    evaluators: Evaluators,
    evaluations: Evaluations,
    queues: Queues,
    reviews: Reviews,
    rules: Rules,
    exports: Exports,
    imports: Imports,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("store", &self.services.store).finish_non_exhaustive()
    }
}

impl Engine {
    /// Makes the services. Nothing runs in the background yet: see [`crate::background::Background`].
    ///
    /// # Errors
    /// When a setting cannot work or the database does not answer.
    pub async fn start(config: EngineConfig, store: Store, ambient: Ambient) -> Result<Self, EngineError> {
        let accounts = Accounts::start(&config, store.clone(), ambient.clone()).await?;
        let settings = Settings::new(store.clone(), ambient.clone());
        let ingestion = Ingestion::new(store.clone(), ambient.clone(), settings.clone());
        let sessions = Sessions::new(store.clone(), ambient.clone(), settings, ingestion.clone());
        let connections = Connections::new(store.clone(), ambient.clone(), config.secret, config.client, config.judge);
        let providers = Providers::new(store.clone(), ambient.clone(), accounts.clone(), connections.clone());
        let evaluators = Evaluators::new(store.clone(), ambient.clone(), connections.clone());
        let evaluations = Evaluations::new(store.clone(), ambient.clone(), connections);
        let queues = Queues::new(store.clone(), ambient.clone());
        let reviews = Reviews::new(store.clone(), ambient.clone());
        let rules = Rules::new(store.clone(), ambient.clone());
        let exports = Exports::new(store.clone(), ambient.clone());
        let imports = Imports::new(store.clone(), queues.clone());
        Ok(Self {
            services: Arc::new(Services {
                store,
                ambient,
                accounts,
                ingestion,
                sessions,
                queues,
                reviews,
                rules,
                exports,
                imports,
                providers,
                evaluators,
                evaluations,
            }),
        })
    }

    /// Clock and randomness.
    #[must_use]
    pub fn ambient(&self) -> &Ambient {
        &self.services.ambient
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.services.store
    }

    /// People, projects, keys.
    #[must_use]
    pub fn accounts(&self) -> &Accounts {
        &self.services.accounts
    }

    /// The way in for telemetry.
    #[must_use]
    pub fn ingestion(&self) -> &Ingestion {
        &self.services.ingestion
    }

    /// Sessions with their turns and spans.
    #[must_use]
    pub fn sessions(&self) -> &Sessions {
        &self.services.sessions
    }

    /// Where judges ask.
    #[must_use]
    pub fn providers(&self) -> &Providers {
        &self.services.providers
    }

    /// What turns sessions into scores.
    #[must_use]
    pub fn evaluators(&self) -> &Evaluators {
        &self.services.evaluators
    }

    /// The ledger of what evaluators did.
    #[must_use]
    pub fn evaluations(&self) -> &Evaluations {
        &self.services.evaluations
    }

    /// Queues and their rubrics.
    #[must_use]
    pub fn queues(&self) -> &Queues {
        &self.services.queues
    }

    /// Claims, drafts, reviews.
    #[must_use]
    pub fn reviews(&self) -> &Reviews {
        &self.services.reviews
    }

    /// Which sessions are sampled and evaluated, and what goes to people.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.services.rules
    }

    /// Exports.
    #[must_use]
    pub fn exports(&self) -> &Exports {
        &self.services.exports
    }

    /// What people judged elsewhere.
    #[must_use]
    pub fn imports(&self) -> &Imports {
        &self.services.imports
    }

    /// Everything that a process with the worker role runs, to be handed to [`crate::background::Background::spawn`].
    #[must_use]
    pub fn workers(&self) -> Vec<Box<dyn Worker>> {
        let mut workers =
            vec![self.worker(crate::accounts::SweepSignIns::new(self.store().clone(), self.ambient().clone()))];
        workers.extend(self.sessions().workers());
        let (store, ambient) = (self.store(), self.ambient());
        workers.push(Box::new(ApplyRules::new(store.clone(), ambient.clone())));
        workers.push(self.worker(BackfillJob::new(store.clone(), ambient.clone())));
        workers.push(Box::new(Route::new(store.clone(), ambient.clone())));
        workers.extend(self.exports().workers());
        workers.extend(self.evaluations().workers());
        workers
    }

    /// A worker for one kind of job.
    #[must_use]
    pub fn worker(&self, job: impl Job) -> Box<dyn Worker> {
        Box::new(JobWorker::new(self.store().clone(), self.ambient().clone(), job))
    }
}
