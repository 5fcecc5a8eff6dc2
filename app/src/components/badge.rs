//! A word in a pill: a role, a scope, a state.

use leptos::prelude::*;

/// What the word means. The word itself always says it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BadgeTone {
    /// Nothing in particular.
    #[default]
    Plain,
    /// The one that matters here.
    Accent,
    /// Good.
    Pass,
    /// To be looked at.
    Warn,
    /// Bad.
    Fail,
}

impl BadgeTone {
    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "badge",
            Self::Accent => "badge badge--accent",
            Self::Pass => "badge badge--pass",
            Self::Warn => "badge badge--warn",
            Self::Fail => "badge badge--fail",
        }
    }
}

/// A word in a pill.
#[component]
pub fn Badge(
    /// What it means.
    #[prop(optional)]
    tone: BadgeTone,
    /// The word.
    children: Children,
) -> impl IntoView {
    view! { <span class=tone.class()>{children()}</span> }.into_any()
}
