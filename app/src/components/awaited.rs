//! Content that waits for answers and lives until other content takes its place.

use std::pin::Pin;

use leptos::prelude::*;
use leptos::reactive::computed::ScopedFuture;
use leptos::tachys::reactive_graph::OwnedView;

use crate::state::project::Awaited;

type Waiting = Pin<Box<dyn Future<Output = AnyView> + Send>>;

/// Shows what `content` makes of the answers that it awaits. Stands inside a `Transition`.
///
/// When an answer is asked for again, a `Transition` leaves the old content on the page until the new is there. A bare
/// `Suspend` ends what the old content was made with at once: whatever of it still reacts, say to another answer that
/// comes first, reaches for signals that are gone, and the page stops. Here the content has a scope of its own, which
/// ends when the content goes: after the new content was made, so that a cleanup must not undo what that has done.
pub fn awaited<Told>(content: impl Fn() -> Told + Send + 'static) -> AnyView
where
    Told: Future<Output = AnyView> + Send + 'static,
{
    // Boxed, so that the browser holds the rest once, not once for every page.
    in_own_scope(Box::new(move || Box::pin(content())))
}

#[expect(clippy::disallowed_methods, reason = "here it gets the scope")]
fn in_own_scope(content: Box<dyn Fn() -> Waiting + Send>) -> AnyView {
    let around = Owner::current().unwrap_or_default();
    (move || {
        let scope = around.child();
        let waiting = scope.with(|| {
            provide_context(Awaited);
            content()
        });
        Suspend::new(async move {
            let view = scope.with(|| ScopedFuture::new(waiting)).await;
            OwnedView::new_with_owner(view, scope)
        })
    })
    .into_any()
}
