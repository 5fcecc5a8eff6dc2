//! Spans as they came: what everything else is derived from.

use std::borrow::Borrow;

use sqlx::Row;
use sqlx::any::AnyRow;
use turnwise_model::conversation::Tokens;
use turnwise_model::view::session::SpanRow;
use turnwise_model::{Micros, Nanos, ProjectId, SessionId, Usd};

use crate::bulk::{Insert, SelectIn};
use crate::double::Double;
use crate::error::StoreError;
use crate::row::Fields;
use crate::span_body::{NewSpan, StoredSpan};
use crate::store::Store;
use crate::transaction::Transaction;

/// A span read for deriving its session.
#[derive(Debug, Clone, PartialEq)]
pub struct SpanOfSession {
    /// The session of its trace.
    pub session: SessionId,
    /// The span without its messages.
    pub span: StoredSpan,
    /// When it was received.
    pub received_at: Micros,
}

impl Transaction {
    /// Stores spans, each id once. Of a span that is there already the version of greater rank is kept
    /// ([`NewSpan::rank`]), so that any order of arrival leaves the same.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_spans<S: Borrow<NewSpan> + Sync>(
        &mut self,
        spans: &[S],
        received_at: Micros,
    ) -> Result<(), StoreError> {
        const INSERT: Insert = Insert {
            into: "insert into spans (
                     project_id, trace_id, span_id, parent_span_id, name, kind, started_at, ended_at, status, model,
                     input_tokens, output_tokens, cost_usd, body, content_hash, received_at
                   )",
            columns: 16,
            then: "on conflict (project_id, trace_id, span_id) do update
                   set parent_span_id = excluded.parent_span_id,
                       name = excluded.name,
                       kind = excluded.kind,
                       started_at = excluded.started_at,
                       ended_at = excluded.ended_at,
                       status = excluded.status,
                       model = excluded.model,
                       input_tokens = excluded.input_tokens,
                       output_tokens = excluded.output_tokens,
                       cost_usd = excluded.cost_usd,
                       body = excluded.body,
                       content_hash = excluded.content_hash,
                       received_at = excluded.received_at
                   where coalesce(excluded.ended_at, -1) > coalesce(spans.ended_at, -1)
                      or (
                          coalesce(excluded.ended_at, -1) = coalesce(spans.ended_at, -1)
                          and excluded.content_hash > spans.content_hash
                      )",
        };
        self.insert(&INSERT, spans, |values, span| {
            let span: &NewSpan = span.borrow();
            values
                .add(span.project.to_string())
                .add(span.trace_id.as_str())
                .add(span.span_id.as_str())
                .add(span.parent_span_id.as_deref())
                .add(span.name.as_str())
                .add(span.kind.as_str())
                .add(span.started_at.0)
                .add(span.ended_at.map(|at| at.0))
                .add(span.status.as_str())
                .add(span.model.as_deref())
                .add(span.tokens.input)
                .add(span.tokens.output)
                .add(Double(span.cost_usd.map(|cost| cost.0)))
                .add(span.body.as_slice())
                .add(span.content_hash.as_str())
                .add(received_at.0);
        })
        .await?;
        Ok(())
    }
}

impl Store {
    /// All spans of some sessions of one project, in no order.
    ///
    /// # Errors
    /// When the database does not answer or a span cannot be read.
    pub async fn spans_of_sessions(
        &self,
        project: ProjectId,
        sessions: &[SessionId],
    ) -> Result<Vec<SpanOfSession>, StoreError> {
        const SELECT: SelectIn<'_> = SelectIn {
            select: "select t.session_id, s.span_id, s.body, s.received_at
                     from traces t
                     join spans s on s.project_id = t.project_id and s.trace_id = t.trace_id
                     where t.project_id = {} and t.session_id in",
            then: "",
        };
        let keys: Vec<String> = sessions.iter().map(ToString::to_string).collect();
        let rows = self
            .select_in(
                &SELECT,
                |values| {
                    values.add(project.to_string());
                },
                &keys,
            )
            .await?;
        // Unpacking thousands of spans takes a while.
        tokio::task::spawn_blocking(move || {
            rows.iter()
                .map(|row| {
                    let fields = Fields::keyed("spans", "span_id", row);
                    Ok(SpanOfSession {
                        session: fields.parsed("session_id")?,
                        span: stored_span(row)?,
                        received_at: fields.instant("received_at")?,
                    })
                })
                .collect()
        })
        .await
        .map_err(|error| StoreError::Interrupted(error.to_string()))?
    }

    /// The spans of a session for its waterfall, by start. The turn is not filled in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn span_rows(&self, project: ProjectId, session: SessionId) -> Result<Vec<SpanRow>, StoreError> {
        let rows = sqlx::query(
            "select s.trace_id, s.span_id, s.parent_span_id, s.name, s.kind, s.started_at, s.ended_at, s.status, s.model,
                    s.input_tokens, s.output_tokens, s.cost_usd
             from traces t
             join spans s on s.project_id = t.project_id and s.trace_id = t.trace_id
             where t.project_id = $1
               and t.session_id = $2
             order by s.started_at, s.trace_id, s.span_id",
        )
        .bind(project.to_string())
        .bind(session.to_string())
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(span_row).collect()
    }

    /// One span, without its messages.
    ///
    /// # Errors
    /// When the database does not answer or the span cannot be read.
    pub async fn span(
        &self,
        project: ProjectId,
        trace_id: &str,
        span_id: &str,
    ) -> Result<Option<StoredSpan>, StoreError> {
        let row =
            sqlx::query("select span_id, body from spans where project_id = $1 and trace_id = $2 and span_id = $3")
                .bind(project.to_string())
                .bind(trace_id)
                .bind(span_id)
                .fetch_optional(self.reader())
                .await?;
        row.as_ref().map(stored_span).transpose()
    }
}

/// A row of a waterfall, without its turn.
pub(crate) fn span_row(row: &AnyRow) -> Result<SpanRow, StoreError> {
    let fields = Fields::keyed("spans", "span_id", row);
    Ok(SpanRow {
        trace_id: fields.text("trace_id")?,
        span_id: fields.text("span_id")?,
        parent_span_id: fields.optional_text("parent_span_id")?,
        name: fields.text("name")?,
        kind: fields.parsed("kind")?,
        started_at: Nanos(fields.integer("started_at")?),
        ended_at: row.try_get::<Option<i64>, _>("ended_at")?.map(Nanos),
        status: fields.parsed("status")?,
        model: fields.optional_text("model")?,
        tokens: Tokens { input: row.try_get("input_tokens")?, output: row.try_get("output_tokens")? },
        cost_usd: row.try_get::<Option<f64>, _>("cost_usd")?.map(Usd),
        turn: None,
    })
}

fn stored_span(row: &AnyRow) -> Result<StoredSpan, StoreError> {
    let body: Vec<u8> = row.try_get("body")?;
    StoredSpan::read(&body).map_err(|error| Fields::keyed("spans", "span_id", row).impossible("body", error))
}
