//! What can be done with the session from its head: putting it into a queue.

use leptos::form::ActionForm;
use leptos::prelude::*;
use turnwise_model::SessionId;
use turnwise_model::access::Role;

use super::address::use_address;
use crate::AppError;
use crate::components::{Button, FormError, Menu, Select, SelectOption, Tone};
use crate::functions::session_list::{SessionsQueue, session_choices};
use crate::state::form::{error_of, when_done};
use crate::state::project::use_project;
use crate::state::toasts::Toasts;

/// The actions that the viewer's role allows.
#[component]
pub fn Actions(
    /// The session.
    session: SessionId,
) -> impl IntoView {
    let project = use_project();
    let may = move || project.opened.get().and_then(Result::ok).is_some_and(|open| open.role >= Role::Editor);
    view! {
        <div class="session-bar__actions">
            {move || may().then(|| view! { <ToQueue session /> })}
        </div>
    }
    .into_any()
}

#[component]
fn ToQueue(session: SessionId) -> impl IntoView {
    let address = use_address();
    let toasts = expect_context::<Toasts>();
    let add = ServerAction::<SessionsQueue>::new();
    when_done(add, move |added| {
        crate::browser::close_menus(None);
        toasts.say(if added == 0 { "It was in the queue already" } else { "Added to the queue" });
    });
    let queues = Resource::new(
        move || address.slug(),
        |slug| async move {
            let slug = slug.parse().map_err(|_| AppError::no_such("project"))?;
            session_choices(slug).await.map(|choices| choices.queues)
        },
    );
    let form = move || {
        let Some(Ok(queues)) = queues.get() else { return ().into_any() };
        if queues.is_empty() {
            return view! { <p class="menu__note">"There is no queue yet to put it into."</p> }.into_any();
        }
        let options = queues.iter().map(|queue| SelectOption::new(queue.id.to_string(), &queue.name)).collect();
        view! {
            <ActionForm action=add>
                <div class="menu__form">
                    <input type="hidden" name="project" value=move || address.slug() />
                    <input type="hidden" name="sessions[0]" value=session.to_string() />
                    <Select name="queue" options label="Queue" />
                    <FormError error=error_of(add) />
                    <Button tone=Tone::Primary submit=true pending=add.pending()>"Add"</Button>
                </div>
            </ActionForm>
        }
        .into_any()
    };
    view! {
        <Menu label="Add to a queue" button="Add to queue".into_any()>
            <Transition fallback=|| ()>{form}</Transition>
        </Menu>
    }
    .into_any()
}
