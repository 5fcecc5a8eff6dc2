//! The plain attributes of sessions and turns that any application can set: `session.*`, `user.*`, `conversation.*`,
//! `turn.*`, `context.*`, `journey.*`, `dropoff.*`, and a few that applications commonly use.

use super::{Dialect, identity};
use crate::parts::{Field, Parts};
use crate::value::Attribute;

/// Plain attributes.
pub struct Plain;

impl Dialect for Plain {
    fn attribute<'a>(&self, attribute: Attribute<'a>, parts: &mut Parts<'a>) -> Option<Attribute<'a>> {
        let key = attribute.key.clone();
        let (head, tail) = key.split_once('.').unwrap_or((&key, ""));
        match (head, tail) {
            ("session" | "user", "id") | ("conversation", "session_id") | ("enduser", "id") => {
                return identity(attribute, parts);
            }
            ("thread_id" | "user_id" | "userId", "") => return identity(attribute, parts),
            ("session", "end_reason") => parts.offer(Field::EndReason, attribute),
            ("session" | "user" | "journey" | "dropoff" | "app", "tags") | ("tags", "") => {
                parts.add_tags(attribute.value.into_texts());
            }
            ("session" | "user" | "journey" | "dropoff" | "app", name) if !name.is_empty() => {
                parts.session_metadata.insert(key.into_owned(), attribute.value.into_json());
            }
            ("conversation", "id") => parts.offer(Field::ConversationId, attribute),
            ("conversation", "turn_number") => parts.offer(Field::TurnNumber, attribute),
            ("turn", "number") => parts.offer_as(Field::TurnNumber, 1, attribute),
            ("turn", "id") => parts.offer(Field::TurnId, attribute),
            ("conversation" | "turn" | "context", name) if !name.is_empty() => {
                parts.turn_metadata.insert(key.into_owned(), attribute.value.into_json());
            }
            ("deployment", "environment.name") => parts.offer(Field::Environment, attribute),
            ("deployment", "environment") => parts.offer_as(Field::Environment, 1, attribute),
            ("service", "version") => parts.offer(Field::Release, attribute),
            ("error", "type") => parts.offer(Field::ErrorType, attribute),
            _ => return Some(attribute),
        }
        None
    }
}
