//! The columns that the list can show, beside the session itself, and the menu that chooses them.

use leptos::prelude::*;
use turnwise_model::view::session::SessionSort;
use turnwise_model::words;

use super::wanted::Wanted;
use crate::components::Menu;

/// A column of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Scores as marks.
    Scores,
    /// Number of turns.
    Turns,
    /// Number of tool calls.
    Tools,
    /// Number of errors.
    Errors,
    /// Tokens in and out.
    Tokens,
    /// Cost.
    Cost,
    /// From the start to the last activity.
    Duration,
    /// Sum of the turns' latencies.
    Latency,
    /// The user.
    User,
    /// Release of the application.
    Release,
    /// When it began.
    Started,
    /// When anything last happened.
    Activity,
}

words!(Column, "column", {
    Scores = "scores", Turns = "turns", Tools = "tools", Errors = "errors", Tokens = "tokens", Cost = "cost",
    Duration = "duration", Latency = "latency", User = "user", Release = "release", Started = "started",
    Activity = "activity",
});

impl Column {
    /// What is shown unless one chose.
    pub const USUAL: &[Self] = &[
        Self::Scores,
        Self::Turns,
        Self::Tools,
        Self::Errors,
        Self::Tokens,
        Self::Cost,
        Self::Duration,
        Self::Activity,
    ];

    /// Its name.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Scores => "Scores",
            Self::Turns => "Turns",
            Self::Tools => "Tools",
            Self::Errors => "Errors",
            Self::Tokens => "Tokens",
            Self::Cost => "Cost",
            Self::Duration => "Duration",
            Self::Latency => "Latency",
            Self::User => "User",
            Self::Release => "Release",
            Self::Started => "Started",
            Self::Activity => "Last activity",
        }
    }

    /// By what the list is sorted when its name is clicked.
    #[must_use]
    pub const fn sort(self) -> Option<SessionSort> {
        match self {
            Self::Turns => Some(SessionSort::Turns),
            Self::Tools => Some(SessionSort::ToolCalls),
            Self::Errors => Some(SessionSort::Errors),
            Self::Tokens => Some(SessionSort::Tokens),
            Self::Cost => Some(SessionSort::Cost),
            Self::Duration => Some(SessionSort::Duration),
            Self::Latency => Some(SessionSort::Latency),
            Self::Started => Some(SessionSort::Started),
            Self::Activity => Some(SessionSort::LastActivity),
            Self::Scores | Self::User | Self::Release => None,
        }
    }

    /// Whether it holds figures, which stand at the right.
    #[must_use]
    pub const fn is_number(self) -> bool {
        !matches!(self, Self::Scores | Self::User | Self::Release)
    }
}

/// The menu that chooses the columns. A GET form: the address holds them.
#[component]
pub fn ColumnMenu(
    /// What the address asks for.
    wanted: Memo<Wanted>,
    /// The address of the list.
    #[prop(into)]
    path: Signal<String>,
) -> impl IntoView {
    let button = view! { <span>"Columns"</span> }.into_any();
    let choice = move |column: Column| {
        view! {
            <label class="menu__item column-menu__choice">
                <input
                    type="checkbox"
                    name="columns"
                    value=column.as_str()
                    checked=move || wanted.read().shown().contains(&column)
                />
                {column.title()}
            </label>
        }
    };
    view! {
        <Menu label="Columns" button>
            <form class="column-menu" method="get" action=move || path.get()>
                {move || {
                    let wanted = wanted.read();
                    let kept = wanted.kept().into_iter().filter(|(name, _)| name != "columns");
                    kept.chain([("filter".to_owned(), wanted.filter.clone())])
                        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
                        .collect_view()
                }}
                <fieldset>
                    <legend class="visually-hidden">"Columns"</legend>
                    {Column::ALL.iter().map(|column| choice(*column)).collect_view()}
                </fieldset>
                <button class="button column-menu__apply" type="submit">"Show these"</button>
            </form>
        </Menu>
    }
    .into_any()
}
