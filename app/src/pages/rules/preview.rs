//! What the draft would have done in the last seven days, made anew while one types.

use leptos::prelude::*;
use turnwise_model::RuleId;
use turnwise_model::view::rule::RulePreview;

use crate::AppError;
use crate::components::{Shape, Skeleton, awaited};
use crate::functions::rule_form::percent;
use crate::functions::rules::rule_try;
use crate::state::figures::{count, usd};
use crate::state::project::use_project;

/// What a draft would have done, which is a query string with the fields of the form; `None` as long as a new rule's is empty.
pub(super) fn tried(
    rule: Memo<Option<String>>,
    draft: RwSignal<String>,
) -> Resource<Result<Option<RulePreview>, AppError>> {
    use_project().resource_by(
        move || (rule.get(), draft.get()),
        move |project, (rule, draft)| async move {
            let rule = rule.map(|rule| rule.parse::<RuleId>().map_err(|_| AppError::no_such("rule"))).transpose()?;
            if draft.is_empty() && rule.is_none() {
                return Ok(None);
            }
            rule_try(project, rule, draft).await.map(Some)
        },
    )
}

/// The preview of the draft.
#[component]
pub(super) fn Preview(tried: Resource<Result<Option<RulePreview>, AppError>>) -> impl IntoView {
    view! {
        <aside class="panel rule__preview" aria-labelledby="preview-title">
            <h2 class="panel__title" id="preview-title">"Preview"</h2>
            <Transition fallback=|| view! { <Skeleton shape=Shape::Panel /> }>
                {awaited(move || async move {
                    match tried.await {
                        Ok(Some(preview)) => view! { <Figures preview /> }.into_any(),
                        Ok(None) => {
                            view! {
                                <p class="panel__text">
                                    "Fill in the form: here stands what the rule would have done with the sessions of the last seven days."
                                </p>
                            }
                                .into_any()
                        }
                        Err(error) => {
                            view! {
                                <p class="panel__text" role="status">{error.sentence()}</p>
                                <p class="panel__text">"The preview appears when the draft is whole."</p>
                            }
                                .into_any()
                        }
                    }
                })}
            </Transition>
        </aside>
    }
    .into_any()
}

#[component]
fn Figures(preview: RulePreview) -> impl IntoView {
    let RulePreview { sessions, matched, sampled, evaluations, judge_calls, audited, .. } = preview;
    let strata = (preview.strata.len() > 1).then(|| {
        preview
            .strata
            .iter()
            .map(|part| {
                let name = part.name.clone().unwrap_or_else(|| "the rest".to_owned());
                let text = format!(
                    "{name}: {} of {} ({} %)",
                    shown(part.sampled),
                    shown(part.matched),
                    percent(part.rate.get())
                );
                view! { <li>{text}</li> }
            })
            .collect_view()
    });
    let cost = match (preview.estimated_cost, preview.cost_unknown) {
        (Some(cost), _) if judge_calls > 0 => Some(format!("about {}", usd(cost.0))),
        (None, Some(reason)) => Some(format!("not known: {reason}")),
        _ => None,
    };
    let calls = if judge_calls > 0 { format!("{} ask a model", shown(judge_calls)) } else { String::new() };
    let routed = match preview.routed {
        Some(routed) => {
            let from = format!("from the scores of {} sessions", shown(preview.routed_from));
            figure(
                "Tasks by the routes",
                Some(routed),
                None,
                if preview.routed_from > 0 { from } else { String::new() },
            )
        }
        None => figure("Tasks by the routes", None, None, preview.routed_unknown.unwrap_or_default()),
    };
    view! {
        <p class="panel__text" role="status">
            {format!("Of {} sessions that closed in the last {} days", shown(sessions), preview.window_days)}
            {preview.is_scaled.then_some(", estimated from the most recent ones")} ":"
        </p>
        <dl class="figures">
            {figure("Pass the filter", Some(matched), Some(sessions), String::new())}
            {figure("Are taken", Some(sampled), Some(sessions), String::new())}
            {strata.map(|strata| view! { <dd class="figures__more"><ul>{strata}</ul></dd> })}
            {figure("Evaluations", Some(evaluations), None, calls)}
            {cost.map(|cost| view! { <dt>"Cost"</dt><dd class="figures__words">{cost}</dd> })}
            {routed}
            {figure("Sessions by the audit arm", Some(audited), None, String::new())}
        </dl>
    }
    .into_any()
}

/// A figure with its name, a bar where it is a part of something, and what else there is to say.
fn figure(name: &'static str, value: Option<u64>, whole: Option<u64>, more: String) -> AnyView {
    view! {
        <dt>{name}</dt>
        <dd>
            <span class="figures__value">{value.map_or_else(|| "–".to_owned(), shown)}</span>
            {whole
                .map(|whole| {
                    view! {
                        <progress class="progress__bar" aria-hidden="true" max=whole.max(1).to_string() value=value.unwrap_or(0).to_string()></progress>
                    }
                })}
            {(!more.is_empty()).then(|| view! { <span class="figures__more">{more}</span> })}
        </dd>
    }
    .into_any()
}

fn shown(number: u64) -> String {
    count(i64::try_from(number).unwrap_or(i64::MAX))
}
