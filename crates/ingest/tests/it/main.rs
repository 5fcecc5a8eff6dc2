//! What comes in becomes what it was: recordings of real clients, files of real conversations, and the traps of both.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod dialects;
mod generated;
mod importers;
mod properties;
mod recordings;
mod scale;
mod session_facts;
mod spans;
mod support;
mod tell;
mod turns;
mod usage;
mod wire;
