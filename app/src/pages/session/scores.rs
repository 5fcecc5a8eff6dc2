//! The tab that lists every score: the session's first, then turn by turn, each with who gave it, why, and on what it rests.

use std::collections::BTreeMap;

use leptos::prelude::*;
use turnwise_model::score::{Exposure, Score, Source, Target};
use turnwise_model::view::session_page::{OutlinedTurn, SessionPage};

use super::address::use_address;
use crate::components::{Badge, BadgeTone, ScoreMark, Time};
use crate::state::figures::one_line;

/// All scores of the session.
#[component]
pub fn Scores(
    /// What the page shows.
    content: SessionPage,
) -> impl IntoView {
    let withheld = content.withheld;
    if content.scores.is_empty() {
        let why = if withheld {
            "Scores are withheld until you have reviewed this session in its blind queue."
        } else {
            "Nothing has been scored yet. Rules decide which evaluators judge a session once it has ended; people score it in queues."
        };
        return view! { <p class="nothing">{why}</p> }.into_any();
    }
    let names = content.names;
    let groups = groups(content.scores, &content.outline);
    groups
        .into_iter()
        .map(|(target, scores)| {
            let cards = scores
                .into_iter()
                .map(|score| {
                    let by = by(&score, &names);
                    view! { <ScoreCard score by /> }
                })
                .collect_view();
            view! {
                <section class="score-group">
                    <TargetTitle target />
                    {cards}
                </section>
            }
        })
        .collect_view()
        .into_any()
}

/// What scores are about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Session,
    /// A turn by its position.
    Turn(u32),
    /// A turn that the session has no longer.
    Gone,
    /// A span by its id.
    Span(String),
}

fn groups(scores: Vec<Score>, outline: &[OutlinedTurn]) -> Vec<(About, Vec<Score>)> {
    let mut groups: BTreeMap<About, Vec<Score>> = BTreeMap::new();
    for score in scores {
        let about = match &score.target {
            Target::Session { .. } => About::Session,
            Target::Turn { turn, .. } => match outline.iter().find(|known| known.id == *turn) {
                Some(known) => About::Turn(known.position),
                None => About::Gone,
            },
            Target::Span { span, .. } => About::Span(span.clone()),
        };
        groups.entry(about).or_default().push(score);
    }
    // What no longer counts comes last.
    for scores in groups.values_mut() {
        scores.sort_by_key(|score| score.stale);
    }
    groups.into_iter().collect()
}

#[component]
fn TargetTitle(target: About) -> impl IntoView {
    let address = use_address();
    let title = match target {
        About::Session => "Session".into_any(),
        About::Turn(position) => {
            view! { <a href=move || address.turn(position)>{format!("Turn {position}")}</a> }.into_any()
        }
        About::Gone => "Turns that are gone".into_any(),
        About::Span(span) => view! { "Span " <code>{span}</code> }.into_any(),
    };
    view! { <h3 class="score-group__title">{title}</h3> }.into_any()
}

/// Who gave a score, in words.
fn by(score: &Score, names: &BTreeMap<String, String>) -> String {
    let known = |key: &Option<String>| key.as_ref().map(|key| names.get(key).cloned().unwrap_or_else(|| key.clone()));
    let evaluator = || match &score.evaluator_version {
        Some(version) => names.get(version).cloned().or_else(|| Some(format!("version {version}"))),
        None => known(&score.author),
    };
    let with = |kind: &str, who: Option<String>| who.map_or_else(|| kind.to_owned(), |who| format!("{kind} · {who}"));
    match score.source {
        Source::Human => {
            let exposure = match score.exposure {
                Some(Exposure::Blind) => ", blind",
                Some(Exposure::Shown) => ", verdicts shown",
                Some(Exposure::Revised) => ", revised",
                None => "",
            };
            format!("{}{exposure}", with("review", known(&score.author)))
        }
        Source::Llm => with("judge", evaluator()),
        Source::Code => with("check", evaluator()),
        Source::User => with("user feedback", known(&score.author)),
        Source::Api => with("program", known(&score.author)),
    }
}

#[component]
fn ScoreCard(score: Score, by: String) -> impl IntoView {
    let address = use_address();
    let evidence = score.evidence.into_iter().map(move |evidence| {
        let place = format!("turn {}, {}", evidence.position, evidence.part);
        let quote = match evidence.quote.trim() {
            "" => "the whole of it".to_owned(),
            quote => format!("“{}”", one_line(quote, 240)),
        };
        view! {
            <li class="score-card__evidence">
                <a href=move || address.turn(evidence.position)>{quote}</a>
                " "
                <span class="score-card__place">{place}</span>
                {evidence.note.map(|note| view! { <span class="score-card__note">{note}</span> })}
            </li>
        }
    });
    let evidence: Vec<_> = evidence.collect();
    view! {
        <article class="score-card" class:score-card--stale=score.stale id=format!("score-{}", score.id) tabindex="-1">
            <header class="score-card__head">
                <ScoreMark source=score.source name=score.name.clone() />
                <h4 class="score-card__name">{score.name.clone()}</h4>
                <span class="score-card__value">{score.value.display()}</span>
                {match score.passed {
                    Some(true) => view! { <Badge tone=BadgeTone::Pass>"passed"</Badge> }.into_any(),
                    Some(false) => view! { <Badge tone=BadgeTone::Fail>"below threshold"</Badge> }.into_any(),
                    None => ().into_any(),
                }}
                {score
                    .stale
                    .then(|| {
                        let title = format!("It judged revision {} of the session, which has changed since.", score.revision);
                        view! { <span title=title><Badge tone=BadgeTone::Warn>"stale"</Badge></span> }
                    })}
            </header>
            <p class="score-card__by">{by} " · " <Time at=score.created_at /></p>
            {score.explanation.map(|why| view! { <p class="score-card__why">{why}</p> })}
            {(!evidence.is_empty()).then(|| view! { <ul class="score-card__list">{evidence}</ul> })}
        </article>
    }
    .into_any()
}
