//! Sign-ins.

use std::time::Duration;

use turnwise_model::AccountId;
use turnwise_store::testing::TestStore;
use turnwise_store::{SecretHash, SecretKind, SignIn, contract};

use crate::setting::{account, write};

const HOUR: Duration = Duration::from_secs(3_600);

fn sign_in(store: &TestStore, secret: &str, account: Option<AccountId>) -> SignIn {
    let key = SecretHash::of(SecretKind::SignIn, secret);
    SignIn { key, account, data: r#"{"theme":"dark"}"#.to_owned(), expires_at: store.ambient.now() + HOUR }
}

contract! {
    async fn a_sign_in_is_found_until_it_expires(store) {
        let ada = account(&store, "ada@example.com").await;
        let wanted = sign_in(&store, "cookie", Some(ada.id));
        assert!(store.insert_sign_in(&wanted).await.unwrap());
        assert!(!store.insert_sign_in(&wanted).await.unwrap());
        assert_eq!(store.sign_in(&wanted.key, store.ambient.now()).await.unwrap(), Some(wanted.clone()));
        assert_eq!(store.sign_in(&wanted.key, wanted.expires_at).await.unwrap(), None);
    }

    async fn saving_writes_what_is_new_and_what_is_known(store) {
        let ada = account(&store, "ada@example.com").await;
        let anonymous = sign_in(&store, "cookie", None);
        store.save_sign_in(&anonymous).await.unwrap();
        let known = SignIn { account: Some(ada.id), data: "{}".to_owned(), expires_at: anonymous.expires_at + HOUR, ..anonymous };
        store.save_sign_in(&known).await.unwrap();
        assert_eq!(store.sign_in(&known.key, store.ambient.now()).await.unwrap(), Some(known));
    }

    async fn signing_out_ends_one_and_changing_the_password_all(store) {
        let ada = account(&store, "ada@example.com").await;
        let bob = account(&store, "bob@example.com").await;
        let [first, second, third] = ["first", "second", "third"].map(|secret| sign_in(&store, secret, Some(ada.id)));
        let of_bob = sign_in(&store, "bob's", Some(bob.id));
        for one in [&first, &second, &third, &of_bob] {
            store.save_sign_in(one).await.unwrap();
        }
        store.delete_sign_in(&first.key).await.unwrap();
        assert_eq!(store.sign_in(&first.key, store.ambient.now()).await.unwrap(), None);
        assert!(store.sign_in(&second.key, store.ambient.now()).await.unwrap().is_some());

        let mut transaction = write(&store).await;
        assert_eq!(transaction.end_sign_ins_of(ada.id).await.unwrap(), 2);
        transaction.commit().await.unwrap();
        assert_eq!(store.sign_in(&third.key, store.ambient.now()).await.unwrap(), None);
        assert!(store.sign_in(&of_bob.key, store.ambient.now()).await.unwrap().is_some());
    }

    async fn only_expired_ones_are_swept(store) {
        let early = sign_in(&store, "early", None);
        store.save_sign_in(&early).await.unwrap();
        store.clock.advance(HOUR);
        let late = sign_in(&store, "late", None);
        store.save_sign_in(&late).await.unwrap();
        let mut transaction = write(&store).await;
        assert_eq!(transaction.delete_expired_sign_ins(store.ambient.now()).await.unwrap(), 1);
        transaction.commit().await.unwrap();
        assert!(store.sign_in(&late.key, store.ambient.now()).await.unwrap().is_some());
    }
}
