//! Content that has to be asked for: a skeleton until it is there, the content, or what went wrong.

use leptos::prelude::*;

use super::awaited::awaited;
use super::error_state::ErrorState;
use super::skeleton::{Shape, Skeleton};
use crate::AppError;

/// Shows `resource` with `view`. The skeleton has the shape of the content, so that nothing jumps; while the resource is
/// asked for again the old content stays.
pub fn loaded<T, V>(
    resource: Resource<Result<T, AppError>>,
    shape: Shape,
    view: impl Fn(T) -> V + Clone + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static,
    V: IntoView + 'static,
{
    view! {
        <Transition fallback=move || view! { <Skeleton shape /> }>
            {awaited(move || {
                let view = view.clone();
                async move {
                    match resource.await {
                        Ok(content) => view(content).into_any(),
                        Err(error) => {
                            let retry = Callback::new(move |()| resource.refetch());
                            view! { <ErrorState error retry /> }.into_any()
                        }
                    }
                }
            })}
        </Transition>
    }
    .into_any()
}

/// Shows what is asked for only at times, such as while a tab is open: the skeleton until it was asked for, too.
pub fn loaded_when<T, V>(
    resource: Resource<Result<Option<T>, AppError>>,
    shape: Shape,
    view: impl Fn(T) -> V + Clone + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static,
    V: IntoView + 'static,
{
    loaded(resource, shape, move |content| match content {
        Some(content) => view(content).into_any(),
        None => view! { <Skeleton shape /> }.into_any(),
    })
}
