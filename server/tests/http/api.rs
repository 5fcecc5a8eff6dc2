//! The manners of the REST API: keys in all three places, pages of lists, problems, its document and the page to try it.

use http::{Method, StatusCode};

use crate::client::{Ask, delete, get, post_json};
use crate::world::World;

#[tokio::test]
async fn a_key_is_taken_in_each_of_its_three_places() {
    let world = World::new().await;
    let basic =
        |pair: String| format!("Basic {}", base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pair));
    let ways = [
        ("authorization", format!("Bearer {}", world.shop_key)),
        ("authorization", basic(format!("public:{}", world.shop_key))),
        ("x-api-key", world.shop_key.clone()),
    ];
    for (header, value) in ways {
        let answer = world.ask(get("/api/v1/project").header(header, value)).await;
        assert_eq!(answer.status, StatusCode::OK, "{header}: {}", answer.text());
        let project = answer.json();
        assert_eq!(project["slug"], "shop-of-ada");
        assert_eq!(project["scopes"], serde_json::json!(["ingest", "read", "write"]));
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn what_is_shown_in_place_of_a_key_but_is_none_does_not_fall_back_to_the_cookie() {
    let world = World::new().await;
    let answer = world
        .ask(get("/api/v1/project?project=shop-of-ada").cookie(&world.ada_cookie).header("authorization", "Bearer"))
        .await;
    assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::UNAUTHORIZED, "unreadable_credentials"));
}

