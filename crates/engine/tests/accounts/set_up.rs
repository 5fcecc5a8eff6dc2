//! The first start.

use turnwise_engine::accounts::AccountError;
use turnwise_model::access::Role;
use turnwise_store::contract;

use crate::setting::{HOME, PASSWORD, engine, installation};

contract! {
    async fn a_new_installation_waits_for_its_owner(store) {
        let engine = engine(&store).await;
        assert!(engine.accounts().needs_setup().await.unwrap());
        let (ada, project) = engine.accounts().set_up(" Ada@Example.com", "Ada", PASSWORD, "Support bot").await.unwrap();
        assert!(!engine.accounts().needs_setup().await.unwrap());

        assert_eq!((ada.email.as_str(), project.slug.as_str()), ("ada@example.com", "support-bot"));
        assert_eq!(engine.accounts().sign_in("ada@example.com", PASSWORD, HOME).await.unwrap(), ada);
        let memberships = engine.accounts().projects(ada.id).await.unwrap();
        assert_eq!((memberships.len(), memberships[0].role), (1, Role::Owner));
    }

    async fn of_many_who_set_it_up_at_once_one_becomes_the_owner(store) {
        let (here, there) = (engine(&store).await, engine(&store).await);
        let mut setting_up = tokio::task::JoinSet::new();
        for number in 0..8 {
            let engine = if number % 2 == 0 { here.clone() } else { there.clone() };
            setting_up.spawn(async move {
                let email = format!("person{number}@example.com");
                engine.accounts().set_up(&email, "Somebody", PASSWORD, "Support bot").await
            });
        }
        let results = setting_up.join_all().await;
        let refused = results.iter().filter(|result| matches!(result, Err(AccountError::AlreadySetUp))).count();
        assert_eq!((results.iter().flatten().count(), refused), (1, 7));
        let (owner, project) = results.into_iter().flatten().next().unwrap();
        assert_eq!(here.accounts().projects(owner.id).await.unwrap()[0].project, project);
    }

    async fn what_cannot_be_is_refused_and_leaves_the_installation_free(store) {
        let engine = engine(&store).await;
        let accounts = engine.accounts();
        assert!(matches!(accounts.set_up("ada", "Ada", PASSWORD, "Bot").await, Err(AccountError::Email(_))));
        assert!(matches!(accounts.set_up("a@example.com", " ", PASSWORD, "Bot").await, Err(AccountError::Name { .. })));
        assert!(matches!(accounts.set_up("a@example.com", "Ada", "short", "Bot").await, Err(AccountError::PasswordTooShort { .. })));
        assert!(matches!(accounts.set_up("a@example.com", "Ada", PASSWORD, "").await, Err(AccountError::Name { .. })));
        assert!(accounts.needs_setup().await.unwrap());
    }

    async fn setting_up_is_audited(store) {
        let installation = installation(store).await;
        let entries = installation.audit_log(&installation.owners_access().await, 10).await.unwrap();
        assert_eq!(entries.len(), 1);
        assert_eq!((entries[0].action.as_str(), entries[0].actor_name.as_deref()), ("project.created", Some("Ada")));
    }
}
