//! The table of sessions: heads that sort, rows that are links, keys that move among them.

use leptos::prelude::*;
use turnwise_model::SessionId;
use turnwise_model::view::session::SessionRow;

use super::columns::Column;
use super::picked::Picked;
use super::row::{Row, link_id};
use super::wanted::Wanted;
use crate::state::keymap::{Key, use_keys};
use crate::state::project::use_project;

/// The table.
#[component]
pub fn SessionTable(
    /// The sessions.
    rows: Vec<SessionRow>,
    /// What the address asked for when these were answered.
    shown: Wanted,
    /// What the address asks for.
    wanted: Memo<Wanted>,
    /// The sessions that are picked; `None` where nothing can be done with them.
    picked: Option<Picked>,
    /// The row that the keys are at.
    at: RwSignal<Option<SessionId>>,
) -> impl IntoView {
    let columns = shown.shown();
    let ids: Vec<SessionId> = rows.iter().map(|row| row.session.id).collect();
    bind_keys(ids.clone(), at, picked);
    let heads = columns.iter().map(|column| head(*column, &shown, wanted)).collect_view();
    let pick_all = picked.map(|picked| {
        let shown = ids.clone();
        let all_picked = {
            let shown = ids.clone();
            move || !shown.is_empty() && shown.iter().all(|session| picked.has(*session))
        };
        view! {
            <th class="session-row__pick" scope="col">
                <input
                    class="needs-js"
                    type="checkbox"
                    aria-label="Select the sessions of this page"
                    prop:checked=all_picked
                    on:change=move |_| picked.toggle_these(&shown)
                />
            </th>
        }
    });
    let body = rows
        .into_iter()
        .enumerate()
        .map(|(index, row)| view! { <Row row index columns=columns.clone() picked at /> })
        .collect_view();
    view! {
        <table class="session-table">
            <caption class="visually-hidden">"Sessions"</caption>
            <thead>
                <tr>
                    {pick_all}
                    <th class="session-row__main" scope="col">"Session"</th>
                    {heads}
                </tr>
            </thead>
            <tbody>{body}</tbody>
        </table>
    }
    .into_any()
}

/// The name of a column; a link where the list can be sorted by it.
fn head(column: Column, shown: &Wanted, wanted: Memo<Wanted>) -> AnyView {
    let class = if column.is_number() { "session-row__cell session-row__number" } else { "session-row__cell" };
    let Some(sort) = column.sort() else {
        return view! { <th class=class scope="col" data-column=column.as_str()>{column.title()}</th> }.into_any();
    };
    let sorted = (shown.sort == sort).then_some(if shown.ascending { "ascending" } else { "descending" });
    let arrow = match sorted {
        Some("ascending") => "↑",
        Some(_) => "↓",
        None => "",
    };
    let project = use_project();
    // From where one is, which another click may have changed since these sessions were asked for.
    let href = move || wanted.read().sorted(sort).query().address(&project.address("sessions"));
    view! {
        <th class=class scope="col" data-column=column.as_str() aria-sort=sorted>
            <a class="session-table__sort" href=href>
                <span class="session-table__arrow" aria-hidden="true">{arrow}</span>
                {column.title()}
            </a>
        </th>
    }
    .into_any()
}

/// `j` and `k` move among the rows, `x` picks; Enter follows the link that has the focus.
fn bind_keys(ids: Vec<SessionId>, at: RwSignal<Option<SessionId>>, picked: Option<Picked>) {
    let last = ids.len().saturating_sub(1);
    let ids = StoredValue::new(ids);
    let here = move || ids.with_value(|ids| at.get_untracked().and_then(|at| ids.iter().position(|id| *id == at)));
    let go = move |to: usize| {
        at.set(ids.with_value(|ids| ids.get(to).copied()));
        crate::browser::focus(&link_id(to));
    };
    let down = move || go(here().map_or(0, |here| (here + 1).min(last)));
    let up = move || go(here().map_or(0, |here| here.saturating_sub(1)));
    let mut keys = vec![Key::new("j", "Next session", down), Key::new("k", "Previous session", up)];
    if let Some(picked) = picked {
        keys.push(Key::new("x", "Select the session", move || {
            if let (Some(_), Some(id)) = (here(), at.get_untracked()) {
                picked.toggle(id);
            }
        }));
    }
    use_keys(keys);
}
