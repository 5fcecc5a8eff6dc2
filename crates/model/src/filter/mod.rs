//! The filter language: which sessions a list shows, a rule looks at, an export writes out.
//!
//! ```text
//! status = closed and (turns >= 4 or errors > 0) and not tag = internal
//!     and metadata.channel = web and text ~ "refund policy" and last_activity > -7d
//!     and score.resolution < 0.5 and score.coherence.human exists and cost > 0.05
//! ```
//!
//! **Every condition is true or false, never unknown.** The rules, the same in [`FilterSubject`] and in SQL:
//!
//! - A session may have no value for a field (no user, no known cost), one, or several (tags, tools, models, metadata
//!   lists, scores). `field exists` is true when it has one. `field = x`, `<`, `<=`, `>`, `>=`, `in (…)` are true when
//!   **some** value satisfies them, so they are false when there is none.
//! - `field != x` is exactly `not field = x`: it is true when there is no value, and false when any one of several is x.
//! - Text is compared exactly, letter case included; words of the language and fields are understood in any case.
//! - `score.NAME` means the fresh scores of that name, from any source, on the session, any of its turns or any of its
//!   spans; `score.NAME.SOURCE` those from one source, `score.*` those of any name. Stale scores never count.
//!   A number compares with the score's number (a flag is 1 or 0, and so are the bare words `true` and `false`), a
//!   text with its label (see [`score_label`]). `score.NAME passed` and `failed` ask whether its threshold was met.
//! - `metadata.KEY` takes the rest as the key, dots included; nested objects have dotted keys, lists several values, and
//!   `null` is no value. A bare number compares with the value as a number (`"5"` is 5), quoted it compares as text.
//! - `text ~ "a b"` is true when all of its words occur in the conversation, in any order and letter case; what a word
//!   is, [`words()`] decides for the conversation and for the question alike.
//! - Precedence: `not`, then `and`, then `or`. The empty filter matches everything.
//!
//! A new field is a line in [`field`]'s table, its values in [`evaluate`] and its column in [`sql`]; the test against
//! SQLite compares the two.

pub mod ast;
mod check;
pub mod complete;
pub mod error;
pub mod evaluate;
pub mod field;
mod literal;
mod lookup;
mod parse;
mod print;
pub mod sql;
pub mod subject;
mod token;
mod words;

pub use ast::{Comparison, Condition, Expression, Filter, Instant, Subject, Test, Value};
pub use complete::{KnownValues, Suggestion, SuggestionKind, byte_offset, complete, utf16_offset};
pub use error::FilterError;
pub use field::{Field, Kind};
pub use sql::{SqlCondition, SqlDialect, SqlValue};
pub use subject::{Attribute, FilterSubject, attributes, conversation_text, duration_ms, score_label};
pub use token::Span;
pub use words::{searchable, words};
