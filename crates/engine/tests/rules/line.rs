//! The whole line: closed, decided, evaluated, routed; once, whatever happens in between.

use std::time::Duration;

use turnwise_model::evaluation::{Kind, State};
use turnwise_model::rule::{Condition, Route, Test};
use turnwise_model::{Probability, rule::Arm};
use turnwise_store::{Durability, contract};

use crate::setting::{Setting, Verdict, share};

contract! {
    async fn flagged_turns_reach_the_queue_with_the_probability_of_the_rule(store) {
        let setting = Setting::new(&store).await;
        let (one, other) = (setting.evaluator(&store, "one").await, setting.evaluator(&store, "other").await);
        let rule = setting.create(&setting.draft(1.0, &[&one, &other])).await;
        setting.closed(&store, &[("good", 2), ("bad turn", 3), ("bad evidence", 3), ("bad session", 2)]).await;
        setting.apply(&store).await;
        let session = setting.session("bad turn").await;
        let ledger = store.ledger(setting.project, session).await.unwrap();
        assert_eq!(ledger.len(), 2);
        for row in &ledger {
            assert_eq!((row.state, row.rule, row.rule_version), (State::Queued, Some(rule.id), Some(1)));
            assert_eq!((row.probability, row.salt.as_deref()), (Some(Probability::ONE), Some("salt")));
        }
        setting.route(&store).await;
        assert!(setting.tasks(&store, "bad turn").await.is_empty(), "nothing is routed before its evaluations have ended");
        setting.evaluate(&store, |name| match name {
            "bad turn" => Verdict::FailsTurn(2),
            "bad evidence" => Verdict::FailsByEvidence(3),
            "bad session" => Verdict::FailsSession,
            _ => Verdict::Passes,
        }).await;
        setting.route(&store).await;
        assert!(setting.tasks(&store, "good").await.is_empty());
        assert_eq!(setting.tasks(&store, "bad turn").await, ["flagged turn 2 1"], "two evaluators, one task");
        assert_eq!(setting.tasks(&store, "bad evidence").await, ["flagged turn 3 1"]);
        assert_eq!(setting.tasks(&store, "bad session").await, ["flagged session 1"]);
        let task = &store.tasks_of_session(setting.project, session).await.unwrap()[0];
        assert_eq!((task.arm, task.rule, task.rule_version, task.revision), (Arm::Flagged, Some(rule.id), Some(1), 1));
        assert!(!task.note.as_ref().unwrap().contains("fail"), "{:?}", task.note);
    }

    async fn the_audit_arm_has_its_own_probability_and_a_target_in_both_arms_is_one_flagged_task(store) {
        let setting = Setting::new(&store).await;
        let one = setting.evaluator(&store, "one").await;
        let mut draft = setting.draft(1.0, &[&one]);
        draft.sampling.rate = share(0.999);
        draft.audit = setting.audit(0.998);
        setting.create(&draft).await;
        setting.closed(&store, &[("good", 1), ("bad turn", 2), ("bad session", 1)]).await;
        setting.apply(&store).await;
        setting.evaluate(&store, |name| match name {
            "bad turn" => Verdict::FailsTurn(1),
            "bad session" => Verdict::FailsSession,
            _ => Verdict::Passes,
        }).await;
        setting.route(&store).await;
        let both = 0.999 * 0.998;
        assert_eq!(setting.tasks(&store, "good").await, [format!("audit session {both}")]);
        assert_eq!(setting.tasks(&store, "bad turn").await, [format!("audit session {both}"), "flagged turn 1 0.999".to_owned()]);
        assert_eq!(setting.tasks(&store, "bad session").await, ["flagged session 0.999"]);
    }

    async fn a_condition_names_a_score_and_a_limit(store) {
        let setting = Setting::new(&store).await;
        let (one, other) = (setting.evaluator(&store, "one").await, setting.evaluator(&store, "other").await);
        let mut draft = setting.draft(1.0, &[&one, &other]);
        let route = |score: &str, test: Test| Route { when: Condition { score: score.to_owned(), test }, queue: setting.queue.id };
        draft.routes = vec![route("one", Test::Below(0.25)), route("nothing", Test::Failed), route("other", Test::Above(0.95))];
        setting.create(&draft).await;
        setting.closed(&store, &[("lower", 1), ("low", 1), ("high", 1)]).await;
        setting.apply(&store).await;
        setting.evaluate(&store, |name| match name {
            "lower" => Verdict::FailsSession,
            "low" => Verdict::FailsTurn(1),
            _ => Verdict::Passes,
        }).await;
        setting.route(&store).await;
        assert_eq!(setting.tasks(&store, "lower").await, ["flagged session 1"]);
        assert!(setting.tasks(&store, "low").await.is_empty(), "0.3 is not below 0.25");
        assert!(setting.tasks(&store, "high").await.is_empty(), "0.9 is not above 0.95");
    }

    async fn a_reopened_session_is_ruled_again_and_its_tasks_stay_single(store) {
        let setting = Setting::new(&store).await;
        let one = setting.evaluator(&store, "one").await;
        let mut draft = setting.draft(1.0, &[&one]);
        draft.audit = setting.audit(1.0);
        setting.create(&draft).await;
        setting.closed(&store, &[("chat", 2)]).await;
        setting.apply(&store).await;
        setting.evaluate(&store, |_| Verdict::FailsTurn(2)).await;
        setting.route(&store).await;
        assert_eq!(setting.tasks(&store, "chat").await, ["audit session 1", "flagged turn 2 1"]);
        // Another exchange comes late.
        setting.send(&store, "chat", 3).await;
        setting.close(&store).await;
        setting.apply(&store).await;
        let session = setting.session("chat").await;
        let revisions: Vec<i64> = store.ledger(setting.project, session).await.unwrap().iter().map(|row| row.revision).collect();
        assert_eq!(revisions, [1, 2]);
        assert_eq!(setting.evaluate(&store, |_| Verdict::FailsTurn(2)).await, 1);
        setting.route(&store).await;
        assert_eq!(setting.tasks(&store, "chat").await, ["audit session 1", "flagged turn 2 1"]);
        let tasks = store.tasks_of_session(setting.project, session).await.unwrap();
        assert!(tasks.iter().all(|task| task.revision == 2), "nobody had reviewed them: they are of what is there now");
    }

    async fn what_changed_while_it_was_evaluated_is_not_routed_by_old_scores(store) {
        let setting = Setting::new(&store).await;
        let one = setting.evaluator(&store, "one").await;
        setting.create(&setting.draft(1.0, &[&one])).await;
        setting.closed(&store, &[("chat", 1)]).await;
        setting.apply(&store).await;
        setting.send(&store, "chat", 2).await;
        setting.close(&store).await;
        setting.evaluate(&store, |_| Verdict::FailsSession).await;
        setting.route(&store).await;
        assert!(setting.tasks(&store, "chat").await.is_empty());
        setting.apply(&store).await;
        setting.evaluate(&store, |_| Verdict::FailsSession).await;
        setting.route(&store).await;
        assert_eq!(setting.tasks(&store, "chat").await, ["flagged session 1"]);
    }

    async fn a_process_may_die_after_any_step(store) {
        let setting = Setting::new(&store).await;
        let (one, other) = (setting.evaluator(&store, "one").await, setting.evaluator(&store, "other").await);
        setting.create(&setting.draft(1.0, &[&one, &other])).await;
        setting.closed(&store, &[("a", 1), ("b", 2)]).await;
        setting.in_another_process(&store).await.apply(&store).await;
        setting.in_another_process(&store).await.apply(&store).await;
        // Somebody takes rows and is never heard of again.
        let mut transaction = store.write(Durability::Derived).await.unwrap();
        assert_eq!(transaction.claim_evaluations(setting.project, Kind::Check, Duration::from_secs(60), 2).await.unwrap().len(), 2);
        transaction.commit().await.unwrap();
        assert_eq!(setting.in_another_process(&store).await.evaluate(&store, |_| Verdict::FailsSession).await, 2);
        setting.in_another_process(&store).await.route(&store).await;
        store.clock.advance(Duration::from_secs(61));
        assert_eq!(setting.in_another_process(&store).await.evaluate(&store, |_| Verdict::FailsSession).await, 2);
        for _ in 0..2 {
            setting.in_another_process(&store).await.route(&store).await;
        }
        assert_eq!(setting.tasks(&store, "a").await, ["flagged session 1"]);
        assert_eq!(setting.tasks(&store, "b").await, ["flagged session 1"]);
    }

    async fn what_waited_for_somebody_is_routed_once_more_when_it_was_evaluated(store) {
        use turnwise_store::Outcome;
        let setting = Setting::new(&store).await;
        let one = setting.evaluator(&store, "one").await;
        setting.create(&setting.draft(1.0, &[&one])).await;
        setting.closed(&store, &[("chat", 1)]).await;
        setting.apply(&store).await;
        let now = store.ambient.now();
        let mut transaction = store.write(Durability::Derived).await.unwrap();
        let row = transaction.claim_evaluations(setting.project, Kind::Check, Duration::from_secs(60), 1).await.unwrap().remove(0);
        let paused = Outcome { state: State::Paused, reason: Some("no provider".to_owned()), cost: None, latency_ms: None, input_hash: String::new(), due_at: now };
        assert!(transaction.settle_evaluation(&row, &paused).await.unwrap());
        transaction.commit().await.unwrap();
        setting.route(&store).await;
        assert!(setting.tasks(&store, "chat").await.is_empty());
        let mut transaction = store.write(Durability::Derived).await.unwrap();
        assert_eq!(transaction.resume_evaluations(setting.project).await.unwrap(), 1);
        transaction.commit().await.unwrap();
        setting.route(&store).await;
        setting.evaluate(&store, |_| Verdict::FailsSession).await;
        setting.route(&store).await;
        assert_eq!(setting.tasks(&store, "chat").await, ["flagged session 1"]);
    }

    async fn one_project_s_rules_do_not_touch_another_s_sessions(store) {
        let setting = Setting::new(&store).await;
        let one = setting.evaluator(&store, "one").await;
        setting.create(&setting.draft(1.0, &[&one])).await;
        let account = setting.access.account().unwrap();
        let other = setting.engine.accounts().create_project(account, "Another bot").await.unwrap();
        let elsewhere = Setting { project: other.id, ..setting.in_another_process(&store).await };
        elsewhere.closed(&store, &[("chat", 1)]).await;
        setting.apply(&store).await;
        assert!(store.rows("select evaluation_id from evaluations").await.is_empty());
        assert!(store.sessions_to_rule(10).await.unwrap().is_empty(), "it was looked at all the same");
    }
}
