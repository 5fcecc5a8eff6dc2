//! Lists that clients flatten into numbered attributes: `llm.input_messages.3.message.content` and the like.
//!
//! Numbers come from strangers, so each list has a limit; an attribute beyond it stays a plain attribute.

use std::borrow::Cow;

use serde_json::Value as Json;
use turnwise_model::conversation::Document;
use turnwise_model::telemetry::{ContentPart, Message, MessageRole, ScoreTarget};

use crate::chat;
use crate::parts::ScoreParts;
use crate::value::Any;

/// The longest list that is put together again.
const LIMIT: usize = 8_192;
/// The most parts or tool calls of one message.
const INNER_LIMIT: usize = 1_024;

/// Parts `12.message.role` into 12 and `message.role`; `None` when it does not begin with a number.
#[must_use]
pub fn numbered(key: &str) -> Option<(usize, &str)> {
    let (number, rest) = key.split_once('.').unwrap_or((key, ""));
    if number.is_empty() || number.len() > 6 {
        return None;
    }
    let mut index = 0;
    for digit in number.bytes() {
        if !digit.is_ascii_digit() {
            return None;
        }
        index = index * 10 + usize::from(digit - b'0');
    }
    Some((index, rest))
}

/// The element at `index`, made when it is not there; `None` beyond the limit.
fn slot<T: Default>(list: &mut Vec<T>, index: usize, limit: usize) -> Option<&mut T> {
    if index >= limit {
        return None;
    }
    if index >= list.len() {
        list.resize_with(index + 1, T::default);
    }
    list.get_mut(index)
}

/// Messages in the making. `rank` is that of the dialect that tells them: a better one starts the list anew.
#[derive(Debug, Default)]
pub struct MessageDrafts<'a> {
    rank: u8,
    list: Vec<MessageDraft<'a>>,
}

/// A message in the making.
#[derive(Debug, Default)]
pub struct MessageDraft<'a> {
    /// Who it is from, in the client's word.
    pub role: Option<Any<'a>>,
    /// All of it, as text or structured.
    pub content: Option<Any<'a>>,
    /// Participant or tool.
    pub name: Option<Any<'a>>,
    /// The call it answers.
    pub tool_call_id: Option<Any<'a>>,
    /// Its parts, where told one by one.
    pub parts: Vec<PartDraft<'a>>,
    /// Calls it makes.
    pub tool_calls: Vec<ToolCallDraft<'a>>,
}

/// A part of a message in the making.
#[derive(Debug, Default)]
pub struct PartDraft<'a> {
    /// Its type, in the client's word.
    pub kind: Option<Any<'a>>,
    /// Its text.
    pub text: Option<Any<'a>>,
    /// Where it is.
    pub uri: Option<Any<'a>>,
}

/// A tool call in the making.
#[derive(Debug, Default)]
pub struct ToolCallDraft<'a> {
    /// Its id.
    pub id: Option<Any<'a>>,
    /// The tool.
    pub name: Option<Any<'a>>,
    /// What it is called with.
    pub arguments: Option<Any<'a>>,
}

impl<'a> MessageDrafts<'a> {
    /// The message at `index` as told by the dialect of this rank; `None` beyond the limit or when a better dialect
    /// already speaks.
    pub fn at(&mut self, rank: u8, index: usize) -> Option<&mut MessageDraft<'a>> {
        if self.list.is_empty() || rank < self.rank {
            self.rank = rank;
            self.list.clear();
        }
        if rank == self.rank { slot(&mut self.list, index, LIMIT) } else { None }
    }

    /// The rank of the dialect that told the list, when it told one.
    #[must_use]
    pub fn rank(&self) -> Option<u8> {
        (!self.list.is_empty()).then_some(self.rank)
    }

    /// The messages; `role` is that of one that does not tell.
    #[must_use]
    pub fn finish(&mut self, role: MessageRole) -> Vec<Message> {
        std::mem::take(&mut self.list).into_iter().filter_map(|draft| draft.finish(role)).collect()
    }
}

