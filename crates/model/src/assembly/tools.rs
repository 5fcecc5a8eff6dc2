//! The tools a turn called: what the model asked for, joined with the spans that ran and the results that came back.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::errors;
use super::forest::Forest;
use super::speech::Speech;
use crate::conversation::ToolCall;
use crate::telemetry::{ContentPart, SpanKind, parsed};

#[derive(Debug)]
struct Draft {
    call: ToolCall,
    /// Place of the span by which it was first seen: the order of the calls.
    seen: usize,
    ran: bool,
    told_result: Option<Json>,
}

/// Calls seen in earlier turns, by id and arguments: a history repeats them, but they are not this turn's. The id alone
/// does not name a call: models reuse ids, even within one turn.
#[derive(Debug, Default)]
pub(super) struct EarlierCalls(HashMap<String, usize>);

fn identity(id: &str, arguments: Option<&Json>) -> String {
    format!("{id}\n{}", arguments.map(|arguments| parsed(arguments).to_string()).unwrap_or_default())
}

/// The calls of a turn in order. `turn` is its place, `speeches` its LLM calls, `spans` all its spans, both by time.
pub(super) fn calls(
    forest: &Forest<'_>,
    turn: usize,
    speeches: &[&Speech<'_>],
    spans: &[usize],
    earlier: &mut EarlierCalls,
) -> Vec<ToolCall> {
    let mut drafts = Drafts::default();
    for speech in speeches {
        drafts.begin_sequence();
        for message in speech.trailing() {
            for part in &message.parts {
                match part {
                    ContentPart::ToolCall { id, name, arguments } => {
                        let owner = id.as_ref().and_then(|id| earlier.0.get(&identity(id, arguments.as_ref())));
                        if owner.is_none_or(|owner| *owner == turn) {
                            drafts.asked(speech.place, id.as_deref(), name, arguments.as_ref());
                        }
                    }
                    ContentPart::ToolResult { id, result } => drafts.answered(id.as_deref(), result),
                    _ => {}
                }
            }
        }
        for part in speech.output.from(0).flat_map(|message| &message.parts) {
            if let ContentPart::ToolCall { id, name, arguments } = part {
                drafts.asked(speech.place, id.as_deref(), name, arguments.as_ref());
            }
        }
    }
    let mut ran_as: HashMap<usize, usize> = HashMap::new();
    for &place in spans.iter().filter(|place| forest.spans[**place].kind == SpanKind::Tool) {
        // A tool span within one of the same tool is the same call, seen from the other side.
        let outer = forest.ancestors(place).find_map(|above| ran_as.get(&above)).copied();
        let draft = drafts.ran(forest, place, outer);
        ran_as.insert(place, draft);
    }
    drafts.list.sort_by_key(|draft| draft.seen);
    let calls = drafts.list.into_iter().map(|draft| {
        let mut call = draft.call;
        if call.result.is_none() && call.error.is_none() {
            call.result = draft.told_result;
        }
        call
    });
    let calls: Vec<ToolCall> = calls.collect();
    for call in &calls {
        if let Some(id) = &call.id {
            earlier.0.entry(identity(id, call.arguments.as_ref())).or_insert(turn);
        }
    }
    calls
}

#[derive(Debug, Default)]
struct Drafts {
    list: Vec<Draft>,
    /// The call that an id was last used for.
    by_id: HashMap<String, usize>,
    /// Calls by name, id, arguments and how often they were made before.
    known: HashMap<(String, usize), usize>,
    /// How often each call stood in the present list of messages.
    repeated: HashMap<String, usize>,
}

impl Drafts {
    fn add(&mut self, seen: usize, id: Option<&str>, name: &str, arguments: Option<&Json>) -> usize {
        let call = ToolCall {
            id: id.map(str::to_owned),
            name: name.to_owned(),
            arguments: arguments.map(|arguments| parsed(arguments).into_owned()),
            result: None,
            error: None,
        };
        self.list.push(Draft { call, seen, ran: false, told_result: None });
        let index = self.list.len() - 1;
        if let Some(id) = id {
            self.by_id.insert(id.to_owned(), index);
        }
        index
    }

    /// A new list of messages begins, which may repeat calls that an earlier list told.
    fn begin_sequence(&mut self) {
        self.repeated.clear();
    }

    /// The model asks for a tool. The history of a later call repeats it: what stands there for the second time is a
    /// second call, what stands in another list for the first time again is the first.
    fn asked(&mut self, seen: usize, id: Option<&str>, name: &str, arguments: Option<&Json>) {
        let call = format!("{name}\n{}", identity(id.unwrap_or_default(), arguments));
        let times = self.repeated.entry(call.clone()).or_default();
        *times += 1;
        let key = (call, *times);
        let index = match self.known.get(&key) {
            Some(index) => *index,
            None => {
                let index = self.add(seen, id, name, arguments);
                self.known.insert(key, index);
                index
            }
        };
        if let Some(id) = id {
            self.by_id.insert(id.to_owned(), index);
        }
    }

    /// A message tells a result.
    fn answered(&mut self, id: Option<&str>, result: &Json) {
        let index = match id {
            Some(id) => self.by_id.get(id).copied(),
            None => self.list.iter().position(|draft| draft.told_result.is_none()),
        };
        if let Some(index) = index {
            self.list[index].told_result.get_or_insert_with(|| parsed(result).into_owned());
        }
    }

    /// The call of this id whose arguments agree; of several the one that has not run yet.
    fn with_id(&self, id: &str, arguments: Option<&Json>) -> Option<usize> {
        let of_id = || self.list.iter().enumerate().filter(|(_, draft)| draft.call.id.as_deref() == Some(id));
        let agree = |draft: &Draft| draft.call.arguments.as_ref() == arguments;
        of_id()
            .find(|(_, draft)| !draft.ran && agree(draft))
            .or_else(|| of_id().find(|(_, draft)| agree(draft)))
            .or_else(|| of_id().find(|(_, draft)| !draft.ran))
            .or_else(|| of_id().next_back())
            .map(|(index, _)| index)
    }

    /// A span tells that the tool ran.
    fn ran(&mut self, forest: &Forest<'_>, place: usize, outer: Option<usize>) -> usize {
        let span = forest.spans[place];
        let tool = span.tool.clone().unwrap_or_default();
        let name =
            tool.name.unwrap_or_else(|| span.name.strip_prefix("execute_tool ").unwrap_or(&span.name).to_owned());
        let by_id = tool.call_id.as_deref().and_then(|id| self.with_id(id, tool.arguments.as_ref()));
        let outer = outer.filter(|index| {
            let held = &self.list[*index].call;
            held.name == name && (tool.call_id.is_none() || held.id.is_none() || held.id == tool.call_id)
        });
        let waiting = |draft: &Draft| {
            !draft.ran && draft.call.name == name && (tool.call_id.is_none() || draft.call.id.is_none())
        };
        let index = by_id
            .or(outer)
            .or_else(|| self.list.iter().position(|draft| waiting(draft) && draft.call.arguments == tool.arguments))
            .or_else(|| self.list.iter().position(waiting))
            .unwrap_or_else(|| self.add(place, tool.call_id.as_deref(), &name, tool.arguments.as_ref()));
        let repeats_outer = outer == Some(index);
        let draft = &mut self.list[index];
        draft.ran = true;
        let call = &mut draft.call;
        if call.id.is_none()
            && let Some(id) = tool.call_id
        {
            self.by_id.insert(id.clone(), index);
            call.id = Some(id);
        }
        if call.arguments.is_none() {
            call.arguments = tool.arguments;
        }
        // Of several attempts the last one counts; an inner span only adds what the outer one lacks.
        let error = errors::of_span(span);
        if repeats_outer {
            call.error = call.error.take().or(error);
            call.result = call.result.take().or(tool.result);
        } else {
            call.error = error;
            call.result = tool.result;
        }
        index
    }
}
