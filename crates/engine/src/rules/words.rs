//! The sentences in which a person is told what became of a session at a rule.

use turnwise_model::evaluation::{Evaluation, State};
use turnwise_model::view::rule::Fate;

/// What a row of the ledger says.
pub(super) fn of_row(row: &Evaluation) -> (Fate, String) {
    let reason = row.reason.as_deref().filter(|reason| !reason.is_empty());
    match row.state {
        State::SampledOut => (Fate::SampledOut, "The rule's draw did not take this session.".to_owned()),
        State::Capped => {
            (Fate::Capped, sentence("It was left out by a cap", reason.or(Some("the rule's cap was reached"))))
        }
        State::Queued if row.attempts > 0 => {
            let tries = if row.attempts == 1 { "one attempt".to_owned() } else { format!("{} attempts", row.attempts) };
            (Fate::Queued, sentence(&format!("It waits to be tried again after {tries}"), reason))
        }
        State::Queued => (Fate::Queued, "It waits for its turn to be evaluated.".to_owned()),
        State::Running => (Fate::Running, "It is being evaluated now.".to_owned()),
        State::Done => match reason {
            None => (Fate::Done, "It was evaluated.".to_owned()),
            Some(_) => (Fate::Done, sentence("It was evaluated and there is no score", reason)),
        },
        State::Failed => {
            let tries = if row.attempts == 1 { "one attempt".to_owned() } else { format!("{} attempts", row.attempts) };
            (Fate::Failed, sentence(&format!("It failed after {tries} and was given up"), reason))
        }
        State::Paused => (Fate::Paused, sentence("It waits for somebody to act", reason)),
    }
}

/// `It waits: no provider.`
fn sentence(what: &str, reason: Option<&str>) -> String {
    match reason {
        Some(reason) => format!("{what}: {}.", reason.trim_end_matches('.')),
        None => format!("{what}."),
    }
}

/// A probability as a percentage: `20 %`, `0.5 %`.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 0.01 {
        return "less than 0.01 %".to_owned();
    }
    let rounded = if percent >= 10.0 { percent.round() } else { (percent * 100.0).round() / 100.0 };
    format!("{rounded} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_as_percentages() {
        let shown: Vec<String> = [1.0, 0.2, 0.005, 0.3333, 1e-9].iter().map(|share| percent(*share)).collect();
        assert_eq!(shown, ["100 %", "20 %", "0.5 %", "33 %", "less than 0.01 %"]);
    }

    #[test]
    fn a_reason_ends_in_one_full_stop() {
        assert_eq!(sentence("It failed", Some("no answer.")), "It failed: no answer.");
        assert_eq!(sentence("It failed", None), "It failed.");
    }
}
