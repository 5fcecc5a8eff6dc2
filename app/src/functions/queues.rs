//! Queues: the list, one of them, its tasks, its settings.

#![expect(clippy::too_many_arguments, reason = "one argument for each field of a form")]

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use turnwise_model::QueueId;
use turnwise_model::access::{Role, Slug};
use turnwise_model::page::Page;
use turnwise_model::queue::{Order, TaskState};
use turnwise_model::rubric::Rubric;
use turnwise_model::view::review::{QueueSummary, TaskRow};

use crate::AppError;

/// What the list of queues shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueuesPage {
    /// All queues by name.
    pub queues: Vec<QueueSummary>,
    /// What the viewer may do.
    pub role: Role,
}

/// The queues of a project with how far each is.
#[server(prefix = "/api/ui", endpoint = "queues_list")]
pub async fn queues_list(project: Slug) -> Result<QueuesPage, AppError> {
    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Viewer).await?;
    Ok(QueuesPage { queues: engine()?.queues().list(&access).await?, role: access.role })
}

/// What the page of a queue shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueuePage {
    /// The queue with how far it is.
    pub summary: QueueSummary,
    /// Its questions.
    pub rubric: Rubric,
    /// Its instructions as HTML.
    pub instructions: String,
    /// What the viewer may do.
    pub role: Role,
}

/// One queue.
#[server(prefix = "/api/ui", endpoint = "queue_get")]
pub async fn queue_get(project: Slug, queue: QueueId) -> Result<QueuePage, AppError> {
    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Viewer).await?;
    let engine = engine()?;
    let summaries = engine.queues().list(&access).await?;
    let Some(summary) = summaries.into_iter().find(|summary| summary.queue.id == queue) else {
        return Err(AppError::no_such("queue"));
    };
    let rubric = engine.queues().rubric(&access, queue).await?;
    let instructions = crate::markdown::to_html(&summary.queue.instructions);
    Ok(QueuePage { summary, rubric, instructions, role: access.role })
}

/// The tasks of a queue, oldest first; `state` is empty for all.
#[server(prefix = "/api/ui", endpoint = "queue_tasks")]
pub async fn queue_tasks(
    project: Slug,
    queue: QueueId,
    #[server(default)] state: Option<TaskState>,
    #[server(default)] cursor: Option<String>,
) -> Result<Page<TaskRow>, AppError> {
    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Viewer).await?;
    Ok(engine()?.queues().task_rows(&access, queue, state, cursor.as_deref(), 50).await?)
}

/// Makes a queue, or changes the one that `queue` names. `questions` are JSON.
#[server(prefix = "/api/ui", endpoint = "queue_save")]
pub async fn queue_save(
    project: Slug,
    #[server(default)] queue: Option<QueueId>,
    name: String,
    #[server(default)] instructions: String,
    questions: String,
    overlap: i64,
    order: Order,
    #[server(default)] blind: bool,
    lease_seconds: i64,
) -> Result<QueueId, AppError> {
    use turnwise_model::view::review::QueueDraft;

    use crate::context::ssr::{authorise, engine, plain_form_goes_to};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Editor).await?;
    let questions = serde_json::from_str(&questions)
        .map_err(|error| AppError::invalid("questions", format!("the questions cannot be read: {error}")).answered())?;
    let draft = QueueDraft { name, instructions, questions, overlap, order, blind, lease_seconds };
    let queues = engine()?;
    let saved = match queue {
        Some(queue) => queues.queues().update(&access, queue, &draft).await?,
        None => queues.queues().create(&access, &draft).await?,
    };
    leave(&Flash::Notice(Notice::Saved));
    plain_form_goes_to(&format!("/p/{project}/queues/{}/settings", saved.id));
    Ok(saved.id)
}
