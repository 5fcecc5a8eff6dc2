//! `/metrics`: who may read it, and what it says.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use http::StatusCode;
use tower::ServiceExt as _;
use turnwise_server::config::MetricsAccess;

use crate::client::{Answer, Ask, get};
use crate::world::{Server, World, settings};

async fn ask_from(server: &Server, peer: &str, ask: Ask) -> Answer {
    let mut request = ask.build();
    request.extensions_mut().insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
    Answer::read(server.app.clone().oneshot(request).await.unwrap()).await
}

#[tokio::test]
async fn from_elsewhere_it_takes_a_key_that_may_read() {
    let world = World::new().await;
    let peer = "203.0.113.9:1";
    assert_eq!(ask_from(&world.server, peer, get("/metrics")).await.problem(), "missing_credentials");
    assert_eq!(ask_from(&world.server, peer, get("/metrics").key("tw_nothing")).await.problem(), "invalid_key");
    assert_eq!(
        ask_from(&world.server, peer, get("/metrics").key(&world.shop_ingest_key)).await.problem(),
        "scope_missing"
    );
    assert_eq!(
        ask_from(&world.server, peer, get("/metrics").cookie(&world.ada_cookie)).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(ask_from(&world.server, peer, get("/metrics").key(&world.shop_key)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn on_the_same_machine_it_is_open_unless_a_proxy_asks_for_somebody() {
    let server = Server::empty().await;
    assert_eq!(ask_from(&server, "127.0.0.1:1", get("/metrics")).await.status, StatusCode::OK);
    assert_eq!(ask_from(&server, "[::1]:1", get("/metrics")).await.status, StatusCode::OK);
    for header in ["x-forwarded-for", "forwarded"] {
        let proxied = get("/metrics").header(header, "for=203.0.113.9");
        assert_eq!(ask_from(&server, "127.0.0.1:1", proxied).await.status, StatusCode::UNAUTHORIZED, "{header}");
    }
}

#[tokio::test]
async fn an_operator_may_open_it() {
    let mut settings = settings();
    settings.metrics = MetricsAccess::Public;
    let server = Server::empty_with(settings).await;
    assert_eq!(ask_from(&server, "203.0.113.9:1", get("/metrics")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn it_counts_requests_by_route_and_never_by_path() {
    let server = Server::empty().await;
    server.ask(get("/invite/a-secret-token")).await;
    server.ask(get("/healthz")).await;
    server.ask(Ask::new(http::Method::from_bytes(b"BREW").unwrap(), "/coffee")).await;
    let answer = ask_from(&server, "127.0.0.1:1", get("/metrics")).await;
    assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
    let text = answer.text();
    for line in [
        r#"http_requests_total{method="GET",route="/invite/{token}""#,
        r#"http_requests_total{method="GET",route="/healthz",status="200"} 1"#,
        r#"http_requests_total{method="OTHER",route="unmatched""#,
        r#"http_request_duration_seconds_bucket{method="GET",route="/healthz",le="0.01"}"#,
        "process_resident_memory_bytes ",
        "process_open_fds ",
        "turnwise_build_info{version=",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("a-secret-token") && !text.contains("BREW") && !text.contains("coffee"), "{text}");
}
