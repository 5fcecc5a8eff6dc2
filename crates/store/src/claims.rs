//! Claims, drafts and skips: who works on which task.

use turnwise_model::queue::Claim;
use turnwise_model::rubric::Answers;
use turnwise_model::{ClaimId, Micros, ProjectId, QueueId, TaskId};

use crate::error::StoreError;
use crate::json;
use crate::row::Fields;
use crate::statement::Statement;
use crate::store::Store;
use crate::transaction::Transaction;

/// A claim to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewClaim {
    /// Its id.
    pub id: ClaimId,
    /// The queue of the task.
    pub queue: QueueId,
    /// The task.
    pub task: TaskId,
    /// Who claims it: an account's id, or a program's name.
    pub reviewer: String,
    /// When it lapses unless renewed.
    pub expires_at: Micros,
    /// When it is made.
    pub created_at: Micros,
}

/// A claim as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldClaim {
    /// The claim.
    pub claim: Claim,
    /// The queue of the task.
    pub queue: QueueId,
    /// When it was made.
    pub created_at: Micros,
}

impl HeldClaim {
    /// Whether it is this reviewer's, and the token is its newest.
    #[must_use]
    pub fn is(&self, reviewer: &str, fence: i64) -> bool {
        self.claim.reviewer == reviewer && self.claim.fence == fence
    }
}

impl Store {
    /// Answers that a reviewer began on a task and did not submit.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn draft(&self, project: ProjectId, task: TaskId, reviewer: &str) -> Result<Option<Answers>, StoreError> {
        let row = sqlx::query(
            "select task_id, answers
             from drafts
             where project_id = $1
               and task_id = $2
               and reviewer = $3",
        )
        .bind(project.to_string())
        .bind(task.to_string())
        .bind(reviewer)
        .fetch_optional(self.reader())
        .await?;
        row.map(|row| Fields::keyed("drafts", "task_id", &row).json("answers")).transpose()
    }
}

