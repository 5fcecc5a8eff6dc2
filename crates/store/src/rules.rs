//! Rules, their versions, and what they decided about each session.

use turnwise_model::rule::Rule;
use turnwise_model::{Micros, Probability, ProjectId, RuleId, SessionId};

use crate::error::StoreError;
use crate::json;
use crate::row::Fields;
use crate::store::Store;
use crate::transaction::Transaction;

/// What a rule decided about one revision of a session whose filter it passed.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The rule.
    pub rule: RuleId,
    /// Its version.
    pub rule_version: i64,
    /// The session.
    pub session: SessionId,
    /// Its revision.
    pub revision: i64,
    /// Whether the draw took it.
    pub sampled: bool,
    /// With which probability.
    pub probability: Probability,
    /// Under which salt.
    pub salt: String,
    /// In which stratum.
    pub stratum: Option<String>,
    /// When.
    pub created_at: Micros,
}

const NEWEST: &str =
    "select r.rule_id, r.name, r.enabled, v.version, v.filter, v.sampling, v.evaluators, v.routes, v.audit,
            v.created_at
     from rules r
     join rule_versions v on v.project_id = r.project_id and v.rule_id = r.rule_id and v.version = r.version
     where r.project_id = $1
     order by r.name";

impl Store {
    /// The rules of a project at their newest versions, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rules(&self, project: ProjectId) -> Result<Vec<Rule>, StoreError> {
        let rows = sqlx::query(NEWEST).bind(project.to_string()).fetch_all(self.reader()).await?;
        rows.iter().map(|row| read(&Fields::keyed("rules", "rule_id", row))).collect()
    }

    /// A rule at one version.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rule_version(
        &self,
        project: ProjectId,
        rule: RuleId,
        version: i64,
    ) -> Result<Option<Rule>, StoreError> {
        let row = sqlx::query(
            "select r.rule_id, r.name, r.enabled, v.version, v.filter, v.sampling, v.evaluators, v.routes, v.audit,
                    v.created_at
             from rules r
             join rule_versions v on v.project_id = r.project_id and v.rule_id = r.rule_id
             where r.project_id = $1
               and r.rule_id = $2
               and v.version = $3",
        )
        .bind(project.to_string())
        .bind(rule.to_string())
        .bind(version)
        .fetch_optional(self.reader())
        .await?;
        row.map(|row| read(&Fields::keyed("rules", "rule_id", &row))).transpose()
    }

    /// What rules decided about a session, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn decisions(&self, project: ProjectId, session: SessionId) -> Result<Vec<Decision>, StoreError> {
        let rows = sqlx::query(
            "select *
             from rule_decisions
             where project_id = $1
               and session_id = $2
             order by revision desc, created_at desc, rule_id",
        )
        .bind(project.to_string())
        .bind(session.to_string())
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(|row| read_decision(&Fields::keyed("rule_decisions", "session_id", row))).collect()
    }

    /// Decisions whose evaluations have all ended and whose routes were not followed yet, with their projects.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn decisions_to_route(&self, limit: i64) -> Result<Vec<(ProjectId, Decision)>, StoreError> {
        let rows = sqlx::query(
            "select d.*
             from rule_decisions d
             where d.routed_at is null
               and d.sampled = 1
               and not exists (
                   select 1
                   from evaluations e
                   where e.project_id = d.project_id
                     and e.session_id = d.session_id
                     and e.revision = d.revision
                     and e.state in ('queued', 'running')
               )
             order by d.created_at, d.session_id
             limit $1",
        )
        .bind(limit)
        .fetch_all(self.reader())
        .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("rule_decisions", "session_id", row);
                Ok((fields.parsed("project_id")?, read_decision(&fields)?))
            })
            .collect()
    }
}

