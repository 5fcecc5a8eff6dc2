//! Model providers: where judges ask (`?new` adds one, `?edit=…` changes one).

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use turnwise_model::view::evaluator::{ProviderRow, ProviderTest};

use super::frame::{SettingsTabs, crumbs};
use crate::components::{
    Badge, BadgeTone, Button, ButtonLink, Column, Confirm, EmptyState, Field, FormError, IconName, PageHeader,
    PlainInput, Shape, Snippet, Table, Tone, loaded,
};
use crate::error::sentence;
use crate::functions::providers::{ProviderDelete, ProviderSave, ProviderTest as TestProvider, providers_list};
use crate::state::figures::duration;
use crate::state::flash::Notice;
use crate::state::form::{error_of, under, when_done};
use crate::state::project::use_project;
use crate::state::query::use_query;
use crate::state::toasts::Toasts;

/// Fields whose errors stand under them.
const FIELDS: &[&str] =
    &["name", "base_url", "model", "key", "input_price", "output_price", "concurrency", "timeout_seconds"];
/// What starts the server with a provider for all projects.
const ENVIRONMENT: &str = "TURNWISE_JUDGE_URL=https://api.openai.com/v1 \\
TURNWISE_JUDGE_KEY=sk-… \\
TURNWISE_JUDGE_MODEL=gpt-4.1-mini \\
turnwise serve";

/// The providers of the project.
#[component]
pub fn ProvidersPage() -> impl IntoView {
    let project = use_project();
    let query = use_query();
    let navigate = use_navigate();
    let toasts = expect_context::<Toasts>();
    let providers = project.resource(providers_list);
    let save = ServerAction::<ProviderSave>::new();
    let delete = ServerAction::<ProviderDelete>::new();
    let test = ServerAction::<TestProvider>::new();
    when_done(save, move |()| {
        toasts.say(Notice::Saved.text());
        providers.refetch();
        let replace = NavigateOptions { replace: true, ..NavigateOptions::default() };
        navigate(&project.address("settings/providers"), replace);
    });
    when_done(delete, move |()| {
        toasts.say(Notice::ProviderRemoved.text());
        providers.refetch();
    });
    let tested = move || test.value().get().and_then(Result::ok);
    view! {
        <PageHeader title="Providers" crumbs=crumbs(project)>
            <ButtonLink tone=Tone::Primary icon=IconName::Plus href=Signal::derive(move || project.address("settings/providers?new=1"))>
                "Add a provider"
            </ButtonLink>
        </PageHeader>
        <SettingsTabs />
        <div class="page page--narrow">
            <p class="section__text">
                "Judges ask a model. Any server that speaks OpenAI's chat completions will do, also one on this machine. Keys are stored encrypted and never shown again."
            </p>
            <FormError error=error_of(delete) />
            <FormError error=error_of(test) />
            <div role="status">{move || tested().map(|tested| view! { <Tested tested /> })}</div>
            {loaded(
                providers,
                Shape::Table(2),
                move |rows| {
                    let wants_new = !query.read().get("new").is_empty();
                    let edited = query.read().get("edit").to_owned();
                    let edited = rows.iter().find(|row| row.id.is_some_and(|id| id.to_string() == edited)).cloned();
                    let is_empty = rows.is_empty();
                    let form = (wants_new || edited.is_some()).then(|| view! { <ProviderForm row=edited save /> });
                    view! {
                        {form}
                        {if is_empty {
                            view! { <Nobody /> }.into_any()
                        } else {
                            view! { <Rows rows test delete /> }.into_any()
                        }}
                    }
                        .into_any()
                },
            )}
        </div>
    }
    .into_any()
}

#[component]
fn Nobody() -> impl IntoView {
    let project = use_project();
    let snippets = vec![Snippet {
        title: "For all projects of a server".to_owned(),
        text: "Start it with these in its environment. A project's own provider comes first.".to_owned(),
        code: ENVIRONMENT.to_owned(),
    }];
    view! {
        <EmptyState
            icon=IconName::Evaluators
            title="No model provider yet"
            text="Checks run without one. Judges wait until there is one, and then go on by themselves."
            snippets
        >
            <ButtonLink href=Signal::derive(move || project.address("settings/providers?new=1"))>"Add the first provider"</ButtonLink>
        </EmptyState>
    }
    .into_any()
}

#[component]
fn Tested(tested: ProviderTest) -> impl IntoView {
    let (tone, word) = if tested.works { (BadgeTone::Pass, "works") } else { (BadgeTone::Fail, "does not work") };
    let mut facts = vec![sentence(&tested.message)];
    facts.extend(tested.model.map(|model| format!("{model} answered in {}.", duration(tested.latency_ms))));
    view! { <p class="evaluator-facts" data-testid="tested"><Badge tone>{word}</Badge> <span>{facts.join(" ")}</span></p> }.into_any()
}

