//! The alternative annotator test: may a judge stand in for people? Each person is left out in turn, and judge and person are
//! compared by how well they agree with the others. Source: Calderon, Reichart, Dror 2025.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::{Needed, Undefined, check};

/// How agreement with the remaining people is measured on one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alignment {
    /// The share of them who gave the same category.
    Categories,
    /// The negative root mean square difference to them.
    Numbers,
}

/// The settings of the test.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AltTest {
    /// How agreement is measured.
    pub alignment: Alignment,
    /// ε: what the judge's lower cost is worth; .2 against experts, .15 skilled people, .1 a crowd.
    pub epsilon: f64,
    /// The false discovery rate over people (Benjamini-Yekutieli).
    pub false_discovery_rate: f64,
    /// The share of people that must be beaten.
    pub required_winning_rate: f64,
    /// The least number of people.
    pub least_humans: usize,
    /// The least number of items per person.
    pub least_items: usize,
}

impl AltTest {
    fn with_epsilon(alignment: Alignment, epsilon: f64) -> Self {
        Self {
            alignment,
            epsilon,
            false_discovery_rate: 0.05,
            required_winning_rate: 0.5,
            least_humans: 3,
            least_items: 30,
        }
    }

    /// Against experts, ε = .2.
    #[must_use]
    pub fn experts(alignment: Alignment) -> Self {
        Self::with_epsilon(alignment, 0.2)
    }

    /// Against skilled people, ε = .15.
    #[must_use]
    pub fn skilled(alignment: Alignment) -> Self {
        Self::with_epsilon(alignment, 0.15)
    }

    /// Against a crowd, ε = .1.
    #[must_use]
    pub fn crowd(alignment: Alignment) -> Self {
        Self::with_epsilon(alignment, 0.1)
    }
}

/// The judge against one person.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HumanComparison {
    /// Items that the person, the judge and somebody else rated.
    pub items: usize,
    /// The share of items on which the judge agrees at least as well with the others.
    pub judge_advantage: f64,
    /// The share on which the person does.
    pub human_advantage: f64,
    /// Of the one-sided t-test of mean(human − judge) < ε.
    pub p_value: f64,
    /// Whether the judge beats the person after the correction for several people.
    pub beaten: bool,
}

/// The outcome of the test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AltTestResult {
    /// One for each person, in the order given.
    pub humans: Vec<HumanComparison>,
    /// The share of people that were beaten.
    pub winning_rate: f64,
    /// The mean of the judge's advantage over people.
    pub mean_advantage: f64,
    /// Whether the judge may stand in for people.
    pub passed: bool,
}

/// `humans[j][i]` is person j's rating of item i, `judge[i]` the judge's; `None` where there is none. Categories are any
/// distinct numbers.
///
/// # Errors
/// Too few people, a person with too few items that somebody else rated too, different lengths, or a number that is not
/// finite.
pub fn alt_test(
    judge: &[Option<f64>],
    humans: &[Vec<Option<f64>>],
    settings: &AltTest,
) -> Result<AltTestResult, Undefined> {
    if humans.len() < settings.least_humans.max(2) {
        let need = settings.least_humans.max(2);
        return Err(Undefined::TooFew { what: Needed::Humans, have: humans.len(), need });
    }
    for ratings in humans {
        check::same_length(judge.len(), ratings.len())?;
    }
    for ratings in humans.iter().map(Vec::as_slice).chain([judge]) {
        if let Some(index) = ratings.iter().position(|rating| rating.is_some_and(|value| !value.is_finite())) {
            return Err(Undefined::NotFinite { index });
        }
    }
    let mut comparisons =
        (0..humans.len()).map(|person| compare(judge, humans, person, settings)).collect::<Result<Vec<_>, _>>()?;
    let p_values: Vec<f64> = comparisons.iter().map(|comparison| comparison.p_value).collect();
    for (comparison, beaten) in
        comparisons.iter_mut().zip(benjamini_yekutieli(&p_values, settings.false_discovery_rate))
    {
        comparison.beaten = beaten;
    }
    let people = comparisons.len() as f64;
    let winning_rate = comparisons.iter().filter(|comparison| comparison.beaten).count() as f64 / people;
    let mean_advantage = comparisons.iter().map(|comparison| comparison.judge_advantage).sum::<f64>() / people;
    let passed = winning_rate >= settings.required_winning_rate;
    Ok(AltTestResult { humans: comparisons, winning_rate, mean_advantage, passed })
}

fn compare(
    judge: &[Option<f64>],
    humans: &[Vec<Option<f64>>],
    person: usize,
    settings: &AltTest,
) -> Result<HumanComparison, Undefined> {
    let (mut differences, mut judge_wins, mut human_wins) = (Vec::new(), 0_usize, 0_usize);
    for (item, judged) in judge.iter().enumerate() {
        let (Some(judged), Some(own)) = (*judged, humans[person][item]) else {
            continue;
        };
        let others: Vec<f64> =
            (0..humans.len()).filter(|&other| other != person).filter_map(|other| humans[other][item]).collect();
        if others.is_empty() {
            continue;
        }
        let (of_judge, of_human) =
            (agreement(judged, &others, settings.alignment), agreement(own, &others, settings.alignment));
        let (judge_holds, human_holds) = (of_judge >= of_human, of_human >= of_judge);
        judge_wins += usize::from(judge_holds);
        human_wins += usize::from(human_holds);
        differences.push(f64::from(u8::from(human_holds)) - f64::from(u8::from(judge_holds)));
    }
    let (items, need) = (differences.len(), settings.least_items.max(2));
    if items < need {
        return Err(Undefined::TooFew { what: Needed::ItemsPerHuman, have: items, need });
    }
    Ok(HumanComparison {
        items,
        judge_advantage: judge_wins as f64 / items as f64,
        human_advantage: human_wins as f64 / items as f64,
        p_value: p_mean_below(&differences, settings.epsilon),
        beaten: false,
    })
}

