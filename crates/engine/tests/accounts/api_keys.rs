//! API keys.

use std::time::Duration;

use turnwise_engine::access::Caller;
use turnwise_engine::accounts::AccountError;
use turnwise_model::access::Scope;
use turnwise_store::{SecretHash, SecretKind, contract};

use crate::setting::{engine, installation};

contract! {
    async fn a_key_is_shown_once_and_recognised_afterwards(store) {
        let installation = installation(store).await;
        let access = installation.owners_access().await;
        let scopes = [Scope::Read, Scope::Ingest, Scope::Read];
        let (key, secret) = installation.create_api_key(&access, " Staging ", &scopes).await.unwrap();
        assert_eq!((key.name.as_str(), key.scopes.as_slice()), ("Staging", [Scope::Ingest, Scope::Read].as_slice()));
        assert!(secret.starts_with("tw_") && secret.len() == 46 && secret.starts_with(&key.prefix) && key.prefix.len() == 11);
        assert_eq!(installation.api_keys(&access).await.unwrap(), std::slice::from_ref(&key));
        let program = Caller::Program { key: key.id, project: installation.project.id, scopes: key.scopes };
        assert_eq!(installation.caller_of_key(&secret).await.unwrap(), Some(program));
    }

    async fn the_secret_is_nowhere_in_the_database(store) {
        let installation = installation(store).await;
        let (_, secret) = installation.create_api_key(&installation.owners_access().await, "Key", &[Scope::Read]).await.unwrap();
        let stored = SecretHash::of(SecretKind::ApiKey, &secret);
        assert!(installation.store.working_api_key(&stored).await.unwrap().is_some());
        assert_ne!(stored.as_str(), secret);
        if let Some(path) = installation.store.url().strip_prefix("sqlite://") {
            for file in [path.to_owned(), format!("{path}-wal")] {
                let bytes = std::fs::read(&file).unwrap_or_default();
                // The prefix is stored, to recognise the key by; what follows it is not.
                let hidden = &secret.as_bytes()[11..];
                assert!(!bytes.windows(hidden.len()).any(|window| window == hidden), "{file}");
            }
        }
    }

    async fn what_is_no_key_is_nobody(store) {
        let installation = installation(store).await;
        for secret in ["", "tw_", "Bearer", &format!("tw_{}", "0".repeat(43)), &"x".repeat(100_000)] {
            assert_eq!(installation.caller_of_key(secret).await.unwrap(), None);
        }
    }

    async fn a_key_needs_a_name_and_a_scope(store) {
        let installation = installation(store).await;
        let access = installation.owners_access().await;
        assert!(matches!(installation.create_api_key(&access, "Key", &[]).await, Err(AccountError::NoScopes)));
        assert!(matches!(installation.create_api_key(&access, "", &[Scope::Read]).await, Err(AccountError::Name { .. })));
    }

    async fn a_revoked_key_is_refused_here_at_once_and_elsewhere_within_five_seconds(store) {
        let installation = installation(store).await;
        let elsewhere = engine(&installation.store).await;
        let access = installation.owners_access().await;
        let (key, secret) = installation.create_api_key(&access, "Key", &[Scope::Read]).await.unwrap();
        assert!(installation.caller_of_key(&secret).await.unwrap().is_some());
        assert!(elsewhere.accounts().caller_of_key(&secret).await.unwrap().is_some());

        installation.revoke_api_key(&access, key.id).await.unwrap();
        assert_eq!(installation.caller_of_key(&secret).await.unwrap(), None);
        installation.store.clock.advance(Duration::from_secs(5));
        assert_eq!(elsewhere.accounts().caller_of_key(&secret).await.unwrap(), None);

        let listed = installation.api_keys(&access).await.unwrap();
        assert!(listed[0].revoked_at.is_some());
        assert!(matches!(installation.revoke_api_key(&access, key.id).await, Err(AccountError::NoSuchApiKey)));
    }

    async fn the_last_use_is_written_at_most_once_a_minute(store) {
        let installation = installation(store).await;
        let access = installation.owners_access().await;
        let (_, secret) = installation.create_api_key(&access, "Key", &[Scope::Read]).await.unwrap();
        assert_eq!(installation.api_keys(&access).await.unwrap()[0].last_used_at, None);
        let first = installation.store.ambient.now();
        let mut seen = Vec::new();
        for seconds in [0, 30, 29, 1] {
            installation.store.clock.advance(Duration::from_secs(seconds));
            installation.caller_of_key(&secret).await.unwrap().unwrap();
            seen.push(installation.api_keys(&access).await.unwrap()[0].last_used_at.unwrap().since(first).as_secs());
        }
        assert_eq!(seen, [0, 0, 0, 60]);
    }

    async fn keys_of_another_project_cannot_be_revoked(store) {
        let installation = installation(store).await;
        let access = installation.owners_access().await;
        let (key, secret) = installation.create_api_key(&access, "Key", &[Scope::Read]).await.unwrap();
        let other = installation.create_project(installation.owner.id, "Another bot").await.unwrap();
        let caller = crate::setting::person(&installation.owner);
        let access_to_other =
            installation.authorise(&caller, &other.slug, turnwise_model::access::Role::Owner).await.unwrap();
        assert!(matches!(installation.revoke_api_key(&access_to_other, key.id).await, Err(AccountError::NoSuchApiKey)));
        assert!(installation.caller_of_key(&secret).await.unwrap().is_some());
        assert!(installation.api_keys(&access_to_other).await.unwrap().is_empty());
    }

    async fn keys_are_audited(store) {
        let installation = installation(store).await;
        let access = installation.owners_access().await;
        let (key, _) = installation.create_api_key(&access, "Staging", &[Scope::Read, Scope::Write]).await.unwrap();
        installation.revoke_api_key(&access, key.id).await.unwrap();
        let entries = installation.audit_log(&access, 10).await.unwrap();
        let created = entries.iter().find(|entry| entry.action == "api_key.created").unwrap();
        assert_eq!((created.target.as_str(), created.detail.as_str()), ("Staging", "read write"));
        assert!(entries.iter().any(|entry| entry.action == "api_key.revoked" && entry.target == "Staging"));
    }
}
