//! τ-bench trajectory files: a list of `{task_id, trial, reward, info, traj}` with `traj` in OpenAI's chat format.
//!
//! The reward becomes a score of the session. The simulated user closes with a message that holds `###STOP###`: it ends
//! the session and is no turn. Source: the `historical_trajectories` of the tau-bench repository.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use turnwise_model::Micros;
use turnwise_model::score::{Source, Value};
use turnwise_model::telemetry::{IncomingScore, ScoreTarget, SessionSignal};

use crate::messages::{Extras, Imported, MessagesError, SessionLog, to_spans};

/// What closes a conversation.
const STOP: &str = "###STOP###";

/// Why a file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TauBenchError {
    /// It is no trajectory file.
    #[error("the file is no list of tau-bench trajectories: {0}")]
    Malformed(String),
    /// A trajectory in it is broken.
    #[error("task {task_id} trial {trial}: {source}")]
    Trajectory {
        /// The task.
        task_id: i64,
        /// The trial.
        trial: i64,
        /// Why.
        source: MessagesError,
    },
}

#[derive(Debug, Deserialize)]
struct Trajectory {
    task_id: i64,
    #[serde(default)]
    trial: i64,
    reward: Option<f64>,
    #[serde(default)]
    info: Json,
    traj: Vec<Json>,
}

/// Reads a file. `name` is put into the sessions' ids and metadata (the file's stem); `at` is when the first run began:
/// the file tells no times, so runs are placed a second apart.
///
/// # Errors
/// When the file or a trajectory in it cannot be read.
pub fn read(name: &str, bytes: &[u8], at: Micros) -> Result<Vec<Imported>, TauBenchError> {
    let runs: Vec<Trajectory> =
        serde_json::from_slice(bytes).map_err(|error| TauBenchError::Malformed(error.to_string()))?;
    runs.into_iter()
        .zip(0_i64..)
        .map(|(run, place)| {
            let (task_id, trial) = (run.task_id, run.trial);
            let at = Micros(at.0.saturating_add(place.saturating_mul(1_000_000)));
            session(name, run, at).map_err(|source| TauBenchError::Trajectory { task_id, trial, source })
        })
        .collect()
}

fn session(name: &str, run: Trajectory, at: Micros) -> Result<Imported, MessagesError> {
    let mut messages = run.traj;
    let stopped = messages.last().is_some_and(|last| {
        last.get("role").and_then(Json::as_str) == Some("user")
            && last.get("content").and_then(Json::as_str).is_some_and(|text| text.contains(STOP))
    });
    if stopped {
        messages.pop();
    }
    let ended = if stopped { "user_done" } else { "trajectory_end" };
    let user_id = run.info.pointer("/task/user_id").and_then(Json::as_str).map(str::to_owned);
    let mut metadata = Map::new();
    metadata.insert("benchmark".to_owned(), json!("tau-bench"));
    metadata.insert("file".to_owned(), json!(name));
    metadata.insert("task_id".to_owned(), json!(run.task_id));
    metadata.insert("trial".to_owned(), json!(run.trial));
    if let Some(instruction) = run.info.pointer("/task/instruction").and_then(Json::as_str) {
        metadata.insert("instruction".to_owned(), json!(instruction));
    }
    let scores = run.reward.map(|reward| IncomingScore {
        name: "reward".to_owned(),
        value: Value::Number(reward),
        label: None,
        explanation: None,
        source: Source::Code,
        identifier: Some(format!("{name}/{}/{}/reward", run.task_id, run.trial)),
        target: ScoreTarget::Session,
        at: Some(at),
    });
    let log = SessionLog {
        session_id: Some(format!("{name}/task-{}/trial-{}", run.task_id, run.trial)),
        user_id,
        metadata: Some(metadata),
        tags: vec!["tau-bench".to_owned()],
        messages,
        ..SessionLog::default()
    };
    let extras = Extras {
        scores: scores.into_iter().collect(),
        ended: Some(SessionSignal::End { reason: Some(ended.to_owned()) }),
        ..Extras::default()
    };
    to_spans(log, &extras, at)
}
