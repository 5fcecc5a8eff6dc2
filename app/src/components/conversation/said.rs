//! What one side said in a turn: its text as text, never as markup, and its other parts.

use leptos::prelude::*;
use turnwise_model::conversation::MessageText;
use turnwise_model::score::Part;
use turnwise_model::telemetry::ContentPart;

use super::passages::{Passage, marked, means_all};
use crate::components::icon::{Icon, IconName};

/// A message. Its text carries `data-turn` and `data-part`, so that a page can tell where a selection stands.
#[component]
pub fn Said(
    /// Position of the turn.
    position: u32,
    /// Who said it: user or assistant.
    part: Part,
    /// The message; `None` when that side said nothing.
    message: Option<MessageText>,
    /// Passages of the turn that are to be marked.
    passages: Vec<Passage>,
) -> impl IntoView {
    let (class, who) = match part {
        Part::User => ("said said--user", "User"),
        _ => ("said said--assistant", "Assistant"),
    };
    let Some(message) = message else {
        let nothing = if part == Part::User { "The assistant spoke first." } else { "There was no reply." };
        return view! {
            <div class=class>
                <p class="said__who">{who}</p>
                <p class="said__nothing">{nothing}</p>
            </div>
        }
        .into_any();
    };
    let all = means_all(&passages, part);
    let empty = message.text.is_empty() && message.parts.is_empty();
    view! {
        <div class=class class:said--meant=all>
            <p class="said__who">{who}</p>
            <div class="said__body">
                {(!message.text.is_empty())
                    .then(|| {
                        view! {
                            <div class="said__text" dir="auto" data-turn=position data-part=part.as_str()>
                                {marked(&message.text, part, &passages)}
                            </div>
                        }
                    })}
                {empty.then(|| view! { <p class="said__nothing">"An empty message."</p> })}
                {message.parts.into_iter().filter_map(other_part).collect_view()}
            </div>
        </div>
    }
    .into_any()
}

/// A part that is not in the text. Tool calls and results have their own lines.
fn other_part(part: ContentPart) -> Option<AnyView> {
    let view = match part {
        ContentPart::Text { .. } | ContentPart::ToolCall { .. } | ContentPart::ToolResult { .. } => return None,
        ContentPart::Reasoning { text } => folded("Reasoning", text),
        ContentPart::Media { media_type, uri } => {
            let kind = media_type.unwrap_or_else(|| "media".to_owned());
            // Only named, never loaded: opening a session must not call on strangers' servers.
            view! {
                <p class="said__media"><Icon name=IconName::External /><span>{kind}</span> {uri.map(|uri| view! { <code>{uri}</code> })}</p>
            }
            .into_any()
        }
        ContentPart::Other { value } => folded("Something else", super::payload::readable(&value)),
    };
    Some(view)
}

fn folded(title: &'static str, text: String) -> AnyView {
    view! {
        <details class="tool">
            <summary class="tool__line"><Icon name=IconName::ChevronRight /><span class="tool__call">{title}</span></summary>
            <div class="tool__body">
                <div class="payload payload--prose" tabindex="0" role="group" aria-label=title>{text}</div>
            </div>
        </details>
    }
    .into_any()
}
