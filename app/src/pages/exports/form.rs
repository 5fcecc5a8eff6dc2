//! What to export: kind, format, filter, and how many sessions that is.

use std::time::Duration;

use leptos::form::ActionForm;
use leptos::prelude::*;
use turnwise_model::filter::Filter;
use turnwise_model::view::export::{Format, Kind};

use super::page::Wanted;
use crate::components::{Button, Field, FilterField, FormError, IconName, Select, SelectOption, Tone, awaited};
use crate::functions::exports::{ExportStart, exports_count};
use crate::state::figures;
use crate::state::form::{error_of, under};
use crate::state::project::use_project;

/// How long nobody must have typed until it is counted again.
const STILL: Duration = Duration::from_millis(300);
/// Counting stops here.
const MANY: u64 = 10_001;

#[component]
pub(super) fn NewExportForm(start: ServerAction<ExportStart>, wanted: Wanted) -> impl IntoView {
    let project = use_project();
    let error = error_of(start);
    let kinds = Kind::ALL.iter().map(|kind| SelectOption::new(kind.as_str(), said(*kind))).collect::<Vec<_>>();
    let formats =
        Format::ALL.iter().map(|format| SelectOption::new(format.as_str(), named(*format))).collect::<Vec<_>>();
    let choose_kind =
        Callback::new(move |word: String| word.parse().into_iter().for_each(|kind| wanted.kind.set(kind)));
    let choose_format =
        Callback::new(move |word: String| word.parse().into_iter().for_each(|format| wanted.format.set(format)));
    let page = Signal::derive(move || project.address("exports"));
    view! {
        <section class="panel" aria-labelledby="new-export-title">
            <h2 class="panel__title" id="new-export-title">"New export"</h2>
            <ActionForm action=start>
                <div class="form exports__form">
                    <input type="hidden" name="project" value=move || project.slug() />
                    <div class="exports__choices">
                        <Field id="kind" label="One row for each" error=under(error, "kind")>
                            <Select name="kind" options=kinds chosen=wanted.kind.get_untracked().as_str() on_choice=choose_kind />
                        </Field>
                        <Field id="format" label="Format" error=under(error, "format")>
                            <Select
                                name="format"
                                options=formats
                                chosen=wanted.format.get_untracked().as_str()
                                on_choice=choose_format
                            />
                        </Field>
                    </div>
                    <Field id="filter" label="Of sessions that match" error=under(error, "filter")>
                        <FilterField id="filter" label="Of sessions that match" text=wanted.filter />
                    </Field>
                    <Matching wanted />
                    <FormError error fields=&["kind", "format", "filter"] />
                    <div class="form__actions">
                        <Button tone=Tone::Primary submit=true icon=IconName::Download pending=start.pending()>"Export"</Button>
                        <button class="button without-js" type="submit" formmethod="get" formaction=move || page.get()>
                            "Count"
                        </button>
                    </div>
                </div>
            </ActionForm>
        </section>
    }
    .into_any()
}

/// How many sessions match what is written, once nobody types.
#[component]
fn Matching(wanted: Wanted) -> impl IntoView {
    let project = use_project();
    let counted = RwSignal::new(wanted.filter.get_untracked());
    let typed = StoredValue::new(0_u32);
    Effect::new(move |before: Option<()>| {
        let filter = wanted.filter.get();
        if before.is_none() {
            return;
        }
        typed.update_value(|typed| *typed = typed.wrapping_add(1));
        let now = typed.get_value();
        let settle = move || {
            if typed.try_get_value() == Some(now) && Filter::parse(&filter).is_ok() {
                counted.set(filter.clone());
            }
        };
        set_timeout(settle, STILL);
    });
    let count = project.resource_by(move || counted.get(), exports_count);
    view! {
        <p class="exports__matching" role="status">
            <Transition fallback=|| view! { "Counting…" }>
                {awaited(move || async move {
                    let said = match count.await {
                        Ok(0) => "No session matches.".to_owned(),
                        Ok(1) => "1 session matches.".to_owned(),
                        Ok(MANY..) => "More than 10,000 sessions match.".to_owned(),
                        Ok(many) => format!("{} sessions match.", figures::count(i64::try_from(many).unwrap_or(i64::MAX))),
                        Err(error) => error.sentence(),
                    };
                    said.into_any()
                })}
            </Transition>
        </p>
    }
    .into_any()
}

/// What one row is.
const fn said(kind: Kind) -> &'static str {
    match kind {
        Kind::Sessions => "Session, with its scores in summary",
        Kind::Turns => "Turn, with what was said and its scores",
        Kind::Scores => "Score, with how it came about",
        Kind::Reviews => "Answer of a review",
    }
}

/// What a format is called.
pub(super) const fn named(format: Format) -> &'static str {
    match format {
        Format::Jsonl => "JSON lines",
        Format::Csv => "CSV",
        Format::Parquet => "Parquet",
    }
}
