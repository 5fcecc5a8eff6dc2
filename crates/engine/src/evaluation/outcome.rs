//! What an answer means for the ledger: done, tried again, waiting for somebody, or failed. An error never is a score.

use std::time::Duration;

use turnwise_evaluators::judge::ProviderError;
use turnwise_evaluators::{EvaluatorError, Outcome as Evaluated, Verdict};
use turnwise_model::evaluation::{Evaluation, State};
use turnwise_model::{Ambient, Micros, Usd};
use turnwise_store::{ClaimedEvaluation, Outcome};

use super::run::Run;
use crate::background::Backoff;

/// After so many attempts a row has failed.
const ATTEMPTS: i64 = 6;
/// The same for a provider that only asks for patience.
const PATIENT_ATTEMPTS: i64 = 60;
/// The longest that a provider's wish to be left alone is granted.
const LONGEST_REST: Duration = Duration::from_secs(60 * 60);
/// The waits between attempts where the provider says nothing.
const BACKOFF: Backoff = Backoff { first: Duration::from_secs(4), longest: Duration::from_secs(10 * 60) };

/// A row with what became of it, to be written.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) claimed: ClaimedEvaluation,
    pub(super) outcome: Outcome,
    pub(super) verdicts: Verdicts,
}

/// The scores that go with an outcome.
#[derive(Debug)]
pub(super) enum Verdicts {
    /// These, by the turns as the evaluator saw them.
    Given { verdicts: Vec<Verdict>, turns: Vec<(u32, turnwise_model::TurnId)>, score_name: String },
    /// Those of this earlier row, whose input was the same.
    Earlier(Box<Evaluation>),
    /// There are none, and earlier ones do not count any more.
    None,
    /// Nothing was found out: what there is stays as it is.
    Unknown,
}

impl Finished {
    /// A row that ends, or waits, without having been evaluated.
    pub(super) fn without(claimed: ClaimedEvaluation, state: State, reason: String, now: Micros) -> Self {
        let outcome = Outcome {
            state,
            reason: Some(reason),
            cost: None,
            latency_ms: None,
            input_hash: String::new(),
            due_at: now,
        };
        Self { claimed, outcome, verdicts: Verdicts::Unknown }
    }
}

/// How long a provider that refused wants to be left alone.
pub(super) fn rest(run: &Run) -> Option<Duration> {
    match run {
        Err(EvaluatorError::Provider(ProviderError::RateLimited { retry_after: Some(wait) })) => {
            Some((*wait).min(LONGEST_REST))
        }
        _ => None,
    }
}

/// What the answer means for the row.
pub(super) fn outcome(run: &Run, attempts: i64, took_ms: i64, input_hash: String, ambient: &Ambient) -> Outcome {
    let now = ambient.now();
    let done = |reason, usage: &turnwise_evaluators::Usage| Outcome {
        state: State::Done,
        reason,
        // A check calls nobody and costs nothing.
        cost: if usage.calls == 0 { Some(Usd(0.0)) } else { usage.cost },
        latency_ms: usage.latency_ms.or(Some(took_ms)),
        input_hash: input_hash.clone(),
        due_at: now,
    };
    let error = match run {
        Ok(Evaluated::Scored(scored)) => return done(None, &scored.usage),
        Ok(Evaluated::Abstained(abstained)) => return done(Some(abstained.reason.clone()), &abstained.usage),
        Err(error) => error,
    };
    let patient = matches!(error, EvaluatorError::Provider(ProviderError::RateLimited { .. }));
    let most = if patient { PATIENT_ATTEMPTS } else { ATTEMPTS };
    let reason = error.to_string();
    let (state, reason, due_at) = if error.pauses() {
        (State::Paused, reason, now)
    } else if error.is_retryable() && attempts < most {
        let failures = u32::try_from(attempts).unwrap_or(1);
        let wait = rest(run).unwrap_or_else(|| BACKOFF.delay(failures, ambient));
        (State::Queued, reason, now + wait)
    } else if error.is_retryable() {
        (State::Failed, format!("given up after {attempts} attempts: {reason}"), now)
    } else {
        (State::Failed, reason, now)
    };
    Outcome { state, reason: Some(reason), cost: None, latency_ms: Some(took_ms), input_hash, due_at }
}
