//! The address of the page: which session, which stretch of turns, which tab, which span. Every link on the page is made here.

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use turnwise_model::view::session_page::SessionPage;

use super::tab::Tab;
use crate::state::project::{CurrentProject, use_project};

/// What the address asks for besides the session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The open tab; `None` where none is named, which on a phone means the conversation.
    pub tab: Option<Tab>,
    /// Position of the first turn that is shown; 0 and 1 are the first stretch.
    pub turns: u32,
    /// Index of the first row of the trace.
    pub row: u32,
    /// The span that is open: its trace and its id.
    pub span: Option<(String, String)>,
    /// Ids of the spans whose children are folded away.
    pub folded: Vec<String>,
}

impl Place {
    fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let number = |name| get(name).and_then(|text| text.parse().ok()).unwrap_or_default();
        let hex = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_hexdigit());
        let folded = get("fold").unwrap_or_default();
        Self {
            tab: get("tab").and_then(|text| text.parse().ok()),
            turns: SessionPage::stretch_of(number("turns")),
            row: number("row"),
            span: get("span").and_then(|text| {
                let (trace, span) = text.split_once('.')?;
                (hex(trace) && hex(span)).then(|| (trace.to_owned(), span.to_owned()))
            }),
            folded: folded.split('.').filter(|id| hex(id)).map(str::to_owned).collect(),
        }
    }

    /// What stands after `?`, with the question mark; empty when everything is as by default.
    fn query(&self) -> String {
        let mut query: Vec<String> = Vec::new();
        query.extend(self.tab.map(|tab| format!("tab={tab}")));
        query.extend((self.turns > 1).then(|| format!("turns={}", self.turns)));
        query.extend((self.row > 0).then(|| format!("row={}", self.row)));
        query.extend(self.span.as_ref().map(|(trace, span)| format!("span={trace}.{span}")));
        query.extend((!self.folded.is_empty()).then(|| format!("fold={}", self.folded.join("."))));
        if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) }
    }
}

/// The address, followed as it changes.
#[derive(Clone, Copy)]
pub struct Address {
    project: CurrentProject,
    /// The session as the address names it: by Turnwise's id or the client's.
    pub session: Memo<String>,
    /// What is asked for besides.
    pub place: Memo<Place>,
    /// Position of the first turn that is shown.
    pub turns: Memo<u32>,
    /// The open tab, where one is named.
    pub tab: Memo<Option<Tab>>,
}

impl Address {
    /// Reads it and makes it available to the parts of the page.
    pub fn provide() -> Self {
        let (params, query) = (use_params_map(), use_query_map());
        let place = Memo::new(move |_| {
            let query = query.read();
            Place::read(|name| query.get(name))
        });
        let address = Self {
            project: use_project(),
            session: Memo::new(move |_| params.read().get("id").unwrap_or_default()),
            place,
            turns: Memo::new(move |_| place.read().turns),
            tab: Memo::new(move |_| place.read().tab),
        };
        provide_context(address);
        address
    }

    /// The project's slug.
    pub fn slug(self) -> String {
        self.project.slug()
    }

    /// This page at another place.
    pub fn at(self, place: &Place) -> String {
        let page = format!("sessions/{}", encoded(&self.session.get()));
        format!("{}{}", self.project.address(&page), place.query())
    }

    /// This page, changed by `change`.
    pub fn but(self, change: impl FnOnce(&mut Place)) -> String {
        let mut place = self.place.get();
        change(&mut place);
        self.at(&place)
    }

    /// This page with another tab open.
    pub fn with_tab(self, tab: Option<Tab>) -> String {
        self.at(&Place { tab, turns: self.turns.get(), ..Place::default() })
    }

    /// A turn, in whichever stretch it is.
    pub fn turn(self, position: u32) -> String {
        let stretch = SessionPage::stretch_of(position);
        if stretch == self.turns.get() {
            format!("#turn-{position}")
        } else {
            format!("{}#turn-{position}", self.but(|place| place.turns = stretch))
        }
    }

    /// Another stretch of turns.
    pub fn stretch(self, from: u32) -> String {
        self.but(|place| place.turns = from)
    }
}

/// The address of the page around the calling component.
pub fn use_address() -> Address {
    expect_context::<Address>()
}

/// A client's id as one step of a path.
fn encoded(id: &str) -> String {
    let mut path = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~:@".contains(&byte) {
            path.push(char::from(byte));
        } else {
            path.push_str(&format!("%{byte:02X}"));
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clients_id_stays_one_step_of_the_path() {
        assert_eq!(encoded("chat-1042"), "chat-1042");
        assert_eq!(encoded("a/b?c#d e%"), "a%2Fb%3Fc%23d%20e%25");
        assert_eq!(encoded("ż"), "%C5%BC");
    }

    #[test]
    fn a_place_is_read_back_from_its_address() {
        let place = Place {
            tab: Some(Tab::Trace),
            turns: 301,
            row: 200,
            span: Some(("ab12".to_owned(), "cd34".to_owned())),
            folded: vec!["01".to_owned(), "02".to_owned()],
        };
        let query = place.query();
        assert_eq!(query, "?tab=trace&turns=301&row=200&span=ab12.cd34&fold=01.02");
        let get = |name: &str| {
            let pairs = query[1..].split('&').filter_map(|pair| pair.split_once('='));
            pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
        };
        assert_eq!(Place::read(get), place);
    }

    #[test]
    fn what_is_no_place_is_the_beginning() {
        let place = Place::read(|_| Some("\"><b>".to_owned()));
        assert_eq!(place, Place { turns: 1, ..Place::default() });
        assert_eq!(place.query(), "");
    }
}
