//! The life of an evaluation: asked for, claimed, finished; and what happens when the worker dies or the session changes.

use std::time::Duration;

use turnwise_model::Usd;
use turnwise_model::evaluation::{Kind, State};
use turnwise_model::score::{Source, Target};
use turnwise_model::view::evaluator::Asked;
use turnwise_store::testing::TestStore;
use turnwise_store::{Durability, Outcome, contract};

use crate::setting::{REFUND, Setting};

const CHECKS: [&str; 4] = ["Coherence", "Resolution", "Safety", "Hallucination"];
const LEASE: Duration = Duration::from_secs(60);

contract! {
    async fn the_checks_of_a_new_project_score_a_session(store) {
        let setting = Setting::new(&store).await;
        let session = setting.send(&store, "a", REFUND, Some("resolved")).await;
        let asked = setting.ask(session, &CHECKS).await;
        assert_eq!(asked, Asked { queued: 4, unchanged: 0, unknown: 0 });
        assert!(setting.ledger(session).await.iter().all(|row| row.state == State::Queued));
        setting.work(&store).await;
        let rows = setting.ledger(session).await;
        assert_eq!(rows.len(), 4);
        let scores = setting.scores(session).await;
        for row in &rows {
            assert_eq!((row.state, row.attempts, row.cost, row.kind), (State::Done, 1, Some(Usd(0.0)), Kind::Check), "{row:?}");
            let of_row: Vec<_> = scores.iter().filter(|score| score.evaluator == Some(row.evaluator)).collect();
            let of_session = of_row.iter().filter(|score| matches!(score.target, Target::Session { .. })).count();
            assert_eq!(of_session, usize::from(row.reason.is_none()), "{row:?}");
            assert!(of_row.iter().all(|score| score.source == Source::Code
                && score.evaluator_version.as_ref() == Some(&row.evaluator_version)
                && score.passed.is_some()));
        }
        assert!(!scores.is_empty());
    }

    async fn asking_twice_evaluates_once(store) {
        let setting = Setting::new(&store).await;
        let session = setting.send(&store, "a", REFUND, Some("resolved")).await;
        setting.ask(session, &CHECKS).await;
        assert_eq!(setting.ask(session, &CHECKS).await.unchanged, 4);
        setting.work(&store).await;
        let before = (setting.ledger(session).await, setting.all_scores(session).await);
        assert_eq!(setting.ask(session, &CHECKS).await, Asked { queued: 0, unchanged: 4, unknown: 0 });
        setting.work(&store).await;
        assert_eq!((setting.ledger(session).await, setting.all_scores(session).await), before);
    }

    async fn a_worker_that_dies_between_claim_and_finish_is_replaced_and_its_late_result_does_not_count(store) {
        let setting = Setting::new(&store).await;
        let session = setting.send(&store, "a", REFUND, Some("resolved")).await;
        setting.ask(session, &["Coherence"]).await;
        let dead = claim(&setting, &store).await;
        // While the lease holds nobody else takes it.
        setting.work(&store).await;
        assert_eq!(setting.row(session).await.state, State::Running);
        assert!(setting.scores(session).await.is_empty());
        store.clock.advance(LEASE);
        setting.work(&store).await;
        let row = setting.row(session).await;
        assert_eq!((row.state, row.attempts), (State::Done, 2));
        let scores = setting.all_scores(session).await;

        let late = Outcome {
            state: State::Failed,
            reason: Some("late".to_owned()),
            cost: None,
            latency_ms: None,
            input_hash: String::new(),
            due_at: store.ambient.now(),
        };
        let mut transaction = store.write(Durability::Derived).await.unwrap();
        assert!(!transaction.renew_evaluation(&dead, LEASE).await.unwrap());
        assert!(!transaction.settle_evaluation(&dead, &late).await.unwrap());
        transaction.commit().await.unwrap();
        assert_eq!(setting.row(session).await, row);
        assert_eq!(setting.all_scores(session).await, scores);
    }

    async fn two_workers_never_hold_one_row(store) {
        let setting = Setting::new(&store).await;
        let session = setting.send(&store, "a", REFUND, Some("resolved")).await;
        setting.ask(session, &CHECKS).await;
        let first = claim(&setting, &store).await;
        let mut transaction = store.write(Durability::Derived).await.unwrap();
        let others = transaction.claim_evaluations(setting.project, Kind::Check, LEASE, 10).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(others.len(), 3);
        assert!(others.iter().all(|other| other.evaluation.id != first.evaluation.id));
        assert_eq!(store.evaluations_due(Kind::Check).await.unwrap(), [(setting.project, store.ambient.now() + LEASE)]);
        assert!(store.evaluations_due(Kind::Judge).await.unwrap().is_empty());
    }

    async fn a_new_revision_is_evaluated_again_and_only_its_scores_count(store) {
        let setting = Setting::new(&store).await;
        let session = setting.send(&store, "a", REFUND, Some("resolved")).await;
        setting.ask(session, &CHECKS).await;
        setting.work(&store).await;
        let longer = [REFUND, &[("And my parcel?", "It left on Tuesday.")]].concat();
        assert_eq!(setting.send(&store, "a", &longer, Some("resolved")).await, session);
        assert_eq!(setting.ask(session, &CHECKS).await.queued, 4);
        setting.work(&store).await;
        let rows = setting.ledger(session).await;
        assert_eq!(rows.iter().map(|row| row.revision).collect::<Vec<_>>(), [1, 1, 1, 1, 2, 2, 2, 2]);
        let fresh = setting.scores(session).await;
        assert!(fresh.iter().all(|score| score.revision == 2));
        let mut judged: Vec<_> = fresh.iter().map(|score| (score.evaluator, score.target.clone())).collect();
        judged.sort();
        let all = judged.len();
        judged.dedup();
        assert_eq!(judged.len(), all, "one verdict counts for each evaluator and target");
        assert!(setting.all_scores(session).await.iter().any(|score| score.stale && score.revision == 1));
    }

    async fn an_open_session_that_grows_is_evaluated_again_on_the_same_row(store) {
        let setting = Setting::new(&store).await;
        let session = setting.send(&store, "a", &REFUND[..1], None).await;
        setting.ask(session, &["Coherence"]).await;
        setting.work(&store).await;
        let first = setting.row(session).await;
        setting.send(&store, "a", REFUND, None).await;
        assert_eq!(setting.ask(session, &["Coherence"]).await.queued, 1);
        setting.work(&store).await;
        let second = setting.row(session).await;
        assert_eq!((second.id, second.state, second.attempts), (first.id, State::Done, 1));
        assert!(second.updated_at > first.updated_at);
        let of_session = setting.all_scores(session).await;
        let of_session = of_session.iter().filter(|score| matches!(score.target, Target::Session { .. }));
        assert_eq!(of_session.filter(|score| !score.stale).count(), 1);
    }

    async fn the_same_input_is_not_evaluated_again_and_its_scores_count_again(store) {
        let setting = Setting::new(&store).await;
        let session = setting.send(&store, "a", REFUND, Some("resolved")).await;
        setting.ask(session, &["Coherence"]).await;
        setting.work(&store).await;
        let scores = setting.scores(session).await;
        // A session that came back to what it was.
        store.run_sql("update sessions set revision = 3").await;
        store.run_sql("update scores set stale = 1").await;
        assert_eq!(setting.ask(session, &["Coherence"]).await.queued, 1);
        setting.work(&store).await;
        assert_eq!(setting.scores(session).await, scores);
        let rows = setting.ledger(session).await;
        assert_eq!(rows.iter().map(|row| (row.revision, row.state)).collect::<Vec<_>>(), [(1, State::Done), (3, State::Done)]);
    }

    async fn a_row_of_a_revision_that_is_no_more_ends_without_a_score(store) {
        let setting = Setting::new(&store).await;
        let session = setting.send(&store, "a", REFUND, Some("resolved")).await;
        setting.ask(session, &["Coherence"]).await;
        let longer = [REFUND, &[("And my parcel?", "It left on Tuesday.")]].concat();
        setting.send(&store, "a", &longer, Some("resolved")).await;
        setting.work(&store).await;
        let row = setting.row(session).await;
        assert_eq!((row.revision, row.state), (1, State::Done));
        assert!(row.reason.unwrap().contains("changed before it was evaluated"));
        assert!(setting.all_scores(session).await.is_empty());
    }

    async fn an_evaluator_that_cannot_run_fails_with_a_reason_and_can_be_tried_again(store) {
        let setting = Setting::new(&store).await;
        let session = setting.send(&store, "a", REFUND, Some("resolved")).await;
        setting.ask(session, &["Coherence"]).await;
        store.run_sql("update evaluator_versions set method = '{\"kind\":\"check\",\"check\":\"vibes\"}'").await;
        setting.work(&store).await;
        let row = setting.row(session).await;
        assert_eq!(row.state, State::Failed);
        assert!(row.reason.unwrap().starts_with("there is no check \"vibes\""));
        assert!(setting.all_scores(session).await.is_empty());
        store.run_sql("update evaluator_versions set method = '{\"kind\":\"check\",\"check\":\"coherence\"}'").await;
        assert_eq!(setting.ask(session, &["Coherence"]).await.queued, 1);
        setting.work(&store).await;
        assert_eq!(setting.row(session).await.state, State::Done);
    }

    async fn other_projects_sessions_and_evaluators_are_unknown(store) {
        let setting = Setting::new(&store).await;
        let session = setting.send(&store, "a", REFUND, Some("resolved")).await;
        let account = setting.access.account().unwrap();
        let other = setting.engine.accounts().create_project(account, "Another").await.unwrap();
        let caller = setting.access.caller.clone();
        let role = turnwise_model::access::Role::Owner;
        let access = setting.engine.accounts().authorise(&caller, &other.slug, role).await.unwrap();
        let ours = setting.evaluator("Coherence").await;
        let evaluations = setting.engine.evaluations();
        assert!(evaluations.evaluate(&access, &[session], &[ours]).await.is_err());
        let theirs = setting.engine.evaluators().list(&access).await.unwrap().evaluators[0].current.evaluator;
        assert_eq!(evaluations.evaluate(&access, &[session], &[theirs]).await.unwrap(), Asked { queued: 0, unchanged: 0, unknown: 1 });
        setting.ask(session, &["Coherence"]).await;
        assert!(evaluations.ledger(&access, session).await.unwrap().is_empty());
    }
}

async fn claim(setting: &Setting, store: &TestStore) -> turnwise_store::ClaimedEvaluation {
    let mut transaction = store.write(Durability::Derived).await.unwrap();
    let mut claimed = transaction.claim_evaluations(setting.project, Kind::Check, LEASE, 1).await.unwrap();
    transaction.commit().await.unwrap();
    claimed.remove(0)
}
