//! Who is calling, and the proof that they may: [`Caller`], [`Access`] and the reasons for a refusal.
//!
//! A service that acts takes `&Access`, which only [`crate::accounts::Accounts`] can make. So a page or a route that
//! forgets to authorise does not compile.

use turnwise_model::access::{Role, Scope};
use turnwise_model::account::Project;
use turnwise_model::{AccountId, ApiKeyId, ProjectId};

use crate::error::EngineError;

/// Who is behind a request, before anything is known about what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Nobody that is known.
    Anonymous,
    /// A person who signed in.
    Person {
        /// The person's account.
        account: AccountId,
    },
    /// A program with an API key.
    Program {
        /// The key it presented.
        key: ApiKeyId,
        /// The project that the key belongs to.
        project: ProjectId,
        /// What the key may be used for.
        scopes: Vec<Scope>,
    },
}

/// The proof that a caller may act in a project.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Access {
    /// The project.
    pub project: Project,
    /// What the caller may do there. A program counts as editor with the scope `write`, otherwise as viewer.
    pub role: Role,
    /// Who it is.
    pub caller: Caller,
}

impl Access {
    /// Refuses unless the role is at least `needed`.
    ///
    /// # Errors
    /// [`Denied::RoleTooLow`], which names both roles.
    pub fn require(&self, needed: Role) -> Result<(), Denied> {
        if self.role >= needed { Ok(()) } else { Err(Denied::RoleTooLow { needed, yours: self.role }) }
    }

    /// Refuses a program whose key lacks the scope, and a person who is no editor: what a scope stands for changes the project.
    ///
    /// # Errors
    /// [`Denied::ScopeMissing`] or [`Denied::RoleTooLow`].
    pub fn require_scope(&self, scope: Scope) -> Result<(), Denied> {
        match &self.caller {
            Caller::Program { scopes, .. } if scopes.contains(&scope) => Ok(()),
            Caller::Program { .. } => Err(Denied::ScopeMissing(scope)),
            Caller::Person { .. } => self.require(Role::Editor),
            Caller::Anonymous => Err(Denied::NotSignedIn),
        }
    }

    /// The account behind it, when a person is acting.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        match self.caller {
            Caller::Person { account } => Some(account),
            Caller::Anonymous | Caller::Program { .. } => None,
        }
    }
}

impl Access {
    /// By what name claims and reviews of the caller are kept: an account's id, or the key of a program.
    #[must_use]
    pub fn reviewer(&self) -> String {
        match &self.caller {
            Caller::Person { account } => account.to_string(),
            Caller::Program { key, .. } => format!("key:{key}"),
            Caller::Anonymous => String::new(),
        }
    }
}

/// Why somebody may not. Safe to show as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Nobody is signed in and no key was given.
    #[error("sign in first")]
    NotSignedIn,
    /// There is none, or the caller is no member of it: which of the two is not revealed.
    #[error("no such project")]
    NoSuchProject,
    /// A member, but of too low a role.
    #[error("this needs the role {needed}, yours is {yours}")]
    RoleTooLow {
        /// The role that would do.
        needed: Role,
        /// The role that the caller has.
        yours: Role,
    },
    /// No key, or a key without this scope.
    #[error("this needs an API key with the scope {0}")]
    ScopeMissing(Scope),
}

/// A refusal, or a failure on the way to a decision.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// It could not be found out.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<turnwise_store::StoreError> for AccessError {
    fn from(error: turnwise_store::StoreError) -> Self {
        Self::Engine(error.into())
    }
}
