//! People and the ways in, on SQLite and on PostgreSQL alike. One module per errand.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod api_keys;
mod authorise;
mod invitations;
mod members;
mod projects;
mod set_up;
mod setting;
mod sign_in;