#[tokio::test]
async fn a_person_names_the_project() {
    let world = World::new().await;
    let unnamed = world.ask(get("/api/v1/members").cookie(&world.ada_cookie)).await;
    assert_eq!((unnamed.status, unnamed.problem().as_str()), (StatusCode::BAD_REQUEST, "project_missing"));
    let in_header = get("/api/v1/members").cookie(&world.ada_cookie).header("x-turnwise-project", "shop-of-ada");
    assert_eq!(world.ask(in_header).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_list_is_followed_by_its_cursors() {
    let world = World::new().await;
    let mut names = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = world.ask(get(format!("/api/v1/members?limit=1{cursor}")).key(&world.shop_key)).await.json();
        names.extend(page["data"].as_array().unwrap().iter().map(|member| member["name"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    names.sort();
    assert_eq!(names, ["Ada", "Carol"]);
}

#[tokio::test]
async fn a_key_is_made_used_and_revoked() {
    let world = World::new().await;
    let body = r#"{"name":"ci","scopes":["read"]}"#;
    let made = world.ask(post_json("/api/v1/api-keys?project=shop-of-ada", body).cookie(&world.ada_cookie)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let secret = made.json()["secret"].as_str().unwrap().to_owned();
    assert_eq!(world.ask(get("/api/v1/members").key(&secret)).await.status, StatusCode::OK);

    let address = made.header("location").to_owned();
    let revoked = world.ask(delete(format!("{address}?project=shop-of-ada")).cookie(&world.ada_cookie)).await;
    assert_eq!(revoked.status, StatusCode::NO_CONTENT, "{}", revoked.text());
    assert_eq!(world.ask(get("/api/v1/members").key(&secret)).await.status, StatusCode::UNAUTHORIZED);
    let listed = world.ask(get("/api/v1/api-keys?project=shop-of-ada").cookie(&world.ada_cookie)).await;
    assert!(listed.text().contains("\"ci\"") && !listed.text().contains(&secret), "{}", listed.text());
}

#[tokio::test]
async fn a_bad_body_is_answered_with_what_is_wrong() {
    let world = World::new().await;
    let cases = [
        (r#"{"name":"x","scopes":["re"#, StatusCode::BAD_REQUEST, "malformed_json", "EOF"),
        (r#"{"name":"x"}"#, StatusCode::BAD_REQUEST, "invalid", "scopes"),
        (r#"{"name":7,"scopes":[]}"#, StatusCode::BAD_REQUEST, "invalid", "name"),
        (r#"{"name":"x","scopes":["all"]}"#, StatusCode::BAD_REQUEST, "invalid", "ingest read write"),
        (r#"{"name":"","scopes":["read"]}"#, StatusCode::BAD_REQUEST, "invalid", "name"),
        (r#"{"name":"x","scopes":["read"],"scope":1}"#, StatusCode::BAD_REQUEST, "invalid", "unknown field"),
    ];
    for (body, status, code, says) in cases {
        let answer = world.ask(post_json("/api/v1/api-keys?project=shop-of-ada", body).cookie(&world.ada_cookie)).await;
        assert_eq!((answer.status, answer.problem().as_str()), (status, code), "{body}: {}", answer.text());
        assert!(answer.text().contains(says), "{body}: {}", answer.text());
    }
    let not_json =
        Ask::new(Method::POST, "/api/v1/api-keys?project=shop-of-ada").cookie(&world.ada_cookie).body("name=x");
    let answer = world.ask(not_json).await;
    assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json"));
}

#[tokio::test]
async fn a_bad_query_is_answered_with_the_parameter_named() {
    let world = World::new().await;
    for (query, field) in [("limit=0", "limit"), ("limit=many", "limit"), ("cursor=%C2%A7", "cursor")] {
        let answer = world.ask(get(format!("/api/v1/members?{query}")).key(&world.shop_key)).await;
        assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::BAD_REQUEST, "invalid"), "{query}");
        assert!(answer.text().contains(field), "{query}: {}", answer.text());
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let world = World::new().await;
    let unknown = world.ask(get("/api/v1/nothing").key(&world.shop_key)).await;
    assert_eq!((unknown.status, unknown.problem().as_str()), (StatusCode::NOT_FOUND, "not_found"));
    let method = world.ask(Ask::new(Method::PUT, "/api/v1/project").key(&world.shop_key)).await;
    assert_eq!((method.status, method.problem().as_str()), (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"));
    assert!(method.header("allow").contains("GET"));
    let key = world.ask(delete("/api/v1/api-keys/none?project=shop-of-ada").cookie(&world.ada_cookie)).await;
    assert_eq!((key.status, key.problem().as_str()), (StatusCode::NOT_FOUND, "not_found"));
}

#[tokio::test]
async fn the_document_describes_every_operation_and_how_to_show_a_key() {
    let world = World::new().await;
    let document = world.ask(get("/api/v1/openapi.json")).await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let schemes = document["components"]["securitySchemes"].as_object().unwrap();
    assert_eq!(schemes.keys().collect::<Vec<_>>(), ["basic", "header", "key"]);
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(operation["operationId"].is_string() && operation["summary"].is_string(), "{method} {path}");
            for status in ["400", "401", "403", "500"] {
                let content = &operation["responses"][status]["content"];
                assert!(content["application/problem+json"].is_object(), "{method} {path} {status}: {content}");
            }
        }
    }
    assert_references_resolve(&document, &document);
}

fn assert_references_resolve(document: &serde_json::Value, part: &serde_json::Value) {
    match part {
        serde_json::Value::Object(fields) => {
            if let Some(reference) = fields.get("$ref").and_then(|reference| reference.as_str()) {
                assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
            }
            fields.values().for_each(|field| assert_references_resolve(document, field));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| assert_references_resolve(document, item)),
        _ => {}
    }
}

#[tokio::test]
async fn the_page_to_try_it_loads_only_what_its_policy_allows() {
    let world = World::new().await;
    let page = world.ask(get("/api/v1/docs")).await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    let html = page.text();
    assert!(
        !html.contains("<script>") && !html.contains("<style") && !html.contains("style=") && !html.contains("://"),
        "{html}"
    );
    for (file, kind) in [("try.js", "text/javascript"), ("try.css", "text/css")] {
        let address = format!("/api/v1/docs/{file}");
        assert!(html.contains(&address));
        let answer = world.ask(get(address)).await;
        assert!(answer.status.is_success() && answer.header("content-type").starts_with(kind));
        assert!(!answer.text().contains("innerHTML"));
    }
}
