//! The SQL against the plain evaluator, on SQLite, with hostile sessions and hostile filters.

use proptest::prelude::*;
use proptest::test_runner::{TestCaseResult, TestRunner};
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};
use turnwise_model::filter::{Filter, FilterSubject, SqlDialect, SqlValue, duration_ms, score_label, searchable};

use super::strategies::{self, NOW, Stored};

const PROJECT: &str = "p1";
const OTHER_PROJECT: &str = "p2";

/// The columns that filters use, as the migrations have them.
const SCHEMA: &str = "
create table sessions (
    project_id text not null, session_id text not null, external_id text not null, user_id text, status text not null,
    end_reason text, revision bigint not null, environment text, release text, started_at bigint not null,
    last_activity_at bigint not null, turn_count bigint not null, span_count bigint not null,
    tool_call_count bigint not null, error_count bigint not null, input_tokens bigint, output_tokens bigint,
    cost_usd double precision, latency_ms bigint, duration_ms bigint not null, primary key (project_id, session_id)
);
create table session_attributes (
    project_id text not null, session_id text not null, key text not null, text text not null,
    number double precision, primary key (project_id, session_id, key, text)
);
create table scores (
    project_id text not null, score_id text not null, session_id text not null, name text not null,
    source text not null, number double precision, label text, passed bigint, stale bigint not null,
    primary key (project_id, score_id)
);
create virtual table session_search using fts5
    (project_id unindexed, session_id unindexed, body, tokenize = 'unicode61 remove_diacritics 0');
";

async fn database() -> SqlitePool {
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    sqlx::raw_sql(SCHEMA).execute(&pool).await.unwrap();
    pool
}

fn subject(stored: &Stored) -> FilterSubject<'_> {
    FilterSubject {
        session: &stored.session,
        tools: stored.tools.clone(),
        models: stored.models.clone(),
        scores: &stored.scores,
        text: stored.text.clone(),
    }
}

/// Writes a session as the store does.
async fn write(pool: &SqlitePool, project: &str, stored: &Stored) {
    let session = &stored.session;
    let id = session.id.to_string();
    sqlx::query(
        "insert into sessions values
         ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
    )
    .bind(project)
    .bind(&id)
    .bind(&session.external_id)
    .bind(&session.user_id)
    .bind(session.status.as_str())
    .bind(session.end_reason.as_ref().map(|reason| reason.as_str()))
    .bind(session.revision)
    .bind(&session.environment)
    .bind(&session.release)
    .bind(session.started_at.0)
    .bind(session.last_activity_at.0)
    .bind(session.turn_count)
    .bind(session.span_count)
    .bind(session.tool_call_count)
    .bind(session.error_count)
    .bind(session.tokens.input)
    .bind(session.tokens.output)
    .bind(session.cost_usd.map(|cost| cost.0))
    .bind(session.latency_ms)
    .bind(duration_ms(session))
    .execute(pool)
    .await
    .unwrap();
    for row in subject(stored).attributes() {
        let insert = sqlx::query("insert into session_attributes values ($1, $2, $3, $4, $5)");
        insert.bind(project).bind(&id).bind(row.key).bind(row.text).bind(row.number).execute(pool).await.unwrap();
    }
    for score in &stored.scores {
        sqlx::query("insert into scores values ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
            .bind(project)
            .bind(score.id.to_string())
            .bind(&id)
            .bind(&score.name)
            .bind(score.source.as_str())
            .bind(score.value.number().filter(|number| number.is_finite()))
            .bind(score_label(&score.value))
            .bind(score.passed.map(i64::from))
            .bind(i64::from(score.stale))
            .execute(pool)
            .await
            .unwrap();
    }
    let insert = sqlx::query("insert into session_search values ($1, $2, $3)");
    insert.bind(project).bind(&id).bind(searchable(&stored.text)).execute(pool).await.unwrap();
}

/// The client's ids of the sessions that the SQL finds.
async fn found(pool: &SqlitePool, filter: &Filter) -> Result<Vec<String>, sqlx::Error> {
    let condition = filter.to_sql(NOW, SqlDialect::Sqlite, 2);
    let sql = format!("select s.external_id from sessions s where s.project_id = $1 and {} order by 1", condition.text);
    let mut query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(PROJECT);
    for parameter in condition.parameters {
        query = match parameter {
            SqlValue::Text(text) => query.bind(text),
            SqlValue::Integer(number) => query.bind(number),
            SqlValue::Real(number) => query.bind(number),
        };
    }
    query.fetch_all(pool).await
}

fn expected(sessions: &[Stored], filter: &Filter) -> Vec<String> {
    let matching = sessions.iter().filter(|stored| filter.matches(&subject(stored), NOW));
    matching.map(|stored| stored.session.external_id.clone()).collect()
}

async fn agree(sessions: Vec<Stored>, filters: Vec<String>) -> TestCaseResult {
    let pool = database().await;
    for (at, stored) in sessions.iter().enumerate() {
        write(&pool, PROJECT, stored).await;
        // The same session ids in another project, with the neighbour's contents: they must never be seen.
        let neighbour = &sessions[(at + 1) % sessions.len()];
        let mut foreign = Stored { session: neighbour.session.clone(), ..neighbour.clone() };
        foreign.session.id = stored.session.id;
        foreign.session.external_id.clone_from(&stored.session.external_id);
        write(&pool, OTHER_PROJECT, &foreign).await;
    }
    for text in filters {
        let filter = Filter::parse(&text).unwrap();
        let by_sql = found(&pool, &filter).await;
        prop_assert!(by_sql.is_ok(), "{text}\n{:?}", by_sql);
        prop_assert_eq!(
            by_sql.unwrap(),
            expected(&sessions, &filter),
            "{}\n{:?}",
            text,
            filter.to_sql(NOW, SqlDialect::Sqlite, 2)
        );
    }
    Ok(())
}

#[test]
fn the_sql_finds_what_the_evaluator_finds() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() });
    let cases = (strategies::sessions(), prop::collection::vec(strategies::filter(), 1..20));
    runner.run(&cases, |(sessions, filters)| runtime.block_on(agree(sessions, filters))).unwrap();
}
