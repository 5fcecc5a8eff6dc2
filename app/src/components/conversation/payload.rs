//! What a tool was given or answered, as it came: structured data laid out, text with its line breaks, both scrolling
//! within a limited height.

use leptos::prelude::*;
use serde_json::Value as Json;
use turnwise_model::score::Part;
use turnwise_model::telemetry::parsed;

use super::passages::{Passage, marked};

/// A value, readable.
#[component]
pub fn Payload(
    /// The value.
    value: Json,
    /// What it is: "arguments of get_order".
    #[prop(into)]
    label: String,
    /// Passages of the turn that are to be marked in it.
    #[prop(optional)]
    passages: Vec<Passage>,
    /// Which part of the turn it is.
    #[prop(default = Part::Tool)]
    part: Part,
) -> impl IntoView {
    view! {
        <pre class="payload" tabindex="0" role="group" aria-label=label>
            {marked(&readable(&value), part, &passages)}
        </pre>
    }
    .into_any()
}

/// Structured data laid out over lines; text as it is.
#[must_use]
pub fn readable(value: &Json) -> String {
    match parsed(value).as_ref() {
        Json::String(text) => text.clone(),
        json @ (Json::Object(_) | Json::Array(_)) => format!("{json:#}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_holds_json_is_laid_out() {
        assert_eq!(readable(&Json::String("{\"id\":1}".to_owned())), "{\n  \"id\": 1\n}");
        assert_eq!(readable(&Json::String("plain\ntext".to_owned())), "plain\ntext");
        assert_eq!(readable(&Json::Null), "null");
    }
}
