//! The members of a project and the invitations to it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use turnwise_model::access::{Role, Slug};
use turnwise_model::account::{Invitation, Member};
use turnwise_model::{AccountId, InvitationId};

use crate::AppError;

/// What the members page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembersPage {
    /// Who belongs to the project.
    pub members: Vec<Member>,
    /// Open invitations; empty for those who may not invite.
    pub invitations: Vec<Invitation>,
    /// What the viewer may do.
    pub role: Role,
    /// The viewer.
    pub viewer: Option<AccountId>,
    /// The address of this server, with which invitation links begin.
    pub origin: String,
}

/// An invitation that was just made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewInvitation {
    /// The token of its link. It cannot be had again.
    pub token: String,
}

/// Who belongs to a project; for owners also who is invited.
#[server(prefix = "/api/ui", endpoint = "members_list")]
pub async fn members_list(project: Slug) -> Result<MembersPage, AppError> {
    use crate::context::ssr::{authorise, engine, origin};

    let access = authorise(&project, Role::Viewer).await?;
    let engine = engine()?;
    let members = engine.accounts().members(&access).await?;
    let invitations =
        if access.role >= Role::Owner { engine.accounts().invitations(&access).await? } else { Vec::new() };
    Ok(MembersPage { members, invitations, role: access.role, viewer: access.account(), origin: origin() })
}

/// Changes what a member may do. The last owner stays owner.
#[server(prefix = "/api/ui", endpoint = "member_set_role")]
pub async fn member_set_role(project: Slug, account: AccountId, role: Role) -> Result<(), AppError> {
    use crate::context::ssr::{authorise, engine};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Owner).await?;
    engine()?.accounts().set_role(&access, account, role).await?;
    leave(&Flash::Notice(Notice::RoleChanged));
    Ok(())
}

/// Takes a member out of a project. The last owner stays.
#[server(prefix = "/api/ui", endpoint = "member_remove")]
pub async fn member_remove(project: Slug, account: AccountId) -> Result<(), AppError> {
    use crate::context::ssr::{authorise, engine};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Owner).await?;
    engine()?.accounts().remove_member(&access, account).await?;
    leave(&Flash::Notice(Notice::MemberRemoved));
    Ok(())
}

/// Makes an invitation. Its link is shown once.
#[server(prefix = "/api/ui", endpoint = "invitation_create")]
pub async fn invitation_create(project: Slug, role: Role) -> Result<NewInvitation, AppError> {
    use crate::context::ssr::{authorise, engine, plain_form_goes_to};
    use crate::state::flash::{Flash, leave};

    let access = authorise(&project, Role::Owner).await?;
    let (_, token) = engine()?.accounts().invite(&access, role).await?;
    leave(&Flash::Invitation(token.clone()));
    plain_form_goes_to(&format!("/p/{project}/settings/members"));
    Ok(NewInvitation { token })
}

/// Makes an invitation void.
#[server(prefix = "/api/ui", endpoint = "invitation_withdraw")]
pub async fn invitation_withdraw(project: Slug, invitation: InvitationId) -> Result<(), AppError> {
    use crate::context::ssr::{authorise, engine};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Owner).await?;
    engine()?.accounts().withdraw_invitation(&access, invitation).await?;
    leave(&Flash::Notice(Notice::InvitationWithdrawn));
    Ok(())
}
