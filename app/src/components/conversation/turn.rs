//! One turn: what the user said, the work it caused, what the assistant answered, what went wrong, how it was scored.

use leptos::prelude::*;
use turnwise_model::conversation::{Turn, TurnError};
use turnwise_model::score::{Part, Score};

use super::documents::RetrievalLine;
use super::passages::Passage;
use super::said::Said;
use super::tools::ToolLine;
use crate::components::icon::{Icon, IconName};
use crate::components::score_chip::ScoreChip;
use crate::state::figures::{duration, plural, tokens, usd};

/// The turn's id on the page, which is also its anchor.
#[must_use]
pub fn anchor(position: u32) -> String {
    format!("turn-{position}")
}

/// A turn.
#[component]
pub fn TurnView(
    /// The turn.
    turn: Turn,
    /// Scores of it; none where they are withheld.
    scores: Vec<Score>,
    /// Passages of it that are to be marked.
    passages: Vec<Passage>,
    /// How many of its steps are not told.
    left_out: u32,
    /// It is the one in question.
    target: bool,
) -> impl IntoView {
    let position = turn.position;
    let id = anchor(position);
    let title = format!("{id}-title");
    let figures = figures(&turn);
    let failed = scores.iter().any(|score| score.passed == Some(false) && !score.stale);
    // Errors of tool calls stand on their lines.
    let on_tools: Vec<TurnError> = turn.tool_calls.iter().filter_map(|call| call.error.clone()).collect();
    let errors = turn.errors.into_iter().filter(|error| on_tools.iter().all(|shown| shown.message != error.message));
    let errors: Vec<TurnError> = errors.collect();
    let (of_documents, of_tools, of_user) = (passages.clone(), passages.clone(), passages.clone());
    view! {
        <article class="turn" class:turn--target=target class:turn--failed=failed id=id.clone() tabindex="-1" aria-labelledby=title>
            <header class="turn__head">
                <h3 class="turn__title" id=title.clone()>
                    <a class="turn__anchor" href=format!("#{id}")>{format!("Turn {position}")}</a>
                    {target.then(|| view! { <span class="turn__target">"in question"</span> })}
                </h3>
                {figures}
            </header>
            <Said position part=Part::User message=turn.user passages=of_user />
            <div class="turn__work">
                {turn
                    .retrievals
                    .into_iter()
                    .map(|retrieval| view! { <RetrievalLine retrieval passages=of_documents.clone() /> })
                    .collect_view()}
                {turn.tool_calls.into_iter().map(|call| view! { <ToolLine call passages=of_tools.clone() /> }).collect_view()}
                {(left_out > 0)
                    .then(|| {
                        let more = plural(i64::from(left_out), "more step", "more steps");
                        view! { <p class="turn__more">{format!("… and {more}, to be seen in the trace")}</p> }
                    })}
                {errors.into_iter().map(|error| view! { <ErrorLine error /> }).collect_view()}
            </div>
            <Said position part=Part::Assistant message=turn.assistant passages />
            {(!scores.is_empty())
                .then(|| {
                    view! {
                        <ul class="turn__scores" aria-label=format!("Scores of turn {position}")>
                            {scores.into_iter().map(|score| view! { <li><ScoreChip score /></li> }).collect_view()}
                        </ul>
                    }
                })}
        </article>
    }
    .into_any()
}

/// Latency, tokens, cost, model: what is known of them.
fn figures(turn: &Turn) -> AnyView {
    let calls = (turn.llm_calls > 1).then(|| plural(i64::from(turn.llm_calls), "LLM call", "LLM calls"));
    let known = [
        turn.latency_ms.map(duration),
        tokens(turn.tokens),
        turn.cost_usd.map(|cost| usd(cost.0)),
        calls,
        turn.model.clone(),
    ];
    let figures = known.into_iter().flatten().map(|figure| view! { <li>{figure}</li> }).collect_view();
    view! { <ul class="turn__figures">{figures}</ul> }.into_any()
}

/// Something that went wrong.
#[component]
pub fn ErrorLine(
    /// What.
    error: TurnError,
) -> impl IntoView {
    view! {
        <p class="turn__error">
            <Icon name=IconName::Warning />
            <span>
                <span class="visually-hidden">"Error: "</span>
                {error.kind.map(|kind| view! { <strong>{kind}</strong> " " })}
                {error.message}
                {error.place.map(|place| view! { <span class="turn__place">{format!(" in {place}")}</span> })}
            </span>
        </p>
    }
    .into_any()
}
