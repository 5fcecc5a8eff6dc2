//! The address of the page: which session, which stretch of turns, which tab. Every link on the page is made here.

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use turnwise_model::view::session_page::SessionPage;

use super::tab::Tab;
use crate::state::project::{CurrentProject, use_project};

/// The address, followed as it changes.
#[derive(Clone, Copy)]
pub struct Address {
    project: CurrentProject,
    /// The session as the address names it: by Turnwise's id or the client's.
    pub session: Memo<String>,
    /// Position of the first turn that is shown.
    pub from: Memo<u32>,
    /// The open tab; `None` where the address names none, which on a phone means the conversation.
    pub tab: Memo<Option<Tab>>,
}

impl Address {
    /// Reads it and makes it available to the parts of the page.
    pub fn provide() -> Self {
        let (params, query) = (use_params_map(), use_query_map());
        let address = Self {
            project: use_project(),
            session: Memo::new(move |_| params.read().get("id").unwrap_or_default()),
            from: Memo::new(move |_| {
                SessionPage::stretch_of(query.read().get("turns").and_then(|text| text.parse().ok()).unwrap_or(1))
            }),
            tab: Memo::new(move |_| query.read().get("tab").and_then(|text| text.parse().ok())),
        };
        provide_context(address);
        address
    }

    /// The project's slug.
    pub fn slug(self) -> String {
        self.project.slug()
    }

    /// This page with another tab open.
    pub fn with_tab(self, tab: Option<Tab>) -> String {
        self.with(tab, self.from.get(), "")
    }

    /// A turn, in whichever stretch it is.
    pub fn turn(self, position: u32) -> String {
        let stretch = SessionPage::stretch_of(position);
        if stretch == self.from.get() {
            format!("#turn-{position}")
        } else {
            self.with(self.tab.get(), stretch, &format!("#turn-{position}"))
        }
    }

    /// Another stretch of turns.
    pub fn stretch(self, from: u32) -> String {
        self.with(self.tab.get(), from, "")
    }

    fn with(self, tab: Option<Tab>, from: u32, rest: &str) -> String {
        let mut query: Vec<String> = Vec::new();
        query.extend(tab.map(|tab| format!("tab={tab}")));
        query.extend((from > 1).then(|| format!("turns={from}")));
        let question = if query.is_empty() { "" } else { "?" };
        let page = format!("sessions/{}", encoded(&self.session.get()));
        format!("{}{question}{}{rest}", self.project.address(&page), query.join("&"))
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
    use super::encoded;

    #[test]
    fn a_clients_id_stays_one_step_of_the_path() {
        assert_eq!(encoded("chat-1042"), "chat-1042");
        assert_eq!(encoded("a/b?c#d e%"), "a%2Fb%3Fc%23d%20e%25");
        assert_eq!(encoded("ż"), "%C5%BC");
    }
}
