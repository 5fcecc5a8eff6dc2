//! Every operation of the API and every server function is knocked at: by nobody, by a member and by a key of another project.
//!
//! A new operation or function that is not in the tables here fails the test, as does one that answers a stranger.

use std::collections::{BTreeMap, BTreeSet};

use http::{Method, StatusCode};
use leptos::server_fn::axum::server_fn_paths;
use turnwise_app::{Door, server_functions};
use turnwise_model::access::{Role, Scope};
use turnwise_server::http::api;

use crate::client::{Answer, Ask, call};
use crate::world::{World, assert_tells_nothing, form};

/// Who may pass an operation of the API.
#[derive(Clone, Copy, PartialEq)]
enum Passes {
    /// Whoever shows a key of the project.
    AnyKey,
    /// A key with this scope.
    Key(Scope),
    /// Ada, who owns the shop, with her cookie.
    Owner,
}

/// One operation of the API, with a request to it that is right.
struct Operation {
    method: &'static str,
    path: &'static str,
    passes: Passes,
    address: String,
    body: String,
}

/// A model provider at an address where nobody is.
const PROVIDER: &str = r#"{"name":"Nobody","base_url":"http://127.0.0.1:9/v1","model":"judge-1","key":"a key"}"#;

/// Every operation, in an order in which all of them work.
fn operations(world: &World) -> Vec<Operation> {
    use Passes::{AnyKey, Key, Owner};
    use Scope::{Ingest, Read, Write};
    let session = r#"{"session_id":"made in a test","messages":[{"role":"user","content":"hello"}]}"#;
    let rule = |name: &str| {
        let queue = &world.shop_queue;
        format!(
            r#"{{"name":"{name}","sampling":{{"rate":1,"salt":""}},"audit":{{"rate":0.5,"salt":"","queue":"{queue}"}}}}"#
        )
    };
    let queue = r#"{"name":"Made in a test","questions":[{"key":"resolved","title":"Resolved?","type":"yes_no"}]}"#;
    let changed_queue = r#"{"name":"Changed in a test","questions":[{"key":"safe","title":"Safe?","type":"yes_no"}]}"#;
    let scores = r#"[{"session":"chat-1","name":"csat","value":4}]"#;
    [
        ("get", "/api/v1/project", AnyKey, ""),
        ("get", "/api/v1/members", Key(Read), ""),
        ("get", "/api/v1/api-keys", Owner, ""),
        ("post", "/api/v1/api-keys", Owner, r#"{"name":"made in a test","scopes":["read"]}"#),
        ("get", "/api/v1/sessions", Key(Read), ""),
        ("post", "/api/v1/sessions", Key(Ingest), session),
        ("get", "/api/v1/sessions/{id}", Key(Read), ""),
        ("get", "/api/v1/sessions/{id}/spans", Key(Read), ""),
        ("get", "/api/v1/spans/{trace_id}/{span_id}", Key(Read), ""),
        ("post", "/api/v1/scores", Key(Ingest), scores),
        ("get", "/api/v1/exports", Key(Read), ""),
        ("post", "/api/v1/exports", Key(Read), r#"{"kind":"scores","format":"csv"}"#),
        ("get", "/api/v1/exports/stream", Key(Read), ""),
        ("get", "/api/v1/exports/{id}", Key(Read), ""),
        ("get", "/api/v1/exports/{id}/file", Key(Read), ""),
        ("get", "/api/v1/exports/{id}/manifest", Key(Read), ""),
        ("post", "/api/v1/exports/{id}/cancel", Key(Read), ""),
        ("delete", "/api/v1/exports/{id}", Key(Read), ""),
        ("get", "/api/v1/evaluators", Key(Read), ""),
        ("get", "/api/v1/evaluators/catalogue", Key(Read), ""),
        ("post", "/api/v1/evaluators", Key(Write), r#"{"from":"latency"}"#),
        ("get", "/api/v1/evaluators/{id}", Key(Read), ""),
        ("patch", "/api/v1/evaluators/{id}", Key(Write), r#"{"threshold":0.25}"#),
        ("post", "/api/v1/evaluators/{id}/try", Key(Write), r#"{"session":"chat-1"}"#),
        ("get", "/api/v1/sessions/{id}/evaluations", Key(Read), ""),
        ("post", "/api/v1/evaluations", Key(Write), r#"{"sessions":["chat-1"],"evaluators":["Coherence"]}"#),
        ("delete", "/api/v1/evaluators/{id}", Key(Write), ""),
        ("get", "/api/v1/providers", Owner, ""),
        ("post", "/api/v1/providers", Owner, PROVIDER),
        ("put", "/api/v1/providers/{id}", Owner, PROVIDER),
        ("post", "/api/v1/providers/{id}/test", Owner, ""),
        ("delete", "/api/v1/providers/{id}", Owner, ""),
        ("get", "/api/v1/queues", Key(Read), ""),
        ("post", "/api/v1/queues", Key(Write), queue),
        ("get", "/api/v1/queues/{id}", Key(Read), ""),
        ("get", "/api/v1/queues/{id}/tasks", Key(Read), ""),
        ("post", "/api/v1/queues/{id}/tasks", Key(Write), r#"{"targets":[{"session":"chat-1","position":1}]}"#),
        ("post", "/api/v1/queues/{id}/claims", Key(Write), ""),
        ("post", "/api/v1/claims/{id}/review", Key(Write), r#"{"fence":1,"answers":{"resolved":true}}"#),
        ("get", "/api/v1/reviews", Key(Read), ""),
        ("delete", "/api/v1/claims/{id}", Key(Write), ""),
        ("put", "/api/v1/queues/{id}", Key(Write), changed_queue),
        ("post", "/api/v1/sessions/{id}/end", Key(Ingest), r#"{"reason":"resolved"}"#),
        ("get", "/api/v1/rules", Key(Read), ""),
        ("post", "/api/v1/rules", Key(Write), &rule("made in a test")),
        ("post", "/api/v1/rules/preview", Key(Read), &rule("tried in a test")),
        ("get", "/api/v1/rules/{id}", Key(Read), ""),
        ("put", "/api/v1/rules/{id}", Key(Write), &rule("changed in a test")),
        ("get", "/api/v1/evaluations/explain", Key(Read), ""),
        ("get", "/api/v1/backfills/{id}", Key(Read), ""),
        ("delete", "/api/v1/backfills/{id}", Key(Write), ""),
        ("post", "/api/v1/rules/{id}/backfill", Key(Write), r#"{"cap":10}"#),
        ("delete", "/api/v1/rules/{id}", Key(Write), ""),
        ("delete", "/api/v1/sessions/{id}", Key(Write), ""),
        ("delete", "/api/v1/api-keys/{id}", Owner, ""),
    ]
    .map(|(method, path, passes, body)| {
        let id = match path.split('/').nth(3) {
            Some("api-keys") => world.shop_key_id.to_string(),
            Some("exports") => world.shop_export.clone(),
            Some("queues") => world.shop_queue.to_string(),
            Some("claims") if method == "delete" => world.shop_claims[1].to_string(),
            Some("claims") => world.shop_claims[0].to_string(),
            Some("rules") => world.shop_rule.clone(),
            Some("backfills") => world.shop_backfill.clone(),
            Some("evaluators") => world.shop_evaluator.clone(),
            Some("providers") => world.shop_provider.clone(),
            _ => world.shop_session.clone(),
        };
        let (trace, span) = &world.shop_span;
        let address = path.replace("{id}", &id).replace("{trace_id}", trace).replace("{span_id}", span);
        Operation { method, path, passes, address, body: body.to_owned() }
    })
    .into()
}

/// Where programs send telemetry. These addresses are the protocols', so they are not in the document.
const DOORS_FOR_TELEMETRY: [&str; 6] = [
    "/v1/traces",
    "/v1/logs",
    "/v1/metrics",
    "/api/public/otel/v1/traces",
    "/api/public/otel/v1/logs",
    "/api/public/otel/v1/metrics",
];

/// Every server function with arguments that are right for it, were they sent by Ada. In an order in which all of them work.
fn functions(world: &World) -> Vec<(&'static str, String)> {
    let shop = ("project", world.shop.slug.as_str());
    let carol = world.carol.id.to_string();
    let (key, invitation) = (world.shop_key_id.to_string(), world.shop_invitation.to_string());
    let queue = ("queue", world.shop_queue.to_string());
    let queue = (queue.0, queue.1.as_str());
    let [held, ahead] = &world.ada_tasks;
    let [task, claim, fence] = [held.task.to_string(), held.ticket.claim.to_string(), held.ticket.fence.to_string()];
    let (task, claim, fence) = (("task", task.as_str()), ("claim", claim.as_str()), ("fence", fence.as_str()));
    let [ahead_claim, ahead_fence] = [ahead.ticket.claim.to_string(), ahead.ticket.fence.to_string()];
    let (carol, key, invitation) =
        (("account", carol.as_str()), ("key", key.as_str()), ("invitation", invitation.as_str()));
    let session = ("session", world.shop_session.as_str());
    let (trace, span) = &world.shop_span;
    let rule = ("rule", world.shop_rule.as_str());
    let draft = format!("form[name]=x&form[rate]=100&form[audit_rate]=50&form[audit_queue]={}", world.shop_queue);
    let (evaluator, provider) =
        (("evaluator", world.shop_evaluator.as_str()), ("provider", world.shop_provider.as_str()));
    vec![
        ("front_door", form(&[])),
        (
            "setup_create",
            form(&[("email", "x@example.com"), ("name", "X"), ("password", "long enough it is"), ("project", "X")]),
        ),
        ("sign_in", form(&[("email", "nobody@example.com"), ("password", "long enough it is"), ("next", "")])),
        ("sign_out", form(&[])),
        ("invitation_preview", form(&[("token", "guessed")])),
        (
            "invitation_accept_new",
            form(&[("token", "guessed"), ("email", "x@example.com"), ("name", "X"), ("password", "long enough it is")]),
        ),
        ("invitation_accept", form(&[("token", "guessed")])),
        ("preferences_save", form(&[("theme", "dark"), ("density", "compact"), ("single_keys", "on")])),
        ("account_get", form(&[])),
        ("account_rename", form(&[("name", "Renamed")])),
        ("account_change_password", form(&[("old", "not the password"), ("new", "long enough it is")])),
        ("projects_list", form(&[])),
        ("project_create", form(&[("name", "Another")])),
        ("project_open", form(&[shop])),
        ("project_rename", form(&[shop, ("name", "Shop of Ada and others")])),
        ("evaluator_try", form(&[shop, evaluator, ("session", "chat-1")])),
        ("session_open", form(&[shop, session, ("from", "1")])),
        ("session_trace", form(&[shop, session, ("from", "0")])),
        ("session_span", form(&[shop, ("trace", trace.as_str()), ("span", span.as_str())])),
        ("session_reviews", form(&[shop, session])),
        ("session_explain", form(&[shop, session])),
        ("session_end", form(&[shop, session, ("reason", "resolved")])),
        ("members_list", form(&[shop])),
        ("member_set_role", form(&[shop, carol, ("role", "editor")])),
        ("member_remove", form(&[shop, carol])),
        ("invitation_create", form(&[shop, ("role", "viewer")])),
        ("invitation_withdraw", form(&[shop, invitation])),
        ("exports_list", form(&[shop])),
        ("exports_count", form(&[shop, ("filter", "turns >= 1")])),
        ("export_start", form(&[shop, ("kind", "scores"), ("format", "csv"), ("filter", "")])),
        ("export_cancel", form(&[shop, ("export", world.shop_export.as_str())])),
        ("export_delete", form(&[shop, ("export", world.shop_export.as_str())])),
        ("api_keys_list", form(&[shop])),
        ("api_key_create", form(&[shop, ("name", "made in a test"), ("scopes[0]", "read")])),
        ("queues_list", form(&[shop])),
        ("queue_get", form(&[shop, queue])),
        ("queue_tasks", form(&[shop, queue, ("state", "open")])),
        (
            "queue_save",
            form(&[
                shop,
                ("name", "Made in a test"),
                ("questions", r#"[{"key":"safe","title":"Safe?","type":"yes_no"}]"#),
                ("overlap", "1"),
                ("order", "oldest"),
                ("blind", "true"),
                ("lease_seconds", "300"),
            ]),
        ),
        ("review_next", form(&[shop, queue])),
        ("review_keep", form(&[shop, task, claim, fence, ("flags[resolved]", "true")])),
        (
            "review_submit",
            form(&[shop, queue, task, claim, fence, ("rubric_version", "1"), ("flags[resolved]", "true")]),
        ),
        ("review_undo", form(&[shop, queue])),
        ("review_skip", form(&[shop, queue, ("claim", &ahead_claim), ("fence", &ahead_fence)])),
        ("api_key_revoke", form(&[shop, key])),
        ("rules_list", form(&[shop])),
        ("rule_open", form(&[shop, rule])),
        ("rule_try", form(&[shop, rule, ("draft", &draft)])),
        (
            "rule_save",
            form(&[
                shop,
                ("form[name]", "saved in a test"),
                ("form[rate]", "100"),
                ("form[audit_rate]", "50"),
                ("form[audit_queue]", &world.shop_queue),
            ]),
        ),
        ("rule_enable", form(&[shop, rule, ("enabled", "false")])),
        ("rule_backfills", form(&[shop, rule])),
        ("backfill_cancel", form(&[shop, ("backfill", &world.shop_backfill)])),
        ("rule_backfill", form(&[shop, rule, ("cap", "5")])),
        ("rule_archive", form(&[shop, rule])),
        ("sessions_browse", form(&[shop, ("filter", "turns > 0"), ("sort", "turns"), ("descending", "true")])),
        ("sessions_facets", form(&[shop, ("filter", "")])),
        ("sessions_newer", form(&[shop, ("filter", ""), ("newest", "2026-01-01T00:00:00Z")])),
        ("filter_values", form(&[shop])),
        ("views_list", form(&[shop])),
        (
            "view_keep",
            form(&[shop, ("name", "Long ones"), ("filter", "turns > 9"), ("sort", "turns"), ("shared", "true")]),
        ),
        ("view_drop", form(&[shop, ("view", "0198c0de-1111-7000-8000-000000000000"), ("shared", "true")])),
        ("evaluators_list", form(&[shop])),
        ("evaluator_open", form(&[shop, evaluator])),
        (
            "evaluator_edit",
            form(&[
                shop,
                evaluator,
                ("name", "Safety"),
                ("check", "safety"),
                ("granularity", "session"),
                ("score_name", "safety"),
                ("threshold", "0.25"),
            ]),
        ),
        ("evaluator_add", form(&[shop, ("key", "latency")])),
        ("providers_list", form(&[shop])),
        (
            "provider_save",
            form(&[shop, provider, ("name", "Nobody"), ("base_url", "http://127.0.0.1:9/v1"), ("model", "judge-1")]),
        ),
        ("provider_test", form(&[shop, provider])),
        ("provider_delete", form(&[shop, provider])),
        ("session_choices", form(&[shop])),
        (
            "sessions_evaluate",
            form(&[shop, ("evaluator", &world.shop_evaluator), ("sessions[0]", &world.shop_session)]),
        ),
        ("sessions_queue", form(&[shop, ("queue", &world.shop_queue), ("sessions[0]", &world.shop_session)])),
        // Others speak of these.
        ("evaluator_archive", form(&[shop, evaluator])),
        ("session_delete", form(&[shop, session])),
    ]
}

impl Operation {
    fn ask(&self, world: &World) -> Ask {
        let method = Method::from_bytes(self.method.to_uppercase().as_bytes()).unwrap();
        // The operation that asks about a session in its query, and the one that shows its fence there.
        let more = match self.path {
            path if path.ends_with("/explain") => "&session=chat-1",
            path if self.method == "delete" && path.contains("claims") => "&fence=1",
            _ => "",
        };
        let ask = Ask::new(method, format!("{}?project={}{more}", self.address, world.shop.slug));
        if self.body.is_empty() { ask } else { ask.header("content-type", "application/json").body(self.body.clone()) }
    }
}

#[track_caller]
fn assert_refused(answer: &Answer, what: &str) {
    let refusals = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND];
    assert!(refusals.contains(&answer.status), "{what}: {} {}", answer.status, answer.text());
    assert_tells_nothing(answer, what);
}

#[tokio::test]
async fn every_operation_of_the_api_is_closed_to_strangers() {
    let world = World::new().await;
    let document = serde_json::to_value(api::document()).unwrap();
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(|method| (method.clone(), path.clone())))
        .collect();
    let table = operations(&world);
    let listed: BTreeSet<(String, String)> =
        table.iter().map(|one| (one.method.to_owned(), one.path.to_owned())).collect();
    assert_eq!(described, listed, "an operation is missing from the table of this test, or is not described any more");

    for one in &table {
        let what = format!("{} {}", one.method, one.path);
        let anonymous = world.ask(one.ask(&world)).await;
        assert_eq!(anonymous.status, StatusCode::UNAUTHORIZED, "{what} by nobody: {}", anonymous.text());
        assert_eq!(anonymous.problem(), "missing_credentials");
        assert!(anonymous.header("www-authenticate").starts_with("Bearer"), "{what}");
        assert_tells_nothing(&anonymous, &what);

        let wrong_key = world.ask(one.ask(&world).key("tw_nothing")).await;
        assert_eq!(
            (wrong_key.status, wrong_key.problem().as_str()),
            (StatusCode::UNAUTHORIZED, "invalid_key"),
            "{what}"
        );

        let stranger = world.ask(one.ask(&world).cookie(&world.bob_cookie)).await;
        assert_refused(&stranger, &format!("{what} by a member of another project"));

        // A key names its own project, so it may be answered, but only with what is in that.
        let other_key = world.ask(one.ask(&world).key(&world.other_key)).await;
        assert_tells_nothing(&other_key, &format!("{what} by a key of another project"));
        if one.path.contains('{') || one.passes == Passes::Owner {
            assert_refused(&other_key, &format!("{what} by a key of another project"));
        }

        let too_little = match one.passes {
            Passes::AnyKey => continue,
            Passes::Key(Scope::Ingest) => one.ask(&world).key(&world.shop_read_key),
            Passes::Key(Scope::Read | Scope::Write) => one.ask(&world).key(&world.shop_ingest_key),
            Passes::Owner => one.ask(&world).key(&world.shop_key),
        };
        let refused = world.ask(too_little).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{what} by a key with too little: {}", refused.text());
        if one.passes != Passes::Key(Scope::Read) {
            let viewer = world.ask(one.ask(&world).cookie(&world.carol_cookie)).await;
            assert_eq!(viewer.status, StatusCode::FORBIDDEN, "{what} by a viewer: {}", viewer.text());
        }
    }

    // The same requests work for those who may, or the refusals above would prove nothing.
    for one in &table {
        let ask = one.ask(&world);
        let answer = world
            .ask(if one.passes == Passes::Owner { ask.cookie(&world.ada_cookie) } else { ask.key(&world.shop_key) })
            .await;
        assert!(
            answer.status.is_success(),
            "{} {} by who may: {} {}",
            one.method,
            one.path,
            answer.status,
            answer.text()
        );
    }
    let revoked = world.ask(Ask::new(Method::GET, "/api/v1/project").key(&world.shop_key)).await;
    assert_eq!(revoked.status, StatusCode::UNAUTHORIZED, "a revoked key is refused");
}

#[tokio::test]
async fn telemetry_is_taken_from_those_who_may_send_it() {
    let world = World::new().await;
    for path in DOORS_FOR_TELEMETRY {
        let post = || Ask::new(Method::POST, path).header("content-type", "application/json").body("{}");
        assert_eq!(world.ask(post()).await.problem(), "missing_credentials", "{path}");
        assert_eq!(world.ask(post().key("tw_nothing")).await.problem(), "invalid_key", "{path}");
        assert_eq!(world.ask(post().cookie(&world.ada_cookie)).await.problem(), "missing_credentials", "{path}");
        assert_eq!(world.ask(post().key(&world.shop_read_key)).await.problem(), "scope_missing", "{path}");
        let taken = world.ask(post().key(&world.shop_ingest_key)).await;
        assert_eq!(taken.status, StatusCode::OK, "{path}: {}", taken.text());
    }
}

#[tokio::test]
async fn every_server_function_is_closed_to_strangers() {
    let world = World::new().await;
    let registered: BTreeSet<String> = server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    let table = functions(&world);
    let listed: BTreeSet<String> = table.iter().map(|(name, _)| format!("/api/ui/{name}")).collect();
    assert_eq!(
        registered, listed,
        "a server function is missing from the table of this test, or does not exist any more"
    );
    let doors: BTreeMap<&str, Door> =
        server_functions().into_iter().map(|function| (function.path, function.door)).collect();

    for (name, arguments) in &table {
        let path = format!("/api/ui/{name}");
        let door = doors[path.as_str()];
        let knock = || call(path.clone(), arguments.clone());
        let anonymous = world.ask(knock()).await;
        assert_tells_nothing(&anonymous, name);
        if door != Door::Anybody {
            assert_eq!(anonymous.status, StatusCode::UNAUTHORIZED, "{name} by nobody: {}", anonymous.text());
        }
        let other_key = world.ask(knock().key(&world.other_key)).await;
        assert_tells_nothing(&other_key, name);
        if door != Door::Anybody {
            assert_refused(&other_key, &format!("{name} by a key of another project"));
        }
        if let Door::Member(needed) = door {
            let stranger = world.ask(knock().cookie(&world.bob_cookie)).await;
            assert_eq!(
                stranger.status,
                StatusCode::NOT_FOUND,
                "{name} by a member of another project: {}",
                stranger.text()
            );
            assert_tells_nothing(&stranger, name);
            if needed > Role::Viewer {
                let too_low = world.ask(knock().cookie(&world.carol_cookie)).await;
                assert_eq!(too_low.status, StatusCode::FORBIDDEN, "{name} by a viewer: {}", too_low.text());
            }
        }
    }

    for (name, arguments) in table {
        let path = format!("/api/ui/{name}");
        if let Door::Member(_) = doors[path.as_str()] {
            let answer = world.ask(call(path, arguments).cookie(&world.ada_cookie)).await;
            assert!(answer.status.is_success(), "{name} by the owner: {} {}", answer.status, answer.text());
        }
    }
}

#[tokio::test]
async fn what_strangers_tried_changed_nothing() {
    let world = World::new().await;
    let tables = [
        "select * from accounts order by id",
        "select * from projects order by id",
        "select * from members order by project_id, account_id",
        "select * from invitations order by id",
        "select id, name, scopes, revoked_at from api_keys order by id",
        "select * from sessions order by 1, 2",
    ];
    let mut before = Vec::new();
    for sql in tables {
        before.push(world.server.store.rows(sql).await);
    }
    assert!(before.iter().all(|rows| !rows.is_empty()));
    for (name, arguments) in functions(&world) {
        world.ask(call(format!("/api/ui/{name}"), arguments.clone())).await;
        let path = format!("/api/ui/{name}");
        let of_a_member = server_functions()
            .into_iter()
            .any(|function| function.path == path && matches!(function.door, Door::Member(_)));
        if of_a_member {
            world.ask(call(path, arguments).cookie(&world.bob_cookie)).await;
        }
    }
    for (sql, before) in tables.into_iter().zip(before) {
        assert_eq!(world.server.store.rows(sql).await, before, "{sql}");
    }
}
