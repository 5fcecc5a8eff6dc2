//! Leading on from an address that shows nothing itself.

use leptos::prelude::*;
use leptos_router::NavigateOptions;

/// Leads on to another address, in the place of this one: going back does not lead here again.
pub fn redirect(to: impl Into<String>) -> AnyView {
    let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
    let to: String = to.into();
    view! { <leptos_router::components::Redirect path=to options /> }.into_any()
}
