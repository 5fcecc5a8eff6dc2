//! Errors of the API as problem+json (RFC 9457). Text of the database or of a library never gets in.
//!
//! Handlers return [`Problem`]; the two middlewares add the request's id and turn what a library answered on its own into the same form.

use std::borrow::Cow;
use std::error::Error;

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Method, StatusCode};
use serde::Serialize;
use turnwise_engine::EngineError;
use turnwise_engine::access::{AccessError, Denied};
use turnwise_engine::accounts::AccountError;
use utoipa::{IntoResponses, ToSchema};

use super::request_id::RequestId;

/// The media type of RFC 9457.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What went wrong (RFC 9457). `code` is for programs, `detail` for people.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProblemDetails {
    /// Always `about:blank`: the status and `code` say what kind of problem it is.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    pub kind: Cow<'static, str>,
    /// The status in words.
    #[schema(example = "Not Found")]
    pub title: Cow<'static, str>,
    /// The HTTP status.
    #[schema(example = 404)]
    pub status: u16,
    /// A word for programs, which does not change.
    #[schema(example = "not_found")]
    pub code: Cow<'static, str>,
    /// What happened and what to do next.
    pub detail: String,
    /// What was wrong, field by field, where that can be said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Names the request in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldError {
    /// The field, by its path in the body or its name in the query.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

/// The answers that every operation of the API may give instead of its own.
#[derive(IntoResponses)]
pub enum Problems {
    /// The request cannot be understood.
    #[response(status = 400, content_type = "application/problem+json")]
    Invalid(ProblemDetails),
    /// No valid API key was sent.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorised(ProblemDetails),
    /// The API key may not do this.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemDetails),
    /// It failed on our side.
    #[response(status = 500, content_type = "application/problem+json")]
    Failed(ProblemDetails),
}

/// An error of the API, ready to be answered.
#[derive(Debug)]
pub struct Problem {
    details: Box<ProblemDetails>,
    header: Option<(http::HeaderName, HeaderValue)>,
}

impl Problem {
    /// With a status, a word for programs and a sentence for people.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let details = ProblemDetails {
            kind: Cow::Borrowed("about:blank"),
            title: Cow::Borrowed(status.canonical_reason().unwrap_or("Error")),
            status: status.as_u16(),
            code: Cow::Borrowed(code),
            detail: detail.into(),
            errors: Vec::new(),
            request_id: None,
        };
        Self { details: Box::new(details), header: None }
    }

    /// 400 that names the field.
    #[must_use]
    pub fn invalid_field(field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let mut problem = Self::new(StatusCode::BAD_REQUEST, "invalid", format!("{field}: {message}"));
        problem.details.errors.push(FieldError { field: field.to_owned(), message });
        problem
    }

    /// 404.
    #[must_use]
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    /// 401, with the header that says how to authenticate.
    #[must_use]
    pub fn unauthorised(code: &'static str, detail: impl Into<String>) -> Self {
        let challenge = if code == "missing_credentials" {
            HeaderValue::from_static("Bearer realm=\"turnwise\"")
        } else {
            HeaderValue::from_static("Bearer realm=\"turnwise\", error=\"invalid_token\"")
        };
        let mut problem = Self::new(StatusCode::UNAUTHORIZED, code, detail);
        problem.header = Some((WWW_AUTHENTICATE, challenge));
        problem
    }

    /// 500. The error is logged here, once; the client learns only that it happened.
    pub fn internal(doing: &'static str, error: &(dyn Error + 'static)) -> Self {
        let mut causes = String::new();
        let mut cause = error.source();
        while let Some(error) = cause {
            causes.push_str(": ");
            causes.push_str(&error.to_string());
            cause = error.source();
        }
        tracing::error!(doing, "{error}{causes}");
        Self::failed()
    }

    /// 500 for what was already logged.
    #[must_use]
    pub fn failed() -> Self {
        let detail = "this failed on our side and was logged, try again or quote the request id to the operator";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    /// 429 with Retry-After.
    #[must_use]
    pub fn too_many(retry_after: std::time::Duration, detail: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", detail);
        problem.header = Some((RETRY_AFTER, HeaderValue::from(retry_after.as_secs().max(1))));
        problem
    }

    /// 503 with Retry-After.
    #[must_use]
    pub fn unavailable(retry_after: std::time::Duration, detail: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail);
        problem.header = Some((RETRY_AFTER, HeaderValue::from(retry_after.as_secs().max(1))));
        problem
    }

    /// The status it will be answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.details.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = (status, [(CONTENT_TYPE, PROBLEM_JSON)], body_of(&self.details)).into_response();
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        response.extensions_mut().insert(*self.details);
        response
    }
}

