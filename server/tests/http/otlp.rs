//! The door for telemetry: what it takes, what it answers, what it refuses.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::{Method, StatusCode};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message as _;
use serde_json::json;
use turnwise_ingest::messages::read_line;
use turnwise_ingest::otlp::encode_traces;
use turnwise_model::Micros;

use crate::client::{Answer, Ask, get, post_json};
use crate::world::{World, assert_tells_nothing, settings};

const PROTOBUF: &str = "application/x-protobuf";

/// A conversation of two turns as an export request.
fn conversation(name: &str) -> Vec<u8> {
    let line = json!({ "session_id": name, "messages": [
        { "role": "user", "content": "where is my parcel?" },
        { "role": "assistant", "content": "on its way" },
        { "role": "user", "content": "since when?" },
        { "role": "assistant", "content": "since Tuesday" },
    ] });
    encode_traces(&read_line(&line.to_string(), Micros(1_795_222_000_000_000)).unwrap().spans)
}

fn export(path: &str, key: &str, content_type: &str, body: Vec<u8>) -> Ask {
    Ask::new(Method::POST, path).key(key).header("content-type", content_type).body(body)
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// How many turns the session has, once it was derived.
async fn turns(world: &World, session: &str) -> Option<usize> {
    world.server.engine.sessions().derive_all(|_| ()).await.unwrap();
    let answer = world.ask(get(format!("/api/v1/sessions/{session}")).key(&world.shop_key)).await;
    (answer.status == StatusCode::OK).then(|| answer.json()["turns"].as_array().unwrap().len())
}

/// Packs a body as a content encoding says.
type Packing = fn(&[u8]) -> Vec<u8>;

#[track_caller]
fn assert_taken(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

#[tokio::test]
async fn protobuf_is_taken_plain_and_compressed_under_both_addresses() {
    let world = World::new().await;
    world.server.store.clock.advance(std::time::Duration::from_secs(1));
    let cases: [(&str, &str, Packing); 4] = [
        ("/v1/traces", "identity", |bytes| bytes.to_vec()),
        ("/v1/traces", "gzip", gzipped),
        ("/api/public/otel/v1/traces", "zstd", |bytes| zstd::encode_all(bytes, 1).unwrap()),
        ("/v1/traces", "deflate", |bytes| {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }),
    ];
    for (path, packing, pack) in cases {
        let name = format!("sent-as-{packing}");
        let ask = export(path, &world.shop_ingest_key, PROTOBUF, pack(&conversation(&name)))
            .header("content-encoding", packing);
        let answer = world.ask(ask).await;
        assert_taken(&answer);
        assert_eq!(answer.header("content-type"), PROTOBUF);
        let reply = ExportTraceServiceResponse::decode(answer.body.clone()).unwrap();
        assert_eq!(reply.partial_success, None);
        world.server.store.clock.advance(std::time::Duration::from_secs(1));
        assert_eq!(turns(&world, &name).await, Some(2), "{name}");
    }
}

#[tokio::test]
async fn a_bad_span_is_named_and_the_others_are_stored() {
    let world = World::new().await;
    let span = |id: &str, start: serde_json::Value| {
        json!({
            "traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": id, "name": "chat", "startTimeUnixNano": start, "endTimeUnixNano": "1795222001000000000",
            "attributes": [
                { "key": "session.id", "value": { "stringValue": "partly" } },
                { "key": "openinference.span.kind", "value": { "stringValue": "AGENT" } },
                { "key": "input.value", "value": { "stringValue": "where is my parcel?" } },
            ],
        })
    };
    let body = json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": [
        span("b7ad6b7169203331", json!("1795222000000000000")),
        span("not an id", json!("1795222000000000000")),
        span("b7ad6b7169203333", json!("noon")),
    ] }] }] });
    let answer = world.ask(post_json("/v1/traces", body.to_string()).key(&world.shop_ingest_key)).await;
    assert_taken(&answer);
    let reply = answer.json();
    assert_eq!(reply["partialSuccess"]["rejectedSpans"], "2", "{reply}");
    let message = reply["partialSuccess"]["errorMessage"].as_str().unwrap();
    assert!(message.contains("not an id") && message.contains("noon"), "{message}");
    world.server.store.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(turns(&world, "partly").await, Some(1));
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_the_reason() {
    let world = World::new().await;
    let whole = conversation("chat-2");
    let cut = whole[..whole.len() / 2].to_vec();
    let key = &world.shop_ingest_key;
    let cases = [
        ("another content type", export("/v1/traces", key, "text/plain", whole.clone()), 415, "not_otlp"),
        ("no content type", Ask::new(Method::POST, "/v1/traces").key(key).body(whole.clone()), 415, "not_otlp"),
        (
            "an unknown encoding",
            export("/v1/traces", key, PROTOBUF, whole.clone()).header("content-encoding", "br"),
            415,
            "unknown_encoding",
        ),
        (
            "not compressed so",
            export("/v1/traces", key, PROTOBUF, whole.clone()).header("content-encoding", "gzip"),
            400,
            "not_compressed_so",
        ),
        ("cut", export("/v1/traces", key, PROTOBUF, cut), 400, "not_otlp"),
        ("not JSON", export("/v1/traces", key, "application/json", whole.clone()), 400, "not_otlp"),
        ("JSON of another kind", export("/v1/traces", key, "application/json", b"[1]".to_vec()), 400, "not_otlp"),
    ];
    for (case, ask, status, code) in cases {
        let answer = world.ask(ask).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (status, code), "{case}");
    }
    assert_eq!(turns(&world, "chat-2").await, None);
}

