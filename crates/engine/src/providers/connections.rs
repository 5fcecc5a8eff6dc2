//! Clients of providers, made once for each state of their settings: they share connections and the limit on calls at once.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::Semaphore;
use turnwise_evaluators::judge::{OpenAi, Price, Provider, Retries, Settings, TokioSleeper};
use turnwise_model::{Ambient, Micros, ProjectId, ProviderId};
use turnwise_store::{Store, StoreError, StoredProvider};

use super::check::address;
use super::environment::JudgeEnvironment;
use crate::secret::InstallationSecret;

/// A provider that can be asked.
#[derive(Debug)]
pub(crate) struct Connection {
    /// What it is called.
    pub(crate) name: String,
    /// The client.
    pub(crate) provider: Arc<dyn Provider>,
    /// One permit for each call at a time.
    pub(crate) permits: Arc<Semaphore>,
    /// Until when it wants to be left alone, in microseconds.
    resting_until: AtomicI64,
}

impl Connection {
    /// Until when the provider wants to be left alone.
    pub(crate) fn resting_until(&self) -> Micros {
        Micros(self.resting_until.load(Ordering::Relaxed))
    }

    /// Leaves the provider alone until then.
    pub(crate) fn rest(&self, until: Micros) {
        self.resting_until.fetch_max(until.0, Ordering::Relaxed);
    }
}

/// What judges of a project can ask.
#[derive(Debug)]
pub(crate) enum Reached {
    /// Nothing is set up.
    Nobody,
    /// What is set up cannot be used, for this reason.
    Unusable(String),
    /// This.
    Provider(Arc<Connection>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Whose {
    Environment,
    Project(ProjectId, ProviderId),
}

/// The clients of one process. Clones share them.
#[derive(Clone)]
pub(crate) struct Connections {
    store: Store,
    ambient: Ambient,
    secret: Option<InstallationSecret>,
    client: Option<reqwest::Client>,
    environment: Option<JudgeEnvironment>,
    made: Arc<Mutex<HashMap<Whose, Made>>>,
}

/// A client and the settings it was made of.
type Made = (Option<StoredProvider>, Arc<Connection>);

impl std::fmt::Debug for Connections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connections").finish_non_exhaustive()
    }
}

impl Connections {
    pub(crate) fn new(
        store: Store,
        ambient: Ambient,
        secret: Option<InstallationSecret>,
        client: Option<reqwest::Client>,
        environment: Option<JudgeEnvironment>,
    ) -> Self {
        Self { store, ambient, secret, client, environment, made: Arc::default() }
    }

    pub(super) fn environment(&self) -> Option<&JudgeEnvironment> {
        self.environment.as_ref()
    }

    pub(super) fn secret(&self) -> Option<&InstallationSecret> {
        self.secret.as_ref()
    }

    /// Whether projects without a provider of their own have one.
    pub(crate) fn has_environment(&self) -> bool {
        self.environment.is_some()
    }

    /// What the judges of a project ask: its oldest provider, or the environment's.
    pub(crate) async fn of_project(&self, project: ProjectId) -> Result<Reached, StoreError> {
        let stored = self.store.providers(project).await?.into_iter().next();
        Ok(match stored {
            Some(stored) => self.of_stored(project, &stored),
            None => self.of_environment(),
        })
    }

    /// What the provider that judges of a project ask is called.
    pub(crate) async fn name_of(&self, project: ProjectId) -> Result<Option<String>, StoreError> {
        let stored = self.store.providers(project).await?.into_iter().next();
        let environment = || self.environment.as_ref().map(|_| JudgeEnvironment::NAME.to_owned());
        Ok(stored.map(|stored| stored.name).or_else(environment))
    }

    pub(super) fn of_environment(&self) -> Reached {
        let Some(environment) = &self.environment else { return Reached::Nobody };
        self.remembered(Whose::Environment, None, || {
            let settings = Described {
                name: JudgeEnvironment::NAME,
                url: &environment.url,
                key: environment.key.clone(),
                model: &environment.model,
                price: None,
                concurrency: environment.concurrency,
                timeout_seconds: environment.timeout_seconds,
            };
            self.connect(settings)
        })
    }

    pub(super) fn of_stored(&self, project: ProjectId, stored: &StoredProvider) -> Reached {
        self.remembered(Whose::Project(project, stored.id), Some(stored), || {
            let settings = Described {
                name: &stored.name,
                url: &stored.base_url,
                key: self.key_of(project, stored)?,
                model: &stored.model,
                price: stored.input_price.zip(stored.output_price).map(|(input, output)| Price { input, output }),
                concurrency: stored.concurrency,
                timeout_seconds: stored.timeout_seconds,
            };
            self.connect(settings)
        })
    }

    /// The key in clear, or why it cannot be had.
    pub(super) fn key_of(&self, project: ProjectId, stored: &StoredProvider) -> Result<Option<SecretString>, String> {
        let Some(sealed) = &stored.encrypted_key else { return Ok(None) };
        let secret =
            self.secret.as_ref().ok_or("this server has no secret to read the key with, set TURNWISE_SECRET")?;
        let key = secret.decrypt(&place(project, stored.id), sealed);
        key.map(Some).map_err(|error| {
            format!("the key of the provider {} cannot be read ({error}), enter it again under Settings", stored.name)
        })
    }

    fn remembered(
        &self,
        whose: Whose,
        stored: Option<&StoredProvider>,
        make: impl FnOnce() -> Result<Connection, String>,
    ) -> Reached {
        // Nothing in here can be half done, so what a panicking thread left is good.
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, connection)) = made.get(&whose)
            && of.as_ref() == stored
        {
            return Reached::Provider(Arc::clone(connection));
        }
        match make() {
            Ok(connection) => {
                let connection = Arc::new(connection);
                made.insert(whose, (stored.cloned(), Arc::clone(&connection)));
                Reached::Provider(connection)
            }
            Err(reason) => Reached::Unusable(reason),
        }
    }

    fn connect(&self, described: Described<'_>) -> Result<Connection, String> {
        let client = self.client.clone().ok_or("this process cannot call providers")?;
        let base_url = address(described.url)
            .ok_or_else(|| format!("the address of the provider {} is not valid, check it", described.name))?;
        let prices = described.price.map(|price| (described.model.to_owned(), price));
        let settings = Settings {
            name: described.name.to_owned(),
            base_url,
            key: described.key,
            model: described.model.to_owned(),
            timeout: Duration::from_secs(u64::from(described.timeout_seconds)),
            // The ledger tries again: a row that waits holds no worker.
            retries: Retries { attempts: 1, ..Retries::default() },
            prices: BTreeMap::from_iter(prices),
        };
        Ok(Connection {
            name: described.name.to_owned(),
            provider: Arc::new(OpenAi::new(settings, client, self.ambient.clone(), Arc::new(TokioSleeper))),
            permits: Arc::new(Semaphore::new(described.concurrency.max(1) as usize)),
            resting_until: AtomicI64::new(0),
        })
    }
}

/// For which place the key of a provider is encrypted.
pub(super) fn place(project: ProjectId, provider: ProviderId) -> String {
    format!("provider:{project}:{provider}")
}

struct Described<'a> {
    name: &'a str,
    url: &'a str,
    key: Option<SecretString>,
    model: &'a str,
    price: Option<Price>,
    concurrency: u32,
    timeout_seconds: u32,
}