impl Transaction {
    /// A claim by its id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim(&mut self, project: ProjectId, claim: ClaimId) -> Result<Option<HeldClaim>, StoreError> {
        let row = sqlx::query(
            "select *
             from claims
             where project_id = $1
               and claim_id = $2",
        )
        .bind(project.to_string())
        .bind(claim.to_string())
        .fetch_optional(self.connection())
        .await?;
        row.map(|row| read_held(&Fields::keyed("claims", "claim_id", &row))).transpose()
    }

    /// A claim in a queue that a reviewer holds, other than on the task `besides`; the oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held_claim(
        &mut self,
        project: ProjectId,
        queue: QueueId,
        reviewer: &str,
        besides: Option<TaskId>,
        now: Micros,
    ) -> Result<Option<HeldClaim>, StoreError> {
        let mut statement = Statement::new("select * from claims where project_id = ");
        statement
            .value(project.to_string())
            .push(" and queue_id = ")
            .value(queue.to_string())
            .push(" and reviewer = ")
            .value(reviewer.to_owned())
            .push(" and expires_at > ")
            .value(now.0);
        if let Some(besides) = besides {
            statement.push(" and task_id <> ").value(besides.to_string());
        }
        statement.push(" order by created_at, claim_id limit 1");
        let row = statement.query()?.fetch_optional(self.connection()).await?;
        row.map(|row| read_held(&Fields::keyed("claims", "claim_id", &row))).transpose()
    }

    /// How many others hold a task.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claims_of_others(
        &mut self,
        project: ProjectId,
        task: TaskId,
        reviewer: &str,
        now: Micros,
    ) -> Result<i64, StoreError> {
        let row = sqlx::query(
            "select count(*) as held
             from claims
             where project_id = $1
               and task_id = $2
               and reviewer <> $3
               and expires_at > $4",
        )
        .bind(project.to_string())
        .bind(task.to_string())
        .bind(reviewer)
        .bind(now.0)
        .fetch_one(self.connection())
        .await?;
        Fields::keyed("claims", "held", &row).integer("held")
    }

    /// Makes a claim with a new fencing token. An older claim of the same reviewer on the task becomes this one: it keeps
    /// its id, and its older token is void.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_claim(&mut self, project: ProjectId, new: &NewClaim) -> Result<Claim, StoreError> {
        let row = sqlx::query(
            "update tasks
             set fence = fence + 1
             where project_id = $1
               and task_id = $2
             returning task_id, fence",
        )
        .bind(project.to_string())
        .bind(new.task.to_string())
        .fetch_one(self.connection())
        .await?;
        let fence = Fields::keyed("tasks", "task_id", &row).integer("fence")?;
        let row = sqlx::query(
            "insert into claims (project_id, claim_id, queue_id, task_id, reviewer, fence, expires_at, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (project_id, task_id, reviewer) do update
             set fence = excluded.fence,
                 expires_at = excluded.expires_at,
                 created_at = excluded.created_at
             returning *",
        )
        .bind(project.to_string())
        .bind(new.id.to_string())
        .bind(new.queue.to_string())
        .bind(new.task.to_string())
        .bind(new.reviewer.as_str())
        .bind(fence)
        .bind(new.expires_at.0)
        .bind(new.created_at.0)
        .fetch_one(self.connection())
        .await?;
        read(&Fields::keyed("claims", "claim_id", &row))
    }

    /// Lets a claim hold longer.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn extend_claim(
        &mut self,
        project: ProjectId,
        claim: ClaimId,
        expires_at: Micros,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update claims
             set expires_at = $3
             where project_id = $1
               and claim_id = $2",
        )
        .bind(project.to_string())
        .bind(claim.to_string())
        .bind(expires_at.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Ends a claim.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_claim(&mut self, project: ProjectId, claim: ClaimId) -> Result<(), StoreError> {
        sqlx::query(
            "delete from claims
             where project_id = $1
               and claim_id = $2",
        )
        .bind(project.to_string())
        .bind(claim.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Keeps answers that are not submitted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_draft(
        &mut self,
        project: ProjectId,
        task: TaskId,
        reviewer: &str,
        answers: &Answers,
        now: Micros,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into drafts (project_id, task_id, reviewer, answers, updated_at)
             values ($1, $2, $3, $4, $5)
             on conflict (project_id, task_id, reviewer) do update
             set answers = excluded.answers,
                 updated_at = excluded.updated_at",
        )
        .bind(project.to_string())
        .bind(task.to_string())
        .bind(reviewer)
        .bind(json::text(answers)?)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Notes that a draft is of an answer that was given once and taken back.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn draft_now_revises(
        &mut self,
        project: ProjectId,
        task: TaskId,
        reviewer: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update drafts
             set revises = 1
             where project_id = $1
               and task_id = $2
               and reviewer = $3",
        )
        .bind(project.to_string())
        .bind(task.to_string())
        .bind(reviewer)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Forgets answers that are submitted. Says whether they were given once before and taken back.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_draft(&mut self, project: ProjectId, task: TaskId, reviewer: &str) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "delete from drafts
             where project_id = $1
               and task_id = $2
               and reviewer = $3
             returning revises",
        )
        .bind(project.to_string())
        .bind(task.to_string())
        .bind(reviewer)
        .fetch_optional(self.connection())
        .await?;
        Ok(match row {
            Some(row) => Fields::keyed("drafts", "revises", &row).flag("revises")?,
            None => false,
        })
    }

    /// Notes that a reviewer does not want a task.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_skip(
        &mut self,
        project: ProjectId,
        task: TaskId,
        reviewer: &str,
        now: Micros,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into skips (project_id, task_id, reviewer, created_at)
             values ($1, $2, $3, $4)
             on conflict (project_id, task_id, reviewer) do nothing",
        )
        .bind(project.to_string())
        .bind(task.to_string())
        .bind(reviewer)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

fn read_held(fields: &Fields<'_>) -> Result<HeldClaim, StoreError> {
    Ok(HeldClaim { claim: read(fields)?, queue: fields.parsed("queue_id")?, created_at: fields.instant("created_at")? })
}

fn read(fields: &Fields<'_>) -> Result<Claim, StoreError> {
    Ok(Claim {
        id: fields.parsed("claim_id")?,
        task: fields.parsed("task_id")?,
        reviewer: fields.text("reviewer")?,
        fence: fields.integer("fence")?,
        expires_at: fields.instant("expires_at")?,
    })
}
