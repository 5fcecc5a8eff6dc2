//! Drop-off: the Kaplan-Meier curve of sessions over turns. Sessions that are still open are right-censored.
//! Sources: Kaplan, Meier 1958; Greenwood's variance on the log-minus-log scale.

use serde::{Deserialize, Serialize};

use crate::interval::z95;
use crate::{Interval, Undefined};

/// One session: how many turns it has, and whether it ended there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Turns seen.
    pub turns: u32,
    /// Whether the session ended after them; false while it is open.
    pub ended: bool,
}

/// The curve just after one number of turns.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The number of turns.
    pub turn: u32,
    /// Sessions known to have reached it.
    pub at_risk: usize,
    /// Sessions that ended there.
    pub ended: usize,
    /// Sessions that are still open there.
    pub censored: usize,
    /// The share of sessions that go beyond it.
    pub survival: f64,
    /// Its 95 % interval; `None` where the share is 0 or 1, which has no spread to go by.
    pub interval: Option<Interval>,
}

/// One step for each number of turns at which a session ended or is open, ascending.
///
/// # Errors
/// No sessions.
pub fn kaplan_meier(sessions: &[Observation]) -> Result<Vec<Step>, Undefined> {
    if sessions.is_empty() {
        return Err(Undefined::Empty);
    }
    let mut ordered = sessions.to_vec();
    ordered.sort_by_key(|session| session.turns);
    let mut at_risk = ordered.len();
    let (mut survival, mut greenwood) = (1.0, 0.0);
    let mut steps = Vec::new();
    for group in ordered.chunk_by(|a, b| a.turns == b.turns) {
        let ended = group.iter().filter(|session| session.ended).count();
        if ended == at_risk {
            survival = 0.0;
        } else if ended > 0 {
            survival *= 1.0 - ended as f64 / at_risk as f64;
            greenwood += ended as f64 / (at_risk as f64 * (at_risk - ended) as f64);
        }
        steps.push(Step {
            turn: group[0].turns,
            at_risk,
            ended,
            censored: group.len() - ended,
            survival,
            interval: log_log_interval(survival, greenwood),
        });
        at_risk -= group.len();
    }
    Ok(steps)
}

/// The least number of turns beyond which at most half of the sessions go; `None` while more than half still do.
#[must_use]
pub fn median_turns(steps: &[Step]) -> Option<u32> {
    steps.iter().find(|step| step.survival <= 0.5).map(|step| step.turn)
}

fn log_log_interval(survival: f64, greenwood: f64) -> Option<Interval> {
    if !(survival > 0.0 && survival < 1.0) {
        return None;
    }
    let reach = z95() * greenwood.sqrt() / survival.ln().abs();
    Some(Interval { low: survival.powf(reach.exp()), high: survival.powf((-reach).exp()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions(ended: &[u32], open: &[u32]) -> Vec<Observation> {
        let of =
            |turns: &[u32], ended| turns.iter().map(move |&turns| Observation { turns, ended }).collect::<Vec<_>>();
        [of(ended, true), of(open, false)].concat()
    }

    #[test]
    fn the_remission_times_of_freireich() {
        // 6-MP arm of Freireich et al. 1963, the textbook case: S(6) = .857, S(7) = .807, S(10) = .753, S(13) = .690,
        // S(16) = .627, S(22) = .538, S(23) = .448.
        let observed = sessions(&[6, 6, 6, 7, 10, 13, 16, 22, 23], &[6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]);
        let steps = kaplan_meier(&observed).unwrap();
        for (turn, survival) in
            [(6, 0.857), (7, 0.807), (10, 0.753), (13, 0.690), (16, 0.627), (22, 0.538), (23, 0.448)]
        {
            let step = steps.iter().find(|step| step.turn == turn).unwrap();
            assert!((step.survival - survival).abs() < 5e-4, "{step:?}");
            assert!(step.interval.unwrap().contains(step.survival));
        }
        assert_eq!(median_turns(&steps), Some(23));
    }

    #[test]
    fn an_open_session_does_not_count_as_lost() {
        let steps = kaplan_meier(&sessions(&[2], &[1, 3])).unwrap();
        let curve: Vec<_> = steps.iter().map(|step| (step.turn, step.at_risk, step.survival)).collect();
        assert_eq!(curve, [(1, 3, 1.0), (2, 2, 0.5), (3, 1, 0.5)]);
        assert_eq!(steps[0].interval, None);
    }

    #[test]
    fn the_curve_ends_at_zero_when_all_have_ended() {
        let steps = kaplan_meier(&sessions(&[1, 2], &[])).unwrap();
        assert_eq!(steps[1].survival, 0.0);
        assert_eq!(steps[1].interval, None);
        assert_eq!(kaplan_meier(&[]), Err(Undefined::Empty));
        assert_eq!(median_turns(&kaplan_meier(&sessions(&[], &[1, 2])).unwrap()), None);
    }
}
