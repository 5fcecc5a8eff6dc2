//! From page to page of a list, by links: the address says where one is.

use leptos::prelude::*;

/// Links to the page before and the page after.
#[component]
pub fn Pagination(
    /// What is on this page: "1–50 of 1 204".
    #[prop(into)]
    range: String,
    /// The address of the page before, where there is one.
    #[prop(optional_no_strip)]
    previous: Option<String>,
    /// The address of the page after, where there is one.
    #[prop(optional_no_strip)]
    next: Option<String>,
) -> impl IntoView {
    let step = |words: &'static str, rel: &'static str, href: Option<String>| match href {
        Some(href) => view! { <a class="button" rel=rel href=href>{words}</a> }.into_any(),
        None => view! { <span class="button" aria-disabled="true">{words}</span> }.into_any(),
    };
    view! {
        <nav class="pagination" aria-label="Pages">
            <span class="pagination__range">{range}</span>
            {step("Previous", "prev", previous)}
            {step("Next", "next", next)}
        </nav>
    }
    .into_any()
}
