//! A retrieval: one line that says what was searched for and how much was found; opening it shows the documents.

use leptos::prelude::*;
use turnwise_model::conversation::{Document, Retrieval};
use turnwise_model::score::Part;

use super::passages::{Passage, marked};
use crate::components::icon::{Icon, IconName};
use crate::state::figures::{count, one_line};

/// A retrieval.
#[component]
pub fn RetrievalLine(
    /// The retrieval.
    retrieval: Retrieval,
    /// Passages of the turn that are to be marked.
    passages: Vec<Passage>,
) -> impl IntoView {
    let Retrieval { query, documents } = retrieval;
    let found = match documents.len() {
        0 => "no documents".to_owned(),
        1 => "1 document".to_owned(),
        many => format!("{} documents", count(i64::try_from(many).unwrap_or(i64::MAX))),
    };
    let asked = query.as_deref().map(|query| format!("“{}”", one_line(query, 80)));
    view! {
        <details class="tool">
            <summary class="tool__line">
                <Icon name=IconName::ChevronRight />
                <span class="tool__call">
                    <span class="tool__name">"retrieved"</span>
                    <span class="tool__arguments">" " {asked}</span>
                </span>
                <span class="tool__result"><span class="tool__arrow" aria-label="gave">"→ "</span>{found}</span>
            </summary>
            <ol class="tool__body documents">
                {documents
                    .into_iter()
                    .enumerate()
                    .map(|(index, document)| view! { <DocumentItem number=index + 1 document passages=passages.clone() /> })
                    .collect_view()}
            </ol>
        </details>
    }
    .into_any()
}

#[component]
fn DocumentItem(number: usize, document: Document, passages: Vec<Passage>) -> impl IntoView {
    let name = document.id.unwrap_or_else(|| format!("Document {number}"));
    let score = document.score.map(|score| format!("{score:.3}"));
    view! {
        <li class="document">
            <p class="document__head">
                <span class="document__name">{name.clone()}</span>
                {score.map(|score| view! { <span class="document__score" title="How well it matched">{score}</span> })}
            </p>
            {document
                .text
                .map(|text| {
                    view! {
                        <div class="payload payload--prose" tabindex="0" role="group" aria-label=format!("Text of {name}")>
                            {marked(&text, Part::Document, &passages)}
                        </div>
                    }
                })}
        </li>
    }
    .into_any()
}
