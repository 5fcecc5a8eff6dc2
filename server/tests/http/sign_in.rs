//! The sign-in cookie: what it is like, how long it lasts, and that ending it ends it here and not only in the browser.

use std::time::Duration;

use http::StatusCode;
use turnwise_server::http::COOKIE;

use crate::client::{Answer, call, get};
use crate::world::{PASSWORD, World, cookie_of, form, settings};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn sign_in(world: &World) -> Answer {
    world
        .ask(call("/api/ui/sign_in", form(&[("email", "ada@example.com"), ("password", PASSWORD), ("next", "")])))
        .await
}

async fn status_with(world: &World, cookie: &str) -> StatusCode {
    world.ask(call("/api/ui/account_get", "").cookie(cookie)).await.status
}

#[tokio::test]
async fn the_cookie_is_kept_from_scripts_and_other_sites() {
    let world = World::new().await;
    let cookie = sign_in(&world).await.set_cookie(COOKIE).unwrap();
    for attribute in ["; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=2592000"] {
        assert!(cookie.contains(attribute), "{attribute} is not in {cookie}");
    }
    assert!(!cookie.contains("Secure") && !cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn behind_https_the_cookie_never_leaves_it() {
    let mut settings = settings();
    settings.public_url = Some("https://turnwise.example.com".parse().unwrap());
    let world = World::with(settings).await;
    let cookie = sign_in(&world).await.set_cookie(COOKIE).unwrap();
    assert!(cookie.contains("; Secure"), "{cookie}");
}

#[tokio::test]
async fn a_wrong_password_signs_nobody_in() {
    let world = World::new().await;
    let answer = world
        .ask(call("/api/ui/sign_in", form(&[("email", "ada@example.com"), ("password", "wrong"), ("next", "")])))
        .await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    assert_eq!(answer.set_cookie(COOKIE), None);
}

#[tokio::test]
async fn signing_out_ends_the_sign_in_for_whoever_kept_the_cookie() {
    let world = World::new().await;
    let cookie = cookie_of(&sign_in(&world).await);
    assert_eq!(status_with(&world, &cookie).await, StatusCode::OK);
    let out = world.ask(call("/api/ui/sign_out", "").cookie(&cookie)).await;
    assert!(out.set_cookie(COOKIE).unwrap().contains("Max-Age=0"), "{:?}", out.headers);
    assert_eq!(status_with(&world, &cookie).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status_with(&world, &world.ada_cookie).await, StatusCode::OK, "her other browser stays signed in");
}

#[tokio::test]
async fn the_database_does_not_hold_what_the_cookie_says() {
    let world = World::new().await;
    let value = world.ada_cookie.split_once('=').unwrap().1.to_owned();
    let rows = world.server.store.rows("select * from sign_ins").await;
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| !row.contains(&value)), "{rows:?}");
}

#[tokio::test]
async fn a_cookie_planted_before_signing_in_is_not_the_one_after() {
    let world = World::new().await;
    let planted = format!("{COOKIE}=AAAAAAAAAAAAAAAAAAAAAA");
    let fields = form(&[("email", "ada@example.com"), ("password", PASSWORD), ("next", "")]);
    let cookie = cookie_of(&world.ask(call("/api/ui/sign_in", fields.clone()).cookie(&planted)).await);
    assert_ne!(cookie, planted);
    assert_eq!(status_with(&world, &planted).await, StatusCode::UNAUTHORIZED);
    // Also when it was a working one: signing in as somebody else ends it.
    let second = cookie_of(&world.ask(call("/api/ui/sign_in", fields).cookie(&cookie)).await);
    assert_ne!(second, cookie);
    assert_eq!(status_with(&world, &cookie).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_sign_in_lasts_while_it_is_used() {
    let world = World::new().await;
    let cookie = &world.ada_cookie;
    let soon = world.ask(get("/projects").cookie(cookie)).await;
    assert_eq!(soon.set_cookie(COOKIE), None, "nothing is written for each request");
    for _ in 0..3 {
        world.server.store.clock.advance(DAY * 20);
        let answer = world.ask(get("/projects").cookie(cookie)).await;
        assert!(answer.status != StatusCode::SEE_OTHER && answer.set_cookie(COOKIE).is_some(), "{}", answer.status);
    }
    world.server.store.clock.advance(DAY * 31);
    assert_eq!(world.ask(get("/projects").cookie(cookie)).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn too_many_attempts_are_put_off() {
    let world = World::new().await;
    let attempt =
        || call("/api/ui/sign_in", form(&[("email", "ada@example.com"), ("password", "wrong"), ("next", "")]));
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(world.ask(attempt()).await.status);
    }
    assert_eq!(statuses.last(), Some(&StatusCode::TOO_MANY_REQUESTS), "{statuses:?}");
    assert_eq!(
        status_with(&world, &world.ada_cookie).await,
        StatusCode::OK,
        "who is signed in already notices nothing"
    );
}
