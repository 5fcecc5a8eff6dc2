//! A score in a line: who gave it, what it is called, what it says, and whether it met its threshold.

use leptos::prelude::*;
use turnwise_model::score::Score;

use super::icon::{Icon, IconName};
use super::score_mark::ScoreMark;
use crate::state::figures::one_line;

/// A score; its explanation is one hover away.
#[component]
pub fn ScoreChip(
    /// The score.
    score: Score,
) -> impl IntoView {
    let failed = score.passed == Some(false);
    let value = one_line(&score.value.display(), 48);
    let title = score.explanation.as_deref().map(|why| one_line(why, 300));
    view! {
        <span class="score-chip" class:score-chip--failed=failed class:score-chip--stale=score.stale title=title>
            <ScoreMark source=score.source name=score.name.clone() />
            <span class="score-chip__name" aria-hidden="true">{score.name}</span>
            <span class="score-chip__value">{value}</span>
            {failed.then(|| view! { <Icon name=IconName::Flag /><span class="visually-hidden">"below its threshold"</span> })}
            {score.stale.then(|| view! { <span class="score-chip__stale">"stale"</span> })}
        </span>
    }
    .into_any()
}
