//! The keys by which programs call the API (`?new` makes one).

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use turnwise_model::access::Scope;
use turnwise_model::account::ApiKey;

use super::frame::{SettingsTabs, crumbs};
use crate::components::{
    Badge, BadgeTone, Button, ButtonLink, Column, Confirm, CopyBox, EmptyState, Field, FormError, IconName, PageHeader,
    Shape, Table, TextInput, Time, Tone, loaded,
};
use crate::functions::api_keys::{ApiKeyCreate, ApiKeyRevoke, api_keys_list};
use crate::state::flash::{self, Notice};
use crate::state::form::{error_of, under, when_done};
use crate::state::project::use_project;
use crate::state::toasts::Toasts;

/// The keys of the project.
#[component]
pub fn ApiKeysPage() -> impl IntoView {
    let project = use_project();
    let query = use_query_map();
    let navigate = use_navigate();
    let toasts = expect_context::<Toasts>();
    let keys = project.resource(api_keys_list);
    let create = ServerAction::<ApiKeyCreate>::new();
    let revoke = ServerAction::<ApiKeyRevoke>::new();
    let secret = RwSignal::new(flash::new_api_key());

    when_done(create, move |made| {
        secret.set(Some(made.secret));
        keys.refetch();
        navigate(&project.address("settings/keys"), NavigateOptions { replace: true, ..NavigateOptions::default() });
    });
    when_done(revoke, move |()| {
        toasts.say(Notice::KeyRevoked.text());
        keys.refetch();
    });

    view! {
        <PageHeader title="API keys" crumbs=crumbs(project)>
            <ButtonLink tone=Tone::Primary icon=IconName::Plus href=Signal::derive(move || project.address("settings/keys?new"))>
                "New key"
            </ButtonLink>
        </PageHeader>
        <SettingsTabs />
        <div class="page page--narrow">
            {move || query.read().get("new").is_some().then(|| view! { <NewKeyForm create /> })}
            {move || secret.get().map(|secret| view! { <NewSecret secret /> })}
            <FormError error=error_of(revoke) />
            {loaded(
                keys,
                Shape::Table(3),
                move |keys| {
                    if keys.is_empty() {
                        view! {
                            <EmptyState
                                icon=IconName::Keys
                                title="No keys yet"
                                text="Programs use a key to send sessions and to call the API. Each key belongs to this project and may do only what its scopes allow."
                            >
                                <ButtonLink href=Signal::derive(move || project.address("settings/keys?new"))>"Create the first key"</ButtonLink>
                            </EmptyState>
                        }
                            .into_any()
                    } else {
                        view! { <Keys keys revoke /> }.into_any()
                    }
                },
            )}
        </div>
    }
    .into_any()
}

/// What a scope lets a program do.
const fn said(scope: Scope) -> (&'static str, &'static str) {
    match scope {
        Scope::Ingest => ("Ingest", "Send telemetry, sessions and scores"),
        Scope::Read => ("Read", "Read and export everything in the project"),
        Scope::Write => ("Write", "Change evaluators, rules and queues; review"),
    }
}

#[component]
fn NewKeyForm(create: ServerAction<ApiKeyCreate>) -> impl IntoView {
    let project = use_project();
    let error = error_of(create);
    let scopes = Scope::ALL.iter().map(|&scope| {
        let (title, text) = said(scope);
        view! {
            <label class="choice">
                <input type="checkbox" name="scopes[]" value=scope.as_str() checked=scope == Scope::Ingest />
                <span class="choice__words">
                    <span class="choice__title">{title}</span>
                    <span class="choice__text">{text}</span>
                </span>
            </label>
        }
    });
    view! {
        <section class="panel" aria-labelledby="new-key-title">
            <h2 class="panel__title" id="new-key-title">"New API key"</h2>
            <ActionForm action=create>
                <div class="form">
                    <input type="hidden" name="project" value=move || project.slug() />
                    <Field id="name" label="Name" hint="Where it is used, such as “Production”." error=under(error, "name")>
                        <TextInput name="name" autofocus=true />
                    </Field>
                    <fieldset class="choices">
                        <legend class="field__label">"What it may do"</legend>
                        {scopes.collect_view()}
                        {move || under(error, "scopes").get().map(|text| view! { <p class="field__error">{text}</p> })}
                    </fieldset>
                    <FormError error fields=&["name", "scopes"] />
                    <div class="form__actions">
                        <Button tone=Tone::Primary submit=true pending=create.pending()>"Create key"</Button>
                        <ButtonLink href=Signal::derive(move || project.address("settings/keys"))>"Cancel"</ButtonLink>
                    </div>
                </div>
            </ActionForm>
        </section>
    }
    .into_any()
}

#[component]
fn NewSecret(secret: String) -> impl IntoView {
    view! {
        <section class="panel panel--fresh" aria-labelledby="secret-title" data-testid="new-key">
            <h2 class="panel__title" id="secret-title">"Copy your new key"</h2>
            <p class="panel__text">"It is shown this once. Keep it where your application finds its other secrets."</p>
            <CopyBox text=secret label="API key" />
        </section>
    }
    .into_any()
}

#[component]
fn Keys(keys: Vec<ApiKey>, revoke: ServerAction<ApiKeyRevoke>) -> impl IntoView {
    let columns = vec![
        Column::words("Name"),
        Column::words("Key"),
        Column::words("May"),
        Column::words("Made"),
        Column::words("Last used"),
        Column::actions("Actions"),
    ];
    let rows = keys.into_iter().map(move |key| view! { <KeyRow key_record=key revoke /> });
    view! { <Table caption="API keys" columns>{rows.collect_view()}</Table> }.into_any()
}

#[component]
fn KeyRow(key_record: ApiKey, revoke: ServerAction<ApiKeyRevoke>) -> impl IntoView {
    let project = use_project();
    let key = key_record;
    let id = key.id.to_string();
    let name = key.name.clone();
    let scopes =
        key.scopes.iter().map(ToString::to_string).map(|scope| view! { <Badge>{scope}</Badge> }).collect_view();
    view! {
        <tr class:table__faded=key.revoked_at.is_some()>
            <th scope="row" data-label="Name">
                <span class="person">
                    <span class="person__name">{key.name.clone()}</span>
                    <span class="person__detail">{format!("by {}", key.created_by_name)}</span>
                </span>
            </th>
            <td data-label="Key"><code class="secret">{format!("{}…", key.prefix)}</code></td>
            <td data-label="May"><span class="badges">{scopes}</span></td>
            <td data-label="Made"><Time at=key.created_at /></td>
            <td data-label="Last used">
                {match key.last_used_at {
                    Some(at) => view! { <Time at /> }.into_any(),
                    None => view! { <span class="nothing">"never"</span> }.into_any(),
                }}
            </td>
            <td class="table__end" data-label="">
                {match key.revoked_at {
                    Some(at) => view! { <Badge tone=BadgeTone::Fail>"revoked " <Time at /></Badge> }.into_any(),
                    None => {
                        view! {
                            <Confirm
                                id=format!("revoke-{id}")
                                action="Revoke"
                                label=format!("Revoke {name}")
                                question=format!("Revoke {name}?")
                                consequence="Programs that use it are refused at once. This cannot be undone."
                            >
                                <ActionForm action=revoke>
                                    <input type="hidden" name="project" value=move || project.slug() />
                                    <input type="hidden" name="key" value=id />
                                    <Button tone=Tone::Danger submit=true>"Revoke"</Button>
                                </ActionForm>
                            </Confirm>
                        }
                            .into_any()
                    }
                }}
            </td>
        </tr>
    }
    .into_any()
}
