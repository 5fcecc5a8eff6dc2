//! Tells that there are newer sessions than the list shows, without moving what one reads. Asks every few seconds with a
//! cheap count, as long as the page is looked at; rests longer when the server cannot be reached.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use turnwise_model::Micros;

use crate::components::{Icon, IconName};
use crate::functions::session_list::sessions_newer;
use crate::state::project::use_project;

/// Seconds between two questions.
const EVERY: Duration = Duration::from_secs(5);
/// So many questions are left out after one that failed.
const REST: u32 = 6;
/// From here on the exact number does not matter; where the server stops counting.
const MANY: i64 = 100;

/// "12 new": a link to the beginning of the list.
#[component]
pub fn LiveNote(
    /// The filter of the list.
    #[prop(into)]
    filter: Signal<String>,
    /// The newest activity that the list knew of.
    #[prop(into)]
    newest: Signal<Option<Micros>>,
    /// The address of the beginning of the list.
    #[prop(into)]
    first: Signal<String>,
    /// Whether the list is at its beginning.
    #[prop(into)]
    at_first: Signal<bool>,
    /// Reads the list anew.
    refresh: Callback<()>,
) -> impl IntoView {
    let project = use_project();
    let new = RwSignal::new(0_i64);
    let skip = StoredValue::new(0_u32);
    let ask = move || {
        let (Some(known), Ok(slug)) = (newest.get_untracked(), untrack(|| project.slug()).parse()) else { return };
        if document().hidden() {
            return;
        }
        let rests = skip.try_update_value(|left| std::mem::replace(left, left.saturating_sub(1)));
        if rests.unwrap_or_default() > 0 {
            return;
        }
        let asked = filter.get_untracked();
        spawn_local(async move {
            let answer = sessions_newer(slug, asked.clone(), known).await;
            // The list may have changed while the answer was under way.
            let is_of_the_list =
                newest.try_get_untracked() == Some(Some(known)) && filter.try_get_untracked() == Some(asked);
            match answer {
                Ok(count) if is_of_the_list => _ = new.try_set(count),
                Ok(_) => {}
                Err(_) => _ = skip.try_update_value(|left| *left = REST),
            }
        });
    };
    Effect::new(move || {
        // What was new is no longer, once the list is read anew.
        newest.track();
        filter.track();
        new.set(0);
    });
    Effect::new(move || {
        let ticking = set_interval_with_handle(ask, EVERY);
        on_cleanup(move || {
            if let Ok(ticking) = ticking {
                ticking.clear();
            }
        });
    });
    let words = move || match new.get() {
        MANY.. => format!("{MANY}+ new or changed"),
        count => format!("{count} new or changed"),
    };
    let load = move |event: leptos::ev::MouseEvent| {
        if at_first.get_untracked() {
            event.prevent_default();
        }
        refresh.run(());
    };
    view! {
        <div class="live" role="status">
            <Show when=move || 0 < new.get()>
                <a class="live__note" href=move || first.get() on:click=load>
                    <Icon name=IconName::Refresh />
                    {words}
                </a>
            </Show>
        </div>
    }
    .into_any()
}