impl Transaction {
    /// A new rule with its first version; `false` when its name is taken.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_rule(&mut self, project: ProjectId, rule: &Rule) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into rules (project_id, rule_id, name, version, enabled, created_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (project_id, name) do nothing",
        )
        .bind(project.to_string())
        .bind(rule.id.to_string())
        .bind(rule.name.as_str())
        .bind(rule.version)
        .bind(i64::from(rule.enabled))
        .bind(rule.created_at.0)
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        self.insert_rule_version(project, rule).await?;
        Ok(true)
    }

    /// A new version of a rule, which becomes its newest; `false` when its name is another rule's.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn update_rule(&mut self, project: ProjectId, rule: &Rule) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update rules
             set name = $3,
                 version = $4,
                 enabled = $5
             where project_id = $1
               and rule_id = $2
               and not exists (
                   select 1
                   from rules other
                   where other.project_id = $1
                     and other.name = $3
                     and other.rule_id <> $2
               )",
        )
        .bind(project.to_string())
        .bind(rule.id.to_string())
        .bind(rule.name.as_str())
        .bind(rule.version)
        .bind(i64::from(rule.enabled))
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        self.insert_rule_version(project, rule).await?;
        Ok(true)
    }

    /// Turns a rule on or off; that makes no new version.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn enable_rule(&mut self, project: ProjectId, rule: RuleId, enabled: bool) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update rules
             set enabled = $3
             where project_id = $1
               and rule_id = $2",
        )
        .bind(project.to_string())
        .bind(rule.to_string())
        .bind(i64::from(enabled))
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn insert_rule_version(&mut self, project: ProjectId, rule: &Rule) -> Result<(), StoreError> {
        sqlx::query(
            "insert into rule_versions (project_id, rule_id, version, filter, sampling, evaluators, routes, audit, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(project.to_string())
        .bind(rule.id.to_string())
        .bind(rule.version)
        .bind(rule.filter.as_str())
        .bind(json::text(&rule.sampling)?)
        .bind(json::text(&rule.evaluators)?)
        .bind(json::text(&rule.routes)?)
        .bind(rule.audit.as_ref().map(json::text).transpose()?)
        .bind(rule.created_at.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// A decision; `false` when the rule decided about this revision before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_decision(&mut self, project: ProjectId, decision: &Decision) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into rule_decisions (project_id, rule_id, session_id, rule_version, revision, sampled, probability,
                                         salt, stratum, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             on conflict (project_id, rule_id, session_id, revision) do nothing",
        )
        .bind(project.to_string())
        .bind(decision.rule.to_string())
        .bind(decision.session.to_string())
        .bind(decision.rule_version)
        .bind(decision.revision)
        .bind(i64::from(decision.sampled))
        .bind(decision.probability.get())
        .bind(decision.salt.as_str())
        .bind(decision.stratum.as_deref())
        .bind(decision.created_at.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes that the routes of a decision were followed; `false` when another process did so before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn mark_routed(
        &mut self,
        project: ProjectId,
        decision: &Decision,
        now: Micros,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update rule_decisions
             set routed_at = $5
             where project_id = $1
               and rule_id = $2
               and session_id = $3
               and revision = $4
               and routed_at is null",
        )
        .bind(project.to_string())
        .bind(decision.rule.to_string())
        .bind(decision.session.to_string())
        .bind(decision.revision)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Lets the routes of a session be followed again, after an evaluation that had been waiting.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn route_again(&mut self, project: ProjectId, session: SessionId) -> Result<(), StoreError> {
        sqlx::query(
            "update rule_decisions
             set routed_at = null
             where project_id = $1
               and session_id = $2
               and sampled = 1",
        )
        .bind(project.to_string())
        .bind(session.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

fn read(fields: &Fields<'_>) -> Result<Rule, StoreError> {
    Ok(Rule {
        id: fields.parsed("rule_id")?,
        version: fields.integer("version")?,
        name: fields.text("name")?,
        filter: fields.text("filter")?,
        sampling: fields.json("sampling")?,
        evaluators: fields.json("evaluators")?,
        routes: fields.json("routes")?,
        audit: fields.optional_json("audit")?,
        enabled: fields.flag("enabled")?,
        created_at: fields.instant("created_at")?,
    })
}

fn read_decision(fields: &Fields<'_>) -> Result<Decision, StoreError> {
    let probability = Probability::new(fields.real("probability")?);
    Ok(Decision {
        rule: fields.parsed("rule_id")?,
        rule_version: fields.integer("rule_version")?,
        session: fields.parsed("session_id")?,
        revision: fields.integer("revision")?,
        sampled: fields.flag("sampled")?,
        probability: probability.map_err(|error| fields.impossible("probability", error))?,
        salt: fields.text("salt")?,
        stratum: fields.optional_text("stratum")?,
        created_at: fields.instant("created_at")?,
    })
}
