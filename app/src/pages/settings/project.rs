//! The project itself: its name, and its name in addresses.

use leptos::form::ActionForm;
use leptos::prelude::*;
use turnwise_model::access::Role;

use super::frame::{SettingsTabs, crumbs};
use crate::components::{Button, CopyBox, Field, FormError, PageHeader, Shape, TextInput, Time, Tone, loaded};
use crate::functions::projects::{OpenProject, ProjectRename};
use crate::state::flash::Notice;
use crate::state::form::{error_of, under, when_done};
use crate::state::project::use_project;
use crate::state::toasts::Toasts;

/// The project itself.
#[component]
pub fn ProjectPage() -> impl IntoView {
    let project = use_project();
    let toasts = expect_context::<Toasts>();
    let rename = ServerAction::<ProjectRename>::new();
    when_done(rename, move |()| {
        toasts.say(Notice::Saved.text());
        project.opened.refetch();
    });
    view! {
        <PageHeader title="Project" crumbs=crumbs(project) />
        <SettingsTabs />
        <div class="page page--narrow">
            {loaded(project.opened, Shape::Form(2), move |open| view! { <Content open rename /> })}
        </div>
    }
    .into_any()
}

#[component]
fn Content(open: OpenProject, rename: ServerAction<ProjectRename>) -> impl IntoView {
    let error = error_of(rename);
    let slug = open.project.slug.to_string();
    let name_in_form = slug.clone();
    view! {
        <section class="section" aria-labelledby="name-title">
            <h2 class="section__title" id="name-title">"Name"</h2>
            {if open.role == Role::Owner {
                view! {
                    <ActionForm action=rename>
                        <div class="form">
                            <input type="hidden" name="project" value=name_in_form />
                            <Field id="name" label="Name" hint="What people see. Addresses stay as they are." error=under(error, "project")>
                                <TextInput name="name" value=open.project.name />
                            </Field>
                            <FormError error fields=&["project"] />
                            <div class="form__actions">
                                <Button tone=Tone::Primary submit=true pending=rename.pending()>"Save"</Button>
                            </div>
                        </div>
                    </ActionForm>
                }
                    .into_any()
            } else {
                view! { <p>{open.project.name}</p> }.into_any()
            }}
        </section>
        <section class="section" aria-labelledby="programs-title">
            <h2 class="section__title" id="programs-title">"For programs"</h2>
            <p class="section__text">"The name in addresses and on the command line, and where telemetry is sent."</p>
            <div class="pairs">
                <span class="pairs__label">"Slug"</span>
                <CopyBox text=slug label="Slug" />
                <span class="pairs__label">"OTLP endpoint"</span>
                <CopyBox text=format!("{}/v1/traces", open.origin) label="OTLP endpoint" />
                <span class="pairs__label">"Project id"</span>
                <CopyBox text=open.project.id.to_string() label="Project id" />
            </div>
            <p class="section__text">"Made " <Time at=open.project.created_at /></p>
        </section>
    }
    .into_any()
}
