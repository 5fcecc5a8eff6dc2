//! Accepting an invitation: with the account that is signed in, or with a new one.

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::components::{Badge, Button, Entry, Field, FormError, Shape, TextInput, Time, Tone, loaded};
use crate::functions::invitations::{InvitationAccept, InvitationAcceptNew, invitation_preview};
use crate::layout::Standalone;
use crate::state::form::{error_of, under};
use crate::state::title::use_title;

/// The page behind an invitation link.
#[component]
pub fn InvitationPage() -> impl IntoView {
    let params = use_params_map();
    let token = Memo::new(move |_| params.read().get("token").unwrap_or_default());
    let page = Resource::new(move || token.get(), invitation_preview);
    use_title("Invitation");
    view! {
        <Standalone>
            {loaded(
                page,
                Shape::Form(3),
                move |page| {
                    let token = token.get_untracked();
                    view! {
                        <h1>{format!("Join {}", page.preview.project_name)}</h1>
                        <p class="lead">
                            "You are invited as " <Badge>{page.preview.role.to_string()}</Badge> ". The invitation ends " <Time at=page.preview.expires_at /> "."
                        </p>
                        {match page.account {
                            Some(account) => view! { <AcceptForm token name=account.name email=account.email.to_string() /> }.into_any(),
                            None => view! { <NewAccountForm token /> }.into_any(),
                        }}
                    }
                },
            )}
        </Standalone>
    }
    .into_any()
}

#[component]
fn AcceptForm(token: String, name: String, email: String) -> impl IntoView {
    let action = ServerAction::<InvitationAccept>::new();
    view! {
        <ActionForm action>
            <div class="form">
                <input type="hidden" name="token" value=token />
                <p>{format!("You are signed in as {name} ({email}).")}</p>
                <FormError error=error_of(action) />
                <Button tone=Tone::Primary submit=true pending=action.pending()>"Join the project"</Button>
            </div>
        </ActionForm>
    }
    .into_any()
}

#[component]
fn NewAccountForm(token: String) -> impl IntoView {
    let action = ServerAction::<InvitationAcceptNew>::new();
    let error = error_of(action);
    let back = crate::components::sign_in_address(&format!("/invite/{token}"));
    view! {
        <ActionForm action>
            <div class="form">
                <input type="hidden" name="token" value=token />
                <Field id="email" label="E-mail" error=under(error, "email")>
                    <TextInput name="email" entry=Entry::Email autofocus=true />
                </Field>
                <Field id="name" label="Your name" error=under(error, "name")>
                    <TextInput name="name" entry=Entry::PersonName />
                </Field>
                <Field id="password" label="Password" hint="At least 10 characters. A few words in a row do well." error=under(error, "password")>
                    <TextInput name="password" entry=Entry::NewPassword />
                </Field>
                <FormError error fields=&["email", "name", "password"] />
                <Button tone=Tone::Primary submit=true pending=action.pending()>"Create account and join"</Button>
            </div>
        </ActionForm>
        <p class="standalone__foot">"You have an account? " <a href=back>"Sign in and join with it"</a></p>
    }
    .into_any()
}
