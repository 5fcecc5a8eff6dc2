//! Lists of sessions by filter: pages, counts, facets.

use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe};
use turnwise_model::conversation::Session;
use turnwise_model::filter::{Filter, KnownValues, SqlCondition, SqlValue};
use turnwise_model::page::Page;
use turnwise_model::view::session::{FacetCount, Facets, ScoreFacet, SessionSort};
use turnwise_model::{Micros, ProjectId, SessionId};

use crate::error::StoreError;
use crate::row::Fields;
use crate::sessions::{COLUMNS, read_session};
use crate::store::Store;

/// Counting stops here: nobody reads whether it is 10,001 or a million.
pub const MOST_COUNTED: i64 = 10_001;

/// Which part of a list, and in which order.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionOrder {
    /// By what.
    pub sort: SessionSort,
    /// Greatest first.
    pub descending: bool,
    /// After this place.
    pub after: Option<SessionPlace>,
    /// How many.
    pub limit: u32,
}

/// A place in a sorted list of sessions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SessionPlace {
    /// What the list is sorted by, at this place.
    pub value: SortValue,
    /// The session there.
    pub session: SessionId,
}

/// A value that a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SortValue {
    /// A count or an instant.
    Integer(i64),
    /// An amount.
    Real(f64),
}

impl SessionPlace {
    /// Where a session stands in a list sorted by `sort`.
    #[must_use]
    pub fn of(session: &Session, sort: SessionSort) -> Self {
        let value = match sort {
            SessionSort::LastActivity => session.last_activity_at.0,
            SessionSort::Started => session.started_at.0,
            SessionSort::Turns => session.turn_count,
            SessionSort::Errors => session.error_count,
            SessionSort::ToolCalls => session.tool_call_count,
            SessionSort::Tokens => session.tokens.total().unwrap_or(0),
            SessionSort::Latency => session.latency_ms.unwrap_or(0),
            SessionSort::Duration => turnwise_model::filter::duration_ms(session),
            SessionSort::Cost => {
                return Self {
                    value: SortValue::Real(session.cost_usd.map_or(0.0, |cost| cost.0)),
                    session: session.id,
                };
            }
        };
        Self { value: SortValue::Integer(value), session: session.id }
    }
}

/// The place as a cursor, and back.
impl std::fmt::Display for SessionPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.value {
            SortValue::Integer(value) => write!(f, "i{value}~{}", self.session),
            // The shortest text that is read back as the same number.
            SortValue::Real(value) => write!(f, "r{value:?}~{}", self.session),
        }
    }
}

/// A text that is no cursor of a list of sessions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a cursor of this list, take `next_cursor` of the page before as it is")]
pub struct InvalidCursor(pub String);

impl std::str::FromStr for SessionPlace {
    type Err = InvalidCursor;
    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let read = || {
            let (value, session) = text.split_once('~')?;
            let value = match value.split_at_checked(1)? {
                ("i", value) => SortValue::Integer(value.parse().ok()?),
                ("r", value) => SortValue::Real(value.parse().ok().filter(|value: &f64| value.is_finite())?),
                _ => return None,
            };
            Some(Self { value, session: session.parse().ok()? })
        };
        read().ok_or_else(|| InvalidCursor(text.to_owned()))
    }
}

const BY_ACTIVITY: &str = "s.last_activity_at";

/// The column or expression that a list is sorted by.
const fn sorted_by(sort: SessionSort) -> &'static str {
    match sort {
        SessionSort::LastActivity => BY_ACTIVITY,
        SessionSort::Started => "s.started_at",
        SessionSort::Turns => "s.turn_count",
        SessionSort::Errors => "s.error_count",
        SessionSort::ToolCalls => "s.tool_call_count",
        SessionSort::Tokens => "coalesce(s.input_tokens, 0) + coalesce(s.output_tokens, 0)",
        SessionSort::Cost => "coalesce(s.cost_usd, 0)",
        SessionSort::Latency => "coalesce(s.latency_ms, 0)",
        SessionSort::Duration => "s.duration_ms",
    }
}

/// So many sessions are looked at one by one, whichever way the list is sorted. Where more of them meet a condition, the
/// list finds its first page soon by going through the sessions in order.
const FEW: i64 = 2_000;

