//! One queue: how far it is, what reviewers are told, its tasks (`?state=open`, `?cursor=…`).

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use turnwise_model::page::Page;
use turnwise_model::queue::TaskState;
use turnwise_model::rule::Arm;
use turnwise_model::view::review::TaskRow;

use super::frame::{OpenQueue, QueueHeader, read};
use crate::components::{Badge, BadgeTone, Column, EmptyState, IconName, Shape, Table, Time, loaded};
use crate::functions::queues::{QueuePage as Opened, queue_tasks};
use crate::state::project::use_project;

/// The tasks of a queue.
#[component]
pub fn QueuePage() -> impl IntoView {
    let project = use_project();
    let query = use_query_map();
    let queue = OpenQueue::of_address();
    let state = move || query.read().get("state").unwrap_or_default();
    let tasks = project.resource_by(
        move || (queue.id.get(), state(), query.read().get("cursor")),
        |project, (id, state, cursor)| async move {
            queue_tasks(project, read(&id, "queue")?, state.parse().ok(), cursor).await
        },
    );
    view! {
        <QueueHeader queue />
        <div class="page queue-page">
            {loaded(queue.page, Shape::Panel, |page| view! { <Head page /> })}
            <nav class="queue-states" aria-label="Tasks by state">
                {["", "open", "done", "cancelled"]
                    .map(|word| {
                        let title = if word.is_empty() { "all" } else { word };
                        view! {
                            <a
                                class="queue-states__state"
                                href=move || project.address(&format!("queues/{}/tasks{}{word}", queue.id.get(), if word.is_empty() { "" } else { "?state=" }))
                                aria-current=move || (state() == word).then_some("true")
                            >
                                {title}
                            </a>
                        }
                    })}
            </nav>
            {loaded(tasks, Shape::Table(6), move |page| view! { <Tasks page queue /> })}
        </div>
    }
    .into_any()
}

#[component]
fn Head(page: Opened) -> impl IntoView {
    let summary = page.summary;
    let total = summary.open + summary.done;
    let mut facts = vec![
        format!("{} of {total} tasks done", summary.done),
        format!("{} reviews last week", summary.reviews_last_week),
        format!("{} yours", summary.mine),
    ];
    if let Some(days) = summary.days_left() {
        facts.push(format!("{} days left at this pace", days.ceil()));
    }
    let reviewers: Vec<AnyView> = summary
        .reviewers
        .iter()
        .map(|count| {
            view! { <li><span>{count.name.clone()}</span> <span class="queue-head__count">{count.reviews}</span></li> }
                .into_any()
        })
        .collect();
    view! {
        <section class="queue-head" aria-label="Progress">
            <progress class="progress__bar" aria-label="Tasks done" value=summary.done.to_string() max=total.max(1).to_string()></progress>
            <p class="queue-head__facts">{facts.join(" · ")}</p>
            {(!reviewers.is_empty()).then(|| view! { <ul class="queue-head__reviewers" aria-label="Reviews by reviewer">{reviewers}</ul> })}
            {(!page.instructions.is_empty())
                .then(|| {
                    view! {
                        <details class="queue-head__guidelines">
                            <summary>"Guidelines"</summary>
                            <div inner_html=page.instructions></div>
                        </details>
                    }
                })}
        </section>
    }
    .into_any()
}

#[component]
fn Tasks(page: Page<TaskRow>, queue: OpenQueue) -> impl IntoView {
    let project = use_project();
    let query = use_query_map();
    if page.data.is_empty() {
        return view! {
            <EmptyState
                icon=IconName::Queues
                title="No tasks here"
                text="Tasks come by rules, which route what they flag and a sample of the rest, or by hand: select sessions in the list and choose Queue."
            />
        }
        .into_any();
    }
    let columns = vec![
        Column::words("Target"),
        Column::words("State"),
        Column::words("Came by"),
        Column::numbers("π"),
        Column::numbers("Reviews"),
        Column::words("Since"),
    ];
    let rows: Vec<AnyView> = page.data.into_iter().map(|row| view! { <Row row /> }.into_any()).collect();
    let more = page.next_cursor.map(|cursor| {
        let address = move || {
            let state = query.read().get("state").map(|state| format!("state={state}&")).unwrap_or_default();
            project.address(&format!("queues/{}/tasks?{state}cursor={cursor}", queue.id.get()))
        };
        view! { <p class="queue-more"><a class="button" href=address>"More tasks"</a></p> }
    });
    view! {
        <Table caption="Tasks" columns>{rows}</Table>
        {more}
    }
    .into_any()
}

#[component]
fn Row(row: TaskRow) -> impl IntoView {
    let project = use_project();
    let TaskRow { task, preview, position } = row;
    let session = task.target.session();
    let place = position.map_or_else(|| "whole session".to_owned(), |position| format!("turn {position}"));
    let (arm, title) = match task.arm {
        Arm::Flagged => ("flagged", "A route's condition held"),
        Arm::Audit => ("audit", "Drawn at random from the rest"),
        Arm::Manual => ("by hand", "A person put it here; it supports no population figure"),
    };
    let tone = match task.state {
        TaskState::Done => BadgeTone::Pass,
        TaskState::Open | TaskState::Cancelled => BadgeTone::Plain,
    };
    view! {
        <tr class:table__faded=task.state == TaskState::Cancelled>
            <th scope="row" data-label="Target">
                <span class="person">
                    <a class="person__name queue-target" href=move || project.address(&format!("sessions/{session}"))>
                        {preview.unwrap_or_else(|| session.to_string())}
                    </a>
                    <span class="person__detail">{place}</span>
                </span>
            </th>
            <td data-label="State"><Badge tone>{task.state.to_string()}</Badge></td>
            <td data-label="Came by"><span title=title>{arm}</span></td>
            <td class="table__end" data-label="π">
                {match task.probability {
                    Some(probability) => view! { <span>{format!("{:.3}", probability.get())}</span> }.into_any(),
                    None => view! { <span class="nothing" title="Unknown: put here by hand">"—"</span> }.into_any(),
                }}
            </td>
            <td class="table__end" data-label="Reviews">{task.reviews}</td>
            <td data-label="Since"><Time at=task.created_at /></td>
        </tr>
    }
    .into_any()
}
