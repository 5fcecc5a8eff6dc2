//! Who is sampled, with which probability, and what the sample says about the population.

mod cluster;
mod hajek;
mod horvitz_thompson;
mod neyman;
mod poisson;
mod reservoir;
mod threshold;

pub use cluster::{SessionTotals, turn_rate};
pub use hajek::{hajek_mean, kish_effective_size};
pub use horvitz_thompson::{horvitz_thompson_mean, horvitz_thompson_total};
pub use neyman::{Stratum, neyman_allocation, whole_allocation};
pub use poisson::{sequential_poisson, size_proportional};
pub use reservoir::{Triage, weighted_reservoir};
pub use threshold::{RANDOMNESS_BITS, independent_stages, keep, nested_stages, threshold, uniform};
