//! What comes in becomes what it was: recordings of real clients, files of real conversations, and the traps of both.

mod importers;
mod properties;
mod recordings;
mod scale;
mod spans;
mod support;
mod traps;
