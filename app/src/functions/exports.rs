//! Exports: files of sessions, turns, scores and reviews.

use leptos::prelude::*;
use turnwise_model::ExportId;
use turnwise_model::access::Slug;
use turnwise_model::view::export::{ExportRow, Format, Kind};

use crate::AppError;

/// The exports of the project, newest first.
#[server(prefix = "/api/ui", endpoint = "exports_list")]
pub async fn exports_list(project: Slug) -> Result<Vec<ExportRow>, AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Editor).await?;
    Ok(engine()?.exports().list(&access).await?)
}

/// How many sessions an export with this filter would look at; counting stops at 10,001.
#[server(prefix = "/api/ui", endpoint = "exports_count")]
pub async fn exports_count(project: Slug, #[server(default)] filter: String) -> Result<u64, AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Editor).await?;
    Ok(engine()?.sessions().count(&access, &filter).await?)
}

/// Starts an export. It is written in the background.
#[server(prefix = "/api/ui", endpoint = "export_start")]
pub async fn export_start(
    project: Slug,
    kind: Kind,
    format: Format,
    #[server(default)] filter: String,
) -> Result<(), AppError> {
    use turnwise_model::access::Role;
    use turnwise_model::view::export::ExportRequest;

    use crate::context::ssr::{authorise, engine, plain_form_goes_to};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Editor).await?;
    engine()?.exports().start(&access, &ExportRequest { kind, format, filter }).await?;
    leave(&Flash::Notice(Notice::ExportStarted));
    plain_form_goes_to(&format!("/p/{project}/exports"));
    Ok(())
}

/// Stops an export that is under way.
#[server(prefix = "/api/ui", endpoint = "export_cancel")]
pub async fn export_cancel(project: Slug, export: ExportId) -> Result<(), AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Editor).await?;
    engine()?.exports().cancel(&access, export).await?;
    leave(&Flash::Notice(Notice::ExportCancelled));
    Ok(())
}

/// Removes an export and its file.
#[server(prefix = "/api/ui", endpoint = "export_delete")]
pub async fn export_delete(project: Slug, export: ExportId) -> Result<(), AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Editor).await?;
    engine()?.exports().delete(&access, export).await?;
    leave(&Flash::Notice(Notice::ExportDeleted));
    Ok(())
}
