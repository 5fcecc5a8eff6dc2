//! What lists of sessions can be narrowed by: counts of values among those that match, and values that filters can name.

use sqlx::AssertSqlSafe;
use turnwise_model::ProjectId;
use turnwise_model::filter::{Filter, KnownValues};
use turnwise_model::view::session::{FacetCount, Facets, ScoreFacet};

use crate::error::StoreError;
use crate::filtered::bind_filter;
use crate::row::Fields;
use crate::session_list::BY_ACTIVITY;
use crate::store::Store;

impl Store {
    /// What filters can ask for in this project, as the most recent `sessions` sessions tell: values of fields, keys of
    /// metadata and names of scores, the most frequent first, up to 2,000 values.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn known_values(&self, project: ProjectId, sessions: u32) -> Result<KnownValues, StoreError> {
        let sql = format!(
            "with recent as (
                 select session_id, environment, end_reason, release
                 from sessions
                 where project_id = $1
                 order by last_activity_at desc, session_id desc
                 limit {sessions}
             )
             select key, text, sessions
             from (
                 select a.key, a.text, count(*) as sessions
                 from recent r
                 join session_attributes a on a.project_id = $1 and a.session_id = r.session_id
                 group by a.key, a.text
                 union all
                 select 'environment', environment, count(*)
                 from recent
                 where environment is not null
                 group by environment
                 union all
                 select 'end_reason', end_reason, count(*)
                 from recent
                 where end_reason is not null
                 group by end_reason
                 union all
                 select 'release', release, count(*)
                 from recent
                 where release is not null
                 group by release
                 union all
                 select 'score.' || c.name, coalesce(c.label, ''), count(*)
                 from recent r
                 join scores c on c.project_id = $1 and c.session_id = r.session_id
                 where c.stale = 0
                 group by c.name, coalesce(c.label, '')
             ) as found
             order by sessions desc, key, text
             limit 2000"
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(project.to_string()).fetch_all(self.reader()).await?;
        let mut known = KnownValues::default();
        for row in &rows {
            let fields = Fields::keyed("session_attributes", "key", row);
            let (key, text) = (fields.text("key")?, fields.text("text")?);
            let names = match key.split_once('.') {
                Some(("score", name)) => Some((&mut known.score_names, name)),
                Some(("metadata", name)) => Some((&mut known.metadata_keys, name)),
                _ => None,
            };
            if let Some((names, name)) = names
                && !names.iter().any(|other| other == name)
            {
                names.push(name.to_owned());
            }
            if !text.is_empty() {
                known.values.entry(key).or_default().push(text);
            }
        }
        Ok(known)
    }

    /// What the most recent of the sessions that match can be narrowed by.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session_facets(&self, project: ProjectId, filter: &Filter) -> Result<Facets, StoreError> {
        let (condition, by) = self.quick_condition(project, filter, BY_ACTIVITY, 2).await?;
        let sql = format!(
            "with matched as (
                 select s.session_id, s.environment, s.end_reason, s.status, s.error_count
                 from sessions s
                 where s.project_id = $1
                   and {}
                 order by {by} desc, s.session_id desc
                 limit {}
             ),
             judged as (
                 select c.name, c.session_id, min(c.passed) as passed
                 from matched m
                 join scores c on c.project_id = $1 and c.session_id = m.session_id
                 where c.stale = 0
                   and c.passed is not null
                 group by c.name, c.session_id
             )
             select 'sessions' as facet, '' as value, count(*) as sessions, 0 as passed
             from matched
             union all
             select 'errors', '', count(*), 0
             from matched
             where error_count > 0
             union all
             select 'open', '', count(*), 0
             from matched
             where status = 'open'
             union all
             select 'environment', environment, count(*), 0
             from matched
             where environment is not null
             group by environment
             union all
             select 'end_reason', end_reason, count(*), 0
             from matched
             where end_reason is not null
             group by end_reason
             union all
             select a.key, a.text, count(*), 0
             from matched m
             join session_attributes a on a.project_id = $1 and a.session_id = m.session_id
             where a.key in ('tag', 'model', 'metadata.channel', 'metadata.session.channel')
             group by a.key, a.text
             union all
             select 'score', name, count(*), cast(sum(passed) as bigint)
             from judged
             group by name",
            condition.text,
            Facets::LOOKED_AT
        );
        let rows = bind_filter(sqlx::query(AssertSqlSafe(sql)).bind(project.to_string()), condition.parameters)
            .fetch_all(self.reader())
            .await?;
        let mut facets = Facets::default();
        let mut elsewhere = Vec::new();
        for row in &rows {
            let fields = Fields::keyed("sessions", "facet", row);
            let (value, sessions) = (fields.text("value")?, fields.integer("sessions")?);
            let counted = match fields.text("facet")?.as_str() {
                "sessions" => {
                    facets.sessions = sessions;
                    continue;
                }
                "errors" => {
                    facets.errors = sessions;
                    continue;
                }
                "open" => {
                    facets.open = sessions;
                    continue;
                }
                "score" => {
                    let passed = fields.integer("passed")?;
                    facets.scores.push(ScoreFacet { name: value, failed: sessions - passed, passed });
                    continue;
                }
                "environment" => &mut facets.environment,
                "end_reason" => &mut facets.end_reason,
                "tag" => &mut facets.tag,
                "model" => &mut facets.model,
                "metadata.channel" => &mut facets.channel,
                _ => &mut elsewhere,
            };
            counted.push(FacetCount { value, sessions });
        }
        facets.channel_key = "channel".to_owned();
        if facets.channel.is_empty() && !elsewhere.is_empty() {
            facets.channel = elsewhere;
            facets.channel_key = "session.channel".to_owned();
        }
        for counted in
            [&mut facets.environment, &mut facets.end_reason, &mut facets.tag, &mut facets.model, &mut facets.channel]
        {
            counted.sort_by(|a, b| b.sessions.cmp(&a.sessions).then_with(|| a.value.cmp(&b.value)));
        }
        facets.scores.sort_by(|a, b| b.failed.cmp(&a.failed).then_with(|| a.name.cmp(&b.name)));
        Ok(facets)
    }
}
