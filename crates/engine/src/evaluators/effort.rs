//! Counts of the ledger, added up by evaluator or by version.

use turnwise_model::Usd;
use turnwise_model::view::evaluator::Effort;
use turnwise_store::EvaluatorCounts;

/// What the rows that match took together.
pub(super) fn effort<'c>(counts: impl Iterator<Item = &'c EvaluatorCounts>) -> Effort {
    let mut effort = Effort::default();
    let (mut timed, mut latency) = (0_i64, 0.0);
    for row in counts {
        effort.states.add(row.state, row.count, row.with_reason);
        effort.cost = match (effort.cost, row.cost) {
            (Some(sum), Some(cost)) => Some(Usd(sum.0 + cost.0)),
            (known, None) | (None, known) => known,
        };
        timed += row.timed;
        latency += row.latency_ms.unwrap_or(0.0);
    }
    if timed > 0 {
        #[expect(clippy::cast_precision_loss, reason = "counts of evaluations are far below 2⁵³")]
        let timed = timed as f64;
        effort.mean_latency_ms = Some(latency / timed);
    }
    effort
}
