//! Short closed conversations, sent as message logs are.

use turnwise_ingest::messages::read_line;
use turnwise_model::view::session::SessionQuery;
use turnwise_model::{Micros, SessionId};

use crate::bench::Bench;
use crate::telemetry::text;

/// Sends `count` conversations of two turns and derives them.
pub async fn send_chats(bench: &Bench, count: usize) -> Vec<SessionId> {
    let project = bench.access.project.id;
    for chunk in (0..count).collect::<Vec<_>>().chunks(100) {
        let mut spans = Vec::new();
        for &number in chunk {
            let line = serde_json::json!({ "session_id": format!("chat-{number}"), "end_reason": "resolved", "messages": [
                { "role": "user", "content": text(number, 120) },
                { "role": "assistant", "content": text(number + 1, 400) },
                { "role": "user", "content": text(number + 2, 80) },
                { "role": "assistant", "content": text(number + 3, 300) },
            ]});
            spans.extend(read_line(&line.to_string(), Micros(0)).unwrap().spans);
        }
        bench.engine.ingestion().accept(project, spans).await.unwrap();
    }
    bench.engine.sessions().derive_all(|_| ()).await.unwrap();
    let listed = bench.engine.sessions().list(&bench.access, &SessionQuery::default()).await.unwrap();
    assert!(listed.data.iter().all(|row| row.session.turn_count == 2));
    (0..count).map(|number| SessionId::derive(project, &format!("chat-{number}"))).collect()
}
