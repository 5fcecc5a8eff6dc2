//! Projects.

use turnwise_engine::accounts::AccountError;
use turnwise_model::access::Role;
use turnwise_store::contract;

use crate::setting::installation;

contract! {
    async fn projects_of_one_name_get_addresses_of_their_own(store) {
        let installation = installation(store).await;
        for expected in ["support-bot-2", "support-bot-3"] {
            let project = installation.create_project(installation.owner.id, "Support bot").await.unwrap();
            assert_eq!(project.slug.as_str(), expected);
        }
        let memberships = installation.projects(installation.owner.id).await.unwrap();
        let slugs: Vec<_> = memberships.iter().map(|membership| membership.project.slug.as_str()).collect();
        assert_eq!(slugs, ["support-bot", "support-bot-2", "support-bot-3"]);
    }

    async fn only_owners_create_projects(store) {
        let installation = installation(store).await;
        let bob = installation.member("Bob", Role::Editor).await;
        assert!(matches!(installation.create_project(bob.id, "Mine").await, Err(AccountError::NotAnOwner)));
        let zoe = installation.member("Zoe", Role::Owner).await;
        let project = installation.create_project(zoe.id, "Mine").await.unwrap();
        assert!(installation.projects(bob.id).await.unwrap().iter().all(|membership| membership.project != project));
    }

    async fn a_renamed_project_keeps_its_address(store) {
        let installation = installation(store).await;
        let renamed = installation.rename_project(&installation.owners_access().await, " Help desk ").await.unwrap();
        assert_eq!((renamed.name.as_str(), renamed.slug.as_str()), ("Help desk", "support-bot"));
        assert_eq!(installation.project_by_slug(&renamed.slug).await.unwrap(), Some(renamed));
        assert_eq!(installation.audited().await.iter().filter(|action| *action == "project.renamed").count(), 1);
    }
}
