//! What is on its way to the server, of all desks: one that was left goes on sending, and the next waits for it.

use leptos::prelude::*;
use turnwise_model::{ClaimId, ReviewId};

/// Something that the server has not answered yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// What was answered for a claim, or that the task is skipped.
    Answers(ClaimId),
    /// A review that is taken back.
    TakingBack(ReviewId),
}

/// All that the server has not answered yet.
#[derive(Clone, Copy)]
pub struct Transit {
    settled: StoredValue<Vec<Errand>>,
    under_way: RwSignal<Vec<Errand>>,
}

impl Transit {
    /// Nothing yet; known to every component below, and there as long as the interface.
    pub fn provide() {
        provide_context(Self { settled: StoredValue::new(Vec::new()), under_way: RwSignal::new(Vec::new()) });
    }

    /// It sets out.
    pub fn begin(self, what: Errand) {
        self.under_way.update(|under_way| under_way.push(what));
    }

    /// It has arrived: nobody is to be asked for it again.
    pub fn settle(self, what: Errand) {
        self.settled.update_value(|settled| settled.push(what));
        self.end(what);
    }

    /// It was answered or refused.
    pub fn end(self, what: Errand) {
        self.under_way.update(|under_way| under_way.retain(|other| *other != what));
    }

    /// Whether this is on its way, or has arrived.
    #[must_use]
    pub fn has(self, what: Errand) -> bool {
        self.under_way.with(|under_way| under_way.contains(&what))
            || self.settled.with_value(|settled| settled.contains(&what))
    }

    /// Whether nothing is.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.under_way.with(Vec::is_empty)
    }
}
