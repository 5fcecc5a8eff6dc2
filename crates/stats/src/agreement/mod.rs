//! How far people, or a judge and people, agree beyond chance.

mod bootstrap;
mod cohen;
mod fleiss;
mod gwet;
mod krippendorff;
mod table;

pub use bootstrap::Bootstrap;
pub use cohen::{Kappa, Weights, cohen_kappa, cohen_kappa_interval};
pub use fleiss::fleiss_kappa;
pub use gwet::{PARADOX_GAP, gwet_ac1, gwet_ac1_interval, prevalence_paradox};
pub use krippendorff::{Metric, Reliability, krippendorff_alpha, krippendorff_alpha_interval};
pub use table::ConfusionTable;
