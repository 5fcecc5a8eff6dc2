//! What most tests begin with: a person, a project.

use turnwise_model::access::{Role, Slug};
use turnwise_model::account::{Account, Project};
use turnwise_store::testing::TestStore;
use turnwise_store::{Durability, Transaction};

/// Begins a transaction that will be committed.
pub async fn write(store: &TestStore) -> Transaction {
    store.write(Durability::Acknowledged).await.unwrap()
}

/// A person with this address.
pub async fn account(store: &TestStore, email: &str) -> Account {
    let account = Account { id: store.ambient.id(), email: email.parse().unwrap(), name: email.to_owned() };
    let mut transaction = write(store).await;
    assert!(transaction.insert_account(&account, "hash", store.ambient.now()).await.unwrap());
    transaction.commit().await.unwrap();
    account
}

/// A project of this name.
pub async fn project(store: &TestStore, name: &str) -> Project {
    let project = Project {
        id: store.ambient.id(),
        slug: Slug::from_name(name),
        name: name.to_owned(),
        created_at: store.ambient.now(),
    };
    let mut transaction = write(store).await;
    assert!(transaction.insert_project(&project).await.unwrap());
    transaction.commit().await.unwrap();
    project
}

/// A project and its owner.
pub async fn owned_project(store: &TestStore) -> (Account, Project) {
    let owner = account(store, "owner@example.com").await;
    let project = project(store, "Support bot").await;
    let mut transaction = write(store).await;
    transaction.put_member(project.id, owner.id, Role::Owner, store.ambient.now()).await.unwrap();
    transaction.commit().await.unwrap();
    (owner, project)
}
