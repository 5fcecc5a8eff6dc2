//! The line at the top of every page: the way here, the page's name, its one primary action.

use leptos::prelude::*;

use super::breadcrumb::{Breadcrumb, Crumb};
use super::icon::{Icon, IconName};
use crate::layout::RAIL;
use crate::state::title::use_title;

/// The head of a page.
#[component]
pub fn PageHeader(
    /// The page's name; also the window's.
    #[prop(into)]
    title: Signal<String>,
    /// The pages on the way here.
    #[prop(optional, into)]
    crumbs: Signal<Vec<Crumb>>,
    /// The primary action.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    use_title(title);
    view! {
        <header class="page-header">
            <button class="icon-button page-header__menu" type="button" popovertarget=RAIL aria-label="Navigation">
                <Icon name=IconName::Menu />
            </button>
            <Transition fallback=|| ()>
                <Breadcrumb crumbs />
            </Transition>
            <h1 class="page-header__title">{move || title.get()}</h1>
            {children.map(|children| view! { <div class="page-header__actions">{children()}</div> })}
        </header>
    }
    .into_any()
}
