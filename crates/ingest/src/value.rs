//! Attribute values as they lie in the received bytes: borrowed where possible, copied once where kept.
//!
//! Every wire format is read into [`Any`] first, so that the dialects know nothing of protobuf or JSON.

use std::borrow::Cow;

use base64::Engine as _;
use serde_json::{Map, Number, Value as Json};

/// An OpenTelemetry `AnyValue`.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Any<'a> {
    /// No value.
    #[default]
    Null,
    /// Text.
    Text(Cow<'a, str>),
    /// Yes or no.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number.
    Double(f64),
    /// Bytes.
    Bytes(Cow<'a, [u8]>),
    /// A list.
    List(Vec<Any<'a>>),
    /// A map; the order is kept.
    Map(Vec<Attribute<'a>>),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Attribute<'a> {
    /// The key.
    pub key: Cow<'a, str>,
    /// The value.
    pub value: Any<'a>,
}

impl<'a> Attribute<'a> {
    /// An attribute of key and value.
    pub fn new(key: impl Into<Cow<'a, str>>, value: Any<'a>) -> Self {
        Self { key: key.into(), value }
    }
}

impl<'a> Any<'a> {
    /// A text value.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// Whether there is nothing in it: null, or empty text.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    /// The text, when it is text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// As text: numbers and flags printed, lists and maps as compact JSON; null is `None`.
    #[must_use]
    pub fn into_text(self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Text(text) => Some(text.into_owned()),
            Self::Bool(flag) => Some(flag.to_string()),
            Self::Int(number) => Some(number.to_string()),
            Self::Double(number) => Some(number.to_string()),
            other => Some(other.into_json().to_string()),
        }
    }

    /// As an integer: also from text, and from a number without a fraction.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            // Exact: such a double is an integer, and small enough that no digit was lost.
            #[expect(clippy::cast_possible_truncation, reason = "checked to be a small integer")]
            Self::Double(number) if number.fract() == 0.0 && number.abs() < 9e15 => Some(*number as i64),
            _ => None,
        }
    }

    /// As a finite number: also from text.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        let number = match self {
            Self::Double(number) => *number,
            #[expect(clippy::cast_precision_loss, reason = "a score or a cost, not an instant")]
            Self::Int(number) => *number as f64,
            Self::Text(text) => text.trim().parse().ok()?,
            _ => return None,
        };
        number.is_finite().then_some(number)
    }

    /// As a flag: also from the words `true` and `false`.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// As JSON, text staying text. Numbers that JSON cannot hold become text; bytes become base64.
    #[must_use]
    pub fn into_json(self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Text(text) => Json::String(text.into_owned()),
            Self::Bool(flag) => Json::Bool(flag),
            Self::Int(number) => Json::Number(number.into()),
            Self::Double(number) => {
                Number::from_f64(number).map_or_else(|| Json::String(number.to_string()), Json::Number)
            }
            Self::Bytes(bytes) => Json::String(base64::engine::general_purpose::STANDARD.encode(bytes)),
            Self::List(items) => Json::Array(items.into_iter().map(Self::into_json).collect()),
            Self::Map(entries) => attributes_to_json(entries),
        }
    }

    /// As JSON, reading text that holds an object or a list.
    #[must_use]
    pub fn into_parsed_json(self) -> Json {
        match self {
            Self::Text(text) => parse_json_text(&text).unwrap_or_else(|| Json::String(text.into_owned())),
            other => other.into_json(),
        }
    }

    /// As a list of texts: a list, a JSON list in text, or words parted by commas.
    #[must_use]
    pub fn into_texts(self) -> Vec<String> {
        match self {
            Self::List(items) => items.into_iter().filter_map(Self::into_text).collect(),
            Self::Text(text) => match parse_json_text(&text) {
                Some(Json::Array(items)) => items
                    .into_iter()
                    .map(|item| match item {
                        Json::String(text) => text,
                        other => other.to_string(),
                    })
                    .collect(),
                _ => text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect(),
            },
            Self::Null => Vec::new(),
            other => other.into_text().into_iter().collect(),
        }
    }
}

impl From<Json> for Any<'_> {
    fn from(json: Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(flag) => Self::Bool(flag),
            Json::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(integer), _) => Self::Int(integer),
                (None, Some(double)) => Self::Double(double),
                (None, None) => Self::Text(Cow::Owned(number.to_string())),
            },
            Json::String(text) => Self::Text(Cow::Owned(text)),
            Json::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Json::Object(map) => {
                Self::Map(map.into_iter().map(|(key, value)| Attribute::new(key, Self::from(value))).collect())
            }
        }
    }
}

/// Attributes as a JSON object; of a repeated key the last counts.
#[must_use]
pub fn attributes_to_json(attributes: Vec<Attribute<'_>>) -> Json {
    let map: Map<String, Json> =
        attributes.into_iter().map(|attribute| (attribute.key.into_owned(), attribute.value.into_json())).collect();
    Json::Object(map)
}

pub use turnwise_model::telemetry::{mend_surrogates, parse_json_text};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_come_as_a_list_as_json_or_with_commas() {
        let three = vec!["dev".to_owned(), "library".to_owned()];
        assert_eq!(Any::List(vec![Any::text("dev"), Any::text("library")]).into_texts(), three);
        assert_eq!(Any::text("[\"dev\", \"library\"]").into_texts(), three);
        assert_eq!(Any::text("dev, library").into_texts(), three);
    }
}
