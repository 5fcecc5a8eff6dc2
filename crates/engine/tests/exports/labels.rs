//! Human labels of elsewhere: MTRAG's answers come in as reviews and go out as rows, once however often they are brought in.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value as Json;
use turnwise_engine::background::run_until_idle;
use turnwise_engine::imports::HumanLabels;
use turnwise_engine::queues::QueueError;
use turnwise_ingest::mtrag;
use turnwise_model::Micros;
use turnwise_model::view::export::Kind;
use turnwise_store::contract;

use crate::setting::{Setting, instant};

/// The file; `None`, with a word on it, where it is not there.
fn evaluations() -> Option<mtrag::Evaluations> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/mtrag_human_eval/reference_subset_with_human_evaluations.json");
    if let Ok(bytes) = fs::read(&path) {
        return Some(mtrag::read(&bytes, Micros(0)).unwrap());
    }
    let reason = format!("{} is not there", path.display());
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{reason}, and CI=true does not let tests be skipped");
    eprintln!("skipped: {reason}");
    None
}

contract! {
    async fn answers_of_people_become_reviews_once(store) {
        let Some(evaluations) = evaluations() else { return };
        let setting = Setting::new(&store).await;
        for session in evaluations.sessions {
            setting.engine.ingestion().accept(setting.project, session.spans).await.unwrap();
        }
        store.clock.advance(Duration::from_millis(150));
        run_until_idle(&setting.engine.sessions().workers(), &store.ambient).await.unwrap();
        let labels =
            HumanLabels { name: "mtrag".to_owned(), questions: evaluations.questions, reviews: evaluations.reviews };
        let all = labels.reviews.len() as u64;
        let answers: usize = labels.reviews.iter().map(|review| review.answers.len()).sum();

        // Interrupted, and run again.
        let imports = setting.engine.imports();
        let some = imports.labels(setting.project, &labels, |done| done < 300).await.unwrap();
        assert!(!some.complete && (300..all).contains(&some.new), "{some:?}");
        let rest = imports.labels(setting.project, &labels, |_| true).await.unwrap();
        assert_eq!((rest.complete, rest.known, rest.new, rest.without_target), (true, some.new, all - some.new, 0));
        let again = imports.labels(setting.project, &labels, |_| true).await.unwrap();
        assert_eq!((again.queue, again.known, again.new), (rest.queue, all, 0));

        let queue = setting.engine.queues().list(&setting.access).await.unwrap().remove(0);
        assert_eq!((queue.queue.name.as_str(), queue.open, queue.done), ("mtrag", 0, 477));
        let rows = setting.rows(Kind::Reviews, "").await;
        assert_eq!(rows.len(), answers);
        let raters: BTreeSet<&str> = rows.iter().map(|row| row["reviewer"].as_str().unwrap()).collect();
        let expected: BTreeSet<&str> = labels.reviews.iter().map(|review| review.reviewer.as_str()).collect();
        assert_eq!(raters, expected);
        let told = &labels.reviews[0];
        let row = rows
            .iter()
            .find(|row| row["external_id"] == told.session_id && row["reviewer"] == told.reviewer && row["question"] == "faithfulness")
            .unwrap();
        assert_eq!((instant(&row["created_at"]), row["active_ms"].as_i64()), (told.at, told.active_ms));
        assert_eq!((row["turn"].as_u64(), &row["arm"]), (Some(u64::from(told.position)), &Json::from("manual")));
        let scores = setting.rows(Kind::Scores, "").await;
        assert_eq!(scores.iter().filter(|score| score["source"] == "human").count(), answers);
        assert!(scores.iter().filter(|score| score["source"] == "human").all(|score| score["queue"] == "mtrag"));
    }

    async fn a_queue_of_that_name_that_asks_something_else_is_left_alone(store) {
        let setting = Setting::new(&store).await;
        setting.converse(&store, [("chat-1".to_owned(), "production")]).await;
        setting.review(&store, "chat-1").await;
        let labels = HumanLabels { name: "Resolution".to_owned(), questions: Vec::new(), reviews: Vec::new() };
        let refused = setting.engine.imports().labels(setting.project, &labels, |_| true).await;
        assert!(matches!(refused, Err(QueueError::NameTaken(name)) if name == "Resolution"));
    }
}
