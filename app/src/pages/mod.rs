//! The pages, one file each. A page composes components and calls server functions; it decides nothing.

mod evaluators;
mod exports;
mod home;
mod invitation;
mod parts;
mod projects;
pub mod queues;
mod review;
mod rules;
mod session;
mod sessions;
pub mod settings;
mod setup;
mod sign_in;

pub use evaluators::{EvaluatorPage, EvaluatorsPage};
pub use exports::ExportsPage;
pub use home::{Home, ProjectHome, SettingsHome};
pub use invitation::InvitationPage;
pub use parts::{Page, Part, load_for};
pub use projects::ProjectsPage;
pub use review::{ReviewPage, Transit};
pub use rules::{RulePage, RulesPage};
pub use session::SessionPage;
pub use sessions::SessionsPage;
pub use setup::SetupPage;
pub use sign_in::SignInPage;
