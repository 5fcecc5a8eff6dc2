//! Sessions and scores over the API.

use http::{Method, StatusCode};
use serde_json::json;

use crate::client::{Ask, delete, get, post_json};
use crate::world::World;

const CONVERSATION: &str = r#"{"session_id":"shop/chat 7","user_id":"u","tags":["vip"],"metadata":{"channel":"web"},"messages":[
    {"role":"user","content":"Where is LF-7?"},
    {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"get_order","arguments":"{\"id\":\"LF-7\"}"}}]},
    {"role":"tool","tool_call_id":"c1","content":"{\"status\":\"shipped\"}"},
    {"role":"assistant","content":"It is shipped."}
]}"#;

/// The session's address: the client's id, percent-encoded.
const ADDRESS: &str = "/api/v1/sessions/shop%2Fchat%207";

#[tokio::test]
async fn a_session_made_of_messages_is_answered_as_the_documentation_says() {
    let world = World::new().await;
    let made = world.ask(post_json("/api/v1/sessions", CONVERSATION).key(&world.shop_ingest_key)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let by_location = world.ask(get(made.header("location")).key(&world.shop_key)).await.json();
    let by_client_id = world.ask(get(ADDRESS).key(&world.shop_key)).await.json();
    assert_eq!(by_location, by_client_id);
    for (pointer, expected) in [
        ("/external_id", json!("shop/chat 7")),
        ("/project", json!("shop-of-ada")),
        ("/status", json!("open")),
        ("/end_reason", json!(null)),
        ("/revision", json!(1)),
        ("/tags", json!(["vip"])),
        ("/metadata/channel", json!("web")),
        ("/tokens", json!({ "input": null, "output": null })),
        ("/cost_usd", json!(null)),
        ("/error_count", json!(0)),
        ("/scores", json!([])),
        ("/turns/0/position", json!(1)),
        ("/turns/0/user/text", json!("Where is LF-7?")),
        ("/turns/0/assistant/text", json!("It is shipped.")),
        ("/turns/0/tool_calls/0/name", json!("get_order")),
        ("/turns/0/tool_calls/0/arguments", json!({ "id": "LF-7" })),
        ("/turns/0/tool_calls/0/result", json!({ "status": "shipped" })),
        ("/turns/0/scores", json!([])),
    ] {
        assert_eq!(by_client_id.pointer(pointer), Some(&expected), "{pointer} in {by_client_id}");
    }
    let again = world.ask(post_json("/api/v1/sessions", CONVERSATION).key(&world.shop_ingest_key)).await;
    assert_eq!(again.json(), by_client_id, "sending it again changes nothing");
}

#[tokio::test]
async fn sessions_are_listed_by_filter_a_page_at_a_time() {
    let world = World::new().await;
    for number in 0..5 {
        let body = json!({ "session_id": format!("listed-{number}"), "tags": ["listed"], "messages": [{ "role": "user", "content": "hi" }] });
        assert_eq!(
            world.ask(post_json("/api/v1/sessions", body.to_string()).key(&world.shop_key)).await.status,
            StatusCode::CREATED
        );
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = world
            .ask(
                get(format!("/api/v1/sessions?filter=tag%20%3D%20listed&sort=started&order=asc&limit=2{cursor}"))
                    .key(&world.shop_read_key),
            )
            .await
            .json();
        seen.extend(
            page["data"].as_array().unwrap().iter().map(|session| session["external_id"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    seen.sort();
    assert_eq!(seen, (0..5).map(|number| format!("listed-{number}")).collect::<Vec<_>>());
    for (query, field) in [
        ("filter=turns%20%3E", "filter"),
        ("cursor=nonsense", "cursor"),
        ("limit=0", "limit"),
        ("sort=beauty", "sort"),
        ("order=up", "order"),
    ] {
        let answer = world.ask(get(format!("/api/v1/sessions?{query}")).key(&world.shop_key)).await;
        assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::BAD_REQUEST, "invalid"), "{query}");
        assert_eq!(answer.json()["errors"][0]["field"], field, "{query}");
    }
}

#[tokio::test]
async fn a_session_is_ended_scored_and_deleted() {
    let world = World::new().await;
    world.ask(post_json("/api/v1/sessions", CONVERSATION).key(&world.shop_key)).await;
    let ended =
        world.ask(post_json(format!("{ADDRESS}/end"), r#"{"reason":"resolved"}"#).key(&world.shop_ingest_key)).await;
    assert_eq!(ended.status, StatusCode::OK, "{}", ended.text());
    assert_eq!(
        (ended.json()["status"].as_str(), ended.json()["end_reason"].as_str()),
        (Some("closed"), Some("resolved"))
    );

    let thumb = r#"{"session":"shop/chat 7","position":1,"name":"thumb","value":true,"source":"user"}"#;
    let sent =
        || post_json("/api/v1/scores", thumb).key(&world.shop_ingest_key).header("idempotency-key", "thumb of today");
    let first = world.ask(sent()).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text());
    assert_eq!(world.ask(sent()).await.json(), first.json());
    let shown = world.ask(get(ADDRESS).key(&world.shop_key)).await.json();
    assert_eq!(shown["turns"][0]["scores"].as_array().unwrap().len(), 1);
    assert_eq!(shown["turns"][0]["scores"][0]["value"], true);
    let wrong = world
        .ask(post_json("/api/v1/scores", r#"[{"session":"chat-99","name":"thumb","value":true}]"#).key(&world.shop_key))
        .await;
    assert_eq!(wrong.status, StatusCode::NOT_FOUND, "{}", wrong.text());

    let refused = world.ask(delete(ADDRESS).key(&world.shop_read_key)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(world.ask(delete(ADDRESS).key(&world.shop_key)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.ask(get(ADDRESS).key(&world.shop_key)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.ask(delete(ADDRESS).key(&world.shop_key)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn messages_that_are_none_are_refused_with_their_place() {
    let world = World::new().await;
    for (body, expected) in [
        (r#"{"messages":[]}"#, "no messages"),
        (r#"{"messages":[{"role":"user","content":"a"},{"role":"king","content":"b"}]}"#, "message 1"),
        (r#"{"messages":[{"role":"user","content":"a"}],"mesages":[]}"#, "mesages"),
    ] {
        let answer = world.ask(post_json("/api/v1/sessions", body).key(&world.shop_key)).await;
        assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::BAD_REQUEST, "invalid"), "{body}");
        assert!(answer.text().contains(expected), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_span_is_shown_with_its_messages() {
    let world = World::new().await;
    let (trace, span) = &world.shop_span;
    let shown = world.ask(Ask::new(Method::GET, format!("/api/v1/spans/{trace}/{span}")).key(&world.shop_key)).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
    assert_eq!(shown.json()["span_id"].as_str(), Some(span.as_str()));
    let missing = world.ask(get(format!("/api/v1/spans/{trace}/0000000000000001")).key(&world.shop_key)).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}
