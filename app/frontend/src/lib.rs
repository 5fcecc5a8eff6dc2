//! The wasm entry point: brings the server's page to life.

// A page is one deeply nested type.
#![recursion_limit = "512"]

use leptos::leptos_dom::helpers::location_pathname;
use leptos::tachys::dom::body;
use wasm_bindgen::prelude::wasm_bindgen;

/// Hydrates the page that the server rendered, and says so on `<html>`, for tests to wait for.
///
/// The opened page's part of the client is loaded first, so that hydration then runs through without waiting: effects
/// that ran in between would change what the server's HTML was made from. Without that part the page stays as it came,
/// which works without scripts.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    if !turnwise_app::load_for(&location_pathname().unwrap_or_default()).await {
        turnwise_app::browser::remove_document_data("js");
        return;
    }
    leptos::mount::hydrate_from_async(body(), turnwise_app::App).await.forget();
    turnwise_app::browser::set_document_data("hydrated", "true");
}
