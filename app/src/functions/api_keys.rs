//! The API keys of a project.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use turnwise_model::ApiKeyId;
use turnwise_model::access::{Scope, Slug};
use turnwise_model::account::ApiKey;

use crate::AppError;

/// A key that was just made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewApiKey {
    /// What it is called.
    pub name: String,
    /// The key itself. It cannot be had again.
    pub secret: String,
}

/// All keys, revoked ones too.
#[server(prefix = "/api/ui", endpoint = "api_keys_list")]
pub async fn api_keys_list(project: Slug) -> Result<Vec<ApiKey>, AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Owner).await?;
    Ok(engine()?.accounts().api_keys(&access).await?)
}

/// Makes a key. It is shown once.
#[server(prefix = "/api/ui", endpoint = "api_key_create")]
pub async fn api_key_create(
    project: Slug,
    name: String,
    #[server(default)] scopes: Vec<Scope>,
) -> Result<NewApiKey, AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine, plain_form_goes_to};
    use crate::state::flash::{Flash, leave};

    let access = authorise(&project, Role::Owner).await?;
    let (key, secret) = engine()?.accounts().create_api_key(&access, &name, &scopes).await?;
    leave(&Flash::ApiKey(secret.clone()));
    plain_form_goes_to(&format!("/p/{project}/settings/keys"));
    Ok(NewApiKey { name: key.name, secret })
}

/// Revokes a key: programs that use it are refused from now on.
#[server(prefix = "/api/ui", endpoint = "api_key_revoke")]
pub async fn api_key_revoke(project: Slug, key: ApiKeyId) -> Result<(), AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Owner).await?;
    engine()?.accounts().revoke_api_key(&access, key).await?;
    leave(&Flash::Notice(Notice::KeyRevoked));
    Ok(())
}
