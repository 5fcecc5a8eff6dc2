//! Providers: keys that nobody can read, addresses that cannot be swapped under them, and the environment's.

use secrecy::SecretString;
use turnwise_engine::providers::{JudgeEnvironment, ProviderSettingError};
use turnwise_engine::{EngineConfig, InstallationSecret};
use turnwise_model::evaluation::State;
use turnwise_model::view::evaluator::ProviderDraft;
use turnwise_store::{Dialect, contract};
use wiremock::ResponseTemplate;

use crate::setting::{KEY, REFUND, Setting, calls, config, judged, provider, says, stub};

const JUDGE: &str = "Safety, judged";

contract! {
    async fn a_key_is_encrypted_at_rest_and_never_given_back(store) {
        let setting = Setting::new(&store).await;
        let server = stub(vec![judged(0.9)]).await;
        setting.save_provider(&provider(&server)).await;
        let stored = store.providers(setting.project).await.unwrap().remove(0);
        let sealed = stored.encrypted_key.unwrap();
        assert!(!contains(&sealed, KEY) && sealed.len() > KEY.len());
        if store.engine() == Dialect::Sqlite {
            let path = store.url().strip_prefix("sqlite://").unwrap().split('?').next().unwrap().to_owned();
            for file in [path.clone(), format!("{path}-wal")] {
                let bytes = std::fs::read(&file).unwrap_or_default();
                assert!(!contains(&bytes, KEY), "{file} holds the key");
            }
        }
        let rows = setting.engine.providers().list(&setting.access).await.unwrap();
        assert!(rows[0].has_key && rows[0].in_use && rows[0].trouble.is_none());
        assert!(!serde_json::to_string(&rows).unwrap().contains(KEY));
        let log = setting.engine.accounts().audit_log(&setting.access, 10).await.unwrap();
        assert!(log.iter().any(|entry| entry.action == "provider.created"));
        assert!(!format!("{log:?}").contains(KEY));
    }

    async fn under_another_secret_the_trouble_is_told_and_judges_wait(store) {
        let setting = Setting::new(&store).await;
        let server = stub(vec![judged(0.9)]).await;
        let id = setting.save_provider(&provider(&server)).await;
        let session = setting.send(&store, "a", REFUND, Some("resolved")).await;
        let elsewhere = EngineConfig { secret: Some(InstallationSecret::new(&"another secret".into())), ..config() };
        let elsewhere = setting.restarted(&store, elsewhere).await;
        elsewhere.ask(session, &[JUDGE]).await;
        elsewhere.work(&store).await;
        let row = elsewhere.row(session).await;
        assert_eq!(row.state, State::Paused);
        assert!(row.reason.unwrap().contains("enter it again"));
        assert!(elsewhere.engine.providers().list(&setting.access).await.unwrap()[0].trouble.is_some());
        assert!(!elsewhere.engine.providers().test(&setting.access, Some(id)).await.unwrap().works);
        assert_eq!(calls(&server).await, 0);
        elsewhere.engine.providers().save(&setting.access, Some(id), &provider(&server)).await.unwrap();
        elsewhere.work(&store).await;
        assert_eq!(elsewhere.row(session).await.state, State::Done);
    }

    async fn a_key_does_not_follow_to_another_address(store) {
        let setting = Setting::new(&store).await;
        let server = stub(vec![judged(0.9)]).await;
        let elsewhere = stub(vec![judged(0.9)]).await;
        let providers = setting.engine.providers();
        let id = setting.save_provider(&provider(&server)).await;
        let moved = ProviderDraft { key: None, ..provider(&elsewhere) };
        let refused = providers.save(&setting.access, Some(id), &moved).await.unwrap_err();
        assert!(matches!(refused, ProviderSettingError::KeyNeededAgain));
        let renamed = ProviderDraft { key: None, name: "Renamed".to_owned(), ..provider(&server) };
        providers.save(&setting.access, Some(id), &renamed).await.unwrap();
        assert!(providers.test(&setting.access, Some(id)).await.is_ok());
        let sent = server.received_requests().await.unwrap();
        assert_eq!(sent[0].headers["authorization"], format!("Bearer {KEY}"), "the key stays where none is given");
        assert_eq!(calls(&elsewhere).await, 0);
    }

    async fn a_test_says_what_came(store) {
        let setting = Setting::new(&store).await;
        let answers = vec![says("{\"ready\": true}"), says("Ready!"), ResponseTemplate::new(401)];
        let server = stub(answers).await;
        let id = setting.save_provider(&provider(&server)).await;
        let test = || setting.engine.providers().test(&setting.access, Some(id));
        let good = test().await.unwrap();
        assert!(good.works && good.model.as_deref() == Some("judge-1"));
        assert!(!test().await.unwrap().works);
        let refused = test().await.unwrap();
        assert!(!refused.works && refused.message.contains("does not accept the key"));
        assert!(!refused.message.contains(KEY));
    }

    async fn the_environments_provider_serves_projects_that_have_none(store) {
        let of_environment = stub(vec![judged(0.9)]).await;
        let own = stub(vec![judged(0.9)]).await;
        let judge = JudgeEnvironment {
            url: format!("{}/v1", of_environment.uri()),
            key: Some(SecretString::from("from the environment")),
            model: "judge-2".to_owned(),
            concurrency: 2,
            timeout_seconds: 5,
        };
        // What waits for a provider when there is none goes on when the next process brings one.
        let setting = Setting::new(&store).await;
        let session = setting.send(&store, "a", REFUND, Some("resolved")).await;
        setting.ask(session, &[JUDGE]).await;
        setting.work(&store).await;
        assert_eq!(setting.row(session).await.state, State::Paused);
        let setting = setting.restarted(&store, EngineConfig { judge: Some(judge), ..config() }).await;
        for worker in setting.engine.evaluations().workers() {
            worker.prepare().await.unwrap();
        }
        setting.work(&store).await;
        assert_eq!(setting.row(session).await.state, State::Done);
        assert_eq!(calls(&of_environment).await, 1);
        let rows = setting.engine.providers().list(&setting.access).await.unwrap();
        assert!(rows.len() == 1 && rows[0].in_use && rows[0].id.is_none() && rows[0].has_key);
        assert!(setting.engine.providers().test(&setting.access, None).await.is_ok());

        setting.save_provider(&provider(&own)).await;
        let session = setting.send(&store, "b", REFUND, Some("resolved")).await;
        setting.ask(session, &[JUDGE]).await;
        setting.work(&store).await;
        assert_eq!((calls(&of_environment).await, calls(&own).await), (2, 1));
    }

    async fn settings_that_cannot_work_are_refused_by_name(store) {
        let setting = Setting::new(&store).await;
        let server = stub(vec![judged(0.9)]).await;
        let good = provider(&server);
        let wrong = [
            (ProviderDraft { name: " ".to_owned(), ..good.clone() }, "name"),
            (ProviderDraft { base_url: "ftp://example.com".to_owned(), ..good.clone() }, "base_url"),
            (ProviderDraft { base_url: "https://user:secret@example.com".to_owned(), ..good.clone() }, "base_url"),
            (ProviderDraft { model: String::new(), ..good.clone() }, "model"),
            (ProviderDraft { key: Some("two\nlines".to_owned()), ..good.clone() }, "key"),
            (ProviderDraft { input_price: Some(-1.0), ..good.clone() }, "input_price"),
            (ProviderDraft { output_price: None, ..good.clone() }, "output_price"),
            (ProviderDraft { concurrency: 0, ..good.clone() }, "concurrency"),
            (ProviderDraft { timeout_seconds: 601, ..good.clone() }, "timeout_seconds"),
        ];
        for (draft, expected) in wrong {
            match setting.engine.providers().save(&setting.access, None, &draft).await {
                Err(ProviderSettingError::Setting { field, .. }) => assert_eq!(field, expected),
                other => panic!("{expected}: {other:?}"),
            }
        }
        let without = setting.restarted(&store, EngineConfig { secret: None, ..config() }).await;
        let refused = without.engine.providers().save(&setting.access, None, &good).await;
        assert!(matches!(refused, Err(ProviderSettingError::NoSecret)));
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}
