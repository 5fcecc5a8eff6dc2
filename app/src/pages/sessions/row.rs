//! One session in the list: what the user said first, its facts in a few words, its scores as marks, its figures.

use leptos::prelude::*;
use turnwise_model::SessionId;
use turnwise_model::conversation::{Session, SessionStatus};
use turnwise_model::view::session::{ScoreSummary, SessionRow};

use super::columns::Column;
use super::picked::Picked;
use crate::components::{ScoreMark, Time};
use crate::state::figures;
use crate::state::project::use_project;

/// So many tags are shown.
const TAGS: usize = 3;

/// The id of the link of a row.
#[must_use]
pub fn link_id(index: usize) -> String {
    format!("session-{index}")
}

/// A row.
#[component]
pub fn Row(
    /// The session.
    row: SessionRow,
    /// Its place in the list, from 0.
    index: usize,
    /// The columns to show.
    columns: Vec<Column>,
    /// The sessions that are picked; `None` where nothing can be done with them.
    picked: Option<Picked>,
    /// The row that the keys are at.
    at: RwSignal<Option<SessionId>>,
) -> impl IntoView {
    let project = use_project();
    let SessionRow { session, scores } = row;
    let href = untrack(|| project.address(&format!("sessions/{}", session.id)));
    let said = session.preview.clone().filter(|preview| !preview.trim().is_empty());
    let name = said.clone().unwrap_or_else(|| session.external_id.clone());
    let id = session.id;
    let pick = picked.map(|picked| {
        view! {
            <td class="session-row__pick">
                <input
                    type="checkbox"
                    name="sessions[]"
                    value=id.to_string()
                    aria-label=format!("Select {name}")
                    prop:checked=move || picked.has(id)
                    on:change=move |_| picked.toggle(id)
                />
            </td>
        }
    });
    let cells = columns.into_iter().map(|column| cell(column, &session, &scores)).collect_view();
    view! {
        <tr class="session-row" on:focusin=move |_| at.set(Some(id))>
            {pick}
            <th class="session-row__main" scope="row">
                <a class="session-row__link" id=link_id(index) href=href>
                    {said.unwrap_or_else(|| "(no message of the user)".to_owned())}
                </a>
                <span class="session-row__facts">{facts(&session)}</span>
            </th>
            {cells}
        </tr>
    }
    .into_any()
}

/// Words in the list. One function for all of them: each kind of view would be compiled for itself.
fn words(class: &'static str, title: Option<String>, text: String) -> AnyView {
    view! { <span class=class title=title>{text}</span> }.into_any()
}

/// What is known of the session, in a few words.
fn facts(session: &Session) -> AnyView {
    let mut facts = Vec::new();
    if session.status == SessionStatus::Open {
        facts.push(words("badge badge--accent", None, "open".to_owned()));
    }
    let outcome = session.end_reason.as_ref().map(|reason| reason.as_str().to_owned());
    facts.extend(outcome.into_iter().chain(session.environment.clone()).map(|text| words("", None, text)));
    facts.extend(session.tags.iter().take(TAGS).map(|tag| words("tag", None, tag.clone())));
    let more = session.tags.len().saturating_sub(TAGS);
    if more > 0 {
        facts.push(words("", Some(session.tags.join(", ")), format!("+{more}")));
    }
    if !session.warnings.is_empty() {
        facts.push(words("session-row__warned", Some(session.warnings.join("; ")), "warning".to_owned()));
    }
    facts.into_any()
}

fn cell(column: Column, session: &Session, scores: &[ScoreSummary]) -> AnyView {
    const ZERO: &str = "session-row__zero";
    let unknown = || words(ZERO, Some("not known".to_owned()), "–".to_owned());
    let plain = |text: String| words("", None, text);
    let known = |text: Option<String>| text.map_or_else(unknown, plain);
    let long = |text: &Option<String>| match text {
        Some(text) => words("session-row__text", Some(text.clone()), text.clone()),
        None => unknown(),
    };
    let counted =
        |number: i64, class: &'static str| words(if number == 0 { ZERO } else { class }, None, figures::count(number));
    let content = match column {
        Column::Scores => marks(scores),
        Column::Turns => plain(figures::count(session.turn_count)),
        Column::Tools => counted(session.tool_call_count, ""),
        Column::Errors => counted(session.error_count, "session-row__errors"),
        Column::Tokens => match session.tokens.total() {
            Some(tokens) => words("", Some(format!("{} tokens", figures::count(tokens))), figures::short_count(tokens)),
            None => unknown(),
        },
        Column::Cost => known(session.cost_usd.map(|cost| figures::usd(cost.0))),
        Column::Duration => plain(figures::duration((session.last_activity_at.0 - session.started_at.0) / 1_000)),
        Column::Latency => known(session.latency_ms.map(figures::duration)),
        Column::User => long(&session.user_id),
        Column::Release => long(&session.release),
        Column::Started => view! { <Time at=session.started_at /> }.into_any(),
        Column::Activity => view! { <Time at=session.last_activity_at /> }.into_any(),
    };
    let class = if column.is_number() { "session-row__cell session-row__number" } else { "session-row__cell" };
    view! { <td class=class data-column=column.as_str() data-label=column.title()>{content}</td> }.into_any()
}

/// Failed scores first, then those without a threshold, then those that passed; below them what failed, by name.
fn marks(scores: &[ScoreSummary]) -> AnyView {
    if scores.is_empty() {
        return words("session-row__zero", Some("not scored".to_owned()), "–".to_owned());
    }
    let mut scores: Vec<&ScoreSummary> = scores.iter().collect();
    scores.sort_by_key(|score| (score.passed != Some(false), score.passed.is_some(), score.source));
    let mut failed: Vec<&str> = Vec::new();
    for score in scores.iter().filter(|score| score.passed == Some(false)) {
        if !failed.contains(&score.name.as_str()) {
            failed.push(&score.name);
        }
    }
    let failed = failed.join(", ");
    let marks = scores.into_iter().map(|score| {
        let value = if score.passed.is_none() { worth(score) } else { None };
        view! { <ScoreMark source=score.source name=score.name.clone() value=value.unwrap_or_default() passed=score.passed /> }
    });
    view! {
        <span class="session-row__marks">{marks.collect_view()}</span>
        {(!failed.is_empty()).then(|| words("session-row__failed", Some(format!("failed: {failed}")), failed.clone()))}
    }
    .into_any()
}

/// The value of scores that have no threshold.
fn worth(score: &ScoreSummary) -> Option<String> {
    score.label.clone().or_else(|| score.number.map(|number| format!("{number:.1}")))
}
