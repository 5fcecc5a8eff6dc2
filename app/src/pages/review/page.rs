//! `/p/:project/queues/:queue/review`: the bar, the task, what is said. Without a rail: one screen, one decision.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};
use turnwise_model::QueueId;

use super::desk::{Desk, HEADING};
use super::done::Done;
use super::keys::{DIGITS, fields};
use super::task::TaskView;
use crate::AppError;
use crate::browser;
use crate::components::{FormError, Icon, IconName, Shape, Skeleton, loaded};
use crate::functions::review::{ReviewSkip, ReviewStep, ReviewSubmit, ReviewUndo, review_next};
use crate::layout::{Help, Palette, open_help};
use crate::state::form::error_of;
use crate::state::keymap::{Key, use_keys};
use crate::state::project::{CurrentProject, use_project};
use crate::state::title::use_title;

/// The page.
#[component]
pub fn ReviewPage() -> impl IntoView {
    let project = CurrentProject::provide();
    let params = use_params_map();
    let step = project.resource(move |slug| {
        let queue = untrack(|| params.read().get("queue").unwrap_or_default()).parse::<QueueId>();
        async move { review_next(slug, queue.map_err(|_| AppError::no_such("queue"))?, None).await }
    });
    view! {
        <a class="skip" href="#content" rel="external">"Skip to the content"</a>
        <main class="review" id="content" tabindex="-1">
            {loaded(step, Shape::Panel, |step| view! { <Screen step /> })}
        </main>
        <Palette />
        <Help />
    }
    .into_any()
}

#[component]
fn Screen(step: ReviewStep) -> impl IntoView {
    let project = use_project();
    let navigate = use_navigate();
    let slug = untrack(|| project.slug());
    let desk = Desk::new(&slug, &step);
    let lease_seconds = step.queue.lease_seconds;
    let back = format!("/p/{slug}/queues");
    // What a plain form left behind, when it was refused.
    let refused = [
        error_of(ServerAction::<ReviewSubmit>::new()),
        error_of(ServerAction::<ReviewSkip>::new()),
        error_of(ServerAction::<ReviewUndo>::new()),
    ];
    live(desk, lease_seconds);
    let leave = {
        let back = back.clone();
        move || navigate(&back, NavigateOptions::default())
    };
    use_keys(keys(desk, &step, leave));

    let guidance = StoredValue::new((step.guidelines, step.guidance));
    let name = step.queue.name.clone();
    use_title(format!("Review {name}"));
    view! {
        <header class="review__bar">
            <h1 class="review__queue">{name}</h1>
            <Bar desk />
            <span class="review__gap"></span>
            <button class="button button--quiet needs-js" type="button" on:click=|_| open_help()>
                <kbd class="key" aria-hidden="true">"?"</kbd>
                "Keys"
            </button>
            <a class="button button--quiet" href=back.clone()>
                <kbd class="key needs-js" aria-hidden="true">"Esc"</kbd>
                "Leave"
            </a>
        </header>
        {refused.map(|error| view! { <FormError error /> })}
        <div class="review__trouble" role="alert">
            {move || {
                desk.trouble
                    .get()
                    .map(|trouble| {
                        view! {
                            <p class="review__trouble-text">
                                <Icon name=IconName::Warning />
                                <span>{trouble.what}</span>
                                {(!trouble.retrying)
                                    .then(|| {
                                        view! {
                                            <button class="button button--quiet" type="button" on:click=move |_| desk.trouble.set(None)>
                                                "Understood"
                                            </button>
                                        }
                                    })}
                            </p>
                        }
                    })
            }}
        </div>
        <p class="visually-hidden" role="status">{move || desk.said.get()}</p>
        {move || match desk.current.get() {
            Some(task) => {
                let (guidelines, guidance) = guidance.get_value();
                view! { <TaskView desk task guidelines guidance /> }.into_any()
            }
            None if desk.asking.get() || !desk.on_its_way.is_empty() => {
                let sends = move || {
                    (!desk.on_its_way.is_empty()).then_some("Answers are on their way to the server; the next task comes after them.")
                };
                view! { <div class="review__wait"><p class="visually-hidden" role="status">{sends}</p><Skeleton shape=Shape::Panel /></div> }.into_any()
            }
            None => view! { <Done desk back=back.clone() /> }.into_any(),
        }}
    }
    .into_any()
}

/// How far the queue is, and the one who looks.
#[component]
fn Bar(desk: Desk) -> impl IntoView {
    let progress = move || desk.progress.get();
    view! {
        <progress
            class="progress__bar review__progress"
            aria-label="Tasks done"
            value=move || progress().done.to_string()
            max=move || progress().total.max(1).to_string()
        ></progress>
        <span class="review__counts">
            <span>{move || format!("{}/{}", progress().done, progress().total)}</span>
            <span>{move || format!("you {}", progress().mine)}</span>
            {move || progress().median_seconds.map(|median| view! { <span>{format!("median {median} s")}</span> })}
        </span>
    }
    .into_any()
}

/// Brings the page to life: claims are kept while somebody works, and the focus follows the tasks.
fn live(desk: Desk, lease_seconds: i64) {
    Effect::new(move |begun: Option<()>| {
        if begun.is_none() {
            desk.begin(lease_seconds);
        }
    });
    Effect::new(move |before: Option<Option<String>>| {
        let task = desk.current.with(|task| task.as_ref().map(|task| task.ticket.claim.to_string()));
        let is_new = before.as_ref() != Some(&task);
        if task.is_some() && is_new {
            let first = before.is_none();
            request_animation_frame(move || {
                browser::bring_target_into_view();
                if !first {
                    browser::focus(HEADING);
                }
            });
        }
        task
    });
    Effect::new(move || {
        let signs = [
            window_event_listener_untyped("keydown", move |_| desk.alive()),
            window_event_listener_untyped("pointermove", move |_| desk.alive()),
            window_event_listener_untyped("pointerdown", move |_| desk.alive()),
            window_event_listener_untyped("wheel", move |_| desk.alive()),
            window_event_listener_untyped("visibilitychange", move |_| {
                if browser::is_hidden() { desk.hidden() } else { desk.alive() }
            }),
        ];
        on_cleanup(move || signs.into_iter().for_each(WindowListenerHandle::remove));
    });
}

/// The keys of the page.
fn keys(desk: Desk, step: &ReviewStep, leave: impl Fn() + Send + Sync + 'static) -> Vec<Key> {
    let mut keys: Vec<Key> = DIGITS
        .into_iter()
        .map(|digit| Key::new(digit, format!("Answer {digit} to the question in focus"), move || desk.press(digit)))
        .collect();
    let questions = step.next.task.as_ref().map(|task| task.rubric.questions.clone()).unwrap_or_default();
    for (index, key) in fields(&questions) {
        let title = questions.get(index).map(|question| question.title.clone()).unwrap_or_default();
        keys.push(Key::new(key, format!("Write: {title}"), move || desk.enter_field(key)));
    }
    keys.push(Key::new("Enter", "Submit", move || desk.submit()));
    keys.push(Key::new("mod+enter", "Submit, from a text field too", move || desk.submit()));
    keys.push(Key::new("s", "Skip this task", move || desk.skip()));
    keys.push(Key::new("u", "Take back the last review", move || desk.undo()));
    keys.push(Key::new("Escape", "Leave the queue; in a text field, leave the field", leave));
    keys
}
