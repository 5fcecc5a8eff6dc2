//! What pages and the API are given: records put together for one purpose, without anything the caller may not see.

pub mod evaluator;
pub mod export;
pub mod review;
pub mod rule;
pub mod session;
pub mod session_page;
pub mod trace;
