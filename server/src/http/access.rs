//! Extractors that prove what a caller of the API may do. A handler that takes [`ProjectAccess`] cannot forget to ask.
//!
//! A key names its project. A person, who may be in many, names it by `?project=slug` or the header `x-turnwise-project`.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::request::Parts;
use turnwise_engine::access::{Access, Caller, Denied};
use turnwise_model::access::{Role, Scope, Slug};

use super::problem::{MISSING_KEY, Problem};
use crate::state::ServerState;

/// The header by which a person names the project.
pub const X_TURNWISE_PROJECT: &str = "x-turnwise-project";

/// What an operation needs: a scope of programs, a role of people.
pub trait Need: Send + Sync + 'static {
    /// What a program's key must be.
    const KEY: Key;
    /// The role that a person must have.
    const ROLE: Role;
}

/// What a program's key must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// Any working key.
    Any,
    /// One with this scope.
    With(Scope),
    /// No key is enough.
    Never,
}

/// To see what the project is called.
pub struct ToSee;
/// To send telemetry, sessions and scores.
pub struct ToIngest;
/// To see everything in the project.
pub struct ToRead;
/// To take everything out of the project.
pub struct ToExport;
/// To change evaluators, rules and queues.
pub struct ToWrite;
/// To claim tasks and review.
pub struct ToReview;
/// To manage members, keys and the project itself. For owners only, and no key is one: a leaked key must not make others.
pub struct ToManage;

impl Need for ToSee {
    const KEY: Key = Key::Any;
    const ROLE: Role = Role::Viewer;
}
impl Need for ToIngest {
    const KEY: Key = Key::With(Scope::Ingest);
    const ROLE: Role = Role::Editor;
}
impl Need for ToRead {
    const KEY: Key = Key::With(Scope::Read);
    const ROLE: Role = Role::Viewer;
}
impl Need for ToExport {
    const KEY: Key = Key::With(Scope::Read);
    const ROLE: Role = Role::Editor;
}
impl Need for ToWrite {
    const KEY: Key = Key::With(Scope::Write);
    const ROLE: Role = Role::Editor;
}
impl Need for ToReview {
    const KEY: Key = Key::With(Scope::Write);
    const ROLE: Role = Role::Reviewer;
}
impl Need for ToManage {
    const KEY: Key = Key::Never;
    const ROLE: Role = Role::Owner;
}

/// The proof that the caller may do what `N` needs in the project it named.
pub struct ProjectAccess<N> {
    /// The proof, for the services.
    pub access: Access,
    need: PhantomData<N>,
}

impl<N: Need> FromRequestParts<ServerState> for ProjectAccess<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Problem> {
        let accounts = state.engine.accounts();
        let access = match parts.extensions.get::<Caller>() {
            None | Some(Caller::Anonymous) => return Err(Problem::unauthorised("missing_credentials", MISSING_KEY)),
            Some(caller @ Caller::Program { scopes, .. }) => {
                let scope = match N::KEY {
                    Key::With(scope) => scope,
                    // Every key has a scope; whichever it is, it opens the door that any key opens.
                    Key::Any => *scopes.first().ok_or(Denied::NoSuchProject)?,
                    Key::Never => return Err(for_people_only()),
                };
                accounts.authorise_scope(caller, scope).await?
            }
            Some(caller @ Caller::Person { .. }) => accounts.authorise(caller, &named_project(parts)?, N::ROLE).await?,
        };
        Ok(Self { access, need: PhantomData })
    }
}

fn for_people_only() -> Problem {
    let detail = "no API key may do this: sign in as an owner of the project and use Settings, or `turnwise admin`";
    Problem::new(StatusCode::FORBIDDEN, "owner_only", detail)
}

/// The project that a person names.
fn named_project(parts: &Parts) -> Result<Slug, Problem> {
    let in_header = parts.headers.get(X_TURNWISE_PROJECT).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let in_query = || {
        let query = parts.uri.query().unwrap_or_default();
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == "project")
            .map(|(_, value)| value.into_owned())
    };
    let named = in_header.or_else(in_query).ok_or_else(|| {
        let detail = format!("name the project: add ?project=… or the header {X_TURNWISE_PROJECT}, or send an API key, which names its own");
        Problem::new(StatusCode::BAD_REQUEST, "project_missing", detail)
    })?;
    named.parse().map_err(|_| Problem::not_found("no such project"))
}
