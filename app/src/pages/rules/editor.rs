//! The page of one rule, and of a new one: the form, the preview beside it, and below what it has done.

use std::time::Duration;

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map, use_url};
use turnwise_model::RuleId;
use turnwise_model::access::Role;
use turnwise_model::view::rule::{Backfill, RuleDetail, RulePreview};

use super::backfills::{Backfills, backfills_of};
use super::fields::{EvaluatorFields, FilterAndSample, RouteRows};
use super::list::state;
use super::preview::{Preview, tried};
use super::versions::Versions;
use crate::components::{
    Button, ButtonLink, Confirm, Crumb, ErrorState, Field, FormError, PageHeader, Shape, TextInput, Tone, loaded,
};
use crate::functions::rules::{RuleArchive, RuleEditor, RuleSave, rule_open};
use crate::state::flash::Notice;
use crate::state::form::{error_of, under, when_done};
use crate::state::project::use_project;
use crate::state::toasts::Toasts;
use crate::{AppError, browser};

/// The form's id.
const FORM: &str = "rule-form";
/// How long nothing is typed before the preview is made anew.
const PAUSE: Duration = Duration::from_millis(450);

/// The page of a rule.
#[component]
pub fn RulePage() -> impl IntoView {
    let project = use_project();
    let params = use_params_map();
    let url = use_url();
    let navigate = use_navigate();
    let toasts = expect_context::<Toasts>();
    let rule = Memo::new(move |_| params.read().get("rule"));
    // Without JavaScript the draft travels in the address.
    let in_address = Memo::new(move |_| {
        let query = url.read().search().to_owned();
        if query.contains("form%5B") || query.contains("form[") { query } else { String::new() }
    });
    let editor = project.resource_by(
        move || (rule.get(), in_address.get()),
        |project, (rule, draft)| async move {
            let rule = rule.map(|rule| rule.parse::<RuleId>().map_err(|_| AppError::no_such("rule"))).transpose()?;
            rule_open(project, rule, draft).await
        },
    );
    let draft = RwSignal::new(in_address.get_untracked());
    // Another rule, and another draft in the address, is another form.
    Effect::new(move |before: Option<()>| {
        rule.track();
        let form = in_address.get();
        if before.is_some() {
            draft.set(form);
        }
    });
    let asked = Asked { draft, tried: tried(rule, draft), backfills: backfills_of(rule) };
    let save = ServerAction::<RuleSave>::new();
    when_done(save, move |saved: RuleId| {
        toasts.say(Notice::Saved.text());
        asked.backfills.refetch();
        let address = project.address(&format!("rules/{saved}"));
        let is_here = rule.get_untracked().is_some() && in_address.get_untracked().is_empty();
        if is_here {
            draft.set(String::new());
            editor.refetch();
        } else {
            navigate(&address, NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
    });
    let unnamed = move || if rule.get().is_some() { "Rule" } else { "New rule" };
    let crumbs = Signal::derive(move || {
        let mut crumbs = project.crumbs();
        crumbs.push(Crumb::new("Rules", project.address("rules")));
        crumbs
    });
    view! {
        {loaded(
            editor,
            Shape::Form(6),
            move |editor| {
                let name = editor.detail.as_ref().map(|detail| detail.rule.name.clone());
                let title = name.unwrap_or_else(|| untrack(unnamed).to_owned());
                view! {
                    <PageHeader title crumbs />
                    <div class="page rule">
                        <Editor editor asked save />
                    </div>
                }
            },
        )}
    }
    .into_any()
}

/// What the page asks for besides the rule, at its top.
#[derive(Clone, Copy)]
struct Asked {
    /// What is written in the form, as a query string.
    draft: RwSignal<String>,
    /// What the draft would have done.
    tried: Resource<Result<Option<RulePreview>, AppError>>,
    /// The rule's backfills; none of a new rule.
    backfills: Resource<Result<Option<Vec<Backfill>>, AppError>>,
}

#[component]
fn Editor(editor: RuleEditor, asked: Asked, save: ServerAction<RuleSave>) -> impl IntoView {
    let project = use_project();
    let draft = asked.draft;
    let RuleEditor { form, choices, detail, role } = editor;
    let rule = detail.as_ref().map(|detail| detail.rule.id);
    let version = detail.as_ref().map(|detail| detail.rule.version);
    let error = error_of(save);
    // What is typed is tried out when nothing more has come for a moment.
    let typed = StoredValue::new(0_u32);
    let follow = move |_| {
        let mine = typed.try_update_value(|count| {
            *count = count.wrapping_add(1);
            *count
        });
        let look = move || {
            if typed.try_get_value() == mine
                && let Some(query) = browser::form_query(FORM)
            {
                let _ = draft.try_set(query);
            }
        };
        set_timeout(look, PAUSE);
    };
    let here = move || match rule {
        Some(rule) => project.address(&format!("rules/{rule}")),
        None => project.address("rules/new"),
    };
    let (chosen, routes) = (choices.clone(), choices);
    let (name, enabled) = (form.name.clone(), !form.enabled.is_empty());
    let (of_sessions, of_evaluators) = (form.clone(), form.clone());
    let may_edit = role >= Role::Editor;
    view! {
        <div class="rule__parts">
            <div class="rule__form" on:input=follow>
                <ActionForm action=save attr:id=FORM>
                    <div class="form form--wide">
                        <input type="hidden" name="project" value=move || project.slug() />
                        {rule.map(|rule| view! { <input type="hidden" name="rule" value=rule.to_string() /> })}
                        {version.map(|version| view! { <input type="hidden" name="version" value=version.to_string() /> })}
                        <Field id="rule-name" label="Name" error=under(error, "name")>
                            <TextInput name="form[name]" value=name />
                        </Field>
                        <FilterAndSample form=of_sessions error />
                        <EvaluatorFields form=of_evaluators choices=chosen error />
                        <RouteRows form choices=routes error />
                        <label class="choice">
                            <input type="checkbox" name="form[enabled]" value="on" checked=enabled />
                            <span class="choice__words">
                                <span class="choice__title">"On"</span>
                                <span class="choice__text">"Looks at every session that closes from now on"</span>
                            </span>
                        </label>
                        <FormError error fields=&["name", "filter", "rate", "strata", "evaluators", "routes", "audit"] />
                        <div class="form__actions">
                            {if may_edit {
                                view! {
                                    <Button tone=Tone::Primary submit=true pending=save.pending()>
                                        {if rule.is_some() { "Save as a new version" } else { "Make the rule" }}
                                    </Button>
                                }
                                    .into_any()
                            } else {
                                view! { <p class="field__hint">"Only editors can change rules."</p> }.into_any()
                            }}
                            <button class="button rule__try" type="submit" formmethod="get" formaction=here formnovalidate=true>
                                "Preview"
                            </button>
                            <ButtonLink href=Signal::derive(move || project.address("rules"))>"Cancel"</ButtonLink>
                        </div>
                    </div>
                </ActionForm>
            </div>
            <Preview tried=asked.tried />
        </div>
        {detail.map(|detail| view! { <Below detail backfills=asked.backfills may_edit /> })}
    }
    .into_any()
}

/// What there is of a rule that was saved.
#[component]
fn Below(
    detail: RuleDetail,
    backfills: Resource<Result<Option<Vec<Backfill>>, AppError>>,
    may_edit: bool,
) -> impl IntoView {
    let project = use_project();
    let navigate = use_navigate();
    let toasts = expect_context::<Toasts>();
    let archive = ServerAction::<RuleArchive>::new();
    when_done(archive, move |()| {
        toasts.say(Notice::RuleArchived.text());
        navigate(&project.address("rules"), NavigateOptions::default());
    });
    let RuleDetail { rule, versions, .. } = detail;
    let id = rule.id.to_string();
    view! {
        <Backfills rule=rule.id known=backfills may_edit />
        <Versions versions />
        {may_edit
            .then(|| {
                view! {
                    <section class="section" aria-labelledby="archive-title">
                        <h2 class="section__title" id="archive-title">"Archive"</h2>
                        <p class="section__text">
                            "The rule is " {state(rule.enabled)} ". Archived, it decides nothing any more; its scores, tasks and reviews stay."
                        </p>
                        <FormError error=error_of(archive) />
                        <div class="form__actions">
                            <Confirm
                                id="archive-rule"
                                action="Archive the rule"
                                label=format!("Archive {}", rule.name)
                                question=format!("Archive {}?", rule.name)
                                consequence="It leaves the list and looks at no session any more. A backfill under way is cancelled."
                            >
                                <ActionForm action=archive>
                                    <input type="hidden" name="project" value=move || project.slug() />
                                    <input type="hidden" name="rule" value=id />
                                    <Button tone=Tone::Danger submit=true>"Archive"</Button>
                                </ActionForm>
                            </Confirm>
                        </div>
                    </section>
                }
            })}
    }
    .into_any()
}

/// What went wrong, where a part of the page cannot be shown.
pub(super) fn failed(error: AppError, retry: impl Fn() + Send + Sync + 'static) -> AnyView {
    view! { <ErrorState error retry=Callback::new(move |()| retry()) /> }.into_any()
}
