//! Headers of every answer: security, request ids, compression.

use std::io::Read as _;

use http::StatusCode;

use crate::client::get;
use crate::world::{Server, World, settings};

#[tokio::test]
async fn every_answer_tells_the_browser_to_be_careful() {
    let world = World::new().await;
    for path in [
        "/sign-in",
        "/api/v1/project",
        "/api/v1/openapi.json",
        "/assets/app-1.js",
        "/healthz",
        "/nothing",
        "/api/nothing",
    ] {
        let answer = world.ask(get(path)).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(answer.header("strict-transport-security").is_empty(), "{path} is not behind https");
        assert!(!answer.header("cache-control").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn behind_https_browsers_are_told_to_stay_there() {
    let mut settings = settings();
    settings.public_url = Some("https://turnwise.example.com".parse().unwrap());
    let server = Server::empty_with(settings).await;
    assert_eq!(server.ask(get("/healthz")).await.header("strict-transport-security"), "max-age=31536000");
}

#[tokio::test]
async fn each_page_has_a_nonce_of_its_own_which_all_its_scripts_carry() {
    let world = World::new().await;
    let mut nonces = std::collections::BTreeSet::new();
    for _ in 0..2 {
        let page = world.ask(get("/sign-in")).await;
        let policy = page.header("content-security-policy").to_owned();
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .and_then(|rest| rest.split('\'').next())
            .unwrap_or_else(|| panic!("{policy}"));
        assert!(nonce.len() >= 16, "{policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        let html = page.text();
        let scripts = html.matches("<script").count();
        assert!(scripts > 0);
        assert!(html.matches(&format!("nonce=\"{nonce}\"")).count() >= scripts, "{html}");
        nonces.insert(nonce.to_owned());
    }
    assert_eq!(nonces.len(), 2);
}

#[tokio::test]
async fn a_request_keeps_its_id_or_is_given_one() {
    let world = World::new().await;
    let sent = world.ask(get("/api/v1/project").header("x-request-id", "client-7")).await;
    assert_eq!(sent.header("x-request-id"), "client-7");
    assert_eq!(sent.json()["request_id"], "client-7");
    let given = world.ask(get("/api/v1/project").header("x-request-id", "not an id")).await;
    assert_eq!(given.header("x-request-id").len(), 36);
    assert_eq!(given.json()["request_id"], given.header("x-request-id"));
}

#[tokio::test]
async fn what_is_made_on_the_spot_is_compressed() {
    let server = Server::empty().await;
    let plain = server.ask(get("/api/v1/openapi.json")).await;
    assert_eq!(plain.header("content-encoding"), "");

    let brotli = server.ask(get("/api/v1/openapi.json").header("accept-encoding", "gzip, br")).await;
    assert_eq!((brotli.status, brotli.header("content-encoding")), (StatusCode::OK, "br"));
    let mut text = Vec::new();
    brotli::Decompressor::new(&brotli.body[..], 4_096).read_to_end(&mut text).unwrap();
    assert_eq!(text, plain.body);

    let gzip = server.ask(get("/api/v1/openapi.json").header("accept-encoding", "gzip")).await;
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(&gzip.body[..]).read_to_end(&mut text).unwrap();
    assert_eq!(text, plain.body);
    assert!(gzip.body.len() < plain.body.len() / 2);
}
