//! Tool calls: one line each, `name(arguments) → result`; opening it shows both in full. It works without JavaScript.

use leptos::prelude::*;
use serde_json::Value as Json;
use turnwise_model::conversation::ToolCall;
use turnwise_model::score::Part;
use turnwise_model::telemetry::parsed;

use super::passages::Passage;
use super::payload::Payload;
use super::turn::ErrorLine;
use crate::components::icon::{Icon, IconName};
use crate::state::figures::one_line;

/// A tool call.
#[component]
pub fn ToolLine(
    /// The call.
    call: ToolCall,
    /// Passages of the turn that are to be marked.
    passages: Vec<Passage>,
) -> impl IntoView {
    let ToolCall { name, arguments, result, error, .. } = call;
    let failed = error.is_some();
    let outcome = match (&error, &result) {
        (Some(error), _) => one_line(&error.message, 80),
        (None, Some(result)) => short(result, 80),
        (None, None) => "no result".to_owned(),
    };
    let quoted = passages.iter().any(|passage| {
        passage.part == Part::Tool && [&arguments, &result].into_iter().flatten().any(|value| holds(value, passage))
    });
    let labels = (format!("Arguments of {name}"), format!("Result of {name}"));
    let marked = passages.clone();
    view! {
        <details class="tool" class:tool--failed=failed open=quoted>
            <summary class="tool__line">
                <Icon name=IconName::ChevronRight />
                <span class="tool__call">
                    <span class="tool__name">{name}</span>
                    <span class="tool__arguments">{format!("({})", arguments.as_ref().map(named).unwrap_or_default())}</span>
                </span>
                <span class="tool__result"><span class="tool__arrow" aria-label="gave">"→ "</span>{outcome}</span>
            </summary>
            <div class="tool__body">
                {error.map(|error| view! { <ErrorLine error /> })}
                {arguments
                    .map(|value| view! { <p class="tool__label">"Arguments"</p><Payload value label=labels.0 passages=marked /> })}
                {result.map(|value| view! { <p class="tool__label">"Result"</p><Payload value label=labels.1 passages /> })}
            </div>
        </details>
    }
    .into_any()
}

fn holds(value: &Json, passage: &Passage) -> bool {
    !passage.quote.is_empty() && super::payload::readable(value).contains(&passage.quote)
}

/// Arguments in one line: `id=12345, email="a@b.c"`.
fn named(arguments: &Json) -> String {
    let text = match parsed(arguments).as_ref() {
        Json::Object(fields) => {
            fields.iter().map(|(name, value)| format!("{name}={}", short(value, 40))).collect::<Vec<_>>().join(", ")
        }
        Json::Null => String::new(),
        other => short(other, 60),
    };
    one_line(&text, 80)
}

/// A value in one line; text without quotation marks.
fn short(value: &Json, most: usize) -> String {
    match value {
        Json::String(text) => one_line(text, most),
        other => one_line(&other.to_string(), most),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arguments_are_named_in_one_short_line() {
        assert_eq!(named(&json!({"id": 12345})), "id=12345");
        assert_eq!(named(&json!("{\"id\": 12345}")), "id=12345");
        assert_eq!(named(&json!(null)), "");
        assert_eq!(named(&json!(["a", "b"])), "[\"a\",\"b\"]");
        assert!(named(&json!({"text": "word ".repeat(500)})).chars().count() <= 80);
    }
}
