//! Invitations.

use std::time::Duration;

use turnwise_model::InvitationId;
use turnwise_model::access::Role;
use turnwise_model::account::{Account, Project};
use turnwise_store::testing::TestStore;
use turnwise_store::{Durability, NewInvitation, SecretHash, SecretKind, UsedInvitation, contract};

use crate::setting::{account, owned_project, write};

const WEEK: Duration = Duration::from_secs(7 * 24 * 3_600);

async fn invite(store: &TestStore, owner: &Account, project: &Project, token: &SecretHash) -> InvitationId {
    let invitation = NewInvitation {
        id: store.ambient.id(),
        project: project.id,
        role: Role::Reviewer,
        token: token.clone(),
        created_by: owner.id,
        created_at: store.ambient.now(),
        expires_at: store.ambient.now() + WEEK,
    };
    let mut transaction = write(store).await;
    transaction.insert_invitation(&invitation).await.unwrap();
    transaction.commit().await.unwrap();
    invitation.id
}

fn token(secret: &str) -> SecretHash {
    SecretHash::of(SecretKind::Invitation, secret)
}

contract! {
    async fn of_many_who_use_an_invitation_one_gets_in(store) {
        let (owner, bot) = owned_project(&store).await;
        let id = invite(&store, &owner, &bot, &token("link")).await;
        let another = store.another_process().await;
        let mut using = tokio::task::JoinSet::new();
        for number in 0..10 {
            let store_of_task = if number % 2 == 0 { store.store() } else { another.clone() };
            let (now, account) = (store.ambient.now(), owner.id);
            using.spawn(async move {
                let mut transaction = store_of_task.write(Durability::Acknowledged).await.unwrap();
                let used = transaction.use_invitation(&token("link"), account, now).await.unwrap();
                transaction.commit().await.unwrap();
                used
            });
        }
        let winners: Vec<_> = using.join_all().await.into_iter().flatten().collect();
        assert_eq!(winners, [UsedInvitation { id, project: bot.id, role: Role::Reviewer }]);
        assert!(store.open_invitations(bot.id, store.ambient.now()).await.unwrap().is_empty());
    }

    async fn an_open_invitation_is_listed_and_previewed(store) {
        let (owner, bot) = owned_project(&store).await;
        let id = invite(&store, &owner, &bot, &token("link")).await;
        let now = store.ambient.now();
        let open = store.open_invitations(bot.id, now).await.unwrap();
        assert_eq!(open.len(), 1);
        assert_eq!((open[0].id, open[0].role, open[0].created_by_name.as_str()), (id, Role::Reviewer, owner.name.as_str()));
        let preview = store.invitation(&token("link"), now).await.unwrap().unwrap();
        assert_eq!((preview.project_name.as_str(), preview.role, preview.expires_at), ("Support bot", Role::Reviewer, now + WEEK));
        assert_eq!(store.invitation(&token("another"), now).await.unwrap(), None);
    }

    async fn an_expired_invitation_is_void(store) {
        let (owner, bot) = owned_project(&store).await;
        let id = invite(&store, &owner, &bot, &token("link")).await;
        store.clock.advance(WEEK);
        let now = store.ambient.now();
        assert_eq!(store.invitation(&token("link"), now).await.unwrap(), None);
        let mut transaction = write(&store).await;
        assert_eq!(transaction.use_invitation(&token("link"), owner.id, now).await.unwrap(), None);
        assert!(!transaction.withdraw_invitation(bot.id, id, now).await.unwrap());
    }

    async fn a_withdrawn_invitation_is_void_and_only_its_project_withdraws_it(store) {
        let (owner, bot) = owned_project(&store).await;
        let id = invite(&store, &owner, &bot, &token("link")).await;
        let other = crate::setting::project(&store, "Another bot").await;
        let bob = account(&store, "bob@example.com").await;
        let now = store.ambient.now();
        let mut transaction = write(&store).await;
        assert!(!transaction.withdraw_invitation(other.id, id, now).await.unwrap());
        assert!(transaction.withdraw_invitation(bot.id, id, now).await.unwrap());
        assert_eq!(transaction.use_invitation(&token("link"), bob.id, now).await.unwrap(), None);
        transaction.commit().await.unwrap();
        assert_eq!(store.invitation(&token("link"), now).await.unwrap(), None);
    }
}
