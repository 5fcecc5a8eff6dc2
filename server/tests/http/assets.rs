//! The built site: encodings, caching, what is not there.

use http::{Method, StatusCode};

use crate::client::{Ask, get};
use crate::world::Server;

#[tokio::test]
async fn a_file_comes_in_the_best_encoding_that_is_accepted() {
    let server = Server::empty().await;
    let cases = [
        ("gzip, deflate, br", "br", "brotli"),
        ("gzip", "gzip", "gzip"),
        ("br;q=0, gzip;q=0.1", "gzip", "gzip"),
        ("identity", "", "identity"),
    ];
    let mut tags = std::collections::BTreeSet::new();
    for (accepted, encoding, body) in cases {
        let answer = server.ask(get("/assets/app-1.js").header("accept-encoding", accepted)).await;
        assert_eq!(
            (answer.status, answer.header("content-encoding"), answer.text().as_str()),
            (StatusCode::OK, encoding, body),
            "{accepted}"
        );
        assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        assert!(answer.header("vary").to_lowercase().contains("accept-encoding"));
        tags.insert(answer.header("etag").to_owned());
    }
    assert_eq!(tags.len(), 3, "each encoding has a tag of its own");
}

#[tokio::test]
async fn a_file_that_the_browser_has_is_not_sent_again() {
    let server = Server::empty().await;
    let tag = server.ask(get("/assets/app-1.wasm")).await.header("etag").to_owned();
    let again = server.ask(get("/assets/app-1.wasm").header("if-none-match", tag)).await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let changed = server.ask(get("/assets/app-1.wasm").header("if-none-match", "\"other\"")).await;
    assert_eq!((changed.status, changed.header("content-type")), (StatusCode::OK, "application/wasm"));
}

#[tokio::test]
async fn only_files_of_the_site_are_served() {
    let server = Server::empty().await;
    for name in ["none.js", "manifest.json", "app-1.js.br", "../Cargo.toml", "%2e%2e/Cargo.toml"] {
        let answer = server.ask(get(format!("/assets/{name}"))).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}");
        assert!(!answer.header("cache-control").contains("immutable"), "{name}");
    }
    assert_eq!(server.ask(get("/assets/snippets/a-1.js")).await.text(), "snippet");
}

#[tokio::test]
async fn a_head_has_no_body() {
    let server = Server::empty().await;
    let answer = server.ask(Ask::new(Method::HEAD, "/assets/app-1.js")).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, 0));
}

#[tokio::test]
async fn the_mark_is_found_where_browsers_look() {
    let server = Server::empty().await;
    let answer = server.ask(get("/favicon.ico")).await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "image/svg+xml"));
}
