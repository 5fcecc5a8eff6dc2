//! Which session a trace belongs to, decided by the best of the spans that tell one, in whatever order they come.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::Row;
use turnwise_model::{Nanos, ProjectId, SessionId};

use crate::bulk::{Insert, SelectIn};
use crate::error::StoreError;
use crate::row::Fields;
use crate::transaction::Transaction;

/// A session id that a span told. The least one of a trace decides: the best attribute, then the earliest span, then the
/// lesser text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionKey {
    /// How good the attribute is, 0 the best.
    pub rank: u8,
    /// Start of the span.
    pub at: Nanos,
    /// The client's session id.
    pub key: String,
}

/// A trace of which spans have come.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NewTrace {
    /// Its project.
    pub project: ProjectId,
    /// Its id.
    pub trace_id: String,
    /// The session that its spans tell, if they do.
    pub key: Option<SessionKey>,
}

impl NewTrace {
    /// What the session is called from outside: the told id, else one made of the trace's.
    #[must_use]
    pub fn external_id(&self) -> String {
        external_id(&self.trace_id, self.key.as_ref())
    }
}

/// A trace's session as it is called from outside.
fn external_id(trace_id: &str, key: Option<&SessionKey>) -> String {
    key.map_or_else(|| format!("trace:{trace_id}"), |key| key.key.clone())
}

/// A session in which something changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TouchedSession {
    /// Its project.
    pub project: ProjectId,
    /// Its id.
    pub session: SessionId,
    /// What it is called from outside.
    pub external_id: String,
}

impl TouchedSession {
    /// The session of that name.
    #[must_use]
    pub fn named(project: ProjectId, external_id: String) -> Self {
        Self { project, session: SessionId::derive(project, &external_id), external_id }
    }
}

impl Transaction {
    /// Notes to which sessions traces belong, and says which sessions changed thereby: those the traces are in now, and
    /// those that they were moved from.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_traces(&mut self, traces: &[NewTrace]) -> Result<BTreeSet<TouchedSession>, StoreError> {
        const INSERT: Insert = Insert {
            into: "insert into traces (project_id, trace_id, session_id, session_key, session_key_rank, session_key_at)",
            columns: 6,
            then: "on conflict (project_id, trace_id) do nothing",
        };
        // In one order, so that two processes never wait for each other crosswise.
        let mut ordered: Vec<&NewTrace> = traces.iter().collect();
        ordered.sort();
        let inserted = self
            .insert(&INSERT, &ordered, |values, trace| {
                values
                    .add(trace.project.to_string())
                    .add(trace.trace_id.as_str())
                    .add(SessionId::derive(trace.project, &trace.external_id()).to_string())
                    .add(trace.key.as_ref().map(|key| key.key.as_str()))
                    .add(trace.key.as_ref().map(|key| i64::from(key.rank)))
                    .add(trace.key.as_ref().map(|key| key.at.0));
            })
            .await?;
        let mut touched = BTreeSet::new();
        if inserted == traces.len() as u64 {
            touched.extend(ordered.iter().map(|trace| TouchedSession::named(trace.project, trace.external_id())));
            return Ok(touched);
        }
        let mut by_project: BTreeMap<ProjectId, Vec<&NewTrace>> = BTreeMap::new();
        for trace in ordered {
            by_project.entry(trace.project).or_default().push(trace);
        }
        for (project, traces) in by_project {
            let known = self.lock_traces(project, &traces).await?;
            for trace in traces {
                let before = known.get(&trace.trace_id).and_then(Option::as_ref);
                let told = trace.key.as_ref();
                let is_better = told.is_some_and(|told| before.is_none_or(|before| told < before));
                let now = if is_better { told } else { before };
                touched.insert(TouchedSession::named(project, external_id(&trace.trace_id, before)));
                touched.insert(TouchedSession::named(project, external_id(&trace.trace_id, now)));
                if let Some(key) = told.filter(|_| is_better) {
                    self.set_session_key(trace, key).await?;
                }
            }
        }
        Ok(touched)
    }

    /// The session keys of traces, which nobody else changes until this transaction ends.
    async fn lock_traces(
        &mut self,
        project: ProjectId,
        traces: &[&NewTrace],
    ) -> Result<BTreeMap<String, Option<SessionKey>>, StoreError> {
        const SELECT: &str = "select trace_id, session_key, session_key_rank, session_key_at from traces where project_id = {} and trace_id in";
        let select = SelectIn { select: SELECT, then: self.dialect().lock_rows_in_order_of_trace() };
        let keys: Vec<&str> = traces.iter().map(|trace| trace.trace_id.as_str()).collect();
        let rows = self
            .select_in(
                &select,
                |values| {
                    values.add(project.to_string());
                },
                &keys,
            )
            .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("traces", "trace_id", row);
                let rank: Option<i64> = row.try_get("session_key_rank")?;
                let at: Option<i64> = row.try_get("session_key_at")?;
                let key = fields.optional_text("session_key")?.zip(rank).zip(at).map(|((key, rank), at)| SessionKey {
                    rank: u8::try_from(rank).unwrap_or(u8::MAX),
                    at: Nanos(at),
                    key,
                });
                Ok((fields.text("trace_id")?, key))
            })
            .collect()
    }

    async fn set_session_key(&mut self, trace: &NewTrace, key: &SessionKey) -> Result<(), StoreError> {
        sqlx::query(
            "update traces
             set session_id = $3,
                 session_key = $4,
                 session_key_rank = $5,
                 session_key_at = $6
             where project_id = $1
               and trace_id = $2",
        )
        .bind(trace.project.to_string())
        .bind(trace.trace_id.as_str())
        .bind(SessionId::derive(trace.project, &key.key).to_string())
        .bind(key.key.as_str())
        .bind(i64::from(key.rank))
        .bind(key.at.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
