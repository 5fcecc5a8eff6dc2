//! Accepting spans: acknowledged when stored, all of a request or nothing, and no request at the cost of another.

use turnwise_engine::ingestion::IngestError;
use turnwise_model::telemetry::SpanRecord;
use turnwise_store::{contract, testing};

use crate::setting::{PARCEL, Setting, conversation};

contract! {
    async fn what_was_acknowledged_is_there_for_another_process(store) {
        let setting = Setting::new(&store).await;
        let spans = conversation(&store, "chat-7", PARCEL, None);
        let accepted = setting.engine.ingestion().accept(setting.project, spans.clone()).await.unwrap();
        assert_eq!(accepted.spans, spans.len() as u64);
        let elsewhere = store.another_process().await;
        for span in &spans {
            assert!(elsewhere.span(setting.project, &span.trace_id, &span.span_id).await.unwrap().is_some());
        }
    }

    async fn many_requests_at_once_are_all_answered(store) {
        let setting = Setting::new(&store).await;
        let requests = (0..40).map(|number| {
            let spans = conversation(&store, &format!("chat-{number}"), PARCEL, None);
            setting.engine.ingestion().accept(setting.project, spans)
        });
        for accepted in futures::future::join_all(requests).await {
            accepted.unwrap();
        }
        setting.derive(&store).await;
        assert_eq!(setting.list("turns = 2").await.len(), 40);
    }

    async fn a_request_that_could_not_be_committed_is_not_acknowledged_and_leaves_nothing(store) {
        let setting = Setting::new(&store).await;
        let spans = conversation(&store, "chat-7", PARCEL, None);
        setting.send(conversation(&store, "before", PARCEL, None)).await;
        let before = (store.rows("select span_id from spans").await.len(), store.rows("select hash from messages").await.len());
        // The last thing that the transaction writes.
        store.run_sql("alter table session_changes rename to session_changes_hidden").await;
        let refused = setting.engine.ingestion().accept(setting.project, spans.clone()).await;
        assert!(matches!(refused, Err(IngestError::Store(_))), "{refused:?}");
        let after = (store.rows("select span_id from spans").await.len(), store.rows("select hash from messages").await.len());
        assert_eq!(after, before);
        store.run_sql("alter table session_changes_hidden rename to session_changes").await;
        setting.send(spans).await;
        setting.derive(&store).await;
        assert_eq!(setting.get("chat-7").await.conversation.turns.len(), 2);
    }

    async fn what_the_engines_cannot_store_as_text_is_stored_all_the_same(store) {
        let setting = Setting::new(&store).await;
        let mut spans = conversation(&store, "nul\0and a very long name ".repeat(100).as_str(), &[("user", "NUL\0 is text")], None);
        spans[0].name = "na\0me".to_owned();
        setting.send(spans).await;
        setting.derive(&store).await;
        let rows = setting.list("").await;
        assert_eq!(rows.len(), 1);
        let detail = setting.get(&rows[0].session.external_id).await;
        assert_eq!(detail.conversation.turns[0].user.as_ref().unwrap().text, "NUL\0 is text");
    }

    async fn users_are_pseudonyms_that_stay_the_same(store) {
        let setting = Setting::new(&store).await;
        setting.send(conversation(&store, "chat-1", PARCEL, None)).await;
        setting.send(conversation(&store, "chat-2", PARCEL, None)).await;
        setting.derive(&store).await;
        let users: Vec<_> = setting.list("").await.into_iter().map(|row| row.session.user_id.unwrap()).collect();
        assert_eq!(users[0], users[1]);
        assert!(users[0].starts_with("u_") && !users[0].contains("ada"), "{users:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_the_database_refuses_does_not_cost_the_others() {
    let store = testing::sqlite().await;
    let setting = Setting::new(&store).await;
    store
        .run_sql("create trigger refuse before insert on spans when new.name = 'poison' begin select raise(abort, 'refused'); end")
        .await;
    let good = conversation(&store, "good", PARCEL, None);
    let bad: Vec<SpanRecord> = conversation(&store, "bad", PARCEL, None)
        .into_iter()
        .map(|span| SpanRecord { name: "poison".to_owned(), ..span })
        .collect();
    // Many, so that some of them are committed together whatever the timing.
    let requests = (0..20).map(|number| {
        let spans = if number % 2 == 0 { &good } else { &bad };
        setting.engine.ingestion().accept(setting.project, spans.clone())
    });
    for (number, accepted) in futures::future::join_all(requests).await.into_iter().enumerate() {
        assert_eq!(accepted.is_ok(), number % 2 == 0, "{number}: {accepted:?}");
    }
    setting.derive(&store).await;
    assert_eq!(setting.list("").await.len(), 1);
}
