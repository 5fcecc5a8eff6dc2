//! What is kept: drafts on the server, and the claims of tasks that somebody works on.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use turnwise_model::view::review::ReviewTask;

use super::super::activity::Activity;
use super::super::outbox::{self, sorted};
use super::Desk;
use crate::AppError;
use crate::functions::review::review_keep;

/// How long after the last change a draft is saved.
const SETTLED: Duration = Duration::from_millis(500);

impl Desk {
    pub(super) fn save_later(self, task: &Arc<ReviewTask>) {
        self.stop_saving();
        let settled = move || {
            if let Some((_, task)) = self.saving.try_update_value(Option::take).flatten() {
                self.keep(task);
            }
        };
        let saving = set_timeout_with_handle(settled, SETTLED).ok();
        self.saving.set_value(saving.map(|saving| (saving, Arc::clone(task))));
    }

    /// Takes back a saving that was to come; returns the task whose draft it was.
    pub(super) fn stop_saving(self) -> Option<Arc<ReviewTask>> {
        let (saving, task) = self.saving.try_update_value(Option::take).flatten()?;
        saving.clear();
        Some(task)
    }

    pub(super) fn keep_claims(self) {
        if !self.activity.try_update_value(Activity::since_asked).unwrap_or_default() {
            return;
        }
        for task in [self.current.get_untracked(), self.ahead.get_value()].into_iter().flatten() {
            self.keep(task);
        }
    }

    /// Saves the draft and keeps the claim for another lease.
    pub(super) fn keep(self, task: Arc<ReviewTask>) {
        let Some(slug) = self.slug.get_value() else { return };
        let (numbers, flags, texts) = sorted(&outbox::begun(&task));
        self.do_to_its_end(async move {
            let ticket = &task.ticket;
            let answer = review_keep(slug, task.task, ticket.claim, ticket.fence, numbers, flags, texts).await;
            let in_work = self.current.with_untracked(|now| now.as_ref().is_some_and(|now| now.ticket == task.ticket));
            match answer {
                // Whoever has left has nothing to skip.
                Ok(None) if in_work && !self.open.get_value() => {}
                Ok(None) if in_work => {
                    let what = "You were away for so long that somebody else has this task now. Your answers are kept as a draft; skip it to go on.";
                    self.refuse(what.to_owned());
                }
                Ok(None) => self.ahead.update_value(|ahead| {
                    ahead.take_if(|ahead| ahead.ticket == task.ticket);
                }),
                Ok(Some(_)) => self.reached(),
                Err(AppError::Unreachable) if in_work => self.cannot_reach(),
                // The next change or the submit will tell.
                Err(_) => {}
            }
        });
    }
}