/// Binds the values of a compiled filter.
pub(crate) fn bind_filter<'q>(
    mut query: Query<'q, Any, AnyArguments>,
    parameters: Vec<SqlValue>,
) -> Query<'q, Any, AnyArguments> {
    for parameter in parameters {
        query = match parameter {
            SqlValue::Text(text) => query.bind(text),
            SqlValue::Integer(number) => query.bind(number),
            SqlValue::Real(number) => query.bind(number),
        };
    }
    query
}

impl Store {
    /// A filter as SQL for this database, its placeholders numbered from `first`.
    pub(crate) fn condition(&self, filter: &Filter, first: usize) -> SqlCondition {
        filter.to_sql(self.ambient().now(), self.engine().for_filters(), first)
    }

    /// The same, begun from the sessions that meet a part of it when these are few. `$1` is the project. Says as well by
    /// what to sort, if `by` is the way: these few are sorted when they are known, and not found in that order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn quick_condition(
        &self,
        project: ProjectId,
        filter: &Filter,
        by: &str,
        first: usize,
    ) -> Result<(SqlCondition, String), StoreError> {
        let mut condition = self.condition(filter, first);
        let next = first + condition.parameters.len();
        let lookups = |first| filter.lookups(self.ambient().now(), self.engine().for_filters(), first);
        let mut fewest = None;
        for (index, lookup) in lookups(2).into_iter().enumerate() {
            let sql = format!("select count(*) as found from ({} limit {}) as looked_up", lookup.text, FEW + 1);
            let query = sqlx::query(AssertSqlSafe(sql)).bind(project.to_string());
            let row = bind_filter(query, lookup.parameters).fetch_one(self.reader()).await?;
            let found = Fields::keyed("sessions", "found", &row).integer("found")?;
            if found <= FEW && fewest.is_none_or(|(_, least)| found < least) {
                fewest = Some((index, found));
            }
        }
        let Some((index, _)) = fewest else { return Ok((condition, by.to_owned())) };
        let lookup = lookups(next).swap_remove(index);
        condition.text = format!("({} and s.session_id in ({}))", condition.text, lookup.text);
        condition.parameters.extend(lookup.parameters);
        // With a sign before it SQLite does not look for an index of it.
        Ok((condition, format!("+({by})")))
    }

    /// A page of the sessions that match.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_sessions(
        &self,
        project: ProjectId,
        filter: &Filter,
        order: &SessionOrder,
    ) -> Result<Page<Session>, StoreError> {
        let (condition, by) = self.quick_condition(project, filter, sorted_by(order.sort), 2).await?;
        let (direction, beyond) = if order.descending { ("desc", "<") } else { ("asc", ">") };
        let next = 2 + condition.parameters.len();
        let after = match order.after {
            Some(_) => format!("and ({by}, s.session_id) {beyond} (${next}, ${})", next + 1),
            None => String::new(),
        };
        let limit = i64::from(order.limit);
        let sql = format!(
            "select {COLUMNS}
             from sessions s
             where s.project_id = $1
               and {}
               {after}
             order by {by} {direction}, s.session_id {direction}
             limit {}",
            condition.text,
            limit + 1
        );
        let mut query = bind_filter(sqlx::query(AssertSqlSafe(sql)).bind(project.to_string()), condition.parameters);
        if let Some(place) = order.after {
            query = match place.value {
                SortValue::Integer(value) => query.bind(value),
                SortValue::Real(value) => query.bind(value),
            };
            query = query.bind(place.session.to_string());
        }
        let rows = query.fetch_all(self.reader()).await?;
        let sessions = rows.iter().map(read_session).collect::<Result<Vec<Session>, StoreError>>()?;
        let limit = usize::try_from(order.limit).unwrap_or(usize::MAX);
        Ok(Page::from_surplus(sessions, limit, |session| SessionPlace::of(session, order.sort).to_string()))
    }

    /// How many sessions match, up to [`MOST_COUNTED`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_sessions(&self, project: ProjectId, filter: &Filter) -> Result<i64, StoreError> {
        let (condition, _) = self.quick_condition(project, filter, BY_ACTIVITY, 2).await?;
        let sql = format!(
            "select count(*) as sessions
             from (
                 select 1
                 from sessions s
                 where s.project_id = $1
                   and {}
                 limit {MOST_COUNTED}
             ) as matched",
            condition.text
        );
        let row = bind_filter(sqlx::query(AssertSqlSafe(sql)).bind(project.to_string()), condition.parameters)
            .fetch_one(self.reader())
            .await?;
        Fields::keyed("sessions", "sessions", &row).integer("sessions")
    }

    /// When anything last happened in any session of the project; 0 when it has none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn newest_activity(&self, project: ProjectId) -> Result<Micros, StoreError> {
        let row =
            sqlx::query("select coalesce(max(last_activity_at), 0) as newest from sessions where project_id = $1")
                .bind(project.to_string())
                .fetch_one(self.reader())
                .await?;
        Fields::keyed("sessions", "newest", &row).instant("newest")
    }

    /// How many sessions that match were active after an instant, up to `most`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_sessions_after(
        &self,
        project: ProjectId,
        filter: &Filter,
        after: Micros,
        most: u32,
    ) -> Result<i64, StoreError> {
        // What is newer is little by itself.
        let condition = self.condition(filter, 3);
        let sql = format!(
            "select count(*) as sessions
             from (
                 select 1
                 from sessions s
                 where s.project_id = $1
                   and s.last_activity_at > $2
                   and {}
                 limit {most}
             ) as matched",
            condition.text
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(project.to_string()).bind(after.0);
        let row = bind_filter(query, condition.parameters).fetch_one(self.reader()).await?;
        Fields::keyed("sessions", "sessions", &row).integer("sessions")
    }

    /// The ids of the sessions that match, the most recent first, up to `most`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn matching_sessions(
        &self,
        project: ProjectId,
        filter: &Filter,
        most: u32,
    ) -> Result<Vec<SessionId>, StoreError> {
        let (condition, by) = self.quick_condition(project, filter, BY_ACTIVITY, 2).await?;
        let sql = format!(
            "select s.session_id
             from sessions s
             where s.project_id = $1
               and {}
             order by {by} desc, s.session_id desc
             limit {most}",
            condition.text
        );
        let rows = bind_filter(sqlx::query(AssertSqlSafe(sql)).bind(project.to_string()), condition.parameters)
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(|row| Fields::keyed("sessions", "session_id", row).parsed("session_id")).collect()
    }

    /// What filters can ask for in this project, as the most recent `sessions` sessions tell: values of fields, keys of
    /// metadata and names of scores, the most frequent first, up to 2,000 values.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn known_values(&self, project: ProjectId, sessions: u32) -> Result<KnownValues, StoreError> {
        let sql = format!(
            "with recent as (
                 select session_id, environment, end_reason, release
                 from sessions
                 where project_id = $1
                 order by last_activity_at desc, session_id desc
                 limit {sessions}
             )
             select key, text, sessions
             from (
                 select a.key, a.text, count(*) as sessions
                 from recent r
                 join session_attributes a on a.project_id = $1 and a.session_id = r.session_id
                 group by a.key, a.text
                 union all
                 select 'environment', environment, count(*)
                 from recent
                 where environment is not null
                 group by environment
                 union all
                 select 'end_reason', end_reason, count(*)
                 from recent
                 where end_reason is not null
                 group by end_reason
                 union all
                 select 'release', release, count(*)
                 from recent
                 where release is not null
                 group by release
                 union all
                 select 'score.' || c.name, coalesce(c.label, ''), count(*)
                 from recent r
                 join scores c on c.project_id = $1 and c.session_id = r.session_id
                 where c.stale = 0
                 group by c.name, coalesce(c.label, '')
             ) as found
             order by sessions desc, key, text
             limit 2000"
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(project.to_string()).fetch_all(self.reader()).await?;
        let mut known = KnownValues::default();
        for row in &rows {
            let fields = Fields::keyed("session_attributes", "key", row);
            let (key, text) = (fields.text("key")?, fields.text("text")?);
            let names = match key.split_once('.') {
                Some(("score", name)) => Some((&mut known.score_names, name)),
                Some(("metadata", name)) => Some((&mut known.metadata_keys, name)),
                _ => None,
            };
            if let Some((names, name)) = names
                && !names.iter().any(|other| other == name)
            {
                names.push(name.to_owned());
            }
            if !text.is_empty() {
                known.values.entry(key).or_default().push(text);
            }
        }
        Ok(known)
    }

    /// What the most recent of the sessions that match can be narrowed by.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session_facets(&self, project: ProjectId, filter: &Filter) -> Result<Facets, StoreError> {
        let (condition, by) = self.quick_condition(project, filter, BY_ACTIVITY, 2).await?;
        let sql = format!(
            "with matched as (
                 select s.session_id, s.environment, s.end_reason, s.status, s.error_count
                 from sessions s
                 where s.project_id = $1
                   and {}
                 order by {by} desc, s.session_id desc
                 limit {}
             ),
             judged as (
                 select c.name, c.session_id, min(c.passed) as passed
                 from matched m
                 join scores c on c.project_id = $1 and c.session_id = m.session_id
                 where c.stale = 0
                   and c.passed is not null
                 group by c.name, c.session_id
             )
             select 'sessions' as facet, '' as value, count(*) as sessions, 0 as passed
             from matched
             union all
             select 'errors', '', count(*), 0
             from matched
             where error_count > 0
             union all
             select 'open', '', count(*), 0
             from matched
             where status = 'open'
             union all
             select 'environment', environment, count(*), 0
             from matched
             where environment is not null
             group by environment
             union all
             select 'end_reason', end_reason, count(*), 0
             from matched
             where end_reason is not null
             group by end_reason
             union all
             select a.key, a.text, count(*), 0
             from matched m
             join session_attributes a on a.project_id = $1 and a.session_id = m.session_id
             where a.key in ('tag', 'model', 'metadata.channel', 'metadata.session.channel')
             group by a.key, a.text
             union all
             select 'score', name, count(*), cast(sum(passed) as bigint)
             from judged
             group by name",
            condition.text,
            Facets::LOOKED_AT
        );
        let rows = bind_filter(sqlx::query(AssertSqlSafe(sql)).bind(project.to_string()), condition.parameters)
            .fetch_all(self.reader())
            .await?;
        let mut facets = Facets::default();
        let mut elsewhere = Vec::new();
        for row in &rows {
            let fields = Fields::keyed("sessions", "facet", row);
            let (value, sessions) = (fields.text("value")?, fields.integer("sessions")?);
            let counted = match fields.text("facet")?.as_str() {
                "sessions" => {
                    facets.sessions = sessions;
                    continue;
                }
                "errors" => {
                    facets.errors = sessions;
                    continue;
                }
                "open" => {
                    facets.open = sessions;
                    continue;
                }
                "score" => {
                    let passed = fields.integer("passed")?;
                    facets.scores.push(ScoreFacet { name: value, failed: sessions - passed, passed });
                    continue;
                }
                "environment" => &mut facets.environment,
                "end_reason" => &mut facets.end_reason,
                "tag" => &mut facets.tag,
                "model" => &mut facets.model,
                "metadata.channel" => &mut facets.channel,
                _ => &mut elsewhere,
            };
            counted.push(FacetCount { value, sessions });
        }
        facets.channel_key = "channel".to_owned();
        if facets.channel.is_empty() && !elsewhere.is_empty() {
            facets.channel = elsewhere;
            facets.channel_key = "session.channel".to_owned();
        }
        for counted in
            [&mut facets.environment, &mut facets.end_reason, &mut facets.tag, &mut facets.model, &mut facets.channel]
        {
            counted.sort_by(|a, b| b.sessions.cmp(&a.sessions).then_with(|| a.value.cmp(&b.value)));
        }
        facets.scores.sort_by(|a, b| b.failed.cmp(&a.failed).then_with(|| a.name.cmp(&b.name)));
        Ok(facets)
    }
}

#[cfg(test)]
mod tests {
    use turnwise_model::Id;

    use super::*;

    #[test]
    fn a_cursor_is_read_back_exactly() {
        let session = SessionId::derive(ProjectId::from_uuid(uuid::Uuid::nil()), "chat-7");
        for value in
            [SortValue::Integer(-3), SortValue::Integer(i64::MAX), SortValue::Real(0.1 + 0.2), SortValue::Real(1e-300)]
        {
            let place = SessionPlace { value, session };
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        for wrong in ["", "i", "x1~a", "i1~chat", "rNaN~0198c0de-1111-7000-8000-000000000000"] {
            assert!(wrong.parse::<SessionPlace>().is_err(), "{wrong}");
        }
    }
}
