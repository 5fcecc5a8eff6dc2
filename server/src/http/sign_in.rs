//! The sign-in cookie: a random id whose hash is a row of `sign_ins`. Ending the row ends the sign-in, whatever the browser keeps.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value as Json;
use time::OffsetDateTime;
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore};
use turnwise_app::{AppError, SignIns};
use turnwise_engine::Engine;
use turnwise_model::{AccountId, Micros};
use turnwise_store::{SecretHash, SecretKind, SignIn, StoreError};

use super::problem::Problem;

/// The cookie's name.
pub const COOKIE: &str = "turnwise_session";
/// How long a browser stays signed in after it was last used.
const LASTS: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// A sign-in in use is prolonged when this much of it is over, so that not every request writes.
const PROLONGED_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// What is kept for a browser: the account that is signed in.
const ACCOUNT: &str = "account";
/// What is told of a browser, but kept elsewhere: when its sign-in expires, in microseconds.
const EXPIRES_AT: &str = "expires_at";

/// Gives each request its [`Session`]. Behind https the cookie is sent over https only.
pub fn layer(engine: Engine, https: bool) -> SessionManagerLayer<SignInStore> {
    SessionManagerLayer::new(SignInStore { engine })
        .with_name(COOKIE)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(https)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(time::Duration::try_from(LASTS).unwrap_or(time::Duration::DAY)))
}

/// The account that is signed in, whose sign-in is prolonged while it is used.
///
/// # Errors
/// When the database does not answer.
pub async fn account(session: &Session, engine: &Engine) -> std::result::Result<Option<AccountId>, Problem> {
    let failed = |error: tower_sessions::session::Error| Problem::internal("reading a sign-in", &error);
    if session.id().is_none() {
        return Ok(None);
    }
    let Some(account) = session.get::<AccountId>(ACCOUNT).await.map_err(failed)? else { return Ok(None) };
    if let Some(expires_at) = session.get::<i64>(EXPIRES_AT).await.map_err(failed)? {
        let left = Micros(expires_at).since(engine.ambient().now());
        if left < LASTS.saturating_sub(PROLONGED_AFTER) {
            // Marks the session as changed, so that it is saved and the cookie is sent anew.
            session.set_expiry(session.expiry());
        }
    }
    Ok(Some(account))
}

/// Signs the browser of one request in and out.
pub struct BrowserSignIns {
    session: Session,
}

impl BrowserSignIns {
    /// For the browser that this session belongs to.
    #[must_use]
    pub const fn new(session: Session) -> Self {
        Self { session }
    }
}

#[async_trait]
impl SignIns for BrowserSignIns {
    async fn start(&self, account: AccountId) -> std::result::Result<(), AppError> {
        // Another id than before: one that somebody planted in the browser must not become a sign-in.
        self.session.cycle_id().await.map_err(|error| failed("a sign-in could not be renewed", &error))?;
        self.session.insert(ACCOUNT, account).await.map_err(|error| failed("a sign-in could not be started", &error))
    }

    async fn end(&self) -> std::result::Result<(), AppError> {
        self.session.flush().await.map_err(|error| failed("a sign-in could not be ended", &error))
    }
}

fn failed(what: &str, error: &tower_sessions::session::Error) -> AppError {
    tracing::error!(%error, "{what}");
    AppError::Internal { request: String::new() }.answered()
}

/// Keeps sessions in the store. The id in the cookie is a secret, so only its hash is written down.
#[derive(Debug, Clone)]
pub struct SignInStore {
    engine: Engine,
}

impl SignInStore {
    fn row(&self, record: &Record) -> Result<SignIn> {
        let mut data = record.data.clone();
        data.remove(EXPIRES_AT);
        let account = match data.remove(ACCOUNT) {
            Some(account) => Some(serde_json::from_value(account).map_err(|error| Error::Encode(error.to_string()))?),
            None => None,
        };
        let data = serde_json::to_string(&data).map_err(|error| Error::Encode(error.to_string()))?;
        Ok(SignIn { key: key(&record.id), account, data, expires_at: self.engine.ambient().now() + LASTS })
    }
}

#[async_trait]
impl SessionStore for SignInStore {
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            record.id = Id(i128::from_le_bytes(self.engine.ambient().bytes()));
            if self.engine.store().insert_sign_in(&self.row(record)?).await.map_err(backend)? {
                return Ok(());
            }
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.engine.store().save_sign_in(&self.row(record)?).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now = self.engine.ambient().now();
        let Some(found) = self.engine.store().sign_in(&key(id), now).await.map_err(backend)? else { return Ok(None) };
        let mut data: HashMap<String, Json> =
            serde_json::from_str(&found.data).map_err(|error| Error::Decode(error.to_string()))?;
        data.insert(EXPIRES_AT.to_owned(), Json::from(found.expires_at.0));
        if let Some(account) = found.account {
            data.insert(ACCOUNT.to_owned(), Json::from(account.to_string()));
        }
        let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(i128::from(found.expires_at.0) * 1_000)
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.engine.store().delete_sign_in(&key(id)).await.map_err(backend)
    }
}

fn key(id: &Id) -> SecretHash {
    SecretHash::of(SecretKind::SignIn, &id.to_string())
}

fn backend(error: StoreError) -> Error {
    Error::Backend(error.to_string())
}
