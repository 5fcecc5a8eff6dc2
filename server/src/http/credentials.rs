//! How a program shows its API key: `Authorization: Bearer`, the password of Basic authentication, or `x-api-key`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName};

/// The header that some clients use instead of Authorization.
pub const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The credentials of a request could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the Authorization header cannot be read, expected `Bearer tw_…` or Basic authentication with the key as password"
)]
pub struct Unreadable;

/// Whether a request shows a key, good or bad. Such a request never rests on a cookie.
#[must_use]
pub fn are_present(headers: &HeaderMap) -> bool {
    headers.contains_key(AUTHORIZATION) || headers.contains_key(X_API_KEY)
}

/// The key that a request shows; `None` when it shows none.
///
/// # Errors
/// When there is something in its place that is no key.
pub fn key_of(headers: &HeaderMap) -> Result<Option<String>, Unreadable> {
    if let Some(value) = headers.get(X_API_KEY) {
        let key = value.to_str().map_err(|_| Unreadable)?.trim();
        return if key.is_empty() { Err(Unreadable) } else { Ok(Some(key.to_owned())) };
    }
    let Some(value) = headers.get(AUTHORIZATION) else { return Ok(None) };
    let (scheme, rest) = value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or(Unreadable)?;
    let rest = rest.trim();
    let key = if scheme.eq_ignore_ascii_case("bearer") {
        rest.to_owned()
    } else if scheme.eq_ignore_ascii_case("basic") {
        let decoded = STANDARD.decode(rest).map_err(|_| Unreadable)?;
        let (public, secret) =
            std::str::from_utf8(&decoded).ok().and_then(|pair| pair.split_once(':')).ok_or(Unreadable)?;
        // Clients that know only one key send it as the name, with an empty password.
        if secret.is_empty() { public.to_owned() } else { secret.to_owned() }
    } else {
        return Err(Unreadable);
    };
    if key.is_empty() { Err(Unreadable) } else { Ok(Some(key)) }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn shown(name: HeaderName, value: &str) -> Result<Option<String>, Unreadable> {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(value).expect("is a header"));
        key_of(&headers)
    }

    #[test]
    fn a_key_is_found_in_all_three_places() {
        assert_eq!(shown(AUTHORIZATION, "Bearer tw_1"), Ok(Some("tw_1".into())));
        assert_eq!(shown(AUTHORIZATION, "basic cHVibGljOnR3XzE="), Ok(Some("tw_1".into())));
        assert_eq!(shown(AUTHORIZATION, "Basic dHdfMTo="), Ok(Some("tw_1".into())));
        assert_eq!(shown(X_API_KEY, "tw_1"), Ok(Some("tw_1".into())));
        assert_eq!(key_of(&HeaderMap::new()), Ok(None));
    }

    #[test]
    fn what_is_no_key_is_an_error_and_not_nobody() {
        for value in ["Bearer", "Bearer ", "Basic ???", "Basic bm9jb2xvbg==", "Digest x", "tw_1"] {
            assert_eq!(shown(AUTHORIZATION, value), Err(Unreadable), "{value:?}");
        }
        assert_eq!(shown(X_API_KEY, ""), Err(Unreadable));
    }
}
