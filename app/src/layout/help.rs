//! `?` lists the keys that work on this page.

use leptos::prelude::*;

use crate::components::Dialog;
use crate::state::keymap::{Key, Keymap, use_keys};
use crate::state::keys::caps;
use crate::state::preferences::{CurrentPreferences, SingleKeys};
use crate::state::project::use_project;

const HELP: &str = "help";

/// Opens the list.
pub fn open() {
    crate::browser::close_menus(None);
    crate::browser::hide_popover(super::RAIL);
    crate::browser::open_dialog(HELP);
}

/// The list.
#[component]
pub fn Help() -> impl IntoView {
    let keymap = expect_context::<Keymap>();
    let preferences = expect_context::<CurrentPreferences>();
    let project = use_project();
    use_keys(vec![Key::new("?", "Show the keys of this page", open)]);
    let rows = move || {
        let mac = crate::browser::is_mac();
        keymap
            .list()
            .into_iter()
            .map(|key| {
                let caps =
                    caps(key.keys, mac).into_iter().map(|cap| view! { <kbd class="key">{cap}</kbd> }).collect_view();
                view! { <div class="help__row"><dt>{key.label}</dt><dd>{caps}</dd></div> }
            })
            .collect_view()
    };
    view! {
        <Dialog id=HELP title="Keys of this page">
            <dl class="help">{rows}</dl>
            <p class="help__note">
                {move || match preferences.get().single_keys {
                    SingleKeys::On => "Single keys do nothing while you type. They can be turned off under ",
                    SingleKeys::Off => "Single keys are turned off. They can be turned on under ",
                }}
                <a href=move || project.address("settings/appearance")>"Appearance"</a>
                "."
            </p>
        </Dialog>
    }
    .into_any()
}
