//! turnwise
fn main() {}
