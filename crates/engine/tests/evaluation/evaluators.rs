//! Evaluators as records: what a project begins with, versions, names, archiving, trying.

use turnwise_engine::evaluators::{EvaluatorSettingError, catalogue};
use turnwise_model::evaluation::{Kind, Method};
use turnwise_model::view::evaluator::EvaluatorDraft;
use turnwise_store::contract;

use crate::setting::{REFUND, Setting, judged, provider, stub};

fn draft(key: &str) -> EvaluatorDraft {
    catalogue().into_iter().find(|entry| entry.key == key).unwrap().draft
}

contract! {
    async fn a_new_project_has_four_checks_and_their_judges(store) {
        let setting = Setting::new(&store).await;
        let list = setting.engine.evaluators().list(&setting.access).await.unwrap();
        let judges = list.evaluators.iter().filter(|summary| summary.current.method.kind() == Kind::Judge);
        assert_eq!((list.evaluators.len(), judges.clone().count()), (8, 4));
        assert!(judges.clone().all(|judge| judge.waiting_for_provider));
        setting.engine.evaluators().install_defaults(setting.project).await.unwrap();
        assert_eq!(setting.engine.evaluators().list(&setting.access).await.unwrap(), list);
    }

    async fn a_change_makes_a_version_and_a_name_does_not(store) {
        let setting = Setting::new(&store).await;
        let evaluators = setting.engine.evaluators();
        let mut latency = draft("latency");
        let made = evaluators.create(&setting.access, &latency).await.unwrap();
        assert_eq!(made.version, 1);
        latency.name = "Quick enough".to_owned();
        let renamed = evaluators.update(&setting.access, made.id, &latency).await.unwrap();
        assert_eq!((renamed.version, renamed.is_new_version), (1, false));
        latency.threshold = 0.75;
        let changed = evaluators.update(&setting.access, made.id, &latency).await.unwrap();
        assert_eq!((changed.version, changed.is_new_version), (2, true));
        let detail = evaluators.get(&setting.access, made.id).await.unwrap();
        assert_eq!(detail.versions.iter().map(|row| row.version.number).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(detail.summary.current.name, "Quick enough");
        assert_ne!(detail.versions[0].version.hash, detail.versions[1].version.hash);
    }

    async fn names_are_unique_and_archived_ones_are_out_of_use(store) {
        let setting = Setting::new(&store).await;
        let evaluators = setting.engine.evaluators();
        let refused = evaluators.create(&setting.access, &draft("coherence")).await.unwrap_err();
        assert!(matches!(&refused, EvaluatorSettingError::NameTaken(name) if name == "Coherence"), "{refused}");
        let session = setting.send(&store, "a", REFUND, Some("resolved")).await;
        let id = setting.evaluator("Coherence").await;
        evaluators.archive(&setting.access, id).await.unwrap();
        assert!(setting.engine.evaluations().evaluate(&setting.access, &[session], &[id]).await.is_err());
        assert!(matches!(evaluators.archive(&setting.access, id).await, Err(EvaluatorSettingError::NoSuchEvaluator)));
        let refused = evaluators.update(&setting.access, id, &draft("coherence")).await;
        assert!(matches!(refused, Err(EvaluatorSettingError::Archived)));
        assert!(evaluators.get(&setting.access, id).await.unwrap().archived_at.is_some());
    }

    async fn what_cannot_run_is_refused_at_save(store) {
        let setting = Setting::new(&store).await;
        let judge = |prompt: &str| EvaluatorDraft {
            name: "Ours".to_owned(),
            method: Method::Judge { prompt: prompt.to_owned(), model: None, temperature: None },
            ..draft("safety_judge")
        };
        let wrong = [
            (judge("Judge {{ mesages }}"), "method", "unknown variable \"mesages\""),
            (judge("{% if turn %}"), "method", "line 1 of the prompt"),
            (EvaluatorDraft { threshold: f64::NAN, ..judge("Judge.") }, "threshold", "0 to 1"),
            (EvaluatorDraft { score_name: "Bad Name".to_owned(), ..judge("Judge.") }, "score_name", "lowercase"),
            (EvaluatorDraft { name: String::new(), ..judge("Judge.") }, "name", "1 to 80"),
        ];
        for (draft, field, message) in wrong {
            let error = setting.engine.evaluators().create(&setting.access, &draft).await.unwrap_err();
            assert_eq!(error.field(), Some(field), "{error}");
            assert!(error.to_string().contains(message), "{error}");
        }
        assert!(setting.engine.evaluators().create(&setting.access, &judge("Judge.")).await.is_ok());
    }

    async fn trying_shows_the_verdict_and_keeps_nothing(store) {
        let setting = Setting::new(&store).await;
        let session = setting.send(&store, "a", REFUND, Some("resolved")).await;
        let evaluators = setting.engine.evaluators();
        let check = evaluators.try_on(&setting.access, &draft("coherence"), "a").await.unwrap();
        assert!(!check.failed && !check.verdicts.is_empty(), "{check:?}");
        let judge = evaluators.try_on(&setting.access, &draft("hallucination_judge"), "a").await.unwrap();
        assert!(judge.failed && judge.reason.unwrap().contains("no model provider"));
        let server = stub(vec![judged(0.3)]).await;
        setting.save_provider(&provider(&server)).await;
        let judge = evaluators.try_on(&setting.access, &draft("hallucination_judge"), "a").await.unwrap();
        assert_eq!(judge.verdicts.len(), 2);
        assert_eq!(judge.verdicts[0].evidence[0].quote, "$189.00");
        assert!(setting.ledger(session).await.is_empty() && setting.all_scores(session).await.is_empty());
        let unknown = evaluators.try_on(&setting.access, &draft("coherence"), "nobody").await.unwrap_err();
        assert!(matches!(unknown, EvaluatorSettingError::NoSuchSession(_)));
    }
}
