//! A line of text in a [`super::Field`].

use leptos::prelude::*;

use super::field::FieldContext;

/// What is entered, and so which keyboard a phone shows and what a password manager fills in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Entry {
    /// A name of something that nobody else knows.
    #[default]
    Words,
    /// A person's own name.
    PersonName,
    /// The address that one signs in with.
    Email,
    /// The password that one has.
    Password,
    /// A password that one chooses.
    NewPassword,
}

/// The shortest password that the server takes, for the browser to check before it asks.
const SHORTEST_PASSWORD: &str = "10";
/// The longest name that the server takes.
const LONGEST_NAME: &str = "100";

/// A line of text, which must not be left empty.
#[component]
pub fn TextInput(
    /// The name under which the form sends it.
    name: &'static str,
    /// What is entered.
    #[prop(optional)]
    entry: Entry,
    /// What is in it at first.
    #[prop(optional, into)]
    value: String,
    /// The focus is here when the page opens.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let field = expect_context::<FieldContext>();
    let (kind, autocomplete) = match entry {
        Entry::Words => ("text", "off"),
        Entry::PersonName => ("text", "name"),
        Entry::Email => ("email", "username"),
        Entry::Password => ("password", "current-password"),
        Entry::NewPassword => ("password", "new-password"),
    };
    let names = matches!(entry, Entry::Words | Entry::PersonName);
    view! {
        <input
            class="input"
            type=kind
            id=field.id
            name=name
            value=value
            required=true
            autocomplete=autocomplete
            autofocus=autofocus
            minlength=(entry == Entry::NewPassword).then_some(SHORTEST_PASSWORD)
            maxlength=names.then_some(LONGEST_NAME)
            aria-describedby=move || field.described_by.get()
            aria-invalid=move || field.refused.get().then_some("true")
        />
    }
    .into_any()
}
