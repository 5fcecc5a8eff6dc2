//! Picks the command, reads its settings, and gives it a runtime.

use std::future::Future;

use super::{admin, demo, export, import, migrate, openapi, serve};
use crate::cli::{Cli, Command, Flags, ServeFlags};
use crate::config::Config;
use crate::failure::Failure;
use crate::logs;

/// The data folder of `turnwise demo`, apart from that of `turnwise serve`.
const DEMO_DATA_DIR: &str = "turnwise-demo";

/// Runs the command to its end.
///
/// # Errors
/// Why it ended early.
pub fn run(cli: Cli) -> Result<(), Failure> {
    let flags = |serve: ServeFlags| Flags { common: cli.common.clone(), serve };
    match cli.command {
        Command::Openapi => openapi::run(),
        Command::Migrate => {
            let config = settled(Config::load(&flags(ServeFlags::default())))?;
            on_runtime(migrate::run(&config))
        }
        Command::Admin(command) => {
            let config = settled(Config::load(&flags(ServeFlags::default())))?;
            on_runtime(admin::run(&config, command))
        }
        Command::Import(flags_of_import) => {
            let config = settled(Config::load(&flags(ServeFlags::default())))?;
            on_runtime(import::run(&config, flags_of_import))
        }
        Command::Export(flags_of_export) => {
            let config = settled(Config::load(&flags(ServeFlags::default())))?;
            on_runtime(export::run(&config, flags_of_export))
        }
        Command::Serve(serve) => {
            let config = settled(Config::load(&flags(serve)))?;
            on_runtime(serve::run(&config))
        }
        Command::Demo(serve) => {
            let config = settled(Config::load_with_data_dir(&flags(serve), DEMO_DATA_DIR))?;
            on_runtime(demo::run(&config))
        }
    }
}

/// Starts logging as soon as it is known how.
fn settled(config: Result<Config, Failure>) -> Result<Config, Failure> {
    let config = config?;
    logs::start(&config)?;
    Ok(config)
}

fn on_runtime(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unexpected("the asynchronous runtime cannot start", error))?;
    let result = runtime.block_on(command);
    // What still runs off the async threads was given its time by the command.
    runtime.shutdown_background();
    result
}
