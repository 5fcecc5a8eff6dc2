//! People, projects and the ways in: accounts, members, invitations, API keys, the audit log.
//!
//! Plain records without secrets: what these types carry may be shown in the interface as it is.

use serde::{Deserialize, Serialize};

use crate::access::{Email, Role, Scope, Slug};
use crate::id::{AccountId, ApiKeyId, InvitationId, ProjectId};
use crate::time::Micros;

/// A person who can sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The address that the person signs in with.
    pub email: Email,
    /// What others see.
    pub name: String,
}

/// The unit of isolation: its own sessions, keys, members and rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name in addresses; stays when the project is renamed.
    pub slug: Slug,
    /// What people see.
    pub name: String,
    /// When it was made.
    pub created_at: Micros,
}

/// A project as seen by one of its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The project.
    pub project: Project,
    /// What the person may do in it.
    pub role: Role,
}

/// A person as seen by the other members of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The person's account.
    pub account: AccountId,
    /// The person's address.
    pub email: Email,
    /// The person's name.
    pub name: String,
    /// What the person may do in the project.
    pub role: Role,
    /// When the person joined.
    pub joined_at: Micros,
}

/// An open invitation to a project. Its token is shown once, when it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The role that whoever accepts it gets.
    pub role: Role,
    /// The name of the person who made it.
    pub created_by_name: String,
    /// When it was made.
    pub created_at: Micros,
    /// From when on it is void.
    pub expires_at: Micros,
}

/// What an invitation says to whoever holds its link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationPreview {
    /// The project one would join.
    pub project_name: String,
    /// The role one would get.
    pub role: Role,
    /// From when on it is void.
    pub expires_at: Micros,
}

/// A key by which a program calls the API. Its secret is shown once, when it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What people call it.
    pub name: String,
    /// The beginning of the secret, to recognise it by.
    pub prefix: String,
    /// What a program may do with it.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Micros,
    /// The name of the person who made it.
    pub created_by_name: String,
    /// When it was last used, to the minute; `None` when never.
    pub last_used_at: Option<Micros>,
    /// Since when it is refused; `None` while it works.
    pub revoked_at: Option<Micros>,
}

/// One change, as the audit log has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When it happened.
    pub at: Micros,
    /// The name of the person or key that did it; `None` when the system did, or the account is gone.
    pub actor_name: Option<String>,
    /// What was done, such as `member.removed`.
    pub action: String,
    /// To what it was done: an id, a name, an address.
    pub target: String,
    /// What changed, such as `viewer → editor`; empty when the action says it all.
    pub detail: String,
}
