//! Lists of sessions: pages, counts, facets.

use std::collections::HashMap;

use turnwise_model::conversation::Session;
use turnwise_model::filter::KnownValues;
use turnwise_model::page::Page;
use turnwise_model::score::Score;
use turnwise_model::view::session::{Facets, SessionQuery, SessionRow, SessionsPart};
use turnwise_model::{Micros, ProjectId, SessionId};
use turnwise_store::{SessionOrder, SessionPlace};

use super::blind::Known;
use super::error::SessionError;
use super::service::Sessions;
use super::summary::summaries;
use crate::access::Access;

/// The largest page.
const MOST: u32 = 200;

/// From how many of the most recent sessions known values are gathered.
const KNOWN_FROM: u32 = 1_000;

fn row(session: Session, scores: &mut HashMap<SessionId, Vec<Score>>) -> SessionRow {
    let scores = summaries(&scores.remove(&session.id).unwrap_or_default());
    SessionRow { session, scores }
}

impl Sessions {
    /// Counting what is newer stops here.
    pub const MOST_NEWER: u32 = 100;
    /// An action on all sessions that match takes at most so many.
    pub const MOST_AT_ONCE: u32 = 10_000;

    /// A page of the sessions that match, with their fresh scores in summary.
    ///
    /// # Errors
    /// When the filter, the cursor or the limit cannot be understood.
    pub async fn list(&self, access: &Access, query: &SessionQuery) -> Result<Page<SessionRow>, SessionError> {
        let known = self.known_to(access).await?;
        let page = self.page_of_sessions(access.project.id, query, &known).await?;
        let mut scores = self.scores_of(access.project.id, &page.data).await?;
        known.keep(&mut scores);
        Ok(page.map(|session| row(session, &mut scores)))
    }

    /// A part of the sessions that match, with the ways to both sides of it: what the list in the browser shows.
    ///
    /// # Errors
    /// When the filter, a cursor or the limit cannot be understood.
    pub async fn browse(&self, access: &Access, query: &SessionQuery) -> Result<SessionsPart, SessionError> {
        let project = access.project.id;
        let newest = self.store.newest_activity(project).await?;
        let backwards = query.before.as_deref().is_some_and(|before| !before.is_empty());
        let known = self.known_to(access).await?;
        let mut page = self.page_of_sessions(project, query, &known).await?;
        if backwards {
            page.data.reverse();
        }
        let place =
            |session: Option<&Session>| session.map(|session| SessionPlace::of(session, query.sort).to_string());
        let (first, last) = (place(page.data.first()), place(page.data.last()));
        let came_from_before = query.cursor.as_deref().is_some_and(|cursor| !cursor.is_empty());
        let (previous, next) = if backwards {
            (page.next_cursor.and(first), last)
        } else {
            (if came_from_before { first } else { None }, page.next_cursor)
        };
        let mut scores = self.scores_of(project, &page.data).await?;
        known.keep(&mut scores);
        let rows = page.data.into_iter().map(|session| row(session, &mut scores)).collect();
        Ok(SessionsPart { rows, previous, next, newest })
    }

    /// How many sessions that match were active after `newest`, up to [`Sessions::MOST_NEWER`]: what a list that was read
    /// then does not show yet.
    ///
    /// # Errors
    /// When the filter cannot be understood.
    pub async fn newer(&self, access: &Access, filter: &str, newest: Micros) -> Result<i64, SessionError> {
        let filter = self.known_to(access).await?.filter(filter)?;
        Ok(self.store.count_sessions_after(access.project.id, &filter, newest, Self::MOST_NEWER).await?)
    }

    /// What filters can ask for in this project, as its most recent sessions tell.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn known_values(&self, access: &Access) -> Result<KnownValues, SessionError> {
        let mut values = self.store.known_values(access.project.id, KNOWN_FROM).await?;
        if self.known_to(access).await? != Known::All {
            values.score_names.clear();
            values.values.retain(|property, _| !property.starts_with("score."));
        }
        Ok(values)
    }

    /// The sessions that match, the most recent first, up to [`Sessions::MOST_AT_ONCE`]: what an action on all of them means.
    ///
    /// # Errors
    /// When the filter cannot be understood.
    pub async fn matching(&self, access: &Access, filter: &str) -> Result<Vec<SessionId>, SessionError> {
        let filter = self.known_to(access).await?.filter(filter)?;
        Ok(self.store.matching_sessions(access.project.id, &filter, Self::MOST_AT_ONCE).await?)
    }

    /// The sessions themselves, without scores: for `list` and `browse`.
    async fn page_of_sessions(
        &self,
        project: ProjectId,
        query: &SessionQuery,
        known: &Known,
    ) -> Result<Page<Session>, SessionError> {
        if !(1..=MOST).contains(&query.limit) {
            return Err(SessionError::Limit { given: query.limit, most: MOST });
        }
        let filter = known.filter(&query.filter)?;
        let given = |cursor: &Option<String>| cursor.clone().filter(|cursor| !cursor.is_empty());
        let (cursor, descending) = match given(&query.before) {
            Some(before) => (Some(before), !query.descending),
            None => (given(&query.cursor), query.descending),
        };
        let after = cursor.as_deref().map(str::parse).transpose()?;
        let order = SessionOrder { sort: query.sort, descending, after, limit: query.limit };
        Ok(self.store.list_sessions(project, &filter, &order).await?)
    }

    /// All scores of these sessions, in one query.
    async fn scores_of(
        &self,
        project: ProjectId,
        sessions: &[Session],
    ) -> Result<HashMap<SessionId, Vec<Score>>, SessionError> {
        let ids: Vec<_> = sessions.iter().map(|session| session.id).collect();
        Ok(self.store.scores_of_sessions(project, &ids).await?)
    }

    /// How many sessions match; counting stops at 10,001.
    ///
    /// # Errors
    /// When the filter cannot be understood.
    pub async fn count(&self, access: &Access, filter: &str) -> Result<u64, SessionError> {
        let filter = self.known_to(access).await?.filter(filter)?;
        let counted = self.store.count_sessions(access.project.id, &filter).await?;
        Ok(u64::try_from(counted).unwrap_or(0))
    }

    /// What the most recent of the sessions that match can be narrowed by.
    ///
    /// # Errors
    /// When the filter cannot be understood.
    pub async fn facets(&self, access: &Access, filter: &str) -> Result<Facets, SessionError> {
        let known = self.known_to(access).await?;
        let mut facets = self.store.session_facets(access.project.id, &known.filter(filter)?).await?;
        if known != Known::All {
            facets.scores.clear();
        }
        Ok(facets)
    }
}
