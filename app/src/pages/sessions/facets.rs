//! What the list can be narrowed by, with counts. Every line is a link to the list with that term in its filter, or
//! without it. Beside the list where there is room; on a phone a popover.

use leptos::prelude::*;
use turnwise_model::filter::{Filter, Subject, Value};
use turnwise_model::view::session::{FacetCount, Facets, ScoreFacet};

use super::wanted::Wanted;
use crate::components::{Icon, IconName, has_term, toggled};
use crate::state::figures;
use crate::state::project::{CurrentProject, use_project};

/// The panel's id, for the button that opens it on a phone.
pub const FACETS: &str = "facets";
/// So many values of a facet are shown at once.
const SHOWN: usize = 8;

/// Makes the links: the list with a term in its filter, or without it.
#[derive(Clone, Copy)]
struct Links {
    project: CurrentProject,
    wanted: Memo<Wanted>,
    filter: Memo<Filter>,
}

/// One line: what it says, the term that it stands for, how many sessions.
struct Line {
    words: String,
    term: String,
    sessions: i64,
}

/// The panel's content.
#[component]
pub fn FacetList(
    /// What can be narrowed by.
    facets: Facets,
    /// What the address asks for.
    wanted: Memo<Wanted>,
) -> impl IntoView {
    let filter = Memo::new(move |_| Filter::parse(&wanted.read().filter).unwrap_or_default());
    let links = Links { project: use_project(), wanted, filter };
    let channel = Subject::Metadata(facets.channel_key.clone()).to_string();
    let state = [
        Line { words: "Open".to_owned(), term: "status = open".to_owned(), sessions: facets.open },
        Line { words: "With errors".to_owned(), term: "errors > 0".to_owned(), sessions: facets.errors },
    ];
    let state = state.into_iter().filter(|line| line.sessions > 0).collect();
    view! {
        {group("State", state, links)}
        {scores(facets.scores, links)}
        {group("Environment", lines("environment", facets.environment), links)}
        {group("Channel", lines(&channel, facets.channel), links)}
        {group("Outcome", lines("end_reason", facets.end_reason), links)}
        {group("Model", lines("model", facets.model), links)}
        {group("Tag", lines("tag", facets.tag), links)}
    }
    .into_any()
}

fn lines(subject: &str, counts: Vec<FacetCount>) -> Vec<Line> {
    let line = |count: FacetCount| {
        let term = format!("{subject} = {}", Value::Text(count.value.clone()));
        Line { words: count.value, term, sessions: count.sessions }
    };
    counts.into_iter().map(line).collect()
}

fn group(title: &'static str, mut lines: Vec<Line>, links: Links) -> Option<AnyView> {
    if lines.is_empty() {
        return None;
    }
    let rest = lines.split_off(lines.len().min(SHOWN));
    let more = (!rest.is_empty()).then(|| {
        let count = rest.len();
        let rest = rest.into_iter().map(|line| links.line(line)).collect_view();
        view! {
            <details class="facets__more">
                <summary>{format!("{count} more")}</summary>
                <ul>{rest}</ul>
            </details>
        }
    });
    let lines = lines.into_iter().map(|line| links.line(line)).collect_view();
    let group = view! {
        <section class="facets__group">
            <h3 class="facets__title">{title}</h3>
            <ul>{lines}</ul>
            {more}
        </section>
    };
    Some(group.into_any())
}

/// Score names, each with the sessions that failed and those that passed.
fn scores(scores: Vec<ScoreFacet>, links: Links) -> Option<AnyView> {
    if scores.is_empty() {
        return None;
    }
    let rows = scores.into_iter().map(|score| {
        let subject = Subject::Score { name: Some(score.name.clone()), source: None }.to_string();
        let failed = Line { words: "failed".to_owned(), term: format!("{subject} failed"), sessions: score.failed };
        let passed = Line {
            words: "passed".to_owned(),
            term: format!("{subject} passed and not {subject} failed"),
            sessions: score.passed,
        };
        view! {
            <li class="facets__score">
                <span class="facets__name">{score.name.clone()}</span>
                {links.pill(&score.name, failed, "facet-pill facet-pill--fail")}
                {links.pill(&score.name, passed, "facet-pill facet-pill--pass")}
            </li>
        }
    });
    let group = view! {
        <section class="facets__group">
            <h3 class="facets__title">"Scores"</h3>
            <ul>{rows.collect_view()}</ul>
        </section>
    };
    Some(group.into_any())
}

impl Links {
    /// The address with the term toggled, and whether the filter has it. Both follow the address: whoever is quicker than
    /// the counts takes a second term to the first, not in its place.
    fn toggle(self, term: &str) -> (Signal<String>, Signal<bool>) {
        let term = StoredValue::new(Filter::parse(term).unwrap_or_default());
        let href = Signal::derive(move || {
            let filter = term.with_value(|term| toggled(&self.filter.read(), term)).to_string();
            self.wanted.read().filtered(filter).query().address(&self.project.address("sessions"))
        });
        (href, Signal::derive(move || term.with_value(|term| has_term(&self.filter.read(), term))))
    }

    fn line(self, line: Line) -> AnyView {
        let (href, chosen) = self.toggle(&line.term);
        view! {
            <li>
                <a class="facet" href=href aria-current=current(chosen) title=line.term>
                    <span class="facet__words">{line.words}</span>
                    {move || chosen.get().then(|| view! { <Icon name=IconName::Check /> })}
                    <span class="facet__count">{figures::count(line.sessions)}</span>
                </a>
            </li>
        }
        .into_any()
    }

    fn pill(self, name: &str, line: Line, class: &'static str) -> AnyView {
        let (href, chosen) = self.toggle(&line.term);
        let label = format!("{name} {}, {}", line.words, figures::plural(line.sessions, "session", "sessions"));
        // Where there is none there is nowhere to go.
        let href = move || (line.sessions > 0 || chosen.get()).then(|| href.get());
        view! {
            <a class=class href=href aria-current=current(chosen) aria-label=label title=line.term>
                <Icon name=if line.words == "failed" { IconName::Close } else { IconName::Check } />
                {figures::count(line.sessions)}
            </a>
        }
        .into_any()
    }
}

fn current(chosen: Signal<bool>) -> impl Fn() -> Option<&'static str> + Copy {
    move || chosen.get().then_some("true")
}
