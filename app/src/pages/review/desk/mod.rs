//! [`Desk`]: the task in work, the one claimed ahead, and what is on its way to the server.
//!
//! Submitting shows the next task at once and sends the answers behind it. They are sent again until the server has them;
//! what it refuses is told. As long as anything is on its way nothing is claimed, so that no task comes back by mistake.
//! What is on its way when the page is left is sent on as long as the tab is there: the desk lasts until then.

mod keeping;
mod sending;

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::reactive::owner::WeakOwner;
use turnwise_model::access::Slug;
use turnwise_model::rubric::{Answer, Answers, InvalidAnswer, Question};
use turnwise_model::view::review::{Next, Progress, ReviewTask};
use turnwise_model::{QueueId, ReviewId};

use super::activity::Activity;
use super::keys::{fields, offers};
use super::outbox::{self, Trouble};
use super::transit::Transit;
use crate::browser;
use crate::functions::review::ReviewStep;
use crate::state::lasting::lasting;
use crate::state::toasts::Toasts;

/// The heading of the task, to which the focus goes.
pub const HEADING: &str = "task-heading";
/// The button that submits.
pub const SUBMIT: &str = "submit";

/// The id of a question's part of the page.
pub fn question_id(index: usize) -> String {
    format!("question-{index}")
}

/// The id of a text field.
pub fn field_id(index: usize) -> String {
    format!("answer-{index}")
}

/// What the page works on.
#[derive(Clone, Copy)]
pub struct Desk {
    slug: StoredValue<Option<Slug>>,
    /// The queue.
    pub queue: QueueId,
    /// The task in work.
    pub current: RwSignal<Option<Arc<ReviewTask>>>,
    ahead: StoredValue<Option<Arc<ReviewTask>>>,
    /// Its answers so far.
    pub answers: RwSignal<Answers>,
    /// The question that digits answer; one past the last is the button that submits.
    pub at: RwSignal<usize>,
    /// The answer that is missing or does not fit.
    pub refused: RwSignal<Option<InvalidAnswer>>,
    /// How far the queue is.
    pub progress: RwSignal<Progress>,
    /// Open tasks that others hold.
    pub held_by_others: RwSignal<i64>,
    /// The review that can be taken back.
    pub latest: RwSignal<Option<ReviewId>>,
    /// What a screen reader says.
    pub said: RwSignal<String>,
    /// What did not go through.
    pub trouble: RwSignal<Option<Trouble>>,
    /// The next task is being asked for.
    pub asking: RwSignal<bool>,
    /// What is on its way to the server, from here and from desks that were left.
    pub on_its_way: Transit,
    /// How often a review was taken back: an answer that was asked for before is out of date.
    taken_back: StoredValue<u32>,
    /// How often a task was submitted or skipped.
    answered: StoredValue<u32>,
    activity: StoredValue<Activity>,
    saving: StoredValue<Option<(TimeoutHandle, Arc<ReviewTask>)>>,
    /// Whether the page is there.
    open: StoredValue<bool>,
    toasts: Toasts,
    scope: StoredValue<WeakOwner>,
}

impl Desk {
    /// With what the server gave.
    pub fn new(slug: &str, step: &ReviewStep) -> Self {
        let Next { task, held_by_others, latest, progress } = step.next.clone();
        let task = task.map(Arc::new);
        // What this browser kept is taken up later: the first picture must be the server's.
        let answers = task.as_deref().map(outbox::draft).unwrap_or_default();
        let (toasts, on_its_way) = (expect_context(), expect_context());
        let scope = lasting();
        let desk = scope.with(|| Self {
            slug: StoredValue::new(slug.parse().ok()),
            queue: step.queue.id,
            at: RwSignal::new(first_open(task.as_deref(), &answers)),
            current: RwSignal::new(task),
            ahead: StoredValue::new(None),
            answers: RwSignal::new(answers),
            refused: RwSignal::new(None),
            progress: RwSignal::new(progress),
            held_by_others: RwSignal::new(held_by_others),
            latest: RwSignal::new(latest),
            said: RwSignal::new(String::new()),
            trouble: RwSignal::new(None),
            asking: RwSignal::new(false),
            on_its_way,
            taken_back: StoredValue::new(0),
            answered: StoredValue::new(0),
            activity: StoredValue::new(Activity::default()),
            saving: StoredValue::new(None),
            open: StoredValue::new(true),
            toasts,
            scope: StoredValue::new(scope.downgrade()),
        });
        on_cleanup(move || {
            desk.leave();
            drop(scope);
        });
        desk
    }

