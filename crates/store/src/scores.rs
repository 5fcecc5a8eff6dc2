//! Scores of sessions, turns and spans, from whatever source.

use std::collections::HashMap;

use sqlx::Row;
use sqlx::any::AnyRow;
use turnwise_model::evaluation::Evaluation;
use turnwise_model::filter::score_label;
use turnwise_model::score::{Score, Source, Target};
use turnwise_model::{ProjectId, ScoreId, SessionId, TurnId};

use crate::bulk::{Insert, SelectIn};
use crate::double::Double;
use crate::error::StoreError;
use crate::json;
use crate::row::Fields;
use crate::sessions::document;
use crate::span_body::storable;
use crate::statement::Statement;
use crate::store::Store;
use crate::transaction::Transaction;

pub(crate) const COLUMNS: &str =
    "score_id, session_id, turn_id, span_id, name, source, value, passed, evaluator_id, evaluator_version, author,
    rubric_version, exposure, active_ms, explanation, evidence, revision, stale, created_at";

impl Transaction {
    /// Writes a score; one with its id is replaced.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_score(&mut self, project: ProjectId, score: &Score) -> Result<(), StoreError> {
        self.put_scores(project, std::slice::from_ref(score), Origin::Given).await
    }

    /// Writes scores, each id once; those with their ids are replaced.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_scores(&mut self, project: ProjectId, scores: &[Score], origin: Origin) -> Result<(), StoreError> {
        const INSERT: Insert = Insert {
            into: "insert into scores (
                     project_id, score_id, session_id, turn_id, span_id, name, source, value, number, label, passed,
                     evaluator_id, evaluator_version, author, rubric_version, exposure, active_ms, explanation, evidence,
                     revision, stale, from_telemetry, created_at
                   )",
            columns: 23,
            then: "on conflict (project_id, score_id) do update
                   set session_id = excluded.session_id,
                       turn_id = excluded.turn_id,
                       span_id = excluded.span_id,
                       name = excluded.name,
                       source = excluded.source,
                       value = excluded.value,
                       number = excluded.number,
                       label = excluded.label,
                       passed = excluded.passed,
                       evaluator_id = excluded.evaluator_id,
                       evaluator_version = excluded.evaluator_version,
                       author = excluded.author,
                       rubric_version = excluded.rubric_version,
                       exposure = excluded.exposure,
                       active_ms = excluded.active_ms,
                       explanation = excluded.explanation,
                       evidence = excluded.evidence,
                       revision = excluded.revision,
                       stale = excluded.stale,
                       from_telemetry = excluded.from_telemetry,
                       created_at = excluded.created_at",
        };
        let documents = scores
            .iter()
            .map(|score| Ok((json::text(&score.value)?, json::text(&score.evidence)?)))
            .collect::<Result<Vec<_>, StoreError>>()?;
        let rows: Vec<(&Score, &(String, String))> = scores.iter().zip(&documents).collect();
        self.insert(&INSERT, &rows, |values, (score, (value, evidence))| {
            let span = if let Target::Span { span, .. } = &score.target { Some(span.as_str()) } else { None };
            values
                .add(project.to_string())
                .add(score.id.to_string())
                .add(score.target.session().to_string())
                .add(score.target.turn().map(|turn| turn.to_string()))
                .add(span)
                .add(storable(score.name.clone()))
                .add(score.source.as_str())
                .add(value.as_str())
                .add(Double(score.value.number().filter(|number| number.is_finite())))
                .add(score_label(&score.value).map(storable))
                .add(score.passed.map(i64::from))
                .add(score.evaluator.map(|evaluator| evaluator.to_string()))
                .add(score.evaluator_version.as_deref())
                .add(score.author.clone().map(storable))
                .add(score.rubric_version)
                .add(score.exposure.map(|exposure| exposure.as_str()))
                .add(score.active_ms)
                .add(score.explanation.clone().map(storable))
                .add(evidence.as_str())
                .add(score.revision)
                .add(i64::from(score.stale))
                .add(i64::from(origin == Origin::Telemetry))
                .add(score.created_at.0);
        })
        .await?;
        Ok(())
    }

    /// The ids of the scores of sessions that came on spans.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn scores_from_telemetry(
        &mut self,
        project: ProjectId,
        sessions: &[SessionId],
    ) -> Result<HashMap<SessionId, Vec<ScoreId>>, StoreError> {
        const SELECT: SelectIn<'_> = SelectIn {
            select: "select session_id, score_id from scores where project_id = {} and from_telemetry = 1 and session_id in",
            then: "",
        };
        let rows = self.rows_of_sessions(&SELECT, project, sessions).await?;
        let mut found: HashMap<SessionId, Vec<ScoreId>> = HashMap::new();
        for row in &rows {
            let fields = Fields::keyed("scores", "score_id", row);
            found.entry(fields.parsed("session_id")?).or_default().push(fields.parsed("score_id")?);
        }
        Ok(found)
    }

    /// Removes a score of a session. If it has moved to another one meanwhile, it stays.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_score(
        &mut self,
        project: ProjectId,
        session: SessionId,
        score: ScoreId,
    ) -> Result<(), StoreError> {
        sqlx::query("delete from scores where project_id = $1 and session_id = $2 and score_id = $3")
            .bind(project.to_string())
            .bind(session.to_string())
            .bind(score.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Marks judgements stale whose target changed: those about the whole session when `turn` is `None`, else those about
    /// the turn and its spans. What the user of the application said stays true whatever came after.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn mark_stale(
        &mut self,
        project: ProjectId,
        session: SessionId,
        turn: Option<TurnId>,
    ) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "update scores
             set stale = 1
             where project_id = $1
               and session_id = $2
               and stale = 0
               and from_telemetry = 0
               and source <> $4
               and ((turn_id is null and span_id is null and $3 = '') or turn_id = $3)",
        )
        .bind(project.to_string())
        .bind(session.to_string())
        .bind(turn.map(|turn| turn.to_string()).unwrap_or_default())
        .bind(Source::User.as_str())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }

    /// Makes the scores of one evaluation the ones that count of its evaluator on a session: `keep` are its ids. What an
    /// earlier run of the same version on the same revision wrote besides goes, all others are marked stale.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn supersede_scores(
        &mut self,
        project: ProjectId,
        evaluation: &Evaluation,
        keep: &[ScoreId],
    ) -> Result<(), StoreError> {
        let session = evaluation.target.session();
        for (change, same) in [("delete from scores", true), ("update scores set stale = 1", false)] {
            let mut statement = Statement::new(change);
            statement
                .push(" where project_id = ")
                .value(project.to_string())
                .push(" and session_id = ")
                .value(session.to_string())
                .push(" and evaluator_id = ")
                .value(evaluation.evaluator.to_string())
                .push(if same { " and revision = " } else { " and stale = 0 and (revision <> " })
                .value(evaluation.revision)
                .push(if same { " and evaluator_version = " } else { " or evaluator_version <> " })
                .value(evaluation.evaluator_version.clone())
                .push(if same { "" } else { ")" })
                .push(" and score_id not in ")
                .list(keep.iter().map(ToString::to_string).chain(std::iter::once(String::new())));
            statement.query()?.execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Lets the scores of an earlier evaluation count again, and no other of its evaluator on that session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revive_scores(&mut self, project: ProjectId, earlier: &Evaluation) -> Result<(), StoreError> {
        sqlx::query(
            "update scores
             set stale = case when evaluator_version = $4 and revision = $5 then 0 else 1 end
             where project_id = $1
               and session_id = $2
               and evaluator_id = $3",
        )
        .bind(project.to_string())
        .bind(earlier.target.session().to_string())
        .bind(earlier.evaluator.to_string())
        .bind(earlier.evaluator_version.as_str())
        .bind(earlier.revision)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

/// Where a score comes from, which decides who may take it away again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Somebody or something gave it.
    Given,
    /// It came on a span, and goes when the span no longer says it.
    Telemetry,
}

impl Store {
    /// All scores of a session, stale ones included, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn scores_of_session(&self, project: ProjectId, session: SessionId) -> Result<Vec<Score>, StoreError> {
        Ok(self.scores_of_sessions(project, &[session]).await?.remove(&session).unwrap_or_default())
    }

    /// All scores of sessions, stale ones included, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn scores_of_sessions(
        &self,
        project: ProjectId,
        sessions: &[SessionId],
    ) -> Result<HashMap<SessionId, Vec<Score>>, StoreError> {
        let select = format!("select {COLUMNS} from scores where project_id = {{}} and session_id in");
        let rows = self.rows_of_sessions(&select, project, sessions).await?;
        let mut found: HashMap<SessionId, Vec<Score>> = HashMap::new();
        for row in &rows {
            let score = read_score(row)?;
            found.entry(score.target.session()).or_default().push(score);
        }
        for scores in found.values_mut() {
            scores.sort_by_key(|score| (score.created_at, score.id));
        }
        Ok(found)
    }
}

