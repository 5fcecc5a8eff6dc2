//! [`Route`]: follows the routes of decisions whose evaluations have ended, and draws the audit arm.
//!
//! A flagged target has the probability of its rule, a target of the audit arm that times the audit rate. One that is both
//! is one task, of the flagged arm. Ids of tasks are derived from queue and target, so that routing twice makes no second.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use async_trait::async_trait;
use turnwise_model::evaluation::EvaluatorVersion;
use turnwise_model::queue::{Task, TaskState};
use turnwise_model::rule::{Arm, Rule};
use turnwise_model::sampling::is_sampled;
use turnwise_model::score::Target;
use turnwise_model::{Ambient, Micros, Probability, ProjectId, QueueId, RuleId, TaskId};
use turnwise_store::{DECISIONS_READY, Decision, Durability, NewTask, Store, StoreError};

use super::flags::{Flag, Judged, flags, is_eligible};
use crate::background::{Progress, Worker};
use crate::error::EngineError;

/// How many decisions are routed in one transaction.
const HELPING: i64 = 100;

/// The worker that makes tasks.
#[derive(Debug)]
pub struct Route {
    store: Store,
    ambient: Ambient,
}

/// A task to be made of a target.
struct Planned {
    queue: QueueId,
    target: Target,
    arm: Arm,
    probability: Probability,
    uncertainty: f64,
}

/// What many decisions of one helping need.
#[derive(Default)]
struct Known {
    rules: HashMap<(RuleId, i64), Option<Rule>>,
    evaluators: HashMap<ProjectId, Vec<EvaluatorVersion>>,
}

impl Route {
    /// On this database.
    #[must_use]
    pub fn new(store: Store, ambient: Ambient) -> Self {
        Self { store, ambient }
    }

    /// What a decision's routes and audit arm ask for. None where the session has changed since: its new revision is
    /// decided about anew.
    async fn plan(
        &self,
        project: ProjectId,
        decision: &Decision,
        known: &mut Known,
    ) -> Result<(String, Vec<Planned>), StoreError> {
        let store = &self.store;
        let Known { rules, evaluators } = known;
        let rule = match rules.entry((decision.rule, decision.rule_version)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(store.rule_version(project, decision.rule, decision.rule_version).await?),
        };
        let Some(rule) = rule else { return Ok((String::new(), Vec::new())) };
        let session = store.session(project, decision.session).await?;
        if session.is_none_or(|session| session.revision != decision.revision) {
            return Ok((String::new(), Vec::new()));
        }
        let in_use = match evaluators.entry(project) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(store.evaluators(project).await?),
        };
        let scores = store.scores_of_session(project, decision.session).await?;
        let judged = Judged::of_ledger(&store.ledger(project, decision.session).await?, in_use.iter());
        let positions = store.turn_positions(project, decision.session).await?;
        let flagged = if scores.is_empty() { Vec::new() } else { flags(rule, &scores, &judged, &positions) };
        let mut planned: Vec<Planned> = flagged
            .into_iter()
            .map(|Flag { queue, target, uncertainty }| Planned {
                queue,
                target,
                arm: Arm::Flagged,
                probability: decision.probability,
                uncertainty,
            })
            .collect();
        if let Some(audit) = &rule.audit
            && is_sampled(&audit.salt, decision.session, audit.rate)
        {
            let target = Target::Session { session: decision.session };
            if !planned.iter().any(|task| task.queue == audit.queue && task.target == target) {
                let least = scores.iter().filter(|score| is_eligible(score, rule, &judged));
                let uncertainty = least.map(|score| judged.uncertainty(score)).fold(1.0, f64::min);
                planned.push(Planned {
                    queue: audit.queue,
                    target,
                    arm: Arm::Audit,
                    probability: decision.probability.and_independent(audit.rate),
                    uncertainty,
                });
            }
        }
        Ok((rule.name.clone(), planned))
    }

    async fn write(
        &self,
        plans: Vec<(ProjectId, Decision, String, Vec<Planned>)>,
        now: Micros,
    ) -> Result<(), StoreError> {
        let mut transaction = self.store.write(Durability::Derived).await?;
        for (project, decision, rule, planned) in plans {
            if !transaction.mark_routed(project, &decision, now).await? {
                continue;
            }
            for task in planned {
                let queue = transaction.queue(project, task.queue).await?;
                let facts = transaction.task_facts(project, &task.target).await?;
                // The queue, or the turn, may have gone since.
                let (Some(queue), Some(facts)) = (queue, facts) else { continue };
                let made = Task {
                    id: TaskId::derive(queue.id, &task.target.key()),
                    queue: queue.id,
                    target: task.target,
                    revision: decision.revision,
                    arm: task.arm,
                    rule: Some(decision.rule),
                    rule_version: Some(decision.rule_version),
                    probability: Some(task.probability),
                    // The same for both arms: reviewers are not told which of them it was.
                    note: Some(format!("sent here by the rule “{rule}”")),
                    state: TaskState::Open,
                    reviews: 0,
                    created_at: now,
                };
                let new = NewTask { task: made, uncertainty: task.uncertainty, turn_count: facts.turn_count };
                transaction.route_task(project, &new).await?;
            }
        }
        transaction.commit().await
    }
}

#[async_trait]
impl Worker for Route {
    fn name(&self) -> &'static str {
        DECISIONS_READY
    }

    async fn run_once(&self) -> Result<Progress, EngineError> {
        let ready = self.store.decisions_to_route(HELPING).await?;
        if ready.is_empty() {
            return Ok(Progress::Idle { until: None });
        }
        let mut known = Known::default();
        let mut plans = Vec::with_capacity(ready.len());
        for (project, decision) in ready {
            let (rule, planned) = self.plan(project, &decision, &mut known).await?;
            plans.push((project, decision, rule, planned));
        }
        self.write(plans, self.ambient.now()).await?;
        Ok(Progress::Worked)
    }
}
