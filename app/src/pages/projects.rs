//! Choosing a project, or making one (`?new`).

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use turnwise_model::access::Role;

use crate::components::{Badge, Button, Field, FormError, Icon, IconName, Shape, TextInput, Tone, loaded};
use crate::functions::entrance::SignOut;
use crate::functions::projects::{ProjectChoice, ProjectCreate, projects_list};
use crate::layout::Standalone;
use crate::state::form::{error_of, under};
use crate::state::title::use_title;

/// Choosing a project.
#[component]
pub fn ProjectsPage() -> impl IntoView {
    let choice = Resource::new(|| (), |()| projects_list());
    use_title("Projects");
    view! {
        <Standalone>{loaded(choice, Shape::Form(3), |choice| view! { <Choice choice /> })}</Standalone>
    }
    .into_any()
}

#[component]
fn Choice(choice: ProjectChoice) -> impl IntoView {
    let sign_out = ServerAction::<SignOut>::new();
    let query = use_query_map();
    let wants_new = move || query.read().get("new").is_some();
    let owns_one = choice.memberships.iter().any(|membership| membership.role == Role::Owner);
    let none = choice.memberships.is_empty();
    let list = choice.memberships.into_iter().map(|membership| {
        view! {
            <li>
                <a class="project-list__link" href=format!("/p/{}/sessions", membership.project.slug)>
                    <span class="project-list__name">{membership.project.name}</span>
                    <Badge>{membership.role.to_string()}</Badge>
                    <Icon name=IconName::ChevronRight />
                </a>
            </li>
        }
    });
    view! {
        <h1>"Projects"</h1>
        {none
            .then(|| view! { <p class="lead">"You are not a member of any project. Ask an owner for an invitation link."</p> })}
        <ul class="project-list">{list.collect_view()}</ul>
        {move || match (owns_one, wants_new()) {
            (true, true) => view! { <NewProject /> }.into_any(),
            (true, false) => {
                view! {
                    <a class="button" href="/projects?new">
                        <Icon name=IconName::Plus />
                        <span class="button__words">"New project"</span>
                    </a>
                }
                    .into_any()
            }
            (false, true) => view! { <p class="lead">"Only people who own a project can make another one."</p> }.into_any(),
            (false, false) => ().into_any(),
        }}
        <div class="standalone__foot">
            <span>{format!("Signed in as {}", choice.account.email)}</span>
            <ActionForm action=sign_out>
                <Button tone=Tone::Quiet submit=true>"Sign out"</Button>
            </ActionForm>
        </div>
    }
    .into_any()
}

#[component]
fn NewProject() -> impl IntoView {
    let action = ServerAction::<ProjectCreate>::new();
    let error = error_of(action);
    view! {
        <h2>"New project"</h2>
        <ActionForm action>
            <div class="form">
                <Field
                    id="name"
                    label="Name"
                    hint="One per application or environment. It has its own sessions, keys and members."
                    error=under(error, "project")
                >
                    <TextInput name="name" autofocus=true />
                </Field>
                <FormError error fields=&["project"] />
                <div class="form__actions">
                    <Button tone=Tone::Primary submit=true pending=action.pending()>"Create project"</Button>
                    <a class="button" href="/projects"><span class="button__words">"Cancel"</span></a>
                </div>
            </div>
        </ActionForm>
    }
    .into_any()
}
