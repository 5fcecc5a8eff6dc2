//! Spans for a waterfall: all of them by how they hang together, and those of a window in full.

use sqlx::Row;
use turnwise_model::view::session::SpanRow;
use turnwise_model::{Nanos, ProjectId, SessionId};

use crate::error::StoreError;
use crate::row::Fields;
use crate::spans::span_row;
use crate::statement::Statement;
use crate::store::Store;

/// How a span hangs together with others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanLink {
    /// Its trace.
    pub trace_id: String,
    /// Its id.
    pub span_id: String,
    /// The parent; it may be missing.
    pub parent_span_id: Option<String>,
    /// Start.
    pub started_at: Nanos,
    /// End; `None` while it runs or when never told.
    pub ended_at: Option<Nanos>,
}

impl Store {
    /// How all spans of a session hang together, by start.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn span_links(&self, project: ProjectId, session: SessionId) -> Result<Vec<SpanLink>, StoreError> {
        let rows = sqlx::query(
            "select s.trace_id, s.span_id, s.parent_span_id, s.started_at, s.ended_at
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
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("spans", "span_id", row);
                Ok(SpanLink {
                    trace_id: fields.text("trace_id")?,
                    span_id: fields.text("span_id")?,
                    parent_span_id: fields.optional_text("parent_span_id")?,
                    started_at: Nanos(fields.integer("started_at")?),
                    ended_at: row.try_get::<Option<i64>, _>("ended_at")?.map(Nanos),
                })
            })
            .collect()
    }

    /// These spans as rows, in no order: at most a few hundred. Their turns are not filled in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn span_rows_of(&self, project: ProjectId, spans: &[&SpanLink]) -> Result<Vec<SpanRow>, StoreError> {
        if spans.is_empty() {
            return Ok(Vec::new());
        }
        let mut statement = Statement::new(
            "select trace_id, span_id, parent_span_id, name, kind, started_at, ended_at, status, model, input_tokens,
                    output_tokens, cost_usd
             from spans
             where project_id = ",
        );
        statement.value(project.to_string()).push(" and (trace_id, span_id) in (values ");
        statement.rows(spans, |row, span| {
            row.value(span.trace_id.clone()).value(span.span_id.clone());
        });
        statement.push(")");
        statement.query()?.fetch_all(self.reader()).await?.iter().map(span_row).collect()
    }
}
