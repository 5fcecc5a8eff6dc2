//! The tab that answers "why is there no score?": for each rule and each of its evaluators what happened, and why.

use leptos::prelude::*;
use turnwise_model::view::rule::{Explanation, Fate};

use super::address::use_address;
use crate::AppError;
use crate::components::{Badge, BadgeTone, Shape, loaded};
use crate::functions::session::session_explain;
use crate::state::project::use_project;

/// What happened at each rule.
#[component]
pub fn Ledger() -> impl IntoView {
    let address = use_address();
    let explained = Resource::new(
        move || (address.slug(), address.session.get()),
        |(slug, session)| async move {
            let slug = slug.parse().map_err(|_| AppError::no_such("project"))?;
            session_explain(slug, session).await
        },
    );
    loaded(explained, Shape::Table(4), |explained| {
        if explained.is_empty() {
            return view! {
                <p class="nothing">"No rule of this project is on, so nothing evaluates its sessions by itself."</p>
            }
            .into_any();
        }
        by_rule(explained).into_iter().map(|of_rule| view! { <OfRule of_rule /> }).collect_view().into_any()
    })
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
