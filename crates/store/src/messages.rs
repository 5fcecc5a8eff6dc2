//! Chat messages, stored once per project whatever number of spans they stand in.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use sqlx::Row;
use turnwise_model::ProjectId;
use turnwise_model::telemetry::Message;

use crate::bulk::{Insert, SelectIn};
use crate::error::StoreError;
use crate::packing::unpack;
use crate::row::Fields;
use crate::span_body::hex;
use crate::store::Store;
use crate::transaction::Transaction;

/// The first 16 bytes of a message's blake3 hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageHash(pub [u8; 16]);

impl MessageHash {
    /// Of a message's canonical JSON.
    #[must_use]
    pub fn of(json: &[u8]) -> Self {
        let mut hash = [0; 16];
        hash.copy_from_slice(&blake3::hash(json).as_bytes()[..16]);
        Self(hash)
    }
}

impl fmt::Debug for MessageHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// A message made ready for storing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Its project.
    pub project: ProjectId,
    /// Its hash.
    pub hash: MessageHash,
    /// Its packed JSON.
    pub body: Vec<u8>,
}

impl Transaction {
    /// Stores the messages that are not stored yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_messages<M: Borrow<NewMessage> + Sync>(&mut self, messages: &[M]) -> Result<(), StoreError> {
        const INSERT: Insert = Insert {
            into: "insert into messages (project_id, hash, body)",
            columns: 3,
            then: "on conflict (project_id, hash) do nothing",
        };
        self.insert(&INSERT, messages, |values, message| {
            let message: &NewMessage = message.borrow();
            values.add(message.project.to_string()).add(message.hash.0.as_slice()).add(message.body.as_slice());
        })
        .await?;
        Ok(())
    }
}

impl Store {
    /// The messages with these hashes, as far as they are stored.
    ///
    /// # Errors
    /// When the database does not answer or a message cannot be read.
    pub async fn messages(
        &self,
        project: ProjectId,
        hashes: &[MessageHash],
    ) -> Result<HashMap<MessageHash, Arc<Message>>, StoreError> {
        const SELECT: SelectIn<'_> =
            SelectIn { select: "select hash, body from messages where project_id = {} and hash in", then: "" };
        let keys: Vec<&[u8]> = hashes.iter().map(|hash| hash.0.as_slice()).collect();
        let rows = self
            .select_in(
                &SELECT,
                |values| {
                    values.add(project.to_string());
                },
                &keys,
            )
            .await?;
        let mut found = HashMap::with_capacity(rows.len());
        for row in &rows {
            let fields = Fields::keyed("messages", "hash", row);
            let hash = <[u8; 16]>::try_from(row.try_get::<Vec<u8>, _>("hash")?)
                .map_err(|_| fields.impossible("hash", "expected 16 bytes"))?;
            let read = |body: Vec<u8>| serde_json::from_slice(&unpack(&body)?).map_err(std::io::Error::from);
            let message = read(row.try_get("body")?).map_err(|error| fields.impossible("body", error))?;
            found.insert(MessageHash(hash), Arc::new(message));
        }
        Ok(found)
    }
}
