//! One evaluator: its editor beside a trial on a real session, its versions, and the way to take it out of use.

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};
use turnwise_model::evaluation::Kind;
use turnwise_model::view::evaluator::Trial;

use super::editor::Editor;
use super::effort;
use super::list::NoProvider;
use super::trial::TrialResult;
use super::versions::Versions;
use crate::components::{
    Badge, BadgeTone, Button, Confirm, Crumb, FormError, PageHeader, ScoreMark, Shape, Time, Tone, loaded,
};
use crate::functions::evaluators::{
    Edited, EvaluatorArchive, EvaluatorEdit, EvaluatorShown, evaluator_open, evaluator_try,
};
use crate::state::flash::Notice;
use crate::state::form::{error_of, when_done};
use crate::state::project::use_project;
use crate::state::query::use_query;
use crate::state::toasts::Toasts;

/// One evaluator, or the form of a new judge.
#[component]
pub fn EvaluatorPage() -> impl IntoView {
    let project = use_project();
    let params = use_params_map();
    let query = use_query();
    let navigate = use_navigate();
    let toasts = expect_context::<Toasts>();
    let id = Memo::new(move |_| params.read().get("evaluator").unwrap_or_default());
    let shown = project.resource_by(move || id.get(), evaluator_open);
    let tried = project.resource_by(
        move || (id.get(), query.read().get("try").to_owned()),
        |slug, (id, session)| evaluator_try(slug, id, session),
    );
    let edit = ServerAction::<EvaluatorEdit>::new();
    let archive = ServerAction::<EvaluatorArchive>::new();
    let trial = RwSignal::new(None::<Trial>);
    let go = navigate.clone();
    when_done(edit, move |edited| match edited {
        Edited::Tried(result) => trial.set(Some(*result)),
        Edited::Saved(saved, is_new_version) => {
            toasts.say(if is_new_version { "Saved as a new version" } else { Notice::Saved.text() });
            if id.get_untracked() == saved.to_string() {
                shown.refetch();
            } else {
                go(&project.address(&format!("evaluators/{saved}")), NavigateOptions::default());
            }
        }
    });
    when_done(archive, move |()| {
        toasts.say(Notice::Archived.text());
        navigate(&project.address("evaluators"), NavigateOptions::default());
    });
    let title = Signal::derive(move || match shown.get() {
        Some(Ok(EvaluatorShown { detail: Some(detail), .. })) => detail.summary.current.name,
        Some(Ok(_)) => "New judge".to_owned(),
        _ => "Evaluator".to_owned(),
    });
    let crumbs = Signal::derive(move || {
        let mut crumbs = project.crumbs();
        crumbs.push(Crumb::new("Evaluators", project.address("evaluators")));
        crumbs
    });
    view! {
        <Transition fallback=|| ()>
            <PageHeader title crumbs />
        </Transition>
        <div class="page">
            <FormError error=error_of(archive) />
            {loaded(
                shown,
                Shape::Form(6),
                move |shown| view! { <Shown shown edit archive trial tried /> },
            )}
        </div>
    }
    .into_any()
}

#[component]
fn Shown(
    shown: EvaluatorShown,
    edit: ServerAction<EvaluatorEdit>,
    archive: ServerAction<EvaluatorArchive>,
    trial: RwSignal<Option<Trial>>,
    tried: Resource<Result<Option<Trial>, crate::AppError>>,
) -> impl IntoView {
    let EvaluatorShown { detail, sessions, variables, may_edit, provider } = shown;
    let draft = detail.as_ref().map(|detail| detail.summary.current.clone());
    let is_judge = draft.as_ref().is_none_or(|current| current.method.kind() == Kind::Judge);
    let archived = detail.as_ref().and_then(|detail| detail.archived_at);
    let may_edit = may_edit && archived.is_none();
    let result = move || {
        let stored = tried.get().and_then(Result::ok).flatten();
        trial.get().or(stored).map(|trial| view! { <TrialResult trial /> })
    };
    let failed =
        move || tried.get().and_then(Result::err).map(|error| view! { <p class="field__error">{error.sentence()}</p> });
    view! {
        {(is_judge && provider.is_none()).then(|| view! { <NoProvider /> })}
        {archived.map(|at| view! { <p class="evaluator-facts"><Badge tone=BadgeTone::Warn>"archived " <Time at /></Badge></p> })}
        {detail.clone().map(|detail| {
            let effort = detail.summary.effort;
            let kind = detail.summary.current.method.kind();
            view! {
                <p class="evaluator-facts">
                    <ScoreMark source=kind.source() name=detail.summary.current.score_name value=kind.as_str() />
                    {effort::states(effort.states)}
                    <span>{format!("cost {} · mean time {}", effort::cost(&effort), effort::latency(&effort))}</span>
                    {detail.summary.trouble.map(|trouble| {
                        view! { <span class="evaluator-trouble">{crate::error::sentence(&trouble.reason)}</span> }
                    })}
                </p>
            }
        })}
        <Editor draft sessions variables may_edit provider edit>
            <div class="trial" aria-live="polite">
                <Transition fallback=|| ()>{result}{failed}</Transition>
            </div>
        </Editor>
        {detail.map(|detail| {
            let id = detail.summary.current.evaluator;
            let name = detail.summary.current.name.clone();
            view! {
                <Versions versions=detail.versions />
                {may_edit.then(|| view! { <Archive id=id.to_string() name archive /> })}
            }
        })}
    }
    .into_any()
}

#[component]
fn Archive(id: String, name: String, archive: ServerAction<EvaluatorArchive>) -> impl IntoView {
    let project = use_project();
    view! {
        <section class="section" aria-labelledby="archive-title">
            <h2 class="section__title" id="archive-title">"Take out of use"</h2>
            <p class="section__text">"An archived evaluator is not run any more. The scores it gave stay."</p>
            <div>
                <Confirm
                    id="archive"
                    action="Archive"
                    label=format!("Archive {name}")
                    question=format!("Archive {name}?")
                    consequence="Rules stop running it. Its scores stay. Its name stays taken."
                >
                    <ActionForm action=archive>
                        <input type="hidden" name="project" value=move || project.slug() />
                        <input type="hidden" name="evaluator" value=id />
                        <Button tone=Tone::Danger submit=true>"Archive"</Button>
                    </ActionForm>
                </Confirm>
            </div>
        </section>
    }
    .into_any()
}
