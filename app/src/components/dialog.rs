//! A native `<dialog>`. With JavaScript it is modal; without, the same element opens as a popover.

use leptos::prelude::*;

use super::button::Tone;
use super::icon::{Icon, IconName};

/// A panel over the page, opened by a [`DialogOpener`] with the same id.
#[component]
pub fn Dialog(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    /// Its heading.
    #[prop(into)]
    title: String,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    let heading = format!("{id}-title");
    let close = {
        let id = id.clone();
        move |event: leptos::ev::MouseEvent| {
            event.prevent_default();
            crate::browser::close_dialog(&id);
        }
    };
    view! {
        <dialog class="dialog" id=id popover="auto" closedby="any" aria-labelledby=heading>
            <header class="dialog__header">
                <h2 class="dialog__title" id=heading.clone()>{title}</h2>
                <button
                    class="icon-button"
                    type="button"
                    aria-label="Close"
                    popovertarget=id.clone()
                    popovertargetaction="hide"
                    on:click=close
                >
                    <Icon name=IconName::Close />
                </button>
            </header>
            <div class="dialog__body">{children()}</div>
        </dialog>
    }
    .into_any()
}

/// The button that opens a [`Dialog`].
#[component]
pub fn DialogOpener(
    /// The dialog's id.
    #[prop(into)]
    dialog: String,
    /// How much it asks for attention.
    #[prop(optional)]
    tone: Tone,
    /// A picture before the words.
    #[prop(optional, into)]
    icon: Option<IconName>,
    /// The words.
    children: Children,
) -> impl IntoView {
    let open = {
        let dialog = dialog.clone();
        move |event: leptos::ev::MouseEvent| {
            event.prevent_default();
            crate::browser::open_dialog(&dialog);
        }
    };
    let class = match tone {
        Tone::Primary => "button button--primary",
        Tone::Quiet => "button button--quiet",
        Tone::Danger => "button button--danger",
        Tone::Plain => "button",
    };
    view! {
        <button class=class type="button" popovertarget=dialog aria-haspopup="dialog" on:click=open>
            {icon.map(|name| view! { <Icon name /> })}
            <span class="button__words">{children()}</span>
        </button>
    }
    .into_any()
}
