//! Bringing in what people judged elsewhere: their answers become reviews in a queue that is done.

mod labels;
mod rubric;
mod service;

pub use labels::{HumanLabels, LabelsImported};
pub use service::Imports;
