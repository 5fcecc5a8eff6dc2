//! The rail: which project, which page, who is signed in. On a phone it is a popover behind the menu button.
//!
//! A new page of a project is one line in [`ENTRIES`]; the palette and the keys follow from it.

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::components::{Icon, IconName, Menu, Shape, Skeleton, awaited};
use crate::functions::entrance::SignOut;
use crate::functions::projects::OpenProject;
use crate::state::project::{CurrentProject, use_project};

/// The rail's id, for the button that opens it on a phone.
pub const RAIL: &str = "rail";

/// A page of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// What it is called.
    pub title: &'static str,
    /// Its address below the project's. Everything with the same first segment belongs to it.
    pub page: &'static str,
    /// Its picture.
    pub icon: IconName,
    /// The keys that go there.
    pub keys: &'static str,
    /// Stands at the rail's foot.
    pub at_foot: bool,
}

/// Every page of a project that the rail leads to.
pub const ENTRIES: &[Entry] = &[
    Entry { title: "Sessions", page: "sessions", icon: IconName::Sessions, keys: "g s", at_foot: false },
    Entry { title: "Queues", page: "queues", icon: IconName::Queues, keys: "g q", at_foot: false },
    Entry { title: "Rules", page: "rules", icon: IconName::Rules, keys: "g r", at_foot: false },
    Entry { title: "Exports", page: "exports", icon: IconName::Download, keys: "g x", at_foot: false },
    Entry { title: "Evaluators", page: "evaluators", icon: IconName::Evaluators, keys: "g e", at_foot: false },
    Entry { title: "Settings", page: "settings/members", icon: IconName::Settings, keys: "g ,", at_foot: true },
];

impl Entry {
    /// Whether the page at this path belongs to it.
    fn holds(&self, path: &str, project: &str) -> bool {
        let first = |page: &str| page.split('/').next().unwrap_or_default().to_owned();
        let page = path.strip_prefix("/p/").and_then(|rest| rest.strip_prefix(project)).unwrap_or_default();
        page.strip_prefix('/').is_some_and(|page| first(page) == first(self.page))
    }
}

/// The rail.
#[component]
pub fn Rail() -> impl IntoView {
    let project = use_project();
    view! {
        <nav class="rail" id=RAIL popover="auto" aria-label="Main">
            <Transition fallback=|| view! { <Skeleton shape=Shape::Rail /> }>
                {awaited(move || async move {
                    // What went wrong is told by the page; the rail then only leads out.
                    match project.opened.await {
                        Ok(open) => view! { <Inside project open /> }.into_any(),
                        Err(_) => view! { <Outside /> }.into_any(),
                    }
                })}
            </Transition>
        </nav>
    }
    .into_any()
}

#[component]
fn Outside() -> impl IntoView {
    view! {
        <a class="rail__brand" href="/"><Icon name=IconName::Turnwise /><span>"Turnwise"</span></a>
        <ul class="rail__list">
            <li><a class="rail__link" href="/projects"><Icon name=IconName::Switch /><span>"Projects"</span></a></li>
        </ul>
    }
    .into_any()
}

