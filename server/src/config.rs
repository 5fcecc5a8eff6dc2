//! Settings: flags over `TURNWISE_*` in the environment over `turnwise.toml` over the defaults.
//!
//! A setting is a field of [`Config`]: its name is the key in the file, in capitals behind `TURNWISE_` the variable.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use turnwise_engine::providers::JudgeEnvironment;
use url::Url;

use crate::cli::Flags;
use crate::failure::Failure;

/// A shorter secret could be guessed.
const SHORTEST_SECRET: usize = 16;

/// The configuration file that is read when none is named.
pub const FILE: &str = "turnwise.toml";

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Answers requests and does the background work.
    All,
    /// Only answers requests.
    Api,
    /// Only does the background work; health and metrics are still served.
    Worker,
}

impl Role {
    /// Whether the interface and the API are served.
    #[must_use]
    pub const fn answers(self) -> bool {
        matches!(self, Self::All | Self::Api)
    }

    /// Whether background work is done.
    #[must_use]
    pub const fn works(self) -> bool {
        matches!(self, Self::All | Self::Worker)
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For a person at a terminal.
    Human,
    /// One JSON object a line, for log collectors.
    Json,
}

/// Who may read `/metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetricsAccess {
    /// A key with the scope read, or a program on the same machine that does not come through a proxy.
    Protected,
    /// Everyone.
    Public,
}

/// All settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What this process does.
    pub role: Role,
    /// The address to listen on, host and port.
    pub listen: String,
    /// Where the database and other files are kept.
    pub data_dir: PathBuf,
    /// The database, see [`Config::store_url`].
    pub database_url: Option<SecretString>,
    /// How many connections read at a time.
    pub max_readers: u32,
    /// The address people reach this under.
    pub public_url: Option<Url>,
    /// How many proxies in front of this add to X-Forwarded-For.
    pub trusted_proxies: u8,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// What is logged.
    pub log: String,
    /// Who may read `/metrics`.
    pub metrics: MetricsAccess,
    /// Seconds until a request that has no answer yet is given up.
    pub request_timeout_seconds: u64,
    /// Bytes that the body of an ordinary request may have.
    pub max_body_bytes: usize,
    /// Bytes that telemetry in one request may have, after inflating.
    pub max_ingest_bytes: usize,
    /// What keys of model providers are encrypted with; without it, a file in the data folder holds one.
    pub secret: Option<SecretString>,
    /// The model provider for projects that have none of their own: its address before `/chat/completions`.
    pub judge_url: Option<Url>,
    /// Its key.
    pub judge_key: Option<SecretString>,
    /// Its model.
    pub judge_model: Option<String>,
    /// How many calls to it at once.
    pub judge_concurrency: u32,
    /// Seconds that one call to it may take.
    pub judge_timeout_seconds: u32,
}

/// The values that hold when nobody says otherwise.
#[derive(Serialize)]
struct Defaults {
    role: Role,
    listen: &'static str,
    data_dir: &'static str,
    max_readers: u32,
    trusted_proxies: u8,
    log_format: LogFormat,
    log: &'static str,
    metrics: MetricsAccess,
    request_timeout_seconds: u64,
    max_body_bytes: usize,
    max_ingest_bytes: usize,
    judge_concurrency: u32,
    judge_timeout_seconds: u32,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            role: Role::All,
            listen: "127.0.0.1:4680",
            data_dir: "turnwise-data",
            max_readers: 8,
            trusted_proxies: 0,
            log_format: LogFormat::Human,
            log: "info,sqlx=warn,tower_sessions_core=error",
            metrics: MetricsAccess::Protected,
            request_timeout_seconds: 30,
            max_body_bytes: 2 * 1024 * 1024,
            max_ingest_bytes: 64 * 1024 * 1024,
            judge_concurrency: JudgeEnvironment::CONCURRENCY,
            judge_timeout_seconds: JudgeEnvironment::TIMEOUT_SECONDS,
        }
    }
}

/// The settings that the environment can give. Others are left alone: orchestrators set `TURNWISE_PORT` and the like by themselves.
const VARIABLES: &[&str] = &[
    "role",
    "listen",
    "data_dir",
    "database_url",
    "max_readers",
    "public_url",
    "trusted_proxies",
    "log_format",
    "log",
    "metrics",
    "request_timeout_seconds",
    "max_body_bytes",
    "max_ingest_bytes",
    "secret",
    "judge_url",
    "judge_key",
    "judge_model",
    "judge_concurrency",
    "judge_timeout_seconds",
];

