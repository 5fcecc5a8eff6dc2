//! [`InstallationSecret`]: what keys of providers are encrypted with. It is never stored in the database.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretString};
use turnwise_model::Ambient;

/// Separates this use of the secret from any other.
const PURPOSE: &str = "turnwise 2026 keys of model providers";
/// Bytes of a nonce.
const NONCE: usize = 24;

/// The secret of an installation: 32 bytes made of a text that all its processes are given.
#[derive(Clone)]
pub struct InstallationSecret([u8; 32]);

impl fmt::Debug for InstallationSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InstallationSecret(…)")
    }
}

/// What was encrypted cannot be read: under another secret, for another place, or damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it was encrypted under another secret of the installation")]
pub(crate) struct Unreadable;

impl InstallationSecret {
    /// From a text of at least 16 characters that is hard to guess.
    #[must_use]
    pub fn new(text: &SecretString) -> Self {
        Self(blake3::derive_key(PURPOSE, text.expose_secret().trim().as_bytes()))
    }

    /// Encrypts a text for one place: only there it can be read again.
    pub(crate) fn encrypt(&self, ambient: &Ambient, place: &str, text: &SecretString) -> Result<Vec<u8>, Unreadable> {
        let nonce = ambient.bytes::<NONCE>();
        let payload = Payload { msg: text.expose_secret().as_bytes(), aad: place.as_bytes() };
        let sealed = self.cipher().encrypt(XNonce::from_slice(&nonce), payload).map_err(|_| Unreadable)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Reads what was encrypted for this place.
    pub(crate) fn decrypt(&self, place: &str, sealed: &[u8]) -> Result<SecretString, Unreadable> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE).ok_or(Unreadable)?;
        let payload = Payload { msg: sealed, aad: place.as_bytes() };
        let text = self.cipher().decrypt(XNonce::from_slice(nonce), payload).map_err(|_| Unreadable)?;
        Ok(String::from_utf8(text).map_err(|_| Unreadable)?.into())
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&self.0).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use turnwise_model::Micros;

    #[test]
    fn what_is_encrypted_is_read_again_under_the_same_secret_and_for_the_same_place_only() {
        let (ambient, _) = Ambient::for_tests(Micros(5));
        let secret = InstallationSecret::new(&"a secret of this installation".into());
        let key: SecretString = "sk-0123456789".into();
        let sealed = secret.encrypt(&ambient, "here", &key).unwrap();
        assert!(!sealed.windows(4).any(|part| part == b"0123"));
        assert_eq!(secret.decrypt("here", &sealed).unwrap().expose_secret(), "sk-0123456789");
        assert!(secret.decrypt("there", &sealed).is_err());
        assert!(InstallationSecret::new(&"another".into()).decrypt("here", &sealed).is_err());
        assert!(secret.decrypt("here", &sealed[1..]).is_err() && secret.decrypt("here", b"").is_err());
        assert_ne!(secret.encrypt(&ambient, "here", &key).unwrap(), sealed, "a nonce of its own each time");
    }
}
