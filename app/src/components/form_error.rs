//! Why a form was refused, above its button: all that does not belong under one of its fields.

use leptos::prelude::*;

use super::icon::{Icon, IconName};
use crate::AppError;

/// The error of a form.
#[component]
pub fn FormError(
    /// What happened at the last submission.
    #[prop(into)]
    error: Signal<Option<AppError>>,
    /// The fields that show their errors themselves.
    #[prop(optional)]
    fields: &'static [&'static str],
) -> impl IntoView {
    let general = move || error.get().filter(|error| fields.iter().all(|field| error.under(field).is_none()));
    view! {
        <div class="form-error" role="alert">
            {move || {
                general()
                    .map(|error| {
                        let signed_out = error == AppError::NotSignedIn;
                        view! {
                            <p class="form-error__text">
                                <Icon name=IconName::Warning />
                                <span>{error.sentence()} {signed_out.then(|| view! { " " <a href="/sign-in">"Sign in"</a> })}</span>
                            </p>
                        }
                    })
            }}
        </div>
    }
    .into_any()
}
