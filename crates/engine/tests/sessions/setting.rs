//! What most tests begin with: an engine, a project and its owner, and conversations to send.

use std::path::PathBuf;
use std::time::Duration;

use turnwise_engine::access::{Access, Caller};
use turnwise_engine::background::run_until_idle;
use turnwise_engine::{Engine, EngineConfig};
use turnwise_ingest::messages::read_line;
use turnwise_model::access::Role;
use turnwise_model::telemetry::SpanRecord;
use turnwise_model::view::session::{SessionDetail, SessionQuery, SessionRow};
use turnwise_model::{Micros, ProjectId};
use turnwise_store::testing::TestStore;

/// An engine with a project and the right to do anything in it.
pub struct Setting {
    pub engine: Engine,
    pub access: Access,
    pub project: ProjectId,
}

pub async fn engine(store: &TestStore) -> Engine {
    Engine::start(EngineConfig::for_tests(), store.store(), store.ambient.clone()).await.unwrap()
}

impl Setting {
    pub async fn new(store: &TestStore) -> Self {
        let engine = engine(store).await;
        let (account, project) = engine
            .accounts()
            .set_up("owner@example.com", "Olga", "correct horse battery", "Support bot")
            .await
            .unwrap();
        let caller = Caller::Person { account: account.id };
        let access = engine.accounts().authorise(&caller, &project.slug, Role::Owner).await.unwrap();
        Self { engine, access, project: project.id }
    }

    /// Another project of the same owner.
    pub async fn another_project(&self) -> Access {
        let account = self.access.account().unwrap();
        let project = self.engine.accounts().create_project(account, "Another bot").await.unwrap();
        self.engine.accounts().authorise(&Caller::Person { account }, &project.slug, Role::Owner).await.unwrap()
    }

    /// Somebody who may only look.
    pub async fn viewer(&self) -> Access {
        let accounts = self.engine.accounts();
        let (_, token) = accounts.invite(&self.access, Role::Viewer).await.unwrap();
        let (account, _) =
            accounts.accept_invitation_new(&token, "vera@example.com", "Vera", "correct horse battery").await.unwrap();
        let caller = Caller::Person { account: account.id };
        accounts.authorise(&caller, &self.access.project.slug, Role::Viewer).await.unwrap()
    }

    pub async fn send(&self, spans: Vec<SpanRecord>) {
        self.engine.ingestion().accept(self.project, spans).await.unwrap();
    }

    /// Derives what is due a moment from now, and closes what is due then.
    pub async fn derive(&self, store: &TestStore) {
        store.clock.advance(Duration::from_millis(150));
        run_until_idle(&self.engine.sessions().workers(), &store.ambient).await.unwrap();
    }

    pub async fn get(&self, name: &str) -> SessionDetail {
        self.engine.sessions().get(&self.access, name).await.unwrap().unwrap_or_else(|| panic!("no session {name}"))
    }

    pub async fn list(&self, filter: &str) -> Vec<SessionRow> {
        let query = SessionQuery { filter: filter.to_owned(), limit: 200, ..SessionQuery::default() };
        self.engine.sessions().list(&self.access, &query).await.unwrap().data
    }
}

/// A conversation, each message a minute after the one before, the last of them just now.
pub fn conversation(
    store: &TestStore,
    name: &str,
    messages: &[(&str, &str)],
    end_reason: Option<&str>,
) -> Vec<SpanRecord> {
    let ends_at = store.ambient.now();
    conversation_until(ends_at, name, messages, end_reason)
}

pub fn conversation_until(
    ends_at: Micros,
    name: &str,
    messages: &[(&str, &str)],
    end_reason: Option<&str>,
) -> Vec<SpanRecord> {
    let count = messages.len() as u64;
    let messages: Vec<_> = messages
        .iter()
        .zip(1..)
        .map(|((role, text), number)| {
            let at = ends_at - Duration::from_secs(60 * (count - number));
            serde_json::json!({ "role": role, "content": text, "timestamp": at })
        })
        .collect();
    let line = serde_json::json!({ "session_id": name, "user_id": "ada", "tags": ["vip"], "end_reason": end_reason, "messages": messages });
    read_line(&line.to_string(), Micros(0)).unwrap().spans
}

/// Two turns.
pub const PARCEL: &[(&str, &str)] = &[
    ("user", "Where is my parcel?"),
    ("assistant", "It left on Tuesday."),
    ("user", "And when will it be here?"),
    ("assistant", "On Friday."),
];

/// A folder of real data; `None`, with a word on it, where it is not there.
///
/// # Panics
/// With `CI=true` where it is not there.
pub fn data(folder: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(folder);
    if path.is_dir() {
        return Some(path);
    }
    let reason = format!("{} is not there", path.display());
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{reason}, and CI=true does not let tests be skipped");
    eprintln!("skipped: {reason}");
    None
}
