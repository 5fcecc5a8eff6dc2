//! Text to take away: a snippet, an address, a secret. Selectable by hand, copied by a button where there is JavaScript.

use std::time::Duration;

use leptos::prelude::*;

use super::icon::{Icon, IconName};

/// Text with a button that copies it.
#[component]
pub fn CopyBox(
    /// The text.
    #[prop(into)]
    text: String,
    /// What it is: "API key".
    #[prop(into)]
    label: String,
    /// Several lines, as they are.
    #[prop(optional)]
    block: bool,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let failed = RwSignal::new(false);
    let text = StoredValue::new(text);
    let copy = move |_| {
        crate::browser::copy(&text.get_value(), move |allowed| {
            copied.set(allowed);
            failed.set(!allowed);
            set_timeout(move || _ = copied.try_set(false), Duration::from_secs(2));
        });
    };
    view! {
        <div class="copy-box" class:copy-box--block=block>
            <pre class="copy-box__text" tabindex="0" role="group" aria-label=label.clone()><code>{text.get_value()}</code></pre>
            <button class="copy-box__button needs-js" type="button" aria-label=format!("Copy {label}") on:click=copy>
                <Show when=move || copied.get() fallback=|| view! { <Icon name=IconName::Copy /> }>
                    <Icon name=IconName::Check />
                </Show>
                <span class="copy-box__word" aria-live="polite">
                    {move || match (copied.get(), failed.get()) {
                        (true, _) => "Copied",
                        (_, true) => "Press Ctrl C",
                        _ => "Copy",
                    }}
                </span>
            </button>
        </div>
    }
    .into_any()
}
