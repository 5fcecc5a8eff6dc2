//! Backfills: over history, with a cap that keeps the sample a sample, through stops and restarts.

use std::time::Duration;

use turnwise_engine::background::Progress;
use turnwise_engine::rules::{BACKFILL, RuleError};
use turnwise_model::evaluation::State;
use turnwise_model::rule::Rule;
use turnwise_model::view::rule::BackfillState;
use turnwise_store::contract;
use turnwise_store::testing::TestStore;

use crate::setting::{Setting, Verdict};

async fn history(setting: &Setting, store: &TestStore, sessions: usize) {
    let names: Vec<String> = (0..sessions).map(|number| format!("chat-{number}")).collect();
    let conversations: Vec<(&str, usize)> = names.iter().map(|name| (name.as_str(), 1)).collect();
    setting.closed(store, &conversations).await;
    setting.apply(store).await;
}

async fn rule(setting: &Setting, store: &TestStore, rate: f64) -> Rule {
    let one = setting.evaluator(store, "one").await;
    setting.create(&setting.draft(rate, &[&one])).await
}

contract! {
    async fn sessions_of_the_past_are_evaluated_and_routed(store) {
        let setting = Setting::new(&store).await;
        history(&setting, &store, 30).await;
        let rule = rule(&setting, &store, 1.0).await;
        assert!(store.rows("select session_id from rule_decisions").await.is_empty(), "the rule is newer than they are");
        let started = setting.engine.rules().backfill(&setting.access, rule.id, 1_000).await.unwrap();
        assert_eq!((started.state, started.share()), (BackfillState::Running, None));
        setting.backfill(&store).await;
        let done = setting.engine.rules().backfill_progress(&setting.access, started.id).await.unwrap();
        assert_eq!((done.state, done.total, done.matched, done.sampled, done.capped, done.evaluations), (BackfillState::Done, Some(30), 30, 30, 0, 30));
        assert_eq!(done.share(), Some(1.0));
        setting.evaluate(&store, |_| Verdict::FailsSession).await;
        setting.route(&store).await;
        assert_eq!(setting.tasks(&store, "chat-7").await, ["flagged session 1"]);
        // Once more changes nothing.
        let again = setting.engine.rules().backfill(&setting.access, rule.id, 1_000).await.unwrap();
        setting.backfill(&store).await;
        let again = setting.engine.rules().backfill_progress(&setting.access, again.id).await.unwrap();
        assert_eq!((again.state, again.evaluations), (BackfillState::Done, 0));
        assert_eq!(store.rows("select evaluation_id from evaluations").await.len(), 30);
    }

    async fn a_cap_takes_the_least_draws_and_lowers_the_probability(store) {
        let setting = Setting::new(&store).await;
        history(&setting, &store, 60).await;
        let rule = rule(&setting, &store, 0.8).await;
        let started = setting.engine.rules().backfill(&setting.access, rule.id, 10).await.unwrap();
        setting.backfill(&store).await;
        let done = setting.engine.rules().backfill_progress(&setting.access, started.id).await.unwrap();
        assert_eq!((done.state, done.sampled, done.evaluations), (BackfillState::Done, 10, 10));
        assert!(done.thinning > 0.05 && done.thinning < 0.5, "{}", done.thinning);
        assert!(done.capped > 25, "{} of about 38", done.capped);
        let taken = store.rows("select probability from evaluations where state = 'queued'").await;
        assert_eq!(taken.len(), 10);
        for number in 0..60 {
            let session = setting.session(&format!("chat-{number}")).await;
            let ledger = store.ledger(setting.project, session).await.unwrap();
            let Some(row) = ledger.iter().find(|row| row.state == State::Capped) else { continue };
            assert!((row.probability.unwrap().get() - 0.8 * done.thinning).abs() < 1e-12);
            assert!(row.reason.as_ref().unwrap().contains("cap of 10 sessions"), "{:?}", row.reason);
        }
        // A higher cap takes them after all.
        let more = setting.engine.rules().backfill(&setting.access, rule.id, 1_000).await.unwrap();
        setting.backfill(&store).await;
        let more = setting.engine.rules().backfill_progress(&setting.access, more.id).await.unwrap();
        assert_eq!((more.capped, more.evaluations), (0, done.capped));
        assert!(store.rows("select session_id from evaluations where state = 'capped'").await.is_empty());
    }

    async fn a_backfill_goes_on_where_a_stopped_process_left_it(store) {
        let setting = Setting::new(&store).await;
        history(&setting, &store, 230).await;
        let rule = rule(&setting, &store, 1.0).await;
        let started = setting.engine.rules().backfill(&setting.access, rule.id, 1_000).await.unwrap();
        let worker = setting.backfiller(&store);
        for _ in 0..2 {
            assert_eq!(worker.run_once().await.unwrap(), Progress::Worked);
        }
        let half = setting.engine.rules().backfill_progress(&setting.access, started.id).await.unwrap();
        assert_eq!((half.state, half.total, half.matched), (BackfillState::Running, Some(230), 200));
        // A process takes the work and dies with it.
        assert_eq!(store.claim_work(BACKFILL, store.ambient.now(), Duration::from_secs(60), 1).await.unwrap().len(), 1);
        let elsewhere = setting.in_another_process(&store).await;
        elsewhere.backfill(&store).await;
        assert_eq!(elsewhere.engine.rules().backfill_progress(&setting.access, started.id).await.unwrap().matched, 200);
        store.clock.advance(Duration::from_secs(61));
        elsewhere.backfill(&store).await;
        let done = elsewhere.engine.rules().backfill_progress(&setting.access, started.id).await.unwrap();
        assert_eq!((done.state, done.matched, done.evaluations), (BackfillState::Done, 230, 230));
        assert_eq!(store.rows("select evaluation_id from evaluations").await.len(), 230);
    }

    async fn a_cancelled_backfill_stops_and_one_runs_at_a_time(store) {
        let setting = Setting::new(&store).await;
        history(&setting, &store, 5).await;
        let rule = rule(&setting, &store, 1.0).await;
        let rules = setting.engine.rules();
        let started = rules.backfill(&setting.access, rule.id, 100).await.unwrap();
        assert!(matches!(rules.backfill(&setting.access, rule.id, 100).await, Err(RuleError::BackfillRunning)));
        let cancelled = rules.cancel_backfill(&setting.access, started.id).await.unwrap();
        assert_eq!(cancelled.state, BackfillState::Cancelled);
        setting.backfill(&store).await;
        assert!(store.rows("select session_id from rule_decisions").await.is_empty());
        assert!(rules.backfill(&setting.access, rule.id, 100).await.is_ok());
        assert!(matches!(rules.backfill(&setting.access, rule.id, 0).await, Err(RuleError::Field { .. })));
        rules.archive(&setting.access, rule.id).await.unwrap();
        setting.backfill(&store).await;
        assert!(rules.backfills(&setting.access, None).await.unwrap().iter().all(|backfill| backfill.state == BackfillState::Cancelled));
        assert!(store.rows("select session_id from rule_decisions").await.is_empty());
    }
}
