//! The versions of a rule, newest first, each with what it changed.

use leptos::prelude::*;
use turnwise_model::rule::Rule;

use crate::components::Time;
use crate::functions::rule_form::percent;

/// The versions.
#[component]
pub(super) fn Versions(versions: Vec<Rule>) -> impl IntoView {
    let rows = versions.iter().enumerate().map(|(place, version)| {
        let changed = match versions.get(place + 1) {
            Some(before) => changes(before, version),
            None => "made".to_owned(),
        };
        view! {
            <li class="backfill">
                <span><strong>{format!("Version {}", version.version)}</strong> " " {changed}</span>
                <Time at=version.created_at />
            </li>
        }
    });
    view! {
        <section class="section" aria-labelledby="versions-title">
            <h2 class="section__title" id="versions-title">"Versions"</h2>
            <ol class="backfills" reversed=true>{rows.collect_view()}</ol>
        </section>
    }
    .into_any()
}

/// What a version changed, in words. The name belongs to the rule, not to its versions.
fn changes(before: &Rule, after: &Rule) -> String {
    let mut found = Vec::new();
    if before.filter != after.filter {
        let shown = |filter: &str| if filter.is_empty() { "every session".to_owned() } else { filter.to_owned() };
        found.push(format!("filter: {} → {}", shown(&before.filter), shown(&after.filter)));
    }
    if before.sampling.rate != after.sampling.rate {
        let (was, is) = (percent(before.sampling.rate.get()), percent(after.sampling.rate.get()));
        found.push(format!("rate: {was} % → {is} %"));
    }
    for (name, is_changed) in [
        ("strata", before.sampling.strata != after.sampling.strata),
        ("salt", before.sampling.salt != after.sampling.salt),
        ("evaluators", before.evaluators != after.evaluators),
        ("routes", before.routes != after.routes),
        ("audit arm", before.audit != after.audit),
    ] {
        if is_changed {
            found.push(name.to_owned());
        }
    }
    if found.is_empty() { "renamed, or turned on or off".to_owned() } else { found.join("; ") }
}
