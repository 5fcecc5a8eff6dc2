//! What the tab of the browser is called: after the page that is open.

use leptos::prelude::*;
use leptos::reactive::owner::WeakOwner;

/// What the document is called by itself.
const NAME: &str = "Turnwise";

/// The titles of what is on the page, the innermost last; each goes with what named it.
///
/// One `Title` of the document reads them. If every page brought its own, pages whose views have the same shape would
/// take each other's place without the old title going.
#[derive(Clone, Copy)]
pub struct Titles {
    named: RwSignal<Vec<(u64, Signal<String>)>>,
    next: StoredValue<u64>,
}

impl Titles {
    /// None yet; available to every component below.
    pub fn provide() -> Self {
        let titles = Self { named: RwSignal::new(Vec::new()), next: StoredValue::new(0) };
        provide_context(titles);
        titles
    }

    /// What the document is called: "Members · Turnwise".
    ///
    /// The server reads it when the pages of others are being made on the same thread. Signals are found in what belongs
    /// to the scope that is entered; so this enters that of the calling component, weakly, for it holds the titles.
    pub fn of_the_document(self) -> impl Fn() -> String + Send + Sync + 'static {
        let scope = Owner::current().map(|owner| owner.downgrade());
        move || {
            let scope = scope.as_ref().and_then(WeakOwner::upgrade);
            scope.map_or_else(|| NAME.to_owned(), |scope| scope.with(|| self.text()))
        }
    }

    fn text(self) -> String {
        match self.named.read().last() {
            Some((_, title)) => format!("{} · {NAME}", title.get()),
            None => NAME.to_owned(),
        }
    }
}

/// Names the tab for as long as the calling component lives.
pub fn use_title(title: impl Into<Signal<String>>) {
    let titles: Titles = expect_context();
    let title = title.into();
    let ticket = titles.next.try_update_value(|next| {
        *next += 1;
        *next
    });
    titles.named.update(|named| named.push((ticket.unwrap_or_default(), title)));
    on_cleanup(move || {
        // Everything may be torn down at once.
        _ = titles.named.try_update(|named| named.retain(|(owner, _)| Some(*owner) != ticket));
    });
}
