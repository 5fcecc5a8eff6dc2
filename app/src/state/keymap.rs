//! The keys that work on this page. A page registers its own with [`use_keys`]; they go when the page goes.

use leptos::prelude::*;

use super::keys::{Matcher, Outcome, Press};
use super::preferences::{CurrentPreferences, SingleKeys};

/// One key, what it is called and what it does.
#[derive(Clone)]
pub struct Key {
    /// `j`, `?`, `mod+k` or a sequence such as `g s`.
    pub keys: &'static str,
    /// What it does, for the help dialog: "Next turn".
    pub label: String,
    /// Does it.
    pub action: Callback<()>,
}

impl Key {
    /// A key with its name and its effect.
    pub fn new(keys: &'static str, label: impl Into<String>, action: impl Fn() + Send + Sync + 'static) -> Self {
        Self { keys, label: label.into(), action: Callback::new(move |()| action()) }
    }
}

/// Every key in force, the page's after the interface's own.
#[derive(Clone, Copy)]
pub struct Keymap {
    bound: RwSignal<Vec<(u64, Key)>>,
    matcher: StoredValue<(Matcher, u64)>,
}

impl Keymap {
    /// An empty keymap, available to every component below.
    pub fn provide() -> Self {
        let keymap = Self { bound: RwSignal::new(Vec::new()), matcher: StoredValue::new((Matcher::default(), 0)) };
        provide_context(keymap);
        keymap
    }

    /// The keys for the help dialog, in the order in which they were bound; an overridden key is left out.
    #[must_use]
    pub fn list(self) -> Vec<Key> {
        let bound = self.bound.get();
        let overridden =
            |position: usize, keys: &str| bound[position + 1..].iter().any(|(_, later)| later.keys == keys);
        bound
            .iter()
            .enumerate()
            .filter(|(i, (_, key))| !overridden(*i, key.keys))
            .map(|(_, (_, key))| key.clone())
            .collect()
    }

    /// Acts on a key press; true when the browser should not act on it as well.
    pub fn press(self, press: &Press, preferences: CurrentPreferences) -> bool {
        let bound = self.bound.get_untracked();
        let names: Vec<&str> = bound.iter().map(|(_, key)| key.keys).collect();
        let single_keys = preferences.get_untracked().single_keys == SingleKeys::On;
        let outcome = self.matcher.try_update_value(|(matcher, _)| matcher.press(press, &names, single_keys));
        let Some(Outcome::Meant(index)) = outcome else { return false };
        bound[index].1.action.run(());
        true
    }

    fn bind(self, keys: Vec<Key>) -> u64 {
        let ticket = self.matcher.try_update_value(|(_, next)| {
            *next += 1;
            *next
        });
        let ticket = ticket.unwrap_or_default();
        self.bound.update(|bound| bound.extend(keys.into_iter().map(|key| (ticket, key))));
        ticket
    }

    fn unbind(self, ticket: u64) {
        // The page may outlive the keymap when everything is torn down at once.
        let _ = self.bound.try_update(|bound| bound.retain(|(owner, _)| *owner != ticket));
    }
}

/// Binds keys for as long as the calling component lives. Does nothing on the server.
pub fn use_keys(keys: Vec<Key>) {
    let Some(keymap) = use_context::<Keymap>() else { return };
    let ticket = StoredValue::new(None);
    Effect::new(move || ticket.set_value(Some(keymap.bind(keys.clone()))));
    on_cleanup(move || {
        if let Some(ticket) = ticket.try_get_value().flatten() {
            keymap.unbind(ticket);
        }
    });
}

/// Listens to the keyboard for as long as the calling component lives. Does nothing on the server.
pub fn listen(keymap: Keymap, preferences: CurrentPreferences) {
    Effect::new(move || {
        let handle = window_event_listener(leptos::ev::keydown, move |event| {
            if event.default_prevented() || event.is_composing() {
                return;
            }
            if keymap.press(&crate::browser::press(&event), preferences) {
                event.prevent_default();
            }
        });
        on_cleanup(move || handle.remove());
    });
}
