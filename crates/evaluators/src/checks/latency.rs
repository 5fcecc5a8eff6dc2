//! Latency: how long the user waited for each reply, against a limit.

use serde::Deserialize;
use serde_json::Value as Json;
use turnwise_model::evaluation::Granularity;

use crate::check::worst_turn;
use crate::{Check, Definition, Finding, Reading};

/// Compares the latency of each turn with a limit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Latency {
    /// The longest wait that is still good, in milliseconds.
    pub limit_ms: u32,
}

impl Default for Latency {
    fn default() -> Self {
        Self { limit_ms: 10_000 }
    }
}

impl Check for Latency {
    fn definition(&self) -> Definition {
        Definition {
            name: "latency".to_owned(),
            title: "Latency".to_owned(),
            description: format!(
                "The limit ({} s) over the time the user waited for a reply, at most 1; a session is as good as its slowest turn.",
                f64::from(self.limit_ms) / 1_000.0
            ),
            granularity: Granularity::Session,
            score_name: "latency".to_owned(),
            range: (0.0, 1.0),
            threshold: 1.0,
            needs_provider: false,
        }
    }

    fn with_settings(&self, settings: &Json) -> Result<Box<dyn Check>, String> {
        if settings.is_null() {
            return Ok(Box::new(self.clone()));
        }
        let latency = Self::deserialize(settings).map_err(|error| error.to_string())?;
        if latency.limit_ms == 0 {
            return Err("limit_ms must be at least 1".to_owned());
        }
        Ok(Box::new(latency))
    }

    fn check(&self, reading: &Reading<'_>) -> Result<Vec<Finding>, String> {
        let limit = f64::from(self.limit_ms);
        let mut findings = Vec::new();
        for turn in &reading.turns {
            let Some(waited) = turn.turn.latency_ms.and_then(|ms| u32::try_from(ms).ok()) else { continue };
            let waited = f64::from(waited);
            let mut finding = Finding::good(Some(turn.turn.position));
            if waited > limit {
                finding.value = limit / waited;
                finding.reasons.push(format!(
                    "the reply took {:.1} s, the limit is {:.1} s",
                    waited / 1_000.0,
                    limit / 1_000.0
                ));
            }
            findings.push(finding);
        }
        let session = worst_turn(&findings).ok_or("no turn says how long it took")?;
        findings.push(session);
        Ok(findings)
    }
}
