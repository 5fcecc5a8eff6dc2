//! What becomes of answers: a review, scores with their provenance, and nothing that a judge said before.

use std::time::Duration;

use turnwise_engine::review::{ReviewError, Submission};
use turnwise_model::access::Role;
use turnwise_model::score::{Exposure, Score, Source, Target, Value};
use turnwise_model::view::review::QueueDraft;
use turnwise_store::{Durability, Origin};

use super::setting::{Setting, answers, draft, resolved, submission};

/// A judge's verdict with words that nobody may see before committing.
fn verdict(setting: &Setting, store: &turnwise_store::testing::TestStore, target: &Target) -> Score {
    Score {
        id: store.ambient.id(),
        target: target.clone(),
        name: "resolution".to_owned(),
        value: Value::Number(0.1),
        passed: Some(false),
        source: Source::Llm,
        evaluator: None,
        evaluator_version: Some("judge-v1".to_owned()),
        author: None,
        rubric_version: None,
        exposure: None,
        active_ms: None,
        explanation: Some("VERDICT: the parcel never came".to_owned()),
        evidence: Vec::new(),
        revision: 1,
        stale: false,
        created_at: setting.engine.ambient().now(),
    }
}

turnwise_store::contract! {
    async fn answers_become_scores_that_tell_who_what_and_how(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, draft("Resolution"), 1).await;
        let task = setting.task(&setting.olga, &queue).await;
        store.clock.advance(Duration::from_secs(30));
        let all = answers(serde_json::json!({ "resolved": "partly", "safe": true, "comment": "=SUM(A1) stays a text" }));
        let submitted = Submission { active_ms: Some(12_345), ..submission(&task, all) };
        let done = setting.engine.reviews().submit(&setting.olga, &submitted).await.unwrap();
        assert_eq!(done.progress.median_seconds, Some(12));
        let mut scores = setting.human_scores(&task.target).await;
        scores.sort_by(|a, b| a.name.cmp(&b.name));
        let values: Vec<_> = scores.iter().map(|score| (score.name.as_str(), score.value.clone())).collect();
        assert_eq!(values, [
            ("comment", Value::Text("=SUM(A1) stays a text".to_owned())),
            ("resolved", Value::Label("partly".to_owned())),
            ("safe", Value::Flag(true)),
        ]);
        for score in scores {
            assert_eq!(score.target, task.target);
            assert_eq!(score.author, setting.olga.account().map(|account| account.to_string()));
            assert_eq!((score.rubric_version, score.exposure, score.active_ms), (Some(1), Some(Exposure::Blind), Some(12_345)));
            assert_eq!((score.revision, score.stale, score.created_at), (1, false, store.ambient.now()));
        }
    }

    async fn nobody_worked_longer_than_the_task_was_held(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, draft("Resolution"), 1).await;
        let task = setting.task(&setting.olga, &queue).await;
        store.clock.advance(Duration::from_secs(5));
        let boast = Submission { active_ms: Some(3_600_000), ..submission(&task, resolved("yes")) };
        setting.engine.reviews().submit(&setting.olga, &boast).await.unwrap();
        assert_eq!(setting.human_scores(&task.target).await[0].active_ms, Some(5_000));
    }

    async fn a_submit_whose_answer_was_lost_is_repeated_without_harm(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, draft("Resolution"), 1).await;
        let task = setting.task(&setting.olga, &queue).await;
        let first = setting.submit(&setting.olga, &task, resolved("yes")).await;
        let second = setting.submit(&setting.olga, &task, resolved("yes")).await;
        assert_eq!(first, second);
        assert_eq!(setting.human_scores(&task.target).await.len(), 1);
        let changed = setting.engine.reviews().submit(&setting.olga, &submission(&task, resolved("no"))).await;
        assert!(matches!(changed, Err(ReviewError::AlreadyReviewed)), "{changed:?}");
        let rita = setting.member("Rita", Role::Reviewer).await;
        let hers = setting.engine.reviews().submit(&rita, &submission(&task, resolved("yes"))).await;
        assert!(matches!(hers, Err(ReviewError::AlreadyReviewed)), "{hers:?}");
        assert!(store.rows("select * from drafts where answers like '%yes%'").await.is_empty());
    }

    async fn an_answer_that_does_not_fit_is_named_and_the_claim_stays(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, draft("Resolution"), 1).await;
        let task = setting.task(&setting.olga, &queue).await;
        for (wrong, expected) in [
            (serde_json::json!({}), "resolved: an answer is required"),
            (serde_json::json!({ "resolved": " " }), "resolved: an answer is required"),
            (serde_json::json!({ "resolved": "maybe" }), "resolved: expected one of no, partly, yes"),
            (serde_json::json!({ "resolved": "no", "safe": "yes" }), "safe: expected true or false"),
            (serde_json::json!({ "resolved": "no", "mood": "x" }), "mood: the rubric has no such question"),
        ] {
            let error = setting.engine.reviews().submit(&setting.olga, &submission(&task, answers(wrong))).await.unwrap_err();
            assert!(matches!(error, ReviewError::Invalid(_)));
            assert_eq!(error.to_string(), expected);
        }
        assert!(setting.task(&setting.olga, &queue).await.draft.is_some(), "what was refused is not lost");
        setting.submit(&setting.olga, &task, answers(serde_json::json!({ "resolved": "no", "comment": " " }))).await;
        assert_eq!(setting.human_scores(&task.target).await.len(), 1, "an empty comment is no answer");
    }

    async fn a_blind_queue_gives_away_nothing_that_a_machine_said(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, draft("Blind"), 1).await;
        let task = setting.task(&setting.olga, &queue).await;
        let mut transaction = store.write(Durability::Acknowledged).await.unwrap();
        transaction.put_scores(setting.project, &[verdict(&setting, &store, &task.target)], Origin::Given).await.unwrap();
        transaction.commit().await.unwrap();
        store.run_sql("update tasks set arm = 'flagged', note = 'resolution 0.1 is below 0.5', probability = 1").await;
        let next = serde_json::to_string(&setting.next(&setting.olga, &queue).await).unwrap();
        for tell_tale in ["VERDICT", "judge-v1", "flagged", "0.1 is below", "probability"] {
            assert!(!next.contains(tell_tale), "{tell_tale} in {next}");
        }
        setting.engine.queues().update(&setting.olga, queue.id, &QueueDraft { blind: false, ..draft("Blind") }).await.unwrap();
        let open = setting.task(&setting.olga, &queue).await;
        assert_eq!(open.verdicts.len(), 1);
        setting.submit(&setting.olga, &open, resolved("yes")).await;
        assert_eq!(setting.human_scores(&open.target).await[0].exposure, Some(Exposure::Shown));
    }

    async fn answers_belong_to_the_version_of_the_rubric_that_was_shown(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, QueueDraft { overlap: 2, ..draft("Resolution") }, 1).await;
        let rita = setting.member("Rita", Role::Reviewer).await;
        let before = setting.task(&setting.olga, &queue).await;
        let mut changed = QueueDraft { overlap: 2, ..draft("Resolution") };
        changed.questions.remove(0);
        setting.engine.queues().update(&setting.olga, queue.id, &changed).await.unwrap();
        setting.submit(&setting.olga, &before, resolved("yes")).await;
        let after = setting.task(&rita, &queue).await;
        assert_eq!(after.rubric.version, 2);
        setting.submit(&rita, &after, answers(serde_json::json!({ "safe": true }))).await;
        let mut versions: Vec<_> = setting.human_scores(&before.target).await.into_iter().map(|score| (score.name, score.rubric_version)).collect();
        versions.sort();
        assert_eq!(versions, [("resolved".to_owned(), Some(1)), ("safe".to_owned(), Some(2))]);
    }

    async fn viewers_and_strangers_do_not_review(store) {
        let setting = Setting::new(&store).await;
        let queue = setting.queue(&store, draft("Resolution"), 1).await;
        let task = setting.task(&setting.olga, &queue).await;
        let viewer = setting.member("Vera", Role::Viewer).await;
        let reviews = setting.engine.reviews();
        assert!(matches!(reviews.next(&viewer, queue.id, None).await, Err(ReviewError::Denied(_))));
        assert!(matches!(reviews.submit(&viewer, &submission(&task, resolved("no"))).await, Err(ReviewError::Denied(_))));
        let account = setting.olga.account().unwrap();
        let other = setting.engine.accounts().create_project(account, "Another bot").await.unwrap();
        let caller = turnwise_engine::access::Caller::Person { account };
        let other = setting.engine.accounts().authorise(&caller, &other.slug, Role::Owner).await.unwrap();
        assert!(matches!(reviews.next(&other, queue.id, None).await, Err(ReviewError::NoSuchQueue)));
        assert!(matches!(reviews.take(&other, task.task).await, Err(ReviewError::NoSuchTask)));
        assert!(matches!(reviews.submit(&other, &submission(&task, resolved("no"))).await, Err(ReviewError::NoSuchClaim)));
        assert!(matches!(reviews.save_draft(&other, task.task, &resolved("no")).await, Err(ReviewError::NoSuchTask)));
        assert!(store.rows("select * from drafts").await.is_empty());
    }
}
