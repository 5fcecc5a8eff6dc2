//! Which estimator a situation calls for, and why, in words for the estimate card.

use serde::{Deserialize, Serialize};

use crate::Undefined;

/// How the human labels came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelDesign {
    /// A simple random sample of the target.
    Uniform,
    /// A simple random sample within each stratum of the target.
    Stratified,
    /// A probability sample of the target with different, known π, such as rule-flagged items with an audit arm.
    Unequal,
    /// Enriched with the cases of interest, not a probability sample of the target.
    Enriched,
    /// Of another period than the target.
    OtherPeriod,
    /// Chosen by people or by a rule without an audit arm: part of the target had π = 0.
    Unknown,
}

/// What the figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A mean or a share.
    Mean,
    /// A number of sessions, or a mean over a population of known size.
    Total,
}

/// What there is to estimate from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Situation {
    /// How the labels came about.
    pub labels: LabelDesign,
    /// Whether a judge scored the target.
    pub judge: bool,
    /// What is wanted.
    pub target: Target,
}

/// The estimators of this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Estimator {
    /// [`super::ppi_mean`].
    Ppi,
    /// [`super::stratified_ppi`].
    StratifiedPpi,
    /// [`super::active_mean`].
    Active,
    /// [`super::rogan_gladen()`].
    RoganGladen,
    /// [`crate::sampling::horvitz_thompson_mean`].
    HorvitzThompson,
    /// [`crate::sampling::hajek_mean`].
    Hajek,
}

impl Estimator {
    /// The name to show.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ppi => "PPI++",
            Self::StratifiedPpi => "stratified PPI++",
            Self::Active => "active inference",
            Self::RoganGladen => "Rogan-Gladen",
            Self::HorvitzThompson => "Horvitz-Thompson",
            Self::Hajek => "Hájek",
        }
    }
}

/// An estimator and the reason for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What to compute.
    pub estimator: Estimator,
    /// Why, as a sentence without a full stop.
    pub why: &'static str,
}

/// Labels that are a probability sample of the target go into PPI++ (stratified if the design is, corrected by π if it is
/// unequal); enriched labels or those of another period only validate the judge (Rogan-Gladen); without a judge the labels
/// alone are weighted by 1/π.
///
/// # Errors
/// No inclusion probability, or labels that could only validate a judge where there is none:
/// [`Undefined::NoPopulationFigure`].
pub fn choose(situation: Situation) -> Result<Choice, Undefined> {
    let (estimator, why) = match (situation.labels, situation.judge) {
        (LabelDesign::Unknown, _) | (LabelDesign::Enriched | LabelDesign::OtherPeriod, false) => {
            return Err(Undefined::NoPopulationFigure);
        }
        (LabelDesign::Enriched, true) => {
            (Estimator::RoganGladen, "the labels are enriched, so they only validate the judge")
        }
        (LabelDesign::OtherPeriod, true) => {
            (Estimator::RoganGladen, "the labels are of another period, so they only validate the judge")
        }
        (LabelDesign::Uniform, true) => {
            (Estimator::Ppi, "the labels are a random sample, and the judge scored the rest")
        }
        (LabelDesign::Stratified, true) => (Estimator::StratifiedPpi, "the labels are a random sample of each stratum"),
        (LabelDesign::Unequal, true) => (Estimator::Active, "the labels were drawn with unequal known probabilities"),
        (LabelDesign::Uniform | LabelDesign::Stratified | LabelDesign::Unequal, false) => match situation.target {
            Target::Mean => (Estimator::Hajek, "without a judge, each label counts for 1/π items"),
            Target::Total => {
                (Estimator::HorvitzThompson, "without a judge, each label counts for 1/π items of a known number")
            }
        },
    };
    Ok(Choice { estimator, why })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(labels: LabelDesign, judge: bool) -> Result<Estimator, Undefined> {
        choose(Situation { labels, judge, target: Target::Mean }).map(|choice| choice.estimator)
    }

    #[test]
    fn a_probability_sample_with_a_judge_goes_into_ppi() {
        assert_eq!(chosen(LabelDesign::Uniform, true), Ok(Estimator::Ppi));
        assert_eq!(chosen(LabelDesign::Stratified, true), Ok(Estimator::StratifiedPpi));
        assert_eq!(chosen(LabelDesign::Unequal, true), Ok(Estimator::Active));
    }

    #[test]
    fn labels_that_do_not_stand_for_the_target_validate_the_judge() {
        assert_eq!(chosen(LabelDesign::Enriched, true), Ok(Estimator::RoganGladen));
        assert_eq!(chosen(LabelDesign::OtherPeriod, true), Ok(Estimator::RoganGladen));
        assert_eq!(chosen(LabelDesign::Enriched, false), Err(Undefined::NoPopulationFigure));
    }

    #[test]
    fn without_a_judge_labels_are_weighted() {
        assert_eq!(chosen(LabelDesign::Unequal, false), Ok(Estimator::Hajek));
        let total = Situation { labels: LabelDesign::Uniform, judge: false, target: Target::Total };
        assert_eq!(choose(total).map(|choice| choice.estimator), Ok(Estimator::HorvitzThompson));
    }

    #[test]
    fn without_inclusion_probabilities_there_is_no_population_figure() {
        for judge in [false, true] {
            assert_eq!(chosen(LabelDesign::Unknown, judge), Err(Undefined::NoPopulationFigure));
        }
    }
}
