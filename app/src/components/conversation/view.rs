//! The turns of a conversation, one below the other.

use std::collections::BTreeMap;

use leptos::prelude::*;
use turnwise_model::TurnId;
use turnwise_model::conversation::Turn;
use turnwise_model::score::Score;

use super::folding::{Run, runs};
use super::passages::Passage;
use super::turn::TurnView;
use crate::components::icon::{Icon, IconName};

/// A conversation. Everything can be read without JavaScript: what is folded are `<details>`.
#[component]
pub fn ConversationView(
    /// The turns, in order.
    turns: Vec<Turn>,
    /// Scores, shown at the turns that they are about. Leave them out where the reader must not be led.
    #[prop(optional)]
    scores: Vec<Score>,
    /// Passages to be marked; see [`super::passages_of`].
    #[prop(optional)]
    passages: Vec<Passage>,
    /// By position of turns that took very many steps: how many of them are not told.
    #[prop(optional)]
    left_out: BTreeMap<u32, u32>,
    /// The turn in question.
    #[prop(optional_no_strip)]
    target: Option<TurnId>,
    /// Folds all but so many turns on each side of the one in question.
    #[prop(optional_no_strip)]
    around: Option<u32>,
) -> impl IntoView {
    let at = target.and_then(|target| turns.iter().position(|turn| turn.id == target));
    let runs = runs(turns.len(), at, around);
    let mut turns = turns.into_iter();
    let mut turn_views = |count: usize| -> (u32, u32, Vec<AnyView>) {
        let taken: Vec<Turn> = turns.by_ref().take(count).collect();
        let first = taken.first().map_or(0, |turn| turn.position);
        let last = taken.last().map_or(0, |turn| turn.position);
        let views = taken.into_iter().map(|turn| {
            let scores = scores.iter().filter(|score| score.target.turn() == Some(turn.id)).cloned().collect();
            let passages = passages.iter().filter(|passage| passage.position == turn.position).cloned().collect();
            let target = target == Some(turn.id);
            let left_out = left_out.get(&turn.position).copied().unwrap_or_default();
            view! { <TurnView turn scores passages left_out target /> }.into_any()
        });
        (first, last, views.collect())
    };
    let runs: Vec<AnyView> = runs
        .into_iter()
        .map(|run| match run {
            Run::Shown(range) => turn_views(range.len()).2.into_any(),
            Run::Folded(range) => {
                let (first, last, views) = turn_views(range.len());
                view! {
                    <details class="folded">
                        <summary class="folded__line">
                            <Icon name=IconName::ChevronRight />
                            {format!("Turns {first}–{last}")}
                        </summary>
                        {views}
                    </details>
                }
                .into_any()
            }
        })
        .collect();
    view! { <div class="conversation">{runs}</div> }.into_any()
}
