//! People and the ways in. One file per errand; [`Accounts`] is the service that all of them extend.

mod api_keys;
mod audit;
mod authorise;
mod error;
mod invitations;
mod members;
mod password;
mod profile;
mod projects;
mod rate_limit;
mod recover;
mod secret;
mod service;
mod set_up;
mod sign_in;
mod sweep;
mod wording;

pub(crate) use audit::{Actor, Change};
pub use error::AccountError;
pub use service::Accounts;
pub use sweep::SweepSignIns;
pub use wording::MINIMUM_PASSWORD_LENGTH;
