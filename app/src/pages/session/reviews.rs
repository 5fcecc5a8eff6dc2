//! The tab with what people answered about the session, review by review.

use leptos::prelude::*;
use turnwise_model::score::{Exposure, Source};
use turnwise_model::view::session_page::{OutlinedTurn, SessionReview};

use super::address::use_address;
use super::asked::use_asked;
use crate::components::{Badge, BadgeTone, ScoreMark, Shape, Time, loaded_when};
use crate::state::figures::duration;

/// The reviews.
#[component]
pub fn Reviews(
    /// All turns of the session.
    outline: Vec<OutlinedTurn>,
    /// Others' reviews are not told to the viewer yet.
    withheld: bool,
) -> impl IntoView {
    let reviews = use_asked().reviews;
    view! {
        {withheld
            .then(|| view! { <p class="nothing">"Reviews of others are withheld until you have reviewed this session in its blind queue."</p> })}
        {loaded_when(
            reviews,
            Shape::Table(3),
            move |reviews| {
                if reviews.is_empty() && !withheld {
                    return view! { <p class="nothing">"Nobody has reviewed this session yet. Put it into a queue to have it reviewed."</p> }
                        .into_any();
                }
                let outline = outline.clone();
                reviews.into_iter().map(move |review| view! { <ReviewCard review outline=outline.clone() /> }).collect_view().into_any()
            },
        )}
    }
    .into_any()
}

#[component]
fn ReviewCard(review: SessionReview, outline: Vec<OutlinedTurn>) -> impl IntoView {
    let address = use_address();
    let position = review.target.turn().and_then(|turn| outline.iter().find(|known| known.id == turn));
    let about = match position.map(|turn| turn.position) {
        Some(position) => view! { <a href=move || address.turn(position)>{format!("Turn {position}")}</a> }.into_any(),
        None => "Session".into_any(),
    };
    let exposure = match review.exposure {
        Exposure::Blind => "blind",
        Exposure::Shown => "verdicts shown",
        Exposure::Revised => "revised",
    };
    let took = review.active_ms.map(|ms| format!(" · {}", duration(ms)));
    let answers = review.answers.into_iter().map(|answered| {
        view! { <dt>{answered.title}</dt><dd>{answered.answer}</dd> }
    });
    view! {
        <article class="score-card">
            <header class="score-card__head">
                <ScoreMark source=Source::Human name="review" />
                <h3 class="score-card__name">{review.reviewer_name}</h3>
                <Badge tone=BadgeTone::Plain>{exposure}</Badge>
            </header>
            <p class="score-card__by">{about} " · " {review.queue_name} {took} " · " <Time at=review.created_at /></p>
            <dl class="details__list">{answers.collect_view()}</dl>
        </article>
    }
    .into_any()
}
