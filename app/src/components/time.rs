//! An instant: relative to now, exact on hover, in the viewer's zone.

use leptos::prelude::*;
use turnwise_model::Micros;

use crate::state::now::Now;
use crate::state::relative::{exact_utc, relative};

/// "3 min ago".
#[component]
pub fn Time(
    /// When.
    at: Micros,
) -> impl IntoView {
    let now = expect_context::<Now>();
    let exact = RwSignal::new(exact_utc(at));
    Effect::new(move || {
        if let Some(local) = crate::browser::local_time(at) {
            exact.set(local);
        }
    });
    view! {
        <time class="time" datetime=at.to_string() title=move || exact.get()>
            {move || relative(at, now.get())}
        </time>
    }
    .into_any()
}
