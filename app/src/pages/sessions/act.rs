//! What is done with several sessions at once: those that are picked, or all that match the filter.

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use turnwise_model::SessionId;

use super::wanted::Wanted;
use crate::components::{Button, FormError, Select, SelectOption, Tone};
use crate::functions::session_list::{QueueChoice, SessionsQueue};
use crate::state::figures;
use crate::state::form::{error_of, when_done};
use crate::state::project::use_project;
use crate::state::toasts::Toasts;

/// The sessions that are picked, across the pages of the list.
#[derive(Clone, Copy)]
pub struct Picked {
    sessions: RwSignal<BTreeSet<SessionId>>,
    all: RwSignal<bool>,
}

impl Picked {
    /// None yet.
    #[must_use]
    pub fn none() -> Self {
        Self { sessions: RwSignal::new(BTreeSet::new()), all: RwSignal::new(false) }
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

    /// Drops all.
    pub fn clear(self) {
        self.all.set(false);
        self.sessions.update(BTreeSet::clear);
    }

    fn count(self) -> usize {
        self.sessions.read().len()
    }

    fn any(self) -> bool {
        self.all.get() || self.count() > 0
    }
}

/// The bar that appears once something is picked. Its form goes around the table, so that without JavaScript the
/// checked boxes are sent.
#[component]
pub fn ActForm(
    /// What is picked.
    picked: Picked,
    /// What the address asks for.
    wanted: Memo<Wanted>,
    /// How many sessions match, once it is known; from 10,000 on it may be more.
    matching: Signal<Option<i64>>,
    /// Where sessions can be put.
    queues: Vec<QueueChoice>,
    /// The table.
    children: Children,
) -> impl IntoView {
    let project = use_project();
    let toasts = expect_context::<Toasts>();
    let add = ServerAction::<SessionsQueue>::new();
    let queue = RwSignal::new(queues.first().map(|queue| queue.id));
    when_done(add, move |added| {
        let added = i64::try_from(added).unwrap_or(i64::MAX);
        toasts.say(match added {
            0 => "All of them were in the queue already".to_owned(),
            _ => format!("{} added to the queue", figures::plural(added, "session", "sessions")),
        });
        picked.clear();
    });
    // Another filter means other sessions.
    Effect::new(move |before: Option<String>| {
        let filter = wanted.read().filter.clone();
        if before.is_some_and(|before| before != filter) {
            picked.clear();
        }
        filter
    });
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (Ok(project), Some(queue)) = (untrack(|| project.slug()).parse(), queue.get_untracked()) else { return };
        let all = picked.all.get_untracked();
        let sessions = if all { Vec::new() } else { picked.sessions.get_untracked().into_iter().collect() };
        add.dispatch(SessionsQueue { project, queue, sessions, all, filter: wanted.read_untracked().filter.clone() });
    };
    let words = move || {
        if picked.all.get() {
            "All that match".to_owned()
        } else {
            format!("{} selected", figures::count(i64::try_from(picked.count()).unwrap_or(i64::MAX)))
        }
    };
    let every = move || match matching.get() {
        Some(sessions) if sessions >= 10_000 => "the first 10,000 that match".to_owned(),
        Some(sessions) => format!("all {} that match", figures::count(sessions)),
        None => "all that match".to_owned(),
    };
    let to_queue = if queues.is_empty() {
        view! { <span class="act__none">"There is no queue yet to put them into."</span> }.into_any()
    } else {
        let options = queues.iter().map(|queue| SelectOption::new(queue.id.to_string(), &queue.name)).collect();
        let choose = Callback::new(move |id: String| queue.set(id.parse().ok()));
        view! {
            <Select name="queue" options label="Queue" on_choice=choose />
            <Button tone=Tone::Primary submit=true pending=add.pending()>"Add to queue"</Button>
        }
        .into_any()
    };
    view! {
        <form class="act-form" method="post" action=SessionsQueue::url() on:submit=send>
            <input type="hidden" name="project" value=move || project.slug() />
            <input type="hidden" name="filter" value=move || wanted.read().filter.clone() />
            {children()}
            <FormError error=error_of(add) />
            <div class="act" class:act--on=move || picked.any() role="group" aria-label="With the selected sessions">
                <span class="act__words needs-js" aria-live="polite">{words}</span>
                <label class="act__all">
                    <input
                        type="checkbox"
                        name="all"
                        value="true"
                        prop:checked=move || picked.all.get()
                        on:change:target=move |event| picked.all.set(event.target().checked())
                    />
                    "Take " {every}
                </label>
                <span class="act__does">{to_queue}</span>
                <button class="button button--quiet needs-js" type="button" on:click=move |_| picked.clear()>"Clear"</button>
            </div>
        </form>
    }
    .into_any()
}
