//! [`Desk`]: the task in work, the one claimed ahead, and what is on its way to the server.
//!
//! Submitting shows the next task at once and sends the answers behind it. They are sent again until the server has them;
//! what it refuses is told. As long as anything is on its way nothing is claimed, so that no task comes back by mistake.
//! What is on its way when the page is left still arrives: the desk lasts until then.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::reactive::owner::WeakOwner;
use leptos::task::spawn_local;
use turnwise_model::access::Slug;
use turnwise_model::rubric::{Answer, Answers, InvalidAnswer, Question};
use turnwise_model::view::review::{Next, Progress, ReviewTask};
use turnwise_model::{QueueId, ReviewId};

use super::activity::Activity;
use super::keys::{fields, offers};
use super::outbox::{self, Sent, Trouble, sorted};
use crate::functions::review::{ReviewStep, review_keep, review_next, review_skip, review_submit, review_undo};
use crate::state::lasting::lasting;
use crate::state::toasts::Toasts;
use crate::{AppError, browser};

/// How soon something that could not be sent is sent again.
const AGAIN: Duration = Duration::from_secs(3);
/// How long after the last change a draft is saved.
const SETTLED: Duration = Duration::from_millis(500);

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
    /// How much is on its way to the server.
    pub on_its_way: RwSignal<usize>,
    activity: StoredValue<Activity>,
    saving: StoredValue<Option<TimeoutHandle>>,
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
        let toasts = expect_context();
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
            on_its_way: RwSignal::new(0),
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
        if self.stop_saving()
            && let Some(task) = self.current.get_untracked()
        {
            self.keep(task);
        }
    }

    /// Does something that is done to its end even when the page is left meanwhile.
    fn errand(self, errand: impl Future<Output = ()> + 'static) {
        let scope = self.scope.get_value().upgrade();
        spawn_local(async move {
            errand.await;
            drop(scope);
        });
    }

    /// Does something a little later, even when the page is left meanwhile.
    fn again(self, errand: impl FnOnce() + 'static) {
        let scope = self.scope.get_value().upgrade();
        let errand = move || {
            errand();
            drop(scope);
        };
        set_timeout(errand, AGAIN);
    }

    /// The page has come to life: takes up what this browser kept, claims ahead, and keeps the claims.
    pub fn begin(self, lease_seconds: i64) {
        if let Some(task) = self.current.get_untracked() {
            let begun = outbox::begun(&task);
            self.at.set(first_open(Some(&task), &begun));
            self.answers.set(begun);
            self.ask_ahead();
        }
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

    /// Submits the answers and shows the next task.
    pub fn submit(self) {
        let Some(task) = self.current.get_untracked() else { return };
        let answers = self.answers.get_untracked();
        if let Err(refused) = task.rubric.accept(&answers) {
            let at = task.rubric.questions.iter().position(|question| question.key == refused.key).unwrap_or(0);
            self.said.set(format!("Not submitted: {}", refused.problem));
            self.refused.set(Some(refused));
            self.go_to(at);
            return;
        }
        self.stop_saving();
        let active_ms = self.activity.try_update_value(|activity| activity.take(browser::now().0)).unwrap_or_default();
        self.on_its_way.update(|count| *count += 1);
        self.show_ahead();
        self.send(Sent { task, answers, active_ms });
    }

    fn send(self, sent: Sent) {
        let Some(slug) = self.slug.get_value() else { return };
        self.errand(async move {
            let (numbers, flags, texts) = sorted(&sent.answers);
            let task = &sent.task;
            let answer = review_submit(
                slug,
                self.queue,
                task.task,
                task.ticket.claim,
                task.ticket.fence,
                task.rubric.version,
                numbers,
                flags,
                texts,
                Some(sent.active_ms),
            );
            match answer.await {
                Ok(done) => {
                    outbox::forget(task);
                    self.arrived();
                    self.trouble.set(None);
                    self.latest.set(Some(done.review));
                    self.progress.set(done.progress);
                    self.said.set(format!("Saved, {} of {}", done.progress.done, done.progress.total));
                    self.ask_ahead();
                }
                Err(AppError::Unreachable) => {
                    self.cannot_reach();
                    self.again(move || self.send(sent));
                }
                Err(error) => {
                    self.arrived();
                    self.refuse(error.sentence());
                    self.ask_ahead();
                }
            }
        });
    }

    /// Does not want this task; shows the next.
    pub fn skip(self) {
        let Some(task) = self.current.get_untracked() else { return };
        let Some(slug) = self.slug.get_value() else { return };
        self.stop_saving();
        outbox::forget(&task);
        self.on_its_way.update(|count| *count += 1);
        self.show_ahead();
        self.errand(async move {
            let answer = review_skip(slug, self.queue, task.ticket.claim, task.ticket.fence).await;
            self.arrived();
            match answer {
                Ok(()) => self.said.set("Skipped".to_owned()),
                Err(error) => self.refuse(error.sentence()),
            }
            self.ask_ahead();
        });
    }

    /// Takes back the latest review.
    pub fn undo(self) {
        let Some(slug) = self.slug.get_value() else { return };
        let Some(review) = self.latest.get_untracked() else {
            self.said.set("There is nothing to take back".to_owned());
            return;
        };
        if self.on_its_way.get_untracked() > 0 {
            return;
        }
        self.on_its_way.update(|count| *count += 1);
        self.errand(async move {
            let answer = review_undo(slug, self.queue, Some(review)).await;
            self.arrived();
            match answer {
                Ok(next) => {
                    if let Some(left) = self.current.get_untracked() {
                        self.ahead.set_value(Some(left));
                    }
                    self.take(&next);
                    self.show(next.task.map(Arc::new));
                    self.said.set("Taken back: change your answers and submit them again".to_owned());
                }
                Err(error) => self.refuse(error.sentence()),
            }
        });
    }

    /// Asks for the next task: into work when there is none, else to have it ready.
    pub fn ask_ahead(self) {
        let Some(slug) = self.slug.get_value() else { return };
        let busy = self.on_its_way.get_untracked() > 0 || self.asking.get_untracked();
        if !self.open.get_value() || busy || self.ahead.with_value(Option::is_some) {
            return;
        }
        let besides = self.current.with_untracked(|task| task.as_ref().map(|task| task.task));
        self.asking.set(true);
        self.errand(async move {
            let answer = review_next(slug, self.queue, besides).await;
            self.asking.set(false);
            match answer {
                Ok(step) => {
                    self.take(&step.next);
                    let task = step.next.task.map(Arc::new);
                    if self.current.with_untracked(Option::is_some) {
                        self.ahead.set_value(task);
                    } else if task.is_some() {
                        self.show(task);
                        self.ask_ahead();
                    }
                }
                Err(AppError::Unreachable) => {
                    self.cannot_reach();
                    self.again(move || self.ask_ahead());
                }
                Err(error) => self.refuse(error.sentence()),
            }
        });
    }

    fn take(self, next: &Next) {
        self.progress.set(next.progress);
        self.held_by_others.set(next.held_by_others);
        self.latest.set(next.latest);
        if self.trouble.with_untracked(|trouble| trouble.as_ref().is_some_and(|trouble| trouble.retrying)) {
            self.trouble.set(None);
        }
    }

    fn show_ahead(self) {
        let task = self.ahead.try_update_value(Option::take).flatten();
        self.show(task);
    }

    fn show(self, task: Option<Arc<ReviewTask>>) {
        let begun = task.as_deref().map(outbox::begun).unwrap_or_default();
        self.at.set(first_open(task.as_deref(), &begun));
        self.refused.set(None);
        self.answers.set(begun);
        self.current.set(task);
    }

    fn arrived(self) {
        self.on_its_way.update(|count| *count = count.saturating_sub(1));
    }

    /// Tells that something was refused: on the page, or wherever one went from there.
    fn refuse(self, what: String) {
        if self.open.get_value() {
            self.trouble.set(Some(Trouble { what, retrying: false }));
        } else {
            self.toasts.say(what);
        }
    }

    fn cannot_reach(self) {
        let what =
            "The server cannot be reached. Your answers are kept in this browser and sent as soon as it is back.";
        self.trouble.set(Some(Trouble { what: what.to_owned(), retrying: true }));
    }

    /// Takes back a saving that was to come; returns whether there was one.
    fn stop_saving(self) -> bool {
        let saving = self.saving.try_update_value(Option::take).flatten();
        saving.map(|saving| saving.clear()).is_some()
    }

    fn save_later(self, task: &Arc<ReviewTask>) {
        self.stop_saving();
        let task = Arc::clone(task);
        let settled = move || {
            self.saving.set_value(None);
            self.keep(task);
        };
        let saving = set_timeout_with_handle(settled, SETTLED);
        self.saving.set_value(saving.ok());
    }

    fn keep_claims(self) {
        if !self.activity.try_update_value(Activity::since_asked).unwrap_or_default() {
            return;
        }
        for task in [self.current.get_untracked(), self.ahead.get_value()].into_iter().flatten() {
            self.keep(task);
        }
    }

    /// Saves the draft and keeps the claim for another lease.
    fn keep(self, task: Arc<ReviewTask>) {
        let Some(slug) = self.slug.get_value() else { return };
        let (numbers, flags, texts) = sorted(&outbox::begun(&task));
        self.errand(async move {
            let ticket = &task.ticket;
            let answer = review_keep(slug, task.task, ticket.claim, ticket.fence, numbers, flags, texts).await;
            let in_work = self.current.with_untracked(|now| now.as_ref().is_some_and(|now| now.ticket == task.ticket));
            match answer {
                Ok(None) if in_work => {
                    let what = "You were away for so long that somebody else has this task now. Your answers are kept as a draft; skip it to go on.";
                    self.refuse(what.to_owned());
                }
                Ok(None) => self.ahead.set_value(None),
                Ok(Some(_)) => {
                    if self.trouble.with_untracked(|trouble| trouble.as_ref().is_some_and(|trouble| trouble.retrying)) {
                        self.trouble.set(None);
                    }
                }
                Err(AppError::Unreachable) if in_work => self.cannot_reach(),
                // The next change or the submit will tell.
                Err(_) => {}
            }
        });
    }
}

fn first_open(task: Option<&ReviewTask>, answers: &Answers) -> usize {
    task.and_then(|task| task.rubric.questions.iter().position(|question| !answers.contains_key(&question.key)))
        .unwrap_or_default()
}
