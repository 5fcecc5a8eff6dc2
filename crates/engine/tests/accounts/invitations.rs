//! Invitations by link.

use std::time::Duration;

use turnwise_engine::accounts::AccountError;
use turnwise_model::access::Role;
use turnwise_store::contract;

use crate::setting::{HOME, PASSWORD, engine, installation};

const WEEK: Duration = Duration::from_secs(7 * 24 * 3_600);

contract! {
    async fn an_invitation_makes_one_new_member(store) {
        let installation = installation(store).await;
        let access = installation.owners_access().await;
        let (invitation, token) = installation.invite(&access, Role::Reviewer).await.unwrap();
        assert_eq!(installation.invitations(&access).await.unwrap(), std::slice::from_ref(&invitation));
        let preview = installation.invitation(&token).await.unwrap().unwrap();
        assert_eq!((preview.project_name.as_str(), preview.role), ("Support bot", Role::Reviewer));

        let (bob, project) = installation.accept_invitation_new(&token, "bob@example.com", "Bob", PASSWORD).await.unwrap();
        assert_eq!(project, installation.project);
        assert_eq!(installation.access_of(&bob).await.role, Role::Reviewer);
        assert_eq!(installation.sign_in("bob@example.com", PASSWORD, HOME).await.unwrap(), bob);

        assert!(installation.invitations(&access).await.unwrap().is_empty());
        assert_eq!(installation.invitation(&token).await.unwrap(), None);
        let refused = installation.accept_invitation_new(&token, "zoe@example.com", "Zoe", PASSWORD).await;
        assert!(matches!(refused, Err(AccountError::InvitationGone)));
    }

    async fn of_many_who_accept_at_once_one_joins_and_the_others_leave_no_trace(store) {
        let installation = installation(store).await;
        let there = engine(&installation.store).await;
        let access = installation.owners_access().await;
        let (_, token) = installation.invite(&access, Role::Viewer).await.unwrap();
        let mut accepting = tokio::task::JoinSet::new();
        for number in 0..8 {
            let engine = if number % 2 == 0 { installation.engine.clone() } else { there.clone() };
            let token = token.clone();
            accepting.spawn(async move {
                let email = format!("person{number}@example.com");
                engine.accounts().accept_invitation_new(&token, &email, "Somebody", PASSWORD).await
            });
        }
        let results = accepting.join_all().await;
        let refused = results.iter().filter(|result| matches!(result, Err(AccountError::InvitationGone))).count();
        assert_eq!((results.iter().flatten().count(), refused), (1, 7));
        assert_eq!(installation.members(&access).await.unwrap().len(), 2);
        let mut accounts = 0;
        for number in 0..8 {
            let email = format!("person{number}@example.com").parse().unwrap();
            accounts += usize::from(installation.store.credentials(&email).await.unwrap().is_some());
        }
        assert_eq!(accounts, 1);
    }

    async fn an_invitation_expires_after_a_week(store) {
        let installation = installation(store).await;
        let (_, token) = installation.invite(&installation.owners_access().await, Role::Viewer).await.unwrap();
        installation.store.clock.advance(WEEK - Duration::from_micros(1));
        assert!(installation.invitation(&token).await.unwrap().is_some());
        installation.store.clock.advance(Duration::from_micros(1));
        assert_eq!(installation.invitation(&token).await.unwrap(), None);
        let refused = installation.accept_invitation(&token, installation.owner.id).await;
        assert!(matches!(refused, Err(AccountError::InvitationGone)));
    }

    async fn a_withdrawn_invitation_is_void(store) {
        let installation = installation(store).await;
        let access = installation.owners_access().await;
        let (invitation, token) = installation.invite(&access, Role::Viewer).await.unwrap();
        installation.withdraw_invitation(&access, invitation.id).await.unwrap();
        assert_eq!(installation.invitation(&token).await.unwrap(), None);
        let refused = installation.withdraw_invitation(&access, invitation.id).await;
        assert!(matches!(refused, Err(AccountError::NoSuchInvitation)));
    }

    async fn an_address_that_is_taken_is_asked_to_sign_in_and_the_invitation_stays(store) {
        let installation = installation(store).await;
        let access = installation.owners_access().await;
        let (_, token) = installation.invite(&access, Role::Viewer).await.unwrap();
        let refused = installation.accept_invitation_new(&token, "ADA@example.com", "Ada", PASSWORD).await;
        assert!(matches!(refused, Err(AccountError::EmailTaken)));
        assert!(installation.invitation(&token).await.unwrap().is_some());
    }

    async fn an_account_that_exists_joins_and_keeps_the_higher_role(store) {
        let installation = installation(store).await;
        let other = installation.create_project(installation.owner.id, "Another bot").await.unwrap();
        let access = installation.owners_access().await;
        let access_to_other =
            installation.authorise(&crate::setting::person(&installation.owner), &other.slug, Role::Owner).await.unwrap();
        let bob = installation.member("Bob", Role::Editor).await;

        let (_, to_other) = installation.invite(&access_to_other, Role::Viewer).await.unwrap();
        assert_eq!(installation.accept_invitation(&to_other, bob.id).await.unwrap(), other);
        let (_, lower) = installation.invite(&access, Role::Viewer).await.unwrap();
        installation.accept_invitation(&lower, bob.id).await.unwrap();
        assert_eq!(installation.access_of(&bob).await.role, Role::Editor);
        let (_, higher) = installation.invite(&access, Role::Owner).await.unwrap();
        installation.accept_invitation(&higher, bob.id).await.unwrap();
        assert_eq!(installation.access_of(&bob).await.role, Role::Owner);
        assert_eq!(installation.projects(bob.id).await.unwrap().len(), 2);
    }

    async fn a_made_up_token_opens_nothing(store) {
        let installation = installation(store).await;
        for token in ["", "x", &"0".repeat(43)] {
            assert_eq!(installation.invitation(token).await.unwrap(), None);
        }
    }
}
