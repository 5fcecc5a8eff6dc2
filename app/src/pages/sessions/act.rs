//! What is done with several sessions at once: those that are picked, or all that match the filter.

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use turnwise_model::SessionId;

use super::wanted::Wanted;
use crate::components::{FormError, Select, SelectOption};
use crate::functions::session_list::{Choices, EvaluatorChoice, SessionsEvaluate, SessionsQueue};
use crate::state::figures;
use crate::state::form::{error_of, when_done};
use crate::state::project::use_project;
use crate::state::query::Query;
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

/// What a button of the bar does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Queue,
    Evaluate,
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
    /// What sessions can be given to.
    choices: Choices,
    /// The table.
    children: Children,
) -> impl IntoView {
    let Choices { queues, evaluators, .. } = choices;
    let project = use_project();
    let toasts = expect_context::<Toasts>();
    let add = ServerAction::<SessionsQueue>::new();
    let evaluate = ServerAction::<SessionsEvaluate>::new();
    let queue = RwSignal::new(queues.first().map(|queue| queue.id));
    let evaluator = RwSignal::new(evaluators.first().cloned());
    let deed = StoredValue::new(Deed::Queue);
    when_done(add, move |added| {
        toasts.say(match i64::try_from(added).unwrap_or(i64::MAX) {
            0 => "All of them were in the queue already".to_owned(),
            added => format!("{} added to the queue", figures::plural(added, "session", "sessions")),
        });
        picked.clear();
    });
    when_done(evaluate, move |queued| {
        toasts.say(match i64::try_from(queued).unwrap_or(i64::MAX) {
            0 => "Nothing has changed since they were evaluated".to_owned(),
            queued => {
                format!("{} begun; marks appear as they come", figures::plural(queued, "evaluation", "evaluations"))
            }
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
        let Ok(project) = untrack(|| project.slug()).parse() else { return };
        let all = picked.all.get_untracked();
        let sessions = if all { Vec::new() } else { picked.sessions.get_untracked().into_iter().collect() };
        let filter = wanted.read_untracked().filter.clone();
        match (deed.get_value(), queue.get_untracked(), evaluator.get_untracked()) {
            (Deed::Queue, Some(queue), _) => {
                add.dispatch(SessionsQueue { project, queue, sessions, all, filter });
            }
            (Deed::Evaluate, _, Some(chosen)) => {
                evaluate.dispatch(SessionsEvaluate { project, evaluator: chosen.id, sessions, all, filter });
            }
            _ => {}
        }
    };
    let how_many = move || {
        if picked.all.get() { matching.get() } else { Some(i64::try_from(picked.count()).unwrap_or(i64::MAX)) }
    };
    let words = move || {
        if picked.all.get() {
            "All that match".to_owned()
        } else {
            format!("{} selected", figures::count(how_many().unwrap_or(0)))
        }
    };
    let every = move || match matching.get() {
        Some(sessions) if sessions >= 10_000 => "the first 10,000 that match".to_owned(),
        Some(sessions) => format!("all {} that match", figures::count(sessions)),
        None => "all that match".to_owned(),
    };
    let export = move || {
        let filter = wanted.read().filter.clone();
        Query::default().and("filter", filter).address(&project.address("exports"))
    };
    let to_queue = if queues.is_empty() {
        let queues = move || project.address("queues");
        view! { <a class="act__none" href=queues>"Make a queue to put them into"</a> }.into_any()
    } else {
        let options = queues.iter().map(|queue| SelectOption::new(queue.id.to_string(), &queue.name)).collect();
        let choose = Callback::new(move |id: String| queue.set(id.parse().ok()));
        view! {
            <Select name="queue" options label="Queue" on_choice=choose />
            <button
                class="button"
                type="submit"
                formaction=SessionsQueue::url()
                aria-disabled=move || add.pending().get().then_some("true")
                on:click=move |_| deed.set_value(Deed::Queue)
            >
                "Add to queue"
            </button>
        }
        .into_any()
    };
    let to_evaluator = (!evaluators.is_empty()).then(|| {
        let options =
            evaluators.iter().map(|one| SelectOption::new(one.id.to_string(), evaluator_label(one))).collect();
        let choose = Callback::new(move |id: String| {
            evaluator.set(evaluators.iter().find(|one| one.id.to_string() == id).cloned());
        });
        view! {
            <span class="act__does">
                <Select name="evaluator" options label="Evaluator" on_choice=choose />
                <button
                    class="button"
                    type="submit"
                    formaction=SessionsEvaluate::url()
                    aria-disabled=move || evaluate.pending().get().then_some("true")
                    on:click=move |_| deed.set_value(Deed::Evaluate)
                >
                    "Evaluate now"
                </button>
                <span class="act__cost needs-js">
                    {move || evaluator.get().map(|chosen| estimate(&chosen, how_many()))}
                </span>
            </span>
        }
    });
    view! {
        <form class="act-form" method="post" action=SessionsQueue::url() on:submit=send>
            <input type="hidden" name="project" value=move || project.slug() />
            <input type="hidden" name="filter" value=move || wanted.read().filter.clone() />
            {children()}
            <FormError error=error_of(add) />
            <FormError error=error_of(evaluate) />
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
                    <span>"Take " {every}</span>
                </label>
                <span class="act__does">{to_queue}</span>
                {to_evaluator}
                <span class="act__end">
                    <a class="act__export" href=export>"Export all that match"</a>
                    <button class="button button--quiet needs-js" type="button" on:click=move |_| picked.clear()>"Clear"</button>
                </span>
            </div>
        </form>
    }
    .into_any()
}

/// "Resolution, a check": what it is called and what it costs.
fn evaluator_label(one: &EvaluatorChoice) -> String {
    let cost = match (one.judge, one.waiting_for_provider, one.usd_each) {
        (false, ..) => "check, free".to_owned(),
        (true, true, _) => "judge, waits for a provider".to_owned(),
        (true, false, Some(each)) => format!("judge, about {} each", figures::usd(each)),
        (true, false, None) => "judge".to_owned(),
    };
    format!("{} ({cost})", one.name)
}

/// What it will cost, before it is begun.
fn estimate(one: &EvaluatorChoice, sessions: Option<i64>) -> String {
    #[expect(clippy::cast_precision_loss, reason = "counts of sessions are far below 2⁵³")]
    match (one.judge, one.waiting_for_provider, one.usd_each, sessions) {
        (false, ..) => "Checks cost nothing".to_owned(),
        (true, true, ..) => "Waits until a model provider is set up".to_owned(),
        (true, false, Some(each), Some(sessions)) => format!("About {}", figures::usd(each * sessions as f64)),
        (true, false, ..) => "Calls a model; what it costs is not known yet".to_owned(),
    }
}
