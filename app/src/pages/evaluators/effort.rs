//! What evaluations took and what became of them, in few words.

use leptos::prelude::*;
use turnwise_model::view::evaluator::{Effort, StateCounts};

use crate::components::{Badge, BadgeTone};
use crate::state::figures::{count, duration, usd};

/// The states that rows are in, each with its count; what nobody has is left out.
pub fn states(states: StateCounts) -> AnyView {
    let told = [
        (states.scored, "scored", BadgeTone::Pass),
        (states.without_score, "without a score", BadgeTone::Plain),
        (states.running, "running", BadgeTone::Accent),
        (states.queued, "queued", BadgeTone::Accent),
        (states.paused, "paused", BadgeTone::Warn),
        (states.failed, "failed", BadgeTone::Fail),
        (states.capped, "capped", BadgeTone::Plain),
        (states.sampled_out, "sampled out", BadgeTone::Plain),
    ];
    let told: Vec<AnyView> = told
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, word, tone)| view! { <Badge tone>{format!("{} {word}", count(number))}</Badge> }.into_any())
        .collect();
    if told.is_empty() {
        return view! { <span class="nothing">"nothing yet"</span> }.into_any();
    }
    view! { <span class="badges">{told}</span> }.into_any()
}

/// The cost, or a dash where none is known.
pub fn cost(effort: &Effort) -> String {
    effort.cost.map_or_else(|| "–".to_owned(), |cost| usd(cost.0))
}

/// The mean latency, or a dash where none is known.
pub fn latency(effort: &Effort) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a mean")]
    effort.mean_latency_ms.map_or_else(|| "–".to_owned(), |mean| duration(mean.round() as i64))
}
