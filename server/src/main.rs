//! The `turnwise` binary: reads the command line, runs the command, says in its exit code how it went.

use std::process::ExitCode;

use clap::Parser;
use turnwise_server::{cli::Cli, commands};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", failure.report());
            ExitCode::from(failure.exit_code())
        }
    }
}
