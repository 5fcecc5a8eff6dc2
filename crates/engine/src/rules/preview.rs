//! Trying a draft on the sessions that closed in the last days, with the very code that would decide about them.

use std::collections::{HashMap, HashSet};

use turnwise_model::evaluation::{EvaluatorVersion, Granularity, Method, State};
use turnwise_model::filter::{Filter, conversation_text};
use turnwise_model::rule::Rule;
use turnwise_model::sampling::is_sampled;
use turnwise_model::view::rule::{RuleDraft, RulePreview, StratumPreview};
use turnwise_model::{EvaluatorId, ProjectId, SessionId, Usd};
use turnwise_store::{Closed, ClosedSession};

use super::apply::evaluators;
use super::design::{Design, Place};
use super::error::RuleError;
use super::service::{Rules, WINDOW_DAYS};
use crate::access::Access;
use crate::blind::owes_any;
use crate::routing::{Judged, flags};

/// Of so many sampled sessions the scores are looked at.
const SCORES_LOOKED_AT: usize = 2_000;
/// From so many sampled sessions the length of a conversation is estimated.
const MEASURED: usize = 20;
/// Characters of a token, about.
const CHARACTERS_PER_TOKEN: f64 = 4.0;
/// Tokens of a judge's instructions, and of its answer, about.
const INSTRUCTION_TOKENS: f64 = 700.0;
const ANSWER_TOKENS: f64 = 300.0;

impl Rules {
    /// What a draft would have done with the sessions that closed in the last seven days, nothing of which it does.
    ///
    /// # Errors
    /// Names the field that is wrong, as saving would.
    pub async fn preview(&self, access: &Access, draft: &RuleDraft) -> Result<RulePreview, RuleError> {
        self.preview_change(access, None, draft).await
    }

    /// The same for a change of a rule, whose draw goes on.
    ///
    /// # Errors
    /// Names the field that is wrong, as saving would.
    pub async fn preview_change(
        &self,
        access: &Access,
        rule: Option<turnwise_model::RuleId>,
        draft: &RuleDraft,
    ) -> Result<RulePreview, RuleError> {
        let project = access.project.id;
        // What passes a filter by scores tells them.
        if owes_any(&self.store, access).await? {
            return Err(RuleError::Withheld);
        }
        let before = match rule {
            Some(rule) => Some(self.store.rule(project, rule).await?.ok_or(RuleError::NoSuchRule)?),
            None => None,
        };
        // A name can wait until the rule is saved.
        let mut draft = draft.clone();
        if draft.name.trim().is_empty() {
            "preview".clone_into(&mut draft.name);
        }
        let rule = self.checked(project, &draft, before.as_ref()).await?;
        let design = Design::of(rule).map_err(|error| RuleError::filter("filter", error))?;
        let (now, since) = (self.ambient.now(), self.window());
        let count = async |filter: &Filter| self.store.count_closed_sessions(project, filter, now, since).await;
        let sessions = unsigned(count(&Filter::everything()).await?);
        let matched = if design.filter.is_everything() { sessions } else { unsigned(count(&design.filter).await?) };
        let most = i64::try_from(RulePreview::LOOKED_AT).unwrap_or(i64::MAX);
        let page = self.store.closed_sessions(project, &design.filter, now, Closed::Since(since), most).await?;
        let looked_at = page.len() as u64;
        let is_scaled = matched > looked_at;
        let scale = |count: u64| if is_scaled { scaled(count, matched, looked_at) } else { count };

        let ids: HashSet<SessionId> = page.iter().map(|session| session.id).collect();
        let places = design.places(&self.store, project, ids, now).await?;
        let taken: Vec<ClosedSession> =
            page.iter().filter(|session| takes(&design, &places, session.id)).copied().collect();
        let evaluators = evaluators(&self.store, project).await?;
        let chosen: Vec<&EvaluatorVersion> =
            design.rule.evaluators.iter().filter_map(|id| evaluators.get(id)).collect();
        let judges: Vec<&EvaluatorVersion> =
            chosen.iter().filter(|version| matches!(version.method, Method::Judge { .. })).copied().collect();
        let calls = judges.iter().map(|judge| calls(judge, &taken)).sum();
        let judge_calls = scale(calls);
        let (estimated_cost, cost_unknown) = self.cost(project, &judges, &taken, judge_calls).await?;
        let (routed, routed_from, routed_unknown) = self.routed(project, &design.rule, &chosen, &taken).await?;
        let audit = design.rule.audit.as_ref();
        let audited = taken
            .iter()
            .filter(|session| audit.is_some_and(|audit| is_sampled(&audit.salt, session.id, audit.rate)))
            .count() as u64;
        let sampled = taken.len() as u64;
        Ok(RulePreview {
            window_days: WINDOW_DAYS,
            sessions,
            matched,
            sampled: scale(sampled),
            strata: strata(&design, &places, &scale),
            evaluations: scale(sampled * chosen.len() as u64),
            judge_calls,
            estimated_cost,
            cost_unknown,
            routed: routed.map(scale),
            routed_from,
            routed_unknown,
            audited: scale(audited),
            is_scaled,
        })
    }

