//! Accounts, projects and members.

use turnwise_model::access::Role;
use turnwise_model::account::{Account, Membership, Project};
use turnwise_store::{Durability, contract};

use crate::setting::{account, owned_project, project, write};

contract! {
    async fn of_many_who_claim_a_new_installation_one_gets_it(store) {
        assert!(!store.is_set_up().await.unwrap());
        let mut claiming = tokio::task::JoinSet::new();
        let another = store.another_process().await;
        for number in 0..10 {
            let store_of_task = if number % 2 == 0 { store.store() } else { another.clone() };
            let now = store.ambient.now();
            claiming.spawn(async move {
                let mut transaction = store_of_task.write(Durability::Acknowledged).await.unwrap();
                let claimed = transaction.claim_installation(now).await.unwrap();
                transaction.commit().await.unwrap();
                claimed
            });
        }
        let winners = claiming.join_all().await.into_iter().filter(|claimed| *claimed).count();
        assert_eq!(winners, 1);
        assert!(store.is_set_up().await.unwrap());
    }

    async fn a_claim_that_is_not_committed_leaves_the_installation_free(store) {
        let mut transaction = write(&store).await;
        assert!(transaction.claim_installation(store.ambient.now()).await.unwrap());
        drop(transaction);
        assert!(!store.is_set_up().await.unwrap());
        assert!(write(&store).await.claim_installation(store.ambient.now()).await.unwrap());
    }

    async fn an_account_is_found_by_id_and_address(store) {
        let ada = account(&store, "ada@example.com").await;
        assert_eq!(store.account(ada.id).await.unwrap(), Some(ada.clone()));
        assert_eq!(store.credentials(&ada.email).await.unwrap(), Some((ada, "hash".to_owned())));
        assert_eq!(store.credentials(&"bob@example.com".parse().unwrap()).await.unwrap(), None);
    }

    async fn an_address_belongs_to_one_account(store) {
        let ada = account(&store, "ada@example.com").await;
        let impostor = Account { id: store.ambient.id(), ..ada.clone() };
        let mut transaction = write(&store).await;
        assert!(!transaction.insert_account(&impostor, "hash", store.ambient.now()).await.unwrap());
        transaction.commit().await.unwrap();
        assert_eq!(store.account(impostor.id).await.unwrap(), None);
    }

    async fn name_and_password_of_an_account_change(store) {
        let ada = account(&store, "ada@example.com").await;
        let mut transaction = write(&store).await;
        transaction.set_account_name(ada.id, "Ada Lovelace").await.unwrap();
        transaction.set_password_hash(ada.id, "another hash").await.unwrap();
        transaction.commit().await.unwrap();
        let (changed, hash) = store.credentials(&ada.email).await.unwrap().unwrap();
        assert_eq!((changed.name.as_str(), hash.as_str()), ("Ada Lovelace", "another hash"));
    }

    async fn a_project_is_found_by_id_and_slug_and_keeps_its_slug_when_renamed(store) {
        let bot = project(&store, "Support bot").await;
        let mut transaction = write(&store).await;
        transaction.rename_project(bot.id, "Help desk").await.unwrap();
        transaction.commit().await.unwrap();
        let renamed = Project { name: "Help desk".to_owned(), ..bot.clone() };
        assert_eq!(store.project(bot.id).await.unwrap(), Some(renamed.clone()));
        assert_eq!(store.project_by_slug(&bot.slug).await.unwrap(), Some(renamed));
    }

    async fn a_slug_belongs_to_one_project_and_a_refused_one_spoils_nothing(store) {
        let bot = project(&store, "Support bot").await;
        let mut second = Project { id: store.ambient.id(), ..bot.clone() };
        let mut transaction = write(&store).await;
        assert!(!transaction.insert_project(&second).await.unwrap());
        second.slug = "support-bot-2".parse().unwrap();
        assert!(transaction.insert_project(&second).await.unwrap());
        transaction.commit().await.unwrap();
        assert_eq!(store.project_by_slug(&second.slug).await.unwrap(), Some(second));
    }

    async fn membership_is_per_project(store) {
        let (owner, bot) = owned_project(&store).await;
        let other = project(&store, "Another bot").await;
        assert_eq!(
            store.membership(&bot.slug, owner.id).await.unwrap(),
            Some(Membership { project: bot.clone(), role: Role::Owner })
        );
        assert_eq!(store.membership(&other.slug, owner.id).await.unwrap(), None);
        assert_eq!(store.memberships(owner.id).await.unwrap(), [Membership { project: bot, role: Role::Owner }]);
    }

    async fn members_are_listed_by_name_with_the_time_they_first_joined(store) {
        let (owner, bot) = owned_project(&store).await;
        let joined_at = store.ambient.now();
        let ada = account(&store, "ada@example.com").await;
        let mut transaction = write(&store).await;
        transaction.put_member(bot.id, ada.id, Role::Viewer, joined_at).await.unwrap();
        transaction.commit().await.unwrap();
        store.clock.advance(std::time::Duration::from_secs(60));
        let mut transaction = write(&store).await;
        transaction.put_member(bot.id, ada.id, Role::Editor, store.ambient.now()).await.unwrap();
        transaction.commit().await.unwrap();

        let members = store.members(bot.id).await.unwrap();
        let listed: Vec<_> = members.iter().map(|member| (member.account, member.role, member.joined_at)).collect();
        assert_eq!(listed, [(ada.id, Role::Editor, joined_at), (owner.id, Role::Owner, joined_at)]);
    }

    async fn owners_are_counted_and_members_removed(store) {
        let (owner, bot) = owned_project(&store).await;
        let mut transaction = write(&store).await;
        assert_eq!(transaction.lock_project(bot.id).await.unwrap(), Some(bot.clone()));
        assert_eq!(transaction.count_owners(bot.id).await.unwrap(), 1);
        assert_eq!(transaction.role(bot.id, owner.id).await.unwrap(), Some(Role::Owner));
        transaction.delete_member(bot.id, owner.id).await.unwrap();
        assert_eq!(transaction.count_owners(bot.id).await.unwrap(), 0);
        transaction.commit().await.unwrap();
        assert!(store.members(bot.id).await.unwrap().is_empty());
    }

    async fn nobody_becomes_a_member_of_what_does_not_exist(store) {
        let (owner, _) = owned_project(&store).await;
        let mut transaction = write(&store).await;
        assert!(transaction.put_member(store.ambient.id(), owner.id, Role::Owner, store.ambient.now()).await.is_err());
    }
}
