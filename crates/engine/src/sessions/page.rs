//! The page of one session: a stretch of its turns, and what the viewer may know of its scores.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use turnwise_model::SessionId;
use turnwise_model::conversation::Turn;
use turnwise_model::score::Score;
use turnwise_model::telemetry::parsed;
use turnwise_model::view::session::SessionDetail;
use turnwise_model::view::session_page::{SessionPage, outline};

use super::error::SessionError;
use super::service::Sessions;
use crate::access::Access;

/// The most letters of a tool's arguments or result, or of a document, that a page is sent.
const MOST_LETTERS: usize = 20_000;

/// The most tool calls, retrievals and errors of one turn that a page is sent, of each kind; failed calls count apart.
const MOST_STEPS: usize = 20;

impl Sessions {
    /// A session as its page shows it, by Turnwise's id or the client's: the stretch of turns in which position `from` is.
    /// `None` when this project has no such session.
    ///
    /// Verdicts are withheld from whoever has yet to review the session blind: from reviewers as long as such a task is
    /// open to them, from editors and owners, who see everything otherwise, once they have begun to answer one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open(
        &self,
        access: &Access,
        id_or_external: &str,
        from: u32,
    ) -> Result<Option<SessionPage>, SessionError> {
        let project = access.project.id;
        let Some((detail, withheld)) = self.told(access, id_or_external).await? else { return Ok(None) };
        let (session, mut turns, scores) = (detail.conversation.session, detail.conversation.turns, detail.scores);
        let names = self.names(project, &scores).await?;
        let outline = outline(&turns, &scores);
        let first = usize::try_from(SessionPage::stretch_of(from) - 1).unwrap_or(usize::MAX);
        let first = if first < turns.len() { first } else { 0 };
        let mut turns: Vec<Turn> = turns.drain(first..).take(SessionPage::STRETCH).collect();
        let left_out = turns.iter_mut().filter_map(|turn| Some((turn.position, thin_out(turn)?))).collect();
        turns.iter_mut().for_each(shorten);
        Ok(Some(SessionPage { session, turns, left_out, outline, scores, withheld, names }))
    }

    /// A session as far as the caller may know it, and whether verdicts were kept back.
    pub(super) async fn told(
        &self,
        access: &Access,
        id_or_external: &str,
    ) -> Result<Option<(SessionDetail, bool)>, SessionError> {
        let project = access.project.id;
        let Some(session) = self.store.session_id(project, id_or_external).await? else { return Ok(None) };
        let Some(conversation) = self.store.conversation(project, session).await? else { return Ok(None) };
        let mut scores = self.store.scores_of_session(project, session).await?;
        let withheld = self.withholds(access, session).await?;
        if withheld {
            let own = access.reviewer();
            scores.retain(|score| score.author.as_deref() == Some(own.as_str()));
        }
        Ok(Some((SessionDetail { conversation, scores }, withheld)))
    }

    /// Whether verdicts about a session are to be kept from the caller.
    pub(super) async fn withholds(&self, access: &Access, session: SessionId) -> Result<bool, SessionError> {
        Ok(crate::blind::withholds(&self.store, access, session, self.ambient.now()).await?)
    }

    /// Names for the accounts and evaluator versions that scores speak of.
    async fn names(
        &self,
        project: turnwise_model::ProjectId,
        scores: &[Score],
    ) -> Result<BTreeMap<String, String>, SessionError> {
        let mut names = BTreeMap::new();
        if scores.iter().any(|score| score.author.is_some()) {
            let members = self.store.members(project).await?;
            names.extend(members.into_iter().map(|member| (member.account.to_string(), member.name)));
        }
        let mut evaluators: Vec<_> = scores.iter().filter_map(|score| score.evaluator).collect();
        evaluators.sort_unstable();
        evaluators.dedup();
        for evaluator in evaluators {
            let versions = self.store.evaluator_versions(project, evaluator).await?;
            names.extend(
                versions.into_iter().map(|version| (version.hash, format!("{} v{}", version.name, version.number))),
            );
        }
        Ok(names)
    }
}

/// Leaves the first steps of each kind, and the first calls that failed; how many others there were, if any.
fn thin_out(turn: &mut Turn) -> Option<u32> {
    let steps = |turn: &Turn| turn.tool_calls.len() + turn.retrievals.len() + turn.errors.len();
    let before = steps(turn);
    let (mut well, mut failed) = (0, 0);
    turn.tool_calls.retain(|call| {
        let counter = if call.error.is_some() { &mut failed } else { &mut well };
        *counter += 1;
        *counter <= MOST_STEPS
    });
    turn.retrievals.truncate(MOST_STEPS);
    turn.errors.truncate(MOST_STEPS);
    u32::try_from(before - steps(turn)).ok().filter(|gone| *gone > 0)
}

/// Cuts what nobody reads to the end; the spans keep all of it.
fn shorten(turn: &mut Turn) {
    for call in &mut turn.tool_calls {
        for value in [&mut call.arguments, &mut call.result].into_iter().flatten() {
            if let Some(short) = cut_json(value) {
                *value = Json::String(short);
            }
        }
    }
    for document in turn.retrievals.iter_mut().flat_map(|retrieval| &mut retrieval.documents) {
        if let Some(short) = document.text.as_deref().and_then(cut) {
            document.text = Some(short);
        }
    }
}

fn cut_json(value: &Json) -> Option<String> {
    match value {
        // Laid out before it is cut: half a JSON document cannot be laid out any more.
        Json::String(text) if text.len() > MOST_LETTERS => match parsed(value).as_ref() {
            Json::String(text) => cut(text),
            json => cut(&format!("{json:#}")),
        },
        Json::Object(_) | Json::Array(_) => cut(&format!("{value:#}")),
        _ => None,
    }
}

/// `text` cut, with a note of how much is missing; `None` when it is short enough.
fn cut(text: &str) -> Option<String> {
    if text.len() <= MOST_LETTERS {
        return None;
    }
    let (at, _) = text.char_indices().nth(MOST_LETTERS)?;
    let hidden = text[at..].chars().count();
    Some(format!("{}\n\n… and {hidden} more characters, to be seen in the trace", &text[..at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_huge_result_is_cut_between_letters_and_says_so() {
        let huge = Json::String("ą".repeat(MOST_LETTERS + 5));
        let short = cut_json(&huge).unwrap();
        assert!(short.ends_with("… and 5 more characters, to be seen in the trace"));
        assert_eq!(cut_json(&Json::String("short".to_owned())), None);
        assert_eq!(cut_json(&serde_json::json!({"a": 1})), None);
    }
}
