//! A row of controls above a list.

use leptos::prelude::*;

/// Controls in a row, that wrap on a phone.
#[component]
pub fn Toolbar(
    /// What they control.
    #[prop(into)]
    label: String,
    /// The controls.
    children: Children,
) -> impl IntoView {
    view! { <div class="toolbar" role="group" aria-label=label>{children()}</div> }.into_any()
}
