//! What an address shows that leads nowhere.

use crate::state::title::use_title;
use leptos::prelude::*;

use super::icon::{Icon, IconName};

/// There is no such thing here, or it is not for this viewer: which of the two is not said.
#[component]
pub fn NotFound(
    /// What was looked for.
    #[prop(into, default = "page".to_owned())]
    what: String,
) -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::context::ssr::answer_with_status(404);
    use_title("Not found");
    view! {
        <section class="error-state">
            <div class="error-state__picture"><Icon name=IconName::Search /></div>
            <h1 class="error-state__title">{format!("There is no such {what}")}</h1>
            <p class="error-state__advice">
                "It may have been removed, the address may be mistyped, or it belongs to a project that you are not a member of."
            </p>
            <a class="button" href="/"><span class="button__words">"Go to the start"</span></a>
        </section>
    }
    .into_any()
}
