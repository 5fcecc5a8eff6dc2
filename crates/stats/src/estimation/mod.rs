//! Population figures from human labels and the judge's scores together.

mod active;
mod choose;
mod labels;
mod ppi;
mod rogan_gladen;
mod stratified;
mod wilson;

pub use active::{active_mean, active_probabilities};
pub use choose::{Choice, Estimator, LabelDesign, Situation, Target, choose};
pub use labels::{effective_labels, labels_for_half_width};
pub use ppi::{Lambda, PpiEstimate, ppi_mean, tuned_lambda};
pub use rogan_gladen::{Diagnostic, rogan_gladen};
pub use stratified::{PpiStratum, stratified_ppi};
pub use wilson::wilson;
