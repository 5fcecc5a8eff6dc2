//! How the interface looks and feels in this browser. With JavaScript a choice takes effect as it is made.

use leptos::form::ActionForm;
use leptos::prelude::*;

use super::frame::{SettingsTabs, crumbs};
use crate::components::{Button, FormError, PageHeader, Tone};
use crate::functions::preferences::PreferencesSave;
use crate::state::form::error_of;
use crate::state::preferences::{CurrentPreferences, Density, Preferences, SingleKeys, Theme};
use crate::state::project::use_project;

/// How the interface looks and feels.
#[component]
pub fn AppearancePage() -> impl IntoView {
    let project = use_project();
    let current = expect_context::<CurrentPreferences>();
    let save = ServerAction::<PreferencesSave>::new();
    let now = current.get_untracked();
    let change = move |changed: Preferences| {
        current.apply(changed);
        save.dispatch(PreferencesSave {
            theme: changed.theme,
            density: changed.density,
            single_keys: changed.single_keys,
        });
    };
    let themes = Theme::ALL.iter().map(move |&theme| {
        let (title, text) = match theme {
            Theme::System => ("System", "As this device is set"),
            Theme::Light => ("Light", "Dark text on light ground"),
            Theme::Dark => ("Dark", "Light text on dark ground"),
        };
        let chosen = move || change(Preferences { theme, ..current.get_untracked() });
        view! { <Choice name="theme" value=theme.as_str() title text checked=theme == now.theme chosen /> }
    });
    let densities = Density::ALL.iter().map(move |&density| {
        let (title, text) = match density {
            Density::Comfortable => ("Comfortable", "Rows that are easy to hit"),
            Density::Compact => ("Compact", "More rows on the screen"),
        };
        let chosen = move || change(Preferences { density, ..current.get_untracked() });
        view! { <Choice name="density" value=density.as_str() title text checked=density == now.density chosen /> }
    });
    let keys = SingleKeys::ALL.iter().map(move |&single_keys| {
        let (title, text) = match single_keys {
            SingleKeys::On => ("On", "Keys such as j, k and ? work on every page, and never while you type"),
            SingleKeys::Off => ("Off", "Only keys with Ctrl or ⌘ do anything"),
        };
        let chosen = move || change(Preferences { single_keys, ..current.get_untracked() });
        view! { <Choice name="single_keys" value=single_keys.as_str() title text checked=single_keys == now.single_keys chosen /> }
    });
    view! {
        <PageHeader title="Appearance" crumbs=crumbs(project) />
        <SettingsTabs />
        <div class="page page--narrow">
            <p class="page__lead">"Kept in this browser, for all projects."</p>
            <ActionForm action=save>
                <div class="form form--wide">
                    <fieldset class="choices choices--row">
                        <legend class="section__title">"Theme"</legend>
                        {themes.collect_view()}
                    </fieldset>
                    <fieldset class="choices choices--row">
                        <legend class="section__title">"Density"</legend>
                        {densities.collect_view()}
                    </fieldset>
                    <fieldset class="choices choices--row">
                        <legend class="section__title">"Single-key shortcuts"</legend>
                        {keys.collect_view()}
                    </fieldset>
                    <FormError error=error_of(save) />
                    <div class="form__actions without-js">
                        <Button tone=Tone::Primary submit=true>"Save"</Button>
                    </div>
                </div>
            </ActionForm>
        </div>
    }
    .into_any()
}

/// One of the values of a preference.
#[component]
fn Choice(
    name: &'static str,
    value: &'static str,
    title: &'static str,
    text: &'static str,
    checked: bool,
    chosen: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <label class="choice choice--card">
            <input type="radio" name=name value=value checked=checked on:change=move |_| chosen() />
            <span class="choice__words">
                <span class="choice__title">{title}</span>
                <span class="choice__text">{text}</span>
            </span>
        </label>
    }
    .into_any()
}
