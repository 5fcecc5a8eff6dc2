//! Sessions as derived from their spans: lists, lookups, and the writing of what was derived.

use std::collections::HashMap;

use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};
use turnwise_model::conversation::{Conversation, EndReason, Session, SessionStatus, Tokens};
use turnwise_model::filter::duration_ms;
use turnwise_model::{Micros, ProjectId, SessionId, Usd};

use crate::bulk::{Insert, SelectIn};
use crate::double::Double;
use crate::error::StoreError;
use crate::json;
use crate::row::Fields;
use crate::span_body::storable;
use crate::store::Store;
use crate::transaction::Transaction;

/// The columns that make a [`Session`].
pub(crate) const COLUMNS: &str =
    "s.session_id, s.external_id, s.user_id, s.status, s.end_reason, s.ended_by, s.revision, s.environment, s.release,
    s.preview, s.started_at, s.last_activity_at, s.turn_count, s.span_count, s.tool_call_count, s.error_count,
    s.input_tokens, s.output_tokens, s.cost_usd, s.latency_ms, s.tags, s.metadata, s.warnings";

/// What is kept of a session beside what people see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionState {
    /// Hash of what evaluators see.
    pub content_hash: String,
    /// When its newest span was received.
    pub received_at: Micros,
    /// When it was closed.
    pub closed_at: Option<Micros>,
    /// When it closes unless something comes, and how it will then have ended.
    pub closes: Option<(Micros, EndReason)>,
    /// The model of its last reply.
    pub model: Option<String>,
}

/// A session with its state.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionRecord {
    /// Its project.
    pub project: ProjectId,
    /// The session.
    pub session: Session,
    /// The state.
    pub state: SessionState,
}

impl Store {
    /// A session without its turns.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session(&self, project: ProjectId, session: SessionId) -> Result<Option<Session>, StoreError> {
        let sql = format!("select {COLUMNS} from sessions s where s.project_id = $1 and s.session_id = $2");
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(project.to_string())
            .bind(session.to_string())
            .fetch_optional(self.reader())
            .await?;
        row.as_ref().map(read_session).transpose()
    }

    /// Sessions without their turns, in no order; those that are not there are left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sessions(&self, project: ProjectId, sessions: &[SessionId]) -> Result<Vec<Session>, StoreError> {
        let select = format!("select {COLUMNS} from sessions s where s.project_id = {{}} and s.session_id in");
        let rows = self.rows_of_sessions(&select, project, sessions).await?;
        rows.iter().map(read_session).collect()
    }

    /// Sessions with their state.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session_records(
        &self,
        project: ProjectId,
        sessions: &[SessionId],
    ) -> Result<HashMap<SessionId, SessionRecord>, StoreError> {
        let rows = self.rows_of_sessions(&select_records(), project, sessions).await?;
        rows.iter().map(|row| read_record(project, row)).collect()
    }

    /// A session with its turns.
    ///
    /// # Errors
    /// When the database does not answer or a turn cannot be read.
    pub async fn conversation(
        &self,
        project: ProjectId,
        session: SessionId,
    ) -> Result<Option<Conversation>, StoreError> {
        let Some(found) = self.session(project, session).await? else { return Ok(None) };
        Ok(Some(Conversation { session: found, turns: self.turns_of_session(project, session).await? }))
    }

    /// The id of a session by Turnwise's id or the client's; `None` when there is no such session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session_id(&self, project: ProjectId, id_or_external: &str) -> Result<Option<SessionId>, StoreError> {
        let row = sqlx::query(
            "select session_id
             from sessions
             where project_id = $1
               and (session_id = $2 or external_id = $2)
             order by case when external_id = $2 then 0 else 1 end
             limit 1",
        )
        .bind(project.to_string())
        .bind(storable(id_or_external.to_owned()))
        .fetch_optional(self.reader())
        .await?;
        row.map(|row| Fields::keyed("sessions", "session_id", &row).parsed("session_id")).transpose()
    }

    /// When the next open session closes unless something comes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn next_closing(&self) -> Result<Option<Micros>, StoreError> {
        let row = sqlx::query("select min(closes_at) as closes_at from sessions where status = 'open'")
            .fetch_one(self.reader())
            .await?;
        Fields::keyed("sessions", "closes_at", &row).optional_instant("closes_at")
    }

    /// The rows of a lookup of sessions of one project; `select` ends in `in` and has one `{}`, for the project.
    pub(crate) async fn rows_of_sessions(
        &self,
        select: &str,
        project: ProjectId,
        sessions: &[SessionId],
    ) -> Result<Vec<AnyRow>, StoreError> {
        let keys: Vec<String> = sessions.iter().map(ToString::to_string).collect();
        let first = |values: &mut crate::bulk::Values| {
            values.add(project.to_string());
        };
        self.select_in(&SelectIn { select, then: "" }, first, &keys).await
    }
}

