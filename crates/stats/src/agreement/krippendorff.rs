//! Krippendorff's alpha: any number of raters per unit, missing values, four levels of measurement.
//! Source: Krippendorff 2011, "Computing Krippendorff's alpha-reliability".

use serde::{Deserialize, Serialize};

use super::Bootstrap;
use crate::{Interval, Undefined};

/// How far apart two values are: the square of their difference at the level of measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Categories without an order: 1 where they differ.
    Nominal,
    /// Ranks: (Σ_{g=c..k} n_g − (n_c + n_k)/2)².
    Ordinal,
    /// (c − k)².
    Interval,
    /// ((c − k) / (c + k))², of values that are not negative.
    Ratio,
}

/// Ratings prepared for alpha, so that a bootstrap need not sort them again.
#[derive(Clone, Debug)]
pub struct Reliability {
    /// The distinct values, ascending.
    values: Vec<f64>,
    /// Per unit: (index into `values`, how often), only of units with two or more ratings; others are empty.
    units: Vec<Vec<(usize, f64)>>,
}

impl Reliability {
    /// Takes one list of ratings per unit; missing ratings are simply not in it. Codes of nominal categories may be any
    /// distinct numbers.
    ///
    /// # Errors
    /// A rating that is not finite (the index is that of the unit).
    pub fn new<R: AsRef<[f64]>>(units: &[R]) -> Result<Self, Undefined> {
        if let Some(index) = units.iter().position(|unit| unit.as_ref().iter().any(|value| !value.is_finite())) {
            return Err(Undefined::NotFinite { index });
        }
        let pairable = || units.iter().map(AsRef::as_ref).filter(|unit| unit.len() >= 2);
        let mut values: Vec<f64> = pairable().flatten().copied().collect();
        values.sort_by(f64::total_cmp);
        values.dedup_by(|a, b| a == b);
        let units = units
            .iter()
            .map(|unit| {
                let unit = unit.as_ref();
                if unit.len() < 2 {
                    return Vec::new();
                }
                let mut codes: Vec<usize> =
                    unit.iter().map(|rating| values.partition_point(|value| value < rating)).collect();
                codes.sort_unstable();
                codes.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as f64)).collect()
            })
            .collect();
        Ok(Self { values, units })
    }

    /// α = 1 − D_o / D_e over all units.
    ///
    /// # Errors
    /// No unit with two ratings, one value only, or a negative value at the ratio level.
    pub fn alpha(&self, metric: Metric) -> Result<f64, Undefined> {
        self.alpha_of(0..self.units.len(), metric)
    }

    /// Alpha over the named units, each as often as it is named.
    ///
    /// # Errors
    /// Those of [`Self::alpha`].
    ///
    /// # Panics
    /// When an index is not that of a unit.
    pub fn alpha_of(&self, drawn: impl IntoIterator<Item = usize> + Clone, metric: Metric) -> Result<f64, Undefined> {
        let mut frequency = vec![0.0; self.values.len()];
        for index in drawn.clone() {
            for &(code, count) in &self.units[index] {
                frequency[code] += count;
            }
        }
        let total: f64 = frequency.iter().sum();
        if total == 0.0 {
            return Err(Undefined::NoPairs);
        }
        // Counted, not taken from the expected disagreement: rounding can leave that above 0.
        if frequency.iter().filter(|&&count| count > 0.0).count() < 2 {
            return Err(Undefined::OneCategory);
        }
        let scale = Scale::new(&self.values, &frequency, metric)?;
        let expected = scale.all_pairs(&frequency, total) / (total - 1.0);
        if expected <= 0.0 {
            return Err(Undefined::OneCategory);
        }
        let mut observed = 0.0;
        for index in drawn {
            let unit = &self.units[index];
            let ratings: f64 = unit.iter().map(|&(_, count)| count).sum();
            for (position, &(first, often)) in unit.iter().enumerate() {
                for &(second, also) in &unit[position + 1..] {
                    observed += often * also * scale.difference(first, second) / (ratings - 1.0);
                }
            }
        }
        Ok(1.0 - observed / expected)
    }
}

/// The places of the values on the scale at which their differences are taken.
struct Scale {
    metric: Metric,
    places: Vec<f64>,
}

impl Scale {
    fn new(values: &[f64], frequency: &[f64], metric: Metric) -> Result<Self, Undefined> {
        let places = match metric {
            // Σ_{g=c..k} n_g − (n_c + n_k)/2 is the difference of the two middle ranks.
            Metric::Ordinal => {
                let mut below = 0.0;
                let middle = |count: &f64| {
                    let place = below + count / 2.0;
                    below += count;
                    place
                };
                frequency.iter().map(middle).collect()
            }
            Metric::Ratio if values.first().is_some_and(|&least| least < 0.0) => {
                return Err(Undefined::OutOfRange { value: values[0], low: 0.0, high: f64::MAX });
            }
            Metric::Nominal | Metric::Interval | Metric::Ratio => values.to_vec(),
        };
        Ok(Self { metric, places })
    }

