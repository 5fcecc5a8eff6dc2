//! The frame of a project: the rail on the left, the page on the right, palette and help over both.

use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::{use_location, use_navigate};

use super::help::Help;
use super::palette::Palette;
use super::rail::{ENTRIES, RAIL, Rail};
use crate::state::keymap::{Key, use_keys};
use crate::state::project::CurrentProject;

/// The frame of a project.
#[component]
pub fn ProjectFrame() -> impl IntoView {
    let project = CurrentProject::provide();
    bind_keys(project);
    follow_navigation();
    view! {
        <a class="skip" href="#content" rel="external">"Skip to the content"</a>
        <div class="frame">
            <Rail />
            <main class="content" id="content" tabindex="-1">
                <Outlet />
            </main>
        </div>
        <Palette />
        <Help />
    }
    .into_any()
}

/// `g` and a letter goes to a page of the rail.
fn bind_keys(project: CurrentProject) {
    let navigate = use_navigate();
    let going = ENTRIES.iter().map(|entry| {
        let navigate = navigate.clone();
        let go = move || navigate(&untrack(|| project.address(entry.page)), leptos_router::NavigateOptions::default());
        Key::new(entry.keys, format!("Go to {}", entry.title), go)
    });
    use_keys(going.collect());
}

/// On a new page the focus goes to its beginning, the navigation of a phone closes, and so do menus.
fn follow_navigation() {
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|before| before != path) {
            crate::browser::hide_popover(RAIL);
            crate::browser::close_menus(None);
            crate::browser::focus("content");
        }
        path
    });
    Effect::new(move || {
        let clicks = window_event_listener(leptos::ev::click, |event| {
            crate::browser::close_menus(event_node(&event));
        });
        let escapes = window_event_listener(leptos::ev::keydown, |event| {
            if event.key() == "Escape" && crate::browser::close_menu_at_focus() {
                event.prevent_default();
            }
        });
        on_cleanup(move || {
            clicks.remove();
            escapes.remove();
        });
    });
}

#[cfg(feature = "hydrate")]
fn event_node(event: &leptos::ev::MouseEvent) -> Option<leptos::web_sys::Node> {
    use wasm_bindgen::JsCast;
    event.target().and_then(|target| target.dyn_into().ok())
}

#[cfg(not(feature = "hydrate"))]
fn event_node(_event: &leptos::ev::MouseEvent) -> Option<leptos::web_sys::Node> {
    None
}
