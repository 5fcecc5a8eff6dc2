//! The session a filter is asked about, and the rows that make it searchable in the database. The store writes the
//! rows that [`attributes`] and [`super::searchable`] give, so that memory and database answer alike.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::literal;
use crate::conversation::{Conversation, Session};
use crate::score::{Score, Value};

/// Key of the rows that hold tags.
pub const TAG: &str = "tag";
/// Key of the rows that hold the tools called.
pub const TOOL: &str = "tool";
/// Key of the rows that hold the models that answered.
pub const MODEL: &str = "model";

/// Longest key or text that is indexed as it is, in bytes; PostgreSQL's index rows hold 2,700.
const LONGEST: usize = 500;

/// A session with all that a filter can ask about it.
#[derive(Debug, Clone)]
pub struct FilterSubject<'a> {
    /// The session.
    pub session: &'a Session,
    /// Names of the tools called.
    pub tools: Vec<String>,
    /// Names of the models that answered.
    pub models: Vec<String>,
    /// The scores on the session, its turns and its spans; stale ones are passed over.
    pub scores: &'a [Score],
    /// The text in which words are looked for, as [`conversation_text`] gives it.
    pub text: String,
}

impl<'a> FilterSubject<'a> {
    /// From a whole conversation and its scores.
    #[must_use]
    pub fn of(conversation: &'a Conversation, scores: &'a [Score]) -> Self {
        let tools = conversation.turns.iter().flat_map(|turn| &turn.tool_calls).map(|call| call.name.clone());
        let models = conversation.turns.iter().filter_map(|turn| turn.model.clone());
        Self {
            session: &conversation.session,
            tools: tools.collect::<BTreeSet<_>>().into_iter().collect(),
            models: models.collect::<BTreeSet<_>>().into_iter().collect(),
            scores,
            text: conversation_text(conversation),
        }
    }

    /// Its rows of the attribute table.
    #[must_use]
    pub fn attributes(&self) -> Vec<Attribute> {
        attributes(self.session, &self.tools, &self.models)
    }
}

/// A row of `session_attributes`.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// `tag`, `tool`, `model`, or `metadata.` and the key.
    pub key: String,
    /// The value as text; long ones are cut and end in their hash.
    pub text: String,
    /// The value as a number, for metadata that reads like one.
    pub number: Option<f64>,
}

/// The rows of `session_attributes` for a session, each (key, text) once. Metadata keys get the prefix `metadata.`,
/// so that a key `tag` is no tag; nested objects give dotted keys, lists a row per element, `null` none.
#[must_use]
pub fn attributes(session: &Session, tools: &[String], models: &[String]) -> Vec<Attribute> {
    let mut rows = Vec::new();
    let named = [(TAG, session.tags.as_slice()), (TOOL, tools), (MODEL, models)];
    for (key, texts) in named {
        rows.extend(texts.iter().map(|text| Attribute { key: key.to_owned(), text: indexed(text), number: None }));
    }
    for (key, value) in &session.metadata {
        flatten(&format!("metadata.{key}"), value, &mut rows);
    }
    let mut seen = BTreeSet::new();
    rows.retain(|row| seen.insert((row.key.clone(), row.text.clone())));
    rows
}

fn flatten(key: &str, value: &Json, rows: &mut Vec<Attribute>) {
    let (text, number) = match value {
        Json::Null => return,
        Json::Object(fields) => {
            return fields.iter().for_each(|(name, value)| flatten(&format!("{key}.{name}"), value, rows));
        }
        Json::Array(elements) => return elements.iter().for_each(|value| flatten(key, value, rows)),
        Json::String(text) => (text.clone(), literal::number(text)),
        Json::Number(number) => (number.to_string(), number.as_f64().filter(|number| number.is_finite())),
        Json::Bool(flag) => (flag.to_string(), None),
    };
    rows.push(Attribute { key: indexed(key), text: indexed(&text), number });
}

