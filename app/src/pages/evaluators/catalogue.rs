//! What is built in: judges and checks, each to be added with one press.

use leptos::form::ActionForm;
use leptos::prelude::*;
use turnwise_model::score::Source;

use crate::components::ScoreMark;
use crate::functions::evaluators::{CatalogueShown, EvaluatorAdd};
use crate::state::project::use_project;

/// The catalogue.
#[component]
pub fn Catalogue(
    /// Its entries.
    entries: Vec<CatalogueShown>,
    /// Whether the viewer may add them.
    may_edit: bool,
    /// Adds one.
    add: ServerAction<EvaluatorAdd>,
) -> impl IntoView {
    let entries = entries.into_iter().map(|entry| view! { <Entry entry may_edit add /> }).collect_view();
    view! {
        <section class="section catalogue" aria-labelledby="catalogue-title">
            <h2 class="section__title" id="catalogue-title">"Catalogue"</h2>
            <p class="section__text">
                "Checks are deterministic, cost nothing and need no model. Judges ask a model, and every passage they cite is looked up in the conversation."
            </p>
            <ul class="catalogue__entries">{entries}</ul>
        </section>
    }
    .into_any()
}

#[component]
fn Entry(entry: CatalogueShown, may_edit: bool, add: ServerAction<EvaluatorAdd>) -> impl IntoView {
    let project = use_project();
    let source = if entry.is_judge { Source::Llm } else { Source::Code };
    let label = format!("Add {}", entry.title);
    view! {
        <li class="catalogue__entry">
            <h3 class="catalogue__title">
                <ScoreMark source name=entry.title.clone() />
                {entry.title}
            </h3>
            <p class="catalogue__text">{entry.description}</p>
            {may_edit
                .then(|| {
                    view! {
                        <ActionForm action=add>
                            <input type="hidden" name="project" value=move || project.slug() />
                            <input type="hidden" name="key" value=entry.key />
                            <button class="button" type="submit" aria-label=label>"Add"</button>
                        </ActionForm>
                    }
                })}
        </li>
    }
    .into_any()
}
