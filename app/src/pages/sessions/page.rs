//! The page: asks for the list and its facets, and puts the parts together. The address is the state.

use leptos::prelude::*;
use turnwise_model::filter::Filter;
use turnwise_model::view::session::{Facets, SessionsPart};

use super::act::{ActForm, Deeds};
use super::columns::ColumnMenu;
use super::facets::{FACETS, FacetList};
use super::first::FirstSession;
use super::live::LiveNote;
use super::picked::{Picked, Source};
use super::table::SessionTable;
use super::views::Views;
use super::wanted::Wanted;
use crate::AppError;
use crate::components::{
    ButtonLink, EmptyState, ErrorState, FilterBar, Icon, IconName, PageHeader, Pagination, Shape, Skeleton, awaited,
};
use crate::functions::session_list::{Choices, session_choices, sessions_browse, sessions_facets, views_list};
use crate::state::figures;
use crate::state::project::{CurrentProject, use_project};
use crate::state::query::use_query;

/// What the page asks the server for.
#[derive(Clone, Copy)]
struct Asked {
    project: CurrentProject,
    wanted: Memo<Wanted>,
    list: Resource<Result<SessionsPart, AppError>>,
    /// The project, and what its list was asked for when it last answered: the address may be further.
    answered: StoredValue<(String, Wanted)>,
    facets: Resource<Result<Facets, AppError>>,
    /// The list whose sessions the facets count.
    counted: StoredValue<Source>,
    choices: Resource<Result<Choices, AppError>>,
    picked: Picked,
    deeds: Deeds,
}

