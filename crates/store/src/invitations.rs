//! Invitations. Open is what was neither used nor withdrawn and has not expired.

use turnwise_model::access::Role;
use turnwise_model::account::{Invitation, InvitationPreview};
use turnwise_model::{AccountId, InvitationId, Micros, ProjectId};

use crate::error::StoreError;
use crate::row::Fields;
use crate::secret::SecretHash;
use crate::store::Store;
use crate::transaction::Transaction;

/// An invitation to be stored.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// Its id.
    pub id: InvitationId,
    /// To which project.
    pub project: ProjectId,
    /// With which role.
    pub role: Role,
    /// The hash of the token in its link.
    pub token: SecretHash,
    /// Who made it.
    pub created_by: AccountId,
    /// When.
    pub created_at: Micros,
    /// From when on it is void.
    pub expires_at: Micros,
}

/// What an invitation that was just used gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsedInvitation {
    /// Its id.
    pub id: InvitationId,
    /// To which project.
    pub project: ProjectId,
    /// With which role.
    pub role: Role,
}

impl Store {
    /// What an open invitation says to whoever holds its token.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn invitation(&self, token: &SecretHash, now: Micros) -> Result<Option<InvitationPreview>, StoreError> {
        let row = sqlx::query(
            "select i.id, i.role, i.expires_at, p.name
             from invitations i
             join projects p on p.id = i.project_id
             where i.token_hash = $1
               and i.used_at is null
               and i.withdrawn_at is null
               and i.expires_at > $2",
        )
        .bind(token.as_str())
        .bind(now.0)
        .fetch_optional(self.reader())
        .await?;
        row.map(|row| {
            let fields = Fields::of("invitations", &row);
            Ok(InvitationPreview {
                project_name: fields.text("name")?,
                role: fields.parsed("role")?,
                expires_at: fields.instant("expires_at")?,
            })
        })
        .transpose()
    }

    /// The open invitations of a project, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open_invitations(&self, project: ProjectId, now: Micros) -> Result<Vec<Invitation>, StoreError> {
        let rows = sqlx::query(
            "select i.id, i.role, i.created_at, i.expires_at, a.name
             from invitations i
             join accounts a on a.id = i.created_by
             where i.project_id = $1
               and i.used_at is null
               and i.withdrawn_at is null
               and i.expires_at > $2
             order by i.created_at desc, i.id desc",
        )
        .bind(project.to_string())
        .bind(now.0)
        .fetch_all(self.reader())
        .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::of("invitations", row);
                Ok(Invitation {
                    id: fields.parsed("id")?,
                    role: fields.parsed("role")?,
                    created_by_name: fields.text("name")?,
                    created_at: fields.instant("created_at")?,
                    expires_at: fields.instant("expires_at")?,
                })
            })
            .collect()
    }
}

impl Transaction {
    /// A new invitation.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_invitation(&mut self, invitation: &NewInvitation) -> Result<(), StoreError> {
        sqlx::query(
            "insert into invitations (id, project_id, role, token_hash, created_by, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(invitation.id.to_string())
        .bind(invitation.project.to_string())
        .bind(invitation.role.as_str())
        .bind(invitation.token.as_str())
        .bind(invitation.created_by.to_string())
        .bind(invitation.created_at.0)
        .bind(invitation.expires_at.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Uses an open invitation up. Of many who try at once, one gets it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn use_invitation(
        &mut self,
        token: &SecretHash,
        account: AccountId,
        now: Micros,
    ) -> Result<Option<UsedInvitation>, StoreError> {
        let row = sqlx::query(
            "update invitations
             set used_at = $2,
                 used_by = $3
             where token_hash = $1
               and used_at is null
               and withdrawn_at is null
               and expires_at > $2
             returning id, project_id, role",
        )
        .bind(token.as_str())
        .bind(now.0)
        .bind(account.to_string())
        .fetch_optional(self.connection())
        .await?;
        row.map(|row| {
            let fields = Fields::of("invitations", &row);
            Ok(UsedInvitation {
                id: fields.parsed("id")?,
                project: fields.parsed("project_id")?,
                role: fields.parsed("role")?,
            })
        })
        .transpose()
    }

    /// Makes an open invitation void; `false` when the project has no such one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn withdraw_invitation(
        &mut self,
        project: ProjectId,
        invitation: InvitationId,
        now: Micros,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update invitations
             set withdrawn_at = $3
             where project_id = $1
               and id = $2
               and used_at is null
               and withdrawn_at is null
               and expires_at > $3",
        )
        .bind(project.to_string())
        .bind(invitation.to_string())
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
