//! An installation with an owner, a project, and people of every role.

use std::net::{IpAddr, Ipv4Addr};
use std::ops::Deref;

use turnwise_engine::access::{Access, Caller};
use turnwise_engine::{Engine, EngineConfig};
use turnwise_model::access::Role;
use turnwise_model::account::{Account, Project};
use turnwise_store::testing::TestStore;

/// The password of everybody.
pub const PASSWORD: &str = "correct horse battery";
/// Where everybody signs in from.
pub const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

/// An installation that was set up.
pub struct Installation {
    pub store: TestStore,
    pub engine: Engine,
    pub owner: Account,
    pub project: Project,
}

impl Deref for Installation {
    type Target = turnwise_engine::accounts::Accounts;
    fn deref(&self) -> &Self::Target {
        self.engine.accounts()
    }
}

/// The services on a database.
pub async fn engine(store: &TestStore) -> Engine {
    Engine::start(EngineConfig::for_tests(), store.store(), store.ambient.clone()).await.unwrap()
}

/// Ada owns the project "Support bot".
pub async fn installation(store: TestStore) -> Installation {
    let engine = engine(&store).await;
    let (owner, project) = engine.accounts().set_up("ada@example.com", "Ada", PASSWORD, "Support bot").await.unwrap();
    Installation { store, engine, owner, project }
}

impl Installation {
    /// The proof that the owner may.
    pub async fn owners_access(&self) -> Access {
        self.access_of(&self.owner).await
    }

    /// The proof that a member may see the project.
    pub async fn access_of(&self, account: &Account) -> Access {
        self.authorise(&person(account), &self.project.slug, Role::Viewer).await.unwrap()
    }

    /// Somebody who accepted an invitation.
    pub async fn member(&self, name: &str, role: Role) -> Account {
        let (_, token) = self.invite(&self.owners_access().await, role).await.unwrap();
        let email = format!("{}@example.com", name.to_lowercase());
        self.accept_invitation_new(&token, &email, name, PASSWORD).await.unwrap().0
    }

    /// What the audit log says was done in the project, newest first.
    pub async fn audited(&self) -> Vec<String> {
        let entries = self.audit_log(&self.owners_access().await, 100).await.unwrap();
        entries.into_iter().map(|entry| entry.action).collect()
    }
}

/// A person as a caller.
pub fn person(account: &Account) -> Caller {
    Caller::Person { account: account.id }
}
