//! Scores that programs send: feedback of users, verdicts of evaluators elsewhere.

use turnwise_model::access::Scope;
use turnwise_model::conversation::Turn;
use turnwise_model::score::{Score, Source, Target, Value};
use turnwise_model::view::session::{NewScore, ScoreTaken};
use turnwise_model::{ScoreId, SessionId};
use turnwise_store::{Durability, Origin};

use super::error::SessionError;
use super::service::Sessions;
use crate::access::Access;

/// The longest name of a score, in characters.
const LONGEST_NAME: usize = 100;

impl Sessions {
    /// Takes scores, all or none.
    ///
    /// # Errors
    /// When one of them names a session or turn that is not there, or says nothing that can be understood.
    pub async fn add_scores(&self, access: &Access, scores: &[NewScore]) -> Result<Vec<ScoreTaken>, SessionError> {
        access.require_scope(Scope::Ingest)?;
        let project = access.project.id;
        let mut taken = Vec::with_capacity(scores.len());
        let mut written = std::collections::BTreeMap::new();
        for (index, new) in scores.iter().enumerate() {
            let invalid = |reason: &str| SessionError::InvalidScore { index, reason: reason.to_owned() };
            if new.name.is_empty() || new.name.chars().count() > LONGEST_NAME {
                return Err(invalid("its name must have 1 to 100 characters"));
            }
            if new.source == Source::Human {
                return Err(invalid(
                    "the source human is for reviews in a queue, send user for feedback of the application's users",
                ));
            }
            let value = value(&new.value)
                .ok_or_else(|| invalid("its value must be a number, true, false, a text or a list of texts"))?;
            let session = self.known(access, &new.session).await?;
            let revision = self.store.session(project, session).await?.map_or(1, |session| session.revision);
            let target = self.target(access, index, new, session).await?;
            let id = match &new.id {
                Some(id) => ScoreId::derive(project, &format!("sent:{id}")),
                None => self.ambient.id(),
            };
            let score = Score {
                id,
                target,
                name: new.name.clone(),
                value,
                passed: new.passed,
                source: new.source,
                evaluator: None,
                evaluator_version: None,
                author: new.author.clone(),
                rubric_version: None,
                exposure: None,
                active_ms: None,
                explanation: new.explanation.clone(),
                evidence: Vec::new(),
                revision,
                stale: false,
                created_at: self.ambient.now(),
            };
            written.insert(id, score);
            taken.push(ScoreTaken { id, session });
        }
        let written: Vec<Score> = written.into_values().collect();
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        transaction.put_scores(project, &written, Origin::Given).await?;
        transaction.commit().await?;
        Ok(taken)
    }

    async fn target(
        &self,
        access: &Access,
        index: usize,
        new: &NewScore,
        session: SessionId,
    ) -> Result<Target, SessionError> {
        let no_such_turn = || SessionError::NoSuchTurn { index, session: new.session.clone() };
        let turn = match (new.turn, new.position) {
            (None, None) => None,
            (turn, position) => {
                let turns: Vec<Turn> = self.store.turns_of_session(access.project.id, session).await?;
                let found = turns.iter().find(|known| {
                    turn.is_none_or(|turn| turn == known.id)
                        && position.is_none_or(|position| position == known.position)
                });
                Some(found.ok_or_else(no_such_turn)?.id)
            }
        };
        Ok(match (&new.span, turn) {
            (Some(span), Some(turn)) => Target::Span { session, turn: Some(turn), span: span.clone() },
            (Some(span), None) => {
                let turns = self.store.turns_of_spans(access.project.id, session).await?;
                let turn = turns.into_iter().find(|((_, id), _)| id == span).map(|(_, turn)| turn);
                Target::Span { session, turn, span: span.clone() }
            }
            (None, Some(turn)) => Target::Turn { session, turn },
            (None, None) => Target::Session { session },
        })
    }
}

fn value(json: &serde_json::Value) -> Option<Value> {
    match json {
        serde_json::Value::Bool(flag) => Some(Value::Flag(*flag)),
        serde_json::Value::Number(number) => number.as_f64().filter(|number| number.is_finite()).map(Value::Number),
        serde_json::Value::String(text) => Some(Value::Label(text.clone())),
        serde_json::Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<Vec<String>>>()
            .map(Value::Labels),
        serde_json::Value::Null | serde_json::Value::Object(_) => None,
    }
}
