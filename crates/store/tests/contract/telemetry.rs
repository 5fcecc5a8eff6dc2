//! Spans, messages, traces and the changes that they cause: the same in whatever order and however often they come.

use std::collections::BTreeSet;
use std::time::Duration;

use turnwise_model::telemetry::{
    Message, MessageRole, SessionFacts, SpanKind, SpanRecord, SpanStatus, TurnFacts, Usage,
};
use turnwise_model::{Nanos, ProjectId, SessionId};
use turnwise_store::testing::TestStore;
use turnwise_store::{
    ClaimedChange, Lease, MessageHash, NewMessage, NewSpan, NewTrace, SessionKey, SpanEncoder, TouchedSession, contract,
};

use crate::setting::{owned_project, project, write};

/// A span of trace `trace`, that began at `start`.
pub fn span(trace: &str, id: &str, start: i64) -> SpanRecord {
    SpanRecord {
        trace_id: trace.to_owned(),
        span_id: id.to_owned(),
        parent_span_id: None,
        name: "chat".to_owned(),
        kind: SpanKind::Llm,
        started_at: Nanos(start),
        ended_at: Some(Nanos(start + 1_000)),
        status: SpanStatus::Ok,
        status_message: None,
        session: SessionFacts::default(),
        turn: TurnFacts::default(),
        input: None,
        output: None,
        input_messages: vec![Message::text(MessageRole::User, "Where is my parcel?")],
        output_messages: vec![Message::text(MessageRole::Assistant, "On its way.\0")],
        model: Some("m-1".to_owned()),
        provider: None,
        agent: None,
        tool: None,
        retrieval: None,
        usage: Usage { input: Some(12), output: None, ..Usage::default() },
        errors: Vec::new(),
        scores: Vec::new(),
        sampling_threshold: None,
        attributes: std::collections::BTreeMap::new(),
        events: Vec::new(),
        links: Vec::new(),
        resource: std::collections::BTreeMap::new(),
        scope: None,
    }
}

fn encode(project: ProjectId, spans: &[SpanRecord]) -> (Vec<NewSpan>, Vec<NewMessage>) {
    let nothing_known = |_: &MessageHash| false;
    let mut encoder = SpanEncoder::new(project, &nothing_known);
    let encoded = spans.iter().map(|span| encoder.encode(span.clone()).unwrap()).collect();
    (encoded, encoder.into_messages())
}

async fn put(store: &TestStore, project: ProjectId, spans: &[SpanRecord]) {
    let (spans, messages) = encode(project, spans);
    let mut transaction = write(store).await;
    transaction.put_messages(&messages).await.unwrap();
    transaction.put_spans(&spans, store.ambient.now()).await.unwrap();
    transaction.commit().await.unwrap();
}

fn trace(project: ProjectId, id: &str, key: Option<(u8, i64, &str)>) -> NewTrace {
    let key = key.map(|(rank, at, key)| SessionKey { rank, at: Nanos(at), key: key.to_owned() });
    NewTrace { project, trace_id: id.to_owned(), key }
}

async fn put_traces(store: &TestStore, traces: &[NewTrace]) -> BTreeSet<String> {
    let mut transaction = write(store).await;
    let touched = transaction.put_traces(traces).await.unwrap();
    transaction.commit().await.unwrap();
    touched.into_iter().map(|touched| touched.external_id).collect()
}

async fn touch(store: &TestStore, touched: &TouchedSession, in_ms: u64) {
    let mut transaction = write(store).await;
    let due_at = store.ambient.now() + Duration::from_millis(in_ms);
    transaction.touch_sessions([touched], due_at).await.unwrap();
    transaction.commit().await.unwrap();
}

async fn claim(store: &TestStore) -> Vec<ClaimedChange> {
    let mut transaction = write(store).await;
    let claimed = transaction.claim_changes(Duration::from_secs(60), 10).await.unwrap();
    transaction.commit().await.unwrap();
    claimed
}

