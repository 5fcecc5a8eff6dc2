//! How far long work has come, with its rate and the time left where they are known.

use leptos::prelude::*;

/// A bar and its words.
#[component]
pub fn Progress(
    /// What is being done: "Importing".
    #[prop(into)]
    label: String,
    /// How much is done.
    #[prop(into)]
    done: Signal<u32>,
    /// How much there is to do; `None` while that is not known.
    #[prop(into)]
    total: Signal<Option<u32>>,
    /// Rate and time left: "1 200/s, 40 s left".
    #[prop(optional, into)]
    detail: Signal<Option<String>>,
) -> impl IntoView {
    let words = move || match total.get() {
        Some(total) => format!("{} of {total}", done.get()),
        None => done.get().to_string(),
    };
    view! {
        <div class="progress">
            <div class="progress__words">
                <span class="progress__label">{label.clone()}</span>
                <span class="progress__count">{words}</span>
                {move || detail.get().map(|detail| view! { <span class="progress__detail">{detail}</span> })}
            </div>
            {move || match total.get() {
                Some(total) => {
                    view! { <progress class="progress__bar" aria-label=label.clone() value=move || done.get() max=total></progress> }
                        .into_any()
                }
                None => view! { <progress class="progress__bar" aria-label=label.clone()></progress> }.into_any(),
            }}
        </div>
    }
    .into_any()
}
