//! The REST API under `/api/v1`: one file per resource, described by what it is made of.
//!
//! To add a resource: a file here whose handlers carry `#[utoipa::path]` and take [`super::access::ProjectAccess`], and its
//! routes in [`routes`]. The document, the page to try it and the test that knocks at every route follow by themselves.

mod api_keys;
mod backfills;
mod docs;
mod evaluations;
mod evaluators;
mod exports;
mod members;
mod openapi;
pub mod page;
mod project;
mod providers;
mod queue_resource;
mod queues;
mod reviews;
mod routes;
mod rule_resource;
mod rules;
mod scores;
mod session_resource;
mod sessions;

pub use openapi::document;
pub use routes::router;
