//! The percentile bootstrap over sessions: whole sessions are drawn with replacement, so that turns of one session stay
//! together. Seeded, so that the same data always give the same interval.

use std::collections::BTreeMap;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{Interval, LEVEL, Needed, Undefined};

/// How to resample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// How many resamples, B.
    pub resamples: usize,
    /// The seed of the generator (ChaCha8).
    pub seed: u64,
    /// The confidence level, in (0, 1).
    pub level: f64,
}

impl Default for Bootstrap {
    /// B = 2000 at 95 %.
    fn default() -> Self {
        Self { resamples: 2000, seed: 0x7475_726e_7769_7365, level: LEVEL }
    }
}

impl Bootstrap {
    /// The percentile interval of `statistic`, which is given the indices of the items drawn, an item as often as its
    /// session was drawn. `session_of[i]` names the session of item i; any numbers will do.
    ///
    /// # Errors
    /// Fewer than two sessions, or a statistic that is undefined on all items (its own reason) or on more than half of
    /// the resamples. Resamples on which it is undefined are otherwise left out.
    pub fn over_sessions(
        &self,
        session_of: &[usize],
        mut statistic: impl FnMut(&[usize]) -> Result<f64, Undefined>,
    ) -> Result<Interval, Undefined> {
        let all: Vec<usize> = (0..session_of.len()).collect();
        statistic(&all)?;
        crate::check::within(self.level, f64::EPSILON, 1.0 - f64::EPSILON)?;
        let mut by_session: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (item, &session) in session_of.iter().enumerate() {
            by_session.entry(session).or_default().push(item);
        }
        let sessions: Vec<Vec<usize>> = by_session.into_values().collect();
        if sessions.len() < 2 {
            return Err(Undefined::TooFew { what: Needed::Sessions, have: sessions.len(), need: 2 });
        }

        let mut generator = ChaCha8Rng::seed_from_u64(self.seed);
        let mut drawn = Vec::with_capacity(session_of.len());
        let mut values = Vec::with_capacity(self.resamples);
        for _ in 0..self.resamples {
            drawn.clear();
            for _ in 0..sessions.len() {
                drawn.extend_from_slice(&sessions[generator.random_range(0..sessions.len())]);
            }
            values.extend(statistic(&drawn).ok().filter(|value| value.is_finite()));
        }
        if values.len() * 2 <= self.resamples {
            let undefined = self.resamples - values.len();
            return Err(Undefined::Unstable { undefined, resamples: self.resamples });
        }
        values.sort_by(f64::total_cmp);
        let tail = (1.0 - self.level) / 2.0;
        Ok(Interval { low: quantile(&values, tail), high: quantile(&values, 1.0 - tail) })
    }
}

/// The quantile of ascending values, linear between neighbours (type 7 of Hyndman and Fan).
fn quantile(ascending: &[f64], probability: f64) -> f64 {
    let place = probability * (ascending.len() - 1) as f64;
    let below = ascending[place.floor() as usize];
    let above = ascending[place.ceil() as usize];
    below + (above - below) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_of(values: &[f64]) -> impl FnMut(&[usize]) -> Result<f64, Undefined> {
        move |drawn| Ok(drawn.iter().map(|&index| values[index]).sum::<f64>() / drawn.len() as f64)
    }

    #[test]
    fn the_mean_of_many_values_has_the_normal_interval() {
        let values: Vec<f64> = (0..400).map(|index| f64::from(index % 20)).collect();
        let sessions: Vec<usize> = (0..400).collect();
        let interval = Bootstrap::default().over_sessions(&sessions, mean_of(&values)).unwrap();
        let reach = 1.96 * 33.25_f64.sqrt() / 20.0;
        assert!((interval.low - (9.5 - reach)).abs() < 0.08, "{interval:?}");
        assert!((interval.high - (9.5 + reach)).abs() < 0.08, "{interval:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_interval_and_another_seed_another() {
        let values: Vec<f64> = (0..50).map(|index| f64::from(index * index % 17)).collect();
        let sessions: Vec<usize> = (0..50).collect();
        let run = |seed| Bootstrap { seed, ..Bootstrap::default() }.over_sessions(&sessions, mean_of(&values));
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }

    #[test]
    fn one_session_has_no_interval() {
        let undefined = Bootstrap::default().over_sessions(&[7, 7, 7], mean_of(&[1.0, 2.0, 3.0]));
        assert_eq!(undefined, Err(Undefined::TooFew { what: Needed::Sessions, have: 1, need: 2 }));
    }

    #[test]
    fn a_statistic_that_mostly_fails_has_no_interval() {
        let mut calls = 0;
        let mostly = |_: &[usize]| {
            calls += 1;
            if calls % 3 == 1 { Ok(1.0) } else { Err(Undefined::NoPairs) }
        };
        let outcome = Bootstrap::default().over_sessions(&[0, 1], mostly);
        assert!(matches!(outcome, Err(Undefined::Unstable { resamples: 2000, .. })), "{outcome:?}");
    }

    #[test]
    fn quantiles_lie_between_neighbours() {
        assert_eq!(quantile(&[0.0, 10.0], 0.25), 2.5);
        assert_eq!(quantile(&[4.0], 0.975), 4.0);
    }
}
