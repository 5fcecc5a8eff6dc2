//! A conversation read once for all checks: words, sentences and tool outcomes, each computed when first asked for.

use std::cell::OnceCell;
use std::ops::Range;

use serde_json::Value as Json;
use turnwise_model::conversation::{Conversation, MessageText, ToolCall, Turn};

use crate::checks::repetition::{Repeat, repeats};
use crate::text::sentences::sentences;
use crate::text::words::{Token, tokens};

/// A conversation with what checks need to know of its texts.
#[derive(Debug)]
pub struct Reading<'a> {
    /// The conversation.
    pub conversation: &'a Conversation,
    /// Its turns in order.
    pub turns: Vec<TurnReading<'a>>,
    repeats: OnceCell<Vec<Option<Repeat>>>,
}

/// One turn with its texts.
#[derive(Debug)]
pub struct TurnReading<'a> {
    /// The turn.
    pub turn: &'a Turn,
    /// What the user said; empty when they said nothing.
    pub user: Text<'a>,
    /// What the assistant replied; empty when there was no reply.
    pub reply: Text<'a>,
}

/// A text with its words and sentences.
#[derive(Debug)]
pub struct Text<'a> {
    /// The text.
    pub text: &'a str,
    tokens: OnceCell<Vec<Token>>,
    sentences: OnceCell<Vec<Range<usize>>>,
}

impl<'a> Text<'a> {
    /// Nothing is computed yet.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self { text, tokens: OnceCell::new(), sentences: OnceCell::new() }
    }

    fn of(message: Option<&'a MessageText>) -> Self {
        Self::new(message.map_or("", |message| message.text.as_str()))
    }

    /// Its words and numbers in order.
    pub fn tokens(&self) -> &[Token] {
        self.tokens.get_or_init(|| tokens(self.text))
    }

    /// Its sentences as byte ranges in order, without white space around them.
    pub fn sentences(&self) -> &[Range<usize>] {
        self.sentences.get_or_init(|| sentences(self.text))
    }

    /// The sentence in which the byte at `at` lies; the whole text when it lies in none.
    pub fn sentence_at(&self, at: usize) -> &'a str {
        let found = self.sentences().iter().find(|range| range.contains(&at));
        found.map_or(self.text, |range| &self.text[range.clone()])
    }

    /// Whether there is nothing but white space.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

impl<'a> Reading<'a> {
    /// Reads nothing yet but the outline.
    #[must_use]
    pub fn new(conversation: &'a Conversation) -> Self {
        let turns = conversation
            .turns
            .iter()
            .map(|turn| TurnReading {
                turn,
                user: Text::of(turn.user.as_ref()),
                reply: Text::of(turn.assistant.as_ref()),
            })
            .collect();
        Self { conversation, turns, repeats: OnceCell::new() }
    }

    /// For each turn, whether its reply repeats an earlier one without being asked to.
    pub fn repeats(&self) -> &[Option<Repeat>] {
        self.repeats.get_or_init(|| repeats(self))
    }

    /// Whether any tool was called: only then can a check tell whether a claimed action happened.
    #[must_use]
    pub fn uses_tools(&self) -> bool {
        self.turns.iter().any(|turn| !turn.turn.tool_calls.is_empty())
    }
}

/// Why a tool call failed, where it did: its error, or a result that says it is one.
#[must_use]
pub fn failure(call: &ToolCall) -> Option<&str> {
    if let Some(error) = &call.error {
        return Some(&error.message);
    }
    match call.result.as_ref()? {
        Json::String(text) => {
            let start = text.trim_start().get(..6)?;
            (start.eq_ignore_ascii_case("error:") || start.eq_ignore_ascii_case("error ")).then_some(text.as_str())
        }
        Json::Object(fields) => {
            let says_no = |key: &str| fields.get(key).is_some_and(|value| *value == Json::Bool(false));
            let error = fields.get("error").or_else(|| fields.get("errors")).filter(|error| !is_nothing(error));
            let status = fields
                .get("status")
                .and_then(Json::as_str)
                .filter(|status| ["error", "failed", "failure"].iter().any(|bad| status.eq_ignore_ascii_case(bad)));
            match error {
                Some(Json::String(text)) => Some(text),
                Some(Json::Object(inner)) => {
                    Some(inner.get("message").and_then(Json::as_str).unwrap_or("the tool returned an error"))
                }
                Some(_) => Some("the tool returned an error"),
                None if status.is_some() || says_no("success") || says_no("ok") => Some(
                    fields.get("message").and_then(Json::as_str).or(status).unwrap_or("the tool reported no success"),
                ),
                None => None,
            }
        }
        _ => None,
    }
}

