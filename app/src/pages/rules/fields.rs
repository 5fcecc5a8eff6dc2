//! The parts of the rule form. Rows that are left empty are none, so the form works without JavaScript.

use leptos::prelude::*;
use turnwise_model::view::rule::{EvaluatorChoice, QueueChoice, RuleChoices};

use crate::AppError;
use crate::components::{Badge, FilterField, Icon, IconName, Select, SelectOption};
use crate::functions::rule_form::{RouteFields, RuleForm, StratumFields};
use crate::state::form::under;
use crate::state::project::use_project;

/// Empty rows offered after those that are filled in.
const SPARE_STRATA: usize = 2;
const SPARE_ROUTES: usize = 1;

/// What is wrong with a field, under it.
fn wrong(error: Signal<Option<AppError>>, field: &'static str) -> AnyView {
    let said = under(error, field);
    view! {
        {move || {
            said.get()
                .map(|text| {
                    view! {
                        <p class="field__error" role="alert">
                            <Icon name=IconName::Warning />
                            <span>{text}</span>
                        </p>
                    }
                })
        }}
    }
    .into_any()
}

/// A line of text or a number with a label that is only heard, for rows.
fn cell(name: String, value: String, label: String, placeholder: &'static str, numeric: bool) -> AnyView {
    view! {
        <input
            class="input"
            class:input--number=numeric
            type="text"
            inputmode=numeric.then_some("decimal")
            name=name
            value=value
            aria-label=label
            placeholder=placeholder
            autocomplete="off"
            spellcheck="false"
        />
    }
    .into_any()
}

/// A percentage with its label and hint.
fn rate(id: &'static str, name: &'static str, label: &'static str, value: String) -> AnyView {
    view! {
        <div class="field">
            <label class="field__label" for=id>{label}</label>
            <span class="rule__percent">
                <input class="input input--number" id=id type="text" inputmode="decimal" name=name value=value autocomplete="off" />
                <span aria-hidden="true">"%"</span>
            </span>
        </div>
    }
    .into_any()
}

/// Which sessions, and how many of them.
#[component]
pub(super) fn FilterAndSample(form: RuleForm, error: Signal<Option<AppError>>) -> impl IntoView {
    let text = RwSignal::new(form.filter);
    let filled = form.strata.len();
    let strata: Vec<StratumFields> =
        form.strata.into_iter().chain((0..SPARE_STRATA).map(|_| StratumFields::default())).collect();
    let rows = strata.into_iter().enumerate().map(|(number, one)| {
        let name = |field: &str| format!("form[strata][{number}][{field}]");
        let label = |what: &str| format!("Stratum {}: {what}", number + 1);
        view! {
            <li class="rule__row rule__row--stratum">
                {cell(name("name"), one.name, label("name"), "failures", false)}
                {cell(name("filter"), one.filter, label("filter"), "errors > 0", false)}
                {cell(name("rate"), one.rate, label("rate in percent"), "100", true)}
            </li>
        }
    });
    view! {
        <fieldset class="rule__part">
            <legend class="rule__legend">"Sessions"</legend>
            <div class="field">
                <label class="field__label" for="rule-filter">"Filter"</label>
                <FilterField id="rule-filter" label="Filter" text=text name="form[filter]" />
                <p class="field__hint">"Of the sessions that close, those that pass. Empty means all."</p>
                {wrong(error, "filter")}
            </div>
            {rate("rule-rate", "form[rate]", "Take, of those that pass", form.rate)}
            {wrong(error, "rate")}
            <details class="rule__more" open=filled.gt(&0)>
                <summary>"Strata with rates of their own"</summary>
                <p class="field__hint">
                    "“All failures, 20 % of the rest”: the first stratum whose filter passes decides; the rate above is for the rest. Leave a row empty to leave it out."
                </p>
                <ol class="rule__rows" aria-label="Strata: name, filter, rate in percent">{rows.collect_view()}</ol>
                {wrong(error, "strata")}
            </details>
            <details class="rule__more">
                <summary>"Advanced"</summary>
                <div class="field">
                    <label class="field__label" for="rule-salt">"Salt of the draw"</label>
                    <input class="input" id="rule-salt" type="text" name="form[salt]" value=form.salt autocomplete="off" spellcheck="false" />
                    <p class="field__hint">
                        "A session is taken iff the hash of salt and session id is below the rate. Rules with the same salt take nested samples. Empty: one is chosen."
                    </p>
                </div>
                <div class="field">
                    <label class="field__label" for="audit-salt">"Salt of the audit arm"</label>
                    <input class="input" id="audit-salt" type="text" name="form[audit_salt]" value=form.audit_salt autocomplete="off" spellcheck="false" />
                    {wrong(error, "sampling")}
                </div>
            </details>
        </fieldset>
    }
    .into_any()
}

