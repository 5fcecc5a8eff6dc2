//! What a wire format is translated into: spans, messages, and what they tell about their session.

pub mod json_text;
pub mod message;
pub mod span;

pub use json_text::{mend_surrogates, parse_json_text, parsed};
pub use message::{ContentPart, Message, MessageRole};
pub use span::{
    Content, ErrorRecord, IncomingScore, ScoreTarget, SessionFacts, SessionSignal, SpanKind, SpanRecord, SpanStatus,
    ToolRecord, TurnFacts, Usage,
};
