//! Every request has an id: the client's if it sent a sensible one, else a new one. It is in the answer and in the log.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use turnwise_model::{Ambient, Id};

/// The header that carries it, in and out.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken from a client.
const LONGEST: usize = 128;

/// The id of a request.
#[derive(Debug, Clone)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or("")
    }
}

/// A new id is made like all others here.
struct Fresh(String);

impl Id for Fresh {
    fn from_uuid(uuid: uuid::Uuid) -> Self {
        Self(uuid.to_string())
    }
}

/// Middleware: gives the request its id and returns it with the answer.
pub async fn give(State(ambient): State<Ambient>, mut request: Request, next: Next) -> Response {
    let sent = request.headers().get(X_REQUEST_ID).filter(|value| sensible(value)).cloned();
    let id = RequestId(sent.unwrap_or_else(|| {
        let Fresh(text) = ambient.id();
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("unknown"))
    }));
    request.headers_mut().insert(X_REQUEST_ID, id.0.clone());
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).await;
    response.headers_mut().insert(X_REQUEST_ID, id.0);
    response
}

/// Short, and of characters that cannot disturb a log.
fn sensible(value: &HeaderValue) -> bool {
    let harmless = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:/=+".contains(byte);
    (1..=LONGEST).contains(&value.len()) && value.as_bytes().iter().all(harmless)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_and_harmless_ids_are_taken() {
        for (text, taken) in
            [("4f2a-77", true), ("", false), ("a b", false), ("<script>", false), (&"x".repeat(129), false)]
        {
            assert_eq!(sensible(&HeaderValue::from_str(text).expect("is a header")), taken, "{text:?}");
        }
    }
}
