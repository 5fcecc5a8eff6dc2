//! Lists of sessions: pages, counts, facets.

use turnwise_model::filter::Filter;
use turnwise_model::page::Page;
use turnwise_model::view::session::{Facets, SessionQuery, SessionRow};
use turnwise_store::SessionOrder;

use super::error::SessionError;
use super::service::Sessions;
use super::summary::summaries;
use crate::access::Access;

/// The largest page.
const MOST: u32 = 200;

impl Sessions {
    /// A page of the sessions that match, with their fresh scores in summary.
    ///
    /// # Errors
    /// When the filter, the cursor or the limit cannot be understood.
    pub async fn list(&self, access: &Access, query: &SessionQuery) -> Result<Page<SessionRow>, SessionError> {
        if !(1..=MOST).contains(&query.limit) {
            return Err(SessionError::Limit { given: query.limit, most: MOST });
        }
        let filter = Filter::parse(&query.filter)?;
        let after = query.cursor.as_deref().filter(|cursor| !cursor.is_empty()).map(str::parse).transpose()?;
        let order = SessionOrder { sort: query.sort, descending: query.descending, after, limit: query.limit };
        let project = access.project.id;
        let page = self.store.list_sessions(project, &filter, &order).await?;
        let ids: Vec<_> = page.data.iter().map(|session| session.id).collect();
        let mut scores = self.store.scores_of_sessions(project, &ids).await?;
        Ok(page.map(|session| {
            let scores = summaries(&scores.remove(&session.id).unwrap_or_default());
            SessionRow { session, scores }
        }))
    }

    /// How many sessions match; counting stops at 10,001.
    ///
    /// # Errors
    /// When the filter cannot be understood.
    pub async fn count(&self, access: &Access, filter: &str) -> Result<u64, SessionError> {
        let counted = self.store.count_sessions(access.project.id, &Filter::parse(filter)?).await?;
        Ok(u64::try_from(counted).unwrap_or(0))
    }

    /// What the most recent of the sessions that match can be narrowed by.
    ///
    /// # Errors
    /// When the filter cannot be understood.
    pub async fn facets(&self, access: &Access, filter: &str) -> Result<Facets, SessionError> {
        Ok(self.store.session_facets(access.project.id, &Filter::parse(filter)?).await?)
    }
}
