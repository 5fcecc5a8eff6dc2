//! What is sent: answers, tasks that are skipped, reviews that are taken back; and the next task, which is asked for.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use turnwise_model::view::review::{Next, ReviewTask};

use super::super::outbox::{self, Sent, Trouble, sorted};
use super::super::transit::Errand;
use super::Desk;
use crate::functions::review::{review_next, review_skip, review_submit, review_undo};
use crate::{AppError, browser};

/// How soon something that could not be sent is sent again.
const AGAIN: Duration = Duration::from_secs(3);
/// What is said as long as the server cannot be reached.
pub(super) const RETRYING: &str =
    "The server cannot be reached. Your answers are kept in this browser and sent as soon as it is back.";

impl Desk {
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
        self.on_its_way.begin(answers_of(&task));
        self.answered.update_value(|times| *times += 1);
        self.show_ahead();
        self.send(Sent { task, answers, active_ms });
    }

    fn send(self, sent: Sent) {
        let Some(slug) = self.slug.get_value() else { return };
        self.do_to_its_end(async move {
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
                    self.on_its_way.settle(answers_of(task));
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
                    self.on_its_way.end(answers_of(task));
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
        self.on_its_way.begin(answers_of(&task));
        self.answered.update_value(|times| *times += 1);
        self.show_ahead();
        self.do_to_its_end(async move {
            let answer = review_skip(slug, self.queue, task.ticket.claim, task.ticket.fence).await;
            match answer {
                Ok(()) => {
                    self.on_its_way.settle(answers_of(&task));
                    self.said.set("Skipped".to_owned());
                }
                Err(error) => {
                    self.on_its_way.end(answers_of(&task));
                    self.refuse(error.sentence());
                }
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
        if !untrack(|| self.on_its_way.is_empty()) {
            self.said.set("Answers are still on their way to the server".to_owned());
            return;
        }
        self.on_its_way.begin(Errand::TakingBack(review));
        self.taken_back.update_value(|times| *times += 1);
        self.do_to_its_end(async move {
            let answer = review_undo(slug, self.queue, Some(review)).await;
            self.on_its_way.end(Errand::TakingBack(review));
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
        let busy = !untrack(|| self.on_its_way.is_empty()) || self.asking.get_untracked();
        if !self.open.get_value() || busy || self.ahead.with_value(Option::is_some) {
            return;
        }
        let besides = self.current.with_untracked(|task| task.as_ref().map(|task| task.task));
        self.asking.set(true);
        let (asked_at, answered_at) = (self.taken_back.get_value(), self.answered.get_value());
        self.do_to_its_end(async move {
            let answer = review_next(slug, self.queue, besides).await;
            self.asking.set(false);
            if self.taken_back.get_value() != asked_at {
                return self.ask_ahead();
            }
            let answered_since = self.answered.get_value() != answered_at;
            match answer {
                // What was answered in between is not in it.
                Ok(step) if answered_since && step.next.task.is_none() => self.ask_ahead(),
                Ok(step) => {
                    if !answered_since {
                        self.take(&step.next);
                    }
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
        self.reached();
    }

    fn show_ahead(self) {
        let task = self.ahead.try_update_value(Option::take).flatten();
        self.show(task);
    }

    /// Tells that something was refused: on the page, or wherever one went from there.
    pub(super) fn refuse(self, what: String) {
        if self.open.get_value() {
            self.trouble.set(Some(Trouble { what, retrying: false }));
        } else {
            self.toasts.say(what);
        }
    }

    pub(super) fn cannot_reach(self) {
        if !self.open.get_value() && !self.is_retrying() && !untrack(|| self.on_its_way.is_empty()) {
            self.toasts.say(RETRYING);
        }
        self.trouble.set(Some(Trouble { what: RETRYING.to_owned(), retrying: true }));
    }

    /// The server has answered something: it can be reached. Told once nothing waits to be sent again.
    pub(super) fn reached(self) {
        if self.is_retrying() && untrack(|| self.on_its_way.is_empty()) {
            self.trouble.set(None);
        }
    }

    pub(super) fn is_retrying(self) -> bool {
        self.trouble.with_untracked(|trouble| trouble.as_ref().is_some_and(|trouble| trouble.retrying))
    }

    /// Does something that is done to its end even when the page is left meanwhile.
    pub(super) fn do_to_its_end(self, errand: impl Future<Output = ()> + 'static) {
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
}

pub(super) fn answers_of(task: &ReviewTask) -> Errand {
    Errand::Answers(task.ticket.claim)
}
