//! The rate of something per turn where sessions, not turns, were sampled: turns of one session are not independent.

use serde::{Deserialize, Serialize};

use crate::{Estimate, Undefined, check};

/// What one sampled session adds to a turn rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionTotals {
    /// The session's inclusion probability π, in (0, 1].
    pub inclusion: f64,
    /// Y: the turns that count, or the sum of a turn score.
    pub events: f64,
    /// M: all turns that were scored.
    pub turns: f64,
}

/// R̂ = Σ wY / Σ wM with w = 1/π, and V = Σ (1 − π)/π² (Y − R̂M)² / (Σ wM)².
///
/// # Errors
/// No session, no turn, a number that is not finite, an inclusion probability outside (0, 1], or a sample that is no
/// census and shows no variance between sessions.
pub fn turn_rate(sessions: &[SessionTotals]) -> Result<Estimate, Undefined> {
    let numbers = |pick: fn(&SessionTotals) -> f64| sessions.iter().map(pick).collect::<Vec<_>>();
    check::finite(&numbers(|session| session.events))?;
    check::finite(&numbers(|session| session.turns))?;
    check::inclusion(sessions.iter().map(|session| session.inclusion))?;
    if let Some(session) = sessions.iter().find(|session| session.turns < 0.0) {
        return Err(Undefined::OutOfRange { value: session.turns, low: 0.0, high: f64::MAX });
    }
    let turns: f64 = sessions.iter().map(|session| session.turns / session.inclusion).sum();
    if turns <= 0.0 {
        return Err(Undefined::Empty);
    }
    let rate = sessions.iter().map(|session| session.events / session.inclusion).sum::<f64>() / turns;
    let variance = sessions
        .iter()
        .map(|session| {
            let residual = beyond_rounding(session.events, rate * session.turns);
            (1.0 - session.inclusion) / session.inclusion.powi(2) * residual * residual
        })
        .sum::<f64>()
        / (turns * turns);
    if variance <= 0.0 && sessions.iter().any(|session| session.inclusion < 1.0) {
        return Err(Undefined::NoVariation { value: rate, count: sessions.len() });
    }
    Ok(Estimate::normal(rate, variance.sqrt()))
}

/// The difference, or 0 where it is no more than what rounding leaves: sessions that all have the same rate show no variance.
fn beyond_rounding(left: f64, right: f64) -> f64 {
    let difference = left - right;
    if difference.abs() <= 1e-12 * (left.abs() + right.abs()) { 0.0 } else { difference }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_sessions() {
        let sessions = [(0.5, 2.0, 10.0), (0.1, 0.0, 5.0), (0.2, 1.0, 4.0), (0.5, 3.0, 12.0)]
            .map(|(inclusion, events, turns)| SessionTotals { inclusion, events, turns });
        let estimate = turn_rate(&sessions).unwrap();
        assert!((estimate.value - 0.131_579).abs() < 5e-7);
        assert!((estimate.standard_error - 0.061_037).abs() < 5e-7);
    }

    #[test]
    fn sessions_without_turns_have_no_rate() {
        assert_eq!(turn_rate(&[]), Err(Undefined::Empty));
        let empty = SessionTotals { inclusion: 0.5, events: 0.0, turns: 0.0 };
        assert_eq!(turn_rate(&[empty]), Err(Undefined::Empty));
    }

    #[test]
    fn sessions_that_are_all_alike_show_no_variance() {
        let alike = [(0.3, 0.7), (0.3, 1.4)].map(|(inclusion, events)| SessionTotals {
            inclusion,
            events,
            turns: events * 10.0,
        });
        assert!(matches!(turn_rate(&alike), Err(Undefined::NoVariation { count: 2, .. })));
    }
}