#[component]
fn ProviderForm(row: Option<ProviderRow>, save: ServerAction<ProviderSave>) -> impl IntoView {
    let project = use_project();
    let error = error_of(save);
    let title = row.as_ref().map_or_else(|| "New provider".to_owned(), |row| format!("Change {}", row.name));
    let has_key = row.as_ref().is_some_and(|row| row.has_key);
    let id = row.as_ref().and_then(|row| row.id).map(|id| id.to_string()).unwrap_or_default();
    let price = |price: Option<f64>| price.map(|price| price.to_string()).unwrap_or_default();
    let input_price = price(row.as_ref().and_then(|row| row.input_price));
    let output_price = price(row.as_ref().and_then(|row| row.output_price));
    let concurrency = row.as_ref().map_or(8, |row| row.concurrency).to_string();
    let timeout = row.as_ref().map_or(60, |row| row.timeout_seconds).to_string();
    let (name, base_url, model) = row.map(|row| (row.name, row.base_url, row.model)).unwrap_or_default();
    let key_hint = if has_key {
        "Empty keeps the one that is stored, unless the address changes."
    } else {
        "Empty for a server that needs none."
    };
    view! {
        <section class="panel" aria-labelledby="provider-title">
            <h2 class="panel__title" id="provider-title">{title}</h2>
            <ActionForm action=save>
                <div class="form">
                    <input type="hidden" name="project" value=move || project.slug() />
                    <input type="hidden" name="provider" value=id />
                    <Field id="name" label="Name" error=under(error, "name")>
                        <PlainInput name="name" value=name required=true />
                    </Field>
                    <Field id="base_url" label="Address" hint="What stands before /chat/completions." error=under(error, "base_url")>
                        <PlainInput name="base_url" kind="url" value=base_url placeholder="https://api.openai.com/v1" required=true />
                    </Field>
                    <Field id="model" label="Model" hint="Asked unless an evaluator names another." error=under(error, "model")>
                        <PlainInput name="model" value=model required=true />
                    </Field>
                    <Field id="key" label="Key" hint=key_hint error=under(error, "key")>
                        <PlainInput name="key" kind="password" />
                    </Field>
                    <div class="evaluator-editor__pair">
                        <Field id="input_price" label="Price in" hint="US dollars per million tokens of prompts." error=under(error, "input_price")>
                            <PlainInput name="input_price" kind="number" value=input_price />
                        </Field>
                        <Field id="output_price" label="Price out" hint="… and of answers. Empty: cost is unknown." error=under(error, "output_price")>
                            <PlainInput name="output_price" kind="number" value=output_price />
                        </Field>
                        <Field id="concurrency" label="Calls at once" hint="1 to 64." error=under(error, "concurrency")>
                            <PlainInput name="concurrency" kind="number" value=concurrency />
                        </Field>
                        <Field id="timeout_seconds" label="Seconds for one call" hint="1 to 600." error=under(error, "timeout_seconds")>
                            <PlainInput name="timeout_seconds" kind="number" value=timeout />
                        </Field>
                    </div>
                    <FormError error fields=FIELDS />
                    <div class="form__actions">
                        <Button tone=Tone::Primary submit=true pending=save.pending()>"Save"</Button>
                        <ButtonLink href=Signal::derive(move || project.address("settings/providers"))>"Cancel"</ButtonLink>
                    </div>
                </div>
            </ActionForm>
        </section>
    }
    .into_any()
}

#[component]
fn Rows(
    rows: Vec<ProviderRow>,
    test: ServerAction<TestProvider>,
    delete: ServerAction<ProviderDelete>,
) -> impl IntoView {
    let columns =
        vec![Column::words("Provider"), Column::words("Model"), Column::words("State"), Column::actions("Actions")];
    let rows = rows.into_iter().map(move |row| view! { <Row row test delete /> });
    view! { <Table caption="Model providers" columns>{rows.collect_view()}</Table> }.into_any()
}

#[component]
fn Row(row: ProviderRow, test: ServerAction<TestProvider>, delete: ServerAction<ProviderDelete>) -> impl IntoView {
    let project = use_project();
    let id = row.id.map(|id| id.to_string());
    let name = row.name.clone();
    let label = format!("Test {name}");
    let state = match (&row.trouble, row.in_use) {
        (Some(trouble), _) => view! { <span class="evaluator-trouble">{sentence(trouble)}</span> }.into_any(),
        (None, true) => view! { <Badge tone=BadgeTone::Pass>"judges ask this one"</Badge> }.into_any(),
        (None, false) => view! { <span class="nothing">"not asked"</span> }.into_any(),
    };
    let key = if row.has_key { "key stored" } else { "without a key" };
    let change = id.clone().map(|id| {
        let edit = id.clone();
        view! {
            <ButtonLink tone=Tone::Quiet href=Signal::derive(move || project.address(&format!("settings/providers?edit={edit}")))>"Change"</ButtonLink>
            <Confirm
                id=format!("delete-{id}")
                action="Remove"
                label=format!("Remove {name}")
                question=format!("Remove {name}?")
                consequence="Its key is deleted. Judges ask the next provider, or wait."
            >
                <ActionForm action=delete>
                    <input type="hidden" name="project" value=move || project.slug() />
                    <input type="hidden" name="provider" value=id />
                    <Button tone=Tone::Danger submit=true>"Remove"</Button>
                </ActionForm>
            </Confirm>
        }
    });
    view! {
        <tr>
            <th scope="row" data-label="Provider">
                <span class="person">
                    <span class="person__name">{row.name}</span>
                    <span class="person__detail">{row.base_url} " · " {key}</span>
                </span>
            </th>
            <td data-label="Model"><code>{row.model}</code></td>
            <td data-label="State">{state}</td>
            <td class="table__end" data-label="">
                <span class="row-actions">
                    <ActionForm action=test>
                        <input type="hidden" name="project" value=move || project.slug() />
                        <input type="hidden" name="provider" value=id.unwrap_or_default() />
                        <button class="button button--quiet" type="submit" aria-label=label>"Test"</button>
                    </ActionForm>
                    {change}
                </span>
            </td>
        </tr>
    }
    .into_any()
}
