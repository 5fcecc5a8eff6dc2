//! The command palette: Ctrl or ⌘ and K goes to any page, project or session, and runs any action.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::rail::ENTRIES;
use crate::components::{Icon, IconName};
use crate::functions::entrance::SignOut;
use crate::functions::preferences::PreferencesSave;
use crate::functions::projects::OpenProject;
use crate::pages::settings::PAGES;
use crate::state::keymap::{Key, use_keys};
use crate::state::palette::{Choice, Entry, find, session_entry};
use crate::state::preferences::{CurrentPreferences, Preferences, Theme};
use crate::state::project::use_project;

const PALETTE: &str = "palette";
const INPUT: &str = "palette-input";
const LIST: &str = "palette-list";

/// Opens the palette.
pub fn open() {
    crate::browser::hide_popover(super::RAIL);
    crate::browser::close_menus(None);
    crate::browser::open_dialog(PALETTE);
    crate::browser::select(INPUT);
}

/// The palette.
#[component]
pub fn Palette() -> impl IntoView {
    use_keys(vec![Key::new("mod+k", "Go to a page, project or session, or run an action", open)]);
    let project = use_project();
    let navigate = use_navigate();
    let preferences = expect_context::<CurrentPreferences>();
    let sign_out = ServerAction::<SignOut>::new();
    let save = ServerAction::<PreferencesSave>::new();

    let query = RwSignal::new(String::new());
    let at = RwSignal::new(0_usize);
    // The server does not know what will be asked; the list is made when the page has come to life.
    let alive = RwSignal::new(false);
    Effect::new(move || alive.set(true));
    let everything = Memo::new_with_compare(
        move |_| {
            if !alive.get() {
                return Vec::new();
            }
            let opened = project.opened.get().and_then(Result::ok);
            entries(&project.slug(), opened.as_ref(), preferences, sign_out, save)
        },
        |_, _| true,
    );
    let found = Memo::new_with_compare(
        move |_| {
            let query = query.get();
            let session = session_entry(&query, &project.slug());
            session.into_iter().chain(everything.with(|entries| find(&query, entries))).collect::<Vec<_>>()
        },
        |_, _| true,
    );

    let choose = move |index: usize| {
        let Some(entry) = found.with_untracked(|found| found.get(index).cloned()) else { return };
        crate::browser::close_dialog(PALETTE);
        query.set(String::new());
        at.set(0);
        match entry.choice {
            Choice::Go(to) => navigate(&to, NavigateOptions::default()),
            Choice::Run(action) => action.run(()),
        }
    };
    let move_to = move |index: usize| {
        at.set(index);
        crate::browser::bring_into_view(&option_id(index));
    };
    let on_key = {
        let choose = choose.clone();
        move |event: leptos::ev::KeyboardEvent| {
            let count = found.with_untracked(Vec::len);
            let here = at.get_untracked();
            match event.key().as_str() {
                "ArrowDown" if count > 0 => move_to((here + 1) % count),
                "ArrowUp" if count > 0 => move_to((here + count - 1) % count),
                "Enter" if !event.is_composing() => choose(here),
                _ => return,
            }
            event.prevent_default();
        }
    };

    view! {
        <dialog class="palette" id=PALETTE closedby="any" aria-label="Go to or run">
            <div class="palette__field">
                <Icon name=IconName::Search />
                <input
                    class="palette__input"
                    id=INPUT
                    type="text"
                    role="combobox"
                    aria-expanded="true"
                    aria-autocomplete="list"
                    aria-controls=LIST
                    aria-activedescendant=move || found.with(|found| (!found.is_empty()).then(|| option_id(at.get())))
                    aria-label="Page, project, session id or action"
                    placeholder="Page, project, session id or action"
                    autocomplete="off"
                    spellcheck="false"
                    autofocus
                    prop:value=move || query.get()
                    on:input:target=move |event| {
                        query.set(event.target().value());
                        at.set(0);
                    }
                    on:keydown=on_key
                />
            </div>
            <ul class="palette__list" id=LIST role="listbox" aria-label="Matches">
                {move || {
                    let choose = choose.clone();
                    found
                        .get()
                        .into_iter()
                        .enumerate()
                        .map(|(index, entry)| {
                            let choose = choose.clone();
                            view! {
                                <li
                                    class="palette__option"
                                    id=option_id(index)
                                    role="option"
                                    aria-selected=move || (at.get() == index).to_string()
                                    on:click=move |_| choose(index)
                                    on:mousemove=move |_| at.set(index)
                                >
                                    <Icon name=entry.icon />
                                    <span class="palette__title">{entry.title}</span>
                                    <span class="palette__kind">{entry.kind}</span>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
            <p class="palette__nothing" role="status">
                {move || (alive.get() && found.with(Vec::is_empty)).then_some("Nothing is called that. A session id opens its session.")}
            </p>
        </dialog>
    }
    .into_any()
}

fn option_id(index: usize) -> String {
    format!("palette-{index}")
}

/// Everything that can be gone to or run, in the order in which it is offered.
fn entries(
    slug: &str,
    opened: Option<&OpenProject>,
    preferences: CurrentPreferences,
    sign_out: ServerAction<SignOut>,
    save: ServerAction<PreferencesSave>,
) -> Vec<Entry> {
    let go = |title: String, kind, icon, to: String| Entry { title, kind, icon, choice: Choice::Go(to) };
    let run = |title: &str, icon, action: Callback<()>| Entry {
        title: title.to_owned(),
        kind: "Action",
        icon,
        choice: Choice::Run(action),
    };

    let pages =
        ENTRIES.iter().map(|entry| go(entry.title.to_owned(), "Page", entry.icon, format!("/p/{slug}/{}", entry.page)));
    let settings = PAGES.iter().map(|page| {
        go(format!("Settings: {}", page.title), "Page", page.icon, format!("/p/{slug}/settings/{}", page.page))
    });
    let projects = opened.into_iter().flat_map(|open| &open.memberships).map(|membership| {
        go(
            membership.project.name.clone(),
            "Project",
            IconName::Switch,
            format!("/p/{}/sessions", membership.project.slug),
        )
    });
    let theme = |theme: Theme| {
        Callback::new(move |()| {
            let wanted = Preferences { theme, ..preferences.get_untracked() };
            preferences.apply(wanted);
            save.dispatch(PreferencesSave {
                theme: wanted.theme,
                density: wanted.density,
                single_keys: wanted.single_keys,
            });
        })
    };
    let actions = [
        go("Create an API key".to_owned(), "Action", IconName::Keys, format!("/p/{slug}/settings/keys?new")),
        go("New judge".to_owned(), "Action", IconName::Evaluators, format!("/p/{slug}/evaluators/new")),
        go("Add a model provider".to_owned(), "Action", IconName::Plus, format!("/p/{slug}/settings/providers?new=1")),
        go("Invite a member".to_owned(), "Action", IconName::Members, format!("/p/{slug}/settings/members?new")),
        go("New queue".to_owned(), "Action", IconName::Plus, format!("/p/{slug}/queues?new")),
        go("New project".to_owned(), "Action", IconName::Plus, "/projects?new".to_owned()),
        run("Use light theme", IconName::Sun, theme(Theme::Light)),
        run("Use dark theme", IconName::Moon, theme(Theme::Dark)),
        run("Use the system's theme", IconName::System, theme(Theme::System)),
        run("Show the keys of this page", IconName::Keyboard, Callback::new(|()| super::help::open())),
        run("Sign out", IconName::SignOut, Callback::new(move |()| _ = sign_out.dispatch(SignOut {}))),
    ];
    pages.chain(settings).chain(projects).chain(actions).collect()
}
