//! Why a quantity has no value. Each reason says what is missing, so that a page can show it in place of a number.

use serde::{Deserialize, Serialize};

/// What there were too few of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Needed {
    /// Human labels.
    Labels,
    /// Items scored by the judge and not labelled by a person.
    UnlabelledItems,
    /// Sessions.
    Sessions,
    /// Rating categories.
    Categories,
    /// People who rate.
    Humans,
    /// Items that one person rated together with somebody else.
    ItemsPerHuman,
    /// Trials of one task.
    Trials,
    /// Labels that say yes.
    PositiveLabels,
    /// Labels that say no.
    NegativeLabels,
    /// Places in a sample.
    Places,
}

impl std::fmt::Display for Needed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Labels => "human labels",
            Self::UnlabelledItems => "judged items without a label",
            Self::Sessions => "sessions",
            Self::Categories => "categories",
            Self::Humans => "people",
            Self::ItemsPerHuman => "items per person rated together with somebody else",
            Self::Trials => "trials per task",
            Self::PositiveLabels => "positive labels",
            Self::NegativeLabels => "negative labels",
            Self::Places => "places in the sample",
        })
    }
}

/// The reason why a quantity is undefined.
#[derive(Clone, Debug, PartialEq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Undefined {
    /// There is no item at all.
    #[error("there is nothing to compute from yet; wait for the first items or widen the filter")]
    Empty,
    /// No item was rated twice, so agreement cannot be observed.
    #[error("no item carries two ratings; raise the overlap so that people rate the same items")]
    NoPairs,
    /// Only one category was ever used, so chance alone explains all agreement.
    #[error("every rating is the same, so agreement beyond chance has no meaning; rate items that differ")]
    OneCategory,
    /// A spread is needed and there is none.
    #[error("all {count} values are {value}, so their spread is unknown; collect more labels")]
    NoVariation {
        /// The value that all share, which is still the best guess of the mean.
        value: f64,
        /// How many there are.
        count: usize,
    },
    /// Too few of something.
    #[error("{have} {what} where at least {need} are needed; collect more")]
    TooFew {
        /// What is missing.
        what: Needed,
        /// How many there are.
        have: usize,
        /// How many there must be.
        need: usize,
    },
    /// Two slices that describe the same items have different lengths.
    #[error("{left} values stand against {right}; give one for each item")]
    LengthMismatch {
        /// The length of the first.
        left: usize,
        /// The length of the second.
        right: usize,
    },
    /// A value is infinite or not a number.
    #[error("the value at position {index} is not a finite number; leave it out")]
    NotFinite {
        /// The 0-based position.
        index: usize,
    },
    /// A value lies outside its range.
    #[error("{value} lies outside {low} to {high}; rescale it")]
    OutOfRange {
        /// The value.
        value: f64,
        /// The least that is allowed.
        low: f64,
        /// The most that is allowed.
        high: f64,
    },
    /// An item of the sample has no positive inclusion probability.
    #[error(
        "the item at position {index} has no inclusion probability, so there is no population figure; \
         sample it by a rule with a rate above zero"
    )]
    NoInclusionProbability {
        /// The 0-based position.
        index: usize,
    },
    /// Part of the population can never be sampled, or the labels have no known design.
    #[error(
        "part of the population had no chance to be labelled, so there is no population figure; add an audit arm with a \
         rate above zero"
    )]
    NoPopulationFigure,
    /// Items were rated by different numbers of people where the statistic needs the same number.
    #[error("the item at position {index} has {have} ratings where the others have {need}; use Krippendorff's alpha")]
    UnequalRaters {
        /// The 0-based position.
        index: usize,
        /// Its number of ratings.
        have: u64,
        /// The number of ratings of the first item.
        need: u64,
    },
    /// The judge's sensitivity and specificity add up to one or less.
    #[error(
        "the judge is no better than chance (sensitivity {sensitivity:.3}, specificity {specificity:.3}), so its rate \
         cannot be corrected; improve the judge"
    )]
    NoBetterThanChance {
        /// Estimated sensitivity.
        sensitivity: f64,
        /// Estimated specificity.
        specificity: f64,
    },
    /// The statistic was undefined in most of the bootstrap's resamples.
    #[error("the figure is undefined in {undefined} of {resamples} resamples; collect more sessions")]
    Unstable {
        /// Resamples without a value.
        undefined: usize,
        /// All resamples.
        resamples: usize,
    },
    /// The grid of a fixed-sequence test does not descend.
    #[error("the grid of confidences must descend strictly; fix it before the labels are seen")]
    GridNotDescending,
}
