//! Everything together, with the workers that a server runs and the checks that every project begins with.

use std::time::Duration;

use turnwise_engine::background::run_until_idle;
use turnwise_model::evaluation::{Kind, State};
use turnwise_model::view::rule::Fate;
use turnwise_store::contract;
use turnwise_store::testing::TestStore;

use crate::setting::Setting;

async fn run(setting: &Setting, store: &TestStore) {
    for _ in 0..3 {
        store.clock.advance(Duration::from_secs(6));
        run_until_idle(&setting.engine.workers(), &store.ambient).await.unwrap();
    }
}

contract! {
    async fn a_conversation_that_goes_wrong_is_evaluated_and_sent_to_people(store) {
        let setting = Setting::new(&store).await;
        let evaluators = store.evaluators(setting.project).await.unwrap();
        let checks: Vec<_> = evaluators.iter().filter(|version| version.method.kind() == Kind::Check).collect();
        assert_eq!(checks.len(), 4, "what every project begins with");
        let mut draft = setting.draft(1.0, &checks);
        draft.audit = setting.audit(1.0);
        let rule = setting.create(&draft).await;
        for name in ["one", "other"] {
            setting.say(name, "abandoned", &[
                ("user", "My parcel has not arrived. Where is it?"),
                ("assistant", "I am sorry, I am not able to help with that."),
                ("user", "You are no help. Where is my parcel?"),
                ("assistant", "I am sorry, I am not able to help with that."),
            ]).await;
        }
        run(&setting, &store).await;
        let session = setting.session("one").await;
        let ledger = store.ledger(setting.project, session).await.unwrap();
        assert_eq!(ledger.iter().map(|row| row.state).collect::<Vec<_>>(), [State::Done; 4], "{ledger:?}");
        let failed = store.scores_of_session(setting.project, session).await.unwrap();
        let failed = failed.iter().filter(|score| score.passed == Some(false)).count();
        let tasks = setting.tasks(&store, "one").await;
        assert!(failed > 0 && tasks.iter().any(|task| task.starts_with("flagged")), "{failed} {tasks:?}");
        assert!(tasks.iter().all(|task| task.ends_with(" 1")), "{tasks:?}");
        let told = setting.engine.rules().explain(&setting.access, session).await.unwrap();
        assert!(told.iter().all(|told| told.fate == Fate::Done && told.evaluation.is_some()), "{told:?}");

        // The same input is not judged again, by whomever it is asked for.
        let backfill = setting.engine.rules().backfill(&setting.access, rule.id, 100).await.unwrap();
        run(&setting, &store).await;
        let done = setting.engine.rules().backfill_progress(&setting.access, backfill.id).await.unwrap();
        assert_eq!((done.matched, done.evaluations), (2, 0));
        assert_eq!(setting.tasks(&store, "one").await, tasks);

        // Judges wait for a provider, and say so; what they have not said holds up nobody.
        let judge = evaluators.iter().find(|version| version.method.kind() == Kind::Judge).unwrap();
        let mut with_judge = setting.draft(1.0, &[checks[0], judge]);
        "With a judge".clone_into(&mut with_judge.name);
        setting.create(&with_judge).await;
        setting.say("third", "abandoned", &[("user", "Hello?"), ("assistant", "I am not able to help with that.")]).await;
        run(&setting, &store).await;
        let told = setting.engine.rules().explain(&setting.access, setting.session("third").await).await.unwrap();
        let paused = told.iter().find(|told| told.evaluator == Some(judge.evaluator)).unwrap();
        assert_eq!(paused.fate, Fate::Paused, "{paused:?}");
        assert!(paused.text.contains("provider"), "{paused:?}");
    }
}
