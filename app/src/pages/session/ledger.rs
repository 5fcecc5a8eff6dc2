//! The tab that answers "why is there no score?": for each rule and each of its evaluators what happened, and why.

use leptos::prelude::*;
use turnwise_model::evaluation::{Evaluation, State};
use turnwise_model::view::rule::{Explanation, Fate};

use super::asked::use_asked;
use crate::components::{Badge, BadgeTone, Shape, Time, loaded_when};
use crate::functions::session::SessionLedger;
use crate::state::figures::{duration, usd};
use crate::state::project::use_project;

/// What happened at each rule.
#[component]
pub fn Ledger() -> impl IntoView {
    let explained = use_asked().explained;
    let content = loaded_when(explained, Shape::Table(4), |SessionLedger { explained, mut rows }| {
        rows.retain(|row| explained.iter().all(|explanation| explanation.evaluation != Some(row.id)));
        let no_rule = explained.is_empty();
        view! {
            {no_rule
                .then(|| view! { <p class="nothing">"No rule of this project is on, so nothing evaluates its sessions by itself."</p> })}
            {by_rule(explained).into_iter().map(|of_rule| view! { <OfRule of_rule /> }).collect_view()}
            {(!rows.is_empty()).then(|| view! { <Others rows /> })}
        }
        .into_any()
    });
    view! { <section aria-label="Ledger">{content}</section> }.into_any()
}

/// Explanations of one rule stand together, in the order in which they came.
fn by_rule(explained: Vec<Explanation>) -> Vec<Vec<Explanation>> {
    let mut rules: Vec<Vec<Explanation>> = Vec::new();
    for explanation in explained {
        match rules.last_mut() {
            Some(rule) if rule.last().is_some_and(|last| last.rule == explanation.rule) => rule.push(explanation),
            _ => rules.push(vec![explanation]),
        }
    }
    rules
}

#[component]
fn OfRule(of_rule: Vec<Explanation>) -> impl IntoView {
    let project = use_project();
    let first = of_rule.first().cloned();
    let title = first.as_ref().map(|first| {
        let (rule, name) = (first.rule, format!("{} v{}", first.rule_name, first.rule_version));
        view! { <a href=move || project.address(&format!("rules/{rule}"))>{name}</a> }
    });
    let drawn = first.and_then(|first| {
        let (draw, rate) = (first.draw?, first.probability?.get());
        let stratum = first.stratum.map(|stratum| format!(" in stratum {stratum}")).unwrap_or_default();
        Some(format!("Drew {draw:.4}{stratum}; the rule takes what is below {rate:.4}."))
    });
    let rows = of_rule.into_iter().map(|explanation| {
        let (tone, fate) = fate(explanation.fate);
        view! {
            <li class="ledger__row">
                <span class="ledger__head">
                    <span class="ledger__name">{explanation.evaluator_name.unwrap_or_else(|| "People only".to_owned())}</span>
                    <Badge tone>{fate}</Badge>
                </span>
                <span class="ledger__why">{explanation.text}</span>
            </li>
        }
    });
    view! {
        <section class="ledger">
            <h3 class="ledger__rule">{title}</h3>
            {drawn.map(|drawn| view! { <p class="ledger__draw">{drawn}</p> })}
            <ul>{rows.collect_view()}</ul>
        </section>
    }
    .into_any()
}

/// Evaluations that a person asked for, and those of earlier revisions and of rules that are off.
#[component]
fn Others(rows: Vec<Evaluation>) -> impl IntoView {
    let rows = rows.into_iter().rev().map(|row| {
        let (tone, word) = state(row.state);
        let asked = if row.rule.is_some() { "by a rule" } else { "by hand" };
        let known = [
            Some(format!("Asked for {asked}, revision {}", row.revision)),
            row.reason,
            row.latency_ms.map(duration),
            row.cost.map(|cost| usd(cost.0)),
        ];
        let why = known.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        view! {
            <li class="ledger__row">
                <span class="ledger__head">
                    <span class="ledger__name">{row.evaluator_name}</span>
                    <Badge tone>{word}</Badge>
                </span>
                <span class="ledger__why">{why} " · " <Time at=row.updated_at /></span>
            </li>
        }
    });
    view! {
        <section class="ledger">
            <h3 class="ledger__rule">"Other evaluations"</h3>
            <ul>{rows.collect_view()}</ul>
        </section>
    }
    .into_any()
}

const fn state(state: State) -> (BadgeTone, &'static str) {
    match state {
        State::SampledOut => fate(Fate::SampledOut),
        State::Capped => fate(Fate::Capped),
        State::Queued => fate(Fate::Queued),
        State::Running => fate(Fate::Running),
        State::Done => fate(Fate::Done),
        State::Failed => fate(Fate::Failed),
        State::Paused => fate(Fate::Paused),
    }
}

const fn fate(fate: Fate) -> (BadgeTone, &'static str) {
    match fate {
        Fate::Waiting => (BadgeTone::Accent, "waiting"),
        Fate::Missed => (BadgeTone::Plain, "missed"),
        Fate::FilteredOut => (BadgeTone::Plain, "filtered out"),
        Fate::SampledOut => (BadgeTone::Plain, "sampled out"),
        Fate::Capped => (BadgeTone::Warn, "capped"),
        Fate::Queued => (BadgeTone::Accent, "queued"),
        Fate::Running => (BadgeTone::Accent, "running"),
        Fate::Done => (BadgeTone::Pass, "done"),
        Fate::Failed => (BadgeTone::Fail, "failed"),
        Fate::Paused => (BadgeTone::Warn, "paused"),
    }
}
