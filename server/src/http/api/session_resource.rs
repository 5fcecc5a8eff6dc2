//! A session, its turns and scores as the API shows them. Unknown is `null`, never 0.

use serde::Serialize;
use serde_json::{Value as Json, json};
use turnwise_model::conversation::{EndReason, MessageText, Session, Turn};
use turnwise_model::score::{Score, Target, Value};
use turnwise_model::view::session::{ScoreSummary, SessionDetail, SessionRow, SpanRow};
use turnwise_model::{TurnId, Usd};
use utoipa::ToSchema;

/// A session.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionResource {
    /// Turnwise's id.
    #[schema(format = Uuid)]
    id: String,
    /// The client's id.
    #[schema(example = "chat-7")]
    external_id: String,
    /// The project's slug.
    project: String,
    /// The user, as a pseudonym unless the project keeps plain ids.
    user_id: Option<String>,
    /// `open` or `closed`.
    #[schema(example = "closed")]
    status: String,
    /// How it ended: the client's word, `idle` or `age`.
    #[schema(example = "resolved")]
    end_reason: Option<String>,
    /// Who ended it: `client`, `idle` or `age`.
    ended_by: Option<String>,
    /// Grows when a closed session changes.
    revision: i64,
    /// Deployment environment.
    environment: Option<String>,
    /// Release of the application.
    release: Option<String>,
    /// Labels.
    tags: Vec<String>,
    /// Whatever else the client told.
    #[schema(value_type = Object)]
    metadata: Json,
    /// When it began.
    #[schema(format = DateTime)]
    started_at: String,
    /// When anything last happened in it.
    #[schema(format = DateTime)]
    last_activity_at: String,
    /// The first user message, cut.
    preview: Option<String>,
    /// Number of turns.
    turn_count: i64,
    /// Number of spans.
    span_count: i64,
    /// Number of tool calls.
    tool_call_count: i64,
    /// Number of errors.
    error_count: i64,
    /// Tokens of prompts and completions.
    tokens: TokensResource,
    /// What it cost.
    cost_usd: Option<f64>,
    /// Sum of the turns' latencies.
    latency_ms: Option<i64>,
    /// What the system noticed.
    warnings: Vec<String>,
    /// Its fresh scores in summary, in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    score_summary: Option<Vec<ScoreSummary>>,
    /// Scores of the session as a whole, where the session is asked for by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    scores: Option<Vec<ScoreResource>>,
    /// Its turns in order, where the session is asked for by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    turns: Option<Vec<TurnResource>>,
}

/// Tokens of prompts and completions.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokensResource {
    input: Option<i64>,
    output: Option<i64>,
}

/// A turn.
#[derive(Debug, Serialize, ToSchema)]
pub struct TurnResource {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// Its place, from 1.
    position: u32,
    /// The conversation within the session.
    conversation_id: Option<String>,
    /// Its (first) trace.
    trace_id: Option<String>,
    /// When it began.
    #[schema(format = DateTime)]
    started_at: String,
    /// From the user's message to the end of the reply.
    latency_ms: Option<i64>,
    /// What the user said: `{text, parts[]}`.
    #[schema(value_type = Option<Object>)]
    user: Option<Json>,
    /// What the assistant replied: `{text, parts[]}`.
    #[schema(value_type = Option<Object>)]
    assistant: Option<Json>,
    /// The model that replied.
    model: Option<String>,
    /// Tools called: `{id, name, arguments, result, error}`.
    #[schema(value_type = Vec<Object>)]
    tool_calls: Json,
    /// Retrievals: `{query, documents[{id, text, score, metadata}]}`.
    #[schema(value_type = Vec<Object>)]
    retrievals: Json,
    /// What went wrong: `{type, message, where}`.
    #[schema(value_type = Vec<Object>)]
    errors: Json,
    /// Tokens of prompts and completions.
    tokens: TokensResource,
    /// What it cost.
    cost_usd: Option<f64>,
    /// How many LLM calls it took.
    llm_calls: u32,
    /// Scores of the turn and of its spans.
    scores: Vec<ScoreResource>,
}

/// A score.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScoreResource {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// What was asked.
    #[schema(example = "resolution")]
    name: String,
    /// The judgement: a number, true or false, a text, or a list of texts.
    #[schema(value_type = Object)]
    value: Json,
    /// Whether it meets its threshold.
    passed: Option<bool>,
    /// Who judged: human, llm, code, user, api.
    source: String,
    /// The turn, where one is meant.
    turn_id: Option<String>,
    /// The span, where one is meant.
    span_id: Option<String>,
    /// The evaluator.
    evaluator_id: Option<String>,
    /// Content hash of the evaluator's version.
    evaluator_version: Option<String>,
    /// The reviewer's account, or the name a client gives.
    author: Option<String>,
    /// Version of the rubric that asked.
    rubric_version: Option<i64>,
    /// What the reviewer had seen: blind, shown, revised.
    exposure: Option<String>,
    /// Milliseconds of work it took.
    active_ms: Option<i64>,
    /// Why.
    explanation: Option<String>,
    /// Passages it rests on: `{position, part, quote, note}`.
    #[schema(value_type = Vec<Object>)]
    evidence: Json,
    /// The session's revision that was judged.
    revision: i64,
    /// What was judged has changed since.
    stale: bool,
    /// When it was given.
    #[schema(format = DateTime)]
    created_at: String,
}

