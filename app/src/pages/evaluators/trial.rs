//! What came of trying an evaluator: verdicts with the passages they rest on, or the reason why there is none.

use leptos::prelude::*;
use turnwise_model::score::Evidence;
use turnwise_model::view::evaluator::{Trial, Verdict};

use crate::components::{Badge, BadgeTone};
use crate::error::sentence;
use crate::state::figures::{duration, usd};
use crate::state::project::use_project;

/// The result.
#[component]
pub fn TrialResult(
    /// What came.
    trial: Trial,
) -> impl IntoView {
    let project = use_project();
    let session = trial.session;
    let mut facts = vec![duration(trial.latency_ms)];
    facts.extend(trial.cost.map(|cost| usd(cost.0)));
    facts.extend(trial.model);
    let verdicts = trial.verdicts.into_iter().map(verdict).collect_view();
    let reason = trial.reason.map(|reason| {
        let (tone, word) = if trial.failed { (BadgeTone::Fail, "failed") } else { (BadgeTone::Plain, "no score") };
        view! { <p class="trial__reason"><Badge tone>{word}</Badge> {sentence(&reason)}</p> }
    });
    view! {
        <div class="trial__result" data-testid="trial">
            {reason}
            <ol class="trial__verdicts">{verdicts}</ol>
            <p class="person__detail">
                {facts.join(" · ")} " · "
                <a href=move || project.address(&format!("sessions/{session}"))>"open the session"</a>
            </p>
        </div>
    }
    .into_any()
}

fn verdict(verdict: Verdict) -> AnyView {
    let of = verdict.position.map_or_else(|| "Session".to_owned(), |position| format!("Turn {position}"));
    let (tone, word) = if verdict.passed { (BadgeTone::Pass, "passes") } else { (BadgeTone::Fail, "fails") };
    let value = (verdict.value * 100.0).round() / 100.0;
    // The session's verdict holds the evidence of all turns; a turn repeats only its own.
    let evidence = verdict.evidence.into_iter().map(passage).collect_view();
    view! {
        <li class="trial__verdict">
            <p class="trial__head"><strong>{of}</strong> <span class="trial__value">{value}</span> <Badge tone>{word}</Badge></p>
            {verdict.explanation.map(|text| view! { <p>{sentence(&text)}</p> })}
            <ul class="trial__evidence">{evidence}</ul>
        </li>
    }
    .into_any()
}

fn passage(evidence: Evidence) -> AnyView {
    let place = format!("turn {}, {}", evidence.position, evidence.part);
    view! {
        <li>
            {(!evidence.quote.is_empty()).then(|| view! { <q class="trial__quote">{evidence.quote}</q> })}
            <span class="person__detail">{place} {evidence.note.map(|note| format!(": {note}"))}</span>
        </li>
    }
    .into_any()
}
