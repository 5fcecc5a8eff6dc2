//! Rules, their versions, and what each did of late.

use std::collections::BTreeMap;

use turnwise_model::rule::Rule;
use turnwise_model::view::rule::RuleActivity;
use turnwise_model::{Micros, ProjectId, RuleId};

use crate::error::StoreError;
use crate::json;
use crate::row::Fields;
use crate::store::Store;
use crate::transaction::Transaction;

const NEWEST: &str =
    "select r.rule_id, r.name, r.enabled, v.version, v.filter, v.sampling, v.evaluators, v.routes, v.audit,
            v.created_at
     from rules r
     join rule_versions v on v.project_id = r.project_id and v.rule_id = r.rule_id and v.version = r.version
     where r.project_id = $1
       and r.archived_at is null
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

    /// A rule at its newest version; `None` when there is none, or it is archived.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rule(&self, project: ProjectId, rule: RuleId) -> Result<Option<Rule>, StoreError> {
        let row = sqlx::query(
            "select r.rule_id, r.name, r.enabled, v.version, v.filter, v.sampling, v.evaluators, v.routes, v.audit,
                    v.created_at
             from rules r
             join rule_versions v on v.project_id = r.project_id and v.rule_id = r.rule_id and v.version = r.version
             where r.project_id = $1
               and r.rule_id = $2
               and r.archived_at is null",
        )
        .bind(project.to_string())
        .bind(rule.to_string())
        .fetch_optional(self.reader())
        .await?;
        row.map(|row| read(&Fields::keyed("rules", "rule_id", &row))).transpose()
    }

    /// Every version of a rule, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rule_versions(&self, project: ProjectId, rule: RuleId) -> Result<Vec<Rule>, StoreError> {
        let rows = sqlx::query(
            "select r.rule_id, r.name, r.enabled, v.version, v.filter, v.sampling, v.evaluators, v.routes, v.audit,
                    v.created_at
             from rules r
             join rule_versions v on v.project_id = r.project_id and v.rule_id = r.rule_id
             where r.project_id = $1
               and r.rule_id = $2
             order by v.version desc",
        )
        .bind(project.to_string())
        .bind(rule.to_string())
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(|row| read(&Fields::keyed("rules", "rule_id", row))).collect()
    }

    /// What each rule did since an instant, by rule.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rule_activity(
        &self,
        project: ProjectId,
        since: Micros,
    ) -> Result<BTreeMap<RuleId, RuleActivity>, StoreError> {
        let rows = sqlx::query(
            "select r.rule_id,
                    (select max(d.created_at) from rule_decisions d
                     where d.project_id = r.project_id and d.rule_id = r.rule_id) as last_at,
                    (select count(distinct d.session_id) from rule_decisions d
                     where d.project_id = r.project_id and d.rule_id = r.rule_id and d.created_at >= $2) as matched,
                    (select count(distinct d.session_id) from rule_decisions d
                     where d.project_id = r.project_id and d.rule_id = r.rule_id and d.created_at >= $2
                       and d.sampled = 1) as sampled,
                    (select count(*) from tasks t
                     where t.project_id = r.project_id and t.rule_id = r.rule_id and t.created_at >= $2
                       and t.arm = 'flagged') as flagged,
                    (select count(*) from tasks t
                     where t.project_id = r.project_id and t.rule_id = r.rule_id and t.created_at >= $2
                       and t.arm = 'audit') as audited
             from rules r
             where r.project_id = $1
               and r.archived_at is null",
        )
        .bind(project.to_string())
        .bind(since.0)
        .fetch_all(self.reader())
        .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("rules", "rule_id", row);
                let activity = RuleActivity {
                    matched: fields.integer("matched")?,
                    sampled: fields.integer("sampled")?,
                    flagged: fields.integer("flagged")?,
                    audited: fields.integer("audited")?,
                    last_at: fields.optional_instant("last_at")?,
                };
                Ok((fields.parsed("rule_id")?, activity))
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
             on conflict do nothing",
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
               and archived_at is null
               and not exists (
                   select 1
                   from rules other
                   where other.project_id = $1
                     and other.name = $3
                     and other.rule_id <> $2
                     and other.archived_at is null
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
               and rule_id = $2
               and archived_at is null",
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

    /// Takes a rule out of use, and its name is free again; what it decided stays. `false` when there is no such rule.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn archive_rule(&mut self, project: ProjectId, rule: RuleId, now: Micros) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update rules
             set archived_at = $3,
                 enabled = 0
             where project_id = $1
               and rule_id = $2
               and archived_at is null",
        )
        .bind(project.to_string())
        .bind(rule.to_string())
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
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
