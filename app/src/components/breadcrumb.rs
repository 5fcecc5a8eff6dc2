//! The way from the project to this page. The page itself is the heading after it.

use leptos::prelude::*;

/// A page on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    /// What it is called.
    pub title: String,
    /// Its address.
    pub href: String,
}

impl Crumb {
    /// A page on the way.
    pub fn new(title: impl Into<String>, href: impl Into<String>) -> Self {
        Self { title: title.into(), href: href.into() }
    }
}

/// The way to this page.
#[component]
pub fn Breadcrumb(
    /// The pages on the way, outermost first.
    #[prop(into)]
    crumbs: Signal<Vec<Crumb>>,
) -> impl IntoView {
    view! {
        <nav class="breadcrumb" aria-label="Breadcrumb">
            <ol>
                {move || {
                    crumbs
                        .get()
                        .into_iter()
                        .map(|crumb| view! { <li><a href=crumb.href>{crumb.title}</a></li> })
                        .collect_view()
                }}
            </ol>
        </nav>
    }
    .into_any()
}
