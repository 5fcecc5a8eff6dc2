//! Members, and the rule that a project keeps an owner.

use turnwise_engine::accounts::AccountError;
use turnwise_model::access::Role;
use turnwise_store::contract;

use crate::setting::{engine, installation};

contract! {
    async fn members_are_listed_by_name(store) {
        let installation = installation(store).await;
        installation.member("Zoe", Role::Viewer).await;
        installation.member("Bob", Role::Reviewer).await;
        let members = installation.members(&installation.owners_access().await).await.unwrap();
        let listed: Vec<_> = members.iter().map(|member| (member.name.as_str(), member.role)).collect();
        assert_eq!(listed, [("Ada", Role::Owner), ("Bob", Role::Reviewer), ("Zoe", Role::Viewer)]);
    }

    async fn an_owner_changes_roles_and_removes_members(store) {
        let installation = installation(store).await;
        let access = installation.owners_access().await;
        let bob = installation.member("Bob", Role::Viewer).await;
        installation.set_role(&access, bob.id, Role::Editor).await.unwrap();
        assert_eq!(installation.access_of(&bob).await.role, Role::Editor);
        installation.remove_member(&access, bob.id).await.unwrap();
        assert!(installation.projects(bob.id).await.unwrap().is_empty());
        assert!(matches!(installation.remove_member(&access, bob.id).await, Err(AccountError::NoSuchMember)));
        assert!(matches!(installation.set_role(&access, bob.id, Role::Viewer).await, Err(AccountError::NoSuchMember)));
    }

    async fn the_last_owner_can_neither_be_demoted_nor_removed(store) {
        let installation = installation(store).await;
        let access = installation.owners_access().await;
        installation.member("Bob", Role::Editor).await;
        let owner = installation.owner.id;
        assert!(matches!(installation.set_role(&access, owner, Role::Editor).await, Err(AccountError::LastOwner)));
        assert!(matches!(installation.remove_member(&access, owner).await, Err(AccountError::LastOwner)));
        installation.set_role(&access, owner, Role::Owner).await.unwrap();
        assert_eq!(installation.owners_access().await.role, Role::Owner);
    }

    async fn two_owners_who_demote_each_other_at_once_leave_one(store) {
        let installation = installation(store).await;
        let there = engine(&installation.store).await;
        for round in 0..5 {
            let bob = installation.member(&format!("Bob{round}"), Role::Owner).await;
            let (of_ada, of_bob) = (installation.owners_access().await, installation.access_of(&bob).await);
            let (first, second) = tokio::join!(
                installation.set_role(&of_ada, bob.id, Role::Viewer),
                there.accounts().set_role(&of_bob, installation.owner.id, Role::Viewer),
            );
            assert!(first.is_ok() != second.is_ok(), "round {round}: {first:?} {second:?}");
            let loser = [first, second].into_iter().find_map(Result::err).unwrap();
            assert!(matches!(loser, AccountError::LastOwner), "{loser}");
            // Whoever remained makes Ada the only owner again.
            let members = installation.members(&of_ada).await.unwrap();
            let owners: Vec<_> = members.iter().filter(|member| member.role == Role::Owner).collect();
            assert_eq!(owners.len(), 1);
            if owners[0].account == bob.id {
                installation.set_role(&of_bob, installation.owner.id, Role::Owner).await.unwrap();
                installation.set_role(&of_ada, bob.id, Role::Viewer).await.unwrap();
            }
        }
    }

    async fn anybody_may_leave(store) {
        let installation = installation(store).await;
        let bob = installation.member("Bob", Role::Viewer).await;
        installation.remove_member(&installation.access_of(&bob).await, bob.id).await.unwrap();
        assert!(installation.projects(bob.id).await.unwrap().is_empty());
    }

    async fn changes_to_members_are_audited_once(store) {
        let installation = installation(store).await;
        let access = installation.owners_access().await;
        let bob = installation.member("Bob", Role::Viewer).await;
        installation.set_role(&access, bob.id, Role::Editor).await.unwrap();
        installation.set_role(&access, bob.id, Role::Editor).await.unwrap();
        installation.set_role(&access, installation.owner.id, Role::Viewer).await.unwrap_err();
        installation.remove_member(&access, bob.id).await.unwrap();
        let mut audited = installation.audited().await;
        audited.sort();
        assert_eq!(
            audited,
            ["invitation.accepted", "invitation.created", "member.removed", "member.role_changed", "project.created"]
        );
        let entries = installation.audit_log(&access, 100).await.unwrap();
        let change = entries.iter().find(|entry| entry.action == "member.role_changed").unwrap();
        assert_eq!((change.detail.as_str(), change.actor_name.as_deref()), ("viewer → editor", Some("Ada")));
        assert_eq!(change.target, bob.id.to_string());
    }
}
