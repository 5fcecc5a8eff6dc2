//! MTRAG's human evaluation: conversations with retrieved passages, the answers of several models to the last question,
//! and what pseudonymous raters said about each answer.
//!
//! Each evaluation (task and model) becomes a session whose last reply is the model's; the passages become the retrieval
//! of the last turn, the raters' answers reviews of that turn, the algorithms' figures scores of it.
//! Source: `reference_subset_with_human_evaluations.json` of the mt-rag-benchmark repository.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use turnwise_model::Micros;
use turnwise_model::conversation::{Document, Retrieval};
use turnwise_model::score::{Source, Value};
use turnwise_model::telemetry::{IncomingScore, ScoreTarget, SessionSignal};

use crate::messages::{Extras, Imported, MessagesError, SessionLog, to_spans};

/// Why a file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MtragError {
    /// It is no evaluation file.
    #[error("the file is no MTRAG evaluation: {0}")]
    Malformed(String),
    /// An evaluation names a task that is not in the file.
    #[error("the evaluation of model {model:?} names task {task:?}, which the file does not hold")]
    UnknownTask {
        /// The task.
        task: String,
        /// The model.
        model: String,
    },
    /// A task's messages are broken.
    #[error("task {task:?}: {source}")]
    Task {
        /// The task.
        task: String,
        /// Why.
        source: MessagesError,
    },
}

/// A human's answers about one turn, given elsewhere and imported as a review.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedReview {
    /// The session's external id.
    pub session_id: String,
    /// The turn's position, from 1.
    pub position: u32,
    /// The reviewer's pseudonym.
    pub reviewer: String,
    /// Answers by question.
    pub answers: BTreeMap<String, Value>,
    /// When they were given.
    pub at: Micros,
    /// How long it took, in milliseconds.
    pub active_ms: Option<i64>,
}

/// What is in a file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evaluations {
    /// One session for each task and model.
    pub sessions: Vec<Imported>,
    /// One review for each session and rater.
    pub reviews: Vec<ImportedReview>,
    /// The questions that the raters answered, in the file's order: key, what was asked, and the labelled values.
    pub questions: Vec<Question>,
}

/// A question that raters answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Its key in the answers.
    pub key: String,
    /// Its name for people.
    pub name: String,
    /// What is asked.
    pub description: String,
    /// The anchors, value and word; empty for a number without anchors.
    pub anchors: Vec<(f64, String)>,
}

#[derive(Deserialize)]
struct File {
    metrics: Vec<Metric>,
    documents: Vec<Passage>,
    tasks: Vec<Task>,
    evaluations: Vec<Evaluation>,
}

#[derive(Deserialize)]
struct Metric {
    name: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    description: String,
    author: String,
    #[serde(default)]
    values: Vec<MetricValue>,
}

#[derive(Deserialize)]
struct MetricValue {
    display_value: String,
    numeric_value: f64,
}

#[derive(Deserialize)]
struct Passage {
    document_id: String,
    text: String,
    #[serde(default)]
    title: Option<String>,
}

#[derive(Deserialize)]
struct Task {
    task_id: String,
    input: Vec<Utterance>,
    #[serde(default)]
    contexts: Vec<Context>,
    #[serde(flatten)]
    other: Map<String, Json>,
}

#[derive(Deserialize)]
struct Utterance {
    speaker: String,
    text: String,
}

#[derive(Deserialize)]
struct Context {
    document_id: String,
}

#[derive(Deserialize)]
struct Evaluation {
    task_id: String,
    model_id: String,
    model_response: String,
    annotations: BTreeMap<String, BTreeMap<String, Annotation>>,
}

#[derive(Deserialize)]
struct Annotation {
    value: Json,
    #[serde(default)]
    timestamp: Option<f64>,
    #[serde(default)]
    duration: Option<f64>,
}

/// Reads a file. A conversation tells no times: it is placed at the beginning of the earliest work of its raters.
/// `at` is when it began where nobody rated it.
///
/// # Errors
/// When the file cannot be read, or an evaluation names an unknown task.
pub fn read(bytes: &[u8], at: Micros) -> Result<Evaluations, MtragError> {
    let file: File = serde_json::from_slice(bytes).map_err(|error| MtragError::Malformed(error.to_string()))?;
    let passages: HashMap<&str, &Passage> =
        file.documents.iter().map(|passage| (passage.document_id.as_str(), passage)).collect();
    let tasks: HashMap<&str, &Task> = file.tasks.iter().map(|task| (task.task_id.as_str(), task)).collect();
    let human: Vec<&Metric> = file.metrics.iter().filter(|metric| metric.author == "human").collect();
    let mut read =
        Evaluations { questions: human.iter().map(|metric| question(metric)).collect(), ..Default::default() };
    for evaluation in &file.evaluations {
        let task = tasks.get(evaluation.task_id.as_str()).ok_or_else(|| MtragError::UnknownTask {
            task: evaluation.task_id.clone(),
            model: evaluation.model_id.clone(),
        })?;
        let session_id = format!("{}/{}", evaluation.task_id, evaluation.model_id);
        let last_turn = task.input.iter().filter(|utterance| utterance.speaker == "user").count();
        let reviews = reviews(evaluation, &human, &session_id, u32::try_from(last_turn).unwrap_or(u32::MAX));
        let began = reviews
            .iter()
            .map(|review| Micros(review.at.0.saturating_sub(review.active_ms.unwrap_or(0).saturating_mul(1_000))))
            .min()
            .unwrap_or(at);
        let session = session(task, evaluation, &human, &passages, &session_id, last_turn, began)
            .map_err(|source| MtragError::Task { task: task.task_id.clone(), source })?;
        read.sessions.push(session);
        read.reviews.extend(reviews);
    }
    Ok(read)
}

