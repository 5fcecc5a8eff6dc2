//! [`Snapshot`]: one state of a project's conversations and judgements, read page by page while others go on writing.
//!
//! SQLite keeps what the snapshot sees in its write-ahead log, PostgreSQL in its rows: hold one no longer than needed.

use std::collections::{HashMap, HashSet};

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe, Executor};
use turnwise_model::conversation::{Session, Turn};
use turnwise_model::filter::{Filter, SqlCondition};
use turnwise_model::queue::Review;
use turnwise_model::score::Score;
use turnwise_model::view::review::ReviewRow;
use turnwise_model::{
    EvaluatorId, Micros, Probability, ProjectId, QueueId, RubricId, RuleId, ScoreId, SessionId, TurnId,
};

use crate::bulk::{SelectIn, Values};
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::filtered::bind_filter;
use crate::row::Fields;
use crate::scores::{COLUMNS as SCORE_COLUMNS, read_score};
use crate::sessions::{COLUMNS, read_session};
use crate::store::Store;
use crate::tasks;
use crate::turns::read_turn;

/// One state of the sessions that match a filter.
pub struct Snapshot {
    transaction: sqlx::Transaction<'static, Any>,
    dialect: Dialect,
    project: ProjectId,
    condition: SqlCondition,
    taken_at: Micros,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot")
            .field("project", &self.project)
            .field("taken_at", &self.taken_at)
            .finish_non_exhaustive()
    }
}

/// The least that is known of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionName {
    /// Its id.
    pub id: SessionId,
    /// What the client calls it.
    pub external_id: String,
    /// Its revision.
    pub revision: i64,
}

/// How an evaluator came to judge a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// The session.
    pub session: SessionId,
    /// Its revision.
    pub revision: i64,
    /// The evaluator.
    pub evaluator: EvaluatorId,
    /// Content hash of its version.
    pub evaluator_version: String,
    /// The rule that asked, or `None` when a person did.
    pub rule: Option<RuleId>,
    /// Version of that rule.
    pub rule_version: Option<i64>,
    /// Probability with which the rule took the session.
    pub probability: Option<Probability>,
    /// Stratum of the draw.
    pub stratum: Option<String>,
}

/// What ids are called in a project.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Evaluators.
    pub evaluators: HashMap<EvaluatorId, String>,
    /// Numbers of evaluators' versions by content hash.
    pub evaluator_numbers: HashMap<(EvaluatorId, String), i64>,
    /// Rules.
    pub rules: HashMap<RuleId, String>,
    /// Queues.
    pub queues: HashMap<QueueId, String>,
    /// Rubrics.
    pub rubrics: HashMap<RubricId, String>,
    /// The rubrics of queues.
    pub rubric_of_queue: HashMap<QueueId, RubricId>,
    /// People who reviewed, by account.
    pub reviewers: HashMap<String, String>,
}

impl Store {
    /// Takes a snapshot. It holds a connection until it is dropped.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn snapshot(&self, project: ProjectId, filter: &Filter) -> Result<Snapshot, StoreError> {
        let mut transaction = self.reader().begin().await?;
        if self.engine() == Dialect::Postgres {
            transaction.execute("set transaction isolation level repeatable read, read only").await?;
        }
        // The first statement is what fixes the state.
        let taken_at = self.ambient().now();
        sqlx::query("select 1 from sessions where project_id = $1 limit 1")
            .bind(project.to_string())
            .fetch_optional(&mut *transaction)
            .await?;
        let condition = self.condition(filter, 2);
        Ok(Snapshot { transaction, dialect: self.engine(), project, condition, taken_at })
    }
}

impl Snapshot {
    /// Whose it is.
    #[must_use]
    pub const fn project(&self) -> ProjectId {
        self.project
    }

    /// When it was taken.
    #[must_use]
    pub const fn taken_at(&self) -> Micros {
        self.taken_at
    }

