//! The same export from the command line, over HTTP, and what pandas reads it with.

use leptos::prelude::*;
use turnwise_model::view::export::{Format, Kind};

use super::page::Wanted;
use crate::components::{CopyBox, Shape, loaded};
use crate::state::project::use_project;

#[component]
pub(super) fn Snippets(wanted: Wanted) -> impl IntoView {
    let project = use_project();
    view! {
        <section class="section" aria-labelledby="snippets-title">
            <h2 class="section__title" id="snippets-title">"From a script"</h2>
            <p class="section__text">
                "The same export on the machine that runs Turnwise, or with an API key that may read. The columns are in the manifest."
            </p>
            {loaded(project.opened, Shape::Panel, move |open| view! { <Boxes wanted origin=open.origin /> })}
        </section>
    }
    .into_any()
}

#[component]
fn Boxes(wanted: Wanted, origin: String) -> impl IntoView {
    let project = use_project();
    let texts = Memo::new(move |_| {
        let (kind, format, filter) = (wanted.kind.get(), wanted.format.get(), wanted.filter.get());
        [
            ("Command line", command(&project.slug(), kind, format, &filter)),
            ("HTTP", curl(&origin, kind, format, &filter)),
            ("pandas", pandas(kind, format)),
        ]
    });
    view! {
        <div class="exports__snippets">
            {move || {
                texts
                    .get()
                    .into_iter()
                    .map(|(title, code)| {
                        view! {
                            <section class="snippet">
                                <h3 class="snippet__title">{title}</h3>
                                <CopyBox text=code label=title block=true />
                            </section>
                        }
                    })
                    .collect_view()
            }}
        </div>
    }
    .into_any()
}

fn command(project: &str, kind: Kind, format: Format, filter: &str) -> String {
    let filter = if filter.is_empty() { String::new() } else { format!(" --filter {}", quoted(filter)) };
    format!("turnwise export --project {project} --kind {kind}{filter} --out {kind}.{format}")
}

fn curl(origin: &str, kind: Kind, format: Format, filter: &str) -> String {
    let filter = if filter.is_empty() {
        String::new()
    } else {
        format!(" \\\n  --data-urlencode {}", quoted(&format!("filter={filter}")))
    };
    format!(
        "curl --fail -G {origin}/api/v1/exports/stream -H 'authorization: Bearer tw_…' \\\n  -d kind={kind} -d format={format}{filter} -o {kind}.{format}"
    )
}

fn pandas(kind: Kind, format: Format) -> String {
    let read = match format {
        Format::Jsonl => format!("pd.read_json(\"{kind}.jsonl\", lines=True)"),
        Format::Csv => format!("pd.read_csv(\"{kind}.csv\")"),
        Format::Parquet => format!("pd.read_parquet(\"{kind}.parquet\")"),
    };
    let then = match kind {
        Kind::Scores => "scores[~scores.stale].groupby([\"name\", \"source\"]).number.describe()",
        Kind::Reviews => "reviews.pivot(index=\"review_id\", columns=\"question\", values=\"answer\")",
        Kind::Sessions => "sessions.groupby(\"environment\").turns.describe()",
        Kind::Turns => "turns.sort_values(\"latency_ms\").tail(10)[[\"external_id\", \"turn\", \"user\"]]",
    };
    format!("import pandas as pd\n{kind} = {read}\n{then}")
}

/// As one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_one_word_of_the_shell_whatever_it_holds() {
        let command = command("shop", Kind::Scores, Format::Csv, "text ~ \"it's $(rm -rf)\"");
        assert_eq!(
            command,
            r#"turnwise export --project shop --kind scores --filter 'text ~ "it'\''s $(rm -rf)"' --out scores.csv"#
        );
    }
}
