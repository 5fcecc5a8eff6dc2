//! The session in one line: how it began, how it ended, how much it took.

use leptos::prelude::*;
use turnwise_model::conversation::{EndReason, Session};

use super::actions::Actions;
use crate::components::{Badge, BadgeTone, Time};
use crate::state::figures::{duration, plural, tokens, usd};

/// The session's facts.
#[component]
pub fn Bar(
    /// The session.
    session: Session,
    /// Asks for the page's content again.
    again: Callback<()>,
) -> impl IntoView {
    let (tone, ended) = ended(&session);
    let errors = session.error_count;
    let took = i64::try_from(session.last_activity_at.since(session.started_at).as_millis()).unwrap_or(i64::MAX);
    let known = [
        Some(plural(session.turn_count, "turn", "turns")),
        (session.tool_call_count > 0).then(|| plural(session.tool_call_count, "tool call", "tool calls")),
        (took > 0).then(|| duration(took)),
        tokens(session.tokens),
        session.cost_usd.map(|cost| usd(cost.0)),
        session.environment.clone(),
    ];
    let facts = known.into_iter().flatten().map(|fact| view! { <li>{fact}</li> }).collect_view();
    view! {
        <section class="session-bar" aria-label="Session">
            <h2 class="session-bar__title" dir="auto">{session.preview.unwrap_or_else(|| "No user message".to_owned())}</h2>
            <ul class="session-bar__facts">
                <li><Badge tone>{ended}</Badge></li>
                {(errors > 0)
                    .then(|| view! { <li><Badge tone=BadgeTone::Fail>{plural(errors, "error", "errors")}</Badge></li> })}
                {facts}
                <li><Time at=session.last_activity_at /></li>
            </ul>
            <Actions session=session.id again />
        </section>
    }
    .into_any()
}

/// How a session ended, in words, and whether that is good.
pub fn ended(session: &Session) -> (BadgeTone, String) {
    let last = session.turn_count;
    match &session.end_reason {
        None => (BadgeTone::Accent, session.status.to_string()),
        Some(EndReason::Idle) => (BadgeTone::Plain, format!("idle after turn {last}")),
        Some(EndReason::Age) => (BadgeTone::Plain, format!("closed by age after turn {last}")),
        Some(EndReason::Client(word)) => {
            let plain = word.to_lowercase().replace(['_', '-'], " ");
            let has = |words: &[&str]| words.iter().any(|word| plain.contains(word));
            if has(&["abandon", "drop"]) {
                (BadgeTone::Warn, format!("{plain} after turn {last}"))
            } else if has(&["timed out", "timeout", "escalat"]) {
                (BadgeTone::Warn, plain)
            } else if has(&["error", "fail", "crash", "unresolved"]) {
                (BadgeTone::Fail, plain)
            } else if has(&["resolved", "success", "complete", "solved"]) {
                (BadgeTone::Pass, plain)
            } else {
                (BadgeTone::Plain, plain)
            }
        }
    }
}
