//! The queues of the project with how far each is (`?new` makes one).

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use turnwise_model::access::Role;
use turnwise_model::view::review::QueueSummary;

use super::settings::{QueueForm, Settings};
use crate::components::{ButtonLink, Column, EmptyState, IconName, PageHeader, Shape, Table, Time, Tone, loaded};
use crate::functions::queues::{QueueSave, QueuesPage as Page, queues_list};
use crate::state::form::when_done;
use crate::state::keymap::{Key, use_keys};
use crate::state::project::use_project;

/// The queues.
#[component]
pub fn QueuesPage() -> impl IntoView {
    let project = use_project();
    let query = use_query_map();
    let navigate = use_navigate();
    let page = project.resource(queues_list);
    let save = ServerAction::<QueueSave>::new();
    when_done(save, {
        let navigate = navigate.clone();
        move |id| navigate(&project.address(&format!("queues/{id}/tasks")), NavigateOptions::default())
    });
    let opened = move || page.get().and_then(Result::ok);
    use_keys(vec![Key::new("Enter", "Review: the first queue with open tasks", move || {
        let next = untrack(opened).and_then(|page| page.queues.into_iter().find(|summary| summary.open > 0));
        if let Some(next) = next {
            let to = untrack(|| project.address(&format!("queues/{}/review", next.queue.id)));
            navigate(&to, NavigateOptions::default());
        }
    })]);
    view! {
        <PageHeader title="Queues" crumbs=Signal::derive(move || project.crumbs())>
            <Transition fallback=|| ()>
                {move || {
                    opened()
                        .filter(|page| page.role >= Role::Editor)
                        .map(|_| {
                            view! {
                                <ButtonLink icon=IconName::Plus href=Signal::derive(move || project.address("queues?new"))>"New queue"</ButtonLink>
                            }
                        })
                }}
            </Transition>
        </PageHeader>
        <div class="page">
            {move || {
                query
                    .read()
                    .get("new")
                    .is_some()
                    .then(|| {
                        view! {
                            <section class="panel queue-new" aria-labelledby="new-queue">
                                <h2 class="panel__title" id="new-queue">"New queue"</h2>
                                <QueueForm save settings=Settings::fresh() cancel=true />
                            </section>
                        }
                    })
            }}
            {loaded(page, Shape::Table(4), move |page| view! { <List page /> })}
        </div>
    }
    .into_any()
}

#[component]
fn List(page: Page) -> impl IntoView {
    let project = use_project();
    let may_make = page.role >= Role::Editor;
    let may_review = page.role >= Role::Reviewer;
    if page.queues.is_empty() {
        return view! {
            <EmptyState
                icon=IconName::Queues
                title="No queues yet"
                text="A queue holds the sessions and turns that people shall judge, each task once for every reviewer it needs, with the questions you want answered."
            >
                {if may_make {
                    view! { <ButtonLink tone=Tone::Primary icon=IconName::Plus href=Signal::derive(move || project.address("queues?new"))>"Make the first queue"</ButtonLink> }
                        .into_any()
                } else {
                    view! { <p>"An editor of the project can make one."</p> }.into_any()
                }}
            </EmptyState>
        }
        .into_any();
    }
    let columns = vec![
        Column::words("Queue"),
        Column::words("Progress"),
        Column::words("Reviewers"),
        Column::words("Oldest task"),
        Column::numbers("Last week"),
        Column::numbers("Days left"),
        Column::numbers("Yours"),
        Column::actions("Actions"),
    ];
    let rows: Vec<AnyView> =
        page.queues.into_iter().map(|summary| view! { <Row summary may_review /> }.into_any()).collect();
    view! { <Table caption="Queues" columns>{rows}</Table> }.into_any()
}

#[component]
fn Row(summary: QueueSummary, may_review: bool) -> impl IntoView {
    let project = use_project();
    let id = summary.queue.id;
    let total = summary.open + summary.done;
    let days_left = match summary.days_left() {
        Some(days) if days < 1.0 => "under 1".to_owned(),
        Some(days) => format!("{}", days.ceil()),
        None if summary.open == 0 => "0".to_owned(),
        None => "—".to_owned(),
    };
    let overlap = summary.queue.overlap;
    let overlap = (overlap > 1).then(|| format!("{overlap} reviews a task"));
    let blind = summary.queue.blind.then_some("blind");
    let detail: Vec<String> = blind.map(str::to_owned).into_iter().chain(overlap).collect();
    let name = summary.queue.name;
    let has_open = summary.open > 0;
    let reviewers = reviewers(&summary.reviewers);
    view! {
        <tr>
            <th scope="row" data-label="Queue">
                <span class="person">
                    <a class="person__name" href=move || project.address(&format!("queues/{id}/tasks"))>{name.clone()}</a>
                    <span class="person__detail">{detail.join(", ")}</span>
                </span>
            </th>
            <td data-label="Progress">
                <span class="queue-progress">
                    <progress class="progress__bar" aria-label=format!("Tasks done in {name}") value=summary.done.to_string() max=total.max(1).to_string()></progress>
                    <span class="queue-progress__count">{format!("{}/{total}", summary.done)}</span>
                </span>
            </td>
            <td data-label="Reviewers"><span class="queue-reviewers">{reviewers}</span></td>
            <td data-label="Oldest task">
                {match summary.oldest_open_at {
                    Some(at) => view! { <Time at /> }.into_any(),
                    None => view! { <span class="nothing">"none open"</span> }.into_any(),
                }}
            </td>
            <td class="table__end" data-label="Last week">{summary.reviews_last_week}</td>
            <td class="table__end" data-label="Days left">{days_left}</td>
            <td class="table__end" data-label="Yours">{summary.mine}</td>
            <td class="table__end" data-label="">
                {may_review
                    .then(|| {
                        view! {
                            <a
                                class="button"
                                class:button--primary=has_open
                                href=move || project.address(&format!("queues/{id}/review"))
                                aria-label=format!("Review {name}")
                            >
                                "Review"
                            </a>
                        }
                    })}
            </td>
        </tr>
    }
    .into_any()
}

/// The three who did most, and how many more there are.
fn reviewers(counts: &[turnwise_model::view::review::ReviewerCount]) -> String {
    if counts.is_empty() {
        return "nobody yet".to_owned();
    }
    let named: Vec<String> = counts.iter().take(3).map(|count| format!("{} {}", count.name, count.reviews)).collect();
    let more = counts.len().saturating_sub(3);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", named.join(", "))
}