fn body_of(details: &ProblemDetails) -> Vec<u8> {
    serde_json::to_vec(details).unwrap_or_default()
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        Self::internal("asking the engine", &error)
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let detail = denied.to_string();
        match denied {
            Denied::NotSignedIn => Self::unauthorised("missing_credentials", MISSING_KEY),
            Denied::NoSuchProject => Self::not_found(detail),
            Denied::RoleTooLow { .. } => Self::new(StatusCode::FORBIDDEN, "role_too_low", detail),
            Denied::ScopeMissing(_) => Self::new(StatusCode::FORBIDDEN, "scope_missing", detail),
        }
    }
}

/// What a caller without credentials is told.
pub const MISSING_KEY: &str =
    "send an API key as `Authorization: Bearer tw_…`, as the password of Basic authentication or as `x-api-key`";

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Denied(denied) => denied.into(),
            AccessError::Engine(error) => error.into(),
        }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        let detail = error.to_string();
        match error {
            AccountError::Engine(error) => error.into(),
            AccountError::Denied(denied) => denied.into(),
            AccountError::TooManyAttempts { retry_after } => Self::too_many(retry_after, detail),
            AccountError::NoSuchAccount
            | AccountError::NoSuchMember
            | AccountError::NoSuchInvitation
            | AccountError::NoSuchApiKey => Self::not_found(detail),
            AccountError::AlreadySetUp | AccountError::EmailTaken | AccountError::LastOwner => {
                Self::new(StatusCode::CONFLICT, "conflict", detail)
            }
            AccountError::NotAnOwner => Self::new(StatusCode::FORBIDDEN, "role_too_low", detail),
            AccountError::Name { .. } => Self::invalid_field("name", detail),
            AccountError::NoScopes => Self::invalid_field("scopes", detail),
            _ => Self::new(StatusCode::BAD_REQUEST, "refused", detail),
        }
    }
}

/// Middleware for all routes: adds the request's id to problems.
pub async fn name_the_request(request: Request, next: Next) -> Response {
    let request_id = request.extensions().get::<RequestId>().map(|id| id.as_str().to_owned());
    let mut response = next.run(request).await;
    if let Some(mut details) = response.extensions_mut().remove::<ProblemDetails>() {
        details.request_id = request_id;
        response.headers_mut().remove(CONTENT_LENGTH);
        *response.body_mut() = Body::from(body_of(&details));
    }
    response
}

/// Middleware for routes whose clients are programs: gives errors that a library answered in plain text the form of all others.
pub async fn for_every_error(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let response = next.run(request).await;
    let failed = response.status().is_client_error() || response.status().is_server_error();
    if !failed || response.extensions().get::<ProblemDetails>().is_some() {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    let problem = of_status(parts.status, &method, parts.headers.get(ALLOW));
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    let body = Body::from(body_of(&problem.details));
    parts.extensions.insert(*problem.details);
    Response::from_parts(parts, body)
}

fn of_status(status: StatusCode, method: &Method, allowed: Option<&HeaderValue>) -> Problem {
    match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            let allowed = allowed.and_then(|value| value.to_str().ok()).unwrap_or("another method");
            Problem::new(status, "method_not_allowed", format!("{method} is not possible here, use {allowed}"))
        }
        StatusCode::NOT_FOUND => Problem::not_found("nothing is served under this address, see /api/v1/docs"),
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(status, "too_large", "the body is larger than this server accepts, send less at a time")
        }
        status if status.is_server_error() => Problem::failed(),
        status => Problem::new(status, "refused", "the request cannot be answered as it is, see /api/v1/docs"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_of_a_failure_is_not_told() {
        let problem = Problem::internal("saving", &std::io::Error::other("relation accounts does not exist"));
        assert_eq!(problem.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!String::from_utf8(body_of(&problem.details)).expect("is text").contains("accounts"));
    }

    #[test]
    fn a_field_is_named() {
        let problem = Problem::invalid_field("limit", "must be 1 to 200");
        let body: serde_json::Value = serde_json::from_slice(&body_of(&problem.details)).expect("is JSON");
        assert_eq!(body["errors"][0]["field"], "limit");
        assert_eq!(body["type"], "about:blank");
    }
}
