//! Model providers: the list, saving, testing, removing. Keys go in and never come out.

#![expect(clippy::too_many_arguments, reason = "one argument for each field of a form")]

use leptos::prelude::*;
use turnwise_model::ProviderId;
use turnwise_model::access::Slug;
use turnwise_model::view::evaluator::{ProviderRow, ProviderTest as Tested};

use crate::AppError;

/// The project's providers, and the environment's.
#[server(prefix = "/api/ui", endpoint = "providers_list")]
pub async fn providers_list(project: Slug) -> Result<Vec<ProviderRow>, AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Owner).await?;
    Ok(engine()?.providers().list(&access).await?)
}

/// Saves a provider; without an id it makes a new one. An empty key keeps the one there is.
#[server(prefix = "/api/ui", endpoint = "provider_save")]
pub async fn provider_save(
    project: Slug,
    #[server(default)] provider: String,
    name: String,
    base_url: String,
    model: String,
    #[server(default)] key: String,
    #[server(default)] input_price: String,
    #[server(default)] output_price: String,
    #[server(default)] concurrency: String,
    #[server(default)] timeout_seconds: String,
) -> Result<(), AppError> {
    use turnwise_model::access::Role;
    use turnwise_model::view::evaluator::ProviderDraft;

    use crate::context::ssr::{authorise, engine, plain_form_goes_to};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Owner).await?;
    let price = |field, text: &str| {
        let wrong =
            || AppError::invalid(field, "write the price as a number, such as 2.50, or leave it empty").answered();
        let text = text.trim();
        (!text.is_empty()).then(|| text.parse::<f64>().map_err(|_| wrong())).transpose()
    };
    let whole = |field, text: &str, usual: u32| {
        let wrong = || AppError::invalid(field, "write it as a whole number").answered();
        let text = text.trim();
        if text.is_empty() { Ok(usual) } else { text.parse::<u32>().map_err(|_| wrong()) }
    };
    let draft = ProviderDraft {
        name,
        base_url,
        model,
        key: Some(key).filter(|key| !key.trim().is_empty()),
        input_price: price("input_price", &input_price)?,
        output_price: price("output_price", &output_price)?,
        concurrency: whole("concurrency", &concurrency, 8)?,
        timeout_seconds: whole("timeout_seconds", &timeout_seconds, 60)?,
    };
    let id = match provider.as_str() {
        "" => None,
        id => Some(id.parse::<ProviderId>().map_err(|_| AppError::no_such("provider"))?),
    };
    engine()?.providers().save(&access, id, &draft).await?;
    leave(&Flash::Notice(Notice::Saved));
    plain_form_goes_to(&format!("/p/{project}/settings/providers"));
    Ok(())
}

/// Asks a provider a trifle: the environment's when no id is given.
#[server(prefix = "/api/ui", endpoint = "provider_test")]
pub async fn provider_test(project: Slug, #[server(default)] provider: String) -> Result<Tested, AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine, plain_form_goes_to};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Owner).await?;
    let id = match provider.as_str() {
        "" => None,
        id => Some(id.parse::<ProviderId>().map_err(|_| AppError::no_such("provider"))?),
    };
    let test = engine()?.providers().test(&access, id).await?;
    leave(&Flash::Notice(if test.works { Notice::ProviderWorks } else { Notice::ProviderFails }));
    plain_form_goes_to(&format!("/p/{project}/settings/providers"));
    Ok(test)
}

/// Removes a provider with its key.
#[server(prefix = "/api/ui", endpoint = "provider_delete")]
pub async fn provider_delete(project: Slug, provider: ProviderId) -> Result<(), AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine, plain_form_goes_to};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Owner).await?;
    engine()?.providers().delete(&access, provider).await?;
    leave(&Flash::Notice(Notice::ProviderRemoved));
    plain_form_goes_to(&format!("/p/{project}/settings/providers"));
    Ok(())
}
