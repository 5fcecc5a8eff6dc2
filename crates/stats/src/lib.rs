//! Agreement, sampling, estimation and calibration: pure maths on slices, no IO, builds for wasm.
//! The sampling unit is the session. A quantity that cannot be computed is an [`Undefined`] with its reason, never 0, 1
//! or NaN; nothing here returns a number that is not finite.
//!
//! To add a statistic: one new file in the module it belongs to, one line in that module's list, and a test that
//! reproduces a published value to the digits its source prints.

pub mod agreement;
pub mod calibration;
mod check;
pub mod correlation;
pub mod estimation;
mod interval;
pub mod pass_k;
pub mod sampling;
pub mod survival;
mod undefined;

pub use interval::{Estimate, Interval, LEVEL, normal_quantile};
pub use undefined::{Needed, Undefined};
