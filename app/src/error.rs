//! What a person is told when something did not work. The one error type of all server functions.
//!
//! The engine's errors are converted here, once: a failure of ours is logged where it is converted and leaves only the
//! request's id behind, so that no text of the database ever reaches a person.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// Why a server function did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum AppError {
    /// Nobody is signed in, or no longer.
    #[error("sign in first")]
    NotSignedIn,
    /// Signed in, but not allowed; the reason may be shown.
    #[error("{reason}")]
    Denied {
        /// What would be needed.
        reason: String,
    },
    /// There is no such thing, or the caller may not know of it.
    #[error("there is no such {what}")]
    NotFound {
        /// What was looked for, such as "project".
        what: String,
    },
    /// What was entered cannot be used.
    #[error("{message}")]
    Invalid {
        /// The form field that is meant; empty when it is none in particular.
        field: String,
        /// What is wrong with it and what would be right.
        message: String,
    },
    /// What was asked for contradicts what is already there.
    #[error("{message}")]
    Conflict {
        /// What contradicts what.
        message: String,
    },
    /// Too often in too short a time.
    #[error("too many attempts, try again in {seconds} s")]
    TooMany {
        /// Seconds until it makes sense to try again.
        seconds: u32,
    },
    /// The server could not be reached.
    #[error("the server cannot be reached, check the connection and try again")]
    Unreachable,
    /// It is our fault. The log knows more, under this id.
    #[error("something went wrong on the server; its log knows more under request {request}")]
    Internal {
        /// The request's id; empty when it has none.
        request: String,
    },
}

impl AppError {
    /// Something entered in `field` cannot be used.
    pub fn invalid(field: &str, message: impl ToString) -> Self {
        Self::Invalid { field: field.to_owned(), message: message.to_string() }
    }

    /// Something entered in a row of a field cannot be used: `strata[0].rate` is row 1 of the field `strata`, and
    /// `audit.rate` belongs to the field `audit`.
    #[must_use]
    pub fn in_row(field: &str, reason: &str) -> Self {
        let (name, rest) = field.split_at(field.find(['[', '.']).unwrap_or(field.len()));
        let row: Option<usize> = rest.strip_prefix('[').and_then(|rest| rest.split(']').next()?.parse().ok());
        match row {
            Some(row) => Self::invalid(name, format!("row {}: {reason}", row + 1)),
            None => Self::invalid(name, reason),
        }
    }

    /// There is no such thing; on the server the answer's status says so too.
    #[must_use]
    pub fn no_such(what: &str) -> Self {
        let error = Self::NotFound { what: what.to_owned() };
        #[cfg(feature = "ssr")]
        let error = error.answered();
        error
    }

    /// What is to be shown under the form field `field`.
    #[must_use]
    pub fn under(&self, field: &str) -> Option<String> {
        match self {
            Self::Invalid { field: meant, message } if meant == field => Some(sentence(message)),
            _ => None,
        }
    }

    /// The message as a person reads it: with a capital letter and a full stop.
    #[must_use]
    pub fn sentence(&self) -> String {
        sentence(&self.to_string())
    }

    /// The HTTP status that says the same.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::NotSignedIn => 401,
            Self::Denied { .. } => 403,
            Self::NotFound { .. } => 404,
            Self::Invalid { .. } => 422,
            Self::Conflict { .. } => 409,
            Self::TooMany { .. } => 429,
            Self::Unreachable => 503,
            Self::Internal { .. } => 500,
        }
    }
}

/// `the name is empty` → `The name is empty.`
pub(crate) fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let mut text: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let error = match error {
            ServerFnErrorErr::Request(_) => Self::Unreachable,
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Self::invalid(
                "",
                "the form was incomplete or had a value that cannot be read; reload the page and try again",
            ),
            _ => Self::Internal { request: String::new() },
        };
        // What does not even reach the function has its status too.
        #[cfg(feature = "ssr")]
        let error = error.answered();
        error
    }
}

#[cfg(feature = "ssr")]
mod from_engine {
    use turnwise_engine::EngineError;
    use turnwise_engine::access::{AccessError, Denied};
    use turnwise_engine::accounts::AccountError;
    use turnwise_engine::evaluation::EvaluationError;
    use turnwise_engine::evaluators::EvaluatorSettingError;
    use turnwise_engine::exports::ExportError;
    use turnwise_engine::providers::ProviderSettingError;
    use turnwise_engine::queues::QueueError;
    use turnwise_engine::review::ReviewError;
    use turnwise_engine::rules::RuleError;
    use turnwise_engine::sessions::SessionError;

    use super::AppError;
    use crate::context::ssr::{answer_with_status, request_id};