fn is_nothing(value: &Json) -> bool {
    match value {
        Json::Null | Json::Bool(false) => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(fields) => fields.is_empty(),
        Json::Bool(true) | Json::Number(_) => false,
    }
}

/// Whether the tool, by its name, looks something up rather than changes something.
#[must_use]
pub fn only_reads(name: &str) -> bool {
    const READS: [&str; 22] = [
        "get",
        "find",
        "search",
        "list",
        "check",
        "lookup",
        "look",
        "read",
        "fetch",
        "track",
        "calculate",
        "think",
        "query",
        "retrieve",
        "show",
        "view",
        "describe",
        "count",
        "compute",
        "estimate",
        "validate",
        "verify",
    ];
    let last = name.rsplit(['.', '/', ':']).next().unwrap_or(name);
    let first = last.split(|c: char| !c.is_ascii_alphabetic()).find(|word| !word.is_empty()).unwrap_or(last);
    let lower = first.to_ascii_lowercase();
    READS.iter().any(|verb| {
        lower == *verb || (lower.starts_with(verb) && first[verb.len()..].starts_with(|c: char| c.is_ascii_uppercase()))
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;
    use turnwise_model::conversation::Tokens;
    use turnwise_model::{Micros, ProjectId, SessionId, TurnId};

    pub(crate) fn turn(position: u32, user: &str, assistant: &str) -> Turn {
        let session = SessionId::derive("00000000-0000-7000-8000-000000000000".parse::<ProjectId>().unwrap(), "s");
        Turn {
            id: TurnId::derive(session, &position.to_string()),
            position,
            conversation_id: None,
            trace_id: None,
            started_at: Micros(0),
            latency_ms: None,
            user: Some(user.into()),
            assistant: Some(assistant.into()),
            model: None,
            tool_calls: Vec::new(),
            retrievals: Vec::new(),
            errors: Vec::new(),
            tokens: Tokens::default(),
            cost_usd: None,
            llm_calls: 1,
        }
    }

    pub(crate) fn conversation(turns: Vec<Turn>) -> Conversation {
        let session = json!({
            "id": "00000000-0000-8000-8000-000000000000", "external_id": "s", "status": "closed", "revision": 1,
            "tags": [], "metadata": {}, "started_at": 0, "last_activity_at": 0, "turn_count": turns.len(),
            "span_count": 0, "tool_call_count": 0, "error_count": 0, "tokens": {}, "warnings": [],
        });
        Conversation { session: serde_json::from_value(session).unwrap(), turns }
    }

    fn call(result: Json) -> ToolCall {
        ToolCall { name: "tool".to_owned(), result: Some(result), ..ToolCall::default() }
    }

    #[test]
    fn a_tool_fails_by_its_error_or_by_what_its_result_says() {
        for failed in [
            json!("Error: not enough seats"),
            json!({"error": "no such order"}),
            json!({"error": {"message": "no such order"}}),
            json!({"success": false, "message": "locked"}),
            json!({"status": "failed"}),
        ] {
            assert!(failure(&call(failed.clone())).is_some(), "{failed}");
        }
        for fine in
            [json!("Transfer successful"), json!({"error": null, "id": 1}), json!({"status": "held"}), json!([])]
        {
            assert_eq!(failure(&call(fine.clone())), None, "{fine}");
        }
    }

    #[test]
    fn tools_that_look_up_are_told_from_tools_that_change() {
        for reads in ["get_order", "getOrder", "orders.search", "list-tickets", "think"] {
            assert!(only_reads(reads), "{reads}");
        }
        for changes in ["issue_refund", "getaway_booking", "cancel", "updateListing", "checkout"] {
            assert!(!only_reads(changes), "{changes}");
        }
    }
}
