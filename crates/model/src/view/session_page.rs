//! What the page of one session is given: its turns, a stretch at a time, and how all of them stand.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::conversation::{Session, Turn};
use crate::score::{Exposure, Score, Target};
use crate::{Micros, QueueId, ReviewId, TurnId};

/// A session as its page shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionPage {
    /// The session.
    pub session: Session,
    /// The turns of the stretch that is shown, at most [`SessionPage::STRETCH`]; very long payloads are cut.
    pub turns: Vec<Turn>,
    /// Of turns that took very many steps, by position: how many tool calls, retrievals and errors are not among `turns`.
    pub left_out: BTreeMap<u32, u32>,
    /// How all of its turns stand.
    pub outline: Vec<OutlinedTurn>,
    /// All scores, stale ones included, oldest first; only the viewer's own while verdicts are withheld.
    pub scores: Vec<Score>,
    /// Verdicts are not told, because the viewer has yet to review this session without knowing them.
    pub withheld: bool,
    /// Names of those who scored: of people by account, of evaluators by the hash of their version.
    pub names: BTreeMap<String, String>,
}

impl SessionPage {
    /// How many turns are shown at once.
    pub const STRETCH: usize = 300;

    /// Position of the first turn of the stretch in which a turn is.
    #[must_use]
    pub fn stretch_of(position: u32) -> u32 {
        let length = u32::try_from(Self::STRETCH).unwrap_or(u32::MAX);
        position.saturating_sub(1) / length * length + 1
    }
}

/// How a turn stands; the worst there is to say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnState {
    /// Nothing was said of it.
    Unscored,
    /// Every score with a threshold met it.
    Passed,
    /// Something in it went wrong.
    Error,
    /// A score is below its threshold.
    Flagged,
}

/// A turn at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutlinedTurn {
    /// Its id.
    pub id: TurnId,
    /// Its position, from 1.
    pub position: u32,
    /// How it stands.
    pub state: TurnState,
}

impl OutlinedTurn {
    /// Whether one would stop at it when looking for what went wrong.
    #[must_use]
    pub fn is_flagged(&self) -> bool {
        self.state >= TurnState::Error
    }
}

/// How each turn stands. Without scores only errors are told. A score of the session that is below its threshold flags
/// the turns that its evidence names.
#[must_use]
pub fn outline(turns: &[Turn], scores: &[Score]) -> Vec<OutlinedTurn> {
    turns
        .iter()
        .map(|turn| {
            let judged = scores.iter().filter(|score| !score.stale).filter_map(|score| {
                let of_turn = score.target.turn() == Some(turn.id);
                let names_turn = score.target.turn().is_none()
                    && score.evidence.iter().any(|evidence| evidence.position == turn.position);
                match score.passed? {
                    true if of_turn => Some(TurnState::Passed),
                    false if of_turn || names_turn => Some(TurnState::Flagged),
                    _ => None,
                }
            });
            let worst = judged.max().unwrap_or(TurnState::Unscored);
            let wrong = !turn.errors.is_empty() || turn.tool_calls.iter().any(|call| call.error.is_some());
            let state = if wrong { worst.max(TurnState::Error) } else { worst };
            OutlinedTurn { id: turn.id, position: turn.position, state }
        })
        .collect()
}

/// A review of a session or of something in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionReview {
    /// The review.
    pub id: ReviewId,
    /// The queue it was done in.
    pub queue: QueueId,
    /// Name of the queue.
    pub queue_name: String,
    /// Name of the reviewer, or the pseudonym of an import.
    pub reviewer_name: String,
    /// What was reviewed.
    pub target: Target,
    /// What the reviewer had seen.
    pub exposure: Exposure,
    /// Milliseconds of active work.
    pub active_ms: Option<i64>,
    /// When it was committed.
    pub created_at: Micros,
    /// The answers, by key.
    pub answers: Vec<AnsweredQuestion>,
}

/// A question with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnsweredQuestion {
    /// The question as it reads now.
    pub title: String,
    /// The answer in words.
    pub answer: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::{Tokens, TurnError};
    use crate::score::{Evidence, Part, Source, Value};
    use crate::{ScoreId, SessionId};

    const PROJECT: &str = "0198c0de-1111-7000-8000-000000000000";

    fn session() -> SessionId {
        SessionId::derive(PROJECT.parse().unwrap(), "chat-1")
    }

    fn turn(position: u32) -> Turn {
        Turn {
            id: TurnId::derive(session(), &position.to_string()),
            position,
            conversation_id: None,
            trace_id: None,
            started_at: Micros(0),
            latency_ms: None,
            user: None,
            assistant: None,
            model: None,
            tool_calls: Vec::new(),
            retrievals: Vec::new(),
            errors: Vec::new(),
            tokens: Tokens::default(),
            cost_usd: None,
            llm_calls: 0,
        }
    }

    fn score(target: Target, passed: bool) -> Score {
        Score {
            id: ScoreId::derive(PROJECT.parse().unwrap(), "a"),
            target,
            name: "safety".to_owned(),
            value: Value::Number(0.0),
            passed: Some(passed),
            source: Source::Llm,
            evaluator: None,
            evaluator_version: None,
            author: None,
            rubric_version: None,
            exposure: None,
            active_ms: None,
            explanation: None,
            evidence: Vec::new(),
            revision: 1,
            stale: false,
            created_at: Micros(0),
        }
    }

    fn states(turns: &[Turn], scores: &[Score]) -> Vec<TurnState> {
        outline(turns, scores).iter().map(|turn| turn.state).collect()
    }

    #[test]
    fn the_worst_there_is_to_say_of_a_turn_counts() {
        let mut turns = [turn(1), turn(2), turn(3)];
        turns[1].errors.push(TurnError::from("timed out"));
        let of = |turn: &Turn, passed| score(Target::Turn { session: session(), turn: turn.id }, passed);
        let scores = [of(&turns[0], true), of(&turns[0], false), of(&turns[1], true)];
        assert_eq!(states(&turns, &scores), [TurnState::Flagged, TurnState::Error, TurnState::Unscored]);
    }

    #[test]
    fn a_failed_session_flags_the_turns_on_which_the_verdict_rests() {
        let turns = [turn(1), turn(2)];
        let quote = Evidence { position: 2, part: Part::Assistant, quote: "no".to_owned(), note: None };
        let failed = Score { evidence: vec![quote], ..score(Target::Session { session: session() }, false) };
        assert_eq!(states(&turns, std::slice::from_ref(&failed)), [TurnState::Unscored, TurnState::Flagged]);
        assert_eq!(states(&turns, &[Score { stale: true, ..failed }]), [TurnState::Unscored, TurnState::Unscored]);
    }

    #[test]
    fn stretches_follow_one_another() {
        assert_eq!([1, 300, 301, 900].map(SessionPage::stretch_of), [1, 1, 301, 601]);
    }
}
