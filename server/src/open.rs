//! Opens what commands work on: the data folder, the database, the engine.

use std::fs;

use turnwise_engine::{Engine, EngineConfig, ambient_os};
use turnwise_model::access::Slug;
use turnwise_model::account::Project;
use turnwise_store::{Store, StoreConfig};

use crate::config::Config;
use crate::failure::Failure;

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
    Ok(Engine::start(EngineConfig::default(), store, ambient_os::ambient()).await?)
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