    impl AppError {
        /// Gives the response under construction the error's status. Every refusal passes here once.
        #[must_use]
        pub fn answered(self) -> Self {
            answer_with_status(self.status());
            self
        }

        /// A failure of ours: logged here, and nowhere else.
        pub(crate) fn internal(error: &dyn std::error::Error) -> Self {
            let request = request_id();
            tracing::error!(%request, %error, "a server function failed");
            Self::Internal { request }.answered()
        }
    }

    impl From<Denied> for AppError {
        fn from(denied: Denied) -> Self {
            match denied {
                Denied::NotSignedIn => Self::NotSignedIn,
                Denied::NoSuchProject => Self::NotFound { what: "project".to_owned() },
                Denied::RoleTooLow { .. } | Denied::ScopeMissing(_) => Self::Denied { reason: denied.to_string() },
            }
            .answered()
        }
    }

    impl From<AccessError> for AppError {
        fn from(error: AccessError) -> Self {
            match error {
                AccessError::Denied(denied) => denied.into(),
                AccessError::Engine(error) => error.into(),
            }
        }
    }

    impl From<AccountError> for AppError {
        fn from(error: AccountError) -> Self {
            use AccountError as E;
            match error {
                E::Email(_) | E::EmailTaken => Self::invalid("email", error),
                E::Name { what, .. } => Self::invalid(if what == "the project" { "project" } else { "name" }, error),
                E::PasswordTooShort { .. } | E::PasswordTooLong { .. } => Self::invalid("password", error),
                E::WrongPassword => Self::invalid("old", error),
                E::NoScopes => Self::invalid("scopes", error),
                E::WrongCredentials => Self::invalid("", error),
                E::TooManyAttempts { retry_after } => {
                    Self::TooMany { seconds: u32::try_from(retry_after.as_secs()).unwrap_or(u32::MAX).max(1) }
                }
                E::AlreadySetUp | E::InvitationGone | E::LastOwner => Self::Conflict { message: error.to_string() },
                E::NotAnOwner => Self::Denied { reason: error.to_string() },
                E::NoSuchAccount => Self::NotSignedIn,
                E::NoAccountWithAddress(_) => Self::NotFound { what: "account".to_owned() },
                E::NoSuchMember => Self::NotFound { what: "member".to_owned() },
                E::NoSuchInvitation => Self::NotFound { what: "invitation".to_owned() },
                E::NoSuchApiKey => Self::NotFound { what: "API key".to_owned() },
                E::Denied(denied) => return denied.into(),
                E::Engine(error) => return error.into(),
            }
            .answered()
        }
    }

    impl From<RuleError> for AppError {
        fn from(error: RuleError) -> Self {
            use RuleError as E;
            match error {
                E::Field { field, reason } => Self::in_row(&field, &reason),
                E::Filter { field, error } => Self::in_row(&field, &error.to_string()),
                E::NameTaken(_) => Self::invalid("name", error),
                E::NoSuchRule => Self::NotFound { what: "rule".to_owned() },
                E::NoSuchSession => Self::NotFound { what: "session".to_owned() },
                E::NoSuchBackfill => Self::NotFound { what: "backfill".to_owned() },
                E::Changed { .. } | E::BackfillRunning | E::Withheld => Self::Conflict { message: error.to_string() },
                E::Denied(denied) => return denied.into(),
                E::Engine(error) => return error.into(),
            }
            .answered()
        }
    }

    impl From<SessionError> for AppError {
        fn from(error: SessionError) -> Self {
            use SessionError as E;
            match error {
                E::Filter(_) | E::ScoresWithheld => Self::invalid("filter", error),
                E::Cursor(_) => Self::invalid("cursor", error),
                E::Limit { .. } => Self::invalid("limit", error),
                E::NoSuchSession(_) => Self::NotFound { what: "session".to_owned() },
                E::View(_) => Self::invalid("name", error),
                E::NoSuchTurn { .. } | E::InvalidScore { .. } => Self::invalid("", error),
                E::Denied(denied) => return denied.into(),
                E::Ingest(_) => return Self::internal(&error),
                E::Engine(error) => return error.into(),
            }
            .answered()
        }
    }

    impl From<ExportError> for AppError {
        fn from(error: ExportError) -> Self {
            use ExportError as E;
            match error {
                E::Filter(_) => Self::invalid("filter", error),
                E::Format(_) => Self::invalid("format", error),
                E::NoSuchExport => Self::NotFound { what: "export".to_owned() },
                E::NotDone(_) | E::NotRead(_) => Self::Conflict { message: error.to_string() },
                E::Denied(denied) => return denied.into(),
                E::Engine(error) => return error.into(),
            }
            .answered()
        }
    }

