//! `turnwise migrate`: brings the database up to date and ends, for those who do it apart from serving.

use crate::config::Config;
use crate::failure::Failure;
use crate::open;

/// Migrates.
///
/// # Errors
/// When the database cannot be reached or brought up to date.
pub async fn run(config: &Config) -> Result<(), Failure> {
    let store = open::store(config).await?;
    store.close().await;
    tracing::info!("the database is up to date");
    Ok(())
}