impl Config {
    /// Reads the settings from all four places.
    ///
    /// # Errors
    /// When a value cannot be understood, naming the key and where it came from.
    pub fn load(flags: &Flags) -> Result<Self, Failure> {
        Self::load_over(Figment::from(Serialized::defaults(Defaults::default())), flags)
    }

    /// As [`Config::load`], with a data folder that holds where nobody names one.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn load_with_data_dir(flags: &Flags, data_dir: &str) -> Result<Self, Failure> {
        let defaults = Figment::from(Serialized::defaults(Defaults::default()));
        Self::load_over(defaults.merge(Serialized::default("data_dir", data_dir)), flags)
    }

    fn load_over(defaults: Figment, flags: &Flags) -> Result<Self, Failure> {
        let file = flags.common.config.as_deref();
        if let Some(named) = file.filter(|named| !named.is_file()) {
            return Err(Failure::Configuration(format!(
                "the configuration file `{}` cannot be found",
                named.display()
            )));
        }
        let file = file.unwrap_or(Path::new(FILE));
        let with_file = if file.is_file() { defaults.merge(Toml::file_exact(file)) } else { defaults };
        let config: Self = with_file
            .merge(Env::prefixed("TURNWISE_").only(VARIABLES))
            .merge(Serialized::defaults(flags))
            .extract()
            .map_err(|error| Failure::Configuration(explain(error)))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), Failure> {
        let wrong = |message: &str| Err(Failure::Configuration(message.to_owned()));
        if self.public_url.as_ref().is_some_and(|url| !matches!(url.scheme(), "http" | "https") || url.path() != "/") {
            return wrong(
                "public_url must be http:// or https:// with a host and no path, such as https://turnwise.example.com",
            );
        }
        if self.request_timeout_seconds == 0 {
            return wrong("request_timeout_seconds must be at least 1");
        }
        if self.max_readers == 0 {
            return wrong("max_readers must be at least 1");
        }
        if self.secret.as_ref().is_some_and(|secret| secret.expose_secret().trim().len() < SHORTEST_SECRET) {
            return wrong(
                "secret must have at least 16 characters that nobody can guess, such as those of `openssl rand -hex 32`",
            );
        }
        if self.judge_url.is_some() != self.judge_model.is_some() {
            return wrong("judge_url and judge_model go together: set both, or neither");
        }
        if self.judge_url.as_ref().is_some_and(|url| !matches!(url.scheme(), "http" | "https")) {
            return wrong("judge_url must be http:// or https://, such as https://api.openai.com/v1");
        }
        if !(1..=64).contains(&self.judge_concurrency) || !(1..=600).contains(&self.judge_timeout_seconds) {
            return wrong("judge_concurrency must be from 1 to 64 and judge_timeout_seconds from 1 to 600");
        }
        Ok(())
    }

    /// The database: what was configured, else a SQLite file in the data folder.
    #[must_use]
    pub fn store_url(&self) -> String {
        match &self.database_url {
            Some(url) => url.expose_secret().to_owned(),
            None => format!("sqlite://{}", self.data_dir.join("turnwise.db").display()),
        }
    }

    /// The model provider for projects that have none of their own.
    #[must_use]
    pub fn judge(&self) -> Option<JudgeEnvironment> {
        Some(JudgeEnvironment {
            url: self.judge_url.as_ref()?.to_string(),
            key: self.judge_key.clone().filter(|key| !key.expose_secret().trim().is_empty()),
            model: self.judge_model.clone()?,
            concurrency: self.judge_concurrency,
            timeout_seconds: self.judge_timeout_seconds,
        })
    }

    /// How long a request may take until its answer begins.
    #[must_use]
    pub const fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout_seconds)
    }
}

/// A line for every setting that could not be understood.
fn explain(errors: figment::Error) -> String {
    let lines: Vec<String> = errors
        .into_iter()
        .map(|error| {
            let key = error.path.join(".");
            let place = error.metadata.as_ref().map_or_else(
                || "the settings".to_owned(),
                |metadata| match &metadata.source {
                    Some(source) => format!("`{source}`"),
                    None if metadata.name.contains("environment") => "the environment".to_owned(),
                    None => "the command line".to_owned(),
                },
            );
            let problem = error.kind.to_string();
            if key.is_empty() { format!("{problem}, in {place}") } else { format!("{key}: {problem}, in {place}") }
        })
        .collect();
    lines.join("; ")
}

