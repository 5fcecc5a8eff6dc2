//! Accepting an invitation. The token in the link is the permission.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use turnwise_model::account::{Account, InvitationPreview as Preview};

use crate::AppError;

/// What the invitation page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationPage {
    /// To what one is invited.
    pub preview: Preview,
    /// Who is signed in in this browser, if anybody is.
    pub account: Option<Account>,
}

/// What an invitation offers; [`AppError::NotFound`] when it is used, withdrawn or void.
#[server(prefix = "/api/ui", endpoint = "invitation_preview")]
pub async fn invitation_preview(token: String) -> Result<InvitationPage, AppError> {
    use turnwise_engine::access::Caller;

    let context = crate::context::ssr::server_context()?;
    let accounts = context.engine.accounts();
    let Some(preview) = accounts.invitation(&token).await? else {
        return Err(AppError::no_such("invitation"));
    };
    let account = match context.caller {
        Caller::Person { account } => accounts.account(account).await?,
        Caller::Anonymous | Caller::Program { .. } => None,
    };
    Ok(InvitationPage { preview, account })
}

/// Makes an account, joins the project and signs in.
#[server(prefix = "/api/ui", endpoint = "invitation_accept_new")]
pub async fn invitation_accept_new(
    token: String,
    email: String,
    name: String,
    password: String,
) -> Result<(), AppError> {
    let context = crate::context::ssr::server_context()?;
    let (account, project) = context.engine.accounts().accept_invitation_new(&token, &email, &name, &password).await?;
    context.sign_ins.start(account.id).await?;
    leptos_axum::redirect(&format!("/p/{}/sessions", project.slug));
    Ok(())
}

/// Joins the project with the account that is signed in.
#[server(prefix = "/api/ui", endpoint = "invitation_accept")]
pub async fn invitation_accept(token: String) -> Result<(), AppError> {
    let (context, account) = crate::context::ssr::signed_in()?;
    let project = context.engine.accounts().accept_invitation(&token, account).await?;
    leptos_axum::redirect(&format!("/p/{}/sessions", project.slug));
    Ok(())
}
