//! The parts of the client: code of pages that a browser fetches when it first opens one of them. `cargo xtask build`
//! cuts the client along the functions below; what several parts use lies beside them, what all use in the first part.
//!
//! A new page of a part is a variant of [`Page`], an arm of its part's function and one of [`Page::part`]; a new part
//! is a variant of [`Part`] besides, with its addresses in [`Part::of`]. Sign-in, projects and what every page shares
//! are in the first part, which needs no entry here.

use leptos::prelude::*;
use leptos_router::ChooseView;
#[cfg(feature = "split")]
use wasm_split_helpers::{SplitLoaderError as NotLoaded, wasm_split};

use super::queues::{QueuePage, QueueSettingsPage, QueuesPage};
use super::settings::{
    AccountPage, ApiKeysPage, AppearancePage, MembersPage, ProjectPage, ProvidersPage, SettingsFrame,
};
use super::{EvaluatorPage, EvaluatorsPage, ExportsPage, ReviewPage, RulePage, RulesPage, SessionPage, SessionsPage};
use crate::AppError;
use crate::components::ErrorState;

/// Why a part could not be loaded: the browser's console knows.
#[cfg(not(feature = "split"))]
#[derive(Debug)]
struct NotLoaded;

/// A page that is in one of the parts, for a route's `view`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The list of sessions.
    Sessions,
    /// One session.
    Session,
    /// The list of rules.
    Rules,
    /// One rule, or a new one.
    Rule,
    /// The list of queues.
    Queues,
    /// A queue's tasks.
    Queue,
    /// A queue's settings and rubric.
    QueueSettings,
    /// The desk of a reviewer.
    Review,
    /// The list of evaluators.
    Evaluators,
    /// One evaluator.
    Evaluator,
    /// Exports.
    Exports,
    /// What is around every page of the settings.
    Settings,
    /// Settings: members.
    Members,
    /// Settings: API keys.
    ApiKeys,
    /// Settings: providers.
    Providers,
    /// Settings: the project.
    Project,
    /// Settings: appearance.
    Appearance,
    /// Settings: the account.
    Account,
}

/// A part of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The list of sessions.
    Sessions,
    /// One session.
    Session,
    /// Rules.
    Rules,
    /// Queues and their settings.
    Queues,
    /// The desk of a reviewer.
    Review,
    /// Evaluators.
    Evaluators,
    /// Exports.
    Exports,
    /// Settings.
    Settings,
}

/// Where the client is cut. Without the feature `split` it is whole, and everything is always there.
macro_rules! part {
    ($name:ident, $load:ident, |$page:ident| $view:expr) => {
        #[cfg(feature = "split")]
        #[wasm_split($name, preload($load), fallible)]
        fn $name($page: Page) -> Result<AnyView, NotLoaded> {
            Ok($view)
        }

        #[cfg(not(feature = "split"))]
        async fn $name($page: Page) -> Result<AnyView, NotLoaded> {
            Ok($view)
        }

        #[cfg(not(feature = "split"))]
        async fn $load() -> Result<(), NotLoaded> {
            Ok(())
        }
    };
}

part!(sessions, load_sessions, |_page| SessionsPage().into_any());
part!(session, load_session, |_page| SessionPage().into_any());
part!(review, load_review, |_page| ReviewPage().into_any());
part!(exports, load_exports, |_page| ExportsPage().into_any());
part!(rules, load_rules, |page| match page {
    Page::Rule => RulePage().into_any(),
    _ => RulesPage().into_any(),
});
part!(queues, load_queues, |page| match page {
    Page::Queue => QueuePage().into_any(),
    Page::QueueSettings => QueueSettingsPage().into_any(),
    _ => QueuesPage().into_any(),
});
part!(evaluators, load_evaluators, |page| match page {
    Page::Evaluator => EvaluatorPage().into_any(),
    _ => EvaluatorsPage().into_any(),
});
part!(settings, load_settings, |page| match page {
    Page::Members => MembersPage().into_any(),
    Page::ApiKeys => ApiKeysPage().into_any(),
    Page::Providers => ProvidersPage().into_any(),
    Page::Project => ProjectPage().into_any(),
    Page::Appearance => AppearancePage().into_any(),
    Page::Account => AccountPage().into_any(),
    _ => SettingsFrame().into_any(),
});

