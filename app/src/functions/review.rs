//! Reviewing: the next task, drafts, submitting, skipping, taking back.
//!
//! Answers travel by their kinds (`numbers`, `flags`, `texts`), so that a plain form sends them as a script does.

#![expect(clippy::too_many_arguments, reason = "one argument for each field of a form")]

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use turnwise_model::access::Slug;
use turnwise_model::queue::Queue;
use turnwise_model::view::review::{Next, Submitted, Ticket};
use turnwise_model::{ClaimId, QueueId, ReviewId, TaskId};

use crate::AppError;

/// Numbers by question key.
pub type Numbers = BTreeMap<String, f64>;
/// Yes and no by question key.
pub type Flags = BTreeMap<String, bool>;
/// Words and choices by question key.
pub type Texts = BTreeMap<String, String>;

/// What the review page shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReviewStep {
    /// The queue.
    pub queue: Queue,
    /// Its instructions as HTML.
    pub guidelines: String,
    /// The guidance of its questions as HTML, by question key.
    pub guidance: BTreeMap<String, String>,
    /// The task, or why there is none.
    pub next: Next,
}

#[cfg(feature = "ssr")]
fn together(numbers: Numbers, flags: Flags, texts: Texts) -> turnwise_model::rubric::Answers {
    use turnwise_model::rubric::Answer;

    let numbers = numbers.into_iter().map(|(key, number)| (key, Answer::Number(number)));
    let flags = flags.into_iter().map(|(key, flag)| (key, Answer::Flag(flag)));
    let texts = texts.into_iter().map(|(key, text)| (key, Answer::Text(text)));
    numbers.chain(flags).chain(texts).collect()
}

#[cfg(feature = "ssr")]
fn go_on(project: &Slug, queue: QueueId) {
    crate::context::ssr::plain_form_goes_to(&format!("/p/{project}/queues/{queue}/review"));
}

/// Claims the next task for the viewer, or hands out again what they hold; with `besides`, the one after that task.
#[server(prefix = "/api/ui", endpoint = "review_next")]
pub async fn review_next(
    project: Slug,
    queue: QueueId,
    #[server(default)] besides: Option<TaskId>,
) -> Result<ReviewStep, AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Reviewer).await?;
    let engine = engine()?;
    let next = engine.reviews().next(&access, queue, besides).await?;
    let Some(queue) = engine.queues().get(&access, queue).await? else { return Err(AppError::no_such("queue")) };
    let questions = next.task.iter().flat_map(|task| &task.rubric.questions);
    let guidance = questions
        .filter_map(|question| Some((question.key.clone(), crate::markdown::to_html(question.guidance.as_deref()?))));
    Ok(ReviewStep {
        guidelines: crate::markdown::to_html(&queue.instructions),
        guidance: guidance.collect(),
        queue,
        next,
    })
}

/// Keeps answers as a draft, and the claim for another lease; `None` when the claim is the viewer's no more.
#[server(prefix = "/api/ui", endpoint = "review_keep")]
pub async fn review_keep(
    project: Slug,
    task: TaskId,
    claim: ClaimId,
    fence: i64,
    #[server(default)] numbers: Numbers,
    #[server(default)] flags: Flags,
    #[server(default)] texts: Texts,
) -> Result<Option<Ticket>, AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Reviewer).await?;
    let answers = together(numbers, flags, texts);
    Ok(engine()?.reviews().keep(&access, task, claim, fence, &answers).await?)
}

/// Commits a review. Sending the same again changes nothing.
#[server(prefix = "/api/ui", endpoint = "review_submit")]
pub async fn review_submit(
    project: Slug,
    queue: QueueId,
    task: TaskId,
    claim: ClaimId,
    fence: i64,
    rubric_version: i64,
    #[server(default)] numbers: Numbers,
    #[server(default)] flags: Flags,
    #[server(default)] texts: Texts,
    #[server(default)] active_ms: Option<i64>,
) -> Result<Submitted, AppError> {
    use turnwise_engine::review::Submission;
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Reviewer).await?;
    let submission = Submission {
        claim,
        fence,
        task: Some(task),
        answers: together(numbers, flags, texts),
        rubric_version: Some(rubric_version),
        active_ms,
    };
    let submitted = engine()?.reviews().submit(&access, &submission).await?;
    go_on(&project, queue);
    Ok(submitted)
}

/// Gives a task back; the viewer does not get it again.
#[server(prefix = "/api/ui", endpoint = "review_skip")]
pub async fn review_skip(project: Slug, queue: QueueId, claim: ClaimId, fence: i64) -> Result<(), AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Reviewer).await?;
    engine()?.reviews().skip(&access, claim, fence).await?;
    go_on(&project, queue);
    Ok(())
}

/// Takes back a review of the viewer: this one, or their latest in the queue.
#[server(prefix = "/api/ui", endpoint = "review_undo")]
pub async fn review_undo(
    project: Slug,
    queue: QueueId,
    #[server(default)] review: Option<ReviewId>,
) -> Result<Next, AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Reviewer).await?;
    let engine = engine()?;
    let latest = match review {
        Some(review) => Some(review),
        None => engine.reviews().latest(&access, queue).await?,
    };
    let latest =
        latest.ok_or_else(|| AppError::Conflict { message: "there is nothing to take back".to_owned() }.answered())?;
    let next = engine.reviews().undo(&access, latest).await?;
    go_on(&project, queue);
    Ok(next)
}