    impl From<QueueError> for AppError {
        fn from(error: QueueError) -> Self {
            use QueueError as E;
            match error {
                E::NoSuchQueue => Self::NotFound { what: "queue".to_owned() },
                E::NoSuchTarget { .. } => Self::invalid("targets", error),
                E::NameTaken(_) => Self::invalid("name", error),
                E::Setting { field, .. } => {
                    let field = match field {
                        "the overlap" => "overlap",
                        "the lease time" => "lease_seconds",
                        "the instructions" => "instructions",
                        _ => "name",
                    };
                    Self::invalid(field, error)
                }
                E::Rubric(_) => Self::invalid("questions", error),
                E::Denied(denied) => return denied.into(),
                E::Engine(error) => return error.into(),
            }
            .answered()
        }
    }

    impl From<EvaluatorSettingError> for AppError {
        fn from(error: EvaluatorSettingError) -> Self {
            use EvaluatorSettingError as E;
            if let Some(field) = error.field() {
                return Self::invalid(field, error).answered();
            }
            match error {
                E::Denied(denied) => return denied.into(),
                E::Engine(error) => return error.into(),
                E::Archived => Self::Conflict { message: error.to_string() },
                E::NoSuchSession(_) => Self::invalid("session", error),
                _ => Self::NotFound { what: "evaluator".to_owned() },
            }
            .answered()
        }
    }

    impl From<ProviderSettingError> for AppError {
        fn from(error: ProviderSettingError) -> Self {
            use ProviderSettingError as E;
            match error {
                E::Setting { field, .. } => Self::invalid(field, error),
                E::KeyNeededAgain => Self::invalid("key", error),
                E::NoSuchProvider => Self::NotFound { what: "provider".to_owned() },
                E::NoSecret => Self::Conflict { message: error.to_string() },
                E::Denied(denied) => return denied.into(),
                E::Engine(error) => return error.into(),
            }
            .answered()
        }
    }

    impl From<EvaluationError> for AppError {
        fn from(error: EvaluationError) -> Self {
            use EvaluationError as E;
            match error {
                E::NoSuchSession(_) => Self::NotFound { what: "session".to_owned() },
                E::NoSuchEvaluator(_) => Self::NotFound { what: "evaluator".to_owned() },
                E::TooMany { .. } => Self::invalid("", error),
                E::Denied(denied) => return denied.into(),
                E::Engine(error) => return error.into(),
            }
            .answered()
        }
    }

    impl From<ReviewError> for AppError {
        fn from(error: ReviewError) -> Self {
            use ReviewError as E;
            match error {
                E::NoSuchQueue => Self::NotFound { what: "queue".to_owned() },
                E::NoSuchTask => Self::NotFound { what: "task".to_owned() },
                E::NoSuchClaim | E::ClaimLapsed | E::TaskFull | E::AlreadyReviewed | E::NotUndoable => {
                    Self::Conflict { message: error.to_string() }
                }
                E::Invalid(invalid) => Self::invalid(&invalid.key, invalid.problem),
                E::Denied(denied) => return denied.into(),
                E::Engine(error) => return error.into(),
            }
            .answered()
        }
    }

    impl From<EngineError> for AppError {
        fn from(error: EngineError) -> Self {
            Self::internal(&error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_stands_under_the_field_it_means_and_no_other() {
        let error = AppError::invalid("email", "\"ada\" is not an e-mail address");
        assert_eq!(error.under("email").as_deref(), Some("\"ada\" is not an e-mail address."));
        assert_eq!(error.under("name"), None);
    }

    #[test]
    fn an_error_in_a_row_names_it() {
        assert_eq!(AppError::in_row("strata[1].rate", "no").under("strata").as_deref(), Some("Row 2: no."));
        assert_eq!(AppError::in_row("audit.rate", "no").under("audit").as_deref(), Some("No."));
        assert_eq!(AppError::in_row("filter", "no").under("filter").as_deref(), Some("No."));
    }

    #[test]
    fn a_message_is_read_as_a_sentence() {
        assert_eq!(AppError::NotSignedIn.sentence(), "Sign in first.");
        assert_eq!(AppError::invalid("name", "what is it called?").sentence(), "What is it called?");
    }

    #[test]
    fn an_error_survives_the_way_to_the_browser() {
        let errors = [
            AppError::NotSignedIn,
            AppError::NotFound { what: "project".into() },
            AppError::invalid("email", "no"),
            AppError::TooMany { seconds: 30 },
            AppError::Internal { request: "r-1".into() },
        ];
        for error in errors {
            assert_eq!(AppError::de(error.ser()), error);
        }
    }

    #[test]
    fn what_the_framework_says_is_not_shown() {
        let error = AppError::from_server_fn_error(ServerFnErrorErr::ServerError("select * from accounts".into()));
        assert!(!error.to_string().contains("select"));
    }
}
