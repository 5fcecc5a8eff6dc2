//! A button that unfolds a list of links and forms. `<details>`: it works without JavaScript; with it, Esc and a
//! click elsewhere close it.

use leptos::prelude::*;

/// A menu. The children are the items.
#[component]
pub fn Menu(
    /// What it is called for those who hear it.
    #[prop(into)]
    label: String,
    /// What the button shows.
    button: AnyView,
    /// Unfolds upwards, for the foot of a column.
    #[prop(optional)]
    upwards: bool,
    /// The items.
    children: Children,
) -> impl IntoView {
    view! {
        <details class="menu" class:menu--up=upwards>
            <summary class="menu__button" aria-label=label>{button}</summary>
            <div class="menu__list">{children()}</div>
        </details>
    }
    .into_any()
}
