//! All that the page asks the server for. It is asked at the top of the page, never inside content that is waited for: the
//! server and the browser then number the answers alike. What belongs to a tab is asked for while the tab is open.

use leptos::prelude::*;
use turnwise_model::view::session_page::{SessionPage, SessionReview};
use turnwise_model::view::trace::{SpanPage, Trace};

use super::address::Address;
use super::tab::Tab;
use crate::AppError;
use crate::functions::session::{
    SessionLedger, session_explain, session_open, session_reviews, session_span, session_trace,
};
use crate::functions::session_list::{Choices, session_choices};
use crate::state::project::use_project;

type Answer<T> = Resource<Result<T, AppError>>;

/// The answers; those of a tab are `None` until it is opened.
#[derive(Clone, Copy)]
pub struct Asked {
    /// The conversation with its scores.
    pub content: Answer<SessionPage>,
    /// What can be done with the session.
    pub choices: Answer<Choices>,
    /// A window of the trace.
    pub trace: Answer<Option<Trace>>,
    /// The span that is open below the trace.
    pub span: Answer<Option<SpanPage>>,
    /// What people answered.
    pub reviews: Answer<Option<Vec<SessionReview>>>,
    /// What happened at each rule.
    pub explained: Answer<Option<SessionLedger>>,
    /// Index of the first row of the window of the trace.
    pub row: Memo<u32>,
    /// Set to where one scrolled in the trace.
    pub scrolled: RwSignal<Option<u32>>,
}

impl Asked {
    /// Asks, and makes the answers available to the parts of the page.
    pub fn provide(address: Address) -> Self {
        let project = use_project();
        let session = address.session;
        let open = Memo::new(move |_| address.tab.get().unwrap_or_default());
        let while_open = move |tab: Tab| (open.get() == tab).then(|| session.get());
        let scrolled = RwSignal::new(None::<u32>);
        // The next time, and in the next session, the rows begin where the address says.
        Effect::new(move |before: Option<_>| {
            let here = (session.get(), open.get());
            if before.is_some_and(|before| before != here) {
                scrolled.set(None);
            }
            here
        });
        let folded = Memo::new(move |_| address.place.read().folded.clone());
        let named_row = Memo::new(move |_| address.place.read().row);
        // Folding keeps the rows that one looks at.
        let row = Memo::new(move |_| scrolled.get().unwrap_or_else(|| named_row.get()));
        let open_span = Memo::new(move |_| address.place.read().span.clone());
        let asked = Self {
            content: project.resource_by(
                move || (session.get(), address.turns.get()),
                |project, (session, from)| session_open(project, session, from),
            ),
            choices: project.resource(session_choices),
            trace: project.resource_when(
                move || while_open(Tab::Trace).map(|session| (session, row.get(), folded.get())),
                |project, (session, from, folded)| session_trace(project, session, from, folded),
            ),
            span: project.resource_when(
                move || while_open(Tab::Trace).and_then(|_| open_span.get()),
                |project, (trace, span)| session_span(project, trace, span),
            ),
            reviews: project.resource_when(move || while_open(Tab::Reviews), session_reviews),
            explained: project.resource_when(move || while_open(Tab::Ledger), session_explain),
            row,
            scrolled,
        };
        provide_context(asked);
        asked
    }

    /// Asks again for what evaluating or reviewing changes; of tabs, for the open one.
    pub fn again(self) {
        self.content.refetch();
        self.reviews.refetch();
        self.explained.refetch();
    }
}

/// The answers for the page around the calling component.
pub fn use_asked() -> Asked {
    expect_context::<Asked>()
}
