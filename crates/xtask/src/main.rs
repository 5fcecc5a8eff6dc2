//! `cargo xtask …`: everything one does with the project besides writing it. Start with `cargo xtask help`.
//!
//! A command lives in `commands/`, what it needs on the machine in `setup/`, the browser half in `client/` and
//! `site/`, the rules that only automation can hold in `gates/`. A new command is one file and one line in `cli.rs`.

mod cli;
mod client;
mod commands;
mod fingerprint;
mod gates;
mod place;
mod process;
mod say;
mod setup;
mod site;

use std::process::ExitCode;

use cli::Command;
use place::Place;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            say::failure(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let command = cli::parse(arguments)?;
    if let Command::Help(text) = command {
        println!("{text}");
        return Ok(ExitCode::SUCCESS);
    }
    let place = Place::find()?;
    match command {
        Command::Help(_) => Ok(ExitCode::SUCCESS),
        Command::Demo(options) => commands::demo::run(&place, &options),
        Command::Dev(options) => commands::dev::run(&place, &options),
        Command::Build { release } => commands::build::run(&place, release),
        Command::Test { what, options } => commands::test::run(&place, what, &options),
        Command::Bench(options) => commands::bench::run(&place, &options),
        Command::Check => commands::check::run(&place),
        Command::Size => commands::size::run(&place),
    }
}
