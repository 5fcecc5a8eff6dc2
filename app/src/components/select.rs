//! One of several words, in a native `<select>`.

use leptos::prelude::*;

use super::field::FieldContext;

/// A word that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectOption {
    /// What the form sends.
    pub value: String,
    /// What a person reads.
    pub label: String,
}

impl SelectOption {
    /// A word that can be chosen.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// A choice of one. Stands in a [`super::Field`], or alone with a `label`.
#[component]
pub fn Select(
    /// The name under which the form sends it.
    #[prop(into)]
    name: String,
    /// What can be chosen.
    options: Vec<SelectOption>,
    /// What is chosen at first.
    #[prop(optional, into)]
    chosen: String,
    /// What is chosen, where no field says it.
    #[prop(optional, into)]
    label: Option<String>,
    /// Is told what was chosen, as it is chosen.
    #[prop(optional, into)]
    on_choice: Option<Callback<String>>,
) -> impl IntoView {
    let field = use_context::<FieldContext>();
    let described_by = field.as_ref().map(|field| field.described_by);
    view! {
        <select
            class="select"
            id=field.map(|field| field.id)
            name=name
            aria-label=label
            on:change=move |event| {
                if let Some(on_choice) = on_choice {
                    on_choice.run(event_target_value(&event));
                }
            }
            aria-describedby=move || described_by.and_then(|ids| ids.get())
        >
            {options
                .into_iter()
                .map(|option| {
                    let selected = option.value == chosen;
                    view! { <option value=option.value selected=selected>{option.label}</option> }
                })
                .collect_view()}
        </select>
    }
    .into_any()
}