    /// The page goes; a draft that was about to be saved is saved now.
    fn leave(self) {
        self.open.set_value(false);
        if let Some(task) = self.stop_saving() {
            self.keep(task);
        }
        if self.is_retrying() && !untrack(|| self.on_its_way.is_empty()) {
            self.toasts.say(sending::RETRYING);
        }
    }

    /// The page has come to life: takes up what this browser kept, claims ahead, and keeps the claims.
    pub fn begin(self, lease_seconds: i64) {
        if let Some(task) = self.current.get_untracked() {
            if untrack(|| self.on_its_way.has(sending::answers_of(&task))) {
                // It was answered at a desk that was left, which the server did not know when it gave it out.
                self.current.set(None);
                self.ask_ahead();
            } else {
                let begun = outbox::begun(&task);
                self.at.set(first_open(Some(&task), &begun));
                self.answers.set(begun);
                self.ask_ahead();
            }
        }
        let waits = !untrack(|| self.on_its_way.is_empty());
        Effect::new(move |waited: Option<bool>| {
            let waits_still = !self.on_its_way.is_empty();
            if waited.unwrap_or(waits) && !waits_still {
                self.ask_ahead();
            }
            waits_still
        });
        self.alive();
        let every = u64::try_from(lease_seconds / 3).unwrap_or(60).clamp(10, 100);
        let keeping = set_interval_with_handle(move || self.keep_claims(), Duration::from_secs(every));
        on_cleanup(move || {
            if let Ok(keeping) = keeping {
                keeping.clear();
            }
        });
    }

    /// A sign of life.
    pub fn alive(self) {
        let _ = self.activity.try_update_value(|activity| activity.sign(browser::now().0));
    }

    /// The page went out of sight.
    pub fn hidden(self) {
        let _ = self.activity.try_update_value(|activity| activity.hidden(browser::now().0));
    }

    /// Gives an answer, or takes it away.
    pub fn answer(self, question: &Question, answer: Option<Answer>) {
        let key = question.key.clone();
        self.answers.update(|answers| match answer.filter(|answer| !answer.is_blank()) {
            Some(answer) => _ = answers.insert(key.clone(), answer),
            None => _ = answers.remove(&key),
        });
        if self.refused.with_untracked(|refused| refused.as_ref().is_some_and(|refused| refused.key == key)) {
            self.refused.set(None);
        }
        if let Some(task) = self.current.get_untracked() {
            self.answers.with_untracked(|answers| outbox::remember(&task, answers));
            self.save_later(&task);
        }
    }

    /// Answers the question in focus by a key; the focus goes to the next.
    pub fn press(self, key: &str) {
        let Some(task) = self.current.get_untracked() else { return };
        let at = self.at.get_untracked();
        let Some(question) = task.rubric.questions.get(at) else { return };
        let Some(offer) = offers(question).into_iter().find(|offer| offer.key == Some(key)) else { return };
        self.answer(question, Some(offer.answer));
        self.go_to(at + 1);
    }

    /// Goes into the text field that this key is printed on.
    pub fn enter_field(self, key: &str) {
        let Some(task) = self.current.get_untracked() else { return };
        if let Some((index, _)) = fields(&task.rubric.questions).into_iter().find(|(_, printed)| *printed == key) {
            self.at.set(index);
            browser::focus(&field_id(index));
        }
    }

    /// Moves the focus to a question, or to the button that submits.
    pub fn go_to(self, at: usize) {
        let questions = self.current.with_untracked(|task| task.as_ref().map_or(0, |task| task.rubric.questions.len()));
        self.at.set(at.min(questions));
        browser::focus(&if at < questions { question_id(at) } else { SUBMIT.to_owned() });
    }

    fn show(self, task: Option<Arc<ReviewTask>>) {
        let begun = task.as_deref().map(outbox::begun).unwrap_or_default();
        self.at.set(first_open(task.as_deref(), &begun));
        self.refused.set(None);
        self.answers.set(begun);
        self.current.set(task);
    }
}

fn first_open(task: Option<&ReviewTask>, answers: &Answers) -> usize {
    task.and_then(|task| task.rubric.questions.iter().position(|question| !answers.contains_key(&question.key)))
        .unwrap_or_default()
}
