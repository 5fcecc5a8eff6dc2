//! [`SecretHash`]: how secrets that were drawn at random are stored. Passwords are another matter and hashed slowly.

use std::fmt;

/// What a secret opens. The same text hashes differently for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretKind {
    /// The id in a sign-in cookie.
    SignIn,
    /// The token in an invitation's link.
    Invitation,
    /// An API key.
    ApiKey,
}

/// A hash from which a secret of at least 128 random bits cannot be found.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SecretHash(String);

impl SecretHash {
    /// The hash of a secret (BLAKE3 with a context, as hex).
    #[must_use]
    pub fn of(kind: SecretKind, secret: &str) -> Self {
        let context = match kind {
            SecretKind::SignIn => "turnwise 2026-11-21 sign-in",
            SecretKind::Invitation => "turnwise 2026-11-21 invitation",
            SecretKind::ApiKey => "turnwise 2026-11-21 api key",
        };
        let mut hex = String::with_capacity(64);
        for byte in blake3::derive_key(context, secret.as_bytes()) {
            hex.push(char::from(b"0123456789abcdef"[usize::from(byte >> 4)]));
            hex.push(char::from(b"0123456789abcdef"[usize::from(byte & 15)]));
        }
        Self(hex)
    }

    /// The hash as it is stored: 64 hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn from_stored(hex: String) -> Self {
        Self(hex)
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretHash({}…)", self.0.get(..8).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_tells_neither_the_secret_nor_opens_another_door() {
        let of_key = SecretHash::of(SecretKind::ApiKey, "tw_secret");
        assert_eq!(of_key.as_str().len(), 64);
        assert!(!of_key.as_str().contains("secret") && !format!("{of_key:?}").contains("secret"));
        assert_ne!(of_key, SecretHash::of(SecretKind::SignIn, "tw_secret"));
        assert_eq!(of_key, SecretHash::of(SecretKind::ApiKey, "tw_secret"));
    }
}
