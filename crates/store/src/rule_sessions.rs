//! The sessions that rules look at: those that closed and were not looked at, and those of the past.

use std::collections::HashSet;

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;
use turnwise_model::filter::Filter;
use turnwise_model::{Micros, ProjectId, SessionId};

use crate::error::StoreError;
use crate::filtered::bind_filter;
use crate::row::Fields;
use crate::store::Store;
use crate::transaction::Transaction;

/// Which closed sessions are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// All of them by id, after this one.
    After(Option<SessionId>),
    /// Those that closed since then, newest first.
    Since(Micros),
}

/// A closed session, as far as a rule's draw needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosedSession {
    /// Its id.
    pub id: SessionId,
    /// Its revision.
    pub revision: i64,
    /// Its turns.
    pub turns: i64,
}

impl Store {
    /// Closed sessions whose newest revision no rule has looked at, with their projects, the longest closed first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sessions_to_rule(&self, limit: i64) -> Result<Vec<(ProjectId, ClosedSession)>, StoreError> {
        let rows = sqlx::query(
            "select project_id, session_id, revision, turn_count
             from sessions
             where status = 'closed'
               and ruled_revision < revision
             order by closed_at
             limit $1",
        )
        .bind(limit)
        .fetch_all(self.reader())
        .await?;
        rows.iter()
            .map(|row| Ok((Fields::keyed("sessions", "session_id", row).parsed("project_id")?, read(row)?)))
            .collect()
    }

    /// Closed sessions that pass a filter, `now` being the present for it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn closed_sessions(
        &self,
        project: ProjectId,
        filter: &Filter,
        now: Micros,
        which: Closed,
        limit: i64,
    ) -> Result<Vec<ClosedSession>, StoreError> {
        let condition = filter.to_sql(now, self.engine().for_filters(), 4);
        let (part, order) = match which {
            Closed::After(_) => ("s.session_id > $2", "s.session_id"),
            Closed::Since(_) => ("s.closed_at >= $2", "s.closed_at desc, s.session_id"),
        };
        let sql = format!(
            "select s.session_id, s.revision, s.turn_count
             from sessions s
             where s.project_id = $1
               and s.status = 'closed'
               and {part}
               and {}
             order by {order}
             limit $3",
            condition.text
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(project.to_string());
        let query = match which {
            Closed::After(place) => query.bind(place.map(|place| place.to_string()).unwrap_or_default()),
            Closed::Since(instant) => query.bind(instant.0),
        };
        let rows = bind_filter(query.bind(limit), condition.parameters).fetch_all(self.reader()).await?;
        rows.iter().map(read).collect()
    }

    /// How many sessions closed since then pass a filter.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_closed_sessions(
        &self,
        project: ProjectId,
        filter: &Filter,
        now: Micros,
        since: Micros,
    ) -> Result<i64, StoreError> {
        let condition = filter.to_sql(now, self.engine().for_filters(), 3);
        let sql = format!(
            "select count(*) as sessions
             from sessions s
             where s.project_id = $1
               and s.status = 'closed'
               and s.closed_at >= $2
               and {}",
            condition.text
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(project.to_string()).bind(since.0);
        let row = bind_filter(query, condition.parameters).fetch_one(self.reader()).await?;
        Fields::keyed("sessions", "sessions", &row).integer("sessions")
    }

    /// Which of these sessions pass a filter.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sessions_that_pass(
        &self,
        project: ProjectId,
        filter: &Filter,
        now: Micros,
        sessions: &[SessionId],
    ) -> Result<HashSet<SessionId>, StoreError> {
        /// Far from the most placeholders that a statement takes.
        const TOGETHER: usize = 500;
        if filter.is_everything() {
            return Ok(sessions.iter().copied().collect());
        }
        let mut passed = HashSet::new();
        for sessions in sessions.chunks(TOGETHER) {
            let ids: Vec<String> = (0..sessions.len()).map(|place| format!("${}", place + 2)).collect();
            let condition = filter.to_sql(now, self.engine().for_filters(), sessions.len() + 2);
            let sql = format!(
                "select s.session_id
                 from sessions s
                 where s.project_id = $1
                   and s.session_id in ({})
                   and {}",
                ids.join(", "),
                condition.text
            );
            let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(false).bind(project.to_string());
            for session in sessions {
                query = query.bind(session.to_string());
            }
            for row in &bind_filter(query, condition.parameters).fetch_all(self.reader()).await? {
                passed.insert(Fields::keyed("sessions", "session_id", row).parsed("session_id")?);
            }
        }
        Ok(passed)
    }

    /// The instant at which a session closed, and the revision that rules have looked at.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ruled_revision(
        &self,
        project: ProjectId,
        session: SessionId,
    ) -> Result<Option<(Option<Micros>, i64)>, StoreError> {
        let row = sqlx::query(
            "select closed_at, ruled_revision
             from sessions
             where project_id = $1
               and session_id = $2",
        )
        .bind(project.to_string())
        .bind(session.to_string())
        .fetch_optional(self.reader())
        .await?;
        row.map(|row| {
            let fields = Fields::keyed("sessions", "session_id", &row);
            Ok((fields.optional_instant("closed_at")?, fields.integer("ruled_revision")?))
        })
        .transpose()
    }

    /// Which of these sessions have been evaluated at their present revision by an evaluator version of these hashes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn evaluated_sessions(
        &self,
        project: ProjectId,
        sessions: &[SessionId],
        versions: &HashSet<&str>,
    ) -> Result<HashSet<SessionId>, StoreError> {
        let rows = self
            .rows_of_sessions(
                "select e.session_id, e.evaluator_version
                 from evaluations e
                 join sessions s on s.project_id = e.project_id and s.session_id = e.session_id and s.revision = e.revision
                 where e.state = 'done' and e.project_id = {} and e.session_id in",
                project,
                sessions,
            )
            .await?;
        let mut found = HashSet::new();
        for row in &rows {
            let fields = Fields::keyed("evaluations", "session_id", row);
            if versions.contains(fields.text("evaluator_version")?.as_str()) {
                found.insert(fields.parsed("session_id")?);
            }
        }
        Ok(found)
    }
}

impl Transaction {
    /// Notes that rules have looked at this revision of a session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn mark_ruled(
        &mut self,
        project: ProjectId,
        session: SessionId,
        revision: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update sessions
             set ruled_revision = $3
             where project_id = $1
               and session_id = $2
               and ruled_revision < $3",
        )
        .bind(project.to_string())
        .bind(session.to_string())
        .bind(revision)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

fn read(row: &AnyRow) -> Result<ClosedSession, StoreError> {
    let fields = Fields::keyed("sessions", "session_id", row);
    Ok(ClosedSession {
        id: fields.parsed("session_id")?,
        revision: fields.integer("revision")?,
        turns: fields.integer("turn_count")?,
    })
}
