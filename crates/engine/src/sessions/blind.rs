//! What lists keep back. Whoever reviews and still owes an answer in a blind queue is told no machine's verdict: not by a
//! score beside a session, and not by which sessions a filter by score finds.

use std::collections::HashMap;

use turnwise_model::SessionId;
use turnwise_model::filter::{Filter, Subject};
use turnwise_model::score::Score;

use super::error::SessionError;
use super::service::Sessions;
use crate::access::Access;
use crate::blind::owes_any;

/// What the caller of a list may know of scores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    /// All of them.
    All,
    /// Their own, by this author.
    Own(String),
}

impl Known {
    /// Leaves the scores that the caller may know.
    pub(super) fn keep(&self, scores: &mut HashMap<SessionId, Vec<Score>>) {
        if let Self::Own(author) = self {
            scores.values_mut().for_each(|scores| scores.retain(|score| score.author.as_ref() == Some(author)));
        }
    }

    /// Reads a filter, which must not ask for what the caller may not know.
    pub(super) fn filter(&self, text: &str) -> Result<Filter, SessionError> {
        let filter = Filter::parse(text)?;
        let by_score = |filter: &Filter| {
            filter.conditions().iter().any(|condition| matches!(condition.subject(), Subject::Score { .. }))
        };
        if *self != Self::All && by_score(&filter) { Err(SessionError::ScoresWithheld) } else { Ok(filter) }
    }
}

impl Sessions {
    /// What the caller of a list may know.
    pub(super) async fn known_to(&self, access: &Access) -> Result<Known, SessionError> {
        let owes = owes_any(&self.store, access).await?;
        Ok(if owes { Known::Own(access.reviewer()) } else { Known::All })
    }
}
