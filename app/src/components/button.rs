//! Buttons: with words, with a picture alone, and links that look like buttons.

use leptos::prelude::*;

use super::icon::{Icon, IconName};

/// How much a button asks for attention. A page has one that is primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// One of several.
    #[default]
    Plain,
    /// The one thing to do here.
    Primary,
    /// Takes something away.
    Danger,
    /// Hardly visible until pointed at.
    Quiet,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "button",
            Self::Primary => "button button--primary",
            Self::Danger => "button button--danger",
            Self::Quiet => "button button--quiet",
        }
    }
}

/// A button with words on it.
#[component]
pub fn Button(
    /// How much it asks for attention.
    #[prop(optional)]
    tone: Tone,
    /// Sends the form it is in.
    #[prop(optional)]
    submit: bool,
    /// Work that it started is under way; it cannot be pressed meanwhile.
    #[prop(optional, into)]
    pending: Signal<bool>,
    /// A picture before the words.
    #[prop(optional, into)]
    icon: Option<IconName>,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <button
            class=tone.class()
            type=if submit { "submit" } else { "button" }
            aria-disabled=move || pending.get().then_some("true")
            aria-busy=move || pending.get().then_some("true")
        >
            {icon.map(|name| view! { <Icon name /> })}
            <span class="button__words">{children()}</span>
        </button>
    }
    .into_any()
}

/// A link that looks like a button, for actions that are pages.
#[component]
pub fn ButtonLink(
    /// Where it leads.
    #[prop(into)]
    href: Signal<String>,
    /// How much it asks for attention.
    #[prop(optional)]
    tone: Tone,
    /// A picture before the words.
    #[prop(optional, into)]
    icon: Option<IconName>,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <a class=tone.class() href=move || href.get()>
            {icon.map(|name| view! { <Icon name /> })}
            <span class="button__words">{children()}</span>
        </a>
    }
    .into_any()
}

/// A button that is a picture. Its label is spoken and shown on hover.
#[component]
pub fn IconButton(
    /// The picture.
    icon: IconName,
    /// What it does.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! {
        <button class="icon-button" type="button" aria-label=label.clone() title=label>
            <Icon name=icon />
        </button>
    }
    .into_any()
}
