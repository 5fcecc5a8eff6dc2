//! The list of sessions: parts of it, its facets, what is new, and what is done with several sessions at once.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use turnwise_model::access::Slug;
use turnwise_model::filter::KnownValues;
use turnwise_model::view::session::{Facets, SavedView, SessionSort, SessionsPart};
use turnwise_model::{EvaluatorId, Micros, QueueId, SavedViewId, SessionId};

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

/// An evaluator to choose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvaluatorChoice {
    /// The evaluator.
    pub id: EvaluatorId,
    /// What it is called.
    pub name: String,
    /// Whether it asks a model, which costs; checks cost nothing.
    pub judge: bool,
    /// US dollars that one session took so far in the mean; `None` where that is not known.
    pub usd_each: Option<f64>,
    /// It is a judge and there is no model provider.
    pub waiting_for_provider: bool,
}

/// What sessions can be given to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Choices {
    /// Whether the viewer may do anything with sessions at all; without it there is nothing to choose.
    pub may_act: bool,
    /// Queues, by name.
    pub queues: Vec<QueueChoice>,
    /// Evaluators, by name.
    pub evaluators: Vec<EvaluatorChoice>,
}

/// What sessions can be given to; nothing for those who may not.
#[server(prefix = "/api/ui", endpoint = "session_choices")]
pub async fn session_choices(project: Slug) -> Result<Choices, AppError> {
    use turnwise_model::access::Role;
    use turnwise_model::evaluation::Method;
    use turnwise_model::view::evaluator::EvaluatorSummary;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Viewer).await?;
    if access.role < Role::Editor {
        return Ok(Choices::default());
    }
    let engine = engine()?;
    let queues = engine.queues().list(&access).await?;
    let queue = |queue: turnwise_model::queue::Queue| QueueChoice { id: queue.id, name: queue.name };
    let evaluators = engine.evaluators().list(&access).await?.evaluators;
    let evaluator = |summary: EvaluatorSummary| EvaluatorChoice {
        id: summary.current.evaluator,
        judge: matches!(summary.current.method, Method::Judge { .. }),
        usd_each: mean_cost(&summary.effort),
        waiting_for_provider: summary.waiting_for_provider,
        name: summary.current.name,
    };
    Ok(Choices {
        may_act: true,
        queues: queues.into_iter().map(|summary| queue(summary.queue)).collect(),
        evaluators: evaluators.into_iter().map(evaluator).collect(),
    })
}

/// What one evaluation cost in the mean, where that is known.
#[cfg(feature = "ssr")]
fn mean_cost(effort: &turnwise_model::view::evaluator::Effort) -> Option<f64> {
    let ended = effort.states.scored + effort.states.without_score;
    #[expect(clippy::cast_precision_loss, reason = "counts of evaluations are far below 2⁵³")]
    effort.cost.filter(|_| ended > 0).map(|cost| cost.0 / ended as f64)
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

/// Has sessions evaluated as they are now: those named, or with `all` every one that matches the filter. Returns how many
/// evaluations wait for a worker now; those that hold already are not repeated.
#[server(prefix = "/api/ui", endpoint = "sessions_evaluate")]
pub async fn sessions_evaluate(
    project: Slug,
    evaluator: EvaluatorId,
    #[server(default)] sessions: Vec<SessionId>,
    #[server(default)] all: bool,
    #[server(default)] filter: String,
) -> Result<u64, AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Editor).await?;
    let engine = engine()?;
    let sessions = if all { engine.sessions().matching(&access, &filter).await? } else { sessions };
    let asked = engine.evaluations().evaluate(&access, &sessions, &[evaluator]).await?;
    leave(&Flash::Notice(Notice::Evaluating));
    Ok(asked.queued)
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
