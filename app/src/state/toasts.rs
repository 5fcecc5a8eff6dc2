//! Short messages in a corner, spoken politely by screen readers: "Role changed", "Copied".

use std::time::Duration;

use leptos::prelude::*;

/// One message.
#[derive(Clone, PartialEq, Eq)]
pub struct Toast {
    /// Tells messages apart.
    pub id: u64,
    /// What it says.
    pub text: String,
}

/// The messages on the screen.
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    next: StoredValue<u64>,
}

/// How long a message stays.
const STAY: Duration = Duration::from_secs(6);

impl Toasts {
    /// No messages yet, or the one that a form without JavaScript left behind.
    pub fn provide(first: Option<String>) -> Self {
        let shown = first.map(|text| Toast { id: 0, text }).into_iter().collect();
        let toasts = Self { shown: RwSignal::new(shown), next: StoredValue::new(1) };
        Effect::new(move || toasts.dismiss_later(0));
        provide_context(toasts);
        toasts
    }

    /// What is shown now.
    #[must_use]
    pub fn list(self) -> Vec<Toast> {
        self.shown.get()
    }

    /// Shows a message for a few seconds.
    pub fn say(self, text: impl Into<String>) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.shown.update(|shown| shown.push(Toast { id, text: text.into() }));
        self.dismiss_later(id);
    }

    /// Takes a message away.
    pub fn dismiss(self, id: u64) {
        let _ = self.shown.try_update(|shown| shown.retain(|toast| toast.id != id));
    }

    fn dismiss_later(self, id: u64) {
        set_timeout(move || self.dismiss(id), STAY);
    }
}
