//! Signing in, and the limits on trying.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use turnwise_engine::accounts::{AccountError, Accounts};
use turnwise_store::{SecretHash, SecretKind, SignIn, contract};

use crate::setting::{HOME, PASSWORD, installation};

async fn is_wrong(accounts: &Accounts, email: &str, password: &str) -> bool {
    matches!(accounts.sign_in(email, password, HOME).await, Err(AccountError::WrongCredentials))
}

contract! {
    async fn only_the_right_password_of_a_known_address_signs_in(store) {
        let installation = installation(store).await;
        assert_eq!(installation.sign_in("ADA@example.com ", PASSWORD, HOME).await.unwrap(), installation.owner);
        assert!(is_wrong(&installation, "ada@example.com", "correct horse batterz").await);
        assert!(is_wrong(&installation, "bob@example.com", PASSWORD).await);
        assert!(is_wrong(&installation, "no address", PASSWORD).await);
        assert!(is_wrong(&installation, "ada@example.com", &"x".repeat(1_000_000)).await);
    }

    async fn guessing_one_persons_password_is_slowed_down_from_wherever(store) {
        let installation = installation(store).await;
        for number in 0..10 {
            let from = IpAddr::V4(Ipv4Addr::new(192, 0, 2, number));
            let refused = installation.sign_in("ada@example.com", "a wrong guess", from).await;
            assert!(matches!(refused, Err(AccountError::WrongCredentials)), "attempt {number}");
        }
        let Err(AccountError::TooManyAttempts { retry_after }) = installation.sign_in("ada@example.com", PASSWORD, HOME).await
        else { panic!("the eleventh attempt is one too many, even with the right password") };
        assert!(Duration::ZERO < retry_after && retry_after <= Duration::from_secs(10), "{retry_after:?}");

        installation.store.clock.advance(retry_after);
        assert_eq!(installation.sign_in("ada@example.com", PASSWORD, HOME).await.unwrap(), installation.owner);
        assert!(installation.sign_in("ada@example.com", PASSWORD, HOME).await.is_err());
    }

    async fn trying_many_addresses_from_one_place_is_slowed_down_but_not_for_others(store) {
        let installation = installation(store).await;
        let attacker = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));
        for number in 0..100 {
            let refused = installation.sign_in(&format!("person{number}@example.com"), "password123", attacker).await;
            assert!(matches!(refused, Err(AccountError::WrongCredentials)), "attempt {number}");
        }
        let refused = installation.sign_in("ada@example.com", PASSWORD, attacker).await;
        assert!(matches!(refused, Err(AccountError::TooManyAttempts { .. })));
        assert_eq!(installation.sign_in("ada@example.com", PASSWORD, HOME).await.unwrap(), installation.owner);
    }

    async fn changing_the_password_asks_for_the_old_one_and_ends_every_sign_in(store) {
        let installation = installation(store).await;
        let ada = installation.owner.id;
        let key = SecretHash::of(SecretKind::SignIn, "cookie");
        let expires_at = installation.store.ambient.now() + Duration::from_secs(60);
        let sign_in = SignIn { key: key.clone(), account: Some(ada), data: "{}".to_owned(), expires_at };
        installation.store.save_sign_in(&sign_in).await.unwrap();

        let refused = installation.change_password(ada, "not the old one", "a brand new password").await;
        assert!(matches!(refused, Err(AccountError::WrongPassword)));
        let refused = installation.change_password(ada, PASSWORD, "short").await;
        assert!(matches!(refused, Err(AccountError::PasswordTooShort { .. })));
        assert!(installation.store.sign_in(&key, installation.store.ambient.now()).await.unwrap().is_some());

        installation.change_password(ada, PASSWORD, "a brand new password").await.unwrap();
        assert_eq!(installation.store.sign_in(&key, installation.store.ambient.now()).await.unwrap(), None);
        assert!(is_wrong(&installation, "ada@example.com", PASSWORD).await);
        installation.sign_in("ada@example.com", "a brand new password", HOME).await.unwrap();
    }

    async fn a_name_is_changed_for_all_to_see(store) {
        let installation = installation(store).await;
        installation.change_name(installation.owner.id, " Ada Lovelace ").await.unwrap();
        assert_eq!(installation.account(installation.owner.id).await.unwrap().unwrap().name, "Ada Lovelace");
        assert_eq!(installation.members(&installation.owners_access().await).await.unwrap()[0].name, "Ada Lovelace");
        assert!(installation.change_name(installation.owner.id, "").await.is_err());
    }
}
