//! One span opened: what is known of it in a word each, then input, output, attributes and events.

use leptos::prelude::*;
use turnwise_model::telemetry::SpanStatus;
use turnwise_model::view::trace::{SpanPage, SpanSection};

use super::address::use_address;
use super::asked::use_asked;
use crate::components::{Badge, BadgeTone, Icon, IconName, Shape, loaded_when};
use crate::state::figures::plural;

/// The span that the address names.
#[component]
pub fn OpenSpan() -> impl IntoView {
    let address = use_address();
    let content = use_asked().span;
    view! {
        <section class="span" aria-label="Open span">
            <a class="icon-button span__close" href=move || address.but(|place| place.span = None) aria-label="Close the span" data-noscroll>
                <Icon name=IconName::Close />
            </a>
            {loaded_when(content, Shape::Table(4), |content| view! { <Content content /> })}
        </section>
    }
    .into_any()
}

#[component]
fn Content(content: SpanPage) -> impl IntoView {
    let SpanPage { name, kind, status, facts, sections } = content;
    let facts = facts.into_iter().map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> }).collect_view();
    view! {
        <header class="span__head">
            <h3 class="span__name">{name}</h3>
            <Badge>{kind.as_str()}</Badge>
            {match status {
                SpanStatus::Error => view! { <Badge tone=BadgeTone::Fail>"failed"</Badge> }.into_any(),
                SpanStatus::Ok => view! { <Badge tone=BadgeTone::Pass>"ok"</Badge> }.into_any(),
                SpanStatus::Unset => ().into_any(),
            }}
        </header>
        <dl class="details__list">{facts}</dl>
        {sections.into_iter().map(|section| view! { <Section section /> }).collect_view()}
    }
    .into_any()
}

/// Short lists are open; the history of a long conversation, attributes and the like open on demand.
#[component]
fn Section(section: SpanSection) -> impl IntoView {
    let SpanSection { title, pieces } = section;
    let many = pieces.len();
    let open = matches!(title.as_str(), "Errors" | "Arguments" | "Result" | "Output") || title == "Input" && many <= 2;
    let count = (many > 1).then(|| plural(i64::try_from(many).unwrap_or(i64::MAX), "entry", "entries"));
    let label = title.clone();
    let pieces = pieces
        .into_iter()
        .map(|(who, text)| {
            let label = who.clone().map_or_else(|| label.clone(), |who| format!("{label}, {who}"));
            view! {
                <li class="span__piece">
                    {who.map(|who| view! { <p class="tool__label">{who}</p> })}
                    <pre class="payload" tabindex="0" role="group" aria-label=label>{text}</pre>
                </li>
            }
        })
        .collect_view();
    view! {
        <details class="tool" open=open>
            <summary class="tool__line">
                <Icon name=IconName::ChevronRight />
                <span class="tool__call">{title}</span>
                <span class="tool__result">{count}</span>
            </summary>
            <ol class="tool__body">{pieces}</ol>
        </details>
    }
    .into_any()
}
