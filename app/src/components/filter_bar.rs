//! The filter above a list: the field, a button that applies it, and the chips. A GET form: the address holds the filter.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use turnwise_model::filter::Filter;

use super::filter_chips::FilterChips;
use super::filter_field::FilterField;
use crate::state::keymap::{Key, use_keys};

/// The field's id, for `/`.
const FIELD: &str = "filter";

/// The filter above a list.
#[component]
pub fn FilterBar(
    /// What it filters: "Filter sessions".
    #[prop(into)]
    label: String,
    /// The filter that the address holds.
    #[prop(into)]
    filter: Signal<String>,
    /// The address of the list with another filter.
    #[prop(into)]
    address: Callback<String, String>,
    /// What else the form sends along, by name, so that it stays as it is.
    #[prop(optional, into)]
    kept: Signal<Vec<(String, String)>>,
    /// Controls after the button.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let navigate = use_navigate();
    let text = RwSignal::new(filter.get_untracked());
    // Back, facets and chips change the address; the field follows.
    Effect::new(move |before: Option<String>| {
        let filter = filter.get();
        if before.is_some_and(|before| before != filter) {
            text.set(filter.clone());
        }
        filter
    });
    use_keys(vec![Key::new("/", "Filter", || crate::browser::focus(FIELD))]);
    let path = move || {
        let plain = address.run(String::new());
        plain.split('?').next().unwrap_or_default().to_owned()
    };
    let apply = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        // A filter that cannot be read is shown as such where it stands; the list stays.
        if Filter::parse(&text.read_untracked()).is_ok() {
            let address = untrack(|| address.run(text.read().trim().to_owned()));
            navigate(&address, NavigateOptions::default());
        }
    };
    view! {
        <div class="filter-bar">
            <form class="filter-bar__form" method="get" action=path role="search" aria-label=label on:submit=apply>
                <FilterField id=FIELD label=label.clone() text=text />
                {move || {
                    kept.get()
                        .into_iter()
                        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
                        .collect_view()
                }}
                <button class="button" type="submit">"Apply"</button>
            </form>
            {children.map(|children| view! { <div class="filter-bar__more">{children()}</div> })}
            <FilterChips text=filter address=address />
        </div>
    }
    .into_any()
}
