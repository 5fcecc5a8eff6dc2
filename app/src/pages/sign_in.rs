//! Signing in.

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::components::{Button, Entry, Field, FormError, Shape, TextInput, Tone, loaded, redirect};
use crate::functions::entrance::{Entrance, SignIn, front_door, inner_address};
use crate::layout::Standalone;
use crate::state::form::{error_of, under};
use crate::state::title::use_title;

/// Signing in, and going on to where one came from (`?next=`).
#[component]
pub fn SignInPage() -> impl IntoView {
    let entrance = Resource::new(|| (), |()| front_door());
    use_title("Sign in");
    view! {
        <Standalone>
            {loaded(
                entrance,
                Shape::Form(2),
                |entrance| match entrance {
                    Entrance::SignIn => view! { <SignInForm /> }.into_any(),
                    elsewhere => redirect(elsewhere.address()),
                },
            )}
        </Standalone>
    }
    .into_any()
}

#[component]
fn SignInForm() -> impl IntoView {
    let action = ServerAction::<SignIn>::new();
    let error = error_of(action);
    let query = use_query_map();
    let next = move || query.read().get("next").filter(|next| inner_address(next).is_some()).unwrap_or_default();
    view! {
        <h1>"Sign in"</h1>
        <ActionForm action>
            <div class="form">
                <input type="hidden" name="next" value=next />
                <Field id="email" label="E-mail" error=under(error, "email")>
                    <TextInput name="email" entry=Entry::Email autofocus=true />
                </Field>
                <Field id="password" label="Password" error=under(error, "password")>
                    <TextInput name="password" entry=Entry::Password />
                </Field>
                <FormError error fields=&["email", "password"] />
                <Button tone=Tone::Primary submit=true pending=action.pending()>"Sign in"</Button>
            </div>
        </ActionForm>
        <p class="standalone__foot">"No account? An owner of a project can send you an invitation link."</p>
    }
    .into_any()
}
