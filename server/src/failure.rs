//! Why a command ended early: a message that says what to do next, and an exit code that scripts can tell apart.

use std::error::Error;

use turnwise_engine::EngineError;
use turnwise_store::StoreError;

/// The exit codes, as `turnwise --help` prints them.
pub const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  an unexpected failure
  2  the command line or the configuration is wrong
  3  the database cannot be reached or brought up to date
  4  refused: what was asked for is not possible as things stand
  5  the address cannot be listened on";

/// Why a command ended early.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something that should not happen.
    #[error("{doing}")]
    Unexpected {
        /// What was being done.
        doing: &'static str,
        /// What went wrong.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The command line or the configuration is wrong.
    #[error("{0}")]
    Configuration(String),
    /// The database cannot be reached or brought up to date.
    #[error("{doing}")]
    Store {
        /// What was being done.
        doing: &'static str,
        /// What the store said.
        #[source]
        source: Box<StoreError>,
    },
    /// What was asked for is not possible as things stand.
    #[error("{0}")]
    Refused(String),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}, choose another with --listen")]
    Address {
        /// The address that was asked for.
        address: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl Failure {
    /// Names what was being done when the unexpected happened.
    pub fn unexpected(doing: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unexpected { doing, source: source.into() }
    }

    /// Names what was being done when the store failed.
    #[must_use]
    pub fn store(doing: &'static str, source: StoreError) -> Self {
        Self::Store { doing, source: Box::new(source) }
    }

    /// The process's exit code, see [`EXIT_CODES`].
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Unexpected { .. } => 1,
            Self::Configuration(_) => 2,
            Self::Store { .. } => 3,
            Self::Refused(_) => 4,
            Self::Address { .. } => 5,
        }
    }

    /// The message with its causes, a line each, for stderr.
    #[must_use]
    pub fn report(&self) -> String {
        let mut report = format!("error: {self}");
        let mut cause = self.source();
        while let Some(error) = cause {
            report.push_str(&format!("\n  because: {error}"));
            cause = error.source();
        }
        report
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        Self::unexpected("the engine failed", error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_every_cause() {
        let failure = Failure::Address { address: "1.2.3.4:80".into(), source: std::io::Error::other("not ours") };
        assert_eq!(
            failure.report(),
            "error: cannot listen on 1.2.3.4:80, choose another with --listen\n  because: not ours"
        );
        assert_eq!(failure.exit_code(), 5);
    }
}