    /// How many sessions match.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_sessions(&mut self) -> Result<i64, StoreError> {
        let row = self.matching("count(*) as sessions", "")?.fetch_one(&mut *self.transaction).await?;
        Fields::keyed("sessions", "sessions", &row).integer("sessions")
    }

    /// The next sessions that match, by id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sessions(&mut self, after: Option<SessionId>, limit: u32) -> Result<Vec<Session>, StoreError> {
        self.page(COLUMNS, after, limit).await?.iter().map(read_session).collect()
    }

    /// The next sessions that match, by id, of which only the names are needed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session_names(
        &mut self,
        after: Option<SessionId>,
        limit: u32,
    ) -> Result<Vec<SessionName>, StoreError> {
        let rows = self.page("s.session_id, s.external_id, s.revision", after, limit).await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("sessions", "session_id", row);
                Ok(SessionName {
                    id: fields.parsed("session_id")?,
                    external_id: fields.text("external_id")?,
                    revision: fields.integer("revision")?,
                })
            })
            .collect()
    }

    /// All scores of sessions, stale ones included, each session's oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn scores(&mut self, sessions: &[SessionId]) -> Result<HashMap<SessionId, Vec<Score>>, StoreError> {
        let select = format!("select {SCORE_COLUMNS} from scores where project_id = {{}} and session_id in");
        let rows = self.of_sessions(&select, sessions).await?;
        let mut found: HashMap<SessionId, Vec<Score>> = HashMap::with_capacity(sessions.len());
        for row in &rows {
            let score = read_score(row)?;
            found.entry(score.target.session()).or_default().push(score);
        }
        for scores in found.values_mut() {
            scores.sort_by_key(|score| (score.created_at, score.id));
        }
        Ok(found)
    }

    /// The turns of sessions, in order.
    ///
    /// # Errors
    /// When the database does not answer or a turn cannot be read.
    pub async fn turns(&mut self, sessions: &[SessionId]) -> Result<HashMap<SessionId, Vec<Turn>>, StoreError> {
        const SELECT: &str =
            "select session_id, turn_id, position, body from turns where project_id = {} and session_id in";
        let rows = self.of_sessions(SELECT, sessions).await?;
        let mut found: HashMap<SessionId, Vec<Turn>> = HashMap::with_capacity(sessions.len());
        for row in &rows {
            let (session, turn) = read_turn(row)?;
            found.entry(session).or_default().push(turn);
        }
        for turns in found.values_mut() {
            turns.sort_by_key(|turn| turn.position);
        }
        Ok(found)
    }

    /// The positions of the turns of sessions.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn positions(&mut self, sessions: &[SessionId]) -> Result<HashMap<TurnId, i64>, StoreError> {
        const SELECT: &str = "select turn_id, position from turns where project_id = {} and session_id in";
        let rows = self.of_sessions(SELECT, sessions).await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("turns", "turn_id", row);
                Ok((fields.parsed("turn_id")?, fields.integer("position")?))
            })
            .collect()
    }

    /// How the evaluators came to judge sessions.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn designs(&mut self, sessions: &[SessionId]) -> Result<Vec<Design>, StoreError> {
        const SELECT: &str =
            "select session_id, revision, evaluator_id, evaluator_version, rule_id, rule_version, probability, stratum
             from evaluations
             where project_id = {} and session_id in";
        let rows = self.of_sessions(SELECT, sessions).await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("evaluations", "session_id", row);
                let probability = fields.optional_real("probability")?.map(Probability::new).transpose();
                Ok(Design {
                    session: fields.parsed("session_id")?,
                    revision: fields.integer("revision")?,
                    evaluator: fields.parsed("evaluator_id")?,
                    evaluator_version: fields.text("evaluator_version")?,
                    rule: fields.optional_parsed("rule_id")?,
                    rule_version: fields.optional_integer("rule_version")?,
                    probability: probability.map_err(|error| fields.impossible("probability", error))?,
                    stratum: fields.optional_text("stratum")?,
                })
            })
            .collect()
    }

    /// The strata into which rules put sessions: by rule, session and revision.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn strata(
        &mut self,
        sessions: &[SessionId],
    ) -> Result<HashMap<(RuleId, SessionId, i64), String>, StoreError> {
        const SELECT: &str = "select rule_id, session_id, revision, stratum
             from rule_decisions
             where stratum is not null and project_id = {} and session_id in";
        let rows = self.of_sessions(SELECT, sessions).await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("rule_decisions", "session_id", row);
                let key = (fields.parsed("rule_id")?, fields.parsed("session_id")?, fields.integer("revision")?);
                Ok((key, fields.text("stratum")?))
            })
            .collect()
    }

    /// The reviews of tasks about sessions, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reviews(&mut self, sessions: &[SessionId]) -> Result<Vec<ReviewRow>, StoreError> {
        const SELECT: &str =
            "select r.review_id, r.reviewer, r.answers, r.rubric_id, r.rubric_version as answered_version, r.exposure,
                    r.active_ms, r.created_at as reviewed_at, t.*
             from tasks t
             join reviews r on r.project_id = t.project_id and r.task_id = t.task_id
             where t.project_id = {} and t.session_id in";
        let rows = self.of_sessions(SELECT, sessions).await?;
        let mut reviews = rows
            .iter()
            .map(|row| {
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
                Ok(ReviewRow { reviewer_name: review.reviewer.clone(), review, task })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        reviews.sort_by_key(|row| (row.task.target.session(), row.review.created_at, row.review.id));
        Ok(reviews)
    }

    /// The stale ones among the scores that people's answers about sessions became.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stale_answers(&mut self, sessions: &[SessionId]) -> Result<HashSet<ScoreId>, StoreError> {
        const SELECT: &str =
            "select score_id from scores where source = 'human' and stale = 1 and project_id = {} and session_id in";
        let rows = self.of_sessions(SELECT, sessions).await?;
        rows.iter().map(|row| Fields::keyed("scores", "score_id", row).parsed("score_id")).collect()
    }

    /// What ids are called.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn names(&mut self) -> Result<Names, StoreError> {
        let mut names = Names::default();
        for row in &self.all("select evaluator_id, name from evaluators where project_id = $1").await? {
            let fields = Fields::keyed("evaluators", "evaluator_id", row);
            names.evaluators.insert(fields.parsed("evaluator_id")?, fields.text("name")?);
        }
        let versions = "select evaluator_id, version, content_hash from evaluator_versions where project_id = $1";
        for row in &self.all(versions).await? {
            let fields = Fields::keyed("evaluator_versions", "evaluator_id", row);
            let key = (fields.parsed("evaluator_id")?, fields.text("content_hash")?);
            names.evaluator_numbers.insert(key, fields.integer("version")?);
        }
        for row in &self.all("select rule_id, name from rules where project_id = $1").await? {
            let fields = Fields::keyed("rules", "rule_id", row);
            names.rules.insert(fields.parsed("rule_id")?, fields.text("name")?);
        }
        for row in &self.all("select queue_id, name, rubric_id from queues where project_id = $1").await? {
            let fields = Fields::keyed("queues", "queue_id", row);
            let queue = fields.parsed("queue_id")?;
            names.queues.insert(queue, fields.text("name")?);
            names.rubric_of_queue.insert(queue, fields.parsed("rubric_id")?);
        }
        for row in &self.all("select rubric_id, name from rubrics where project_id = $1").await? {
            let fields = Fields::keyed("rubrics", "rubric_id", row);
            names.rubrics.insert(fields.parsed("rubric_id")?, fields.text("name")?);
        }
        let people = "select a.id, a.name
             from accounts a
             where a.id in (select r.reviewer from reviews r where r.project_id = $1)";
        for row in &self.all(people).await? {
            let fields = Fields::of("accounts", row);
            names.reviewers.insert(fields.text("id")?, fields.text("name")?);
        }
        Ok(names)
    }

    async fn all(&mut self, sql: &'static str) -> Result<Vec<AnyRow>, StoreError> {
        Ok(sqlx::query(sql).bind(self.project.to_string()).fetch_all(&mut *self.transaction).await?)
    }

    async fn of_sessions(&mut self, select: &str, sessions: &[SessionId]) -> Result<Vec<AnyRow>, StoreError> {
        if sessions.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<String> = sessions.iter().map(ToString::to_string).collect();
        let project = self.project.to_string();
        let first = |values: &mut Values| {
            values.add(project.clone());
        };
        SelectIn { select, then: "" }.rows(self.dialect, &mut self.transaction, first, &keys).await
    }

    async fn page(&mut self, columns: &str, after: Option<SessionId>, limit: u32) -> Result<Vec<AnyRow>, StoreError> {
        let place = 2 + self.condition.parameters.len();
        let beyond = after.map_or_else(String::new, |_| format!("and s.session_id > ${place}"));
        let mut query = self.matching(columns, &format!("{beyond} order by s.session_id limit {limit}"))?;
        if let Some(after) = after {
            query = query.bind(after.to_string());
        }
        Ok(query.fetch_all(&mut *self.transaction).await?)
    }

    fn matching(&self, columns: &str, then: &str) -> Result<Query<'static, Any, AnyArguments>, StoreError> {
        let sql =
            format!("select {columns} from sessions s where s.project_id = $1 and {} {then}", self.condition.text);
        let query = sqlx::query(AssertSqlSafe(sql)).bind(self.project.to_string());
        Ok(bind_filter(query, self.condition.parameters.clone()))
    }
}
