//! The full-text index: one entry per session, of the words that [`turnwise_model::filter::searchable`] gives.

use std::collections::HashMap;

use sqlx::AssertSqlSafe;
use turnwise_model::{ProjectId, SessionId};

use crate::bulk::SelectIn;
use crate::error::StoreError;
use crate::row::Fields;
use crate::span_body::hex;
use crate::transaction::Transaction;

impl Transaction {
    /// Makes these the searchable words of the sessions. The same words are not indexed again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_search_texts(
        &mut self,
        project: ProjectId,
        texts: &[(SessionId, String)],
    ) -> Result<(), StoreError> {
        let select = format!(
            "select session_id, text_hash from {} where project_id = {{}} and session_id in",
            self.dialect().search_hashes()
        );
        let sessions: Vec<SessionId> = texts.iter().map(|(session, _)| *session).collect();
        let rows = self.rows_of_sessions(&SelectIn { select: &select, then: "" }, project, &sessions).await?;
        let mut indexed: HashMap<SessionId, String> = HashMap::new();
        for row in &rows {
            let fields = Fields::keyed("session_search", "session_id", row);
            indexed.insert(fields.parsed("session_id")?, fields.text("text_hash")?);
        }
        for (session, text) in texts {
            let hash = hex(&blake3::hash(text.as_bytes()).as_bytes()[..16]);
            if indexed.get(session) == Some(&hash) {
                continue;
            }
            let mut search_row = None;
            for sql in self.dialect().index_search_text() {
                let mut query = sqlx::query(AssertSqlSafe(*sql)).bind(project.to_string()).bind(session.to_string());
                query = match search_row {
                    None => query.bind(hash.as_str()).bind(text.as_str()),
                    Some(row) => query.bind(text.as_str()).bind(row),
                };
                let row = query.fetch_optional(self.connection()).await?;
                search_row = row
                    .map(|row| Fields::keyed("session_search_rows", "search_row", &row).integer("search_row"))
                    .transpose()?;
            }
        }
        Ok(())
    }

    /// Takes a session out of the index.
    pub(crate) async fn delete_search_text(
        &mut self,
        project: ProjectId,
        session: SessionId,
    ) -> Result<(), StoreError> {
        for sql in self.dialect().forget_search_text() {
            sqlx::query(AssertSqlSafe(*sql))
                .bind(project.to_string())
                .bind(session.to_string())
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }
}
