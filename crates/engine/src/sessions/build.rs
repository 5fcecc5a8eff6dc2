//! A session out of its spans: turns, sums, what filters and searches ask, the scores that came along. Pure.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use turnwise_model::assembly::{Assembled, AssembledScore, assemble};
use turnwise_model::conversation::{Conversation, EndReason, Session, SessionStatus};
use turnwise_model::filter::{Attribute, FilterSubject, searchable};
use turnwise_model::score::{Score, Target};
use turnwise_model::telemetry::{Message, ScoreTarget, SpanRecord};
use turnwise_model::{Micros, ProjectId, ScoreId, SessionId, TurnId};
use turnwise_store::{MessageHash, NewTurn, SpanOfSession, SpansByTrace, StoreError, TouchedSession};

/// The longest preview, in characters.
const PREVIEW: usize = 300;
/// The metadata key of OpenTelemetry's sampling threshold `th`.
const SAMPLING_THRESHOLD: &str = "otel.sampling.threshold";
/// What a client's end without a reason is called.
const ENDED: &str = "ended";

/// A session as its spans tell it. Status and revision are not theirs to tell.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) session: Session,
    pub(super) turns: Vec<NewTurn>,
    pub(super) attributes: Vec<Attribute>,
    /// The words that are found.
    pub(super) text: String,
    /// Scores that came with spans.
    pub(super) scores: Vec<Score>,
    /// Hash of what evaluators see.
    pub(super) content_hash: String,
    /// When the newest span was received.
    pub(super) received_at: Micros,
    /// How the client said that it ended.
    pub(super) end_reason: Option<EndReason>,
    /// The model of the last reply.
    pub(super) model: Option<String>,
}

/// Builds a session. CPU work.
pub(super) fn build(
    touched: &TouchedSession,
    spans: Vec<SpanOfSession>,
    messages: &HashMap<MessageHash, Arc<Message>>,
) -> Result<Built, StoreError> {
    let received_at = spans.iter().map(|span| span.received_at).max().unwrap_or_default();
    let records: Vec<SpanRecord> = spans.into_iter().map(|span| span.span.with_messages(messages)).collect();
    let assembled = assemble(touched.session, &records);
    let scores = scores(touched.project, touched.session, &assembled, &records);
    let threshold = records.iter().filter_map(|span| span.sampling_threshold.clone()).min();
    drop(records);
    let spans = spans_of_turns(&assembled);
    let end_reason =
        assembled.ended.as_ref().map(|end| EndReason::Client(end.reason.clone().unwrap_or_else(|| ENDED.to_owned())));
    let mut conversation = conversation(touched, assembled);
    if let Some(threshold) = threshold {
        // How rare the session was made before it came here: whoever estimates from it must know.
        conversation.session.metadata.entry(SAMPLING_THRESHOLD.to_owned()).or_insert_with(|| threshold.into());
    }
    let subject = FilterSubject::of(&conversation, &[]);
    let (attributes, text) = (subject.attributes(), searchable(&subject.text));
    let model = conversation.turns.iter().rev().find_map(|turn| turn.model.clone());
    let Conversation { session, turns } = conversation;
    let nothing = SpansByTrace::new();
    let turns = turns.into_iter().map(|turn| {
        let of_turn = spans.get(&turn.id).unwrap_or(&nothing);
        NewTurn::new(turn, of_turn)
    });
    let turns = turns.collect::<Result<Vec<_>, StoreError>>()?;
    let mut hasher = blake3::Hasher::new();
    for turn in &turns {
        hasher.update(turn.content_hash().as_bytes());
    }
    let content_hash = hasher.finalize().to_hex()[..32].to_owned();
    Ok(Built { session, turns, attributes, text, scores, content_hash, received_at, end_reason, model })
}