/// A span in the waterfall.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpanResource {
    trace_id: String,
    span_id: String,
    parent_span_id: Option<String>,
    name: String,
    /// agent, chain, llm, retriever, reranker, embedding, tool, guardrail, evaluator, event.
    kind: String,
    /// Nanoseconds since 1970, as text: they do not fit a double.
    start_time_unix_nano: String,
    /// Nanoseconds since 1970, as text.
    end_time_unix_nano: Option<String>,
    /// unset, ok, error.
    status: String,
    model: Option<String>,
    tokens: TokensResource,
    cost_usd: Option<f64>,
    turn_id: Option<String>,
}

impl From<SpanRow> for SpanResource {
    fn from(span: SpanRow) -> Self {
        Self {
            trace_id: span.trace_id,
            span_id: span.span_id,
            parent_span_id: span.parent_span_id,
            name: span.name,
            kind: span.kind.to_string(),
            start_time_unix_nano: span.started_at.0.to_string(),
            end_time_unix_nano: span.ended_at.map(|at| at.0.to_string()),
            status: span.status.to_string(),
            model: span.model,
            tokens: TokensResource { input: span.tokens.input, output: span.tokens.output },
            cost_usd: span.cost_usd.map(|Usd(cost)| cost),
            turn_id: span.turn.map(|turn| turn.to_string()),
        }
    }
}

impl SessionResource {
    /// The session alone.
    pub fn new(project: &str, session: Session) -> Self {
        Self {
            id: session.id.to_string(),
            external_id: session.external_id,
            project: project.to_owned(),
            user_id: session.user_id,
            status: session.status.to_string(),
            ended_by: session.end_reason.as_ref().map(|reason| {
                let by = match reason {
                    EndReason::Client(_) => "client",
                    EndReason::Idle => "idle",
                    EndReason::Age => "age",
                };
                by.to_owned()
            }),
            end_reason: session.end_reason.map(|reason| reason.as_str().to_owned()),
            revision: session.revision,
            environment: session.environment,
            release: session.release,
            tags: session.tags,
            metadata: session.metadata.into_iter().collect::<serde_json::Map<String, Json>>().into(),
            started_at: session.started_at.to_string(),
            last_activity_at: session.last_activity_at.to_string(),
            preview: session.preview,
            turn_count: session.turn_count,
            span_count: session.span_count,
            tool_call_count: session.tool_call_count,
            error_count: session.error_count,
            tokens: TokensResource { input: session.tokens.input, output: session.tokens.output },
            cost_usd: session.cost_usd.map(|Usd(cost)| cost),
            latency_ms: session.latency_ms,
            warnings: session.warnings,
            score_summary: None,
            scores: None,
            turns: None,
        }
    }

    /// A session in a list.
    pub fn in_list(project: &str, row: SessionRow) -> Self {
        Self { score_summary: Some(row.scores), ..Self::new(project, row.session) }
    }

    /// A session with its turns and scores.
    pub fn in_full(project: &str, detail: SessionDetail) -> Self {
        let SessionDetail { conversation, scores } = detail;
        let (of_turns, of_session): (Vec<Score>, Vec<Score>) =
            scores.into_iter().partition(|score| score.target.turn().is_some());
        let turns = conversation.turns.into_iter().map(|turn| {
            let scores = of_turns
                .iter()
                .filter(|score| score.target.turn() == Some(turn.id))
                .cloned()
                .map(ScoreResource::from)
                .collect();
            TurnResource::new(turn, scores)
        });
        Self {
            turns: Some(turns.collect()),
            scores: Some(of_session.into_iter().map(ScoreResource::from).collect()),
            ..Self::new(project, conversation.session)
        }
    }
}

impl TurnResource {
    fn new(turn: Turn, scores: Vec<ScoreResource>) -> Self {
        Self {
            id: turn.id.to_string(),
            position: turn.position,
            conversation_id: turn.conversation_id,
            trace_id: turn.trace_id,
            started_at: turn.started_at.to_string(),
            latency_ms: turn.latency_ms,
            user: turn.user.map(message),
            assistant: turn.assistant.map(message),
            model: turn.model,
            tool_calls: json!(turn.tool_calls),
            retrievals: json!(turn.retrievals),
            errors: json!(turn.errors),
            tokens: TokensResource { input: turn.tokens.input, output: turn.tokens.output },
            cost_usd: turn.cost_usd.map(|Usd(cost)| cost),
            llm_calls: turn.llm_calls,
            scores,
        }
    }
}

fn message(message: MessageText) -> Json {
    json!({ "text": message.text, "parts": message.parts })
}

impl From<Score> for ScoreResource {
    fn from(score: Score) -> Self {
        let turn_id = score.target.turn().as_ref().map(TurnId::to_string);
        let span_id = if let Target::Span { span, .. } = score.target { Some(span) } else { None };
        let value = match score.value {
            Value::Number(number) => json!(number),
            Value::Flag(flag) => json!(flag),
            Value::Label(text) | Value::Text(text) => json!(text),
            Value::Labels(labels) => json!(labels),
        };
        Self {
            id: score.id.to_string(),
            name: score.name,
            value,
            passed: score.passed,
            source: score.source.to_string(),
            turn_id,
            span_id,
            evaluator_id: score.evaluator.map(|evaluator| evaluator.to_string()),
            evaluator_version: score.evaluator_version,
            author: score.author,
            rubric_version: score.rubric_version,
            exposure: score.exposure.map(|exposure| exposure.to_string()),
            active_ms: score.active_ms,
            explanation: score.explanation,
            evidence: json!(score.evidence),
            revision: score.revision,
            stale: score.stale,
            created_at: score.created_at.to_string(),
        }
    }
}
