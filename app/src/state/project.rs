//! The project whose pages are open: its slug from the address, and what the server says about it.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use turnwise_model::access::Slug;

use crate::AppError;
use crate::components::Crumb;
use crate::functions::projects::{OpenProject, project_open};

/// The project of the address.
#[derive(Clone, Copy)]
pub struct CurrentProject {
    slug: Memo<String>,
    /// What the server says about it.
    pub opened: Resource<Result<OpenProject, AppError>>,
}

impl CurrentProject {
    /// Reads the slug from the route `/p/:project`, opens the project and makes it available to every component below.
    pub fn provide() -> Self {
        let params = use_params_map();
        let slug = Memo::new(move |_| params.read().get("project").unwrap_or_default());
        let opened = Resource::new(move || slug.get(), |slug| async move { project_open(parse_slug(&slug)?).await });
        let project = Self { slug, opened };
        provide_context(project);
        project
    }

    /// The slug, followed when it changes.
    #[must_use]
    pub fn slug(self) -> String {
        self.slug.get()
    }

    /// The address of a page of the project: `address("settings/keys")`.
    #[must_use]
    pub fn address(self, page: &str) -> String {
        format!("/p/{}/{page}", self.slug.get())
    }

    /// The way to a page of the project: its name, once it is known.
    #[must_use]
    pub fn crumbs(self) -> Vec<Crumb> {
        let slug = self.slug.get();
        let name = self.opened.get().and_then(Result::ok).map_or_else(|| slug.clone(), |open| open.project.name);
        vec![Crumb::new(name, format!("/p/{slug}/sessions"))]
    }

    /// Something of the project that depends on more than the project, asked for again when either changes.
    pub fn resource_by<Key, T, Told>(
        self,
        key: impl Fn() -> Key + Send + Sync + 'static,
        ask: impl Fn(Slug, Key) -> Told + Clone + Send + Sync + 'static,
    ) -> Resource<Result<T, AppError>>
    where
        Key: Clone + PartialEq + Send + Sync + 'static,
        T: serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static,
        Told: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        ask_at_the_top();
        let slug = self.slug;
        Resource::new(
            move || (slug.get(), key()),
            move |(slug, key)| {
                let ask = ask.clone();
                async move { ask(parse_slug(&slug)?, key).await }
            },
        )
    }

    /// Something that is asked for only while there is a key, such as while a tab is open; else it is `None`.
    pub fn resource_when<Key, T, Told>(
        self,
        key: impl Fn() -> Option<Key> + Send + Sync + 'static,
        ask: impl Fn(Slug, Key) -> Told + Clone + Send + Sync + 'static,
    ) -> Resource<Result<Option<T>, AppError>>
    where
        Key: Clone + PartialEq + Send + Sync + 'static,
        T: serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static,
        Told: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        self.resource_by(key, move |slug, key| {
            let asked = key.map(|key| ask(slug, key));
            async move {
                match asked {
                    Some(asked) => asked.await.map(Some),
                    None => Ok(None),
                }
            }
        })
    }

    /// Something of the project that the server tells, asked for again when the project changes.
    pub fn resource<T, Told>(
        self,
        ask: impl Fn(Slug) -> Told + Clone + Send + Sync + 'static,
    ) -> Resource<Result<T, AppError>>
    where
        T: serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static,
        Told: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        self.resource_by(|| (), move |slug, ()| ask(slug))
    }
}

/// Stands in the context of content that was waited for.
#[derive(Clone, Copy)]
pub struct Awaited;

/// Answers get their numbers in the order in which they are asked for, and by these numbers the browser finds what the
/// server was told. Inside content that is itself waited for that order hangs on which answer came first, and on how often
/// the server looked at the content: the browser would now and then miss an answer and fail to hydrate. So that is a
/// mistake, found by every test that opens the page.
fn ask_at_the_top() {
    #[cfg(feature = "ssr")]
    debug_assert!(
        use_context::<Awaited>().is_none(),
        "something is asked for inside content that is waited for: ask for it at the top of the page"
    );
}

/// The current project. For components below the route `/p/:project`.
#[must_use]
pub fn use_project() -> CurrentProject {
    expect_context::<CurrentProject>()
}

fn parse_slug(slug: &str) -> Result<Slug, AppError> {
    slug.parse().map_err(|_| AppError::no_such("project"))
}
