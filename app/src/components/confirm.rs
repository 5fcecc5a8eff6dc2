//! Asks before something is taken away. A popover: it opens, closes by Esc and gives the focus back without JavaScript.

use leptos::prelude::*;

/// A button that opens a question; the children are the form that does it.
#[component]
pub fn Confirm(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    /// What the opening button says: "Revoke".
    #[prop(into)]
    action: String,
    /// What the button is about, for those who hear it alone: "Revoke key CI".
    #[prop(into)]
    label: String,
    /// The question: "Revoke CI?"
    #[prop(into)]
    question: String,
    /// What follows from it.
    #[prop(into)]
    consequence: String,
    /// The form, with its submit button.
    children: Children,
) -> impl IntoView {
    let title = format!("{id}-title");
    view! {
        <button class="button button--quiet" type="button" popovertarget=id.clone() aria-label=label>
            {action}
        </button>
        <div class="confirm" id=id popover="auto" role="dialog" aria-labelledby=title>
            <h2 class="confirm__title" id=title.clone()>{question}</h2>
            <p class="confirm__text">{consequence}</p>
            <div class="confirm__actions">
                <button class="button" type="button" popovertarget=id.clone() popovertargetaction="hide" autofocus>
                    "Cancel"
                </button>
                {children()}
            </div>
        </div>
    }
    .into_any()
}
