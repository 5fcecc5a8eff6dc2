//! Decisions become ready with the last of their evaluations, whoever ends it.

use std::time::Duration;

use turnwise_model::evaluation::{Evaluation, Kind, State, ledger_id};
use turnwise_model::score::Target;
use turnwise_model::{EvaluatorId, Id, Probability, ProjectId, SessionId};
use turnwise_store::testing::TestStore;
use turnwise_store::{ClaimedEvaluation, Decision, Durability, NewEvaluation, Outcome, Store, contract};

use crate::setting;

async fn put(store: &TestStore, project: ProjectId, session: SessionId, evaluations: u128) {
    let now = store.ambient.now();
    let decision = Decision {
        rule: store.ambient.id(),
        rule_version: 1,
        session,
        revision: 1,
        sampled: true,
        probability: Probability::ONE,
        salt: "salt".to_owned(),
        stratum: None,
        created_at: now,
    };
    let mut transaction = setting::write(store).await;
    assert!(transaction.put_decision(project, &decision).await.unwrap());
    for number in 0..evaluations {
        let evaluator = EvaluatorId::from_uuid(uuid::Uuid::from_u128(number));
        let evaluation = Evaluation {
            id: ledger_id(project, session, 1, evaluator, "version"),
            target: Target::Session { session },
            revision: 1,
            evaluator,
            evaluator_version: "version".to_owned(),
            evaluator_name: "one".to_owned(),
            kind: Kind::Check,
            rule: Some(decision.rule),
            rule_version: Some(1),
            probability: Some(Probability::ONE),
            salt: Some("salt".to_owned()),
            stratum: None,
            state: State::Queued,
            attempts: 0,
            reason: None,
            cost: None,
            latency_ms: None,
            created_at: now,
            updated_at: now,
        };
        let new = NewEvaluation { evaluation, input_hash: "input".to_owned() };
        assert!(transaction.insert_evaluation(project, &new).await.unwrap());
    }
    transaction.mark_ready(project, session, 1, now).await.unwrap();
    transaction.commit().await.unwrap();
}

async fn settle(store: Store, row: ClaimedEvaluation) {
    let outcome = Outcome {
        state: State::Done,
        reason: None,
        cost: None,
        latency_ms: None,
        input_hash: "input".to_owned(),
        due_at: row.evaluation.created_at,
    };
    let mut transaction = store.write(Durability::Derived).await.unwrap();
    assert!(transaction.settle_evaluation(&row, &outcome).await.unwrap());
    transaction.commit().await.unwrap();
}

contract! {
    async fn the_last_evaluations_of_a_session_may_end_at_the_same_moment(store) {
        let project = setting::project(&store, "Support bot").await.id;
        const SESSIONS: usize = 30;
        for number in 0..SESSIONS {
            put(&store, project, SessionId::derive(project, &format!("chat-{number}")), 3).await;
        }
        assert!(store.decisions_to_route(100).await.unwrap().is_empty());
        let mut transaction = setting::write(&store).await;
        let claimed = transaction.claim_evaluations(project, Kind::Check, Duration::from_secs(60), 1_000).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(claimed.len(), SESSIONS * 3);
        let settled = claimed.into_iter().map(|row| tokio::spawn(settle(store.store(), row)));
        for task in settled.collect::<Vec<_>>() {
            task.await.unwrap();
        }
        assert_eq!(store.decisions_to_route(100).await.unwrap().len(), SESSIONS);
    }

    async fn a_decision_without_evaluations_is_ready_at_once_and_routed_once(store) {
        let project = setting::project(&store, "Support bot").await.id;
        put(&store, project, SessionId::derive(project, "chat"), 0).await;
        let ready = store.decisions_to_route(10).await.unwrap();
        assert_eq!(ready.len(), 1);
        let mut transaction = setting::write(&store).await;
        let now = store.ambient.now();
        assert!(transaction.mark_routed(project, &ready[0].1, now).await.unwrap());
        assert!(!transaction.mark_routed(project, &ready[0].1, now).await.unwrap());
        transaction.commit().await.unwrap();
        assert!(store.decisions_to_route(10).await.unwrap().is_empty());
    }

    async fn of_many_due_rows_no_more_are_claimed_than_asked_for(store) {
        let project = setting::project(&store, "Support bot").await.id;
        for number in 0..10 {
            put(&store, project, SessionId::derive(project, &format!("chat-{number}")), 4).await;
        }
        for claims in 1..=8 {
            let mut transaction = setting::write(&store).await;
            let claimed = transaction.claim_evaluations(project, Kind::Check, Duration::from_secs(60), 5).await.unwrap();
            transaction.commit().await.unwrap();
            assert_eq!(claimed.len(), 5, "claim {claims}");
        }
    }
}
