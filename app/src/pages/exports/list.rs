//! What was exported, and how far the others are.

use leptos::form::ActionForm;
use leptos::prelude::*;
use turnwise_model::view::export::{ExportRow, Kind, Manifest, State};

use super::form::named;
use crate::components::{
    Badge, BadgeTone, Button, Column, Confirm, CopyBox, EmptyState, Icon, IconName, Progress, Table, Time, Tone,
};
use crate::functions::exports::{ExportCancel, ExportDelete};
use crate::state::figures;
use crate::state::project::use_project;

#[component]
pub(super) fn ExportList(
    rows: Vec<ExportRow>,
    cancel: ServerAction<ExportCancel>,
    delete: ServerAction<ExportDelete>,
) -> impl IntoView {
    if rows.is_empty() {
        return view! {
            <EmptyState
                icon=IconName::Download
                title="Nothing was exported yet"
                text="An export writes what matches to a file for pandas, DuckDB or a spreadsheet, with a manifest that says where every figure came from. Files are kept for seven days."
            />
        }
        .into_any();
    }
    let columns = vec![
        Column::words("Export"),
        Column::words("State"),
        Column::numbers("Rows"),
        Column::numbers("Size"),
        Column::words("Asked for"),
        Column::actions("Actions"),
    ];
    let rows = rows.into_iter().map(move |row| view! { <ExportLine row cancel delete /> });
    view! { <Table caption="Exports, newest first" columns>{rows.collect_view()}</Table> }.into_any()
}

#[component]
fn ExportLine(row: ExportRow, cancel: ServerAction<ExportCancel>, delete: ServerAction<ExportDelete>) -> impl IntoView {
    let project = use_project();
    let id = row.id.to_string();
    let title = format!("{} as {}", titled(row.request.kind), named(row.request.format));
    let filter = row.request.filter.clone();
    let done = row.state == State::Done;
    let file = {
        let id = id.clone();
        move |what: &str| format!("/api/v1/exports/{id}/{what}?project={}", project.slug())
    };
    let (download, manifest) = (file("file"), file("manifest"));
    let figure = |known: bool, text: String| if known { text } else { "–".to_owned() };
    view! {
        <tr>
            <th scope="row" data-label="Export">
                <span class="person">
                    <span class="person__name">{title.clone()}</span>
                    <span class="person__detail">
                        {if filter.is_empty() { view! { "all sessions" }.into_any() } else { view! { <code>{filter}</code> }.into_any() }}
                    </span>
                </span>
            </th>
            <td data-label="State"><StateOf row=row.clone() /></td>
            <td class="table__end number" data-label="Rows">{figure(done, figures::count(row.rows))}</td>
            <td class="table__end number" data-label="Size">{figure(done, bytes(row.bytes))}</td>
            <td data-label="Asked for">
                <span class="person">
                    <span><Time at=row.created_at /></span>
                    <span class="person__detail">{format!("by {}", row.requested_by_name)}</span>
                </span>
            </td>
            <td class="table__end" data-label="">
                <span class="exports__actions">
                    {done
                        .then(|| {
                            view! {
                                <a class="button" href=download rel="external" download aria-label=format!("Download {title}")>
                                    <Icon name=IconName::Download />
                                    <span class="button__words">"Download"</span>
                                </a>
                                <a class="button button--quiet" href=manifest rel="external" download aria-label=format!("Manifest of {title}")>
                                    "Manifest"
                                </a>
                            }
                        })}
                    {if row.state.is_under_way() {
                        view! {
                            <ActionForm action=cancel>
                                <input type="hidden" name="project" value=move || project.slug() />
                                <input type="hidden" name="export" value=id.clone() />
                                <Button submit=true>"Cancel"</Button>
                            </ActionForm>
                        }
                            .into_any()
                    } else {
                        view! {
                            <Confirm
                                id=format!("delete-{id}")
                                action="Delete"
                                label=format!("Delete {title}")
                                question=format!("Delete {title}?")
                                consequence="The file is removed. What it was made of stays."
                            >
                                <ActionForm action=delete>
                                    <input type="hidden" name="project" value=move || project.slug() />
                                    <input type="hidden" name="export" value=id.clone() />
                                    <Button tone=Tone::Danger submit=true>"Delete"</Button>
                                </ActionForm>
                            </Confirm>
                        }
                            .into_any()
                    }}
                </span>
            </td>
        </tr>
    }
    .into_any()
}

#[component]
fn StateOf(row: ExportRow) -> impl IntoView {
    match row.state {
        State::Queued => view! { <Badge>"waits"</Badge> }.into_any(),
        State::Running => {
            let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
            let total = row.sessions_total.map(count);
            let detail = row.pace().map(|(rate, left)| {
                #[expect(clippy::cast_possible_truncation, reason = "as saturates")]
                let (rate, left) = (rate as i64, left.map(|seconds| (seconds * 1_000.0) as i64));
                let left = left.map_or_else(String::new, |left| format!(", {} left", figures::duration(left)));
                format!("{} rows, {}/s{left}", figures::count(row.rows), figures::count(rate))
            });
            view! { <Progress label="Sessions" done=count(row.sessions_done) total=total detail=detail /> }.into_any()
        }
        State::Done => view! {
            <span class="exports__done">
                <Badge tone=BadgeTone::Pass>"done"</Badge>
                {row.manifest.map(|Manifest { sha256, .. }| view! { <CopyBox text=sha256 label="SHA-256" /> })}
            </span>
        }
        .into_any(),
        State::Failed => view! {
            <Badge tone=BadgeTone::Fail>"failed"</Badge>
            <span class="person__detail">{row.reason.unwrap_or_default()}</span>
        }
        .into_any(),
        State::Cancelled => view! { <Badge tone=BadgeTone::Warn>"cancelled"</Badge> }.into_any(),
    }
}

const fn titled(kind: Kind) -> &'static str {
    match kind {
        Kind::Sessions => "Sessions",
        Kind::Turns => "Turns",
        Kind::Scores => "Scores",
        Kind::Reviews => "Reviews",
    }
}

/// `980 B`, `12.3 kB`, `4.5 MB`.
fn bytes(number: i64) -> String {
    let (unit, size) = match number {
        ..1_000 => return format!("{number} B"),
        1_000..1_000_000 => ("kB", 1_000),
        1_000_000..1_000_000_000 => ("MB", 1_000_000),
        _ => ("GB", 1_000_000_000),
    };
    format!("{}.{} {unit}", number / size, number % size * 10 / size)
}
