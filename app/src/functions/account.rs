//! One's own account.

use leptos::prelude::*;
use turnwise_model::account::Account;

use crate::AppError;

/// The account that is signed in.
#[server(prefix = "/api/ui", endpoint = "account_get")]
pub async fn account_get() -> Result<Account, AppError> {
    let (context, account) = crate::context::ssr::signed_in()?;
    context.engine.accounts().account(account).await?.ok_or_else(|| AppError::NotSignedIn.answered())
}

/// Changes the name that others see.
#[server(prefix = "/api/ui", endpoint = "account_rename")]
pub async fn account_rename(name: String) -> Result<(), AppError> {
    use crate::state::flash::{Flash, Notice, leave};

    let (context, account) = crate::context::ssr::signed_in()?;
    context.engine.accounts().change_name(account, &name).await?;
    leave(&Flash::Notice(Notice::Saved));
    Ok(())
}

/// Changes the password, which needs the old one.
#[server(prefix = "/api/ui", endpoint = "account_change_password")]
pub async fn account_change_password(old: String, new: String) -> Result<(), AppError> {
    use crate::state::flash::{Flash, Notice, leave};

    let (context, account) = crate::context::ssr::signed_in()?;
    context.engine.accounts().change_password(account, &old, &new).await?;
    leave(&Flash::Notice(Notice::PasswordChanged));
    Ok(())
}
