//! Lists of sessions by filter: pages and counts.

use sqlx::AssertSqlSafe;
use turnwise_model::conversation::Session;
use turnwise_model::filter::Filter;
use turnwise_model::page::Page;
use turnwise_model::view::session::SessionSort;
use turnwise_model::{Micros, ProjectId, SessionId};

use crate::error::StoreError;
use crate::filtered::bind_filter;
use crate::row::Fields;
use crate::session_place::{SessionPlace, SortValue};
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

pub(crate) const BY_ACTIVITY: &str = "s.last_activity_at";

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

impl Store {
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
}