/// The text as it is indexed and compared: long ones are cut, and their hash keeps them apart. No engine stores NUL.
pub(super) fn indexed(text: &str) -> String {
    let text = if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text.to_owned() };
    if text.len() <= LONGEST {
        return text;
    }
    let hash = blake3::hash(text.as_bytes()).to_hex();
    let end = (0..=LONGEST - 40).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{}… {}", &text[..end], &hash[..32])
}

/// The text of a conversation in which words are looked for: messages, tool calls with what came back, errors.
/// Retrieved documents are left out: they belong to the corpus, and would drown the conversation.
#[must_use]
pub fn conversation_text(conversation: &Conversation) -> String {
    let mut text = String::new();
    let mut add = |part: &str| {
        text.push_str(part);
        text.push('\n');
    };
    for turn in &conversation.turns {
        for message in [&turn.user, &turn.assistant].into_iter().flatten() {
            add(&message.text);
        }
        for call in &turn.tool_calls {
            add(&call.name);
            for json in [&call.arguments, &call.result].into_iter().flatten() {
                each_text(json, &mut add);
            }
        }
        for error in turn.tool_calls.iter().filter_map(|call| call.error.as_ref()).chain(&turn.errors) {
            error.kind.iter().for_each(|kind| add(kind));
            add(&error.message);
        }
    }
    text
}

/// Every text and number in a document, decoded; keys belong to the tool, not to the conversation.
fn each_text(json: &Json, add: &mut impl FnMut(&str)) {
    match json {
        Json::Null | Json::Bool(_) => {}
        Json::Number(number) => add(&number.to_string()),
        Json::String(text) => add(text),
        Json::Array(elements) => elements.iter().for_each(|element| each_text(element, add)),
        Json::Object(fields) => fields.values().for_each(|value| each_text(value, add)),
    }
}

/// From start to last activity in milliseconds: the column `duration_ms`.
#[must_use]
pub fn duration_ms(session: &Session) -> i64 {
    i64::try_from(session.last_activity_at.since(session.started_at).as_millis()).unwrap_or(i64::MAX)
}

/// A score's label, by which texts are compared: its category, its categories with commas, its text, `yes` or `no`
/// for a flag; a number has none. The column `label`; the column `number` is the value's finite number.
#[must_use]
pub fn score_label(value: &Value) -> Option<String> {
    match value {
        Value::Number(_) => None,
        other => Some(other.display()),
    }
}

/// A score's finite number.
pub(super) fn score_number(value: &Value) -> Option<f64> {
    value.number().filter(|number| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_but_kept_apart() {
        let (one, other) = ("é".repeat(5_000), format!("{}x", "é".repeat(5_000)));
        assert!(indexed(&one).len() <= LONGEST);
        assert_ne!(indexed(&one), indexed(&other));
        assert_eq!(indexed("as it is"), "as it is");
    }

    #[test]
    fn metadata_becomes_rows_by_dotted_key() {
        let metadata = serde_json::json!({
            "channel": "web", "plan": {"tier": 2, "seats": "10"}, "codes": ["a", ["b"], null, "a"],
            "beta": true, "none": null, "empty": {}, "tag": "not a tag"
        });
        let mut rows = Vec::new();
        for (key, value) in metadata.as_object().unwrap() {
            flatten(&format!("metadata.{key}"), value, &mut rows);
        }
        let mut shown: Vec<_> = rows.iter().map(|row| (row.key.as_str(), row.text.as_str(), row.number)).collect();
        shown.sort_by_key(|(key, ..)| *key);
        assert_eq!(
            shown,
            [
                ("metadata.beta", "true", None),
                ("metadata.channel", "web", None),
                ("metadata.codes", "a", None),
                ("metadata.codes", "b", None),
                ("metadata.codes", "a", None),
                ("metadata.plan.seats", "10", Some(10.0)),
                ("metadata.plan.tier", "2", Some(2.0)),
                ("metadata.tag", "not a tag", None),
            ]
        );
    }
}
