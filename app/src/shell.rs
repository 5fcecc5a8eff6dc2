//! The HTML document around [`App`]: its head, the preferences on `<html>`, and the policy that lets nothing else run.

use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use http::request::Parts;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::context::ssr::{cookie, server_context, set_header};
use crate::state::preferences::{COOKIE, Preferences};
use crate::{App, Part};

/// Tells the styles that scripts run, before anything is painted.
const MARK: &str = "document.documentElement.dataset.js=''";

/// The document. Sets the content security policy, whose nonce only the scripts of this document carry.
#[must_use]
pub fn shell() -> impl IntoView {
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    set_header(CONTENT_SECURITY_POLICY, &policy(&nonce));
    // Pages hold what only this viewer may see, and sometimes a secret that is shown once.
    set_header(CACHE_CONTROL, "no-store");

    let preferences = cookie(COOKIE).map(|value| Preferences::from_cookie(&value)).unwrap_or_default();
    let assets = server_context().map(|context| context.assets).unwrap_or_default();
    let (js, wasm, css) =
        (format!("/assets/{}", assets.js), format!("/assets/{}", assets.wasm), format!("/assets/{}", assets.css));
    // Asked for at once, so that nothing waits for the client to ask.
    let path = use_context::<Parts>().map(|request| request.uri.path().to_owned()).unwrap_or_default();
    let part = Part::of(&path).and_then(|part| assets.parts.get(part.name())).cloned().unwrap_or_default();
    let preload = |name: String| {
        let address = format!("/assets/{name}");
        view! { <link rel="preload" href=address r#as="fetch" r#type="application/wasm" crossorigin="anonymous" /> }
    };
    let loader = assets.loader.as_ref().map(|name| {
        let address = format!("/assets/{name}");
        view! { <link rel="modulepreload" href=address nonce=nonce.clone() /> }
    });
    let start =
        format!("import start, {{ hydrate }} from '{js}'; await start({{ module_or_path: '{wasm}' }}); hydrate();");

    view! {
        <!DOCTYPE html>
        <html
            lang="en"
            data-theme=preferences.theme.as_str()
            data-density=preferences.density.as_str()
            data-keys=preferences.single_keys.as_str()
            data-icons=assets.address("icons.svg")
        >
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="referrer" content="same-origin" />
                <link rel="icon" type="image/svg+xml" href=assets.address("favicon.svg") />
                <link rel="stylesheet" href=css />
                <script nonce=nonce.clone()>{MARK}</script>
                <link rel="modulepreload" href=js nonce=nonce.clone() />
                {loader}
                {preload(assets.wasm.clone())}
                {part.into_iter().map(preload).collect_view()}
                <script type="module" nonce=nonce>{start}</script>
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Nothing but our own scripts, styles, pictures and answers; no frames, no plug-ins, no inline styles.
fn policy(nonce: &str) -> String {
    [
        "default-src 'none'",
        &format!("script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'"),
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
    .join("; ")
}

#[cfg(test)]
mod tests {
    use super::policy;

    #[test]
    fn the_policy_allows_no_inline_code_and_no_stranger() {
        let policy = policy("abc");
        assert!(policy.contains("script-src 'nonce-abc'"));
        for hole in ["unsafe-inline", "'unsafe-eval'", "*", "http:", "https:"] {
            assert!(!policy.contains(hole), "{hole} in {policy}");
        }
    }
}
