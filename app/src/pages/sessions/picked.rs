//! Which sessions of the list are picked.

use std::collections::BTreeSet;

use leptos::prelude::*;
use turnwise_model::SessionId;

/// Where sessions of a list come from: what the address asked for when they were answered. It may already ask for more.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Source {
    /// The project's slug.
    pub project: String,
    /// The filter.
    pub filter: String,
}

/// The sessions that are picked, across the pages of the list.
#[derive(Clone, Copy)]
pub struct Picked {
    /// These.
    pub sessions: RwSignal<BTreeSet<SessionId>>,
    /// Or all that match.
    pub all: RwSignal<bool>,
    /// The row that the keys are at, of the list and of the next.
    pub at: RwSignal<Option<SessionId>>,
    /// The list that they were picked from.
    of: StoredValue<Source>,
}

impl Picked {
    /// None yet.
    #[must_use]
    pub fn none() -> Self {
        Self {
            sessions: RwSignal::new(BTreeSet::new()),
            all: RwSignal::new(false),
            at: RwSignal::new(None),
            of: StoredValue::new(Source::default()),
        }
    }

    /// Whether this one is, or all that match are.
    #[must_use]
    pub fn has(self, session: SessionId) -> bool {
        self.all.get() || self.sessions.read().contains(&session)
    }

    /// Picks a session, or drops it again. From all that match one goes back to none.
    pub fn toggle(self, session: SessionId) {
        if self.all.get_untracked() {
            return self.clear();
        }
        self.sessions.update(|sessions| {
            if !sessions.remove(&session) {
                sessions.insert(session);
            }
        });
    }

    /// Picks these as well, or drops them when all of them are picked.
    pub fn toggle_these(self, these: &[SessionId]) {
        if self.all.get_untracked() {
            return self.clear();
        }
        self.sessions.update(|sessions| {
            if these.iter().all(|session| sessions.contains(session)) {
                these.iter().for_each(|session| _ = sessions.remove(session));
            } else {
                sessions.extend(these);
            }
        });
    }

    /// Drops them if they were picked from another list: another filter means other sessions.
    pub fn keep_of(self, source: &Source) {
        if self.of.with_value(|of| of != source) {
            self.of.set_value(source.clone());
            self.at.set(None);
            self.clear();
        }
    }

    /// Drops all.
    pub fn clear(self) {
        self.all.set(false);
        self.sessions.update(BTreeSet::clear);
    }

    /// How many are picked one by one.
    #[must_use]
    pub fn count(self) -> usize {
        self.sessions.read().len()
    }

    /// Whether anything is picked.
    #[must_use]
    pub fn any(self) -> bool {
        self.all.get() || self.count() > 0
    }
}
