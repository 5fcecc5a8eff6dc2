//! A page that has nothing to show yet: what it is for, the one next step, and something to copy.

use leptos::prelude::*;

use super::copy_box::CopyBox;
use super::icon::{Icon, IconName};

/// Something to copy, with what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// What it does: "Send OpenTelemetry".
    pub title: String,
    /// One sentence more.
    pub text: String,
    /// What to copy.
    pub code: String,
}

/// What a list shows while it is empty.
#[component]
pub fn EmptyState(
    /// The picture of the page.
    icon: IconName,
    /// What is not there yet.
    #[prop(into)]
    title: String,
    /// What the page is for.
    #[prop(into)]
    text: String,
    /// Ways to begin.
    #[prop(optional)]
    snippets: Vec<Snippet>,
    /// The one next step.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <section class="empty-state">
            <div class="empty-state__picture"><Icon name=icon /></div>
            <h2 class="empty-state__title">{title}</h2>
            <p class="empty-state__text">{text}</p>
            {children.map(|children| view! { <div class="empty-state__action">{children()}</div> })}
            {(!snippets.is_empty())
                .then(|| {
                    view! {
                        <div class="empty-state__snippets">
                            {snippets
                                .into_iter()
                                .map(|snippet| {
                                    view! {
                                        <section class="snippet">
                                            <h3 class="snippet__title">{snippet.title.clone()}</h3>
                                            <p class="snippet__text">{snippet.text}</p>
                                            <CopyBox text=snippet.code label=snippet.title block=true />
                                        </section>
                                    }
                                })
                                .collect_view()}
                        </div>
                    }
                })}
        </section>
    }
    .into_any()
}
