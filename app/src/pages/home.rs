//! Addresses that only lead on: `/`, a project's own, its settings'.

use leptos::prelude::*;

use crate::components::{Shape, loaded, redirect};
use crate::functions::entrance::front_door;
use crate::layout::Standalone;
use crate::state::project::use_project;

/// `/` leads to the first start, to the sign-in page, or inside.
#[component]
pub fn Home() -> impl IntoView {
    let entrance = Resource::new(|| (), |()| front_door());
    view! {
        <Standalone>
            {loaded(entrance, Shape::Form(2), |entrance| redirect(entrance.address()))}
        </Standalone>
    }
    .into_any()
}

/// A project's own address leads to its sessions.
#[component]
pub fn ProjectHome() -> impl IntoView {
    let project = use_project();
    redirect(untrack(|| project.address("sessions")))
}

/// The settings' own address leads to the members.
#[component]
pub fn SettingsHome() -> impl IntoView {
    let project = use_project();
    redirect(untrack(|| project.address("settings/members")))
}
