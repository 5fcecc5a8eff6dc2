//! API keys and the audit log.

use std::time::Duration;

use turnwise_model::ApiKeyId;
use turnwise_model::access::Scope;
use turnwise_model::account::{Account, Project};
use turnwise_store::testing::TestStore;
use turnwise_store::{KnownApiKey, NewApiKey, NewAuditEntry, SecretHash, SecretKind, contract};

use crate::setting::{owned_project, project, write};

async fn key(store: &TestStore, owner: &Account, project: &Project, secret: &str) -> ApiKeyId {
    let id = store.ambient.id();
    let mut transaction = write(store).await;
    transaction
        .insert_api_key(&NewApiKey {
            id,
            project: project.id,
            name: "Staging",
            prefix: "tw_abcdefgh",
            secret: hash(secret),
            scopes: &[Scope::Ingest, Scope::Read],
            created_by: owner.id,
            created_at: store.ambient.now(),
        })
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    id
}

fn hash(secret: &str) -> SecretHash {
    SecretHash::of(SecretKind::ApiKey, secret)
}

contract! {
    async fn a_key_is_known_by_its_secret_alone(store) {
        let (owner, bot) = owned_project(&store).await;
        let id = key(&store, &owner, &bot, "tw_secret").await;
        let known = KnownApiKey { id, project: bot.id, scopes: vec![Scope::Ingest, Scope::Read] };
        assert_eq!(store.working_api_key(&hash("tw_secret")).await.unwrap(), Some(known));
        assert_eq!(store.working_api_key(&hash("tw_other")).await.unwrap(), None);
    }

    async fn a_revoked_key_is_listed_but_does_not_work(store) {
        let (owner, bot) = owned_project(&store).await;
        let other = project(&store, "Another bot").await;
        let id = key(&store, &owner, &bot, "tw_secret").await;
        let now = store.ambient.now();
        let mut transaction = write(&store).await;
        assert_eq!(transaction.revoke_api_key(other.id, id, now).await.unwrap(), None);
        assert_eq!(transaction.revoke_api_key(bot.id, id, now).await.unwrap(), Some("Staging".to_owned()));
        assert_eq!(transaction.revoke_api_key(bot.id, id, now).await.unwrap(), None);
        transaction.commit().await.unwrap();
        assert_eq!(store.working_api_key(&hash("tw_secret")).await.unwrap(), None);
        let listed = store.api_keys(bot.id).await.unwrap();
        assert_eq!((listed.len(), listed[0].revoked_at), (1, Some(now)));
        assert_eq!(listed[0].created_by_name, owner.name);
    }

    async fn the_last_use_is_noted_no_finer_than_asked(store) {
        let (owner, bot) = owned_project(&store).await;
        let id = key(&store, &owner, &bot, "tw_secret").await;
        let minute = Duration::from_secs(60);
        let first = store.ambient.now();
        let mut noted = Vec::new();
        for now in [first, first + minute / 2, first + minute] {
            let mut transaction = write(&store).await;
            transaction.touch_api_key(id, now, now - minute).await.unwrap();
            transaction.commit().await.unwrap();
            noted.push(store.api_keys(bot.id).await.unwrap()[0].last_used_at);
        }
        assert_eq!(noted, [Some(first), Some(first), Some(first + minute)]);
    }

    async fn the_audit_log_names_people_and_keys_newest_first(store) {
        let (owner, bot) = owned_project(&store).await;
        let id = key(&store, &owner, &bot, "tw_secret").await;
        let actors = [("person", Some(owner.id.to_string())), ("program", Some(id.to_string())), ("system", None)];
        for (actor_kind, actor_id) in actors {
            store.clock.advance(Duration::from_secs(1));
            let mut transaction = write(&store).await;
            transaction
                .insert_audit_entry(&NewAuditEntry {
                    id: store.ambient.id(),
                    project: Some(bot.id),
                    at: store.ambient.now(),
                    actor_kind,
                    actor_id,
                    action: "project.renamed",
                    target: "support-bot",
                    detail: "",
                })
                .await
                .unwrap();
            transaction.commit().await.unwrap();
        }
        let names: Vec<_> = store.audit_log(bot.id, 10).await.unwrap().into_iter().map(|entry| entry.actor_name).collect();
        assert_eq!(names, [None, Some("Staging".to_owned()), Some(owner.name)]);
        assert_eq!(store.audit_log(bot.id, 1).await.unwrap().len(), 1);
        assert!(store.audit_log(store.ambient.id(), 10).await.unwrap().is_empty());
    }
}
