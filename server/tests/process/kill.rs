//! `kill -9` in the middle of a stream of telemetry: what was acknowledged is there, and sending again doubles nothing.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use turnwise_engine::ambient_os;
use turnwise_ingest::messages::read_line;
use turnwise_ingest::otlp::encode_traces;
use turnwise_model::telemetry::SpanRecord;
use turnwise_model::{Micros, ProjectId, SessionId};
use turnwise_store::{Store, StoreConfig};

use crate::running::{Running, finish, folder, turnwise};

const SENDERS: usize = 4;
const SESSIONS: usize = 400;
/// So many requests are acknowledged before the process is killed, while others are under way.
const BEFORE_THE_END: usize = 60;

fn conversation(number: usize) -> Vec<SpanRecord> {
    let line = json!({ "session_id": format!("chat-{number}"), "messages": [
        { "role": "user", "content": format!("where is parcel {number}?") },
        { "role": "assistant", "content": "on its way" },
        { "role": "user", "content": "since when?" },
        { "role": "assistant", "content": "since Tuesday" },
    ] });
    read_line(&line.to_string(), Micros(1_795_222_000_000_000)).unwrap().spans
}

/// Sends an export request and says whether it was acknowledged.
async fn export(address: &str, key: &str, body: &[u8]) -> bool {
    let Ok(mut connection) = TcpStream::connect(address).await else { return false };
    let head = format!(
        "POST /v1/traces HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\ncontent-type: application/x-protobuf\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    if connection.write_all(head.as_bytes()).await.is_err() || connection.write_all(body).await.is_err() {
        return false;
    }
    let mut answer = Vec::new();
    // A cut answer is none.
    connection.read_to_end(&mut answer).await.is_ok() && answer.starts_with(b"HTTP/1.1 200")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_kill_9_and_sending_it_all_again_doubles_nothing() {
    let folder = folder();
    let data = folder.path().join("data");
    let (project, key) = bootstrap(folder.path(), &data).await;
    let mut server = Running::start(folder.path(), &["serve", "--data-dir", data.to_str().unwrap()]).await;

    let acknowledged: Arc<Mutex<Vec<usize>>> = Arc::default();
    let over = Arc::new(AtomicBool::new(false));
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let (address, key, acknowledged, over) =
                (server.address.clone(), key.clone(), Arc::clone(&acknowledged), Arc::clone(&over));
            tokio::spawn(async move {
                for number in (sender..SESSIONS).step_by(SENDERS) {
                    if over.load(Ordering::SeqCst) {
                        return;
                    }
                    if export(&address, &key, &encode_traces(&conversation(number))).await {
                        acknowledged.lock().await.push(number);
                    }
                }
            })
        })
        .collect();
    while acknowledged.lock().await.len() < BEFORE_THE_END {
        tokio::task::yield_now().await;
    }
    server.kill().await;
    over.store(true, Ordering::SeqCst);
    for sender in senders {
        sender.await.unwrap();
    }
    let acknowledged = acknowledged.lock().await.clone();
    assert!((BEFORE_THE_END..SESSIONS).contains(&acknowledged.len()), "{} were acknowledged", acknowledged.len());

    let store = open(&data).await;
    for &number in &acknowledged {
        for span in conversation(number) {
            let kept = store.span(project, &span.trace_id, &span.span_id).await.unwrap();
            assert!(kept.is_some(), "span {} of chat-{number} was acknowledged and is lost", span.span_id);
        }
    }
    store.close().await;

    // The senders do not know what was stored: they send everything again, and once more, last first.
    let server = Running::start(folder.path(), &["serve", "--data-dir", data.to_str().unwrap()]).await;
    let everything: Vec<usize> = (0..SESSIONS).chain((0..SESSIONS).rev()).collect();
    for some in everything.chunks(50) {
        let spans: Vec<SpanRecord> = some.iter().flat_map(|number| conversation(*number)).collect();
        assert!(export(&server.address, &key, &encode_traces(&spans)).await);
    }
    let store = open(&data).await;
    while store.waiting_changes().await.unwrap() > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    for number in 0..SESSIONS {
        let session = SessionId::derive(project, &format!("chat-{number}"));
        let turns = store.turns_of_session(project, session).await.unwrap();
        let said: Vec<_> = turns.iter().map(|turn| turn.user.as_ref().unwrap().text.clone()).collect();
        assert_eq!(said, [format!("where is parcel {number}?"), "since when?".to_owned()]);
        let spans = store.span_rows(project, session).await.unwrap();
        assert_eq!(spans.len(), conversation(number).len());
    }
}

async fn bootstrap(folder: &Path, data: &Path) -> (ProjectId, String) {
    let command = turnwise(
        folder,
        &[
            "admin",
            "bootstrap",
            "--email",
            "ada@example.com",
            "--password-stdin",
            "--project",
            "Shop",
            "--data-dir",
            data.to_str().unwrap(),
        ],
    );
    let output = finish(command, "correct horse battery\n").await;
    let printed: Json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (printed["project"]["id"].as_str().unwrap().parse().unwrap(), printed["api_key"].as_str().unwrap().to_owned())
}

async fn open(data: &Path) -> Store {
    let config = StoreConfig::new(format!("sqlite://{}", data.join("turnwise.db").display()));
    Store::connect(&config, ambient_os::ambient()).await.unwrap()
}
