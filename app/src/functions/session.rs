//! One session: its page, its trace, its reviews, why it has its scores; ending it, deleting it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use turnwise_model::access::Slug;
use turnwise_model::evaluation::Evaluation;
use turnwise_model::view::rule::Explanation;
use turnwise_model::view::session_page::{SessionPage, SessionReview};
use turnwise_model::view::trace::{SpanPage, Trace};

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

/// A window of a session's waterfall: the rows from index `from` on, without what lies in the `folded` spans.
#[server(prefix = "/api/ui", endpoint = "session_trace")]
pub async fn session_trace(
    project: Slug,
    session: String,
    from: u32,
    #[server(default)] folded: Vec<String>,
) -> Result<Trace, AppError> {
    use turnwise_model::access::Role;
    use turnwise_model::view::trace::TraceQuery;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Viewer).await?;
    let found = engine()?.sessions().trace(&access, &session, &TraceQuery { from, folded }).await?;
    found.ok_or_else(|| AppError::no_such("session"))
}

/// One span.
#[server(prefix = "/api/ui", endpoint = "session_span")]
pub async fn session_span(project: Slug, trace: String, span: String) -> Result<SpanPage, AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Viewer).await?;
    let found = engine()?.sessions().open_span(&access, &trace, &span).await?;
    found.ok_or_else(|| AppError::no_such("span"))
}

/// What people answered about a session.
#[server(prefix = "/api/ui", endpoint = "session_reviews")]
pub async fn session_reviews(project: Slug, session: String) -> Result<Vec<SessionReview>, AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Viewer).await?;
    let found = engine()?.sessions().reviews(&access, &session).await?;
    found.ok_or_else(|| AppError::no_such("session"))
}

/// What happened with a session at rules and evaluators, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionLedger {
    /// For each rule that is on and each of its evaluators.
    pub explained: Vec<Explanation>,
    /// All rows of the ledger, oldest first.
    pub rows: Vec<Evaluation>,
}

/// For each rule and evaluator what happened with a session, and why.
#[server(prefix = "/api/ui", endpoint = "session_explain")]
pub async fn session_explain(project: Slug, session: String) -> Result<SessionLedger, AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Viewer).await?;
    let engine = engine()?;
    let found = engine.sessions().find(&access, &session).await?;
    let session = found.ok_or_else(|| AppError::no_such("session"))?;
    let explained = engine.rules().explain(&access, session).await?;
    Ok(SessionLedger { explained, rows: engine.evaluations().ledger(&access, session).await? })
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
