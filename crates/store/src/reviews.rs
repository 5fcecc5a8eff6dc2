//! Reviews: what reviewers committed.

use sqlx::any::AnyRow;
use turnwise_model::page::Page;
use turnwise_model::queue::Review;
use turnwise_model::view::review::ReviewRow;
use turnwise_model::{ProjectId, QueueId, ReviewId, TaskId};

use crate::error::StoreError;
use crate::json;
use crate::row::Fields;
use crate::statement::Statement;
use crate::store::Store;
use crate::tasks;
use crate::transaction::Transaction;

/// Reviews with their tasks and the names of their reviewers; the project comes next.
pub(crate) const LISTED: &str =
    "select r.review_id, r.reviewer, r.answers, r.rubric_id, r.rubric_version as answered_version, r.exposure,
            r.active_ms, r.created_at as reviewed_at, coalesce(a.name, r.reviewer) as reviewer_name, t.*
     from reviews r
     join tasks t on t.project_id = r.project_id and t.task_id = r.task_id
     left join accounts a on a.id = r.reviewer
     where r.project_id = ";

/// A review with its queue.
#[derive(Debug, Clone, PartialEq)]
pub struct QueuedReview {
    /// The review.
    pub review: Review,
    /// The queue of its task.
    pub queue: QueueId,
}

impl Store {
    /// The latest review of a reviewer in a queue.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn latest_review(
        &self,
        project: ProjectId,
        queue: QueueId,
        reviewer: &str,
    ) -> Result<Option<ReviewId>, StoreError> {
        let row = sqlx::query(
            "select review_id
             from reviews
             where project_id = $1
               and queue_id = $2
               and reviewer = $3
             order by created_at desc, review_id desc
             limit 1",
        )
        .bind(project.to_string())
        .bind(queue.to_string())
        .bind(reviewer)
        .fetch_optional(self.reader())
        .await?;
        row.map(|row| Fields::keyed("reviews", "review_id", &row).parsed("review_id")).transpose()
    }

    /// Reviews of a project, or of one queue, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reviews(
        &self,
        project: ProjectId,
        queue: Option<QueueId>,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<ReviewRow>, StoreError> {
        let mut statement = Statement::new(LISTED);
        statement.value(project.to_string());
        if let Some(queue) = queue {
            statement.push(" and r.queue_id = ").value(queue.to_string());
        }
        if let Some((created_at, id)) = cursor.and_then(|cursor| cursor.split_once('~')) {
            let created_at: i64 = created_at.parse().unwrap_or(i64::MIN);
            statement.push(" and (r.created_at, r.review_id) > (").value(created_at);
            statement.push(", ").value(id.to_owned()).push(")");
        }
        statement.push(" order by r.created_at, r.review_id limit ").value(i64::from(limit) + 1);
        let rows = statement.query()?.fetch_all(self.reader()).await?;
        let reviews: Vec<ReviewRow> = rows.iter().map(listed).collect::<Result<_, StoreError>>()?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(Page::from_surplus(reviews, limit, |row| format!("{}~{}", row.review.created_at.0, row.review.id)))
    }
}

/// A row of [`LISTED`].
pub(crate) fn listed(row: &AnyRow) -> Result<ReviewRow, StoreError> {
    let fields = Fields::keyed("reviews", "review_id", row);
    let task = tasks::read(&fields)?;
    let review = Review {
        id: fields.parsed("review_id")?,
        task: task.id,
        reviewer: fields.text("reviewer")?,
        answers: fields.json("answers")?,
        rubric: fields.parsed("rubric_id")?,
        rubric_version: fields.integer("answered_version")?,
        exposure: fields.parsed("exposure")?,
        active_ms: fields.optional_integer("active_ms")?,
        created_at: fields.instant("reviewed_at")?,
    };
    Ok(ReviewRow { review, reviewer_name: fields.text("reviewer_name")?, task })
}

impl Transaction {
    /// A review by its id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn review(&mut self, project: ProjectId, review: ReviewId) -> Result<Option<QueuedReview>, StoreError> {
        let row = sqlx::query(
            "select *
             from reviews
             where project_id = $1
               and review_id = $2",
        )
        .bind(project.to_string())
        .bind(review.to_string())
        .fetch_optional(self.connection())
        .await?;
        row.map(|row| {
            let fields = Fields::keyed("reviews", "review_id", &row);
            let review = Review {
                id: fields.parsed("review_id")?,
                task: fields.parsed("task_id")?,
                reviewer: fields.text("reviewer")?,
                answers: fields.json("answers")?,
                rubric: fields.parsed("rubric_id")?,
                rubric_version: fields.integer("rubric_version")?,
                exposure: fields.parsed("exposure")?,
                active_ms: fields.optional_integer("active_ms")?,
                created_at: fields.instant("created_at")?,
            };
            Ok(QueuedReview { review, queue: fields.parsed("queue_id")? })
        })
        .transpose()
    }

    /// Whether a reviewer has reviewed a task.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_reviewed(&mut self, project: ProjectId, task: TaskId, reviewer: &str) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "select 1
             from reviews
             where project_id = $1
               and task_id = $2
               and reviewer = $3",
        )
        .bind(project.to_string())
        .bind(task.to_string())
        .bind(reviewer)
        .fetch_optional(self.connection())
        .await?;
        Ok(row.is_some())
    }

    /// How many reviews the same person committed in the same queue after this one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reviews_since(&mut self, project: ProjectId, done: &QueuedReview) -> Result<i64, StoreError> {
        let row = sqlx::query(
            "select count(*) as later
             from reviews
             where project_id = $1
               and queue_id = $2
               and reviewer = $3
               and (created_at, review_id) > ($4, $5)",
        )
        .bind(project.to_string())
        .bind(done.queue.to_string())
        .bind(done.review.reviewer.as_str())
        .bind(done.review.created_at.0)
        .bind(done.review.id.to_string())
        .fetch_one(self.connection())
        .await?;
        Fields::keyed("reviews", "later", &row).integer("later")
    }

    /// A new review. The database refuses a second one of the same person on the same task.
    ///
    /// # Errors
    /// When the database refuses or does not answer.
    pub async fn insert_review(
        &mut self,
        project: ProjectId,
        queue: QueueId,
        review: &Review,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into reviews (project_id, review_id, queue_id, task_id, reviewer, answers, rubric_id, rubric_version,
                                  exposure, active_ms, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(project.to_string())
        .bind(review.id.to_string())
        .bind(queue.to_string())
        .bind(review.task.to_string())
        .bind(review.reviewer.as_str())
        .bind(json::text(&review.answers)?)
        .bind(review.rubric.to_string())
        .bind(review.rubric_version)
        .bind(review.exposure.as_str())
        .bind(review.active_ms)
        .bind(review.created_at.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Takes a review back; `false` when it is gone already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_review(&mut self, project: ProjectId, review: ReviewId) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "delete from reviews
             where project_id = $1
               and review_id = $2",
        )
        .bind(project.to_string())
        .bind(review.to_string())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