    /// What the calls would cost: by what these judges cost before, else by the provider's prices and the length of the
    /// conversations.
    async fn cost(
        &self,
        project: ProjectId,
        judges: &[&EvaluatorVersion],
        taken: &[ClosedSession],
        calls: u64,
    ) -> Result<(Option<Usd>, Option<String>), RuleError> {
        if calls == 0 {
            return Ok((Some(Usd(0.0)), None));
        }
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let total = |each: f64| Some(Usd(each * calls as f64));
        let known = self.store.evaluator_counts(project).await?;
        let ids: HashSet<EvaluatorId> = judges.iter().map(|judge| judge.evaluator).collect();
        let spent = known.iter().filter(|counts| ids.contains(&counts.evaluator) && counts.state == State::Done);
        let (cost, done) = spent
            .filter_map(|counts| Some((counts.cost?.0, counts.count)))
            .fold((0.0, 0_i64), |(cost, done), (more_cost, more_done)| (cost + more_cost, done + more_done));
        if done > 0 {
            #[expect(clippy::cast_precision_loss, reason = "an estimate")]
            return Ok((total(cost / done as f64), None));
        }
        let providers = self.store.providers(project).await?;
        let priced = providers.first().and_then(|provider| provider.input_price.zip(provider.output_price));
        let Some((input_price, output_price)) = priced else {
            let reason = if providers.is_empty() {
                "no model provider with prices is set up in this project, and its judges have not been paid for before"
            } else {
                "the model provider has no prices; set them in its settings"
            };
            return Ok((None, Some(reason.to_owned())));
        };
        let mut characters = 0_u64;
        let measured = &taken[..taken.len().min(MEASURED)];
        for session in measured {
            if let Some(conversation) = self.store.conversation(project, session.id).await? {
                characters += conversation_text(&conversation).chars().count() as u64;
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let length = characters as f64 / measured.len().max(1) as f64 / CHARACTERS_PER_TOKEN;
        let each = ((length + INSTRUCTION_TOKENS) * input_price + ANSWER_TOKENS * output_price) / 1_000_000.0;
        Ok((total(each), None))
    }

    /// How many tasks the routes would make, from the scores that the sampled sessions have; from how many sessions that
    /// was found out; and why it was not.
    async fn routed(
        &self,
        project: ProjectId,
        rule: &Rule,
        chosen: &[&EvaluatorVersion],
        taken: &[ClosedSession],
    ) -> Result<(Option<u64>, u64, Option<String>), RuleError> {
        if rule.routes.is_empty() {
            return Ok((Some(0), 0, None));
        }
        if taken.is_empty() {
            return Ok((None, 0, Some("no session would be sampled".to_owned())));
        }
        let looked_at = &taken[..taken.len().min(SCORES_LOOKED_AT)];
        let ids: Vec<SessionId> = looked_at.iter().map(|session| session.id).collect();
        let hashes: HashSet<&str> = chosen.iter().map(|version| version.hash.as_str()).collect();
        let evaluated = self.store.evaluated_sessions(project, &ids, &hashes).await?;
        if evaluated.is_empty() {
            let reason =
                "none of the sampled sessions has been evaluated by these evaluators yet; a backfill would do so";
            return Ok((None, 0, Some(reason.to_owned())));
        }
        let judged = Judged::by(chosen.iter().copied());
        let evaluated: Vec<SessionId> = evaluated.into_iter().collect();
        let scores = self.store.scores_of_sessions(project, &evaluated).await?;
        let mut tasks = 0_u64;
        for (session, scores) in &scores {
            let positions = self.store.turn_positions(project, *session).await?;
            tasks += flags(rule, scores, &judged, &positions).len() as u64;
        }
        let from = evaluated.len() as u64;
        Ok((Some(scaled(tasks, taken.len() as u64, from)), from, None))
    }
}

fn takes(design: &Design, places: &HashMap<SessionId, Place>, session: SessionId) -> bool {
    places.get(&session).is_some_and(|place| design.draw(session, *place, 1.0).sampled)
}

/// How often a judge is asked: once a session, or once a turn.
fn calls(judge: &EvaluatorVersion, taken: &[ClosedSession]) -> u64 {
    match judge.granularity {
        Granularity::Session => taken.len() as u64,
        Granularity::Turn => taken.iter().map(|session| unsigned(session.turns)).sum(),
    }
}

fn strata(design: &Design, places: &HashMap<SessionId, Place>, scale: &impl Fn(u64) -> u64) -> Vec<StratumPreview> {
    let numbers = (0..design.strata().len()).map(Some).chain([None]);
    numbers
        .map(|place| {
            let of_stratum = || places.iter().filter(|(_, at)| **at == place);
            StratumPreview {
                name: design.stratum(place),
                rate: design.rate(place),
                matched: scale(of_stratum().count() as u64),
                sampled: scale(of_stratum().filter(|(id, _)| design.draw(**id, place, 1.0).sampled).count() as u64),
            }
        })
        .collect()
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

/// `count` of `part` as so many of `whole`, rounded.
fn scaled(count: u64, whole: u64, part: u64) -> u64 {
    let (count, whole, part) = (u128::from(count), u128::from(whole), u128::from(part.max(1)));
    u64::try_from((count * whole + part / 2) / part).unwrap_or(u64::MAX)
}
