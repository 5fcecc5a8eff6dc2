//! Reads the public data sets, and the sample project, into conversations for measuring.
//! Each test binary uses a part of it.
#![allow(dead_code, clippy::allow_attributes, reason = "shared by several test binaries, each of which uses a part")]

pub mod data;
pub mod measure;
pub mod stub;
