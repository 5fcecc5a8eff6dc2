//! What can be typed: the commands and their flags.
//!
//! Flags that are settings go into [`Flags`], which stand over `TURNWISE_*`, `turnwise.toml` and the defaults.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Serialize;
use url::Url;

use crate::config::{LogFormat, Role};
use crate::failure::EXIT_CODES;

/// The workbench where a team finds out how good its AI conversations really are.
#[derive(Debug, Parser)]
#[command(name = "turnwise", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Settings that every command takes.
    #[command(flatten)]
    pub common: CommonFlags,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the interface and the API, and do the background work
    Serve(ServeFlags),
    /// Bring the database up to date and end
    Migrate,
    /// Import files of conversations into a project; safe to run again
    Import(ImportFlags),
    /// Write sessions, turns, scores or reviews to a file, with a manifest beside it
    Export(ExportFlags),
    /// Make accounts, projects and keys from a script
    #[command(subcommand)]
    Admin(Admin),
    /// Print the OpenAPI document of the REST API
    Openapi,
    /// Serve a sample project from a folder of its own
    Demo(ServeFlags),
}

/// What is imported, and where to.
#[derive(Debug, Clone, Args)]
pub struct ImportFlags {
    /// The project, by its name in addresses; not needed with --url, where the key names it
    #[arg(long)]
    pub project: Option<String>,
    /// How the files are written
    #[arg(long, value_enum)]
    pub format: ImportFormat,
    /// Send to the server at this address instead of writing to the database
    #[arg(long, value_name = "URL", requires = "api_key")]
    pub url: Option<Url>,
    /// A key with the scope ingest, for --url
    #[arg(long, env = "TURNWISE_API_KEY", hide_env_values = true, value_name = "KEY")]
    pub api_key: Option<String>,
    /// The files; those whose names end in .gz are inflated
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// How files of conversations are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ImportFormat {
    /// JSON lines of `{session_id, messages: […]}` in OpenAI's chat format
    Messages,
    /// Trajectories of tau-bench
    TauBench,
    /// Human evaluations of MTRAG
    Mtrag,
    /// OTLP export requests, protobuf or JSON, one a file or (JSON) one a line
    Otlp,
}

/// What is exported, and where to.
#[derive(Debug, Clone, Args)]
pub struct ExportFlags {
    /// The project, by its name in addresses
    #[arg(long)]
    pub project: String,
    /// What one row is: sessions, turns, scores or reviews
    #[arg(long)]
    pub kind: turnwise_model::view::export::Kind,
    /// How the file is written: jsonl, csv or parquet; without it, as the name of the file ends
    #[arg(long)]
    pub format: Option<turnwise_model::view::export::Format>,
    /// Which sessions, in the filter language, such as "environment = production"; without it, all
    #[arg(long, value_name = "EXPR", default_value = "", hide_default_value = true)]
    pub filter: String,
    /// The file; `PATH.manifest.json` is written beside it. `-` is standard output, without a manifest
    #[arg(long, value_name = "PATH")]
    pub out: PathBuf,
}

/// What operators do without a browser.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Make an owner, a project and an API key, and print them as JSON; safe to run again
    Bootstrap {
        /// The owner's e-mail address
        #[arg(long)]
        email: String,
        /// Read the owner's password from standard input (one line)
        #[arg(long, required = true)]
        password_stdin: bool,
        /// The project's name
        #[arg(long)]
        project: String,
        /// The owner's name as others see it; without it, the address up to the @
        #[arg(long)]
        name: Option<String>,
    },
    /// Give an account a new password and sign it out everywhere
    ResetPassword {
        /// The account's e-mail address
        #[arg(long)]
        email: String,
        /// Read the new password from standard input (one line)
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

/// Settings that every command takes.
#[derive(Debug, Default, Clone, Args, Serialize)]
pub struct CommonFlags {
    /// The configuration file; without it, `turnwise.toml` in the current folder if there is one
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Where the database and other files are kept
    #[arg(long, global = true, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    /// `sqlite://PATH` or `postgres://USER:PASSWORD@HOST/NAME`; without it, SQLite in the data folder
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,
    /// How log lines are written to standard error
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_format: Option<LogFormat>,
    /// What is logged, such as `info` or `warn,turnwise_server=debug`
    #[arg(long, global = true, value_name = "FILTER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
}

/// Settings of a serving process.
#[derive(Debug, Default, Clone, Args, Serialize)]
pub struct ServeFlags {
    /// What this process does: everything, only answer requests, or only background work
    #[arg(long, value_enum)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// The address people reach this under, if not the one listened on; https:// makes cookies secure
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// How many proxies in front of this add to X-Forwarded-For
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted_proxies: Option<u8>,
}

/// The flags that were given, as one layer of the configuration.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Flags {
    /// Those of every command.
    #[serde(flatten)]
    pub common: CommonFlags,
    /// Those of serving.
    #[serde(flatten)]
    pub serve: ServeFlags,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_password_is_never_an_argument() {
        let given = Cli::try_parse_from(["turnwise", "admin", "bootstrap", "--email", "a@b.c", "--project", "P"]);
        let message = given.expect_err("the flag is required").to_string();
        assert!(message.contains("--password-stdin"), "{message}");
    }
}
