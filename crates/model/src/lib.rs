//! The words of Turnwise as types: what DESIGN calls a session, a turn, a score, a rule, a task.
//!
//! No IO and no ambient state: the crate builds for the browser as well as for the server.
//! Time, randomness and new ids come from [`Ambient`], which every service is handed.

pub mod access;
pub mod account;
pub mod ambient;
pub mod assembly;
pub mod conversation;
pub mod evaluation;
pub mod filter;
pub mod id;
pub mod page;
pub mod quantity;
pub mod queue;
pub mod rubric;
pub mod rule;
pub mod sampling;
pub mod score;
pub mod telemetry;
pub mod time;
pub mod view;

pub use ambient::{Ambient, Clock, Entropy};
pub use id::*;
pub use quantity::{Probability, Usd};
pub use time::{Micros, Nanos};
