//! The first start: the owner and the first project.

use leptos::form::ActionForm;
use leptos::prelude::*;

use crate::components::{Button, Entry, Field, FormError, Shape, TextInput, Tone, loaded, redirect};
use crate::functions::entrance::{Entrance, SetupCreate, front_door};
use crate::layout::Standalone;
use crate::state::form::{error_of, under};
use crate::state::title::use_title;

/// The first start.
#[component]
pub fn SetupPage() -> impl IntoView {
    let entrance = Resource::new(|| (), |()| front_door());
    use_title("Set up");
    view! {
        <Standalone>
            {loaded(
                entrance,
                Shape::Form(4),
                |entrance| match entrance {
                    Entrance::Setup => view! { <SetupForm /> }.into_any(),
                    elsewhere => redirect(elsewhere.address()),
                },
            )}
        </Standalone>
    }
    .into_any()
}

#[component]
fn SetupForm() -> impl IntoView {
    let action = ServerAction::<SetupCreate>::new();
    let error = error_of(action);
    view! {
        <h1>"Set up Turnwise"</h1>
        <p class="lead">"This account owns the installation. You can invite your team afterwards."</p>
        <ActionForm action>
            <div class="form">
                <Field id="email" label="E-mail" error=under(error, "email")>
                    <TextInput name="email" entry=Entry::Email autofocus=true />
                </Field>
                <Field id="name" label="Your name" error=under(error, "name")>
                    <TextInput name="name" entry=Entry::PersonName />
                </Field>
                <Field id="password" label="Password" hint="At least 10 characters. A few words in a row do well." error=under(error, "password")>
                    <TextInput name="password" entry=Entry::NewPassword />
                </Field>
                <Field id="project" label="First project" hint="One per application or environment, such as “Support bot”." error=under(error, "project")>
                    <TextInput name="project" />
                </Field>
                <FormError error fields=&["email", "name", "password", "project"] />
                <Button tone=Tone::Primary submit=true pending=action.pending()>"Create account and project"</Button>
            </div>
        </ActionForm>
    }
    .into_any()
}
