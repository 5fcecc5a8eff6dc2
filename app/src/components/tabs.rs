//! Parts of a page side by side, each with its own address.

use leptos::prelude::*;
use leptos_router::components::A;

/// One part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// What it is called.
    pub title: &'static str,
    /// Its address.
    pub href: String,
}

/// Links to the parts; the one that is open is marked.
#[component]
pub fn Tabs(
    /// What they are parts of.
    #[prop(into)]
    label: String,
    /// The parts.
    #[prop(into)]
    tabs: Signal<Vec<Tab>>,
) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label=label>
            <ul>
                {move || {
                    tabs.get()
                        .into_iter()
                        .map(|tab| view! { <li><A href=tab.href attr:class="tabs__tab">{tab.title}</A></li> })
                        .collect_view()
                }}
            </ul>
        </nav>
    }
    .into_any()
}
