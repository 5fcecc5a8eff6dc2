//! Whether a judge's confidence can be believed, and what may be decided by it.

mod alt_test;
mod auto_accept;
mod calibrator;
mod ece;
mod isotonic;
mod platt;

pub use alt_test::{Alignment, AltTest, AltTestResult, HumanComparison, alt_test};
pub use auto_accept::{AutoAccept, Basis, Step, auto_accept, least_labels_without_errors};
pub use calibrator::{Calibrator, ISOTONIC_FROM, cross_fitted};
pub use ece::{Bin, brier_score, expected_calibration_error, reliability_bins};
pub use isotonic::{Isotonic, pool_adjacent_violators};
pub use platt::Platt;
