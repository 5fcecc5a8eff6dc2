//! The plain page of those who are not in a project: signing in, first start, invitations, choosing a project.

use leptos::prelude::*;

use crate::components::{Icon, IconName};

/// The mark, and one panel under it.
#[component]
pub fn Standalone(
    /// What is in the panel.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="standalone">
            <header class="standalone__header">
                <a class="standalone__brand" href="/"><Icon name=IconName::Turnwise /><span>"Turnwise"</span></a>
            </header>
            <main class="standalone__panel" id="content">{children()}</main>
        </div>
    }
    .into_any()
}
