//! The wasm entry point: brings the server's page to life.

// A page is one deeply nested type.
#![recursion_limit = "512"]

use wasm_bindgen::prelude::wasm_bindgen;

/// Hydrates the page that the server rendered, and says so on `<html>`, for tests to wait for.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(turnwise_app::App);
    turnwise_app::browser::set_document_data("hydrated", "true");
}
