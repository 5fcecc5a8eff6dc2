//! What every form does with its action: show the error beside the field, say that it worked, go on.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::AppError;

/// The error of the last submission, if it failed.
pub fn error_of<S>(action: ServerAction<S>) -> Signal<Option<AppError>>
where
    S: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    Signal::derive(move || {
        action.value().with(|value| value.as_ref().and_then(|result| result.as_ref().err().cloned()))
    })
}

/// What is to be shown under the field `field`.
#[must_use]
pub fn under(error: Signal<Option<AppError>>, field: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || error.with(|error| error.as_ref().and_then(|error| error.under(field))))
}

/// Calls `then` with the answer, each time a submission worked. Only in the browser.
pub fn when_done<S>(action: ServerAction<S>, then: impl Fn(S::Output) + Send + Sync + 'static)
where
    S: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    Effect::new(move || {
        let submissions = action.version().get();
        let answer = action.value().get_untracked();
        if let (1.., Some(Ok(output))) = (submissions, answer) {
            untrack(|| then(output));
        }
    });
}
