//! Opens what commands work on: the data folder, the database, the engine.

use std::fs;

use turnwise_engine::{Engine, EngineConfig, ambient_os};
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
