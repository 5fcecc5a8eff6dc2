//! Settings: of the project (members, API keys, model providers, the project itself) and of the viewer (appearance, account).
//!
//! A new part is a file here, a line in [`PAGES`] and a route in `app.rs`.

mod account;
mod api_keys;
mod appearance;
mod frame;
mod members;
mod project;
mod providers;

pub use account::AccountPage;
pub use api_keys::ApiKeysPage;
pub use appearance::AppearancePage;
pub use frame::{PAGES, SettingsFrame};
pub use members::MembersPage;
pub use project::ProjectPage;
pub use providers::ProvidersPage;
