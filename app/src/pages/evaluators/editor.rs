//! The editor: what an evaluator is called, how it works, what it writes; and the session on which it is tried as it stands.

use leptos::form::ActionForm;
use leptos::prelude::*;
use turnwise_model::evaluation::{EvaluatorVersion, Granularity, Method};

use crate::components::{Field, FormError, PlainInput, Select, SelectOption, TextArea};
use crate::functions::evaluators::{EvaluatorEdit, SessionChoice};
use crate::state::form::{error_of, under};
use crate::state::project::use_project;

/// With what a new judge begins.
const NEW_PROMPT: &str = "Judge ________: say in a few lines what is good and what is bad.

Score: 1.0 …; 0.5 …; 0.0 …
{% if turn %}Judge only the reply of turn {{ turn }}; the other turns are its context.{% endif %}";

/// Fields whose errors stand under them.
const FIELDS: &[&str] = &["name", "method", "score_name", "threshold", "model", "temperature", "session"];

/// The form. The children show what came of a trial.
#[component]
pub fn Editor(
    /// The version to begin with; `None` for a new judge.
    draft: Option<EvaluatorVersion>,
    /// Sessions to try it on.
    sessions: Vec<SessionChoice>,
    /// The variables that a prompt may use.
    variables: Vec<String>,
    /// Whether the viewer may change it.
    may_edit: bool,
    /// What judges ask.
    provider: Option<String>,
    /// Saves or tries.
    edit: ServerAction<EvaluatorEdit>,
    /// What came of a trial.
    children: Children,
) -> impl IntoView {
    let project = use_project();
    let error = error_of(edit);
    let id = draft.as_ref().map_or_else(|| "new".to_owned(), |draft| draft.evaluator.to_string());
    let draft = draft.unwrap_or_else(blank);
    let has_sessions = !sessions.is_empty();
    let choices: Vec<SelectOption> =
        sessions.into_iter().map(|choice| SelectOption::new(choice.id.to_string(), choice.label)).collect();
    let method = match draft.method {
        Method::Check { check, settings } => {
            let settings = if settings.is_null() {
                String::new()
            } else {
                serde_json::to_string_pretty(&settings).unwrap_or_default()
            };
            view! { <CheckFields check settings error /> }.into_any()
        }
        Method::Judge { prompt, model, temperature } => {
            let temperature = temperature.map(|number| number.to_string()).unwrap_or_default();
            view! { <JudgeFields prompt model=model.unwrap_or_default() temperature provider variables error /> }
                .into_any()
        }
    };
    let granularities = vec![
        SelectOption::new("session", "the session, naming its turns"),
        SelectOption::new("turn", "each turn by itself"),
    ];
    view! {
        <ActionForm action=edit>
            <fieldset class="evaluator-editor" disabled=!may_edit>
                <legend class="visually-hidden">"Evaluator"</legend>
                <input type="hidden" name="project" value=move || project.slug() />
                <input type="hidden" name="evaluator" value=id />
                <div class="evaluator-editor__main form form--wide">
                    <Field id="name" label="Name" error=under(error, "name")>
                        <PlainInput name="name" value=draft.name required=true />
                    </Field>
                    {method}
                </div>
                <div class="evaluator-editor__side form form--wide">
                    <Field id="score_name" label="Name of its scores" hint="Scores of one name are compared with each other and with people's." error=under(error, "score_name")>
                        <PlainInput name="score_name" value=draft.score_name required=true />
                    </Field>
                    <Field id="threshold" label="Passes from" hint="From 0 (bad) to 1 (good)." error=under(error, "threshold")>
                        <PlainInput name="threshold" kind="number" value=draft.threshold.to_string() required=true />
                    </Field>
                    <Field id="granularity" label="Judges">
                        <Select name="granularity" options=granularities chosen=draft.granularity.as_str() />
                    </Field>
                    <FormError error fields=FIELDS />
                    <div class="form__actions">
                        <button class="button button--primary" type="submit" name="intent" value="save">
                            <span class="button__words">"Save"</span>
                        </button>
                    </div>
                    <section class="panel" aria-labelledby="try-title">
                        <h2 class="panel__title" id="try-title">"Try it"</h2>
                        {if has_sessions {
                            view! {
                                <Field id="session" label="Session" hint="Evaluated as the form stands. Nothing is kept; a judge costs what its call costs." error=under(error, "session")>
                                    <Select name="session" options=choices />
                                </Field>
                                <div class="form__actions">
                                    <button class="button" type="submit" name="intent" value="try" aria-busy=move || edit.pending().get().then_some("true")>
                                        <span class="button__words">{move || if edit.pending().get() { "Trying…" } else { "Try" }}</span>
                                    </button>
                                </div>
                            }
                                .into_any()
                        } else {
                            view! { <p class="panel__text">"There is no session yet to try it on."</p> }.into_any()
                        }}
                        {children()}
                    </section>
                </div>
            </fieldset>
        </ActionForm>
    }
    .into_any()
}

#[component]
fn CheckFields(check: String, settings: String, error: Signal<Option<crate::AppError>>) -> impl IntoView {
    view! {
        <input type="hidden" name="check" value=check.clone() />
        <p class="section__text">"A built-in check, " <code>{check}</code> ". It is deterministic, needs no model, and costs nothing."</p>
        <Field id="settings" label="Settings" hint="JSON; empty for the check's own." error=under(error, "method")>
            <TextArea name="settings" value=settings rows=6 />
        </Field>
    }
    .into_any()
}

#[component]
fn JudgeFields(
    prompt: String,
    model: String,
    temperature: String,
    provider: Option<String>,
    variables: Vec<String>,
    error: Signal<Option<crate::AppError>>,
) -> impl IntoView {
    let insert = |variable: String| {
        let text = format!("{{{{ {variable} }}}}");
        let label = format!("Insert {text}");
        let inserted = text.clone();
        view! {
            <button class="button button--quiet needs-js" type="button" aria-label=label on:click=move |_| crate::browser::insert("prompt", &inserted)>
                <code>{text}</code>
            </button>
        }
    };
    let asked = provider.map_or_else(|| "none yet".to_owned(), |name| format!("the model of {name}"));
    view! {
        <Field
            id="prompt"
            label="Prompt"
            hint="What to judge and what 0 and 1 mean. The conversation is added after it as data, which cannot give instructions; the answer is always a score, an explanation, and passages that are looked up in the conversation."
            error=under(error, "method")
        >
            <TextArea name="prompt" value=prompt rows=18 />
        </Field>
        <div class="variables" role="group" aria-label="Variables">
            <span class="field__hint">"Variables"</span>
            {variables.into_iter().map(insert).collect_view()}
        </div>
        <div class="evaluator-editor__pair">
            <Field id="model" label="Model" hint="Empty for the provider's." error=under(error, "model")>
                <PlainInput name="model" value=model placeholder=asked />
            </Field>
            <Field id="temperature" label="Temperature" hint="Empty for the model's." error=under(error, "temperature")>
                <PlainInput name="temperature" kind="number" value=temperature />
            </Field>
        </div>
    }
    .into_any()
}

fn blank() -> EvaluatorVersion {
    EvaluatorVersion {
        evaluator: turnwise_model::Id::from_uuid(Default::default()),
        name: String::new(),
        number: 0,
        hash: String::new(),
        granularity: Granularity::Session,
        method: Method::Judge { prompt: NEW_PROMPT.to_owned(), model: None, temperature: Some(0.0) },
        score_name: String::new(),
        threshold: 0.5,
        created_at: turnwise_model::Micros(0),
    }
}
