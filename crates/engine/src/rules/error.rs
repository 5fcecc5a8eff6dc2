//! Why something about rules could not be done. Safe to show, but for [`RuleError::Engine`].

use turnwise_model::filter::FilterError;
use turnwise_store::StoreError;

use crate::access::Denied;
use crate::error::EngineError;

/// A refusal that the person can do something about, or a failure of the engine.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such rule in this project.
    #[error("no such rule")]
    NoSuchRule,
    /// No such session in this project.
    #[error("no such session")]
    NoSuchSession,
    /// No such backfill in this project.
    #[error("no such backfill")]
    NoSuchBackfill,
    /// Two rules of one name.
    #[error("there is a rule named {0:?} already, choose another name")]
    NameTaken(String),
    /// Somebody else saved the rule in the meantime.
    #[error("the rule was changed in the meantime, it is at version {current} now; reload it and change it again")]
    Changed {
        /// Its version now.
        current: i64,
    },
    /// The caller may not know scores yet, nor what would come of them.
    #[error("what rules find is withheld as long as tasks of a blind queue wait for you")]
    Withheld,
    /// One backfill of a rule at a time.
    #[error("a backfill of this rule is under way, wait for it or cancel it first")]
    BackfillRunning,
    /// A filter cannot be understood; it says where.
    #[error("{field}: {error}")]
    Filter {
        /// Which field holds it: `filter`, or `strata[0].filter`.
        field: String,
        /// What is wrong with it.
        error: Box<FilterError>,
    },
    /// A field cannot be used.
    #[error("{field}: {reason}")]
    Field {
        /// Which field.
        field: String,
        /// What is wrong with it and what would be right.
        reason: String,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl RuleError {
    pub(super) fn filter(field: impl Into<String>, error: FilterError) -> Self {
        Self::Filter { field: field.into(), error: Box::new(error) }
    }

    pub(super) fn field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Field { field: field.into(), reason: reason.into() }
    }
}

impl From<StoreError> for RuleError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}
