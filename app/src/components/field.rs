//! A form field: label, hint, control, error. The control learns from it what describes it.

use leptos::prelude::*;

use super::icon::{Icon, IconName};

/// What a control in a field needs to know.
#[derive(Clone)]
pub struct FieldContext {
    /// The control's id.
    pub id: String,
    /// The ids of hint and error, for `aria-describedby`.
    pub described_by: Signal<Option<String>>,
    /// Whether what was entered was refused.
    pub refused: Signal<bool>,
}

/// A label, a control, a hint and an error.
#[component]
pub fn Field(
    /// The control's id, unique on the page.
    #[prop(into)]
    id: String,
    /// What is to be entered.
    #[prop(into)]
    label: String,
    /// What helps to enter it.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What was wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The control.
    children: Children,
) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    let described_by = {
        let (hint_id, error_id) = (hint.is_some().then(|| hint_id.clone()), error_id.clone());
        Signal::derive(move || {
            let ids: Vec<String> = hint_id.clone().into_iter().chain(error.get().map(|_| error_id.clone())).collect();
            (!ids.is_empty()).then(|| ids.join(" "))
        })
    };
    provide_context(FieldContext {
        id: id.clone(),
        described_by,
        refused: Signal::derive(move || error.get().is_some()),
    });
    view! {
        <div class="field" class:field--refused=move || error.get().is_some()>
            <label class="field__label" for=id>{label}</label>
            {children()}
            {hint.map(|hint| view! { <p class="field__hint" id=hint_id>{hint}</p> })}
            {move || {
                error
                    .get()
                    .map(|text| {
                        view! {
                            <p class="field__error" id=error_id.clone()>
                                <Icon name=IconName::Warning />
                                <span>{text}</span>
                            </p>
                        }
                    })
            }}
        </div>
    }
    .into_any()
}
