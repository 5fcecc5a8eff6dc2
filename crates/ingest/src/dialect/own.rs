//! Turnwise's own attributes: what no other dialect can say, so that a record survives being sent as OTLP.

use serde::de::DeserializeOwned;
use turnwise_model::telemetry::{IncomingScore, Message, SessionSignal, SpanKind};

use super::Dialect;
use crate::parts::{Field, Parts};
use crate::value::Attribute;

/// What all of them begin with.
pub(crate) const PREFIX: &str = "turnwise.";
/// The span's kind, where OpenInference has no word for it.
pub(crate) const KIND: &str = "turnwise.span.kind";
/// Input messages as JSON, where they are more than OpenInference can say.
pub(crate) const INPUT_MESSAGES: &str = "turnwise.input.messages";
/// Output messages as JSON.
pub(crate) const OUTPUT_MESSAGES: &str = "turnwise.output.messages";

/// Scores, a list of incoming scores.
pub(crate) const SCORES: &str = "turnwise.scores";
/// Start or end of the session.
pub(crate) const SIGNAL: &str = "turnwise.session.signal";
/// Warnings, a list of texts.
pub(crate) const WARNINGS: &str = "turnwise.session.warnings";
/// Metadata of the session, an object.
pub(crate) const SESSION_METADATA: &str = "turnwise.session.metadata";
/// Metadata of the turn, an object.
pub(crate) const TURN_METADATA: &str = "turnwise.turn.metadata";
/// Deployment environment, plain text.
pub(crate) const ENVIRONMENT: &str = "turnwise.session.environment";
/// Release, plain text.
pub(crate) const RELEASE: &str = "turnwise.session.release";
/// The retrieval, where OpenInference cannot say it.
pub(crate) const RETRIEVAL: &str = "turnwise.retrieval";
/// What a tool answered, where it is not the output.
pub(crate) const TOOL_RESULT: &str = "turnwise.tool.result";

/// The product's own dialect.
pub struct Own;

fn read<T: DeserializeOwned>(attribute: &Attribute<'_>) -> Option<T> {
    serde_json::from_str(attribute.value.as_str()?).ok()
}

impl Dialect for Own {
    fn attribute<'a>(&self, attribute: Attribute<'a>, parts: &mut Parts<'a>) -> Option<Attribute<'a>> {
        if !attribute.key.starts_with(PREFIX) {
            return Some(attribute);
        }
        match attribute.key.as_ref() {
            KIND => match attribute.value.as_str().and_then(|word| word.parse::<SpanKind>().ok()) {
                Some(kind) => parts.offer_kind(kind),
                None => return Some(attribute),
            },
            INPUT_MESSAGES => match read::<Vec<Message>>(&attribute) {
                Some(messages) => parts.own_input = Some(messages),
                None => return Some(attribute),
            },
            OUTPUT_MESSAGES => match read::<Vec<Message>>(&attribute) {
                Some(messages) => parts.own_output = Some(messages),
                None => return Some(attribute),
            },
            SCORES => match read::<Vec<IncomingScore>>(&attribute) {
                Some(scores) => parts.scores.extend(scores),
                None => return Some(attribute),
            },
            SIGNAL => match read::<SessionSignal>(&attribute) {
                Some(signal) => parts.signal = Some(signal),
                None => return Some(attribute),
            },
            WARNINGS => match read::<Vec<String>>(&attribute) {
                Some(warnings) => parts.warnings.extend(warnings),
                None => return Some(attribute),
            },
            SESSION_METADATA => match read(&attribute) {
                Some(metadata) => parts.session_metadata = metadata,
                None => return Some(attribute),
            },
            TURN_METADATA => match read(&attribute) {
                Some(metadata) => parts.turn_metadata = metadata,
                None => return Some(attribute),
            },
            RETRIEVAL => match read(&attribute) {
                Some(retrieval) => parts.own_retrieval = Some(retrieval),
                None => return Some(attribute),
            },
            TOOL_RESULT => parts.offer(Field::ToolResult, attribute),
            ENVIRONMENT => parts.offer(Field::Environment, attribute),
            RELEASE => parts.offer(Field::Release, attribute),
            _ => return Some(attribute),
        }
        None
    }
}