async fn settle(store: &TestStore, claim: &ClaimedChange) -> Lease {
    let mut transaction = write(store).await;
    let lease = transaction.settle_change(claim, store.ambient.now()).await.unwrap();
    transaction.commit().await.unwrap();
    lease
}

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const OTHER_TRACE: &str = "1af7651916cd43dd8448eb211c80319c";

contract! {
    async fn a_span_is_read_back_as_it_came(store) {
        let (_, bot) = owned_project(&store).await;
        let sent = span(TRACE, "b7ad6b7169203331", 1_795_222_634_000_000_001);
        put(&store, bot.id, std::slice::from_ref(&sent)).await;
        let stored = store.span(bot.id, TRACE, "b7ad6b7169203331").await.unwrap().unwrap();
        let hashes: Vec<_> = stored.hashes().collect();
        let messages = store.messages(bot.id, &hashes).await.unwrap();
        assert_eq!(stored.with_messages(&messages), sent);
    }

    async fn another_project_has_neither_the_span_nor_its_messages(store) {
        let (_, bot) = owned_project(&store).await;
        let other = project(&store, "Another bot").await;
        let sent = span(TRACE, "b7ad6b7169203331", 5);
        put(&store, bot.id, &[sent]).await;
        assert!(store.span(other.id, TRACE, "b7ad6b7169203331").await.unwrap().is_none());
        let (_, messages) = encode(bot.id, &[span(TRACE, "b7ad6b7169203331", 5)]);
        let hashes: Vec<_> = messages.iter().map(|message| message.hash).collect();
        assert_eq!(store.messages(bot.id, &hashes).await.unwrap().len(), 2);
        assert!(store.messages(other.id, &hashes).await.unwrap().is_empty());
    }

    async fn repeated_history_is_stored_once(store) {
        let (_, bot) = owned_project(&store).await;
        let spans: Vec<_> = (0..300).map(|number| span(TRACE, &format!("{number:016x}"), number)).collect();
        put(&store, bot.id, &spans).await;
        put(&store, bot.id, &spans).await;
        assert_eq!(store.rows("select count(*) from messages").await.len(), 1);
        assert_eq!(store.rows("select hash from messages").await.len(), 2);
        assert_eq!(store.rows("select span_id from spans").await.len(), 300);
    }

    async fn of_two_versions_of_a_span_the_same_one_is_kept_in_any_order(store) {
        let (_, bot) = owned_project(&store).await;
        let running = SpanRecord { ended_at: None, name: "still running".to_owned(), ..span(TRACE, "0000000000000001", 5) };
        let ended = SpanRecord { name: "ended".to_owned(), ..span(TRACE, "0000000000000001", 5) };
        let same_end = SpanRecord { name: "ended, told otherwise".to_owned(), ..ended.clone() };
        let all = [running, ended, same_end];
        let mut kept = BTreeSet::new();
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1], [1, 0, 2], [0, 2, 1]] {
            store.run_sql("delete from spans").await;
            for place in order {
                put(&store, bot.id, std::slice::from_ref(&all[place])).await;
            }
            kept.extend(store.rows("select name, body, content_hash from spans").await);
        }
        assert_eq!(kept.len(), 1, "{kept:?}");
        assert!(!kept.first().unwrap().contains("still running"));
    }

    async fn the_best_session_key_of_a_trace_decides_in_any_order(store) {
        let (_, bot) = owned_project(&store).await;
        let told = [
            None,
            Some((4, 10, "conversation")),
            Some((0, 20, "late")),
            Some((0, 10, "early b")),
            Some((0, 10, "early a")),
        ];
        for rotation in 0..told.len() {
            store.run_sql("delete from traces").await;
            for step in 0..told.len() {
                put_traces(&store, &[trace(bot.id, TRACE, told[(rotation + step) % told.len()])]).await;
            }
            let rows = store.rows("select session_key, session_id from traces").await;
            assert_eq!(rows.len(), 1);
            let expected = SessionId::derive(bot.id, "early a").to_string();
            assert!(rows[0].contains("early a") && rows[0].contains(&expected), "{rows:?}");
        }
    }

    async fn a_trace_without_a_key_is_a_session_of_its_own_until_one_is_told(store) {
        let (_, bot) = owned_project(&store).await;
        let own = format!("trace:{TRACE}");
        assert_eq!(put_traces(&store, &[trace(bot.id, TRACE, None)]).await, BTreeSet::from([own.clone()]));
        let moved = put_traces(&store, &[trace(bot.id, TRACE, Some((0, 1, "chat-7"))), trace(bot.id, OTHER_TRACE, None)]).await;
        assert_eq!(moved, BTreeSet::from(["chat-7".to_owned(), own, format!("trace:{OTHER_TRACE}")]));
        let stayed = put_traces(&store, &[trace(bot.id, TRACE, Some((0, 2, "chat-8")))]).await;
        assert_eq!(stayed, BTreeSet::from(["chat-7".to_owned()]));
    }

    async fn a_changed_session_is_claimed_when_due_by_one_alone(store) {
        let (_, bot) = owned_project(&store).await;
        let chat = TouchedSession::named(bot.id, "chat-7".to_owned());
        touch(&store, &chat, 150).await;
        assert!(claim(&store).await.is_empty(), "not due yet");
        store.clock.advance(Duration::from_millis(150));
        let claimed = claim(&store).await;
        assert_eq!(claimed.iter().map(|claim| &claim.touched).collect::<Vec<_>>(), [&chat]);
        assert!(claim(&store).await.is_empty(), "claimed already");
        assert_eq!(settle(&store, &claimed[0]).await, Lease::Held);
        assert_eq!(store.next_change_due().await.unwrap(), None);
    }

    async fn what_comes_while_a_session_is_derived_is_derived_again(store) {
        let (_, bot) = owned_project(&store).await;
        let chat = TouchedSession::named(bot.id, "chat-7".to_owned());
        touch(&store, &chat, 0).await;
        let first = claim(&store).await;
        touch(&store, &chat, 0).await;
        assert_eq!(settle(&store, &first[0]).await, Lease::Held);
        let again = claim(&store).await;
        assert_eq!(again.len(), 1);
        assert!(again[0].generation > first[0].generation);
    }

    async fn who_lost_the_lease_settles_nothing(store) {
        let (_, bot) = owned_project(&store).await;
        let chat = TouchedSession::named(bot.id, "chat-7".to_owned());
        touch(&store, &chat, 0).await;
        let slow = claim(&store).await;
        store.clock.advance(Duration::from_secs(61));
        let quick = claim(&store).await;
        assert_eq!(quick.len(), 1, "free again after the lease");
        assert_eq!(settle(&store, &slow[0]).await, Lease::Lost);
        assert_eq!(settle(&store, &quick[0]).await, Lease::Held);
        assert_eq!(settle(&store, &slow[0]).await, Lease::Lost);
    }

    async fn two_processes_that_learn_of_a_trace_at_once_agree(store) {
        let (_, bot) = owned_project(&store).await;
        let other = store.another_process().await;
        let put = async |store: &turnwise_store::Store, key: &'static str, at: i64| {
            let mut transaction = store.write(turnwise_store::Durability::Acknowledged).await.unwrap();
            let traces: Vec<_> = (0..50).map(|number| trace(bot.id, &format!("{number:032x}"), Some((0, at, key)))).collect();
            let touched = transaction.put_traces(&traces).await.unwrap();
            transaction.touch_sessions(&touched, store_now(&touched)).await.unwrap();
            transaction.commit().await.unwrap();
        };
        let store_ref: &turnwise_store::Store = &store;
        tokio::join!(put(store_ref, "early", 1), put(&other, "late", 2));
        assert_eq!(store.rows("select distinct session_key from traces").await.len(), 1);
        assert!(store.rows("select distinct session_key from traces").await[0].contains("early"));
        let changed = store.rows("select external_id from session_changes").await.join(" ");
        assert!(changed.contains("early"), "{changed}");
    }
}

fn store_now(_: &BTreeSet<TouchedSession>) -> turnwise_model::Micros {
    turnwise_model::Micros(0)
}
