//! Judges against a stub of a model: whatever it does, every evaluation ends, and no score is written that it did not give.

use std::time::Duration;

use serde_json::json;
use turnwise_model::evaluation::State;
use turnwise_model::score::{Source, Target};
use turnwise_store::contract;
use wiremock::ResponseTemplate;

use crate::setting::{REFUND, Setting, calls, judged, provider, says, stub};

const JUDGE: &str = "Hallucination, judged";

contract! {
    async fn a_judge_scores_the_session_and_the_turn_it_names(store) {
        let setting = Setting::new(&store).await;
        let server = stub(vec![judged(0.3)]).await;
        setting.save_provider(&provider(&server)).await;
        let session = setting.send(&store, "a", REFUND, Some("resolved")).await;
        setting.ask(session, &[JUDGE]).await;
        setting.work(&store).await;
        let row = setting.row(session).await;
        assert_eq!((row.state, row.reason.as_deref(), row.attempts), (State::Done, None, 1));
        let cost = row.cost.unwrap().0;
        assert!((cost - (0.002 + 0.004)).abs() < 1e-9, "{cost}");
        let scores = setting.scores(session).await;
        assert_eq!(scores.len(), 2);
        assert!(scores.iter().all(|score| score.source == Source::Llm && score.passed == Some(false)));
        assert!(scores.iter().any(|score| matches!(score.target, Target::Turn { .. })));
        assert_eq!(scores[0].evidence[0].quote, "$189.00");
        assert_eq!(calls(&server).await, 1);
    }

    async fn without_a_provider_judges_wait_and_go_on_when_there_is_one(store) {
        let setting = Setting::new(&store).await;
        let session = setting.send(&store, "a", REFUND, Some("resolved")).await;
        setting.ask(session, &[JUDGE]).await;
        setting.work(&store).await;
        let row = setting.row(session).await;
        assert_eq!(row.state, State::Paused);
        assert!(row.reason.unwrap().contains("TURNWISE_JUDGE_URL"));
        let list = setting.engine.evaluators().list(&setting.access).await.unwrap();
        let judge = list.evaluators.iter().find(|summary| summary.current.name == JUDGE).unwrap();
        assert!(judge.waiting_for_provider && judge.effort.states.paused == 1 && list.provider.is_none());

        let server = stub(vec![judged(0.9)]).await;
        setting.save_provider(&provider(&server)).await;
        setting.work(&store).await;
        assert_eq!(setting.row(session).await.state, State::Done);
        assert_eq!(setting.scores(session).await.len(), 2);
    }

    async fn a_wrong_key_makes_them_wait_until_it_is_changed(store) {
        let setting = Setting::new(&store).await;
        let server = stub(vec![ResponseTemplate::new(401), judged(0.9)]).await;
        let id = setting.save_provider(&provider(&server)).await;
        let session = setting.send(&store, "a", REFUND, Some("resolved")).await;
        setting.ask(session, &[JUDGE]).await;
        setting.work(&store).await;
        let row = setting.row(session).await;
        assert_eq!(row.state, State::Paused);
        assert!(row.reason.unwrap().contains("does not accept the key"));
        setting.engine.providers().save(&setting.access, Some(id), &provider(&server)).await.unwrap();
        setting.work(&store).await;
        assert_eq!(setting.row(session).await.state, State::Done);
    }

    async fn a_provider_that_asks_for_patience_gets_it(store) {
        let setting = Setting::new(&store).await;
        let server = stub(vec![ResponseTemplate::new(429).insert_header("retry-after", "30"), judged(0.9)]).await;
        setting.save_provider(&provider(&server)).await;
        let session = setting.send(&store, "a", REFUND, Some("resolved")).await;
        let other = setting.send(&store, "b", REFUND, Some("resolved")).await;
        setting.ask(session, &[JUDGE]).await;
        setting.work(&store).await;
        let row = setting.row(session).await;
        assert_eq!(row.state, State::Queued);
        assert!(row.reason.unwrap().contains("limits the rate"));
        // Neither this row nor another one calls before the time is over.
        setting.ask(other, &[JUDGE]).await;
        store.clock.advance(Duration::from_secs(29));
        setting.work(&store).await;
        assert_eq!(calls(&server).await, 1);
        store.clock.advance(Duration::from_secs(1));
        setting.work(&store).await;
        let row = setting.row(session).await;
        assert_eq!((row.state, row.attempts, row.reason), (State::Done, 2, None));
        assert_eq!(setting.row(other).await.state, State::Done);
        assert_eq!(calls(&server).await, 3);
    }

    async fn a_provider_that_keeps_failing_is_given_up_after_six_attempts_that_move_apart(store) {
        let setting = Setting::new(&store).await;
        let server = stub(vec![ResponseTemplate::new(500).set_body_string("out of order")]).await;
        setting.save_provider(&provider(&server)).await;
        let session = setting.send(&store, "a", REFUND, Some("resolved")).await;
        setting.ask(session, &[JUDGE]).await;
        let mut waited = Duration::ZERO;
        while setting.row(session).await.state != State::Failed {
            setting.work(&store).await;
            store.clock.advance(Duration::from_secs(1));
            waited += Duration::from_secs(1);
            assert!(waited < Duration::from_secs(3_600), "it never ends");
        }
        let row = setting.row(session).await;
        assert_eq!((row.attempts, calls(&server).await), (6, 6));
        let reason = row.reason.unwrap();
        assert!(reason.starts_with("given up after 6 attempts") && reason.contains("out of order"), "{reason}");
        assert!(waited > Duration::from_secs(60), "{waited:?}");
        assert!(setting.all_scores(session).await.is_empty());
        let list = setting.engine.evaluators().list(&setting.access).await.unwrap();
        let judge = list.evaluators.iter().find(|summary| summary.current.name == JUDGE).unwrap();
        assert_eq!((judge.effort.states.failed, judge.trouble.as_ref().unwrap().state), (1, State::Failed));
    }

    async fn whatever_a_model_says_the_evaluation_ends_and_no_score_is_made_up(store) {
        let refusal = json!({"choices": [{"message": {"role": "assistant", "content": null, "refusal": "I will not."}, "finish_reason": "stop"}]});
        let abstains = json!({"explanation": "", "score": null, "cannot_judge": "there are no documents", "findings": []}).to_string();
        let cases = [
            (ResponseTemplate::new(200).set_body_json(refusal), State::Failed, "refused to judge: I will not."),
            (says("certainly not JSON {"), State::Failed, "cannot be used"),
            (says(r#"{"score": 7, "explanation": "", "cannot_judge": null, "findings": []}"#), State::Failed, "cannot be used"),
            (ResponseTemplate::new(200).set_body_string("<html>"), State::Failed, "no chat completion"),
            (ResponseTemplate::new(400).set_body_string("no such model"), State::Failed, "no such model"),
            (says(&abstains), State::Done, "there are no documents"),
        ];
        let setting = Setting::new(&store).await;
        for (number, (answer, state, reason)) in cases.into_iter().enumerate() {
            let server = stub(vec![answer]).await;
            let id = setting.save_provider(&provider(&server)).await;
            let session = setting.send(&store, &format!("case {number}"), REFUND, Some("resolved")).await;
            setting.ask(session, &[JUDGE]).await;
            setting.work(&store).await;
            let row = setting.row(session).await;
            assert_eq!(row.state, state, "{row:?}");
            assert!(row.reason.as_deref().unwrap().contains(reason), "{row:?}");
            assert!(setting.all_scores(session).await.is_empty(), "{row:?}");
            setting.engine.providers().delete(&setting.access, id).await.unwrap();
        }
    }

    async fn a_provider_that_hangs_is_given_up(store) {
        let setting = Setting::new(&store).await;
        let server = stub(vec![judged(0.1).set_delay(Duration::from_secs(600))]).await;
        setting.save_provider(&provider(&server)).await;
        let session = setting.send(&store, "a", REFUND, Some("resolved")).await;
        setting.ask(session, &[JUDGE]).await;
        store.run_sql("update evaluations set attempts = 5").await;
        setting.work(&store).await;
        let row = setting.row(session).await;
        assert_eq!(row.state, State::Failed);
        assert!(row.reason.unwrap().contains("did not answer within 1 s"));
        assert!(setting.all_scores(session).await.is_empty());
    }

    async fn many_sessions_are_judged_each_once(store) {
        let setting = Setting::new(&store).await;
        let server = stub(vec![judged(0.9)]).await;
        setting.save_provider(&provider(&server)).await;
        let judge = setting.evaluator(JUDGE).await;
        let mut sessions = Vec::new();
        for number in 0..20 {
            sessions.push(setting.send(&store, &format!("s{number}"), REFUND, Some("resolved")).await);
        }
        let asked = setting.engine.evaluations().evaluate(&setting.access, &sessions, &[judge]).await.unwrap();
        assert_eq!(asked.queued, 20);
        // Two processes at once.
        let other = setting.restarted(&store, crate::setting::config()).await;
        tokio::join!(setting.work(&store), other.work(&store));
        for session in sessions {
            assert_eq!(setting.row(session).await.state, State::Done);
            assert_eq!(setting.all_scores(session).await.len(), 2);
        }
        assert_eq!(calls(&server).await, 20);
    }
}