impl<'a> MessageDraft<'a> {
    /// The part at `index`.
    pub fn part(&mut self, index: usize) -> Option<&mut PartDraft<'a>> {
        slot(&mut self.parts, index, INNER_LIMIT)
    }

    /// The tool call at `index`.
    pub fn tool_call(&mut self, index: usize) -> Option<&mut ToolCallDraft<'a>> {
        slot(&mut self.tool_calls, index, INNER_LIMIT)
    }

    fn finish(self, default_role: MessageRole) -> Option<Message> {
        let empty = self.role.is_none()
            && self.content.is_none()
            && self.parts.is_empty()
            && self.tool_calls.is_empty()
            && self.tool_call_id.is_none();
        if empty {
            return None;
        }
        let role = self.role.as_ref().and_then(Any::as_str).and_then(chat::role).unwrap_or(default_role);
        let call_id = self.tool_call_id.and_then(Any::into_text);
        let mut parts = Vec::with_capacity(1);
        if role == MessageRole::Tool || call_id.is_some() {
            let content = match self.content {
                Some(content) => Some(content.into_json()),
                None => joined_text(&self.parts).map(Json::String),
            };
            parts.push(ContentPart::ToolResult { id: call_id, result: content.unwrap_or(Json::Null) });
        } else {
            match self.content {
                Some(Any::Text(text)) if text.is_empty() => {}
                Some(Any::Text(text)) => match structured_parts(&text) {
                    Some(list) => parts.extend(list),
                    None => parts.push(ContentPart::Text { text: text.into_owned() }),
                },
                Some(other) if !other.is_blank() => parts.extend(chat::content(other.into_json())),
                _ => {}
            }
            parts.extend(self.parts.into_iter().filter_map(PartDraft::finish));
        }
        for call in self.tool_calls {
            let name = call.name.and_then(Any::into_text);
            if name.is_none() && call.id.is_none() {
                continue;
            }
            parts.push(ContentPart::ToolCall {
                id: call.id.and_then(Any::into_text).filter(|id| !id.is_empty()),
                name: name.unwrap_or_default(),
                arguments: call.arguments.filter(|value| !value.is_blank()).map(Any::into_json),
            });
        }
        Some(Message { role, parts, name: self.name.and_then(Any::into_text).filter(|name| !name.is_empty()) })
    }
}

/// Content that is a JSON list of typed parts, as OpenLLMetry writes messages that are more than text.
fn structured_parts(text: &str) -> Option<Vec<ContentPart>> {
    if !text.starts_with("[{") || !text.contains("\"type\"") {
        return None;
    }
    let json = crate::value::parse_json_text(text)?;
    let typed = json.as_array()?.iter().all(|part| part.get("type").is_some_and(Json::is_string));
    typed.then(|| chat::content(json))
}

fn joined_text(parts: &[PartDraft<'_>]) -> Option<String> {
    let texts: Vec<&str> = parts.iter().filter_map(|part| part.text.as_ref()?.as_str()).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

impl PartDraft<'_> {
    fn finish(self) -> Option<ContentPart> {
        let kind = self.kind.and_then(Any::into_text);
        if let Some(text) = self.text.and_then(Any::into_text) {
            return Some(match kind.as_deref() {
                Some("reasoning" | "thinking") => ContentPart::Reasoning { text },
                _ => ContentPart::Text { text },
            });
        }
        let uri = self.uri.and_then(Any::into_text);
        if kind.is_none() && uri.is_none() {
            return None;
        }
        Some(ContentPart::Media { media_type: kind, uri: uri.filter(|uri| !uri.starts_with("data:")) })
    }
}

/// Documents in the making.
#[derive(Debug, Default)]
pub struct DocumentDrafts<'a>(Vec<DocumentDraft<'a>>);

/// A document in the making.
#[derive(Debug, Default)]
pub struct DocumentDraft<'a> {
    /// Its id.
    pub id: Option<Any<'a>>,
    /// Its text.
    pub content: Option<Any<'a>>,
    /// How well it matched.
    pub score: Option<Any<'a>>,
    /// Whatever else is told, as an object or as JSON text.
    pub metadata: Option<Any<'a>>,
}

