//! [`Rules`]: making rules, changing them, turning them on and off.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use turnwise_model::access::Role;
use turnwise_model::evaluation::Method;
use turnwise_model::rule::Rule;
use turnwise_model::view::rule::{
    Backfill, BackfillState, EvaluatorChoice, QueueChoice, RuleActivity, RuleChoices, RuleDetail, RuleDraft,
    RuleSummary,
};
use turnwise_model::{Ambient, Micros, ProjectId, QueueId, RuleId};
use turnwise_store::{Durability, Store};

use super::apply::evaluators;
use super::draft::{self, Known};
use super::error::RuleError;
use crate::access::Access;

/// How far back activity is counted and drafts are tried out, in days.
pub(super) const WINDOW_DAYS: u32 = 7;
/// How many backfills a rule's page shows.
const BACKFILLS_SHOWN: i64 = 10;

/// The rules of projects. Clones share everything.
#[derive(Debug, Clone)]
pub struct Rules {
    pub(super) store: Store,
    pub(super) ambient: Ambient,
}

impl Rules {
    pub(crate) fn new(store: Store, ambient: Ambient) -> Self {
        Self { store, ambient }
    }

    /// The rules of the project by name, with what each did in the last seven days.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list(&self, access: &Access) -> Result<Vec<RuleSummary>, RuleError> {
        let project = access.project.id;
        let rules = self.store.rules(project).await?;
        let mut activity = self.store.rule_activity(project, self.window()).await?;
        let names = evaluators(&self.store, project).await?;
        let queues: HashMap<QueueId, String> =
            self.queues(project).await?.into_iter().map(|queue| (queue.id, queue.name)).collect();
        let running = self.store.backfills(project, None, Some(BackfillState::Running), 1_000).await?;
        let mut running: BTreeMap<RuleId, Backfill> =
            running.into_iter().map(|backfill| (backfill.rule, backfill)).collect();
        Ok(rules
            .into_iter()
            .map(|rule| {
                let mut routed: Vec<String> = Vec::new();
                let targets = rule.routes.iter().map(|route| route.queue).chain(rule.audit.iter().map(|a| a.queue));
                for name in targets.filter_map(|queue| queues.get(&queue)) {
                    if !routed.contains(name) {
                        routed.push(name.clone());
                    }
                }
                RuleSummary {
                    activity: activity.remove(&rule.id).unwrap_or_default(),
                    evaluators: rule.evaluators.iter().filter_map(|id| names.get(id)).map(|e| e.name.clone()).collect(),
                    queues: routed,
                    backfill: running.remove(&rule.id),
                    rule,
                }
            })
            .collect())
    }

    /// A rule with its versions and backfills.
    ///
    /// # Errors
    /// [`RuleError::NoSuchRule`].
    pub async fn get(&self, access: &Access, rule: RuleId) -> Result<RuleDetail, RuleError> {
        let project = access.project.id;
        let found = self.store.rule(project, rule).await?.ok_or(RuleError::NoSuchRule)?;
        let activity: Option<RuleActivity> = self.store.rule_activity(project, self.window()).await?.remove(&rule);
        Ok(RuleDetail {
            rule: found,
            activity: activity.unwrap_or_default(),
            versions: self.store.rule_versions(project, rule).await?,
            backfills: self.store.backfills(project, Some(rule), None, BACKFILLS_SHOWN).await?,
        })
    }

    /// What rules of this project can name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn choices(&self, access: &Access) -> Result<RuleChoices, RuleError> {
        let project = access.project.id;
        let evaluators = self.store.evaluators(project).await?.into_iter().map(|version| EvaluatorChoice {
            id: version.evaluator,
            name: version.name,
            score_name: version.score_name,
            judge: matches!(version.method, Method::Judge { .. }),
        });
        Ok(RuleChoices { evaluators: evaluators.collect(), queues: self.queues(project).await? })
    }

    /// Makes a rule.
    ///
    /// # Errors
    /// Unless the caller is an editor; names the field that is wrong.
    pub async fn create(&self, access: &Access, draft: &RuleDraft) -> Result<Rule, RuleError> {
        access.require(Role::Editor)?;
        self.create_in(access.project.id, draft).await
    }

    /// Makes a rule in a project, for the system itself (samples).
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn create_in(&self, project: ProjectId, draft: &RuleDraft) -> Result<Rule, RuleError> {
        let rule = self.checked(project, draft, None).await?;
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        if !transaction.insert_rule(project, &rule).await? {
            return Err(RuleError::NameTaken(rule.name));
        }
        transaction.commit().await?;
        Ok(rule)
    }

    /// Changes a rule, which makes a new version; a draft that changes nothing makes none. `version` is the one that the
    /// change was made to, where that is known.
    ///
    /// # Errors
    /// Unless the caller is an editor; names the field that is wrong; [`RuleError::Changed`].
    pub async fn update(
        &self,
        access: &Access,
        id: RuleId,
        draft: &RuleDraft,
        version: Option<i64>,
    ) -> Result<Rule, RuleError> {
        access.require(Role::Editor)?;
        let project = access.project.id;
        let before = self.store.rule(project, id).await?.ok_or(RuleError::NoSuchRule)?;
        if version.is_some_and(|version| version != before.version) {
            return Err(RuleError::Changed { current: before.version });
        }
        let rule = self.checked(project, draft, Some(&before)).await?;
        if RuleDraft::of(&rule) == RuleDraft::of(&before) {
            return Ok(before);
        }
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        if !transaction.update_rule(project, &rule).await? {
            let still_there = self.store.rule(project, id).await?.is_some();
            return Err(if still_there { RuleError::NameTaken(rule.name) } else { RuleError::NoSuchRule });
        }
        transaction.commit().await?;
        Ok(rule)
    }

    /// Turns a rule on or off. Off, it does not look at sessions that close; backfills may still be started.
    ///
    /// # Errors
    /// Unless the caller is an editor; [`RuleError::NoSuchRule`].
    pub async fn set_enabled(&self, access: &Access, rule: RuleId, enabled: bool) -> Result<(), RuleError> {
        access.require(Role::Editor)?;
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        if !transaction.enable_rule(access.project.id, rule, enabled).await? {
            return Err(RuleError::NoSuchRule);
        }
        Ok(transaction.commit().await?)
    }

    /// Takes a rule out of use. What it decided, the scores and the tasks stay; a backfill under way is cancelled.
    ///
    /// # Errors
    /// Unless the caller is an editor; [`RuleError::NoSuchRule`].
    pub async fn archive(&self, access: &Access, rule: RuleId) -> Result<(), RuleError> {
        access.require(Role::Editor)?;
        let project = access.project.id;
        let running = self.store.backfills(project, Some(rule), Some(BackfillState::Running), 10).await?;
        let now = self.ambient.now();
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        if !transaction.archive_rule(project, rule, now).await? {
            return Err(RuleError::NoSuchRule);
        }
        for backfill in running {
            let reason = Some("the rule was archived");
            transaction.end_backfill(project, backfill.id, BackfillState::Cancelled, reason, now).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// The rule that a draft describes.
    pub(super) async fn checked(
        &self,
        project: ProjectId,
        draft: &RuleDraft,
        before: Option<&Rule>,
    ) -> Result<Rule, RuleError> {
        let evaluators = evaluators(&self.store, project).await?;
        let queues: HashSet<QueueId> = self.queues(project).await?.into_iter().map(|queue| queue.id).collect();
        let known = Known { evaluators: &evaluators, queues: &queues };
        let id = before.map_or_else(|| self.ambient.id(), |rule| rule.id);
        draft::rule(draft, &known, before, id, self.ambient.now())
    }

    async fn queues(&self, project: ProjectId) -> Result<Vec<QueueChoice>, RuleError> {
        let names = self.store.queue_names(project).await?;
        Ok(names.into_iter().map(|(id, name)| QueueChoice { id, name }).collect())
    }

    /// Since when activity is counted.
    pub(super) fn window(&self) -> Micros {
        self.ambient.now() - Duration::from_secs(u64::from(WINDOW_DAYS) * 86_400)
    }
}