impl Transaction {
    /// Sessions with their state, which nobody else changes until this transaction ends.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lock_sessions(
        &mut self,
        project: ProjectId,
        sessions: &[SessionId],
    ) -> Result<HashMap<SessionId, SessionRecord>, StoreError> {
        let then = self.dialect().lock_rows_in_order_of_session();
        let select = select_records();
        let rows = self.rows_of_sessions(&SelectIn { select: &select, then }, project, sessions).await?;
        rows.iter().map(|row| read_record(project, row)).collect()
    }

    /// Writes derived sessions. Which revision rules have looked at is kept.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_sessions(&mut self, records: &[&SessionRecord]) -> Result<(), StoreError> {
        const INSERT: Insert = Insert {
            into: "insert into sessions (
                     project_id, session_id, external_id, user_id, status, end_reason, ended_by, revision, environment, release,
                     preview, started_at, last_activity_at, closed_at, turn_count, span_count, tool_call_count, error_count,
                     input_tokens, output_tokens, cost_usd, latency_ms, duration_ms, model, tags, metadata, warnings,
                     content_hash, received_at, closes_at, closes_by, closes_reason
                   )",
            columns: 32,
            then: "on conflict (project_id, session_id) do update
                   set user_id = excluded.user_id,
                       status = excluded.status,
                       end_reason = excluded.end_reason,
                       ended_by = excluded.ended_by,
                       revision = excluded.revision,
                       environment = excluded.environment,
                       release = excluded.release,
                       preview = excluded.preview,
                       started_at = excluded.started_at,
                       last_activity_at = excluded.last_activity_at,
                       closed_at = excluded.closed_at,
                       turn_count = excluded.turn_count,
                       span_count = excluded.span_count,
                       tool_call_count = excluded.tool_call_count,
                       error_count = excluded.error_count,
                       input_tokens = excluded.input_tokens,
                       output_tokens = excluded.output_tokens,
                       cost_usd = excluded.cost_usd,
                       latency_ms = excluded.latency_ms,
                       duration_ms = excluded.duration_ms,
                       model = excluded.model,
                       tags = excluded.tags,
                       metadata = excluded.metadata,
                       warnings = excluded.warnings,
                       content_hash = excluded.content_hash,
                       received_at = excluded.received_at,
                       closes_at = excluded.closes_at,
                       closes_by = excluded.closes_by,
                       closes_reason = excluded.closes_reason",
        };
        let documents = records
            .iter()
            .map(|record| {
                Ok([
                    json::text(&record.session.tags)?,
                    json::text(&record.session.metadata)?,
                    json::text(&record.session.warnings)?,
                ])
            })
            .collect::<Result<Vec<[String; 3]>, StoreError>>()?;
        let rows: Vec<(&SessionRecord, &[String; 3])> = records.iter().copied().zip(&documents).collect();
        self.insert(
            &INSERT,
            &rows,
            |values, (SessionRecord { project, session, state }, [tags, metadata, warnings])| {
                let (closes_at, closes) = state.closes.as_ref().map(|(at, reason)| (at.0, reason)).unzip();
                values
                    .add(project.to_string())
                    .add(session.id.to_string())
                    .add(storable(session.external_id.clone()))
                    .add(session.user_id.clone().map(storable))
                    .add(session.status.as_str())
                    .add(session.end_reason.as_ref().map(|reason| storable(reason.as_str().to_owned())))
                    .add(session.end_reason.as_ref().map(ended_by))
                    .add(session.revision)
                    .add(session.environment.clone().map(storable))
                    .add(session.release.clone().map(storable))
                    .add(session.preview.clone().map(storable))
                    .add(session.started_at.0)
                    .add(session.last_activity_at.0)
                    .add(state.closed_at.map(|at| at.0))
                    .add(session.turn_count)
                    .add(session.span_count)
                    .add(session.tool_call_count)
                    .add(session.error_count)
                    .add(session.tokens.input)
                    .add(session.tokens.output)
                    .add(Double(session.cost_usd.map(|cost| cost.0)))
                    .add(session.latency_ms)
                    .add(duration_ms(session))
                    .add(state.model.clone().map(storable))
                    .add(tags.as_str())
                    .add(metadata.as_str())
                    .add(warnings.as_str())
                    .add(state.content_hash.as_str())
                    .add(state.received_at.0)
                    .add(closes_at)
                    .add(closes.map(ended_by))
                    .add(closes.map(|reason| storable(reason.as_str().to_owned())));
            },
        )
        .await?;
        Ok(())
    }

    /// Closes up to `most` open sessions that are due, and says which.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn close_due_sessions(&mut self, most: u32) -> Result<Vec<(ProjectId, SessionId)>, StoreError> {
        let sql = format!(
            "with due as (
                 select project_id, session_id
                 from sessions
                 where status = 'open'
                   and closes_at <= $1
                 order by closes_at
                 limit $2
                 {}
             )
             update sessions
             set status = 'closed',
                 closed_at = $1,
                 ended_by = closes_by,
                 end_reason = closes_reason,
                 closes_at = null,
                 closes_by = null,
                 closes_reason = null
             where (project_id, session_id) in (select project_id, session_id from due)
             returning project_id, session_id",
            self.dialect().skip_locked()
        );
        let now = self.now();
        let rows =
            sqlx::query(AssertSqlSafe(sql)).bind(now.0).bind(i64::from(most)).fetch_all(self.connection()).await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("sessions", "session_id", row);
                Ok((fields.parsed("project_id")?, fields.parsed("session_id")?))
            })
            .collect()
    }

    /// Closes one session now, as ended by the client. Says whether it was open.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn close_session(
        &mut self,
        project: ProjectId,
        session: SessionId,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let now = self.now();
        let done = sqlx::query(
            "update sessions
             set status = 'closed',
                 closed_at = $3,
                 ended_by = 'client',
                 end_reason = $4,
                 closes_at = null,
                 closes_by = null,
                 closes_reason = null
             where project_id = $1
               and session_id = $2
               and status = 'open'",
        )
        .bind(project.to_string())
        .bind(session.to_string())
        .bind(now.0)
        .bind(storable(reason.to_owned()))
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The same as [`Store::rows_of_sessions`] inside this transaction.
    pub(crate) async fn rows_of_sessions(
        &mut self,
        select: &SelectIn<'_>,
        project: ProjectId,
        sessions: &[SessionId],
    ) -> Result<Vec<AnyRow>, StoreError> {
        let keys: Vec<String> = sessions.iter().map(ToString::to_string).collect();
        let first = |values: &mut crate::bulk::Values| {
            values.add(project.to_string());
        };
        self.select_in(select, first, &keys).await
    }
}

