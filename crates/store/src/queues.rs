//! Queues: their settings, and how far each is.

use std::collections::BTreeMap;

use turnwise_model::queue::Queue;
use turnwise_model::view::review::{Progress, QueueSummary, ReviewerCount};
use turnwise_model::{Micros, ProjectId, QueueId};

use crate::error::StoreError;
use crate::row::Fields;
use crate::store::Store;
use crate::transaction::Transaction;

impl Store {
    /// One queue.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn queue(&self, project: ProjectId, queue: QueueId) -> Result<Option<Queue>, StoreError> {
        let row = sqlx::query(
            "select *
             from queues
             where project_id = $1
               and queue_id = $2",
        )
        .bind(project.to_string())
        .bind(queue.to_string())
        .fetch_optional(self.reader())
        .await?;
        row.map(|row| read(&Fields::keyed("queues", "queue_id", &row))).transpose()
    }

    /// The queues in use, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn queue_names(&self, project: ProjectId) -> Result<Vec<(QueueId, String)>, StoreError> {
        let rows = sqlx::query(
            "select queue_id, name
             from queues
             where project_id = $1
               and archived_at is null
             order by name",
        )
        .bind(project.to_string())
        .fetch_all(self.reader())
        .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("queues", "queue_id", row);
                Ok((fields.parsed("queue_id")?, fields.text("name")?))
            })
            .collect()
    }

    /// All queues by name, with counts; `mine` counts the reviews of `reviewer`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn queue_summaries(
        &self,
        project: ProjectId,
        reviewer: &str,
        week_ago: Micros,
    ) -> Result<Vec<QueueSummary>, StoreError> {
        let mut reviewers = self.reviewer_counts(project).await?;
        let rows = sqlx::query(
            "with task_counts as (
                 select queue_id,
                        sum(case when state = 'open' then 1 else 0 end) as open_count,
                        sum(case when state = 'done' then 1 else 0 end) as done_count,
                        min(case when state = 'open' then created_at end) as oldest_open_at
                 from tasks
                 where project_id = $1
                 group by queue_id
             ),
             review_counts as (
                 select queue_id,
                        sum(case when reviewer = $2 then 1 else 0 end) as mine,
                        sum(case when created_at >= $3 then 1 else 0 end) as last_week
                 from reviews
                 where project_id = $1
                 group by queue_id
             )
             select q.*,
                    cast(coalesce(t.open_count, 0) as bigint) as open_count,
                    cast(coalesce(t.done_count, 0) as bigint) as done_count,
                    t.oldest_open_at as oldest_open_at,
                    cast(coalesce(r.mine, 0) as bigint) as mine,
                    cast(coalesce(r.last_week, 0) as bigint) as last_week
             from queues q
             left join task_counts t on t.queue_id = q.queue_id
             left join review_counts r on r.queue_id = q.queue_id
             where q.project_id = $1
               and q.archived_at is null
             order by q.name",
        )
        .bind(project.to_string())
        .bind(reviewer)
        .bind(week_ago.0)
        .fetch_all(self.reader())
        .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("queues", "queue_id", row);
                let queue = read(&fields)?;
                Ok(QueueSummary {
                    open: fields.integer("open_count")?,
                    done: fields.integer("done_count")?,
                    mine: fields.integer("mine")?,
                    oldest_open_at: fields.optional_instant("oldest_open_at")?,
                    reviews_last_week: fields.integer("last_week")?,
                    reviewers: reviewers.remove(&queue.id).unwrap_or_default(),
                    queue,
                })
            })
            .collect()
    }

    async fn reviewer_counts(&self, project: ProjectId) -> Result<BTreeMap<QueueId, Vec<ReviewerCount>>, StoreError> {
        let rows = sqlx::query(
            "select r.queue_id, r.reviewer, coalesce(a.name, r.reviewer) as name, count(*) as reviews
             from reviews r
             left join accounts a on a.id = r.reviewer
             where r.project_id = $1
             group by r.queue_id, r.reviewer, a.name
             order by count(*) desc, r.reviewer",
        )
        .bind(project.to_string())
        .fetch_all(self.reader())
        .await?;
        let mut counts: BTreeMap<QueueId, Vec<ReviewerCount>> = BTreeMap::new();
        for row in &rows {
            let fields = Fields::keyed("reviews", "reviewer", row);
            let count = ReviewerCount { name: fields.text("name")?, reviews: fields.integer("reviews")? };
            counts.entry(fields.parsed("queue_id")?).or_default().push(count);
        }
        Ok(counts)
    }

    /// How far a queue is, for one reviewer.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn queue_progress(
        &self,
        project: ProjectId,
        queue: QueueId,
        reviewer: &str,
    ) -> Result<Progress, StoreError> {
        let row = sqlx::query(
            "select $2 as queue_id,
                    (select count(*) from tasks where project_id = $1 and queue_id = $2 and state = 'done') as done,
                    (select count(*) from tasks where project_id = $1 and queue_id = $2 and state <> 'cancelled') as total,
                    (select count(*) from reviews where project_id = $1 and queue_id = $2 and reviewer = $3) as mine",
        )
        .bind(project.to_string())
        .bind(queue.to_string())
        .bind(reviewer)
        .fetch_one(self.reader())
        .await?;
        let fields = Fields::keyed("queues", "queue_id", &row);
        let mine = fields.integer("mine")?;
        Ok(Progress {
            done: fields.integer("done")?,
            total: fields.integer("total")?,
            mine,
            median_seconds: self.median_seconds(project, queue, reviewer).await?,
        })
    }

    /// The middle one of a reviewer's active times, rounded to seconds.
    async fn median_seconds(
        &self,
        project: ProjectId,
        queue: QueueId,
        reviewer: &str,
    ) -> Result<Option<i64>, StoreError> {
        let row = sqlx::query(
            "with mine as (
                 select active_ms, row_number() over (order by active_ms) as place, count(*) over () as total
                 from reviews
                 where project_id = $1
                   and queue_id = $2
                   and reviewer = $3
                   and active_ms is not null
             )
             select active_ms
             from mine
             where place = (total + 1) / 2",
        )
        .bind(project.to_string())
        .bind(queue.to_string())
        .bind(reviewer)
        .fetch_optional(self.reader())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let active_ms = Fields::keyed("reviews", "active_ms", &row).integer("active_ms")?;
        Ok(Some((active_ms + 500) / 1_000))
    }
}

