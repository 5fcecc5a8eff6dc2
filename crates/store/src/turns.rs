//! Turns as assembled from spans, each a packed document.

use std::collections::{BTreeMap, HashMap};

use sqlx::Row;
use sqlx::any::AnyRow;
use turnwise_model::conversation::Turn;
use turnwise_model::{ProjectId, SessionId, TurnId};

use crate::bulk::{Insert, SelectIn};
use crate::double::Double;
use crate::error::StoreError;
use crate::packing::{pack, unpack};
use crate::row::Fields;
use crate::span_body::hex;
use crate::store::Store;
use crate::transaction::Transaction;

/// Spans by trace.
pub type SpansByTrace = BTreeMap<String, Vec<String>>;

/// A turn made ready for storing.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTurn {
    turn: Turn,
    body: Vec<u8>,
    spans: Vec<u8>,
    content_hash: String,
}

impl NewTurn {
    /// Packs a turn and the ids of its spans. CPU work: keep it off the async threads.
    ///
    /// # Errors
    /// When there is no memory.
    pub fn new(turn: Turn, spans: &SpansByTrace) -> Result<Self, StoreError> {
        let packed = |document: Vec<u8>| {
            pack(&document).map_err(|error| StoreError::Database(sqlx::Error::Encode(error.into())))
        };
        let json = |document: serde_json::Result<Vec<u8>>| {
            document.map_err(|error| StoreError::Database(sqlx::Error::Encode(error.into())))
        };
        let body = packed(json(serde_json::to_vec(&turn))?)?;
        let spans = packed(json(serde_json::to_vec(spans))?)?;
        let content_hash = content_hash(&turn)?;
        Ok(Self { turn, body, spans, content_hash })
    }

    /// The turn.
    #[must_use]
    pub const fn turn(&self) -> &Turn {
        &self.turn
    }

    /// Hash of what evaluators see of it; its position does not count.
    #[must_use]
    pub fn content_hash(&self) -> &str {
        &self.content_hash
    }
}

fn content_hash(turn: &Turn) -> Result<String, StoreError> {
    let unplaced = Turn { position: 0, ..turn.clone() };
    let json =
        serde_json::to_vec(&unplaced).map_err(|error| StoreError::Database(sqlx::Error::Encode(error.into())))?;
    Ok(hex(&blake3::hash(&json).as_bytes()[..16]))
}

/// What is known of a stored turn without unpacking it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTurn {
    /// Its position.
    pub position: u32,
    /// Hash of its content.
    pub content_hash: String,
    spans: Vec<u8>,
}

impl StoredTurn {
    /// Whether storing the new one would change nothing.
    #[must_use]
    pub fn is(&self, new: &NewTurn) -> bool {
        self.content_hash == new.content_hash && self.position == new.turn.position && self.spans == new.spans
    }
}

