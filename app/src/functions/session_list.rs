//! The list of sessions: parts of it, its facets, what is new, and what is done with several sessions at once.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use turnwise_model::access::Slug;
use turnwise_model::filter::KnownValues;
use turnwise_model::view::session::{Facets, SavedView, SessionSort, SessionsPart};
use turnwise_model::{Micros, QueueId, SavedViewId, SessionId};

use crate::AppError;

/// A part of the sessions that match. Metadata is left out: the list does not show it.
#[server(prefix = "/api/ui", endpoint = "sessions_browse")]
pub async fn sessions_browse(
    project: Slug,
    #[server(default)] filter: String,
    sort: SessionSort,
    descending: bool,
    #[server(default)] after: String,
    #[server(default)] before: String,
) -> Result<SessionsPart, AppError> {
    use turnwise_model::access::Role;
    use turnwise_model::view::session::SessionQuery;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Viewer).await?;
    let query =
        SessionQuery { filter, sort, descending, cursor: Some(after), before: Some(before), ..SessionQuery::default() };
    let mut part = engine()?.sessions().browse(&access, &query).await?;
    part.rows.iter_mut().for_each(|row| row.session.metadata.clear());
    Ok(part)
}

/// What the sessions that match can be narrowed by, and how many there are.
#[server(prefix = "/api/ui", endpoint = "sessions_facets")]
pub async fn sessions_facets(project: Slug, #[server(default)] filter: String) -> Result<Facets, AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Viewer).await?;
    Ok(engine()?.sessions().facets(&access, &filter).await?)
}

/// How many sessions that match were active after the newest that a list knew of; counting stops at 100.
#[server(prefix = "/api/ui", endpoint = "sessions_newer")]
pub async fn sessions_newer(project: Slug, #[server(default)] filter: String, newest: Micros) -> Result<i64, AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Viewer).await?;
    Ok(engine()?.sessions().newer(&access, &filter, newest).await?)
}

/// What filters can ask for in this project, for suggesting it.
#[server(prefix = "/api/ui", endpoint = "filter_values")]
pub async fn filter_values(project: Slug) -> Result<KnownValues, AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Viewer).await?;
    Ok(engine()?.sessions().known_values(&access).await?)
}

/// A queue to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueChoice {
    /// The queue.
    pub id: QueueId,
    /// What it is called.
    pub name: String,
}

/// The queues that sessions can be put into, by name; none for those who may not.
#[server(prefix = "/api/ui", endpoint = "queue_choices")]
pub async fn queue_choices(project: Slug) -> Result<Vec<QueueChoice>, AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Viewer).await?;
    if access.role < Role::Editor {
        return Ok(Vec::new());
    }
    let queues = engine()?.queues().list(&access).await?;
    Ok(queues.into_iter().map(|summary| QueueChoice { id: summary.queue.id, name: summary.queue.name }).collect())
}

/// Puts sessions into a queue: those named, or with `all` every one that matches the filter. Returns how many were new in it.
#[server(prefix = "/api/ui", endpoint = "sessions_queue")]
pub async fn sessions_queue(
    project: Slug,
    queue: QueueId,
    #[server(default)] sessions: Vec<SessionId>,
    #[server(default)] all: bool,
    #[server(default)] filter: String,
) -> Result<u64, AppError> {
    use turnwise_model::access::Role;
    use turnwise_model::score::Target;

    use crate::context::ssr::{authorise, engine};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Editor).await?;
    let engine = engine()?;
    let sessions = if all { engine.sessions().matching(&access, &filter).await? } else { sessions };
    let targets: Vec<Target> = sessions.into_iter().map(|session| Target::Session { session }).collect();
    let added = engine.queues().add(&access, queue, &targets).await?;
    leave(&Flash::Notice(Notice::Queued));
    Ok(added)
}

/// The project's views of the list and one's own.
#[server(prefix = "/api/ui", endpoint = "views_list")]
pub async fn views_list(project: Slug) -> Result<Vec<SavedView>, AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Viewer).await?;
    Ok(engine()?.sessions().views(&access).await?)
}

/// Keeps a view under a name; one of the same name is replaced. Shared ones are for editors.
#[server(prefix = "/api/ui", endpoint = "view_keep")]
pub async fn view_keep(
    project: Slug,
    name: String,
    #[server(default)] filter: String,
    sort: SessionSort,
    #[server(default)] ascending: bool,
    #[server(default)] columns: String,
    #[server(default)] shared: bool,
) -> Result<(), AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Viewer).await?;
    let engine = engine()?;
    let view = SavedView { id: engine.ambient().id(), name, shared, filter, sort, ascending, columns };
    engine.sessions().keep_view(&access, view).await?;
    leave(&Flash::Notice(Notice::Saved));
    Ok(())
}

/// Removes a view.
#[server(prefix = "/api/ui", endpoint = "view_drop")]
pub async fn view_drop(project: Slug, view: SavedViewId, #[server(default)] shared: bool) -> Result<(), AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Viewer).await?;
    engine()?.sessions().drop_view(&access, view, shared).await?;
    leave(&Flash::Notice(Notice::ViewRemoved));
    Ok(())
}
