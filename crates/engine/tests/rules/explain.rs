//! "Why is there no score?" has an answer for every session, rule and evaluator.

use turnwise_model::view::rule::Fate;
use turnwise_model::view::rule::RuleDraft;
use turnwise_store::contract;

use crate::setting::{Setting, Verdict};

/// What is said of a session at one rule, evaluator by evaluator.
async fn told(setting: &Setting, name: &str, rule: &str) -> Vec<(Fate, String)> {
    let session = setting.session(name).await;
    let explanations = setting.engine.rules().explain(&setting.access, session).await.unwrap();
    let of_rule = explanations.into_iter().filter(|explanation| explanation.rule_name == rule);
    of_rule.map(|explanation| (explanation.fate, explanation.text)).collect()
}

contract! {
    async fn every_fate_is_told_in_words(store) {
        let setting = Setting::new(&store).await;
        let one = setting.evaluator(&store, "one").await;
        setting.closed(&store, &[("older", 2)]).await;
        setting.apply(&store).await;
        let filtered = RuleDraft { filter: "turns >= 4 and status = closed and environment = production".to_owned(), ..setting.draft(1.0, &[&one]) };
        setting.create(&filtered).await;
        let (fate, text) = &told(&setting, "older", "Review doubtful ones").await[0];
        assert_eq!(*fate, Fate::FilteredOut);
        assert_eq!(text, "The rule's filter asks for “turns >= 4” and “environment = production”, none of which is so for this session.");

        let rare = RuleDraft { name: "Rare".to_owned(), ..setting.draft(1e-9, &[&one]) };
        setting.create(&rare).await;
        let (fate, text) = &told(&setting, "older", "Rare").await[0];
        assert_eq!(*fate, Fate::Missed);
        assert!(text.contains("before this rule was made") && text.contains("backfill"), "{text}");

        setting.closed(&store, &[("chat", 2)]).await;
        assert_eq!(told(&setting, "chat", "Rare").await[0].0, Fate::Waiting);
        setting.apply(&store).await;
        let (fate, text) = &told(&setting, "chat", "Rare").await[0];
        assert_eq!(*fate, Fate::SampledOut);
        assert!(text.contains("takes less than 0.01 % of such sessions"), "{text}");
        assert!(text.contains("the draw of this one is 0."), "{text}");

        let all = RuleDraft { name: "All".to_owned(), ..setting.draft(1.0, &[&one]) };
        setting.create(&all).await;
        setting.closed(&store, &[("next", 1)]).await;
        setting.apply(&store).await;
        assert_eq!(told(&setting, "next", "All").await[0], (Fate::Queued, "It waits for its turn to be evaluated.".to_owned()));
        setting.evaluate(&store, |_| Verdict::Passes).await;
        assert_eq!(told(&setting, "next", "All").await[0], (Fate::Done, "It was evaluated.".to_owned()));

        let other = setting.evaluator(&store, "other").await;
        let rules = setting.engine.rules();
        let listed = rules.list(&setting.access).await.unwrap();
        let all = &listed.iter().find(|summary| summary.rule.name == "All").unwrap().rule;
        let with_other = RuleDraft { name: "All".to_owned(), ..setting.draft(1.0, &[&one, &other]) };
        rules.update(&setting.access, all.id, &with_other, None).await.unwrap();
        let both = told(&setting, "next", "All").await;
        assert_eq!((both[0].0, both[1].0), (Fate::Done, Fate::Missed));
        assert!(both[1].1.contains("“other”"), "{}", both[1].1);
        rules.set_enabled(&setting.access, all.id, false).await.unwrap();
        assert!(told(&setting, "next", "All").await.is_empty(), "rules that are off are not told");
    }

    async fn a_session_of_another_project_is_not_told(store) {
        let setting = Setting::new(&store).await;
        let nobody = "0198c0de-1111-7000-8000-000000000000".parse().unwrap();
        let error = setting.engine.rules().explain(&setting.access, nobody).await.unwrap_err();
        assert_eq!(error.to_string(), "no such session");
    }
}
