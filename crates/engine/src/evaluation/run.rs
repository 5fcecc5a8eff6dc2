//! Running one evaluator on one conversation: the whole at once, or turn by turn where it judges turns.

use turnwise_evaluators::{Abstained, Context, Evaluator, EvaluatorError, Outcome, Scored, Usage};
use turnwise_model::conversation::Conversation;
use turnwise_model::evaluation::Granularity;

/// What came of running an evaluator.
pub(crate) type Run = Result<Outcome, EvaluatorError>;

/// Runs it. One that judges turns is asked about each; if one of them fails, all fail, so that no half is written.
pub(crate) async fn run(evaluator: &dyn Evaluator, conversation: &Conversation, granularity: Granularity) -> Run {
    if granularity == Granularity::Session || !evaluator.definition().needs_provider {
        let outcome = evaluator.evaluate(conversation, Context::SESSION).await?;
        return Ok(only(outcome, granularity));
    }
    let mut all = Scored::default();
    let mut without = None;
    for turn in &conversation.turns {
        match evaluator.evaluate(conversation, Context::turn(turn.position)).await? {
            Outcome::Scored(scored) => {
                add(&mut all.usage, scored.usage);
                all.verdicts.extend(scored.verdicts);
                all.exchange = scored.exchange;
            }
            Outcome::Abstained(abstained) => {
                add(&mut all.usage, abstained.usage.clone());
                without.get_or_insert(abstained);
            }
        }
    }
    if all.verdicts.is_empty() {
        let reason = without.map_or_else(|| "there is no turn".to_owned(), |abstained| abstained.reason);
        return Ok(Outcome::Abstained(Abstained { reason, usage: all.usage, exchange: None }));
    }
    Ok(Outcome::Scored(all))
}

/// Only the verdicts that were asked for: a check on turns says nothing about the session.
pub(super) fn only(outcome: Outcome, granularity: Granularity) -> Outcome {
    match (outcome, granularity) {
        (Outcome::Scored(mut scored), Granularity::Turn) => {
            scored.verdicts.retain(|verdict| verdict.position.is_some());
            if scored.verdicts.is_empty() {
                return Outcome::Abstained(Abstained {
                    reason: "there is no turn that could be judged".to_owned(),
                    usage: scored.usage,
                    exchange: scored.exchange,
                });
            }
            Outcome::Scored(scored)
        }
        (outcome, _) => outcome,
    }
}

fn add(sum: &mut Usage, more: Usage) {
    sum.tokens = if sum.calls == 0 { more.tokens } else { sum.tokens.plus(more.tokens) };
    sum.cost = match (sum.cost, more.cost) {
        (Some(known), Some(cost)) => Some(known + cost),
        (None, cost) if sum.calls == 0 => cost,
        // One call without a price makes the sum unknown.
        _ => None,
    };
    sum.latency_ms = match (sum.latency_ms, more.latency_ms) {
        (Some(known), Some(latency)) => Some(known.saturating_add(latency)),
        (known, None) | (None, known) => known,
    };
    sum.calls += more.calls;
    sum.model = more.model.or(sum.model.take());
}
