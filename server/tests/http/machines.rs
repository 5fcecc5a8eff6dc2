//! What orchestrators ask: is it alive, can it work, and what of a process that only works in the background.

use http::StatusCode;
use turnwise_store::testing::empty_sqlite;

use crate::client::get;
use crate::world::{Server, World, settings};

#[tokio::test]
async fn a_server_on_an_up_to_date_database_is_ready() {
    let server = Server::empty().await;
    assert_eq!(server.ask(get("/healthz")).await.text(), "ok\n");
    let ready = server.ask(get("/readyz")).await;
    assert_eq!(ready.status, StatusCode::OK);
    assert_eq!(ready.json(), serde_json::json!({ "ready": true, "database": "answers", "migrations": "applied" }));
}

#[tokio::test]
async fn a_server_on_an_old_database_lives_but_is_not_ready() {
    let server = Server::on(empty_sqlite().await, settings()).await;
    assert_eq!(server.ask(get("/healthz")).await.status, StatusCode::OK);
    let ready = server.ask(get("/readyz")).await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!ready.text().contains("turnwise_migrations"), "text of the database: {}", ready.text());
}

#[tokio::test]
async fn a_server_whose_database_is_gone_lives_but_is_not_ready() {
    let server = Server::empty().await;
    server.store.close().await;
    assert_eq!(server.ask(get("/healthz")).await.status, StatusCode::OK);
    assert_eq!(server.ask(get("/readyz")).await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn text_of_the_database_reaches_nobody() {
    let world = World::new().await;
    world.server.store.run_sql("drop table members").await;
    for ask in [get("/api/v1/members").key(&world.shop_key), get("/p/shop-of-ada/sessions").cookie(&world.ada_cookie)] {
        let answer = world.ask(ask).await;
        assert!(answer.status.is_server_error(), "{}", answer.status);
        for word in ["members\"", "no such table", "sqlite", "select"] {
            assert!(!answer.text().to_lowercase().contains(word), "{word}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn a_worker_answers_machines_only() {
    let mut settings = settings();
    settings.answers = false;
    let server = Server::empty_with(settings).await;
    assert_eq!(server.ask(get("/readyz")).await.status, StatusCode::OK);
    for path in ["/", "/sign-in", "/api/v1/project", "/assets/app-1.js"] {
        assert_eq!(server.ask(get(path)).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
