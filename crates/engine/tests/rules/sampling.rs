//! Samples: in proportion, nested, by stratum, with the probability that is recorded.

use turnwise_model::rule::Stratum;
use turnwise_model::sampling::is_sampled;
use turnwise_store::contract;
use turnwise_store::testing::TestStore;

use crate::setting::{Setting, share};

const SESSIONS: usize = 120;

async fn many(setting: &Setting, store: &TestStore) -> Vec<String> {
    let names: Vec<String> = (0..SESSIONS).map(|number| format!("chat-{number}")).collect();
    let conversations: Vec<(&str, usize)> =
        names.iter().enumerate().map(|(number, name)| (name.as_str(), 1 + number % 2)).collect();
    setting.closed(store, &conversations).await;
    names
}

contract! {
    async fn a_rule_takes_exactly_those_whose_draw_is_below_the_rate(store) {
        let setting = Setting::new(&store).await;
        let one = setting.evaluator(&store, "one").await;
        setting.create(&setting.draft(0.3, &[&one])).await;
        let names = many(&setting, &store).await;
        setting.apply(&store).await;
        let mut taken = 0;
        for name in &names {
            let session = setting.session(name).await;
            let decision = &store.decisions(setting.project, session).await.unwrap()[0];
            let rows = store.ledger(setting.project, session).await.unwrap();
            assert_eq!(decision.sampled, is_sampled("salt", session, share(0.3)), "{name}");
            assert_eq!(rows.len(), usize::from(decision.sampled));
            assert_eq!((decision.probability, decision.salt.as_str()), (share(0.3), "salt"));
            taken += usize::from(decision.sampled);
        }
        assert!((20..=52).contains(&taken), "36 expected, 3σ is 15, {taken} taken");
    }

    async fn a_higher_rate_takes_all_of_the_lower_rate_s_and_more(store) {
        let setting = Setting::new(&store).await;
        let one = setting.evaluator(&store, "one").await;
        let rule = setting.create(&setting.draft(0.2, &[&one])).await;
        many(&setting, &store).await;
        setting.apply(&store).await;
        let before = store.rows("select session_id from evaluations order by session_id").await;
        let draft = turnwise_model::view::rule::RuleDraft { name: "Renamed".to_owned(), ..setting.draft(0.6, &[&one]) };
        let rule = setting.engine.rules().update(&setting.access, rule.id, &draft, Some(1)).await.unwrap();
        assert_eq!(rule.version, 2);
        setting.engine.rules().backfill(&setting.access, rule.id, 1_000).await.unwrap();
        setting.backfill(&store).await;
        let after = store.rows("select session_id from evaluations order by session_id").await;
        assert!(before.iter().all(|session| after.contains(session)), "{} in {}", before.len(), after.len());
        assert!(after.len() > before.len() + 20, "{} after {}", after.len(), before.len());
        let kept = store.rows("select session_id from evaluations where rule_version = 1").await;
        assert_eq!(kept.len(), before.len(), "what was taken keeps the design by which it came");
        let widened = store.rows("select session_id from rule_decisions where rule_version = 2 and sampled = 1 and probability > 0.59").await;
        assert_eq!(widened.len(), after.len() - before.len());
    }

    async fn strata_have_rates_of_their_own(store) {
        let setting = Setting::new(&store).await;
        let one = setting.evaluator(&store, "one").await;
        let mut draft = setting.draft(0.25, &[&one]);
        draft.sampling.strata = vec![Stratum { name: "long".to_owned(), filter: "turns >= 2".to_owned(), rate: share(1.0) }];
        setting.create(&draft).await;
        many(&setting, &store).await;
        setting.apply(&store).await;
        let long = store.rows("select session_id from rule_decisions where stratum = 'long' and sampled = 1 and probability = 1").await;
        assert_eq!(long.len(), SESSIONS / 2);
        let rest = store.rows("select session_id from rule_decisions where stratum is null and probability = 0.25").await;
        assert_eq!(rest.len(), SESSIONS / 2);
        let taken = store.rows("select session_id from evaluations where stratum is null").await.len();
        assert!((5..=25).contains(&taken), "15 expected, 3σ is 10, {taken} taken");
    }
}
