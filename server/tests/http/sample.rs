//! The sample project's conversations, through the same door as anybody's.

use std::collections::BTreeMap;
use std::path::Path;

use turnwise_engine::background::run_until_idle;
use turnwise_model::view::session::SessionQuery;
use turnwise_server::{sample, sample_work};

use crate::world::World;

/// Turns of each conversation as its file says.
fn expected() -> BTreeMap<String, i64> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample/conversations");
    std::fs::read_dir(folder)
        .unwrap()
        .map(|file| {
            let conversation: serde_json::Value =
                serde_json::from_slice(&std::fs::read(file.unwrap().path()).unwrap()).unwrap();
            (
                conversation["id"].as_str().unwrap().to_owned(),
                i64::try_from(conversation["turns"].as_array().unwrap().len()).unwrap(),
            )
        })
        .collect()
}

#[tokio::test]
async fn every_conversation_of_the_sample_has_its_turns_and_a_second_loading_doubles_nothing() {
    let world = World::new().await;
    let engine = &world.server.engine;
    let caller = turnwise_engine::access::Caller::Person { account: world.carol.id };
    let access =
        engine.accounts().authorise(&caller, &world.shop.slug, turnwise_model::access::Role::Viewer).await.unwrap();
    let mut shown = BTreeMap::new();
    for _ in 0..2 {
        sample::load(engine, world.shop.id).await.unwrap();
        world.server.store.clock.advance(std::time::Duration::from_secs(1));
        engine.sessions().derive_all(|_| ()).await.unwrap();
        let query = SessionQuery { filter: "not session = chat-1".to_owned(), limit: 200, ..SessionQuery::default() };
        let rows = engine.sessions().list(&access, &query).await.unwrap().data;
        shown = rows.into_iter().map(|row| (row.session.external_id.clone(), row.session)).collect();
        let turns: BTreeMap<String, i64> = shown.iter().map(|(id, session)| (id.clone(), session.turn_count)).collect();
        assert_eq!(turns, expected());
    }
    let detail = engine.sessions().get(&access, "sample-60-lookup-hiccup").await.unwrap().unwrap();
    let first = &detail.conversation.turns[0];
    assert_eq!(
        first.tool_calls.iter().map(|call| call.name.as_str()).collect::<Vec<_>>(),
        ["get_order", "track_parcel", "track_parcel"]
    );
    assert_eq!(first.tool_calls.iter().map(|call| call.error.is_some()).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!((first.tokens.input, first.tokens.output, first.latency_ms), (Some(755), Some(122), Some(8_888)));
    assert_eq!(detail.conversation.turns[1].retrievals[0].documents[0].id.as_deref(), Some("kb-shipping-us"));
    let silent = engine.sessions().get(&access, "sample-20-silence-after-lookup").await.unwrap().unwrap();
    let last = &silent.conversation.turns[1];
    assert!(last.assistant.is_none() && !last.errors.is_empty(), "{last:?}");
    let session = &shown["sample-20-silence-after-lookup"];
    assert_eq!(
        (session.environment.as_deref(), session.release.as_deref()),
        (Some("production"), Some("assistant-41.2"))
    );
    assert_eq!(session.metadata.get("channel"), Some(&serde_json::json!("web")));
}

#[tokio::test]
async fn the_sample_is_evaluated_and_people_have_something_to_do() {
    let world = World::new().await;
    let engine = &world.server.engine;
    let store = &world.server.store;
    let caller = turnwise_engine::access::Caller::Person { account: world.carol.id };
    let access =
        engine.accounts().authorise(&caller, &world.shop.slug, turnwise_model::access::Role::Viewer).await.unwrap();
    for _ in 0..2 {
        sample_work::arrange(engine, world.shop.id).await.unwrap();
    }
    sample::load(engine, world.shop.id).await.unwrap();
    for _ in 0..3 {
        store.clock.advance(std::time::Duration::from_secs(6));
        run_until_idle(&engine.workers(), &store.ambient).await.unwrap();
    }
    let rules = engine.rules().list(&access).await.unwrap();
    let rule = rules.iter().find(|summary| summary.rule.name == sample_work::RULE).unwrap();
    assert_eq!((rule.activity.matched, rule.activity.sampled, rule.evaluators.len()), (63, 63, 4));
    let queues = engine.queues().list(&access).await.unwrap();
    let queue = queues.iter().find(|summary| summary.queue.name == sample_work::QUEUE).unwrap();
    assert_eq!(queue.open, rule.activity.flagged + rule.activity.audited);
    assert!((20..120).contains(&rule.activity.flagged), "{:?}", rule.activity);
    assert!((2..20).contains(&rule.activity.audited), "{:?}", rule.activity);
    let scored = engine.sessions().count(&access, "score.resolution.code exists").await.unwrap();
    assert!(scored > 50, "{scored}");
}
