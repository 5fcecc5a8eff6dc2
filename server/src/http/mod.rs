//! What is served over HTTP, a file for each concern; [`router`] puts them together.

pub mod access;
pub mod api;
mod assets;
mod caller;
mod client_ip;
mod compression;
mod credentials;
mod csrf;
pub mod extract;
mod health;
mod limits;
mod metrics;
mod origin;
mod otlp;
mod pages;
mod panic;
pub mod problem;
mod request_id;
mod router;
mod security_headers;
mod sign_in;
mod trace;

pub use assets::Site;
pub use metrics::recorder;
pub use router::app;
pub use sign_in::COOKIE;
