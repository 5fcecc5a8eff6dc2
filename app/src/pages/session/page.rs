//! The page itself: the session's facts above, the conversation with its minimap, the panel beside it.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use turnwise_model::score::Score;
use turnwise_model::view::session_page::SessionPage as Content;

use super::address::{Address, use_address};
use super::asked::Asked;
use super::bar::Bar;
use super::panel::Panel;
use crate::components::conversation::{ConversationView, Minimap, passages_of, use_turn_keys};
use crate::components::{Crumb, PageHeader, Pagination, Shape, loaded};
use crate::state::figures::count;
use crate::state::project::use_project;

/// The page of one session.
#[component]
pub fn SessionPage() -> impl IntoView {
    let project = use_project();
    let address = Address::provide();
    let asked = Asked::provide(address);
    let content = asked.content;
    let crumbs = Signal::derive(move || {
        let mut crumbs = project.crumbs();
        crumbs.push(Crumb::new("Sessions", project.address("sessions")));
        crumbs
    });
    let again = Callback::new(move |()| asked.again());
    follow_anchor();
    view! {
        <PageHeader title=Signal::derive(move || short(&address.session.get())) crumbs />
        {loaded(content, Shape::Panel, move |content| view! { <Shown content again /> })}
    }
    .into_any()
}

/// A UUID is known by its beginning; a client's id is told in full.
fn short(id: &str) -> String {
    match id.parse::<turnwise_model::SessionId>() {
        Ok(_) => format!("Session {}…", id.chars().take(8).collect::<String>()),
        Err(_) => format!("Session {id}"),
    }
}

/// The router leads to what the address names after `#`; this also gives it the focus and opens what it is folded into.
fn follow_anchor() {
    let hash = use_location().hash;
    Effect::new(move || {
        if !hash.get().is_empty() {
            crate::browser::go_to_named_anchor();
        }
    });
}

/// The page, once its content is there.
#[component]
fn Shown(content: Content, again: Callback<()>) -> impl IntoView {
    let address = use_address();
    let on_page: Vec<_> = content
        .outline
        .iter()
        .filter(|turn| content.turns.iter().any(|shown| shown.position == turn.position))
        .copied()
        .collect();
    use_turn_keys(&on_page);
    let withheld = content.withheld;
    let outline = content.outline.clone();
    let total = outline.len();
    let bar = content.session.clone();
    let (turns, left_out) = (content.turns.clone(), content.left_out.clone());
    let (scores, passages) = (of_turns(&content.scores), passages_of(&content.scores));
    let range = (turns.first().map_or(0, |turn| turn.position), turns.last().map_or(0, |turn| turn.position));
    let pages = move || (total > Content::STRETCH).then(|| view! { <Stretches range total /> });
    view! {
        <div class="session" data-tab=move || if address.tab.get().is_some() { "named" } else { "none" }>
            <Bar session=bar again />
            {(total > 0)
                .then(|| view! { <Minimap turns=outline href=Callback::new(move |position| untrack(|| address.turn(position))) /> })}
            <section class="session__conversation" aria-label="Conversation">
                {withheld.then(|| view! { <Withheld /> })}
                {pages()}
                {if total == 0 {
                    view! { <p class="nothing">"No turn has been recognised in this session yet. Its trace shows what was sent."</p> }.into_any()
                } else {
                    view! { <ConversationView turns scores passages left_out /> }.into_any()
                }}
                {pages()}
            </section>
            <Panel content again />
        </div>
    }
    .into_any()
}

/// Scores of turns stand at their turns; those of spans and of the session only in the panel.
fn of_turns(scores: &[Score]) -> Vec<Score> {
    let of_turn = |score: &&Score| matches!(score.target, turnwise_model::score::Target::Turn { .. });
    scores.iter().filter(of_turn).cloned().collect()
}

/// Why there are no verdicts on the page.
#[component]
fn Withheld() -> impl IntoView {
    view! {
        <p class="session__withheld" role="note">
            "This session waits for your review in a blind queue. Scores and reviews appear here once you have answered."
        </p>
    }
    .into_any()
}

/// From stretch to stretch of a very long conversation.
#[component]
fn Stretches(range: (u32, u32), total: usize) -> impl IntoView {
    let address = use_address();
    let (first, last) = range;
    let words = format!(
        "Turns {}–{} of {}",
        count(i64::from(first)),
        count(i64::from(last)),
        count(i64::try_from(total).unwrap_or(i64::MAX))
    );
    let length = u32::try_from(Content::STRETCH).unwrap_or(u32::MAX);
    let previous = (first > 1).then(|| untrack(|| address.stretch(first.saturating_sub(length).max(1))));
    let next = (usize::try_from(last).is_ok_and(|last| last < total)).then(|| untrack(|| address.stretch(last + 1)));
    view! { <Pagination range=words previous next /> }.into_any()
}
