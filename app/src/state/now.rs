//! The present instant, as the components that say "3 min ago" see it: the server's while the page hydrates,
//! then the browser's, moved on twice a minute.

use std::time::Duration;

use leptos::prelude::*;
use turnwise_model::Micros;

/// The present instant.
#[derive(Clone, Copy)]
pub struct Now(RwSignal<Micros>);

impl Now {
    /// Starts the clock and makes it available to every component below.
    pub fn provide() {
        let start = SharedValue::new(present).into_inner();
        let now = RwSignal::new(start);
        Effect::new(move || {
            now.set(present());
            let ticking = set_interval_with_handle(move || now.set(present()), Duration::from_secs(30));
            on_cleanup(move || {
                if let Ok(ticking) = ticking {
                    ticking.clear();
                }
            });
        });
        provide_context(Self(now));
    }

    /// The instant, followed as it moves.
    #[must_use]
    pub fn get(self) -> Micros {
        self.0.get()
    }
}

fn present() -> Micros {
    #[cfg(feature = "ssr")]
    return use_context::<crate::context::ssr::ServerContext>()
        .map(|context| context.engine.ambient().now())
        .unwrap_or_default();
    #[cfg(not(feature = "ssr"))]
    crate::browser::now()
}
