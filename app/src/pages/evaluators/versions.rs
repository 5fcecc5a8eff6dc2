//! The versions of an evaluator: what each did, and what it changed.

use leptos::prelude::*;
use turnwise_model::evaluation::{EvaluatorVersion, Method};
use turnwise_model::view::evaluator::VersionRow;

use super::effort;
use crate::components::{Column, Table, Time};
use crate::state::line_diff::{Mark, line_diff};

/// The versions, newest first.
#[component]
pub fn Versions(
    /// They.
    versions: Vec<VersionRow>,
) -> impl IntoView {
    let columns = vec![
        Column::words("Version"),
        Column::words("Made"),
        Column::words("Evaluations"),
        Column::numbers("Cost"),
        Column::numbers("Mean time"),
        Column::words("What changed"),
    ];
    let texts: Vec<String> = versions.iter().map(|row| text(&row.version)).collect();
    let changes: Vec<_> =
        (0..texts.len()).map(|index| texts.get(index + 1).map(|before| line_diff(before, &texts[index]))).collect();
    let rows = versions.into_iter().zip(changes).map(|(row, change)| {
        let VersionRow { version, effort } = row;
        view! {
            <tr>
                <th scope="row" data-label="Version">
                    <span class="person">
                        <span class="person__name">{format!("Version {}", version.number)}</span>
                        <span class="person__detail"><code>{version.hash}</code></span>
                    </span>
                </th>
                <td data-label="Made"><Time at=version.created_at /></td>
                <td data-label="Evaluations">{effort::states(effort.states)}</td>
                <td class="table__end" data-label="Cost">{effort::cost(&effort)}</td>
                <td class="table__end" data-label="Mean time">{effort::latency(&effort)}</td>
                <td data-label="What changed">
                    {match change {
                        Some(change) => view! { <Change change number=version.number /> }.into_any(),
                        None => view! { <span class="nothing">"the first"</span> }.into_any(),
                    }}
                </td>
            </tr>
        }
    });
    view! {
        <section class="section" aria-labelledby="versions-title">
            <h2 class="section__title" id="versions-title">"Versions"</h2>
            <Table caption="Versions" columns>{rows.collect_view()}</Table>
        </section>
    }
    .into_any()
}

#[component]
fn Change(change: Vec<(Mark, String)>, number: i64) -> impl IntoView {
    let of = |wanted| change.iter().filter(|(mark, _)| *mark == wanted).count();
    let summary = format!("{} added, {} removed", of(Mark::Added), of(Mark::Removed));
    let label = format!("Lines changed in version {number}");
    let lines = change.into_iter().map(|(mark, line)| match mark {
        Mark::Same => view! { <span class="diff__line">"  " {line} "\n"</span> }.into_any(),
        Mark::Added => view! { <ins class="diff__line diff__line--added">"+ " {line} "\n"</ins> }.into_any(),
        Mark::Removed => view! { <del class="diff__line diff__line--removed">"− " {line} "\n"</del> }.into_any(),
    });
    view! {
        <details class="diff">
            <summary>{summary}</summary>
            <pre class="diff__text" tabindex="0" role="group" aria-label=label>{lines.collect_view()}</pre>
        </details>
    }
    .into_any()
}

/// A version as a text whose lines can be compared.
fn text(version: &EvaluatorVersion) -> String {
    let mut text = format!(
        "judges: {}\nscores: {}\npasses from: {}\n",
        version.granularity, version.score_name, version.threshold
    );
    match &version.method {
        Method::Check { check, settings } => {
            text.push_str(&format!("check: {check}\n"));
            if !settings.is_null() {
                text.push_str(&serde_json::to_string_pretty(settings).unwrap_or_default());
            }
        }
        Method::Judge { prompt, model, temperature } => {
            text.push_str(&format!("model: {}\n", model.as_deref().unwrap_or("the provider's")));
            let temperature = temperature.map_or_else(|| "the model's".to_owned(), |number| number.to_string());
            text.push_str(&format!("temperature: {temperature}\n\n{prompt}"));
        }
    }
    text
}
