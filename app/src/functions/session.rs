//! One session: its page, ending it, deleting it.

use leptos::prelude::*;
use turnwise_model::access::Slug;
use turnwise_model::view::session_page::SessionPage;

use crate::AppError;

/// A session by Turnwise's id or the client's, with the stretch of turns in which position `from` is.
#[server(prefix = "/api/ui", endpoint = "session_open")]
pub async fn session_open(project: Slug, session: String, from: u32) -> Result<SessionPage, AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Viewer).await?;
    let found = engine()?.sessions().open(&access, &session, from).await?;
    found.ok_or_else(|| AppError::no_such("session"))
}

/// Ends a session: it is closed now.
#[server(prefix = "/api/ui", endpoint = "session_end")]
pub async fn session_end(project: Slug, session: String, reason: String) -> Result<(), AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Editor).await?;
    engine()?.sessions().end(&access, &session, &reason).await?;
    leave(&Flash::Notice(Notice::SessionEnded));
    Ok(())
}

/// Deletes a session with everything that came of it, and goes to the list.
#[server(prefix = "/api/ui", endpoint = "session_delete")]
pub async fn session_delete(project: Slug, session: String) -> Result<(), AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Editor).await?;
    engine()?.sessions().delete(&access, &session).await?;
    leave(&Flash::Notice(Notice::SessionDeleted));
    leptos_axum::redirect(&format!("/p/{project}/sessions"));
    Ok(())
}
