//! The rules of a project, with what each did in the last seven days.

use leptos::form::ActionForm;
use leptos::prelude::*;
use turnwise_model::access::Role;
use turnwise_model::view::rule::RuleSummary;

use crate::components::{
    Badge, BadgeTone, Button, ButtonLink, Column, EmptyState, FormError, IconName, PageHeader, Shape, Table, Time,
    Tone, loaded,
};
use crate::functions::rule_form::percent;
use crate::functions::rules::{RuleEnable, rules_list};
use crate::state::figures::count;
use crate::state::form::{error_of, when_done};
use crate::state::project::use_project;

/// The rules of the project.
#[component]
pub fn RulesPage() -> impl IntoView {
    let project = use_project();
    let rules = project.resource(rules_list);
    let enable = ServerAction::<RuleEnable>::new();
    when_done(enable, move |()| rules.refetch());
    let new = Signal::derive(move || project.address("rules/new"));
    view! {
        <PageHeader title="Rules" crumbs=Signal::derive(move || project.crumbs())>
            <ButtonLink tone=Tone::Primary icon=IconName::Plus href=new>"New rule"</ButtonLink>
        </PageHeader>
        <div class="page">
            <FormError error=error_of(enable) />
            {loaded(
                rules,
                Shape::Table(4),
                move |part| {
                    if part.rules.is_empty() {
                        view! {
                            <EmptyState
                                icon=IconName::Rules
                                title="No rules yet"
                                text="A rule picks sessions as they close: a filter, how many of those that pass, which evaluators judge them, and which queue gets the doubtful ones. Every session that it takes keeps the probability by which it was taken, so that figures stay unbiased."
                            >
                                <ButtonLink href=new>"Make the first rule"</ButtonLink>
                            </EmptyState>
                        }
                            .into_any()
                    } else {
                        view! { <Rules rules=part.rules role=part.role enable /> }.into_any()
                    }
                },
            )}
        </div>
    }
    .into_any()
}

#[component]
fn Rules(rules: Vec<RuleSummary>, role: Role, enable: ServerAction<RuleEnable>) -> impl IntoView {
    let columns = vec![
        Column::words("Rule"),
        Column::numbers("Takes"),
        Column::words("Evaluators"),
        Column::words("Queues"),
        Column::numbers("Matched"),
        Column::numbers("Sampled"),
        Column::numbers("Flagged"),
        Column::numbers("Audited"),
        Column::words("Last session"),
        Column::actions("On or off"),
    ];
    let rows = rules.into_iter().map(move |summary| row(summary, role, enable)).collect_view();
    view! {
        <Table caption="Rules, with what each did in the last seven days" columns>{rows}</Table>
        <p class="rules__note">"Matched, sampled, flagged and audited count the last seven days."</p>
    }
    .into_any()
}

fn row(summary: RuleSummary, role: Role, enable: ServerAction<RuleEnable>) -> AnyView {
    let project = use_project();
    let RuleSummary { rule, activity, evaluators, queues, backfill } = summary;
    let id = rule.id.to_string();
    let page = format!("rules/{id}");
    let takes = if rule.sampling.strata.is_empty() {
        format!("{}\u{a0}%", percent(rule.sampling.rate.get()))
    } else {
        format!("{}\u{a0}% of the rest", percent(rule.sampling.rate.get()))
    };
    let filter = if rule.filter.is_empty() { "every session".to_owned() } else { rule.filter };
    let words = |names: Vec<String>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let (label, wanted) = if rule.enabled { ("Turn off", "false") } else { ("Turn on", "true") };
    let running = backfill.map(|backfill| match backfill.share() {
        Some(share) => format!("backfill {} %", percent((share * 100.0).floor() / 100.0)),
        None => "backfill begins".to_owned(),
    });
    view! {
        <tr class:table__faded=!rule.enabled>
            <th scope="row" data-label="Rule">
                <span class="person">
                    <a class="person__name" href=move || project.address(&page)>{rule.name.clone()}</a>
                    <code class="person__detail rules__filter">{filter}</code>
                </span>
            </th>
            <td class="table__end" data-label="Takes">{takes}</td>
            <td data-label="Evaluators">{words(evaluators)}</td>
            <td data-label="Queues">{words(queues)}</td>
            <td class="table__end" data-label="Matched">{count(activity.matched)}</td>
            <td class="table__end" data-label="Sampled">{count(activity.sampled)}</td>
            <td class="table__end" data-label="Flagged">{count(activity.flagged)}</td>
            <td class="table__end" data-label="Audited">{count(activity.audited)}</td>
            <td data-label="Last session">
                <span>
                    {match activity.last_at {
                        Some(at) => view! { <Time at /> }.into_any(),
                        None => view! { <span class="nothing">"none yet"</span> }.into_any(),
                    }}
                    {running.map(|running| view! { " " <Badge>{running}</Badge> })}
                </span>
            </td>
            <td class="table__end" data-label="State">
                {if role >= Role::Editor {
                    view! {
                        <ActionForm action=enable>
                            <input type="hidden" name="project" value=move || project.slug() />
                            <input type="hidden" name="rule" value=id />
                            <input type="hidden" name="enabled" value=wanted />
                            <span class="rules__switch">
                                {state(rule.enabled)}
                                <Button tone=Tone::Quiet submit=true>
                                    {label}
                                    <span class="visually-hidden">{format!(" {}", rule.name)}</span>
                                </Button>
                            </span>
                        </ActionForm>
                    }
                        .into_any()
                } else {
                    state(rule.enabled)
                }}
            </td>
        </tr>
    }
    .into_any()
}

/// "on" or "off".
pub(super) fn state(enabled: bool) -> AnyView {
    if enabled {
        view! { <Badge tone=BadgeTone::Pass>"on"</Badge> }.into_any()
    } else {
        view! { <Badge>"off"</Badge> }.into_any()
    }
}