impl Page {
    fn part(self) -> Part {
        match self {
            Self::Sessions => Part::Sessions,
            Self::Session => Part::Session,
            Self::Rules | Self::Rule => Part::Rules,
            Self::Queues | Self::Queue | Self::QueueSettings => Part::Queues,
            Self::Review => Part::Review,
            Self::Evaluators | Self::Evaluator => Part::Evaluators,
            Self::Exports => Part::Exports,
            Self::Settings
            | Self::Members
            | Self::ApiKeys
            | Self::Providers
            | Self::Project
            | Self::Appearance
            | Self::Account => Part::Settings,
        }
    }
}

/// A route loads its part before it shows its page; once loaded, a page is there without waiting.
impl ChooseView for Page {
    async fn choose(self) -> AnyView {
        let shown = match self.part() {
            Part::Sessions => sessions(self).await,
            Part::Session => session(self).await,
            Part::Rules => rules(self).await,
            Part::Queues => queues(self).await,
            Part::Review => review(self).await,
            Part::Evaluators => evaluators(self).await,
            Part::Exports => exports(self).await,
            Part::Settings => settings(self).await,
        };
        shown.unwrap_or_else(|_| {
            // Where the server was renewed in the meantime, the page that is open asks for files that are gone.
            let retry = Callback::new(|()| crate::browser::reload());
            view! { <ErrorState error=AppError::Unreachable retry /> }.into_any()
        })
    }

    async fn preload(&self) {
        // `choose` tries once more, and says so if it cannot.
        let _ = self.part().load().await;
    }
}

impl Part {
    /// The part in which the page at this path is.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let ["p", _project, rest @ ..] = segments.as_slice() else { return None };
        match rest {
            ["sessions"] => Some(Self::Sessions),
            ["sessions", ..] => Some(Self::Session),
            ["rules", ..] => Some(Self::Rules),
            ["queues", _queue, "review"] => Some(Self::Review),
            ["queues", ..] => Some(Self::Queues),
            ["evaluators", ..] => Some(Self::Evaluators),
            ["exports", ..] => Some(Self::Exports),
            ["settings", ..] => Some(Self::Settings),
            _ => None,
        }
    }

    /// Its name in the site's manifest: that of its function.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::Session => "session",
            Self::Rules => "rules",
            Self::Queues => "queues",
            Self::Review => "review",
            Self::Evaluators => "evaluators",
            Self::Exports => "exports",
            Self::Settings => "settings",
        }
    }

    /// Fetches it, unless it is there.
    async fn load(self) -> Result<(), NotLoaded> {
        match self {
            Self::Sessions => load_sessions().await,
            Self::Session => load_session().await,
            Self::Rules => load_rules().await,
            Self::Queues => load_queues().await,
            Self::Review => load_review().await,
            Self::Evaluators => load_evaluators().await,
            Self::Exports => load_exports().await,
            Self::Settings => load_settings().await,
        }
    }
}

/// Fetches what the page at this path needs besides the first part; returns whether all of it is there now.
pub async fn load_for(path: &str) -> bool {
    match Part::of(path) {
        Some(part) => part.load().await.is_ok(),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::Part;

    #[test]
    fn an_address_tells_the_part() {
        for (path, part) in [
            ("/p/shop/sessions", "sessions"),
            ("/p/shop/sessions/", "sessions"),
            ("/p/shop/sessions/0199", "session"),
            ("/p/shop/rules", "rules"),
            ("/p/shop/rules/new", "rules"),
            ("/p/shop/queues/q/tasks", "queues"),
            ("/p/shop/queues/q/review", "review"),
            ("/p/shop/evaluators/e", "evaluators"),
            ("/p/shop/exports", "exports"),
            ("/p/shop/settings/members", "settings"),
            ("/p/sessions/settings", "settings"),
        ] {
            assert_eq!(Part::of(path).map(Part::name), Some(part), "{path}");
        }
        for path in ["/", "/sign-in", "/projects", "/p/shop", "/p/shop/nothing", "/invite/sessions"] {
            assert_eq!(Part::of(path), None, "{path}");
        }
    }
}
