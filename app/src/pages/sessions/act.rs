//! What is done with several sessions at once: those that are picked, or all that match the filter.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use turnwise_model::{EvaluatorId, QueueId};

use super::picked::{Picked, Source};

use crate::components::{FormError, Select, SelectOption};
use crate::functions::session_list::{Choices, EvaluatorChoice, SessionsEvaluate, SessionsQueue};
use crate::state::figures;
use crate::state::form::{error_of, when_done};
use crate::state::query::Query;
use crate::state::toasts::Toasts;

/// What a button of the bar does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Queue,
    Evaluate,
}

/// What is done with the sessions that are picked, and what with: chosen once, for every list that follows.
#[derive(Clone, Copy)]
pub struct Deeds {
    add: ServerAction<SessionsQueue>,
    evaluate: ServerAction<SessionsEvaluate>,
    queue: RwSignal<Option<QueueId>>,
    evaluator: RwSignal<Option<EvaluatorId>>,
}

impl Deeds {
    /// Nothing is done yet. What is done is told, and the sessions are no longer picked.
    #[must_use]
    pub fn with(picked: Picked) -> Self {
        let toasts = expect_context::<Toasts>();
        let add = ServerAction::<SessionsQueue>::new();
        let evaluate = ServerAction::<SessionsEvaluate>::new();
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
        Self { add, evaluate, queue: RwSignal::new(None), evaluator: RwSignal::new(None) }
    }
}

/// The bar that appears once something is picked. Its form goes around the table, so that without JavaScript the
/// checked boxes are sent.
#[component]
pub fn ActForm(
    /// What is picked.
    picked: Picked,
    /// What is done with it.
    deeds: Deeds,
    /// Where the sessions in the table come from. The address may already ask for others, which nobody has seen.
    source: StoredValue<Source>,
    /// How many sessions match, once it is known; from 10,000 on it may be more.
    matching: Signal<Option<i64>>,
    /// What sessions can be given to.
    choices: Choices,
    /// The table.
    children: Children,
) -> impl IntoView {
    let Choices { queues, evaluators, .. } = choices;
    let Deeds { add, evaluate, .. } = deeds;
    // Until something is chosen, the browser shows the first.
    let known_queues: StoredValue<Vec<QueueId>> = StoredValue::new(queues.iter().map(|queue| queue.id).collect());
    let queue = move || {
        let chosen = deeds.queue.get();
        known_queues.with_value(|known| chosen.filter(|chosen| known.contains(chosen)).or(known.first().copied()))
    };
    let known = StoredValue::new(evaluators.clone());
    let evaluator = move || {
        let chosen = deeds.evaluator.get();
        known.with_value(|known| known.iter().find(|one| Some(one.id) == chosen).or_else(|| known.first()).cloned())
    };
    let deed = StoredValue::new(Deed::Queue);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Source { project, filter } = source.get_value();
        let Ok(project) = project.parse() else { return };
        let all = picked.all.get_untracked();
        let sessions = if all { Vec::new() } else { picked.sessions.get_untracked().into_iter().collect() };
        match (deed.get_value(), untrack(queue), untrack(evaluator)) {
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
    let Source { project, filter } = source.get_value();
    let export = Query::default().and("filter", filter.clone()).address(&format!("/p/{project}/exports"));
    let to_queue = if queues.is_empty() {
        let queues = format!("/p/{project}/queues");
        view! { <a class="act__none" href=queues>"Make a queue to put them into"</a> }.into_any()
    } else {
        let options = queues.iter().map(|queue| SelectOption::new(queue.id.to_string(), &queue.name)).collect();
        let choose = Callback::new(move |id: String| deeds.queue.set(id.parse().ok()));
        let chosen = untrack(queue).map(|queue| queue.to_string()).unwrap_or_default();
        view! {
            <Select name="queue" options chosen label="Queue" on_choice=choose />
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
        let choose = Callback::new(move |id: String| deeds.evaluator.set(id.parse().ok()));
        let chosen = untrack(evaluator).map(|chosen| chosen.id.to_string()).unwrap_or_default();
        view! {
            <span class="act__does">
                <Select name="evaluator" options chosen label="Evaluator" on_choice=choose />
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
                    {move || evaluator().map(|chosen| estimate(&chosen, how_many()))}
                </span>
            </span>
        }
    });
    view! {
        <form class="act-form" method="post" autocomplete="off" action=SessionsQueue::url() on:submit=send>
            <input type="hidden" name="project" value=project />
            <input type="hidden" name="filter" value=filter />
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
