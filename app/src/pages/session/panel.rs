//! What stands beside the conversation, one tab at a time. On a phone the conversation is a tab of its own.

use leptos::prelude::*;
use turnwise_model::view::session_page::SessionPage;

use super::address::use_address;
use super::details::Details;
use super::ledger::Ledger;
use super::reviews::Reviews;
use super::scores::Scores;
use super::tab::Tab;
use super::trace::TraceTab;

/// The tabs and the open one.
#[component]
pub fn Panel(
    /// What the page shows.
    content: SessionPage,
    /// Asks for it again, after it was changed.
    again: Callback<()>,
) -> impl IntoView {
    let address = use_address();
    let content = StoredValue::new(content);
    let open = move || match address.tab.get().unwrap_or_default() {
        Tab::Scores => view! { <Scores content=content.get_value() /> }.into_any(),
        Tab::Trace => view! { <TraceTab /> }.into_any(),
        Tab::Reviews => {
            let (outline, withheld) = content.with_value(|content| (content.outline.clone(), content.withheld));
            view! { <Reviews outline withheld /> }.into_any()
        }
        Tab::Ledger => view! { <Ledger /> }.into_any(),
        Tab::Details => {
            view! { <Details session=content.with_value(|content| content.session.clone()) again /> }.into_any()
        }
    };
    view! {
        <div class="session__panel">
            <TabLinks />
            <div class="session__open">{open}</div>
        </div>
    }
    .into_any()
}

#[component]
fn TabLinks() -> impl IntoView {
    let address = use_address();
    let link = move |tab: Option<Tab>, title: &'static str, class: &'static str| {
        let current = move || {
            let open = address.tab.get();
            (open == tab || open.is_none() && tab == Some(Tab::default())).then_some("page")
        };
        view! {
            <li class=class>
                <a class="tabs__tab" href=move || address.with_tab(tab) aria-current=current data-noscroll>{title}</a>
            </li>
        }
    };
    view! {
        <nav class="tabs session__tabs" aria-label="About the session">
            <ul>
                {link(None, "Conversation", "session__first-tab")}
                {Tab::ALL.iter().map(|tab| link(Some(*tab), tab.title(), "")).collect_view()}
            </ul>
        </nav>
    }
    .into_any()
}
