//! The waterfall of a session, a window at a time.

use std::collections::{HashMap, HashSet};

use turnwise_model::view::session::SpanRow;
use turnwise_model::view::trace::{Trace, TraceQuery, TraceRow};
use turnwise_store::SpanLink;

use super::error::SessionError;
use super::service::Sessions;
use super::waterfall::{Place, rows};
use crate::access::Access;

impl Sessions {
    /// A window of the waterfall of a session, by Turnwise's id or the client's; `None` when this project has no such session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn trace(
        &self,
        access: &Access,
        id_or_external: &str,
        query: &TraceQuery,
    ) -> Result<Option<Trace>, SessionError> {
        let project = access.project.id;
        let Some(session) = self.store.session_id(project, id_or_external).await? else { return Ok(None) };
        let spans = self.store.span_links(project, session).await?;
        let folded: HashSet<&str> = query.folded.iter().map(String::as_str).collect();
        let places = rows(&spans, &folded);
        let visible = places.len();
        let window = usize::try_from(Trace::WINDOW).unwrap_or(usize::MAX);
        let from = usize::try_from(query.from).unwrap_or(usize::MAX).min(visible.saturating_sub(1));
        let places: Vec<Place> = places.into_iter().skip(from).take(window).collect();
        let links: Vec<&SpanLink> = places.iter().map(|place| &spans[place.span]).collect();
        let stored = self.store.span_rows_of(project, &links).await?;
        let mut stored: HashMap<(String, String), SpanRow> =
            stored.into_iter().map(|row| ((row.trace_id.clone(), row.span_id.clone()), row)).collect();
        // One that was deleted in between is left out.
        let rows = places.iter().zip(&links).filter_map(|(place, link)| {
            let span = stored.remove(&(link.trace_id.clone(), link.span_id.clone()))?;
            let Place { depth, within, folded, from, to, .. } = *place;
            Some(TraceRow { span, depth, within, folded, from, to })
        });
        let rows = rows.collect();
        let counted = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(Some(Trace { from: counted(from), rows, visible: counted(visible), spans: counted(spans.len()) }))
    }
}