fn question(metric: &Metric) -> Question {
    Question {
        key: metric.name.clone(),
        name: metric.display_name.clone(),
        description: metric.description.clone(),
        anchors: metric.values.iter().map(|value| (value.numeric_value, value.display_value.clone())).collect(),
    }
}

fn reviews(evaluation: &Evaluation, human: &[&Metric], session_id: &str, position: u32) -> Vec<ImportedReview> {
    let mut by_rater: BTreeMap<&str, ImportedReview> = BTreeMap::new();
    for metric in human {
        for (rater, annotation) in evaluation.annotations.get(&metric.name).into_iter().flatten() {
            let (Some(value), Some(timestamp)) = (number(&annotation.value), annotation.timestamp) else {
                continue;
            };
            let review = by_rater.entry(rater).or_insert_with(|| ImportedReview {
                session_id: session_id.to_owned(),
                position,
                reviewer: rater.clone(),
                answers: BTreeMap::new(),
                at: Micros(whole(timestamp).saturating_mul(1_000_000)),
                active_ms: annotation.duration.map(|seconds| whole(seconds).saturating_mul(1_000)),
            });
            review.answers.insert(metric.name.clone(), Value::Number(value));
        }
    }
    by_rater.into_values().collect()
}

/// The file writes whole seconds with a `.0`.
#[expect(clippy::cast_possible_truncation, reason = "whole seconds, far below the limit; as saturates beyond it")]
fn whole(seconds: f64) -> i64 {
    seconds as i64
}

fn number(value: &Json) -> Option<f64> {
    match value {
        Json::Number(number) => number.as_f64(),
        Json::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn session(
    task: &Task,
    evaluation: &Evaluation,
    human: &[&Metric],
    passages: &HashMap<&str, &Passage>,
    session_id: &str,
    last_turn: usize,
    at: Micros,
) -> Result<Imported, MessagesError> {
    let mut messages: Vec<Json> =
        task.input.iter().map(|utterance| json!({"role": utterance.speaker, "content": utterance.text})).collect();
    messages.push(json!({"role": "assistant", "content": evaluation.model_response}));
    let documents: Vec<Document> = task
        .contexts
        .iter()
        .map(|context| {
            let passage = passages.get(context.document_id.as_str());
            Document {
                id: Some(context.document_id.clone()),
                text: passage.map(|passage| passage.text.clone()),
                score: None,
                metadata: passage.and_then(|passage| passage.title.as_ref()).map(|title| json!({"title": title})),
            }
        })
        .collect();
    let mut extras = Extras {
        ended: Some(SessionSignal::End { reason: Some("dataset".to_owned()) }),
        scores: algorithm_scores(evaluation, human, session_id, at),
        ..Extras::default()
    };
    if !documents.is_empty() {
        extras.retrievals.insert(last_turn.saturating_sub(1), Retrieval { query: None, documents });
    }
    let mut metadata = Map::new();
    metadata.insert("benchmark".to_owned(), json!("mtrag"));
    metadata.insert("task_id".to_owned(), json!(task.task_id));
    metadata.insert("model".to_owned(), json!(evaluation.model_id));
    for (name, key) in [
        ("answerability", "Answerability"),
        ("question_type", "Question Type"),
        ("multi_turn", "Multi-Turn"),
        ("collection", "Collection"),
        ("retriever_performance", "Retriever Performance Characteristics"),
    ] {
        // Lists of one are written as that one, so that a filter can compare them.
        match task.other.get(key) {
            Some(Json::Array(values)) if values.len() == 1 => metadata.insert(name.to_owned(), values[0].clone()),
            Some(Json::Array(values)) if values.is_empty() => None,
            Some(value) => metadata.insert(name.to_owned(), value.clone()),
            None => None,
        };
    }
    let log = SessionLog {
        session_id: Some(session_id.to_owned()),
        metadata: Some(metadata),
        tags: vec!["mtrag".to_owned()],
        model: Some(evaluation.model_id.clone()),
        messages,
        ..SessionLog::default()
    };
    to_spans(log, &extras, at)
}

/// The figures of algorithms and LLM judges that the file holds beside the human ones.
fn algorithm_scores(evaluation: &Evaluation, human: &[&Metric], session_id: &str, at: Micros) -> Vec<IncomingScore> {
    let mut scores = Vec::new();
    for (name, values) in &evaluation.annotations {
        if human.iter().any(|metric| metric.name == *name) {
            continue;
        }
        for annotation in values.values() {
            if let Some(value) = number(&annotation.value) {
                scores.push(IncomingScore {
                    name: name.clone(),
                    value: Value::Number(value),
                    label: None,
                    explanation: None,
                    source: if name.starts_with("rb_llm") || name == "rl_f" { Source::Llm } else { Source::Code },
                    identifier: Some(format!("{session_id}/{name}")),
                    target: ScoreTarget::Session,
                    at: Some(at),
                });
            }
        }
    }
    scores
}
