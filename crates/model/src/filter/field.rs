//! The fields of a session that a filter can name: their words, kinds, and what they mean.
//!
//! `metadata.KEY` and `score.NAME[.SOURCE]` are not fields but open-ended; see [`super::Subject`].

use crate::conversation::SessionStatus;

/// What a field's values are, which decides the comparisons and the literals it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One of a few words: `=`, `!=`, `in`, `exists`.
    Word(&'static [&'static str]),
    /// Any text: `=`, `!=`, `in`, `exists`.
    Text,
    /// A count: all comparisons with a number.
    Count,
    /// US dollars: all comparisons with a number, `$` optional.
    Usd,
    /// A length of time: all comparisons with a duration such as `30s`.
    Duration,
    /// An instant: `<`, `<=`, `>`, `>=` with `-7d`, `now`, a date or RFC 3339.
    Instant,
    /// Full text: `~` only.
    Search,
}

/// The words of [`SessionStatus`].
const STATUS: &[&str] = &[SessionStatus::Open.as_str(), SessionStatus::Closed.as_str()];

macro_rules! fields {
    ($($variant:ident, $name:literal, $kind:expr, $doc:literal, $example:literal;)+) => {
        /// A field of a session.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Field {
            $(#[doc = $doc] $variant,)+
        }

        impl Field {
            /// Every field, in the order in which they are offered.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its word in the language.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What its values are.
            #[must_use]
            pub const fn kind(self) -> Kind {
                match self { $(Self::$variant => $kind),+ }
            }

            /// What it means, in a few words.
            #[must_use]
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc),+ }
            }

            /// A condition that uses it.
            #[must_use]
            pub const fn example(self) -> &'static str {
                match self { $(Self::$variant => $example),+ }
            }
        }
    };
}

fields! {
    Status, "status", Kind::Word(STATUS), "Whether more turns are expected: open or closed", "status = closed";
    Environment, "environment", Kind::Text, "Deployment environment", "environment in (production, staging)";
    Tag, "tag", Kind::Text, "A label set by the client", "tag = vip";
    Text, "text", Kind::Search, "Words of the conversation", "text ~ \"refund policy\"";
    Errors, "errors", Kind::Count, "Number of errors", "errors > 0";
    Turns, "turns", Kind::Count, "Number of turns", "turns >= 4";
    Tool, "tool", Kind::Text, "A tool that was called", "tool = get_order";
    ToolCalls, "tool_calls", Kind::Count, "Number of tool calls", "tool_calls > 10";
    Model, "model", Kind::Text, "A model that answered", "model = gpt-4o";
    User, "user", Kind::Text, "The user's id, as stored", "user = u_12";
    Cost, "cost", Kind::Usd, "Cost in US dollars", "cost > 0.05";
    Duration, "duration", Kind::Duration, "Time from the start to the last activity", "duration > 10m";
    Latency, "latency", Kind::Duration, "Sum of the turns' latencies", "latency > 30s";
    LastActivity, "last_activity", Kind::Instant, "When anything last happened", "last_activity > -7d";
    Started, "started", Kind::Instant, "When it began", "started >= 2026-11-01";
    EndReason, "end_reason", Kind::Text, "How it ended: the client's word, idle or age", "end_reason = abandoned";
    Release, "release", Kind::Text, "Release of the application", "release = \"1.4.2\"";
    Tokens, "tokens", Kind::Count, "Tokens in and out", "tokens > 20000";
    InputTokens, "input_tokens", Kind::Count, "Tokens of the prompts", "input_tokens > 10000";
    OutputTokens, "output_tokens", Kind::Count, "Tokens of the completions", "output_tokens > 2000";
    Spans, "spans", Kind::Count, "Number of spans", "spans > 1000";
    Revision, "revision", Kind::Count, "Grows when a closed session changes", "revision > 1";
    Session, "session", Kind::Text, "The session's id, Turnwise's or the client's", "session = chat-7";
}

impl Field {
    /// The field of this name, in any letter case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.name().eq_ignore_ascii_case(name))
    }
}
