//! Who gave a score, at a glance: people are circles, judges diamonds, checks squares, users triangles,
//! programs bars. Shape and colour differ, and the words are there for those who see neither. What met its threshold is
//! an outline, what did not is filled and crossed, what has none is filled.

use leptos::prelude::*;
use turnwise_model::score::Source;

const fn class(source: Source) -> &'static str {
    match source {
        Source::Human => "score-mark score-mark--human",
        Source::Llm => "score-mark score-mark--judge",
        Source::Code => "score-mark score-mark--code",
        Source::User => "score-mark score-mark--user",
        Source::Api => "score-mark score-mark--api",
    }
}

const fn spoken(source: Source) -> &'static str {
    match source {
        Source::Human => "human score",
        Source::Llm => "judge score",
        Source::Code => "check",
        Source::User => "user feedback",
        Source::Api => "score from a program",
    }
}

/// A mark, and the value beside it where there is room.
#[component]
pub fn ScoreMark(
    /// Who gave it.
    source: Source,
    /// What was scored: "resolved".
    #[prop(into)]
    name: String,
    /// The value in words or figures.
    #[prop(optional, into)]
    value: String,
    /// Whether it met its threshold; `None` where none is set.
    #[prop(optional_no_strip)]
    passed: Option<bool>,
) -> impl IntoView {
    let (verdict, told) = match passed {
        Some(true) => (" score-mark--passed", ", passed"),
        Some(false) => (" score-mark--failed", ", failed"),
        None => ("", ""),
    };
    let title = format!("{name}, {}{told}", spoken(source));
    let shape = match source {
        Source::Human => view! { <circle cx="5" cy="5" r="4" /> }.into_any(),
        Source::Llm => view! { <path d="M5 .5 9.5 5 5 9.5.5 5Z" /> }.into_any(),
        Source::Code => view! { <rect x="1" y="1" width="8" height="8" rx="1" /> }.into_any(),
        Source::User => view! { <path d="M5 1 9.5 9H.5Z" /> }.into_any(),
        Source::Api => view! { <rect x="0.5" y="3" width="9" height="4" rx="1" /> }.into_any(),
    };
    view! {
        <span class=format!("{}{verdict}", class(source)) title=title>
            <svg class="score-mark__shape" width="10" height="10" viewBox="0 0 10 10" role="img" aria-label=title.clone()>
                {shape}
                {(passed == Some(false)).then(|| view! { <path class="score-mark__cross" d="m3.5 3.5 3 3m0-3-3 3" /> })}
            </svg>
            {(!value.is_empty()).then(|| view! { <span class="score-mark__value">{value}</span> })}
        </span>
    }
    .into_any()
}
