//! Bodies that are too large, however they are sent.

use std::convert::Infallible;

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use http::{Method, StatusCode};

use crate::client::{Ask, call, post_json};
use crate::world::{MAX_BODY, World};

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_anybody_reads_it() {
    let world = World::new().await;
    let large = "x".repeat(MAX_BODY + 1);
    for ask in [
        call("/api/ui/sign_in", large.clone()),
        post_json("/api/v1/api-keys?project=shop-of-ada", large.clone()).cookie(&world.ada_cookie),
        post_json("/api/v1/api-keys", large).key(&world.shop_key),
    ] {
        let answer = world.ask(ask).await;
        assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
    }
}

#[tokio::test]
async fn a_body_that_does_not_say_how_long_it_is_is_cut_off_at_the_limit() {
    let world = World::new().await;
    // Without end: only a server that stops reading answers at all.
    let endless = stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 512])));
    let ask = Ask::new(Method::POST, "/api/ui/sign_in")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from_stream(endless));
    let answer = world.ask(ask).await;
    assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
}

#[tokio::test]
async fn a_body_at_the_limit_is_read() {
    let world = World::new().await;
    let answer = world
        .ask(post_json("/api/v1/api-keys?project=shop-of-ada", " ".repeat(MAX_BODY)).cookie(&world.ada_cookie))
        .await;
    assert_eq!(answer.problem(), "malformed_json");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_said_to() {
    let world = World::new().await;
    let broken = stream::iter([Ok(Bytes::from_static(b"{\"name\":")), Err(std::io::Error::other("gone"))]);
    let ask =
        post_json("/api/v1/api-keys?project=shop-of-ada", "").cookie(&world.ada_cookie).body(Body::from_stream(broken));
    let answer = world.ask(ask).await;
    assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::BAD_REQUEST, "incomplete_body"));
}
