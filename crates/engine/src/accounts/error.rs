//! Why something about accounts could not be done. All but the last kind are safe to show as they are.

use std::time::Duration;

use turnwise_model::access::{Email, InvalidEmail};
use turnwise_store::StoreError;

use crate::access::Denied;
use crate::error::EngineError;

/// A refusal that the person can do something about, or a failure of the engine.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Somebody has set up this installation before.
    #[error("this installation has an owner already, sign in instead")]
    AlreadySetUp,
    /// Not an e-mail address.
    #[error(transparent)]
    Email(#[from] InvalidEmail),
    /// A name that is empty or too long.
    #[error("give {what} a name of 1 to {longest} characters")]
    Name {
        /// What the name is for: `the project`.
        what: &'static str,
        /// The longest allowed, in characters.
        longest: usize,
    },
    /// A password that is too easy to guess.
    #[error("choose a password of at least {shortest} characters")]
    PasswordTooShort {
        /// The shortest allowed, in characters.
        shortest: usize,
    },
    /// A password so long that hashing it would be an attack.
    #[error("choose a password of at most {longest} characters")]
    PasswordTooLong {
        /// The longest allowed, in characters.
        longest: usize,
    },
    /// No such address, or the wrong password: which of the two is not revealed.
    #[error("the e-mail address or the password is wrong")]
    WrongCredentials,
    /// The old password, asked for when changing it, is wrong.
    #[error("the current password is wrong")]
    WrongPassword,
    /// Too many attempts to sign in.
    #[error("too many attempts, try again in {} s", retry_after.as_secs().max(1))]
    TooManyAttempts {
        /// When the next attempt is allowed.
        retry_after: Duration,
    },
    /// The address belongs to an account.
    #[error("there is an account with this e-mail address, sign in and open the link again")]
    EmailTaken,
    /// Used, withdrawn, expired, or never made.
    #[error("this invitation was used, withdrawn or has expired, ask for a new one")]
    InvitationGone,
    /// Nobody would be left to manage the project.
    #[error("a project needs an owner, make somebody else an owner first")]
    LastOwner,
    /// Only owners of some project may make another.
    #[error("only people who own a project can create another, ask an owner")]
    NotAnOwner,
    /// No such account: it was signed in a moment ago and is gone.
    #[error("this account does not exist any more, sign in again")]
    NoSuchAccount,
    /// No account has this address. Only said to an operator.
    #[error("there is no account with the address {0}")]
    NoAccountWithAddress(Email),
    /// Not a member of this project.
    #[error("no such member")]
    NoSuchMember,
    /// No open invitation of this project.
    #[error("no such invitation")]
    NoSuchInvitation,
    /// No working key of this project.
    #[error("no such API key")]
    NoSuchApiKey,
    /// A key that could do nothing.
    #[error("choose at least one scope for the key")]
    NoScopes,
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// It failed. The text is for the log, not for a person.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<StoreError> for AccountError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}