impl Transaction {
    /// A new queue; `false` when its name is taken.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_queue(&mut self, project: ProjectId, queue: &Queue) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into queues (project_id, queue_id, name, instructions, rubric_id, overlap, task_order, blind,
                                 lease_seconds, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             on conflict (project_id, name) do nothing",
        )
        .bind(project.to_string())
        .bind(queue.id.to_string())
        .bind(queue.name.as_str())
        .bind(queue.instructions.as_str())
        .bind(queue.rubric.to_string())
        .bind(queue.overlap)
        .bind(queue.order.as_str())
        .bind(i64::from(queue.blind))
        .bind(queue.lease_seconds)
        .bind(queue.created_at.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Changed settings of a queue; `false` when its name is another queue's.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn update_queue(&mut self, project: ProjectId, queue: &Queue) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update queues
             set name = $3,
                 instructions = $4,
                 overlap = $5,
                 task_order = $6,
                 blind = $7,
                 lease_seconds = $8
             where project_id = $1
               and queue_id = $2
               and not exists (
                   select 1
                   from queues other
                   where other.project_id = $1
                     and other.name = $3
                     and other.queue_id <> $2
               )",
        )
        .bind(project.to_string())
        .bind(queue.id.to_string())
        .bind(queue.name.as_str())
        .bind(queue.instructions.as_str())
        .bind(queue.overlap)
        .bind(queue.order.as_str())
        .bind(i64::from(queue.blind))
        .bind(queue.lease_seconds)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// A queue whose settings do not change until the transaction ends.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lock_queue(&mut self, project: ProjectId, queue: QueueId) -> Result<Option<Queue>, StoreError> {
        let row = sqlx::query(
            "update queues
             set name = name
             where project_id = $1
               and queue_id = $2
             returning *",
        )
        .bind(project.to_string())
        .bind(queue.to_string())
        .fetch_optional(self.connection())
        .await?;
        row.map(|row| read(&Fields::keyed("queues", "queue_id", &row))).transpose()
    }

    /// A queue as it is.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn queue(&mut self, project: ProjectId, queue: QueueId) -> Result<Option<Queue>, StoreError> {
        let row = sqlx::query(
            "select *
             from queues
             where project_id = $1
               and queue_id = $2",
        )
        .bind(project.to_string())
        .bind(queue.to_string())
        .fetch_optional(self.connection())
        .await?;
        row.map(|row| read(&Fields::keyed("queues", "queue_id", &row))).transpose()
    }
}

fn read(fields: &Fields<'_>) -> Result<Queue, StoreError> {
    Ok(Queue {
        id: fields.parsed("queue_id")?,
        name: fields.text("name")?,
        instructions: fields.text("instructions")?,
        rubric: fields.parsed("rubric_id")?,
        overlap: fields.integer("overlap")?,
        order: fields.parsed("task_order")?,
        blind: fields.flag("blind")?,
        lease_seconds: fields.integer("lease_seconds")?,
        created_at: fields.instant("created_at")?,
    })
}
