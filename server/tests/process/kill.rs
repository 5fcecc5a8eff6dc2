//! `kill -9` in the middle of a stream of telemetry: what was acknowledged is there, and sending again doubles nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use tokio::sync::Mutex;
use turnwise_ingest::messages::read_line;
use turnwise_ingest::otlp::encode_traces;
use turnwise_model::telemetry::SpanRecord;
use turnwise_model::{Micros, SessionId};

use crate::running::{Running, folder};
use crate::sending::{bootstrap, export, open};

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
