//! Views of the list under a name: the project's and one's own, as tabs above the filter, and the form that keeps one.

use leptos::form::ActionForm;
use leptos::prelude::*;
use turnwise_model::access::Role;
use turnwise_model::view::session::SavedView;

use super::columns::Column;
use super::wanted::Wanted;
use crate::AppError;
use crate::components::{Button, Confirm, Entry, Field, FormError, Icon, IconName, Menu, TextInput, Tone, awaited};
use crate::functions::session_list::{ViewDrop, ViewKeep};
use crate::state::flash::Notice;
use crate::state::form::{error_of, under, when_done};
use crate::state::project::use_project;
use crate::state::toasts::Toasts;

/// What a view shows.
fn wanted_by(view: &SavedView) -> Wanted {
    let columns: Vec<Column> = view.columns.split(',').filter_map(|word| word.parse().ok()).collect();
    Wanted {
        filter: view.filter.clone(),
        sort: view.sort,
        ascending: view.ascending,
        columns: (!columns.is_empty()).then_some(columns),
        ..Wanted::default()
    }
}

/// The tabs, and what is done with views.
#[component]
pub fn Views(
    /// The views, shared ones first.
    views: Resource<Result<Vec<SavedView>, AppError>>,
    /// What the address asks for.
    wanted: Memo<Wanted>,
) -> impl IntoView {
    let project = use_project();
    let toasts = expect_context::<Toasts>();
    let keep = ServerAction::<ViewKeep>::new();
    let drop = ServerAction::<ViewDrop>::new();
    when_done(keep, move |()| {
        toasts.say(Notice::Saved.text());
        crate::browser::close_menus(None);
        views.refetch();
    });
    when_done(drop, move |()| {
        toasts.say(Notice::ViewRemoved.text());
        views.refetch();
    });
    let tab = move |name: String, target: Wanted, own: bool| {
        let href = {
            let target = target.clone();
            move || target.query().address(&project.address("sessions"))
        };
        let here = move || (wanted.read().begun() == target).then_some("page");
        view! {
            <a class="views__tab" href=href aria-current=here>
                {own.then(|| view! { <Icon name=IconName::Account /> })}
                {name}
            </a>
        }
    };
    let tabs = move |kept: Vec<SavedView>| {
        let may_share = project.opened.get().and_then(Result::ok).is_some_and(|open| open.role >= Role::Editor);
        kept.into_iter()
            .map(|view| {
                let target = wanted_by(&view);
                let open = {
                    let target = target.clone();
                    Memo::new(move |_| wanted.read().begun() == target)
                };
                let removable = may_share || !view.shared;
                let removed = view.clone();
                view! {
                    <li class="views__item">
                        {tab(view.name, target, !view.shared)}
                        {move || (open.get() && removable).then(|| remove_button(removed.clone(), drop))}
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <div class="views">
            <nav class="views__tabs" aria-label="Views">
                <ul>
                    <li class="views__item">{tab("All".to_owned(), Wanted::default(), false)}</li>
                    <Transition fallback=|| ()>
                        {awaited(move || async move {
                            // Without them the list is what it is.
                            let kept = views.await.unwrap_or_default();
                            project.opened.await.ok();
                            untrack(|| tabs(kept)).into_any()
                        })}
                    </Transition>
                </ul>
            </nav>
            <KeepView keep wanted />
        </div>
        <FormError error=error_of(drop) />
    }
    .into_any()
}

fn remove_button(view: SavedView, drop: ServerAction<ViewDrop>) -> AnyView {
    let project = use_project();
    view! {
        <Confirm
            id=format!("drop-{}", view.id)
            action="Remove"
            label=format!("Remove view {}", view.name)
            question=format!("Remove the view {}?", view.name)
            consequence=if view.shared { "It goes for everybody in the project. Sessions stay." } else { "Sessions stay." }
        >
            <ActionForm action=drop>
                <input type="hidden" name="project" value=move || project.slug() />
                <input type="hidden" name="view" value=view.id.to_string() />
                <input type="hidden" name="shared" value=view.shared.to_string() />
                <Button tone=Tone::Danger submit=true>"Remove"</Button>
            </ActionForm>
        </Confirm>
    }
    .into_any()
}

/// Keeps what the list shows under a name.
#[component]
fn KeepView(keep: ServerAction<ViewKeep>, wanted: Memo<Wanted>) -> impl IntoView {
    let project = use_project();
    let may_share = move || project.opened.get().and_then(Result::ok).is_some_and(|open| open.role >= Role::Editor);
    let error = error_of(keep);
    let button = view! { <span>"Save view"</span> }.into_any();
    view! {
        <Menu label="Save view" button>
            <ActionForm action=keep>
                <div class="views__form">
                    <input type="hidden" name="project" value=move || project.slug() />
                    <input type="hidden" name="filter" value=move || wanted.read().filter.clone() />
                    <input type="hidden" name="sort" value=move || wanted.read().sort.to_string() />
                    <input type="hidden" name="ascending" value=move || wanted.read().ascending.to_string() />
                    <input type="hidden" name="columns" value=move || wanted.read().columns_word() />
                    <Field id="view-name" label="Name" error=under(error, "name")>
                        <TextInput name="name" entry=Entry::Words />
                    </Field>
                    <Transition fallback=|| ()>
                        {move || may_share().then(|| view! {
                            <label class="choice">
                                <input type="checkbox" name="shared" value="true" />
                                <span>"For everybody in the project"</span>
                            </label>
                        })}
                    </Transition>
                    <FormError error=error fields=&["name"] />
                    <Button tone=Tone::Primary submit=true pending=keep.pending()>"Save"</Button>
                </div>
            </ActionForm>
        </Menu>
    }
    .into_any()
}
