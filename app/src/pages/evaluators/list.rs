//! The evaluators of a project: what each did, and what it waits for.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use turnwise_model::evaluation::Kind;
use turnwise_model::view::evaluator::EvaluatorSummary;

use super::catalogue::Catalogue;
use super::effort;
use crate::components::{
    ButtonLink, Column, EmptyState, FormError, IconName, PageHeader, ScoreMark, Shape, Table, Tone, loaded,
};
use crate::functions::evaluators::{EvaluatorAdd, EvaluatorsShown, evaluators_list};
use crate::state::form::{error_of, when_done};
use crate::state::project::use_project;

/// The list.
#[component]
pub fn EvaluatorsPage() -> impl IntoView {
    let project = use_project();
    let navigate = use_navigate();
    let shown = project.resource(evaluators_list);
    let add = ServerAction::<EvaluatorAdd>::new();
    when_done(add, move |id| navigate(&project.address(&format!("evaluators/{id}")), NavigateOptions::default()));
    view! {
        <PageHeader title="Evaluators" crumbs=Signal::derive(move || project.crumbs())>
            <ButtonLink tone=Tone::Primary icon=IconName::Plus href=Signal::derive(move || project.address("evaluators/new"))>
                "New judge"
            </ButtonLink>
        </PageHeader>
        <div class="page evaluators">
            <FormError error=error_of(add) />
            {loaded(shown, Shape::Table(8), move |shown| view! { <Shown shown add /> })}
        </div>
    }
    .into_any()
}

#[component]
fn Shown(shown: EvaluatorsShown, add: ServerAction<EvaluatorAdd>) -> impl IntoView {
    let EvaluatorsShown { list, catalogue, may_edit } = shown;
    let waiting = list.evaluators.iter().filter(|summary| summary.waiting_for_provider).count();
    let columns = vec![
        Column::words("Evaluator"),
        Column::words("Evaluations"),
        Column::numbers("Cost"),
        Column::numbers("Mean time"),
    ];
    let is_empty = list.evaluators.is_empty();
    let rows = list.evaluators.into_iter().map(|summary| view! { <Row summary /> }).collect_view();
    view! {
        {(waiting > 0).then(|| view! { <NoProvider /> })}
        {if is_empty {
            view! {
                <EmptyState
                    icon=IconName::Evaluators
                    title="No evaluators"
                    text="An evaluator turns sessions into scores. Add one of the catalogue below: checks need nothing, judges need a model provider."
                />
            }
                .into_any()
        } else {
            view! { <Table caption="Evaluators" columns>{rows}</Table> }.into_any()
        }}
        <Catalogue entries=catalogue may_edit add />
    }
    .into_any()
}

/// Says what judges wait for, and what to do.
#[component]
pub fn NoProvider() -> impl IntoView {
    let project = use_project();
    view! {
        <section class="panel panel--waiting" aria-labelledby="no-provider">
            <h2 class="panel__title" id="no-provider">"Judges wait for a model provider"</h2>
            <p class="panel__text">
                "Checks need none and run already. For judges, add a provider under Settings, or start the server with "
                <code>"TURNWISE_JUDGE_URL"</code> ", " <code>"TURNWISE_JUDGE_KEY"</code> " and " <code>"TURNWISE_JUDGE_MODEL"</code>
                ". Evaluations that wait then go on by themselves."
            </p>
            <div>
                <ButtonLink href=Signal::derive(move || project.address("settings/providers?new=1"))>"Add a provider"</ButtonLink>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Row(summary: EvaluatorSummary) -> impl IntoView {
    let project = use_project();
    let EvaluatorSummary { current, effort, trouble, waiting_for_provider } = summary;
    let kind = current.method.kind();
    let id = current.evaluator;
    let detail = format!(
        "{} · {} passes from {} · version {}",
        if kind == Kind::Judge { "judge" } else { "check" },
        current.score_name,
        current.threshold,
        current.number
    );
    view! {
        <tr>
            <th scope="row" data-label="Evaluator">
                <span class="evaluator-name">
                    <ScoreMark source=kind.source() name=current.score_name.clone() />
                    <span class="person">
                        <a class="person__name" href=move || project.address(&format!("evaluators/{id}"))>{current.name}</a>
                        <span class="person__detail">{detail}</span>
                    </span>
                </span>
            </th>
            <td data-label="Evaluations">
                <span class="evaluator-states">
                    {effort::states(effort.states)}
                    {waiting_for_provider.then(|| view! { <span class="person__detail">"waits for a provider"</span> })}
                    {trouble.map(|trouble| {
                        view! { <span class="evaluator-trouble">{crate::error::sentence(&trouble.reason)}</span> }
                    })}
                </span>
            </td>
            <td class="table__end" data-label="Cost">{effort::cost(&effort)}</td>
            <td class="table__end" data-label="Mean time">{effort::latency(&effort)}</td>
        </tr>
    }
    .into_any()
}