fn conversation(touched: &TouchedSession, assembled: Assembled) -> Conversation {
    let Assembled { turns, totals, facts, .. } = assembled;
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let preview =
        turns.iter().find_map(|turn| turn.user.as_ref()).map(|user| user.text.chars().take(PREVIEW).collect());
    let started_at = totals.started_at.map(|at| at.micros()).unwrap_or_default();
    let session = Session {
        id: touched.session,
        external_id: touched.external_id.clone(),
        user_id: facts.user_id,
        status: SessionStatus::Open,
        end_reason: None,
        revision: 1,
        environment: facts.environment,
        release: facts.release,
        tags: facts.tags,
        metadata: facts.metadata,
        started_at,
        last_activity_at: totals.last_activity_at.map_or(started_at, |at| at.micros()),
        preview,
        turn_count: count(turns.len() as u64),
        span_count: count(totals.spans),
        tool_call_count: count(totals.tool_calls),
        error_count: count(totals.errors),
        tokens: totals.tokens,
        cost_usd: totals.cost_usd,
        latency_ms: totals.latency_ms,
        warnings: facts.warnings,
    };
    Conversation { session, turns }
}

fn spans_of_turns(assembled: &Assembled) -> HashMap<TurnId, SpansByTrace> {
    let mut spans: HashMap<TurnId, SpansByTrace> = HashMap::with_capacity(assembled.turns.len());
    for (span, turn) in &assembled.turn_of {
        spans.entry(*turn).or_default().entry(span.trace_id.clone()).or_default().push(span.span_id.clone());
    }
    spans
}

/// The scores that came with spans, each id once: of those sent again the latest counts.
fn scores(project: ProjectId, session: SessionId, assembled: &Assembled, records: &[SpanRecord]) -> Vec<Score> {
    if assembled.scores.is_empty() {
        return Vec::new();
    }
    let ended: HashMap<(&str, &str), Micros> = records
        .iter()
        .map(|span| {
            ((span.trace_id.as_str(), span.span_id.as_str()), span.ended_at.unwrap_or(span.started_at).micros())
        })
        .collect();
    let mut found: BTreeMap<ScoreId, Score> = BTreeMap::new();
    for (index, AssembledScore { carrier, score, turn }) in assembled.scores.iter().enumerate() {
        let target = match (&score.target, turn) {
            (ScoreTarget::OtherSpan { span_id, .. }, turn) => {
                Target::Span { session, turn: *turn, span: span_id.clone() }
            }
            (ScoreTarget::Turn | ScoreTarget::Span, Some(turn)) => Target::Turn { session, turn: *turn },
            (ScoreTarget::Session | ScoreTarget::Turn | ScoreTarget::Span, _) => Target::Session { session },
        };
        let key = match &score.identifier {
            Some(identifier) => format!("told:{}:{}:{identifier}", target.key(), score.name),
            None => {
                // Its place among the scores of its own span, which does not depend on what other spans carry.
                let place = assembled.scores[..index].iter().filter(|before| before.carrier == *carrier).count();
                format!("told:{}:{}:{}:{place}", carrier.trace_id, carrier.span_id, score.name)
            }
        };
        let sent_at = ended.get(&(carrier.trace_id.as_str(), carrier.span_id.as_str())).copied().unwrap_or_default();
        let score = Score {
            id: ScoreId::derive(project, &key),
            target,
            name: score.name.clone(),
            value: score.value.clone(),
            passed: None,
            source: score.source,
            evaluator: None,
            evaluator_version: None,
            author: None,
            rubric_version: None,
            exposure: None,
            active_ms: None,
            explanation: score.explanation.clone().or_else(|| score.label.clone()),
            evidence: Vec::new(),
            revision: 1,
            stale: false,
            created_at: score.at.unwrap_or(sent_at),
        };
        match found.get(&score.id) {
            Some(before) if before.created_at > score.created_at => {}
            _ => {
                found.insert(score.id, score);
            }
        }
    }
    found.into_values().collect()
}
