//! The past: starting a backfill with a cap, following it, stopping it.

use std::time::Duration;

use leptos::form::ActionForm;
use leptos::prelude::*;
use turnwise_model::RuleId;
use turnwise_model::view::rule::{Backfill, BackfillState};

use super::editor::failed;
use crate::AppError;
use crate::components::{Badge, BadgeTone, Button, FormError, Progress, Shape, Skeleton, Time, Tone, awaited};
use crate::functions::rules::{BackfillCancel, RuleBackfill, rule_backfills};
use crate::state::figures::count;
use crate::state::form::{error_of, when_done};
use crate::state::project::use_project;

/// How often progress is asked for.
const EVERY: Duration = Duration::from_millis(1_500);

/// The backfills of a rule, newest first; `None` of a rule that is not saved yet.
pub(super) fn backfills_of(rule: Memo<Option<String>>) -> Resource<Result<Option<Vec<Backfill>>, AppError>> {
    use_project().resource_when(
        move || rule.get(),
        |project, rule| async move {
            let rule = rule.parse::<RuleId>().map_err(|_| AppError::no_such("rule"))?;
            rule_backfills(project, rule).await
        },
    )
}

/// The backfills of a rule.
#[component]
pub(super) fn Backfills(
    rule: RuleId,
    known: Resource<Result<Option<Vec<Backfill>>, AppError>>,
    may_edit: bool,
) -> impl IntoView {
    let project = use_project();
    let start = ServerAction::<RuleBackfill>::new();
    let cancel = ServerAction::<BackfillCancel>::new();
    when_done(start, move |()| known.refetch());
    when_done(cancel, move |()| known.refetch());
    // As long as one is under way it is asked about again.
    Effect::new(move |waiting: Option<Option<TimeoutHandle>>| {
        if let Some(waiting) = waiting.flatten() {
            waiting.clear();
        }
        let running = |backfills: &[Backfill]| backfills.iter().any(|one| one.state == BackfillState::Running);
        let again = matches!(known.get(), Some(Ok(Some(backfills))) if running(&backfills));
        let waiting = again.then(|| set_timeout_with_handle(move || known.refetch(), EVERY).ok()).flatten();
        on_cleanup(move || {
            if let Some(waiting) = waiting {
                waiting.clear();
            }
        });
        waiting
    });
    view! {
        <section class="section" aria-labelledby="backfill-title">
            <h2 class="section__title" id="backfill-title">"Backfill"</h2>
            <p class="section__text">
                "Applies the newest version to all sessions that are closed already. Where more would be taken than the cap allows, those with the least draw are, and their probability is lowered accordingly: the sample stays a sample."
            </p>
            {may_edit
                .then(|| {
                    view! {
                        <ActionForm action=start>
                            <div class="inline-form">
                                <input type="hidden" name="project" value=move || project.slug() />
                                <input type="hidden" name="rule" value=rule.to_string() />
                                <label for="backfill-cap">"Take at most"</label>
                                <input class="input input--number" id="backfill-cap" name="cap" type="number" min="1" max="1000000" value="1000" required=true />
                                <span>"sessions"</span>
                                <Button submit=true pending=start.pending()>"Start"</Button>
                            </div>
                        </ActionForm>
                    }
                })}
            <FormError error=error_of(start) />
            <FormError error=error_of(cancel) />
            <Transition fallback=|| view! { <Skeleton shape=Shape::Panel /> }>
                {awaited(move || async move {
                    match known.await {
                        Ok(backfills) => {
                            let rows = backfills.unwrap_or_default().into_iter().map(|backfill| one(backfill, may_edit, cancel)).collect_view();
                            view! { <ul class="backfills" aria-live="polite">{rows}</ul> }.into_any()
                        }
                        Err(error) => failed(error, move || known.refetch()),
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}

fn one(backfill: Backfill, may_edit: bool, cancel: ServerAction<BackfillCancel>) -> AnyView {
    let project = use_project();
    let summary = format!(
        "{} looked at, {} taken, {} evaluations{}",
        count(backfill.matched),
        count(backfill.sampled),
        count(backfill.evaluations),
        if backfill.capped > 0 { format!(", {} left out by the cap", count(backfill.capped)) } else { String::new() }
    );
    if backfill.state == BackfillState::Running {
        let narrow = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        let done = narrow(backfill.matched);
        let total = backfill.total.map(narrow);
        return view! {
            <li class="backfill">
                <Progress label="Sessions looked at" done=Signal::stored(done) total=Signal::stored(total) detail=Signal::stored(Some(summary)) />
                {may_edit
                    .then(|| {
                        view! {
                            <ActionForm action=cancel>
                                <input type="hidden" name="project" value=move || project.slug() />
                                <input type="hidden" name="backfill" value=backfill.id.to_string() />
                                <Button tone=Tone::Quiet submit=true>"Cancel"</Button>
                            </ActionForm>
                        }
                    })}
            </li>
        }
        .into_any();
    }
    let (tone, word) = match backfill.state {
        BackfillState::Done => (BadgeTone::Pass, "done"),
        BackfillState::Failed => (BadgeTone::Fail, "failed"),
        BackfillState::Cancelled | BackfillState::Running => (BadgeTone::Plain, "cancelled"),
    };
    view! {
        <li class="backfill">
            <span>
                <Badge tone>{word}</Badge> " " {summary}
                {backfill.reason.map(|reason| format!(": {reason}"))}
            </span>
            <Time at=backfill.updated_at />
        </li>
    }
    .into_any()
}