fn agreement(rating: f64, others: &[f64], alignment: Alignment) -> f64 {
    let people = others.len() as f64;
    match alignment {
        Alignment::Categories => others.iter().filter(|&&other| other == rating).count() as f64 / people,
        Alignment::Numbers => -(others.iter().map(|other| (rating - other).powi(2)).sum::<f64>() / people).sqrt(),
    }
}

/// The p-value of the one-sided t-test that the mean lies below `bound`; without variance the mean decides.
fn p_mean_below(values: &[f64], bound: f64) -> f64 {
    let mean = check::mean(values);
    let by_mean = if mean < bound { 0.0 } else { 1.0 };
    if check::constant(values) {
        return by_mean;
    }
    let freedom = (values.len() - 1) as f64;
    let standard_error = (check::squares(values) / freedom / values.len() as f64).sqrt();
    StudentsT::new(0.0, 1.0, freedom).map_or(by_mean, |t| t.cdf((mean - bound) / standard_error))
}

/// Which hypotheses are rejected at false discovery rate `rate` under any dependence. Source: Benjamini, Yekutieli 2001.
fn benjamini_yekutieli(p_values: &[f64], rate: f64) -> Vec<bool> {
    let count = p_values.len() as f64;
    let harmonic: f64 = (1..=p_values.len()).map(|i| 1.0 / i as f64).sum();
    let mut ordered = p_values.to_vec();
    ordered.sort_by(f64::total_cmp);
    let bound = ordered
        .iter()
        .enumerate()
        .rfind(|(index, p)| **p <= (index + 1) as f64 * rate / (count * harmonic))
        .map(|(_, p)| *p);
    p_values.iter().map(|p| bound.is_some_and(|bound| *p <= bound)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three people who rate 0 to 2; person 2 errs on every `errs`-th item. The judge says what person 0 says.
    fn ratings(items: usize, errs: usize) -> (Vec<Option<f64>>, Vec<Vec<Option<f64>>>) {
        let truth = |item: usize| (item % 3) as f64;
        let steady: Vec<Option<f64>> = (0..items).map(|item| Some(truth(item))).collect();
        let erring = (0..items).map(|item| Some(truth(if item % errs == 0 { item + 1 } else { item }))).collect();
        (steady.clone(), vec![steady.clone(), steady, erring])
    }

    #[test]
    fn a_judge_as_good_as_people_passes() {
        let (judge, humans) = ratings(60, 4);
        let result = alt_test(&judge, &humans, &AltTest::experts(Alignment::Categories)).unwrap();
        assert!(result.passed && result.winning_rate == 1.0, "{result:?}");
        // Against persons 0 and 1 every item is a tie: no variance, and the mean 0 < ε decides.
        assert_eq!(result.humans[0].p_value, 0.0);
        assert_eq!(result.humans[0].human_advantage, 1.0);
        assert_eq!(result.humans[2].human_advantage, 0.75);
    }

    #[test]
    fn a_judge_that_guesses_fails() {
        let (_, humans) = ratings(60, 4);
        let judge: Vec<Option<f64>> = (0..60).map(|item| Some(f64::from(item / 7 % 3))).collect();
        for alignment in [Alignment::Categories, Alignment::Numbers] {
            let result = alt_test(&judge, &humans, &AltTest::experts(alignment)).unwrap();
            assert!(!result.passed && result.winning_rate == 0.0, "{result:?}");
        }
    }

    #[test]
    fn the_t_test_has_its_tabled_values() {
        // Mean 2, standard deviation √2.5, n = 5: t = (2 − 0.5) / 0.707107 = 2.12132 with 4 degrees of freedom.
        let p = p_mean_below(&[0.0, 1.0, 2.0, 3.0, 4.0], 0.5);
        assert!((p - (1.0 - 0.050_594)).abs() < 5e-5, "{p}");
        assert_eq!((p_mean_below(&[0.3, 0.3], 0.2), p_mean_below(&[0.1, 0.1], 0.2)), (1.0, 0.0));
    }

    #[test]
    fn the_correction_for_several_people() {
        // c(4) = 25/12, so the bounds are i · .05 · 12/100 = .006, .012, .018, .024.
        assert_eq!(benjamini_yekutieli(&[0.02, 0.001, 0.013, 0.5], 0.05), [false, true, false, false]);
        assert_eq!(benjamini_yekutieli(&[0.017, 0.001, 0.013, 0.5], 0.05), [true, true, true, false]);
        assert_eq!(benjamini_yekutieli(&[0.2, 0.3], 0.05), [false, false]);
    }

    #[test]
    fn too_few_people_or_items_are_refused() {
        let (judge, humans) = ratings(29, 4);
        let refused = alt_test(&judge, &humans, &AltTest::crowd(Alignment::Categories));
        assert_eq!(refused, Err(Undefined::TooFew { what: Needed::ItemsPerHuman, have: 29, need: 30 }));
        let refused = alt_test(&judge, &humans[..2], &AltTest::skilled(Alignment::Categories));
        assert_eq!(refused, Err(Undefined::TooFew { what: Needed::Humans, have: 2, need: 3 }));
    }
}
