//! What cannot be saved is refused with the field named; what is saved is a version.

use turnwise_engine::rules::RuleError;
use turnwise_model::rule::Stratum;
use turnwise_model::view::rule::RuleDraft;
use turnwise_model::{EvaluatorId, QueueId};
use turnwise_store::contract;

use crate::setting::{Setting, share};

contract! {
    async fn a_wrong_draft_is_refused_by_the_field_that_is_wrong(store) {
        let setting = Setting::new(&store).await;
        let one = setting.evaluator(&store, "one").await;
        let good = || setting.draft(1.0, &[&one]);
        let nobody: EvaluatorId = "0198c0de-1111-7000-8000-000000000000".parse().unwrap();
        let nowhere: QueueId = "0198c0de-1111-7000-8000-000000000000".parse().unwrap();
        let stratum = |name: &str, filter: &str| Stratum { name: name.to_owned(), filter: filter.to_owned(), rate: share(1.0) };
        let with = |change: &dyn Fn(&mut RuleDraft)| { let mut draft = good(); change(&mut draft); draft };
        for (draft, expected) in [
            (with(&|draft| draft.name = " ".to_owned()), "name: it must be"),
            (with(&|draft| draft.filter = "turns > many".to_owned()), "filter: at column 9"),
            (with(&|draft| draft.sampling.rate = share(0.0)), "rate: a rate of 0"),
            (with(&|draft| draft.sampling.strata = vec![stratum("a", "turns >")]), "strata[0].filter: at column"),
            (with(&|draft| draft.sampling.strata = vec![stratum("a", "")]), "strata[0].filter: a stratum needs"),
            (with(&|draft| draft.sampling.strata = vec![stratum("a", "turns > 1"), stratum("a", "turns > 2")]), "strata[1].name: there are two"),
            (with(&|draft| draft.evaluators = vec![nobody]), "evaluators: there is no evaluator"),
            (with(&|draft| { draft.evaluators.clear(); draft.routes.clear(); }), "evaluators: choose an evaluator, or an audit arm"),
            (with(&|draft| draft.routes[0].queue = nowhere), "routes[0].queue: there is no such queue"),
            (with(&|draft| draft.routes[0].when.score = String::new()), "routes[0].score: name the score"),
            (with(&|draft| { draft.audit = setting.audit(0.5); draft.audit.as_mut().unwrap().salt = "salt".to_owned(); }), "audit.salt: it must differ"),
            (with(&|draft| draft.audit = setting.audit(0.0)), "audit.rate: a rate of 0"),
        ] {
            let error = setting.engine.rules().create(&setting.access, &draft).await.unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error} instead of {expected}");
        }
    }

    async fn a_change_makes_a_version_and_no_change_makes_none(store) {
        let setting = Setting::new(&store).await;
        let one = setting.evaluator(&store, "one").await;
        let rules = setting.engine.rules();
        let mut draft = setting.draft(0.5, &[&one, &one]);
        draft.sampling.salt = String::new();
        draft.audit = setting.audit(0.1);
        draft.audit.as_mut().unwrap().salt = String::new();
        let first = setting.create(&draft).await;
        assert_eq!((first.version, first.evaluators.len()), (1, 1));
        assert!(!first.sampling.salt.is_empty() && first.audit.as_ref().unwrap().salt != first.sampling.salt);
        assert_eq!(rules.update(&setting.access, first.id, &draft, Some(1)).await.unwrap().version, 1);
        draft.filter = "TURNS>=2".to_owned();
        let second = rules.update(&setting.access, first.id, &draft, Some(1)).await.unwrap();
        assert_eq!((second.version, second.filter.as_str(), &second.sampling.salt), (2, "turns >= 2", &first.sampling.salt));
        assert!(matches!(rules.update(&setting.access, first.id, &draft, Some(1)).await, Err(RuleError::Changed { current: 2 })));
        let detail = rules.get(&setting.access, first.id).await.unwrap();
        assert_eq!(detail.versions.iter().map(|version| version.version).collect::<Vec<_>>(), [2, 1]);
        assert!(matches!(rules.create(&setting.access, &draft).await, Err(RuleError::NameTaken(_))));
        rules.archive(&setting.access, first.id).await.unwrap();
        assert!(matches!(rules.get(&setting.access, first.id).await, Err(RuleError::NoSuchRule)));
        assert!(rules.list(&setting.access).await.unwrap().is_empty());
        setting.create(&draft).await;
    }
}
