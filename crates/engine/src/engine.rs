//! [`Engine`]: all services of one process, cheap to clone.

use std::sync::Arc;

use turnwise_model::Ambient;
use turnwise_store::Store;

use crate::accounts::Accounts;
use crate::background::{Job, JobWorker, Worker};
use crate::config::EngineConfig;
use crate::error::EngineError;

/// The services. Clones share everything.
#[derive(Clone)]
pub struct Engine {
    services: Arc<Services>,
}

struct Services {
    store: Store,
    ambient: Ambient,
    accounts: Accounts,
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
        Ok(Self { services: Arc::new(Services { store, ambient, accounts }) })
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

    /// Everything that a process with the worker role runs, to be handed to [`crate::background::Background::spawn`].
    #[must_use]
    pub fn workers(&self) -> Vec<Box<dyn Worker>> {
        vec![self.worker(crate::accounts::SweepSignIns::new(self.store().clone(), self.ambient().clone()))]
    }

    /// A worker for one kind of job.
    #[must_use]
    pub fn worker(&self, job: impl Job) -> Box<dyn Worker> {
        Box::new(JobWorker::new(self.store().clone(), self.ambient().clone(), job))
    }
}