#[component]
fn Inside(project: CurrentProject, open: OpenProject) -> impl IntoView {
    let path = use_location().pathname;
    let current = move |entry: &Entry| entry.holds(&path.read(), &project.slug()).then_some("page");
    let entries = move |at_foot: bool| {
        ENTRIES
            .iter()
            .filter(|entry| entry.at_foot == at_foot)
            .map(|entry| {
                view! {
                    <li>
                        <a class="rail__link" href=move || project.address(entry.page) aria-current=move || current(entry)>
                            <Icon name=entry.icon />
                            <span>{entry.title}</span>
                        </a>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <Switcher open=open.clone() />
        <button class="rail__search needs-js" type="button" on:click=|_| super::palette::open() aria-keyshortcuts="Control+K Meta+K">
            <Icon name=IconName::Search />
            <span>"Go to…"</span>
            <kbd class="key" aria-hidden="true">"Ctrl K"</kbd>
        </button>
        <ul class="rail__list">{entries(false)}</ul>
        <div class="rail__gap"></div>
        <ul class="rail__list">{entries(true)}</ul>
        <Viewer project open />
    }
    .into_any()
}

/// The project's name; unfolds the others.
#[component]
fn Switcher(open: OpenProject) -> impl IntoView {
    let current = open.project.slug.clone();
    let button = view! {
        <span class="tile" aria-hidden="true">{initial(&open.project.name)}</span>
        <span class="rail__name">{open.project.name}</span>
        <Icon name=IconName::Switch />
    }
    .into_any();
    let others = open.memberships.into_iter().map(move |membership| {
        let here = membership.project.slug == current;
        view! {
            <li>
                <a class="menu__item" href=format!("/p/{}/sessions", membership.project.slug) aria-current=here.then_some("true")>
                    <span class="tile" aria-hidden="true">{initial(&membership.project.name)}</span>
                    <span class="menu__words">{membership.project.name}</span>
                    {here.then(|| view! { <Icon name=IconName::Check /> })}
                </a>
            </li>
        }
    });
    view! {
        <Menu label="Switch project" button>
            <ul>{others.collect_view()}</ul>
            <hr />
            <ul>
                <li><a class="menu__item" href="/projects?new"><Icon name=IconName::Plus /><span class="menu__words">"New project"</span></a></li>
            </ul>
        </Menu>
    }
    .into_any()
}

/// Who is signed in; unfolds what concerns them.
#[component]
fn Viewer(project: CurrentProject, open: OpenProject) -> impl IntoView {
    let sign_out = ServerAction::<SignOut>::new();
    let button = view! {
        <span class="tile tile--round" aria-hidden="true">{initial(&open.account.name)}</span>
        <span class="rail__name">{open.account.name}</span>
        <Icon name=IconName::Switch />
    }
    .into_any();
    view! {
        <Menu label="Account" button upwards=true>
            <p class="menu__note">{open.account.email.to_string()}</p>
            <ul>
                <li>
                    <a class="menu__item" href=move || project.address("settings/account")>
                        <Icon name=IconName::Account /><span class="menu__words">"Account"</span>
                    </a>
                </li>
                <li>
                    <a class="menu__item" href=move || project.address("settings/appearance")>
                        <Icon name=IconName::Sun /><span class="menu__words">"Appearance"</span>
                    </a>
                </li>
                <li class="needs-js">
                    <button class="menu__item" type="button" on:click=|_| super::help::open()>
                        <Icon name=IconName::Keyboard /><span class="menu__words">"Keys"</span><kbd class="key" aria-hidden="true">"?"</kbd>
                    </button>
                </li>
            </ul>
            <hr />
            <ActionForm action=sign_out>
                <button class="menu__item" type="submit">
                    <Icon name=IconName::SignOut /><span class="menu__words">"Sign out"</span>
                </button>
            </ActionForm>
        </Menu>
    }
    .into_any()
}

/// The first letter of a name, for its tile.
fn initial(name: &str) -> String {
    name.trim().chars().next().into_iter().flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::ENTRIES;

    #[test]
    fn an_entry_holds_the_pages_below_it() {
        let at = |path: &str| {
            let held = ENTRIES.iter().filter(|entry| entry.holds(path, "shop"));
            held.map(|entry| entry.title).collect::<Vec<_>>()
        };
        assert_eq!(at("/p/shop/sessions"), ["Sessions"]);
        assert_eq!(at("/p/shop/sessions/0199"), ["Sessions"]);
        assert_eq!(at("/p/shop/settings/keys"), ["Settings"]);
        for elsewhere in ["/p/shop", "/p/shopping/sessions", "/p/other/sessions", "/projects", "/p/shop/nothing"] {
            assert_eq!(at(elsewhere), [""; 0], "{elsewhere}");
        }
    }
}
