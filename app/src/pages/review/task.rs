//! One task: the conversation on the left, the questions on the right. A plain form, when there is no JavaScript.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use turnwise_model::view::review::ReviewTask;

use super::desk::{Desk, HEADING, SUBMIT};
use super::keys::fields;
use super::question::QuestionView;
use crate::components::ScoreMark;
use crate::components::conversation::ConversationView;
use crate::functions::review::{ReviewSkip, ReviewSubmit, ReviewUndo};
use crate::state::project::use_project;

/// How many turns are shown on each side of the one in question.
const AROUND: u32 = 2;

/// The task.
#[component]
pub fn TaskView(
    /// The desk.
    desk: Desk,
    /// The task.
    task: Arc<ReviewTask>,
    /// The queue's instructions, as safe HTML.
    guidelines: String,
    /// Guidance by question key, as safe HTML.
    guidance: BTreeMap<String, String>,
) -> impl IntoView {
    let project = use_project();
    let turns = task.conversation.turns.clone();
    let target = task.target.turn();
    let place = target.and_then(|target| turns.iter().find(|turn| turn.id == target)).map(|turn| turn.position);
    let heading = match place {
        Some(position) => format!("Turn {position} of {}", turns.len()),
        None if turns.len() == 1 => "The whole session: 1 turn".to_owned(),
        None => format!("The whole session: {} turns", turns.len()),
    };
    let around = target.map(|_| AROUND);
    let field_keys: BTreeMap<usize, &'static str> = fields(&task.rubric.questions).into_iter().collect();
    let questions: Vec<AnyView> = task
        .rubric
        .questions
        .iter()
        .enumerate()
        .map(|(index, question)| {
            let guidance = guidance.get(&question.key).cloned();
            let field_key = field_keys.get(&index).copied();
            view! { <QuestionView desk index question=question.clone() guidance field_key /> }.into_any()
        })
        .collect();
    let verdicts: Vec<AnyView> = task
        .verdicts
        .iter()
        .map(|score| {
            view! {
                <li class="review__verdict">
                    <ScoreMark source=score.source name=score.name.clone() value=score.value.display() />
                    <span>{score.name.clone()}</span>
                    {score.explanation.clone().map(|why| view! { <span class="review__why">{why}</span> })}
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <form
            class="review__task"
            method="post"
            action=ReviewSubmit::url()
            on:submit=move |event| {
                event.prevent_default();
                desk.submit();
            }
        >
            <input type="hidden" name="project" value=project.slug() />
            <input type="hidden" name="queue" value=desk.queue.to_string() />
            <input type="hidden" name="task" value=task.task.to_string() />
            <input type="hidden" name="claim" value=task.ticket.claim.to_string() />
            <input type="hidden" name="fence" value=task.ticket.fence.to_string() />
            <input type="hidden" name="rubric_version" value=task.rubric.version.to_string() />
            <section class="review__conversation" tabindex="0" aria-labelledby=HEADING>
                <h2 class="review__heading" id=HEADING tabindex="-1">{heading}</h2>
                {task.note.clone().map(|note| view! { <p class="review__note">{note}</p> })}
                <ConversationView turns target around />
            </section>
            <section class="review__questions" aria-label="Questions">
                {(!guidelines.is_empty())
                    .then(|| {
                        view! {
                            <details class="review__guidelines">
                                <summary>"Guidelines"</summary>
                                <div class="review__guidelines-text" inner_html=guidelines></div>
                            </details>
                        }
                    })}
                {questions}
                {(!verdicts.is_empty())
                    .then(|| {
                        view! {
                            <section class="review__verdicts" aria-labelledby="verdicts">
                                <h3 class="review__verdicts-title" id="verdicts">"What machines say"</h3>
                                <ul>{verdicts}</ul>
                            </section>
                        }
                    })}
                <div class="review__actions">
                    <button class="button button--primary" type="submit" id=SUBMIT>
                        "Submit"
                        <kbd class="key needs-js" aria-hidden="true">"⏎"</kbd>
                    </button>
                    <button
                        class="button"
                        type="submit"
                        formaction=ReviewSkip::url()
                        on:click=move |event| {
                            event.prevent_default();
                            desk.skip();
                        }
                    >
                        "Skip"
                        <kbd class="key needs-js" aria-hidden="true">"s"</kbd>
                    </button>
                    <button
                        class="button button--quiet"
                        type="submit"
                        formaction=ReviewUndo::url()
                        disabled=move || desk.latest.get().is_none()
                        on:click=move |event| {
                            event.prevent_default();
                            desk.undo();
                        }
                    >
                        "Undo"
                        <kbd class="key needs-js" aria-hidden="true">"u"</kbd>
                    </button>
                </div>
            </section>
        </form>
    }
    .into_any()
}