/// The sessions of a project.
#[component]
pub fn SessionsPage() -> impl IntoView {
    let project = use_project();
    let query = use_query();
    let wanted = Memo::new(move |_| Wanted::read(&query.read()));
    let filter = Memo::new(move |_| wanted.read().filter.clone());
    let here = untrack(|| Source { project: project.slug(), filter: filter.get() });
    let answered = StoredValue::new((here.project.clone(), wanted.get_untracked()));
    let list = project.resource_by(
        move || Wanted { columns: None, from: 0, ..wanted.get() },
        move |project, asked| {
            let Wanted { filter, sort, ascending, after, before, .. } = asked.clone();
            async move {
                let of = (project.to_string(), asked);
                let part = sessions_browse(project, filter, sort, !ascending, after, before).await;
                _ = answered.try_set_value(of);
                part
            }
        },
    );
    let counted = StoredValue::new(here);
    let facets = project.resource_by(
        move || filter.get(),
        move |project, filter| async move {
            let of = Source { project: project.to_string(), filter: filter.clone() };
            let facets = sessions_facets(project, filter).await;
            _ = counted.try_set_value(of);
            facets
        },
    );
    let choices = project.resource(session_choices);
    let views = project.resource(views_list);
    let picked = Picked::none();
    let deeds = Deeds::with(picked);
    let asked = Asked { project, wanted, list, answered, facets, counted, choices, picked, deeds };
    let path = Signal::derive(move || project.address("sessions"));
    let address = Callback::new(move |filter: String| wanted.read().filtered(filter).query().address(&path.read()));
    let first = Signal::derive(move || wanted.read().begun().query().address(&path.read()));
    let at_first = Signal::derive(move || wanted.with(|wanted| wanted.begun() == *wanted));
    let newest = RwSignal::new(None);
    Effect::new(move || {
        if let Some(Ok(part)) = list.get() {
            newest.set(Some(part.newest));
        }
    });
    let refresh = Callback::new(move |()| {
        list.refetch();
        facets.refetch();
    });
    view! {
        <PageHeader title="Sessions" crumbs=Signal::derive(move || project.crumbs()) />
        <div class="page sessions">
            <Views views wanted />
            <FilterBar label="Filter sessions" filter=filter address=address kept=Signal::derive(move || wanted.read().kept())>
                <button class="button sessions__narrow" type="button" popovertarget=FACETS>"Narrow down"</button>
                <ColumnMenu wanted path />
            </FilterBar>
            <LiveNote filter newest first at_first refresh />
            <div class="sessions__parts">
                <aside class="facets" id=FACETS popover="auto" aria-label="Narrow down">
                    <Transition fallback=|| view! { <Skeleton shape=Shape::Rail /> }>
                        {awaited(move || async move {
                            match asked.facets.await {
                                Ok(facets) => view! { <FacetList facets wanted=asked.wanted /> }.into_any(),
                                // Beside the list this is told once.
                                Err(AppError::Invalid { .. } | AppError::NotSignedIn | AppError::NotFound { .. }) => ().into_any(),
                                Err(_) => view! { <p class="facets__failed">"The counts could not be read."</p> }.into_any(),
                            }
                        })}
                    </Transition>
                    <button class="button facets__close" type="button" popovertarget=FACETS popovertargetaction="hide">"Done"</button>
                </aside>
                <div class="sessions__list">
                    <Transition fallback=|| view! { <Skeleton shape=Shape::Table(12) /> }>
                        {awaited(move || async move {
                            // The list last: what is awaited here is followed only once all of it is there.
                            let choices = asked.choices.await.unwrap_or_default();
                            match asked.list.await {
                                Ok(part) => view! { <Listing asked part choices /> }.into_any(),
                                Err(AppError::Invalid { field, message }) => view! { <Unreadable field message asked /> }.into_any(),
                                Err(error) => view! { <ErrorState error retry=refresh /> }.into_any(),
                            }
                        })}
                    </Transition>
                </div>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn Listing(asked: Asked, part: SessionsPart, choices: Choices) -> impl IntoView {
    // A list that was asked for with other columns is the same list.
    let columns = Memo::new(move |_| asked.wanted.read().columns.clone());
    let (project, wanted) = asked.answered.get_value();
    // Where the list begins and which columns it has is not asked of the server.
    let now = asked.wanted.get_untracked();
    let wanted = Wanted { from: now.from, columns: now.columns, ..wanted };
    let source = StoredValue::new(Source { project, filter: wanted.filter.clone() });
    source.with_value(|source| asked.picked.keep_of(source));
    if part.rows.is_empty() {
        return if part.newest.0 == 0 {
            view! { <div class="sessions__first"><FirstSession /></div> }.into_any()
        } else {
            view! { <NothingMatches asked /> }.into_any()
        };
    }
    let SessionsPart { rows, previous, next, .. } = part;
    let shown = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let pages = pages(&wanted, previous, next, shown, &untrack(|| asked.project.address("sessions")));
    let matching = Signal::derive(move || {
        let facets = asked.facets.get()?.ok()?;
        (asked.counted.get_value() == source.get_value()).then_some(facets.sessions)
    });
    let picked = asked.picked;
    let table = move |picked: Option<Picked>| {
        let (rows, wanted) = (rows.clone(), wanted.clone());
        move || {
            let shown = Wanted { columns: columns.get(), ..wanted.clone() };
            view! { <SessionTable rows=rows.clone() shown wanted=asked.wanted picked at=asked.picked.at /> }
        }
    };
    let table = if choices.may_act {
        let table = table(Some(picked));
        view! { <ActForm picked deeds=asked.deeds source matching choices>{table}</ActForm> }.into_any()
    } else {
        table(None).into_any()
    };
    view! {
        {table}
        <Transition fallback=|| ()>
            {awaited(move || {
                let pages = pages.clone();
                async move {
                    let matching = asked.facets.await.ok().map(|facets| facets.sessions);
                    let range = pages.range(matching);
                    view! { <Pagination range previous=pages.previous next=pages.next /> }.into_any()
                }
            })}
        </Transition>
    }
    .into_any()
}

/// Where this part of the list is, and the ways on.
#[derive(Clone)]
struct Pages {
    from: i64,
    to: i64,
    previous: Option<String>,
    next: Option<String>,
}

fn pages(wanted: &Wanted, previous: Option<String>, next: Option<String>, shown: i64, path: &str) -> Pages {
    let begun = wanted.begun();
    // Going back to the beginning, one arrives at it.
    let from = if previous.is_none() { 0 } else { wanted.from };
    let back = |before: String| Wanted { before, from: (from - 50).max(0), ..begun.clone() };
    let on = |after: String| Wanted { after, from: from + shown, ..begun.clone() };
    Pages {
        from,
        to: from + shown,
        previous: previous.map(|before| back(before).query().address(path)),
        next: next.map(|after| on(after).query().address(path)),
    }
}

impl Pages {
    /// "51–100 of 1,204".
    fn range(&self, matching: Option<i64>) -> String {
        let range = format!("{}–{}", figures::count(self.from + 1), figures::count(self.to));
        match matching {
            None => range,
            Some(Facets::LOOKED_AT..) => format!("{range} of {}+", figures::count(Facets::LOOKED_AT)),
            // The list and the count are read one after the other.
            Some(matching) => format!("{range} of {}", figures::count(matching.max(self.to))),
        }
    }
}

#[component]
fn NothingMatches(asked: Asked) -> impl IntoView {
    let everything =
        move || asked.wanted.read().filtered(String::new()).query().address(&asked.project.address("sessions"));
    view! {
        <EmptyState
            icon=IconName::Search
            title="No session matches"
            text="Sessions have arrived, but none of them is what the filter asks for. Take one of its parts out above, or look at all."
        >
            <ButtonLink href=Signal::derive(everything)>"Show all sessions"</ButtonLink>
        </EmptyState>
    }
    .into_any()
}

/// The address asks for what cannot be understood.
#[component]
fn Unreadable(field: String, message: String, asked: Asked) -> impl IntoView {
    let wrong = Filter::parse(&asked.wanted.read_untracked().filter).is_err();
    let text = if wrong {
        "The filter above cannot be read. What is wrong is marked in it.".to_owned()
    } else if field == "cursor" {
        "This place in the list is not there any more.".to_owned()
    } else {
        crate::error::sentence(&message)
    };
    let begin = move || asked.wanted.read().filtered(String::new()).query().address(&asked.project.address("sessions"));
    view! {
        <section class="error-state" role="alert">
            <div class="error-state__picture"><Icon name=IconName::Warning /></div>
            <h2 class="error-state__title">"Nothing can be listed like this"</h2>
            <p class="error-state__what">{text}</p>
            <ButtonLink href=Signal::derive(begin)>"Show all sessions"</ButtonLink>
        </section>
    }
    .into_any()
}
