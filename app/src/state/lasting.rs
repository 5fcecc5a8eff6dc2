//! A scope that outlasts its page: for what must still arrive after the page was left.

use leptos::prelude::*;
use leptos::reactive::owner::WeakOwner;

/// The scope of the whole interface.
#[derive(Clone)]
struct Whole(WeakOwner);

/// Makes the scope of the whole interface known to every component below.
pub fn provide() {
    if let Some(owner) = Owner::current() {
        provide_context(Whole(owner.downgrade()));
    }
}

/// A scope that ends when nobody holds it any more, whether or not the page is still there.
pub fn lasting() -> Owner {
    let Whole(whole) = expect_context();
    // The whole interface may be going.
    whole.upgrade().map_or_else(Owner::default, |whole| whole.child())
}
