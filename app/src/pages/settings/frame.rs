//! What the parts of the settings share: the tabs between them.

use leptos::prelude::*;
use leptos_router::components::Outlet;

use crate::components::{Crumb, IconName, Tab, Tabs};
use crate::state::project::{CurrentProject, use_project};

/// A part of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// What it is called.
    pub title: &'static str,
    /// Its address below the settings'.
    pub page: &'static str,
    /// Its picture.
    pub icon: IconName,
}

/// Every part of the settings.
pub const PAGES: &[Page] = &[
    Page { title: "Members", page: "members", icon: IconName::Members },
    Page { title: "API keys", page: "keys", icon: IconName::Keys },
    Page { title: "Providers", page: "providers", icon: IconName::Evaluators },
    Page { title: "Project", page: "project", icon: IconName::Settings },
    Page { title: "Appearance", page: "appearance", icon: IconName::Sun },
    Page { title: "Account", page: "account", icon: IconName::Account },
];

/// The open part. Each brings its own header and, below it, [`SettingsTabs`].
#[component]
pub fn SettingsFrame() -> impl IntoView {
    view! { <Outlet /> }.into_any()
}

/// The tabs under the header of each part.
#[component]
pub fn SettingsTabs() -> impl IntoView {
    let project = use_project();
    let tabs = Signal::derive(move || {
        PAGES
            .iter()
            .map(|page| Tab { title: page.title, href: project.address(&format!("settings/{}", page.page)) })
            .collect::<Vec<_>>()
    });
    view! { <Tabs label="Settings" tabs /> }.into_any()
}

/// The way to a part of the settings.
pub fn crumbs(project: CurrentProject) -> Signal<Vec<Crumb>> {
    Signal::derive(move || {
        let mut crumbs = project.crumbs();
        crumbs.push(Crumb::new("Settings", project.address("settings/members")));
        crumbs
    })
}
