//! Identifiers. One type per thing, so that a session's id cannot be used where a turn's is meant.
//!
//! Things that people or the system create get a UUIDv7 from [`crate::Ambient::id`]; things that are derived from
//! what clients send (sessions, turns) get an id derived from their key, so that deriving them twice changes nothing.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is no identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a valid {what} id, expected a UUID such as 0198c0de-1111-7000-8000-000000000000")]
pub struct InvalidId {
    /// What kind of thing the id was to name.
    pub what: &'static str,
    /// The text as it was given.
    pub text: String,
}

/// What every identifier can do; lets [`crate::Ambient::id`] make any of them.
pub trait Id: Sized {
    /// Wraps a UUID that is known to name such a thing.
    fn from_uuid(uuid: Uuid) -> Self;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The underlying UUID.
            #[must_use]
            pub const fn as_uuid(&self) -> Uuid { self.0 }
        }

        impl Id for $name {
            fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{}({})", stringify!($name), self.0) }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::parse_str(text).map(Self).map_err(|_| InvalidId { what: $what, text: text.to_owned() })
            }
        }
    )*};
}

ids! {
    /// A person who can sign in.
    AccountId = "account";
    /// The unit of isolation.
    ProjectId = "project";
    /// One browser in which somebody is signed in.
    SignInId = "sign-in";
    /// An invitation to a project.
    InvitationId = "invitation";
    /// A key by which a program calls the API.
    ApiKeyId = "API key";
    /// One multi-turn conversation of one user.
    SessionId = "session";
    /// One exchange in a session.
    TurnId = "turn";
    /// A named judgement about a target.
    ScoreId = "score";
    /// An evaluator, over all its versions.
    EvaluatorId = "evaluator";
    /// A rule, over all its versions.
    RuleId = "rule";
    /// One row of the evaluation ledger.
    EvaluationId = "evaluation";
    /// A queue in which tasks wait for people.
    QueueId = "queue";
    /// A rubric, over all its versions.
    RubricId = "rubric";
    /// One target in one queue.
    TaskId = "task";
    /// A lease on a task.
    ClaimId = "claim";
    /// One reviewer's committed answers to one task.
    ReviewId = "review";
    /// A model provider's settings.
    ProviderId = "provider";
    /// A rule being applied to sessions of the past.
    BackfillId = "backfill";
    /// A running or finished export.
    ExportId = "export";
    /// A named view of the sessions list.
    SavedViewId = "view";
    /// A row of the audit log.
    AuditId = "audit entry";
    /// A piece of background work.
    WorkId = "work item";
}

impl SessionId {
    /// The id of the session that a client calls `external_id`, in this project.
    ///
    /// Derived, not drawn: two processes that see the session first at the same time agree on it.
    #[must_use]
    pub fn derive(project: ProjectId, external_id: &str) -> Self {
        Self(derived(&[b"session", project.0.as_bytes(), external_id.as_bytes()]))
    }
}

impl TurnId {
    /// The id of the turn known by `key` (a turn number, a client's turn id, a trace) in a session.
    #[must_use]
    pub fn derive(session: SessionId, key: &str) -> Self {
        Self(derived(&[b"turn", session.0.as_bytes(), key.as_bytes()]))
    }
}

impl ScoreId {
    /// The id of the score known by `key` in a project: writing it again replaces it.
    #[must_use]
    pub fn derive(project: ProjectId, key: &str) -> Self {
        Self(derived(&[b"score", project.0.as_bytes(), key.as_bytes()]))
    }
}

impl EvaluationId {
    /// The ledger row of one evaluator version on one revision of a target.
    #[must_use]
    pub fn derive(project: ProjectId, key: &str) -> Self {
        Self(derived(&[b"evaluation", project.0.as_bytes(), key.as_bytes()]))
    }
}

impl TaskId {
    /// The task of one target in one queue: routing it there twice makes one task.
    #[must_use]
    pub fn derive(queue: QueueId, key: &str) -> Self {
        Self(derived(&[b"task", queue.0.as_bytes(), key.as_bytes()]))
    }
}

impl ReviewId {
    /// The review that a claim led to: submitting it twice makes one review.
    #[must_use]
    pub fn of_claim(claim: ClaimId) -> Self {
        Self(derived(&[b"review", claim.0.as_bytes()]))
    }

    /// The review known by `key` in a project: importing it again replaces it.
    #[must_use]
    pub fn derive(project: ProjectId, key: &str) -> Self {
        Self(derived(&[b"review", project.0.as_bytes(), key.as_bytes()]))
    }
}

/// A UUIDv8 from a hash of length-prefixed parts.
fn derived(parts: &[&[u8]]) -> Uuid {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(n: u128) -> ProjectId {
        ProjectId::from_uuid(Uuid::from_u128(n))
    }

    #[test]
    fn the_same_client_id_in_two_projects_is_two_sessions() {
        assert_ne!(SessionId::derive(project(1), "chat-7"), SessionId::derive(project(2), "chat-7"));
        assert_eq!(SessionId::derive(project(1), "chat-7"), SessionId::derive(project(1), "chat-7"));
    }

    #[test]
    fn an_id_is_read_back_from_its_text_and_nothing_else() {
        let id = SessionId::derive(project(1), "chat-7");
        assert_eq!(id.to_string().parse::<SessionId>(), Ok(id));
        let error = "chat-7".parse::<SessionId>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"chat-7\" is not a valid session id, expected a UUID such as 0198c0de-1111-7000-8000-000000000000"
        );
    }
}
