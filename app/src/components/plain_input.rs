//! Controls for a [`super::Field`] that may be left empty: a line, and a text of several lines.

use leptos::prelude::*;

use super::field::FieldContext;

/// A line of text, a number, an address or a secret.
#[component]
pub fn PlainInput(
    /// The name under which the form sends it.
    name: &'static str,
    /// `text`, `number`, `url` or `password`.
    #[prop(default = "text")]
    kind: &'static str,
    /// What is in it at first.
    #[prop(optional, into)]
    value: String,
    /// What an empty field stands for.
    #[prop(optional, into)]
    placeholder: String,
    /// Whether it must be filled.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let field = expect_context::<FieldContext>();
    view! {
        <input
            class="input"
            type=kind
            id=field.id
            name=name
            value=value
            placeholder=placeholder
            required=required
            step=(kind == "number").then_some("any")
            autocomplete=if kind == "password" { "new-password" } else { "off" }
            spellcheck="false"
            aria-describedby=move || field.described_by.get()
            aria-invalid=move || field.refused.get().then_some("true")
        />
    }
    .into_any()
}

/// A text of several lines, in the type of code.
#[component]
pub fn TextArea(
    /// The name under which the form sends it.
    name: &'static str,
    /// What is in it at first.
    #[prop(optional, into)]
    value: String,
    /// How many lines are in view.
    #[prop(default = 12)]
    rows: u32,
) -> impl IntoView {
    let field = expect_context::<FieldContext>();
    view! {
        <textarea
            class="input text-area"
            id=field.id
            name=name
            rows=rows
            spellcheck="false"
            aria-describedby=move || field.described_by.get()
            aria-invalid=move || field.refused.get().then_some("true")
        >
            {value}
        </textarea>
    }
    .into_any()
}
