//! The audit log: who changed what, when. Written in the transaction of the change itself, read by owners.

use turnwise_model::access::Role;
use turnwise_model::account::AuditEntry;
use turnwise_model::{AccountId, ApiKeyId, ProjectId};
use turnwise_store::{NewAuditEntry, Transaction};

use super::{AccountError, Accounts};
use crate::access::{Access, Caller};
use crate::error::EngineError;

/// Who did it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Actor {
    Person(AccountId),
    Program(ApiKeyId),
    System,
}

impl Actor {
    pub(crate) fn of(access: &Access) -> Self {
        match access.caller {
            Caller::Person { account } => Self::Person(account),
            Caller::Program { key, .. } => Self::Program(key),
            Caller::Anonymous => Self::System,
        }
    }
}

/// What was done to what.
#[derive(Debug)]
pub(crate) struct Change {
    action: &'static str,
    target: String,
    detail: String,
}

impl Change {
    pub(crate) fn new(action: &'static str, target: impl ToString) -> Self {
        Self { action, target: target.to_string(), detail: String::new() }
    }

    pub(crate) fn with(self, detail: String) -> Self {
        Self { detail, ..self }
    }
}

impl Accounts {
    /// The latest changes to the project, newest first.
    ///
    /// # Errors
    /// Unless the caller is an owner.
    pub async fn audit_log(&self, access: &Access, limit: u32) -> Result<Vec<AuditEntry>, AccountError> {
        access.require(Role::Owner)?;
        Ok(self.store.audit_log(access.project.id, limit).await?)
    }

    pub(crate) async fn record(
        &self,
        transaction: &mut Transaction,
        actor: Actor,
        project: Option<ProjectId>,
        change: Change,
    ) -> Result<(), EngineError> {
        let (actor_kind, actor_id) = match actor {
            Actor::Person(account) => ("person", Some(account.to_string())),
            Actor::Program(key) => ("program", Some(key.to_string())),
            Actor::System => ("system", None),
        };
        transaction
            .insert_audit_entry(&NewAuditEntry {
                id: self.ambient.id(),
                project,
                at: self.ambient.now(),
                actor_kind,
                actor_id,
                action: change.action,
                target: &change.target,
                detail: &change.detail,
            })
            .await?;
        Ok(())
    }
}
