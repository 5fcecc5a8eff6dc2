//! One file per command; [`run`] picks it.

mod admin;
mod demo;
mod export;
mod import;
mod migrate;
mod openapi;
mod run;
mod serve;

pub use run::run;
