//! What the pages of one queue share: which queue it is, its header, the tabs between tasks and settings.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use turnwise_model::access::Role;

use crate::AppError;
use crate::components::{ButtonLink, Crumb, IconName, PageHeader, Tab, Tabs, Tone};
use crate::functions::queues::{QueuePage, queue_get};
use crate::state::project::use_project;

/// The queue of the address, asked for once for each page.
#[derive(Clone, Copy)]
pub struct OpenQueue {
    /// Its id as it stands in the address.
    pub id: Memo<String>,
    /// What the server says of it.
    pub page: Resource<Result<QueuePage, AppError>>,
}

impl OpenQueue {
    /// Reads the id from the route and asks the server.
    pub fn of_address() -> Self {
        let params = use_params_map();
        let project = use_project();
        let id = Memo::new(move |_| params.read().get("queue").unwrap_or_default());
        let page = project
            .resource_by(move || id.get(), |project, id| async move { queue_get(project, read(&id, "queue")?).await });
        Self { id, page }
    }
}

/// A part of the address.
pub fn read<T: std::str::FromStr>(text: &str, what: &'static str) -> Result<T, AppError> {
    text.parse().map_err(|_| AppError::no_such(what))
}

/// Name, the way here, "Review", the tabs.
#[component]
pub fn QueueHeader(queue: OpenQueue) -> impl IntoView {
    let project = use_project();
    let opened = move || queue.page.get().and_then(Result::ok);
    let title = Signal::derive(move || opened().map_or_else(|| "Queue".to_owned(), |page| page.summary.queue.name));
    let crumbs = Signal::derive(move || {
        let mut crumbs = project.crumbs();
        crumbs.push(Crumb::new("Queues", project.address("queues")));
        crumbs
    });
    let address = move |part: &str| project.address(&format!("queues/{}{part}", queue.id.get()));
    let tabs = Signal::derive(move || {
        vec![Tab { title: "Tasks", href: address("/tasks") }, Tab { title: "Settings", href: address("/settings") }]
    });
    view! {
        <Transition fallback=|| ()>
            <PageHeader title crumbs>
                {move || {
                    opened()
                        .filter(|page| page.role >= Role::Reviewer)
                        .map(|_| {
                            view! {
                                <ButtonLink tone=Tone::Primary icon=IconName::Check href=Signal::derive(move || address("/review"))>"Review"</ButtonLink>
                            }
                        })
                }}
            </PageHeader>
        </Transition>
        <Tabs label="Queue" tabs />
    }
    .into_any()
}
