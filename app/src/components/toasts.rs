//! The corner where short messages appear. It is always in the page, so that screen readers notice what is put into it.

use leptos::prelude::*;

use super::icon::{Icon, IconName};
use crate::state::toasts::Toasts;

/// The messages.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.list() key=|toast| toast.id let:toast>
                <div class="toast">
                    <Icon name=IconName::Check />
                    <span>{toast.text}</span>
                </div>
            </For>
        </div>
    }
    .into_any()
}
