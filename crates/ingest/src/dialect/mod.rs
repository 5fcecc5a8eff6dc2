//! The dialects, one file each. To add one: write a file with a type that implements [`Dialect`], and name it in
//! [`DIALECTS`] at its place in the order of precedence.

mod genai;
mod langfuse;
mod mlflow;
mod openinference;
mod openllmetry;
pub(crate) mod own;
mod plain;
mod vercel;

use serde_json::Value as Json;

pub(crate) use genai::{evaluation, event_message, is_message_event, object};

use crate::otlp::raw::RawEvent;
use crate::parts::{Field, Parts};
use crate::value::{Any, Attribute};

/// A way of telling about LLM calls in span attributes and events. Pure: it only moves what it knows into [`Parts`].
pub trait Dialect: Sync {
    /// Takes an attribute it knows into the parts, or hands it back.
    fn attribute<'a>(&self, attribute: Attribute<'a>, parts: &mut Parts<'a>) -> Option<Attribute<'a>>;

    /// Takes an event it knows into the parts, or hands it back.
    fn event<'a>(&self, event: RawEvent<'a>, _parts: &mut Parts<'a>) -> Option<RawEvent<'a>> {
        Some(event)
    }
}

/// All dialects, the one that is believed most first.
pub static DIALECTS: [&dyn Dialect; 8] = [
    &own::Own,
    &openinference::OpenInference,
    &genai::GenAi,
    &langfuse::Langfuse,
    &openllmetry::OpenLlmetry,
    &vercel::Vercel,
    &mlflow::Mlflow,
    &plain::Plain,
];

/// Attributes that name the session, the best first. The place in this list is the id's rank.
pub const SESSION_KEYS: [&str; 12] = [
    "session.id",
    "langfuse.session.id",
    "gen_ai.conversation.id",
    "conversation.session_id",
    "traceloop.association.properties.session_id",
    "traceloop.association.properties.conversation_id",
    "traceloop.association.properties.thread_id",
    "langfuse.trace.metadata.langfuse_session_id",
    "ai.telemetry.metadata.sessionId",
    "ai.telemetry.metadata.session_id",
    "mlflow.trace.session",
    "thread_id",
];

/// Attributes that name the user, the best first. The place in this list is the id's rank.
pub const USER_KEYS: [&str; 11] = [
    "user.id",
    "langfuse.user.id",
    "enduser.id",
    "langfuse.trace.metadata.langfuse_user_id",
    "traceloop.association.properties.langfuse_user_id",
    "traceloop.association.properties.user_id",
    "ai.telemetry.metadata.userId",
    "ai.telemetry.metadata.user_id",
    "mlflow.trace.user",
    "user_id",
    "userId",
];

/// Takes an attribute that names the session or the user.
pub(crate) fn identity<'a>(attribute: Attribute<'a>, parts: &mut Parts<'a>) -> Option<Attribute<'a>> {
    if let Some(rank) = SESSION_KEYS.iter().position(|key| *key == attribute.key) {
        parts.offer_session(u8::try_from(rank).unwrap_or(u8::MAX), &attribute.value);
        return None;
    }
    if let Some(rank) = USER_KEYS.iter().position(|key| *key == attribute.key) {
        parts.offer_ranked(Field::UserId, u8::try_from(rank).unwrap_or(u8::MAX), attribute);
        return None;
    }
    Some(attribute)
}

/// Whether a metadata key tells about the turn rather than the session.
pub(crate) fn is_turn_word(key: &str) -> bool {
    matches!(key, "turn" | "turn_number" | "turn_index" | "turn_id" | "message_id")
}

/// Whether a metadata key is a framework's own business and no fact about the session.
pub(crate) fn is_framework_word(key: &str) -> bool {
    ["langgraph_", "ls_", "lc_", "checkpoint_", "__pregel"].iter().any(|prefix| key.starts_with(prefix))
        || matches!(key, "checkpoint_ns" | "run_id" | "thread_ts")
}

/// Takes one entry of the client's metadata to where it belongs. `from` is the attribute it came by, under which a
/// framework's own entries are kept.
pub(crate) fn metadata<'a>(from: &str, key: &str, value: Any<'a>, parts: &mut Parts<'a>) {
    match key {
        "thread_id" | "session_id" | "sessionId" => {
            parts.offer_session(u8::try_from(SESSION_KEYS.len() - 1).unwrap_or(u8::MAX), &value);
        }
        "user_id" | "userId" => {
            let rank = u8::try_from(USER_KEYS.len() - 1).unwrap_or(u8::MAX);
            parts.offer_ranked(Field::UserId, rank, Attribute::new(key.to_owned(), value));
        }
        "environment" => parts.offer_as(Field::Environment, 7, Attribute::new(format!("{from}.{key}"), value)),
        "release" => parts.offer_as(Field::Release, 7, Attribute::new(format!("{from}.{key}"), value)),
        "tags" => parts.add_tags(value.into_texts()),
        _ if is_turn_word(key) => {
            parts.turn_metadata.insert(key.to_owned(), value.into_json());
        }
        _ if is_framework_word(key) => parts.rest.push(Attribute::new(format!("{from}.{key}"), value)),
        _ => {
            parts.session_metadata.insert(key.to_owned(), value.into_json());
        }
    }
}

/// Takes a metadata attribute that holds an object, as such or as JSON text.
pub(crate) fn metadata_object<'a>(attribute: Attribute<'a>, parts: &mut Parts<'a>) -> Option<Attribute<'a>> {
    match attribute.value {
        Any::Map(entries) => {
            for entry in entries {
                metadata(&attribute.key, &entry.key, entry.value, parts);
            }
            None
        }
        Any::Text(text) => match crate::value::parse_json_text(&text) {
            Some(Json::Object(map)) => {
                for (key, value) in map {
                    metadata(&attribute.key, &key, Any::from(value), parts);
                }
                None
            }
            _ => Some(Attribute { key: attribute.key, value: Any::Text(text) }),
        },
        value => Some(Attribute { key: attribute.key, value }),
    }
}