/// A score from a row with [`COLUMNS`].
pub(crate) fn read_score(row: &AnyRow) -> Result<Score, StoreError> {
    let fields = Fields::keyed("scores", "score_id", row);
    let session = fields.parsed("session_id")?;
    let turn = fields.optional_parsed("turn_id")?;
    let target = match (turn, fields.optional_text("span_id")?) {
        (turn, Some(span)) => Target::Span { session, turn, span },
        (Some(turn), None) => Target::Turn { session, turn },
        (None, None) => Target::Session { session },
    };
    Ok(Score {
        id: fields.parsed("score_id")?,
        target,
        name: fields.text("name")?,
        value: document(&fields, "value")?,
        passed: row.try_get::<Option<i64>, _>("passed")?.map(|passed| passed != 0),
        source: fields.parsed("source")?,
        evaluator: fields.optional_parsed("evaluator_id")?,
        evaluator_version: fields.optional_text("evaluator_version")?,
        author: fields.optional_text("author")?,
        rubric_version: row.try_get("rubric_version")?,
        exposure: fields.optional_parsed("exposure")?,
        active_ms: row.try_get("active_ms")?,
        explanation: fields.optional_text("explanation")?,
        evidence: document(&fields, "evidence")?,
        revision: fields.integer("revision")?,
        stale: fields.integer("stale")? != 0,
        created_at: fields.instant("created_at")?,
    })
}
