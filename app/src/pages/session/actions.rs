//! What can be done with the session from its head: having it evaluated now, putting it into a queue.

use std::time::Duration;

use leptos::form::ActionForm;
use leptos::prelude::*;
use turnwise_model::SessionId;

use super::address::use_address;
use super::asked::use_asked;
use crate::components::{Button, FormError, Menu, Select, SelectOption, Tone};
use crate::functions::session_list::{Choices, EvaluatorChoice, QueueChoice, SessionsEvaluate, SessionsQueue};
use crate::state::flash::Notice;
use crate::state::form::{error_of, when_done};
use crate::state::toasts::Toasts;

/// Checks are done by then; a judge may take longer.
const SCORED_WITHIN: Duration = Duration::from_secs(3);

/// The actions that the viewer's role allows.
#[component]
pub fn Actions(
    /// The session.
    session: SessionId,
    /// Asks for the page's content again.
    again: Callback<()>,
) -> impl IntoView {
    let choices = use_asked().choices;
    let menus = move || {
        // Where they cannot be asked for, the page says so anyway.
        let Some(Ok(Choices { may_act: true, queues, evaluators })) = choices.get() else { return ().into_any() };
        view! {
            <Evaluate session evaluators again />
            <ToQueue session queues />
        }
        .into_any()
    };
    view! {
        <div class="session-bar__actions">
            <Transition fallback=|| ()>{menus}</Transition>
        </div>
    }
    .into_any()
}

#[component]
fn Evaluate(session: SessionId, evaluators: Vec<EvaluatorChoice>, again: Callback<()>) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let evaluate = ServerAction::<SessionsEvaluate>::new();
    when_done(evaluate, move |_| {
        crate::browser::close_menus(None);
        toasts.say(Notice::Evaluating.text());
        // The page may have been left.
        set_timeout(move || _ = again.try_run(()), SCORED_WITHIN);
    });
    let option = |evaluator: EvaluatorChoice| {
        let waits = if evaluator.waiting_for_provider { " (waits for a provider)" } else { "" };
        SelectOption::new(evaluator.id.to_string(), format!("{}{waits}", evaluator.name))
    };
    let options: Vec<SelectOption> = evaluators.into_iter().map(option).collect();
    let form = if options.is_empty() {
        view! { <p class="menu__note">"No evaluator is in use."</p> }.into_any()
    } else {
        view! {
            <ActionForm action=evaluate>
                <div class="menu__form">
                    <Sent session />
                    <Select name="evaluator" options label="Evaluator" />
                    <FormError error=error_of(evaluate) />
                    <Button tone=Tone::Primary submit=true pending=evaluate.pending()>"Evaluate"</Button>
                </div>
            </ActionForm>
        }
        .into_any()
    };
    view! { <Menu label="Evaluate now" button="Evaluate now".into_any()>{form}</Menu> }.into_any()
}

#[component]
fn ToQueue(session: SessionId, queues: Vec<QueueChoice>) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let add = ServerAction::<SessionsQueue>::new();
    when_done(add, move |added| {
        crate::browser::close_menus(None);
        toasts.say(if added == 0 { "It was in the queue already" } else { "Added to the queue" });
    });
    let options: Vec<SelectOption> =
        queues.into_iter().map(|queue| SelectOption::new(queue.id.to_string(), queue.name)).collect();
    let form = if options.is_empty() {
        view! { <p class="menu__note">"There is no queue yet to put it into."</p> }.into_any()
    } else {
        view! {
            <ActionForm action=add>
                <div class="menu__form">
                    <Sent session />
                    <Select name="queue" options label="Queue" />
                    <FormError error=error_of(add) />
                    <Button tone=Tone::Primary submit=true pending=add.pending()>"Add"</Button>
                </div>
            </ActionForm>
        }
        .into_any()
    };
    view! { <Menu label="Add to a queue" button="Add to queue".into_any()>{form}</Menu> }.into_any()
}

/// Which session is meant.
#[component]
fn Sent(session: SessionId) -> impl IntoView {
    let address = use_address();
    view! {
        <input type="hidden" name="project" value=move || address.slug() />
        <input type="hidden" name="sessions[0]" value=session.to_string() />
    }
    .into_any()
}
