//! Sessions and turns as people and evaluators see them.

pub mod session;
pub mod turn;

pub use session::{Conversation, EndReason, Session, SessionStatus, Tokens};
pub use turn::{Document, MessageText, Retrieval, ToolCall, Turn, TurnError};