#[tokio::test]
async fn a_body_that_inflates_to_five_megabytes_is_refused_where_one_is_allowed() {
    let world = World::with(turnwise_server::state::Settings { max_ingest_bytes: 1 << 20, ..settings() }).await;
    let bomb = gzipped(&vec![b' '; 5 << 20]);
    assert!(bomb.len() < 100_000);
    for content_type in [PROTOBUF, "application/json"] {
        let ask =
            export("/v1/traces", &world.shop_ingest_key, content_type, bomb.clone()).header("content-encoding", "gzip");
        let answer = world.ask(ask).await;
        assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
    }
    let plain = world.ask(export("/v1/traces", &world.shop_ingest_key, PROTOBUF, vec![b' '; 2 << 20])).await;
    assert_eq!((plain.status, plain.problem().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
}

#[tokio::test]
async fn only_a_key_that_may_send_opens_the_door() {
    let world = World::new().await;
    for path in ["/v1/traces", "/v1/logs", "/v1/metrics", "/api/public/otel/v1/traces"] {
        let anonymous =
            world.ask(Ask::new(Method::POST, path).header("content-type", PROTOBUF).body(conversation("x"))).await;
        assert_eq!(
            (anonymous.status, anonymous.problem().as_str()),
            (StatusCode::UNAUTHORIZED, "missing_credentials"),
            "{path}"
        );
        let cookie = world
            .ask(
                Ask::new(Method::POST, path)
                    .cookie(&world.ada_cookie)
                    .header("content-type", PROTOBUF)
                    .body(conversation("x")),
            )
            .await;
        assert_eq!(cookie.status, StatusCode::UNAUTHORIZED, "{path}");
        let reader = world.ask(export(path, &world.shop_read_key, PROTOBUF, conversation("x"))).await;
        assert_eq!((reader.status, reader.problem().as_str()), (StatusCode::FORBIDDEN, "scope_missing"), "{path}");
        let wrong = world.ask(export(path, "tw_nonsense", PROTOBUF, conversation("x"))).await;
        assert_eq!((wrong.status, wrong.problem().as_str()), (StatusCode::UNAUTHORIZED, "invalid_key"), "{path}");
    }
    let elsewhere = world.ask(export("/v1/traces", &world.other_key, PROTOBUF, conversation("theirs"))).await;
    assert_taken(&elsewhere);
    world.server.store.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(turns(&world, "theirs").await, None, "it went into the project of the key");
}

#[tokio::test]
async fn metrics_are_accepted_and_ignored() {
    let world = World::new().await;
    let answer = world.ask(export("/v1/metrics", &world.shop_ingest_key, PROTOBUF, vec![1, 2, 3])).await;
    assert_taken(&answer);
    let json = world.ask(post_json("/v1/metrics", "{}").key(&world.shop_ingest_key)).await;
    assert_eq!(json.text(), "{}");
}

#[tokio::test]
async fn the_session_of_one_project_is_not_found_in_another() {
    let world = World::new().await;
    for path in [format!("/api/v1/sessions/{}", world.shop_session), "/api/v1/sessions/chat-1".to_owned()] {
        let own = world.ask(get(&path).key(&world.shop_key)).await;
        assert_eq!(own.status, StatusCode::OK, "{path}");
        let foreign = world.ask(get(&path).key(&world.other_key)).await;
        assert_eq!((foreign.status, foreign.problem().as_str()), (StatusCode::NOT_FOUND, "not_found"), "{path}");
        assert_tells_nothing(&foreign, "a key of another project");
    }
}
