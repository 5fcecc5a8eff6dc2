//! One's own account: name and password.

use leptos::form::ActionForm;
use leptos::prelude::*;
use turnwise_model::account::Account;

use super::frame::{SettingsTabs, crumbs};
use crate::components::{Button, Entry, Field, FormError, PageHeader, Shape, TextInput, Tone, loaded};
use crate::functions::account::{AccountChangePassword, AccountRename, account_get};
use crate::state::flash::Notice;
use crate::state::form::{error_of, under, when_done};
use crate::state::project::use_project;
use crate::state::toasts::Toasts;

/// One's own account.
#[component]
pub fn AccountPage() -> impl IntoView {
    let project = use_project();
    let toasts = expect_context::<Toasts>();
    let account = Resource::new(|| (), |()| account_get());
    let rename = ServerAction::<AccountRename>::new();
    let change_password = ServerAction::<AccountChangePassword>::new();
    let password_form = NodeRef::<leptos::html::Form>::new();
    when_done(rename, move |()| {
        toasts.say(Notice::Saved.text());
        project.opened.refetch();
    });
    when_done(change_password, move |()| {
        toasts.say(Notice::PasswordChanged.text());
        if let Some(form) = password_form.get_untracked() {
            form.reset();
        }
    });
    view! {
        <PageHeader title="Account" crumbs=crumbs(project) />
        <SettingsTabs />
        <div class="page page--narrow">
            {loaded(account, Shape::Form(2), move |account| view! { <NameForm account rename /> })}
            <section class="section" aria-labelledby="password-title">
                <h2 class="section__title" id="password-title">"Password"</h2>
                <PasswordForm action=change_password form=password_form />
            </section>
        </div>
    }
    .into_any()
}

#[component]
fn NameForm(account: Account, rename: ServerAction<AccountRename>) -> impl IntoView {
    let error = error_of(rename);
    view! {
        <section class="section" aria-labelledby="name-title">
            <h2 class="section__title" id="name-title">"Name"</h2>
            <p class="section__text">{format!("You sign in as {}.", account.email)}</p>
            <ActionForm action=rename>
                <div class="form">
                    <Field id="name" label="Name" hint="Others see it beside what you do." error=under(error, "name")>
                        <TextInput name="name" entry=Entry::PersonName value=account.name />
                    </Field>
                    <FormError error fields=&["name"] />
                    <div class="form__actions">
                        <Button tone=Tone::Primary submit=true pending=rename.pending()>"Save"</Button>
                    </div>
                </div>
            </ActionForm>
        </section>
    }
    .into_any()
}

#[component]
fn PasswordForm(action: ServerAction<AccountChangePassword>, form: NodeRef<leptos::html::Form>) -> impl IntoView {
    let error = error_of(action);
    view! {
        <ActionForm action node_ref=form>
            <div class="form">
                <Field id="old" label="Current password" error=under(error, "old")>
                    <TextInput name="old" entry=Entry::Password />
                </Field>
                <Field id="new" label="New password" hint="At least 10 characters. A few words in a row do well." error=under(error, "password")>
                    <TextInput name="new" entry=Entry::NewPassword />
                </Field>
                <FormError error fields=&["old", "password"] />
                <div class="form__actions">
                    <Button tone=Tone::Primary submit=true pending=action.pending()>"Change password"</Button>
                </div>
            </div>
        </ActionForm>
    }
    .into_any()
}