impl<'a> DocumentDrafts<'a> {
    /// The document at `index`; `None` beyond the limit.
    pub fn at(&mut self, index: usize) -> Option<&mut DocumentDraft<'a>> {
        slot(&mut self.0, index, LIMIT)
    }

    /// The documents in order. What a document does not tell itself is looked for in its metadata.
    #[must_use]
    pub fn finish(&mut self) -> Vec<Document> {
        let told = |draft: &DocumentDraft<'_>| {
            draft.id.is_some() || draft.content.is_some() || draft.score.is_some() || draft.metadata.is_some()
        };
        std::mem::take(&mut self.0)
            .into_iter()
            .filter(told)
            .map(|draft| {
                let metadata = draft.metadata.map(Any::into_parsed_json);
                crate::documents::completed(Document {
                    id: draft.id.and_then(Any::into_text),
                    text: draft.content.and_then(Any::into_text),
                    score: draft.score.and_then(|score| score.as_f64()),
                    metadata,
                })
            })
            .collect()
    }
}

/// Scores in the making: those of the span, of its trace and of its session.
#[derive(Debug, Default)]
pub struct ScoreDrafts<'a> {
    lists: [Vec<ScoreDraft<'a>>; 6],
}

/// A score in the making.
#[derive(Debug, Default)]
pub struct ScoreDraft<'a> {
    /// Its facts by their last name: `name`, `score`, `label`, `explanation`, `annotator_kind`, `identifier`.
    pub facts: Vec<(Cow<'a, str>, Any<'a>)>,
}

/// What a numbered score is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoreScope {
    /// The span.
    Span,
    /// Its trace: the turn.
    Trace,
    /// Its session.
    Session,
}

impl<'a> ScoreDrafts<'a> {
    /// The score at `index` of annotations (`false`) or evaluations (`true`) of a scope; `None` beyond the limit.
    pub fn at(&mut self, scope: ScoreScope, evaluation: bool, index: usize) -> Option<&mut ScoreDraft<'a>> {
        slot(&mut self.lists[scope as usize * 2 + usize::from(evaluation)], index, INNER_LIMIT)
    }

    /// The scores with what they are about; `span` is what those of the span itself are about.
    #[must_use]
    pub fn finish(&mut self, span: &ScoreTarget) -> Vec<(ScoreParts, ScoreTarget)> {
        let targets = [
            span.clone(),
            span.clone(),
            ScoreTarget::Turn,
            ScoreTarget::Turn,
            ScoreTarget::Session,
            ScoreTarget::Session,
        ];
        let mut scores = Vec::new();
        for (list, target) in self.lists.iter_mut().zip(targets) {
            for draft in std::mem::take(list) {
                if draft.facts.is_empty() {
                    continue;
                }
                let mut parts = ScoreParts::default();
                for (name, value) in draft.facts {
                    match name.as_ref() {
                        "name" => parts.name = value.into_text(),
                        "score" => parts.number = value.as_f64(),
                        "label" => parts.label = value.into_text(),
                        "explanation" => parts.explanation = value.into_text(),
                        "annotator_kind" => parts.judge = value.into_text(),
                        "identifier" => parts.identifier = value.into_text(),
                        _ => {}
                    }
                }
                scores.push((parts, target.clone()));
            }
        }
        scores
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_keys_are_parted_and_others_are_not() {
        assert_eq!(numbered("12.message.role"), Some((12, "message.role")));
        assert_eq!(numbered("0"), Some((0, "")));
        for key in ["", "x.y", "-1.a", "12345678.a", "+3.a"] {
            assert_eq!(numbered(key), None, "{key}");
        }
    }

    #[test]
    fn an_absurd_number_makes_no_list() {
        let mut drafts = MessageDrafts::default();
        assert!(drafts.at(1, 999_999).is_none());
        assert!(drafts.finish(MessageRole::User).is_empty());
    }

    #[test]
    fn a_better_dialect_replaces_the_list_of_a_worse_one() {
        let mut drafts = MessageDrafts::default();
        drafts.at(4, 0).unwrap().content = Some(Any::text("worse"));
        drafts.at(1, 0).unwrap().content = Some(Any::text("better"));
        assert!(drafts.at(4, 1).is_none());
        assert_eq!(drafts.finish(MessageRole::User), vec![Message::text(MessageRole::User, "better")]);
    }
}
