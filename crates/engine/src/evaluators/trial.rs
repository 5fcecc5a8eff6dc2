//! Trying a draft on a real session. Nothing is kept of it.

use turnwise_evaluators::catalogue::build;
use turnwise_evaluators::{EvaluatorError, Outcome};
use turnwise_model::access::Role;
use turnwise_model::evaluation::Kind;
use turnwise_model::view::evaluator::{EvaluatorDraft, Trial, Verdict};
use turnwise_model::{EvaluatorId, SessionId};

use super::check::version;
use super::error::EvaluatorSettingError;
use super::service::Evaluators;
use crate::access::Access;
use crate::evaluation::{Run, run};
use crate::providers::Reached;

impl Evaluators {
    /// Evaluates a session by a draft, now, and keeps nothing.
    ///
    /// # Errors
    /// Unless the caller is an editor; names the setting or the session that is wrong. That no verdict came is no error.
    pub async fn try_on(
        &self,
        access: &Access,
        draft: &EvaluatorDraft,
        session: &str,
    ) -> Result<Trial, EvaluatorSettingError> {
        access.require(Role::Editor)?;
        let project = access.project.id;
        let id: EvaluatorId = self.ambient.id();
        let version = version(draft, id, 1, &self.ambient)?;
        let unknown = || EvaluatorSettingError::NoSuchSession(session.to_owned());
        let session = self.store.session_id(project, session).await?.ok_or_else(unknown)?;
        let conversation = self.store.conversation(project, session).await?.ok_or_else(unknown)?;
        let mut permit = None;
        let mut provider = None;
        if version.method.kind() == Kind::Judge {
            match self.connections.of_project(project).await? {
                Reached::Nobody => return Ok(failed(session, EvaluatorError::NoProvider.to_string())),
                Reached::Unusable(reason) => return Ok(failed(session, reason)),
                Reached::Provider(connection) => {
                    provider = Some(connection.provider.clone());
                    permit = connection.permits.clone().acquire_owned().await.ok();
                }
            }
        }
        let evaluator = build(&version, provider, &self.ambient)?;
        let granularity = version.granularity;
        let started = self.ambient.now();
        let outcome = match version.method.kind() {
            Kind::Judge => run(evaluator.as_ref(), &conversation, granularity).await,
            Kind::Check => {
                let runtime = tokio::runtime::Handle::current();
                let work = move || runtime.block_on(run(evaluator.as_ref(), &conversation, granularity));
                tokio::task::spawn_blocking(work).await.map_err(crate::error::EngineError::from)?
            }
        };
        drop(permit);
        let took = self.ambient.now().since(started).as_millis();
        Ok(trial(session, outcome, i64::try_from(took).unwrap_or(i64::MAX)))
    }
}

fn failed(session: SessionId, reason: String) -> Trial {
    Trial { session, verdicts: Vec::new(), reason: Some(reason), failed: true, cost: None, latency_ms: 0, model: None }
}

fn trial(session: SessionId, outcome: Run, latency_ms: i64) -> Trial {
    match outcome {
        Err(error) => Trial { latency_ms, ..failed(session, error.to_string()) },
        Ok(Outcome::Abstained(abstained)) => Trial {
            failed: false,
            latency_ms,
            cost: abstained.usage.cost,
            model: abstained.usage.model,
            ..failed(session, abstained.reason)
        },
        Ok(Outcome::Scored(scored)) => Trial {
            session,
            verdicts: scored
                .verdicts
                .into_iter()
                .map(|verdict| Verdict {
                    position: verdict.position,
                    value: verdict.value,
                    passed: verdict.passed,
                    explanation: verdict.explanation,
                    evidence: verdict.evidence,
                })
                .collect(),
            reason: None,
            failed: false,
            cost: scored.usage.cost,
            latency_ms,
            model: scored.usage.model,
        },
    }
}
