//! Secrets that are shown once: API keys and invitation tokens.
//!
//! 43 letters and digits hold 256 bits, so a plain hash is as good as a slow one, and a lookup by hash gives nothing away.

use turnwise_model::Ambient;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// ⌈256 / log₂ 62⌉.
const LENGTH: usize = 43;
/// How an API key begins, so that scanners for leaked secrets can find it.
pub(super) const API_KEY_START: &str = "tw_";
/// How much of an API key is shown afterwards: its start and 8 characters.
const SHOWN: usize = API_KEY_START.len() + 8;

/// 43 letters and digits, each drawn uniformly.
pub(super) fn token(ambient: &Ambient) -> String {
    let mut token = String::with_capacity(LENGTH);
    while token.len() < LENGTH {
        for byte in ambient.bytes::<64>() {
            // 248 is the largest multiple of 62 in a byte: what lies above it would favour the first letters.
            if byte < 248 && token.len() < LENGTH {
                token.push(char::from(ALPHABET[usize::from(byte % 62)]));
            }
        }
    }
    token
}

/// A new API key, complete.
pub(super) fn api_key(ambient: &Ambient) -> String {
    format!("{API_KEY_START}{}", token(ambient))
}

/// What may be shown of an API key.
pub(super) fn api_key_prefix(secret: &str) -> String {
    secret.chars().take(SHOWN).collect()
}

/// Whether a text could be an API key at all; spares the database the rest.
pub(super) fn could_be_api_key(text: &str) -> bool {
    text.strip_prefix(API_KEY_START)
        .is_some_and(|token| token.len() == LENGTH && token.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;
    use turnwise_model::Micros;

    #[test]
    fn a_key_has_the_form_that_scanners_look_for() {
        let (ambient, _) = Ambient::for_tests(Micros(7));
        let key = api_key(&ambient);
        assert!(could_be_api_key(&key), "{key}");
        assert_eq!(key.len(), 46);
        assert_eq!(api_key_prefix(&key), key[..11]);
        assert_ne!(key, api_key(&ambient));
        for wrong in ["", "tw_", "tw_short", &key[1..], &format!("{key}x"), &key.replace("tw_", "tw-")] {
            assert!(!could_be_api_key(wrong), "{wrong}");
        }
    }

    #[test]
    fn no_letter_is_favoured() {
        let (ambient, _) = Ambient::for_tests(Micros(11));
        let mut counts: HashMap<char, f64> = HashMap::new();
        for _ in 0..2_000 {
            token(&ambient).chars().for_each(|c| *counts.entry(c).or_default() += 1.0);
        }
        let expected = 2_000.0 * 43.0 / 62.0;
        let chi_squared: f64 = counts.values().map(|n| (n - expected).powi(2) / expected).sum();
        assert_eq!(counts.len(), 62);
        assert!(chi_squared < 110.0, "61 degrees of freedom, p < 0.0001: {chi_squared}");
    }
}