#[cfg(test)]
mod tests {
    use figment::Jail;

    use super::*;
    use crate::cli::{CommonFlags, ServeFlags};

    #[test]
    #[expect(clippy::result_large_err, reason = "the type is figment's")]
    fn flags_stand_over_the_environment_over_the_file_over_the_defaults() {
        Jail::expect_with(|jail| {
            jail.create_file(FILE, "listen = \"file:1\"\nmax_readers = 3\nlog = \"warn\"\n")?;
            jail.set_env("TURNWISE_LISTEN", "environment:2");
            jail.set_env("TURNWISE_LOG", "debug");
            let serve = ServeFlags { listen: Some("flag:3".into()), ..ServeFlags::default() };
            let config = Config::load(&Flags { serve, ..Flags::default() }).expect("is valid");
            assert_eq!((config.listen.as_str(), config.log.as_str(), config.max_readers), ("flag:3", "debug", 3));
            assert_eq!((config.role, config.request_timeout_seconds), (Role::All, 30));
            Ok(())
        });
    }

    #[test]
    #[expect(clippy::result_large_err, reason = "the type is figment's")]
    fn what_an_orchestrator_sets_by_itself_is_left_alone() {
        Jail::expect_with(|jail| {
            jail.set_env("TURNWISE_PORT", "tcp://10.0.0.1:80");
            assert!(Config::load(&Flags::default()).is_ok());
            Ok(())
        });
    }

    #[test]
    #[expect(clippy::result_large_err, reason = "the type is figment's")]
    fn a_mistake_is_named_with_its_place() {
        Jail::expect_with(|jail| {
            jail.create_file(FILE, "max_reader = 3\n")?;
            let message = Config::load(&Flags::default()).expect_err("is misspelt").to_string();
            assert!(message.contains("max_reader") && message.contains(FILE), "{message}");
            jail.create_file(FILE, "")?;
            jail.set_env("TURNWISE_ROLE", "boss");
            let message = Config::load(&Flags::default()).expect_err("is no role").to_string();
            assert!(
                message.contains("role") && message.contains("boss") && message.contains("environment"),
                "{message}"
            );
            Ok(())
        });
    }

    #[test]
    #[expect(clippy::result_large_err, reason = "the type is figment's")]
    fn a_named_file_must_be_there() {
        Jail::expect_with(|_| {
            let common = CommonFlags { config: Some("nowhere.toml".into()), ..CommonFlags::default() };
            let failure = Config::load(&Flags { common, ..Flags::default() }).expect_err("is missing");
            assert_eq!(failure.exit_code(), 2);
            Ok(())
        });
    }

    #[test]
    #[expect(clippy::result_large_err, reason = "the type is figment's")]
    fn the_judges_provider_is_read_from_the_environment_and_not_printed() {
        Jail::expect_with(|jail| {
            jail.set_env("TURNWISE_JUDGE_URL", "http://127.0.0.1:11434/v1");
            let message = Config::load(&Flags::default()).expect_err("has no model").to_string();
            assert!(message.contains("judge_model"), "{message}");
            jail.set_env("TURNWISE_JUDGE_MODEL", "judge-1");
            jail.set_env("TURNWISE_JUDGE_KEY", "hunter2");
            jail.set_env("TURNWISE_SECRET", "a long enough secret");
            let config = Config::load(&Flags::default()).expect("is valid");
            assert!(!format!("{config:?}").contains("hunter2") && !format!("{config:?}").contains("long enough"));
            let judge = config.judge().expect("is set");
            assert_eq!((judge.url.as_str(), judge.model.as_str()), ("http://127.0.0.1:11434/v1", "judge-1"));
            jail.set_env("TURNWISE_SECRET", "short");
            assert!(Config::load(&Flags::default()).is_err());
            Ok(())
        });
    }

    #[test]
    #[expect(clippy::result_large_err, reason = "the type is figment's")]
    fn the_password_of_the_database_is_not_printed() {
        Jail::expect_with(|jail| {
            jail.set_env("TURNWISE_DATABASE_URL", "postgres://user:hunter2@host/name");
            let config = Config::load(&Flags::default()).expect("is valid");
            assert!(!format!("{config:?}").contains("hunter2"));
            assert_eq!(config.store_url(), "postgres://user:hunter2@host/name");
            Ok(())
        });
    }
}
