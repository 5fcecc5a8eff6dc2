//! Spans made ready for the database: packed, hashed, each once. All of it is CPU work on what was sent alone.

use std::collections::HashMap;
use std::io;

use turnwise_model::ProjectId;
use turnwise_model::telemetry::SpanRecord;
use turnwise_store::{NewMessage, NewSpan, NewTrace, ProjectSettings, SessionKey, SpanEncoder, UserIds};

use super::known::KnownMessages;

/// The longest session id that is kept as it is, in bytes: PostgreSQL's index rows hold 2,700.
const LONGEST_SESSION_ID: usize = 500;

/// What one request brings, in no order; a span may be in it in two versions.
#[derive(Debug)]
pub(super) struct Prepared {
    /// The spans.
    pub(super) spans: Vec<NewSpan>,
    /// Messages that may not be stored yet.
    pub(super) messages: Vec<NewMessage>,
    /// The traces, each once, with the best session key that was told.
    pub(super) traces: Vec<NewTrace>,
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
    let mut ready = Vec::with_capacity(spans.len());
    let mut traces: HashMap<String, Option<SessionKey>> = HashMap::new();
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
        let best = match traces.get_mut(&span.trace_id) {
            Some(best) => best,
            None => traces.entry(span.trace_id.clone()).or_default(),
        };
        if let Some(told) = session_key(&span)
            && best.as_ref().is_none_or(|best| told < *best)
        {
            *best = Some(told);
        }
        ready.push(encoder.encode(span)?);
    }
    let traces = traces.into_iter().map(|(trace_id, key)| NewTrace { project, trace_id, key }).collect();
    Ok(Prepared { spans: ready, messages: encoder.into_messages(), traces })
}

/// The session that a span tells; a root's word counts more than its children's.
fn session_key(span: &SpanRecord) -> Option<SessionKey> {
    let key = span.session.id.clone()?;
    let below_root = u8::from(span.parent_span_id.is_some());
    let rank = span.session.id_rank.saturating_mul(2).saturating_add(below_root);
    Some(SessionKey { rank, at: span.started_at, key })
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