fn select_records() -> String {
    format!(
        "select {COLUMNS}, s.content_hash, s.received_at, s.closed_at, s.closes_at, s.closes_by, s.closes_reason, s.model
         from sessions s where s.project_id = {{}} and s.session_id in"
    )
}

fn read_record(project: ProjectId, row: &AnyRow) -> Result<(SessionId, SessionRecord), StoreError> {
    let fields = Fields::keyed("sessions", "session_id", row);
    let session = read_session(row)?;
    let closes = fields.optional_instant("closes_at")?.zip(end_reason(row, "closes_by", "closes_reason")?);
    let state = SessionState {
        content_hash: fields.text("content_hash")?,
        received_at: fields.instant("received_at")?,
        closed_at: fields.optional_instant("closed_at")?,
        closes,
        model: fields.optional_text("model")?,
    };
    Ok((session.id, SessionRecord { project, session, state }))
}

/// The column that says who ended a session.
const fn ended_by(reason: &EndReason) -> &'static str {
    match reason {
        EndReason::Client(_) => "client",
        EndReason::Idle => "idle",
        EndReason::Age => "age",
    }
}

fn end_reason(row: &AnyRow, by: &'static str, reason: &'static str) -> Result<Option<EndReason>, StoreError> {
    let fields = Fields::keyed("sessions", "session_id", row);
    match fields.optional_text(by)?.as_deref() {
        None => Ok(None),
        Some("client") => Ok(Some(EndReason::Client(fields.optional_text(reason)?.unwrap_or_default()))),
        Some("idle") => Ok(Some(EndReason::Idle)),
        Some("age") => Ok(Some(EndReason::Age)),
        Some(other) => Err(fields.impossible(by, format!("{other:?} is none of client, idle, age"))),
    }
}

/// A session from a row with [`COLUMNS`].
pub(crate) fn read_session(row: &AnyRow) -> Result<Session, StoreError> {
    let fields = Fields::keyed("sessions", "session_id", row);
    let status: SessionStatus = fields.parsed("status")?;
    Ok(Session {
        id: fields.parsed("session_id")?,
        external_id: fields.text("external_id")?,
        user_id: fields.optional_text("user_id")?,
        status,
        end_reason: end_reason(row, "ended_by", "end_reason")?,
        revision: fields.integer("revision")?,
        environment: fields.optional_text("environment")?,
        release: fields.optional_text("release")?,
        tags: document(&fields, "tags")?,
        metadata: document(&fields, "metadata")?,
        started_at: fields.instant("started_at")?,
        last_activity_at: fields.instant("last_activity_at")?,
        preview: fields.optional_text("preview")?,
        turn_count: fields.integer("turn_count")?,
        span_count: fields.integer("span_count")?,
        tool_call_count: fields.integer("tool_call_count")?,
        error_count: fields.integer("error_count")?,
        tokens: Tokens { input: row.try_get("input_tokens")?, output: row.try_get("output_tokens")? },
        cost_usd: row.try_get::<Option<f64>, _>("cost_usd")?.map(Usd),
        latency_ms: row.try_get("latency_ms")?,
        warnings: document(&fields, "warnings")?,
    })
}

/// A JSON document in a column.
pub(crate) fn document<T: serde::de::DeserializeOwned>(
    fields: &Fields<'_>,
    column: &'static str,
) -> Result<T, StoreError> {
    serde_json::from_str(&fields.text(column)?).map_err(|error| fields.impossible(column, error))
}
