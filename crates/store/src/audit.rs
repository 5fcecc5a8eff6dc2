//! The audit log. Rows are only ever added.

use turnwise_model::account::AuditEntry;
use turnwise_model::{AuditId, Micros, ProjectId};

use crate::error::StoreError;
use crate::row::Fields;
use crate::store::Store;
use crate::transaction::Transaction;

/// A change to be noted.
#[derive(Debug, Clone)]
pub struct NewAuditEntry<'e> {
    /// An id of its own.
    pub id: AuditId,
    /// In which project; `None` for what concerns the whole installation or an account.
    pub project: Option<ProjectId>,
    /// When.
    pub at: Micros,
    /// `person`, `program` or `system`.
    pub actor_kind: &'static str,
    /// The account or the key.
    pub actor_id: Option<String>,
    /// What was done, such as `member.removed`.
    pub action: &'static str,
    /// To what.
    pub target: &'e str,
    /// What changed.
    pub detail: &'e str,
}

impl Store {
    /// The latest changes in a project, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_log(&self, project: ProjectId, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = sqlx::query(
            "select l.id, l.at, l.action, l.target, l.detail, coalesce(a.name, k.name) as actor_name
             from audit_log l
             left join accounts a on l.actor_kind = 'person' and a.id = l.actor_id
             left join api_keys k on l.actor_kind = 'program' and k.id = l.actor_id
             where l.project_id = $1
             order by l.at desc, l.id desc
             limit $2",
        )
        .bind(project.to_string())
        .bind(i64::from(limit))
        .fetch_all(self.reader())
        .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::of("audit_log", row);
                Ok(AuditEntry {
                    at: fields.instant("at")?,
                    actor_name: fields.optional_text("actor_name")?,
                    action: fields.text("action")?,
                    target: fields.text("target")?,
                    detail: fields.text("detail")?,
                })
            })
            .collect()
    }
}

impl Transaction {
    /// Notes a change, in the transaction that makes it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_audit_entry(&mut self, entry: &NewAuditEntry<'_>) -> Result<(), StoreError> {
        sqlx::query(
            "insert into audit_log (id, project_id, at, actor_kind, actor_id, action, target, detail)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(entry.id.to_string())
        .bind(entry.project.map(|project| project.to_string()))
        .bind(entry.at.0)
        .bind(entry.actor_kind)
        .bind(entry.actor_id.as_deref())
        .bind(entry.action)
        .bind(entry.target)
        .bind(entry.detail)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
