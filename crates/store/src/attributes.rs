//! What filters find sessions by: tags, tools, models and metadata as rows of key, text and number.

use std::collections::{HashMap, HashSet};

use turnwise_model::filter::Attribute;
use turnwise_model::{ProjectId, SessionId};

use crate::bulk::{Insert, SelectIn};
use crate::double::Double;
use crate::error::StoreError;
use crate::row::Fields;
use crate::transaction::Transaction;

impl Transaction {
    /// Makes these the attributes of the sessions, writing only what differs.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_attributes(
        &mut self,
        project: ProjectId,
        attributes: &[(SessionId, Vec<Attribute>)],
    ) -> Result<(), StoreError> {
        const SELECT: SelectIn<'_> = SelectIn {
            select: "select session_id, key, text from session_attributes where project_id = {} and session_id in",
            then: "",
        };
        const INSERT: Insert = Insert {
            into: "insert into session_attributes (project_id, session_id, key, text, number)",
            columns: 5,
            then: "on conflict (project_id, session_id, key, text) do nothing",
        };
        let sessions: Vec<SessionId> = attributes.iter().map(|(session, _)| *session).collect();
        let rows = self.rows_of_sessions(&SELECT, project, &sessions).await?;
        let mut before: HashMap<SessionId, HashSet<(String, String)>> = HashMap::new();
        for row in &rows {
            let fields = Fields::keyed("session_attributes", "session_id", row);
            before.entry(fields.parsed("session_id")?).or_default().insert((fields.text("key")?, fields.text("text")?));
        }
        let mut added: Vec<(SessionId, &Attribute)> = Vec::new();
        for (session, now) in attributes {
            let mut left = before.remove(session).unwrap_or_default();
            // A text has one number, so key and text say it all.
            added.extend(
                now.iter()
                    .filter(|attribute| !left.remove(&(attribute.key.clone(), attribute.text.clone())))
                    .map(|attribute| (*session, attribute)),
            );
            for (key, text) in left {
                sqlx::query("delete from session_attributes where project_id = $1 and session_id = $2 and key = $3 and text = $4")
                    .bind(project.to_string())
                    .bind(session.to_string())
                    .bind(key)
                    .bind(text)
                    .execute(self.connection())
                    .await?;
            }
        }
        self.insert(&INSERT, &added, |values, (session, attribute)| {
            values
                .add(project.to_string())
                .add(session.to_string())
                .add(attribute.key.as_str())
                .add(attribute.text.as_str())
                .add(Double(attribute.number));
        })
        .await?;
        Ok(())
    }
}
