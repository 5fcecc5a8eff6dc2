//! Nothing is left for this reviewer.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::desk::Desk;
use crate::components::{ButtonLink, EmptyState, IconName, Tone};
use crate::functions::review::ReviewUndo;
use crate::state::project::use_project;

/// What was done, and what may still come.
#[component]
pub fn Done(desk: Desk, back: String) -> impl IntoView {
    let project = use_project();
    let progress = desk.progress.get_untracked();
    let held = desk.held_by_others.get_untracked();
    let title = if progress.total == 0 { "No tasks yet" } else { "Nothing left for you" };
    let mut text = match progress.total {
        0 => "Tasks come here when a rule routes sessions to this queue, or when somebody adds them from the list of sessions.".to_owned(),
        total => format!("{} of {total} tasks are done, {} of the reviews are yours.", progress.done, progress.mine),
    };
    if held > 0 {
        let others = if held == 1 { " 1 task is".to_owned() } else { format!(" {held} tasks are") };
        text = format!("{text}{others} with other reviewers and may come back.");
    }
    view! {
        <div class="review__done">
            <EmptyState icon=IconName::Check title text>
                <ButtonLink tone=Tone::Primary href=back>"Back to the queues"</ButtonLink>
                <a class="button" href="" rel="external" on:click=move |event| {
                    event.prevent_default();
                    desk.ask_ahead();
                }>"Look again"</a>
                {(progress.mine > 0)
                    .then(|| {
                        view! {
                            <form method="post" action=ReviewUndo::url() on:submit=move |event| {
                                event.prevent_default();
                                desk.undo();
                            }>
                                <input type="hidden" name="project" value=project.slug() />
                                <input type="hidden" name="queue" value=desk.queue.to_string() />
                                <button class="button button--quiet" type="submit">
                                    "Take back the last one"
                                    <kbd class="key needs-js" aria-hidden="true">"u"</kbd>
                                </button>
                            </form>
                        }
                    })}
            </EmptyState>
        </div>
    }
    .into_any()
}
