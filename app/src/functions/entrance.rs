//! The ways in and out: first start, signing in, signing out.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::AppError;

/// Where somebody who opens Turnwise belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entrance {
    /// No account exists yet: the owner has to be made.
    Setup,
    /// Nobody is signed in.
    SignIn,
    /// Signed in; this is the address to go to.
    Inside(String),
}

impl Entrance {
    /// The address.
    #[must_use]
    pub fn address(&self) -> &str {
        match self {
            Self::Setup => "/setup",
            Self::SignIn => "/sign-in",
            Self::Inside(address) => address,
        }
    }
}

/// Where to go from `/`.
#[server(prefix = "/api/ui", endpoint = "front_door")]
pub async fn front_door() -> Result<Entrance, AppError> {
    use turnwise_engine::access::Caller;

    let context = crate::context::ssr::server_context()?;
    let accounts = context.engine.accounts();
    if accounts.needs_setup().await? {
        return Ok(Entrance::Setup);
    }
    let Caller::Person { account } = context.caller else { return Ok(Entrance::SignIn) };
    if accounts.account(account).await?.is_none() {
        return Ok(Entrance::SignIn);
    }
    Ok(Entrance::Inside(match accounts.projects(account).await?.as_slice() {
        [only] => format!("/p/{}/sessions", only.project.slug),
        _ => "/projects".to_owned(),
    }))
}

/// Makes the first account, its project, and signs in. Refused once any account exists.
#[server(prefix = "/api/ui", endpoint = "setup_create")]
pub async fn setup_create(email: String, name: String, password: String, project: String) -> Result<(), AppError> {
    let context = crate::context::ssr::server_context()?;
    let (account, project) = context.engine.accounts().set_up(&email, &name, &password, &project).await?;
    context.sign_ins.start(account.id).await?;
    leptos_axum::redirect(&format!("/p/{}/sessions", project.slug));
    Ok(())
}

/// Signs this browser in and goes to `next`, if that is an address of ours.
#[server(prefix = "/api/ui", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String, #[server(default)] next: String) -> Result<(), AppError> {
    let context = crate::context::ssr::server_context()?;
    let account = context.engine.accounts().sign_in(&email, &password, context.ip).await?;
    context.sign_ins.start(account.id).await?;
    leptos_axum::redirect(inner_address(&next).unwrap_or("/"));
    Ok(())
}

/// Signs this browser out. Harmless for those who are not signed in.
#[server(prefix = "/api/ui", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), AppError> {
    crate::context::ssr::server_context()?.sign_ins.end().await?;
    leptos_axum::redirect("/sign-in");
    Ok(())
}

/// `next`, if it leads to a page of this server and nowhere else.
#[must_use]
pub fn inner_address(next: &str) -> Option<&str> {
    let plain = next.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    (next.starts_with('/') && !next.starts_with("//") && plain).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::inner_address;

    #[test]
    fn after_signing_in_one_goes_to_our_own_pages_only() {
        assert_eq!(inner_address("/p/shop/settings/keys?x=1"), Some("/p/shop/settings/keys?x=1"));
        for elsewhere in
            ["", "https://example.com", "//example.com", "/\\example.com", "/\nx", "p/shop", "javascript:alert(1)"]
        {
            assert_eq!(inner_address(elsewhere), None, "{elsewhere:?}");
        }
    }
}