/// What judges the sessions that are taken.
#[component]
pub(super) fn EvaluatorFields(form: RuleForm, choices: RuleChoices, error: Signal<Option<AppError>>) -> impl IntoView {
    let project = use_project();
    let none = choices.evaluators.is_empty();
    let options = choices.evaluators.into_iter().map(move |EvaluatorChoice { id, name, score_name, judge }| {
        let id = id.to_string();
        let checked = form.evaluators.contains(&id);
        view! {
            <label class="choice">
                <input type="checkbox" name="form[evaluators][]" value=id checked=checked />
                <span class="choice__words">
                    <span class="choice__title">
                        {name} " " {if judge { view! { <Badge>"judge"</Badge> } } else { view! { <Badge>"check"</Badge> } }}
                    </span>
                    <span class="choice__text">"writes " <code>{score_name}</code></span>
                </span>
            </label>
        }
    });
    view! {
        <fieldset class="rule__part">
            <legend class="rule__legend">"Evaluators"</legend>
            <div class="choices rule__evaluators">{options.collect_view()}</div>
            {none
                .then(|| {
                    view! {
                        <p class="field__hint">
                            "This project has no evaluators. " <a href=move || project.address("evaluators")>"Add one"</a>
                            ", or only send sessions to people below."
                        </p>
                    }
                })}
            {wrong(error, "evaluators")}
        </fieldset>
    }
    .into_any()
}

/// Where doubtful targets go, and the audit arm.
#[component]
pub(super) fn RouteRows(form: RuleForm, choices: RuleChoices, error: Signal<Option<AppError>>) -> impl IntoView {
    let project = use_project();
    let RuleChoices { evaluators, queues } = choices;
    let no_queue = queues.is_empty();
    let spare = (0..SPARE_ROUTES).map(|_| RouteFields { score: "*".to_owned(), ..RouteFields::default() });
    let routes: Vec<RouteFields> = form.routes.into_iter().chain(spare).collect();
    let queue_options = move |queues: &[QueueChoice], none: &'static str| {
        let named = queues.iter().map(|queue| SelectOption::new(queue.id.to_string(), queue.name.clone()));
        std::iter::once(SelectOption::new("", none)).chain(named).collect::<Vec<_>>()
    };
    let of_routes = queue_options(&queues, "no queue");
    let of_audit = queue_options(&queues, "no audit arm");
    let rows = routes.into_iter().enumerate().map(|(number, one)| {
        let name = |field: &str| format!("form[routes][{number}][{field}]");
        let label = |what: &str| format!("Route {}: {what}", number + 1);
        let mut scores = vec![SelectOption::new("*", "any score")];
        for evaluator in &evaluators {
            if !scores.iter().any(|option| option.value == evaluator.score_name) {
                scores.push(SelectOption::new(evaluator.score_name.clone(), evaluator.score_name.clone()));
            }
        }
        if !scores.iter().any(|option| option.value == one.score) {
            scores.push(SelectOption::new(one.score.clone(), one.score.clone()));
        }
        let tests = vec![
            SelectOption::new("failed", "failed"),
            SelectOption::new("below", "is below"),
            SelectOption::new("above", "is above"),
        ];
        view! {
            <li class="rule__row rule__row--route">
                <Select name=name("score") options=scores chosen=one.score label=label("score") />
                <Select name=name("test") options=tests chosen=one.test label=label("condition") />
                {cell(name("than"), one.than, label("limit"), "0.5", true)}
                <span class="rule__to" aria-hidden="true">"→"</span>
                <Select name=name("queue") options=of_routes.clone() chosen=one.queue label=label("queue") />
            </li>
        }
    });
    let rows = rows.collect_view();
    view! {
        <fieldset class="rule__part">
            <legend class="rule__legend">"Review"</legend>
            <p class="field__hint">
                "Turns whose fresh scores meet a condition go to a queue, each once; a score about the whole session sends the turns that it names, or the session."
            </p>
            {no_queue
                .then(|| {
                    view! {
                        <p class="field__hint">
                            "This project has no queues. " <a href=move || project.address("queues")>"Make one"</a> " to send anything to people."
                        </p>
                    }
                })}
            <ol class="rule__rows" aria-label="Routes: score, condition, limit, queue">{rows}</ol>
            {wrong(error, "routes")}
            <div class="rule__audit">
                {rate("audit-rate", "form[audit_rate]", "Audit arm: also review, of the sessions taken", form.audit_rate)}
                <span class="rule__to" aria-hidden="true">"→"</span>
                <Select name="form[audit_queue]" options=of_audit chosen=form.audit_queue label="Queue of the audit arm" />
            </div>
            <p class="field__hint">
                "Drawn at random, whatever the scores say. Without it nobody learns what the evaluators overlook, and no figure about all sessions can be computed from the reviews."
            </p>
            {wrong(error, "audit")}
        </fieldset>
    }
    .into_any()
}
