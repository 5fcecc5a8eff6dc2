//! The OpenAPI document: what all operations share. The operations themselves come from [`super::routes`].

use std::sync::OnceLock;

use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};

use super::routes;
use crate::http::problem::{FieldError, ProblemDetails};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Turnwise",
        description = "Send conversations, evaluate them, review them, take the results out.\n\n\
            Send an API key as `Authorization: Bearer tw_…`, as the password of Basic authentication, or as `x-api-key`; it names its project. \
            Where a person's rights are needed, the sign-in cookie of the interface does it, with `?project=…`.\n\n\
            Lists take `limit` and `cursor` and give `{data, next_cursor}`. Errors are problem+json (RFC 9457)."
    ),
    components(schemas(ProblemDetails, FieldError)),
    security(("key" = []), ("basic" = []), ("header" = [])),
    servers((url = "/")),
    tags(
        (name = "project", description = "The project that a key names, and its members"),
        (name = "sessions", description = "Conversations with their turns and spans"),
        (name = "scores", description = "Judgements about sessions, turns and spans"),
        (name = "exports", description = "Sessions, turns, scores and reviews as files for pandas, DuckDB or a spreadsheet"),
        (name = "rules", description = "Which sessions are sampled and evaluated, and what goes to people"),
        (name = "evaluators", description = "What turns sessions into scores: checks, and judges that ask a model"),
        (name = "evaluations", description = "The ledger: what was evaluated, and what became of it"),
        (name = "providers", description = "Where judges ask"),
        (name = "queues", description = "Where tasks wait for people, each with a rubric"),
        (name = "reviews", description = "Taking tasks and answering them"),
        (name = "api-keys", description = "Keys by which programs call this API"),
    )
)]
struct Frame;

/// The document without operations.
pub fn frame() -> OpenApi {
    let mut document = Frame::openapi();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    document.info.license = None;
    let components = document.components.get_or_insert_default();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API key")).build();
    let basic = HttpBuilder::new()
        .scheme(HttpAuthScheme::Basic)
        .description(Some("Any name, and an API key as password"))
        .build();
    let header = ApiKey::Header(ApiKeyValue::with_description("x-api-key", "An API key"));
    components.add_security_scheme("key", SecurityScheme::Http(bearer));
    components.add_security_scheme("basic", SecurityScheme::Http(basic));
    components.add_security_scheme("header", SecurityScheme::ApiKey(header));
    document
}

/// The whole document.
#[must_use]
pub fn document() -> OpenApi {
    routes::resources().into_openapi()
}

/// `GET /api/v1/openapi.json`.
pub async fn serve() -> Response {
    static JSON: OnceLock<Vec<u8>> = OnceLock::new();
    let json = JSON.get_or_init(|| serde_json::to_vec(&document()).unwrap_or_default());
    ([(CONTENT_TYPE, "application/json")], json.as_slice()).into_response()
}
