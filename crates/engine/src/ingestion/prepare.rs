//! Spans made ready for the database: packed, hashed, each once. All of it is CPU work on what was sent alone.

use std::collections::{BTreeMap, HashMap};
use std::io;

use turnwise_model::ProjectId;
use turnwise_model::telemetry::SpanRecord;
use turnwise_store::{NewMessage, NewSpan, NewTrace, ProjectSettings, SessionKey, SpanEncoder, UserIds};

use super::known::KnownMessages;

/// The longest session id that is kept as it is, in bytes: PostgreSQL's index rows hold 2,700.
const LONGEST_SESSION_ID: usize = 500;

/// What one request brings.
#[derive(Debug, Clone, Default)]
pub(super) struct Prepared {
    /// The spans, by key.
    pub(super) spans: BTreeMap<(ProjectId, String, String), NewSpan>,
    /// Messages that may not be stored yet.
    pub(super) messages: BTreeMap<(ProjectId, [u8; 16]), NewMessage>,
    /// The traces, with the best session key that was told.
    pub(super) traces: BTreeMap<(ProjectId, String), NewTrace>,
}

impl Prepared {
    /// Puts two requests together; the same whichever comes first.
    pub(super) fn merge(&mut self, other: Self) {
        for (_, span) in other.spans {
            self.add_span(span);
        }
        self.messages.extend(other.messages);
        for (_, trace) in other.traces {
            self.add_trace(trace);
        }
    }

    fn add_span(&mut self, span: NewSpan) {
        let key = (span.project, span.trace_id.clone(), span.span_id.clone());
        match self.spans.get(&key) {
            Some(before) if before.rank() >= span.rank() => {}
            _ => {
                self.spans.insert(key, span);
            }
        }
    }

    fn add_trace(&mut self, trace: NewTrace) {
        let key = (trace.project, trace.trace_id.clone());
        match self.traces.get_mut(&key) {
            Some(before) => {
                if trace.key.as_ref().is_some_and(|told| before.key.as_ref().is_none_or(|known| told < known)) {
                    before.key = trace.key;
                }
            }
            None => {
                self.traces.insert(key, trace);
            }
        }
    }
}

/// Makes the spans of one request ready.
pub(super) fn prepare(
    project: ProjectId,
    settings: &ProjectSettings,
    spans: Vec<SpanRecord>,
    known: &KnownMessages,
) -> io::Result<Prepared> {
    let is_known = |hash: &_| known.contains(project, hash);
    let mut encoder = SpanEncoder::new(project, &is_known);
    let mut prepared = Prepared::default();
    let mut pseudonyms: HashMap<String, String> = HashMap::new();
    for mut span in spans {
        if let Some(user) = span.session.user_id.take() {
            let stored = match settings.user_ids {
                UserIds::Plain => user,
                UserIds::Hashed => {
                    pseudonyms.entry(user).or_insert_with_key(|user| pseudonym(&settings.user_key, user)).clone()
                }
            };
            span.session.user_id = Some(stored);
        }
        span.session.id = span.session.id.map(session_id).filter(|id| !id.is_empty());
        let key =
            span.session.id.clone().map(|key| SessionKey { rank: span.session.id_rank, at: span.started_at, key });
        prepared.add_trace(NewTrace { project, trace_id: span.trace_id.clone(), key });
        prepared.add_span(encoder.encode(span)?);
    }
    prepared.messages =
        encoder.into_messages().into_iter().map(|message| ((project, message.hash.0), message)).collect();
    Ok(prepared)
}

/// A user's id that tells the same user again and not who it is.
fn pseudonym(key: &[u8; 32], user: &str) -> String {
    let hash = blake3::keyed_hash(key, user.as_bytes()).to_hex();
    format!("u_{}", &hash[..16])
}

/// A session's id as it is stored: without NUL, which no engine takes, and cut if it is too long for an index, with its
/// hash to keep it apart.
pub(crate) fn session_id(id: String) -> String {
    let id = if id.contains('\0') { id.replace('\0', "\u{fffd}") } else { id };
    if id.len() <= LONGEST_SESSION_ID {
        return id;
    }
    let hash = blake3::hash(id.as_bytes()).to_hex();
    let end = (0..=LONGEST_SESSION_ID - 40).rev().find(|at| id.is_char_boundary(*at)).unwrap_or(0);
    format!("{}… {}", &id[..end], &hash[..32])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_session_ids_are_cut_but_kept_apart() {
        let (one, other) = ("é".repeat(5_000), format!("{}x", "é".repeat(5_000)));
        assert!(session_id(one.clone()).len() <= LONGEST_SESSION_ID);
        assert_ne!(session_id(one), session_id(other));
        assert_eq!(session_id("chat-7".to_owned()), "chat-7");
    }

    #[test]
    fn a_pseudonym_is_the_same_for_the_same_user_under_the_same_key() {
        assert_eq!(pseudonym(&[1; 32], "ada"), pseudonym(&[1; 32], "ada"));
        assert_ne!(pseudonym(&[1; 32], "ada"), pseudonym(&[2; 32], "ada"));
        assert_ne!(pseudonym(&[1; 32], "ada"), pseudonym(&[1; 32], "bob"));
    }
}
