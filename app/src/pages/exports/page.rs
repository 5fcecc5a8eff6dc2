//! The exports of a project: a form above, the list below. The address holds what the form begins with.

use std::time::Duration;

use leptos::prelude::*;
use turnwise_model::view::export::{ExportRow, Format, Kind};

use super::form::NewExportForm;
use super::list::ExportList;
use super::snippets::Snippets;
use crate::components::{FormError, PageHeader, Shape, loaded};
use crate::functions::exports::{ExportCancel, ExportDelete, ExportStart, exports_list};
use crate::state::flash::Notice;
use crate::state::form::{error_of, when_done};
use crate::state::project::use_project;
use crate::state::query::use_query;
use crate::state::toasts::Toasts;

/// How often an export that is under way is looked after.
const LOOK_AGAIN: Duration = Duration::from_millis(700);

/// What the form says now.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) kind: RwSignal<Kind>,
    pub(super) format: RwSignal<Format>,
    pub(super) filter: RwSignal<String>,
}

/// The exports of a project.
#[component]
pub fn ExportsPage() -> impl IntoView {
    let project = use_project();
    let toasts = expect_context::<Toasts>();
    let query = use_query();
    let said = move |name: &str| query.with_untracked(|query| query.get(name).to_owned());
    let wanted = Wanted {
        kind: RwSignal::new(said("kind").parse().unwrap_or(Kind::Scores)),
        format: RwSignal::new(said("format").parse().unwrap_or(Format::Csv)),
        filter: RwSignal::new(said("filter")),
    };
    let exports = project.resource(exports_list);
    let start = ServerAction::<ExportStart>::new();
    let cancel = ServerAction::<ExportCancel>::new();
    let delete = ServerAction::<ExportDelete>::new();
    let told = move |notice: Notice| {
        move |()| {
            toasts.say(notice.text());
            exports.refetch();
        }
    };
    when_done(start, told(Notice::ExportStarted));
    when_done(cancel, told(Notice::ExportCancelled));
    when_done(delete, told(Notice::ExportDeleted));
    Effect::new(move || {
        let under_way = |rows: &Vec<ExportRow>| rows.iter().any(|row| row.state.is_under_way());
        if exports.get().and_then(Result::ok).is_some_and(|rows| under_way(&rows)) {
            set_timeout(move || exports.refetch(), LOOK_AGAIN);
        }
    });
    view! {
        <PageHeader title="Exports" crumbs=Signal::derive(move || project.crumbs()) />
        <div class="page exports">
            <NewExportForm start wanted />
            <section class="section" aria-labelledby="exports-title">
                <h2 class="section__title" id="exports-title">"Files"</h2>
                <FormError error=error_of(cancel) />
                <FormError error=error_of(delete) />
                {loaded(exports, Shape::Table(3), move |rows| view! { <ExportList rows cancel delete /> })}
            </section>
            <Snippets wanted />
        </div>
    }
    .into_any()
}
