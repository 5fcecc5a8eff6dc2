//! What unit tests cannot show: published figures from real data, coverage of the intervals, and invariants.

mod coverage;
mod invariants;
mod real_data;