impl Transaction {
    /// The stored turns of sessions.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stored_turns(
        &mut self,
        project: ProjectId,
        sessions: &[SessionId],
    ) -> Result<HashMap<SessionId, HashMap<TurnId, StoredTurn>>, StoreError> {
        const SELECT: SelectIn<'_> = SelectIn {
            select: "select session_id, turn_id, position, content_hash, spans from turns where project_id = {} and session_id in",
            then: "",
        };
        let rows = self.rows_of_sessions(&SELECT, project, sessions).await?;
        let mut found: HashMap<SessionId, HashMap<TurnId, StoredTurn>> = HashMap::new();
        for row in &rows {
            let fields = Fields::keyed("turns", "turn_id", row);
            let turn = StoredTurn {
                position: fields.count("position")?,
                content_hash: fields.text("content_hash")?,
                spans: row.try_get("spans")?,
            };
            found.entry(fields.parsed("session_id")?).or_default().insert(fields.parsed("turn_id")?, turn);
        }
        Ok(found)
    }

    /// Writes turns.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_turns(&mut self, project: ProjectId, turns: &[(SessionId, &NewTurn)]) -> Result<(), StoreError> {
        const INSERT: Insert = Insert {
            into: "insert into turns (
                     project_id, session_id, turn_id, position, trace_id, started_at, latency_ms, error_count, tool_call_count,
                     input_tokens, output_tokens, cost_usd, body, spans, content_hash
                   )",
            columns: 15,
            then: "on conflict (project_id, session_id, turn_id) do update
                   set position = excluded.position,
                       trace_id = excluded.trace_id,
                       started_at = excluded.started_at,
                       latency_ms = excluded.latency_ms,
                       error_count = excluded.error_count,
                       tool_call_count = excluded.tool_call_count,
                       input_tokens = excluded.input_tokens,
                       output_tokens = excluded.output_tokens,
                       cost_usd = excluded.cost_usd,
                       body = excluded.body,
                       spans = excluded.spans,
                       content_hash = excluded.content_hash",
        };
        self.insert(&INSERT, turns, |values, (session, NewTurn { turn, body, spans, content_hash })| {
            values
                .add(project.to_string())
                .add(session.to_string())
                .add(turn.id.to_string())
                .add(i64::from(turn.position))
                .add(turn.trace_id.as_deref())
                .add(turn.started_at.0)
                .add(turn.latency_ms)
                .add(i64::try_from(turn.errors.len()).unwrap_or(i64::MAX))
                .add(i64::try_from(turn.tool_calls.len()).unwrap_or(i64::MAX))
                .add(turn.tokens.input)
                .add(turn.tokens.output)
                .add(Double(turn.cost_usd.map(|cost| cost.0)))
                .add(body.as_slice())
                .add(spans.as_slice())
                .add(content_hash.as_str());
        })
        .await?;
        Ok(())
    }

    /// Removes a turn.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_turn(
        &mut self,
        project: ProjectId,
        session: SessionId,
        turn: TurnId,
    ) -> Result<(), StoreError> {
        sqlx::query("delete from turns where project_id = $1 and session_id = $2 and turn_id = $3")
            .bind(project.to_string())
            .bind(session.to_string())
            .bind(turn.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

impl Store {
    /// The turns of a session by position.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn turn_positions(
        &self,
        project: ProjectId,
        session: SessionId,
    ) -> Result<HashMap<u32, TurnId>, StoreError> {
        let rows = sqlx::query(
            "select turn_id, position
             from turns
             where project_id = $1
               and session_id = $2",
        )
        .bind(project.to_string())
        .bind(session.to_string())
        .fetch_all(self.reader())
        .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("turns", "turn_id", row);
                Ok((fields.count("position")?, fields.parsed("turn_id")?))
            })
            .collect()
    }

    /// The turns of a session, in order.
    ///
    /// # Errors
    /// When the database does not answer or a turn cannot be read.
    pub async fn turns_of_session(&self, project: ProjectId, session: SessionId) -> Result<Vec<Turn>, StoreError> {
        Ok(self.turns_of_sessions(project, &[session]).await?.remove(&session).unwrap_or_default())
    }

    /// The turns of sessions, in order.
    ///
    /// # Errors
    /// When the database does not answer or a turn cannot be read.
    pub async fn turns_of_sessions(
        &self,
        project: ProjectId,
        sessions: &[SessionId],
    ) -> Result<HashMap<SessionId, Vec<Turn>>, StoreError> {
        const SELECT: &str =
            "select session_id, turn_id, position, body from turns where project_id = {} and session_id in";
        let rows = self.rows_of_sessions(SELECT, project, sessions).await?;
        let mut found: HashMap<SessionId, Vec<Turn>> = HashMap::new();
        for row in &rows {
            let (session, turn) = read_turn(row)?;
            found.entry(session).or_default().push(turn);
        }
        for turns in found.values_mut() {
            turns.sort_by_key(|turn| turn.position);
        }
        Ok(found)
    }

    /// The turn of each span of a session, by trace and span.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn turns_of_spans(
        &self,
        project: ProjectId,
        session: SessionId,
    ) -> Result<HashMap<(String, String), TurnId>, StoreError> {
        let rows = sqlx::query("select turn_id, spans from turns where project_id = $1 and session_id = $2")
            .bind(project.to_string())
            .bind(session.to_string())
            .fetch_all(self.reader())
            .await?;
        let mut found = HashMap::new();
        for row in &rows {
            let fields = Fields::keyed("turns", "turn_id", row);
            let turn: TurnId = fields.parsed("turn_id")?;
            let read =
                |spans: Vec<u8>| serde_json::from_slice::<SpansByTrace>(&unpack(&spans)?).map_err(std::io::Error::from);
            let spans = read(row.try_get("spans")?).map_err(|error| fields.impossible("spans", error))?;
            for (trace, spans) in spans {
                found.extend(spans.into_iter().map(|span| ((trace.clone(), span), turn)));
            }
        }
        Ok(found)
    }
}

/// A turn with its session, from a row with `session_id`, `turn_id` and `body`.
pub(crate) fn read_turn(row: &AnyRow) -> Result<(SessionId, Turn), StoreError> {
    let fields = Fields::keyed("turns", "turn_id", row);
    let read = |body: Vec<u8>| serde_json::from_slice::<Turn>(&unpack(&body)?).map_err(std::io::Error::from);
    let turn = read(row.try_get("body")?).map_err(|error| fields.impossible("body", error))?;
    Ok((fields.parsed("session_id")?, turn))
}
