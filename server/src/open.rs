//! Opens what commands work on: the data folder, the database, the engine.

use std::fs;
use std::time::Duration;

use turnwise_engine::{Engine, EngineConfig, InstallationSecret, ambient_os};
use turnwise_model::access::Slug;
use turnwise_model::account::Project;
use turnwise_store::{Store, StoreConfig};

use crate::config::Config;
use crate::failure::Failure;
use crate::secret_file;

/// Connects to the database and brings it up to date. Any number of processes may do this at once.
///
/// # Errors
/// When the data folder cannot be made, or the database cannot be reached or brought up to date.
pub async fn store(config: &Config) -> Result<Store, Failure> {
    if config.database_url.is_none() {
        fs::create_dir_all(&config.data_dir).map_err(|error| {
            Failure::Configuration(format!(
                "the data folder `{}` cannot be made ({error}), choose another with --data-dir",
                config.data_dir.display()
            ))
        })?;
    }
    let settings = StoreConfig { url: config.store_url(), max_readers: config.max_readers };
    let store = Store::connect(&settings, ambient_os::ambient())
        .await
        .map_err(|error| Failure::store("the database cannot be reached", error))?;
    store.migrate().await.map_err(|error| Failure::store("the database cannot be brought up to date", error))?;
    Ok(store)
}

/// The engine on an up-to-date database.
///
/// # Errors
/// As [`store`], or when the engine cannot start.
pub async fn engine(config: &Config) -> Result<Engine, Failure> {
    let store = store(config).await?;
    let ambient = ambient_os::ambient();
    let secret = match &config.secret {
        Some(secret) => secret.clone(),
        None => secret_file::read_or_make(&config.data_dir, &ambient)?,
    };
    let settings = EngineConfig {
        secret: Some(InstallationSecret::new(&secret)),
        judge: config.judge(),
        client: Some(client()?),
        ..EngineConfig::default()
    };
    Ok(Engine::start(settings, store, ambient).await?)
}

/// The one client by which this process calls others. It follows no redirects: a key must not go where nobody sent it.
fn client() -> Result<reqwest::Client, Failure> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    #[expect(clippy::disallowed_methods, reason = "this is the client that all others are handed")]
    let builder = reqwest::Client::builder();
    builder
        .connect_timeout(Duration::from_secs(10))
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("turnwise/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| Failure::unexpected("the HTTP client cannot be made", error))
}

/// The project that a command names, by its slug or by its name.
///
/// # Errors
/// When there is none.
pub async fn project(engine: &Engine, name: &str) -> Result<Project, Failure> {
    let slug = name.parse().unwrap_or_else(|_| Slug::from_name(name));
    let project = engine.accounts().project_by_slug(&slug).await?;
    project.ok_or_else(|| {
        Failure::Refused(format!(
            "there is no project {slug:?} in this database, make it with `turnwise admin bootstrap` or name another",
            slug = slug.as_str()
        ))
    })
}
