//! Another site cannot make a signed-in browser change anything.

use http::{Method, StatusCode};

use crate::client::{Ask, call, get, post_json};
use crate::world::{World, form, settings};

fn rename(cookie: &str) -> Ask {
    call("/api/ui/account_rename", form(&[("name", "Mallory")])).cookie(cookie)
}

async fn name(world: &World) -> String {
    world.ask(call("/api/ui/account_get", "").cookie(&world.ada_cookie)).await.json()["name"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_post_from_another_site_is_refused() {
    let world = World::new().await;
    for (header, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let answer = world.ask(rename(&world.ada_cookie).header(header, value)).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (StatusCode::FORBIDDEN, "cross_site"),
            "{header}: {value}"
        );
    }
    assert_eq!(name(&world).await, "Ada");
}

#[tokio::test]
async fn a_post_from_our_own_page_is_done() {
    let world = World::new().await;
    for (header, value) in [("sec-fetch-site", "same-origin"), ("origin", "http://turnwise.test")] {
        let answer = world.ask(rename(&world.ada_cookie).header(header, value)).await;
        assert!(answer.status.is_success(), "{header}: {value}: {}", answer.text());
    }
    assert_eq!(name(&world).await, "Mallory");
}

#[tokio::test]
async fn the_api_is_no_way_around() {
    let world = World::new().await;
    let body = r#"{"name":"stolen","scopes":["read"]}"#;
    let post = || {
        post_json("/api/v1/api-keys?project=shop-of-ada", body)
            .cookie(&world.ada_cookie)
            .header("sec-fetch-site", "cross-site")
    };
    assert_eq!(world.ask(post()).await.problem(), "cross_site");
    let remove = Ask::new(Method::DELETE, format!("/api/v1/api-keys/{}?project=shop-of-ada", world.shop_key_id));
    let answer = world.ask(remove.cookie(&world.ada_cookie).header("sec-fetch-site", "cross-site")).await;
    assert_eq!(answer.problem(), "cross_site");
    // With a key the cookie counts for nothing, so the key decides, and this one may not make others.
    assert_eq!(world.ask(post().key(&world.shop_key)).await.problem(), "owner_only");
}

#[tokio::test]
async fn a_link_from_another_site_may_be_followed() {
    let world = World::new().await;
    let answer = world
        .ask(get("/p/shop-of-ada/sessions").cookie(&world.ada_cookie).header("sec-fetch-site", "cross-site"))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn behind_a_proxy_that_renames_the_host_the_public_address_is_ours() {
    let mut settings = settings();
    settings.public_url = Some("https://turnwise.example.com".parse().unwrap());
    let world = World::with(settings).await;
    let answer = world.ask(rename(&world.ada_cookie).header("origin", "https://turnwise.example.com")).await;
    assert!(answer.status.is_success(), "{}", answer.text());
    let answer = world.ask(rename(&world.ada_cookie).header("origin", "https://other.example.com")).await;
    assert_eq!(answer.problem(), "cross_site");
}