    fn difference(&self, first: usize, second: usize) -> f64 {
        let (a, b) = (self.places[first], self.places[second]);
        match self.metric {
            Metric::Nominal => f64::from(u8::from(first != second)),
            Metric::Ordinal | Metric::Interval => (a - b).powi(2),
            Metric::Ratio if a + b == 0.0 => 0.0,
            Metric::Ratio => ((a - b) / (a + b)).powi(2),
        }
    }

    /// Σ_{c<k} n_c n_k δ²(c, k).
    fn all_pairs(&self, frequency: &[f64], total: f64) -> f64 {
        match self.metric {
            Metric::Nominal => (total * total - frequency.iter().map(|count| count * count).sum::<f64>()) / 2.0,
            Metric::Ordinal | Metric::Interval => {
                let weighted = || frequency.iter().zip(&self.places);
                let centre = weighted().map(|(count, place)| count * place).sum::<f64>() / total;
                total * weighted().map(|(count, place)| count * (place - centre).powi(2)).sum::<f64>()
            }
            Metric::Ratio => {
                let mut sum = 0.0;
                for first in 0..frequency.len() {
                    for second in first + 1..frequency.len() {
                        sum += frequency[first] * frequency[second] * self.difference(first, second);
                    }
                }
                sum
            }
        }
    }
}

/// Alpha of one list of ratings per unit.
///
/// # Errors
/// Those of [`Reliability::new`] and [`Reliability::alpha`].
pub fn krippendorff_alpha<R: AsRef<[f64]>>(units: &[R], metric: Metric) -> Result<f64, Undefined> {
    Reliability::new(units)?.alpha(metric)
}

/// The percentile bootstrap interval of alpha over sessions; `session_of[i]` is the session of unit i.
///
/// # Errors
/// Those of [`krippendorff_alpha`] and of [`Bootstrap::over_sessions`].
pub fn krippendorff_alpha_interval<R: AsRef<[f64]>>(
    units: &[R],
    session_of: &[usize],
    metric: Metric,
    bootstrap: &Bootstrap,
) -> Result<Interval, Undefined> {
    crate::check::same_length(units.len(), session_of.len())?;
    let reliability = Reliability::new(units)?;
    bootstrap.over_sessions(session_of, |drawn| reliability.alpha_of(drawn.iter().copied(), metric))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four raters by twelve units, a dot where a rating is missing.
    fn units() -> Vec<Vec<f64>> {
        let raters = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."];
        (0..12)
            .map(|unit| {
                let ratings = raters.iter().filter_map(|rater| rater.chars().nth(unit)?.to_digit(10));
                ratings.map(f64::from).collect()
            })
            .collect()
    }

    #[test]
    fn four_raters_with_missing_values_at_each_level() {
        for (metric, expected) in [
            (Metric::Nominal, 0.743_421),
            (Metric::Ordinal, 0.815_388),
            (Metric::Interval, 0.849_107),
            (Metric::Ratio, 0.797_403),
        ] {
            let alpha = krippendorff_alpha(&units(), metric).unwrap();
            assert!((alpha - expected).abs() < 5e-7, "{metric:?}: {alpha}");
        }
    }

    #[test]
    fn alpha_without_pairs_or_without_variety_is_undefined() {
        assert_eq!(krippendorff_alpha(&[vec![1.0], vec![2.0]], Metric::Nominal), Err(Undefined::NoPairs));
        assert_eq!(krippendorff_alpha(&[[1.0, 1.0], [1.0, 1.0]], Metric::Interval), Err(Undefined::OneCategory));
        assert_eq!(krippendorff_alpha(&[[1.0, f64::NAN]], Metric::Interval), Err(Undefined::NotFinite { index: 0 }));
        assert!(krippendorff_alpha(&[[-1.0, 1.0], [1.0, 2.0]], Metric::Ratio).is_err());
    }

    #[test]
    fn one_value_is_one_category_even_where_its_mean_is_rounded() {
        let units = [[0.1; 3], [0.1; 3]];
        for metric in [Metric::Nominal, Metric::Ordinal, Metric::Interval, Metric::Ratio] {
            assert_eq!(krippendorff_alpha(&units, metric), Err(Undefined::OneCategory), "{metric:?}");
        }
    }

    #[test]
    fn a_session_with_many_turns_widens_the_interval() {
        // The same ratings as twelve sessions, and as three sessions of four turns that are alike.
        let (units, bootstrap) = (units(), Bootstrap::default());
        let apart: Vec<usize> = (0..12).collect();
        let interval = krippendorff_alpha_interval(&units, &apart, Metric::Ordinal, &bootstrap).unwrap();
        assert!(interval.contains(0.815_388) && interval.high <= 1.0, "{interval:?}");
        let doubled: Vec<_> = units.iter().chain(&units).collect();
        let paired: Vec<usize> = (0..24).map(|index| index % 12).collect();
        let clustered = krippendorff_alpha_interval(&doubled, &paired, Metric::Ordinal, &bootstrap).unwrap();
        let independent: Vec<usize> = (0..24).collect();
        let naive = krippendorff_alpha_interval(&doubled, &independent, Metric::Ordinal, &bootstrap).unwrap();
        assert!(clustered.width() > naive.width(), "{clustered:?} against {naive:?}");
    }
}
