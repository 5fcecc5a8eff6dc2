//! Where people are sent, and that a page is complete without JavaScript.

use http::{Method, StatusCode};
use tower::ServiceExt as _;

use crate::client::{Answer, Ask, call, get};
use crate::world::{PASSWORD, Server, World, assert_tells_nothing, form};

fn browser(path: &str) -> Ask {
    get(path).header("accept", "text/html")
}

#[tokio::test]
async fn on_an_empty_installation_every_page_leads_to_setting_it_up() {
    let server = Server::empty().await;
    for path in ["/", "/sign-in", "/projects", "/p/shop/sessions", "/invite/token"] {
        let answer = server.ask(browser(path)).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/setup"), "{path}");
    }
    let set_up = server.ask(browser("/setup")).await;
    assert_eq!(set_up.status, StatusCode::OK);
    assert!(set_up.text().contains("<form") && set_up.text().contains("/api/ui/setup_create"), "{}", set_up.text());
}

#[tokio::test]
async fn once_set_up_the_page_for_it_is_gone() {
    let world = World::new().await;
    let answer = world.ask(browser("/setup")).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/"));
}

#[tokio::test]
async fn who_is_not_signed_in_is_sent_there_and_back() {
    let world = World::new().await;
    for (path, sent_to) in [
        ("/", "/sign-in"),
        ("/projects", "/sign-in?next=%2Fprojects"),
        ("/p/shop-of-ada/sessions?filter=a%3Db", "/sign-in?next=%2Fp%2Fshop-of-ada%2Fsessions%3Ffilter%3Da%253Db"),
    ] {
        let answer = world.ask(browser(path)).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, sent_to), "{path}");
        assert_eq!(answer.body.len(), 0);
    }
    let expired = world.ask(browser("/projects").cookie("turnwise_session=AAAAAAAAAAAAAAAAAAAAAA")).await;
    assert_eq!(expired.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_page_is_whole_when_it_arrives() {
    let world = World::new().await;
    let page = world.ask(browser("/p/shop-of-ada/settings/members").cookie(&world.ada_cookie)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let html = page.text();
    for text in ["Shop of Ada", "carol@example.com", "/assets/app-1.css", "</html>"] {
        assert!(html.contains(text), "{text} is not in {html}");
    }
}

#[tokio::test]
async fn a_page_names_the_parts_of_the_client_that_it_needs() {
    let world = World::new().await;
    let rules = world.ask(browser("/p/shop-of-ada/rules").cookie(&world.ada_cookie)).await.text();
    for name in ["parts-1.js", "app-1.wasm", "shared-1.wasm", "rules-1.wasm"] {
        assert!(rules.contains(&format!("href=\"/assets/{name}\"")), "{name} is not in {rules}");
    }
    let members = world.ask(browser("/p/shop-of-ada/settings/members").cookie(&world.ada_cookie)).await.text();
    assert!(members.contains("app-1.wasm") && !members.contains("rules-1.wasm"), "{members}");
}

#[tokio::test]
async fn a_page_of_another_project_is_as_good_as_not_there() {
    let world = World::new().await;
    for path in [
        "/p/shop-of-ada/sessions",
        "/p/shop-of-ada/settings/members",
        "/p/shop-of-ada/settings/keys",
        "/p/no-such/sessions",
    ] {
        let answer = world.ask(browser(path).cookie(&world.bob_cookie)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        for secret in ["Shop of Ada", "ada@example.com", "carol@example.com", "key of the shop"] {
            assert!(!answer.text().contains(secret), "{path}: {secret}");
        }
    }
}

/// The titles are written when the pages of others are being made on the same threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_page_has_its_own_title_however_many_are_asked_for_at_once() {
    let world = World::new().await;
    let pages = [
        ("/sign-in", "", "Sign in · Turnwise"),
        ("/no/such/page", "", "Not found · Turnwise"),
        ("/p/shop-of-ada/settings/members", world.ada_cookie.as_str(), "Members · Turnwise"),
        ("/p/shop-of-ada/settings/appearance", world.ada_cookie.as_str(), "Appearance · Turnwise"),
    ];
    let mut asked = tokio::task::JoinSet::new();
    for (path, cookie, title) in pages.into_iter().cycle().take(200) {
        let (app, ask) = (world.server.app.clone(), browser(path).cookie(cookie));
        asked.spawn(async move {
            let page = Answer::read(app.oneshot(ask.build()).await.unwrap()).await.text();
            let found = page.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
            assert_eq!(found.map(|(found, _)| found), Some(title), "{path}");
        });
    }
    asked.join_all().await;
}

#[tokio::test]
async fn what_is_not_there_says_so_in_a_page() {
    let world = World::new().await;
    let answer = world.ask(browser("/no/such/page")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.text().contains("</html>"));
    assert_tells_nothing(&answer, "the page for what is not there");
}

#[tokio::test]
async fn what_a_page_cannot_have_sent_is_refused_as_such() {
    let world = World::new().await;
    for fields in ["project=shop-of-ada", "", "project=%FF&descending=perhaps"] {
        let answer = world.ask(call("/api/ui/sessions_browse", fields).cookie(&world.ada_cookie)).await;
        assert_eq!(
            (answer.status, answer.json()["kind"].as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, Some("invalid")),
            "{fields}"
        );
    }
}

#[tokio::test]
async fn a_form_works_without_javascript() {
    let server = Server::empty().await;
    let fields = form(&[("email", "ada@example.com"), ("name", "Ada"), ("password", PASSWORD), ("project", "Shop")]);
    let answer = server
        .ask(
            call("/api/ui/setup_create", fields)
                .header("accept", "text/html")
                .header("referer", "http://turnwise.test/setup"),
        )
        .await;
    assert!(answer.status.is_redirection(), "{} {}", answer.status, answer.text());
    assert_eq!(answer.header("location"), "/p/shop/sessions");
    let cookie = crate::world::cookie_of(&answer);
    assert_eq!(server.ask(browser("/p/shop/sessions").cookie(&cookie)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_function_that_is_not_there_is_said_not_to_be() {
    let world = World::new().await;
    let answer = world.ask(Ask::new(Method::POST, "/api/ui/no_such_function")).await;
    assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::NOT_FOUND, "not_found"));
}
