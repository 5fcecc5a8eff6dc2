//! One session in the list: what the user said first, its facts in a few words, its scores as marks, its figures.

use leptos::prelude::*;
use turnwise_model::conversation::{Session, SessionStatus};
use turnwise_model::view::session::{ScoreSummary, SessionRow};

use super::act::Picked;
use super::columns::Column;
use crate::components::{Badge, BadgeTone, Icon, IconName, ScoreMark, Time};
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
    at: RwSignal<Option<usize>>,
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
        <tr class="session-row" on:focusin=move |_| at.set(Some(index))>
            {pick}
            <th class="session-row__main" scope="row">
                <a class="session-row__link" id=link_id(index) href=href>
                    {match said {
                        Some(said) => said.into_any(),
                        None => view! { <em>"No message of the user"</em> }.into_any(),
                    }}
                </a>
                <span class="session-row__facts">{facts(&session)}</span>
            </th>
            {cells}
        </tr>
    }
    .into_any()
}

/// What is known of the session, in a few words.
fn facts(session: &Session) -> AnyView {
    let open = (session.status == SessionStatus::Open).then(|| view! { <Badge tone=BadgeTone::Accent>"open"</Badge> });
    let outcome =
        session.end_reason.as_ref().map(|reason| view! { <span>{reason.as_str().to_owned()}</span> }.into_any());
    let environment = session.environment.clone().map(|environment| view! { <span>{environment}</span> }.into_any());
    let tags = session.tags.iter().take(TAGS).map(|tag| view! { <span class="tag">{tag.clone()}</span> }.into_any());
    let more = session.tags.len().saturating_sub(TAGS);
    let more = (more > 0).then(|| view! { <span>{format!("+{more}")}</span> });
    let warned = (!session.warnings.is_empty()).then(|| {
        let told = session.warnings.join("; ");
        view! {
            <span class="session-row__warned" title=told>
                <Icon name=IconName::Warning />
                <span class="visually-hidden">{told.clone()}</span>
            </span>
        }
    });
    view! {
        {open}
        {outcome}
        {environment}
        {tags.collect_view()}
        {more}
        {warned}
    }
    .into_any()
}

fn cell(column: Column, session: &Session, scores: &[ScoreSummary]) -> AnyView {
    let content = match column {
        Column::Scores => marks(scores),
        Column::Turns => figures::count(session.turn_count).into_any(),
        Column::Tools => or_nothing(session.tool_call_count, figures::count(session.tool_call_count)),
        Column::Errors if session.error_count > 0 => {
            view! { <span class="session-row__errors">{figures::count(session.error_count)}</span> }.into_any()
        }
        Column::Errors => or_nothing(0, String::new()),
        Column::Tokens => match session.tokens.total() {
            Some(tokens) => view! {
                <span title=format!("{} tokens", figures::count(tokens))>{figures::short_count(tokens)}</span>
            }
            .into_any(),
            None => unknown(),
        },
        Column::Cost => session.cost_usd.map_or_else(unknown, |cost| figures::usd(cost.0).into_any()),
        Column::Duration => {
            let millis = (session.last_activity_at.0 - session.started_at.0) / 1_000;
            figures::duration(millis).into_any()
        }
        Column::Latency => session.latency_ms.map_or_else(unknown, |millis| figures::duration(millis).into_any()),
        Column::User => session.user_id.clone().map_or_else(unknown, |user| {
            view! { <span class="session-row__text" title=user.clone()>{user.clone()}</span> }.into_any()
        }),
        Column::Release => session.release.clone().map_or_else(unknown, |release| {
            view! { <span class="session-row__text" title=release.clone()>{release.clone()}</span> }.into_any()
        }),
        Column::Started => view! { <Time at=session.started_at /> }.into_any(),
        Column::Activity => view! { <Time at=session.last_activity_at /> }.into_any(),
    };
    let class = if column.is_number() { "session-row__cell session-row__number" } else { "session-row__cell" };
    view! { <td class=class data-column=column.as_str() data-label=column.title()>{content}</td> }.into_any()
}

fn or_nothing(number: i64, words: String) -> AnyView {
    if number == 0 { view! { <span class="session-row__zero">"0"</span> }.into_any() } else { words.into_any() }
}

fn unknown() -> AnyView {
    view! { <span class="session-row__zero" title="not known">"–"</span> }.into_any()
}

/// Failed scores first, then those without a threshold, then those that passed; below them what failed, by name.
fn marks(scores: &[ScoreSummary]) -> AnyView {
    if scores.is_empty() {
        return view! { <span class="session-row__zero" title="not scored">"–"</span> }.into_any();
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
        {(!failed.is_empty()).then(|| view! { <span class="session-row__failed" title=format!("failed: {failed}")>{failed.clone()}</span> })}
    }
    .into_any()
}

/// The value of scores that have no threshold.
fn worth(score: &ScoreSummary) -> Option<String> {
    score.label.clone().or_else(|| score.number.map(|number| format!("{number:.1}")))
}
