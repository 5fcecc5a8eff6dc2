//! What a part of a page shows when it failed: what happened, what to do, and a way to try again.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::icon::{Icon, IconName};
use super::not_found::NotFound;
use super::redirect::redirect;
use crate::AppError;

/// What stands where content should be. Those who are not signed in are taken to the sign-in page and back.
#[component]
pub fn ErrorState(
    /// What happened.
    error: AppError,
    /// Tries again; without it the page can be loaded anew.
    #[prop(optional, into)]
    retry: Option<Callback<()>>,
) -> impl IntoView {
    let location = use_location();
    let here = move || {
        let search = location.search.get_untracked();
        let path = location.pathname.get_untracked();
        if search.is_empty() { path } else { format!("{path}?{search}") }
    };
    let (title, advice) = match &error {
        AppError::NotSignedIn => return redirect(sign_in_address(&here())),
        AppError::NotFound { what } => return view! { <NotFound what=what.clone() /> }.into_any(),
        AppError::Denied { .. } => {
            ("This is not for your role", "An owner of the project can change your role under Settings, Members.")
        }
        AppError::TooMany { .. } => ("Too many attempts", "Nothing is wrong with the page; it only has to rest."),
        AppError::Unreachable => (
            "The server cannot be reached",
            "Your work on this page is kept. It goes on as soon as the connection is back.",
        ),
        _ => (
            "This could not be shown",
            "Try again. If it happens once more, tell whoever runs this server, with the line above.",
        ),
    };
    let try_again = move |event: leptos::ev::MouseEvent| {
        if let Some(retry) = retry {
            event.prevent_default();
            retry.run(());
        }
    };
    view! {
        <section class="error-state" role="alert">
            <div class="error-state__picture"><Icon name=IconName::Warning /></div>
            <h2 class="error-state__title">{title}</h2>
            <p class="error-state__what">{error.sentence()}</p>
            <p class="error-state__advice">{advice}</p>
            <a class="button" href="" rel="external" on:click=try_again>
                <Icon name=IconName::Refresh />
                <span class="button__words">"Try again"</span>
            </a>
        </section>
    }
    .into_any()
}

/// The sign-in page, with the way back.
#[must_use]
pub fn sign_in_address(back: &str) -> String {
    let mut encoded = String::new();
    for byte in back.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("/sign-in?next={encoded}")
}

#[cfg(test)]
mod tests {
    use super::sign_in_address;

    #[test]
    fn the_way_back_survives_its_own_query() {
        assert_eq!(sign_in_address("/p/shop/sessions?q=a&b"), "/sign-in?next=/p/shop/sessions%3Fq%3Da%26b");
    }
}
