//! The files of `server/sample` (see its README), as they lie in the binary.

use rust_embed::RustEmbed;
use serde::Deserialize;
use serde_json::Value as Json;

use super::SampleError;

#[derive(RustEmbed)]
#[folder = "sample/"]
#[include = "*.json"]
pub(super) struct Files;

#[derive(Deserialize)]
pub(super) struct Article {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) text: String,
}

#[derive(Deserialize)]
pub(super) struct Conversation {
    pub(super) id: String,
    pub(super) user_id: String,
    pub(super) started: String,
    pub(super) metadata: Json,
    pub(super) tags: Vec<String>,
    pub(super) environment: String,
    pub(super) release: String,
    pub(super) end_reason: String,
    pub(super) dropoff: Option<Json>,
    pub(super) turns: Vec<Turn>,
}

#[derive(Deserialize)]
pub(super) struct Turn {
    pub(super) user: String,
    pub(super) steps: Vec<Step>,
    pub(super) assistant: Option<String>,
    pub(super) model: String,
    pub(super) tokens: Option<Tokens>,
    pub(super) cost_usd: Option<f64>,
    pub(super) latency_ms: Option<i64>,
    pub(super) pause_before_ms: i64,
    pub(super) journey: Option<Json>,
    pub(super) error: Option<Failure>,
}

impl Turn {
    /// Where no reply came, the turn lasted as long as what was done for it.
    pub(super) fn took_ms(&self) -> i64 {
        self.latency_ms.unwrap_or_else(|| self.steps.iter().map(Step::latency_ms).sum())
    }
}

#[derive(Deserialize)]
pub(super) struct Tokens {
    pub(super) input: i64,
    pub(super) output: i64,
}

#[derive(Deserialize)]
pub(super) struct Failure {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) message: String,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Step {
    Retrieval { query: String, documents: Vec<Found>, latency_ms: i64 },
    Tool { name: String, arguments: Json, result: Option<Json>, error: Option<String>, latency_ms: i64 },
}

impl Step {
    pub(super) const fn latency_ms(&self) -> i64 {
        match self {
            Self::Retrieval { latency_ms, .. } | Self::Tool { latency_ms, .. } => *latency_ms,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Found {
    pub(super) id: String,
    pub(super) score: f64,
}

/// One of the files.
pub(super) fn read<T: for<'de> Deserialize<'de>>(name: &str) -> Result<T, SampleError> {
    let broken = |reason: String| SampleError::File { file: name.to_owned(), reason };
    let file = Files::get(name).ok_or_else(|| broken("it is not in this binary".to_owned()))?;
    serde_json::from_slice(&file.data).map_err(|error| broken(error.to_string()))
}

/// Nanoseconds of an ISO 8601 duration of days, hours, minutes and seconds, such as `PT167H30M`.
pub(super) fn duration_ns(text: &str) -> i64 {
    let mut total = 0_i64;
    let mut number = 0_i64;
    for letter in text.chars() {
        let seconds = match letter {
            '0'..='9' => {
                number = number * 10 + i64::from(letter.to_digit(10).unwrap_or(0));
                continue;
            }
            'D' => 86_400,
            'H' => 3_600,
            'M' => 60,
            'S' => 1,
            _ => 0,
        };
        total += number * seconds;
        number = 0;
    }
    total * 1_000_000_000
}

#[cfg(test)]
mod tests {
    use super::duration_ns;

    #[test]
    fn a_duration_is_read() {
        assert_eq!(duration_ns("PT167H30M"), (167 * 60 + 30) * 60 * 1_000_000_000);
        assert_eq!(duration_ns("P1DT2S"), 86_402_000_000_000);
    }
}
