//! Connections and transactions.

use turnwise_model::{Ambient, Micros};
use turnwise_store::{Durability, Store, StoreConfig, contract};

use crate::setting::{account, write};

contract! {
    async fn a_database_answers(store) {
        store.ping().await.unwrap();
    }

    async fn after_closing_it_answers_no_more(store) {
        let another = store.another_process().await;
        another.close().await;
        assert!(another.ping().await.is_err());
        store.ping().await.unwrap();
    }

    async fn what_is_not_committed_never_happened(store) {
        let person = turnwise_model::account::Account {
            id: store.ambient.id(),
            email: "ada@example.com".parse().unwrap(),
            name: "Ada".to_owned(),
        };
        let mut dropped = write(&store).await;
        assert!(dropped.insert_account(&person, "hash", store.ambient.now()).await.unwrap());
        drop(dropped);
        let mut rolled_back = write(&store).await;
        assert!(rolled_back.insert_account(&person, "hash", store.ambient.now()).await.unwrap());
        rolled_back.roll_back().await.unwrap();

        assert_eq!(store.account(person.id).await.unwrap(), None);
    }

    async fn what_is_committed_is_seen_by_another_process_at_once(store) {
        let another = store.another_process().await;
        for (number, durability) in [Durability::Acknowledged, Durability::Derived, Durability::Acknowledged].into_iter().enumerate() {
            let person = turnwise_model::account::Account {
                id: store.ambient.id(),
                email: format!("ada{number}@example.com").parse().unwrap(),
                name: "Ada".to_owned(),
            };
            let mut transaction = store.write(durability).await.unwrap();
            assert!(transaction.insert_account(&person, "hash", store.ambient.now()).await.unwrap());
            transaction.commit().await.unwrap();
            assert_eq!(another.account(person.id).await.unwrap(), Some(person));
        }
    }

    async fn many_writers_wait_for_each_other(store) {
        let mut writing = tokio::task::JoinSet::new();
        let another = store.another_process().await;
        for number in 0..40 {
            // From two processes at once.
            let store_of_task = if number % 2 == 0 { store.store() } else { another.clone() };
            let ambient = store.ambient.clone();
            writing.spawn(async move {
                let person = turnwise_model::account::Account {
                    id: ambient.id(),
                    email: format!("person{number}@example.com").parse().unwrap(),
                    name: "Somebody".to_owned(),
                };
                let mut transaction = store_of_task.write(Durability::Derived).await.unwrap();
                assert!(transaction.insert_account(&person, "hash", ambient.now()).await.unwrap());
                transaction.commit().await.unwrap();
            });
        }
        assert_eq!(writing.join_all().await.len(), 40);
        assert!(store.credentials(&"person39@example.com".parse().unwrap()).await.unwrap().is_some());
    }

    async fn the_debug_text_does_not_give_the_address_away(store) {
        account(&store, "ada@example.com").await;
        let text = format!("{:?}", store.store());
        assert!(!text.contains(store.url()), "{text}");
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_used_is_an_error() {
    let (ambient, _) = Ambient::for_tests(Micros(1));
    for url in ["mysql://localhost/turnwise", "turnwise.db", "sqlite::memory:", "sqlite:///no/such/folder/turnwise.db"]
    {
        assert!(Store::connect(&StoreConfig::new(url), ambient.clone()).await.is_err(), "{url}");
    }
}
