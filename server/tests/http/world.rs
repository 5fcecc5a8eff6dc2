//! Two projects that must not know of each other: Ada owns one, Carol views it; Bob owns the other.

use axum::Router;
use bytes::Bytes;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use turnwise_engine::access::{Access, Caller};
use turnwise_engine::background::run_until_idle;
use turnwise_engine::{Engine, EngineConfig};
use turnwise_model::access::{Role, Scope};
use turnwise_model::account::{Account, Project};
use turnwise_model::view::review::{NamedTarget, ReviewTask};
use turnwise_model::{ApiKeyId, ClaimId, InvitationId, QueueId};
use turnwise_server::config::MetricsAccess;
use turnwise_server::http::{COOKIE, Site, app};
use turnwise_server::state::{ServerState, Settings};
use turnwise_store::testing::{TestStore, sqlite};

use crate::client::{Answer, Ask, call, get, post_json};

pub const PASSWORD: &str = "correct horse battery";
/// The largest body that the server under test takes.
pub const MAX_BODY: usize = 4_096;

/// A server on a database of its own.
pub struct Server {
    pub store: TestStore,
    pub engine: Engine,
    pub app: Router,
}

pub fn settings() -> Settings {
    Settings {
        public_url: None,
        trusted_proxies: 0,
        metrics: MetricsAccess::Protected,
        request_timeout: std::time::Duration::from_secs(30),
        max_body_bytes: MAX_BODY,
        max_ingest_bytes: 1 << 20,
        answers: true,
    }
}

/// A small site: one file in all encodings, one in none.
fn site() -> Site {
    let manifest = r#"{"js":"app-1.js","wasm":"app-1.wasm","css":"app-1.css","loader":"parts-1.js","parts":{"rules":["shared-1.wasm","rules-1.wasm"]},"files":{"icons.svg":"icons-1.svg"}}"#;
    let files = [
        ("manifest.json", manifest),
        ("app-1.js", "identity"),
        ("app-1.js.br", "brotli"),
        ("app-1.js.gz", "gzip"),
        ("app-1.wasm", "wasm"),
        ("snippets/a-1.js", "snippet"),
    ];
    Site::of(files.map(|(name, text)| (name.to_owned(), Bytes::from_static(text.as_bytes()))))
}

impl Server {
    pub async fn empty() -> Self {
        Self::empty_with(settings()).await
    }

    pub async fn empty_with(settings: Settings) -> Self {
        Self::on(sqlite().await, settings).await
    }

    pub async fn on(store: TestStore, settings: Settings) -> Self {
        let engine = Engine::start(EngineConfig::for_tests(), store.store(), store.ambient.clone()).await.unwrap();
        let app = app(ServerState::new(engine.clone(), settings, site(), CancellationToken::new())).unwrap();
        Self { store, engine, app }
    }

    pub async fn ask(&self, ask: Ask) -> Answer {
        Answer::read(self.app.clone().oneshot(ask.build()).await.unwrap()).await
    }

    /// Signs in over HTTP and gives the cookie to send from then on.
    pub async fn sign_in(&self, email: &str) -> String {
        let answer =
            self.ask(call("/api/ui/sign_in", form(&[("email", email), ("password", PASSWORD), ("next", "")]))).await;
        assert!(answer.status.is_success(), "{} {}", answer.status, answer.text());
        cookie_of(&answer)
    }
}

/// The name and value of the sign-in cookie that an answer sets.
#[track_caller]
pub fn cookie_of(answer: &Answer) -> String {
    let cookie = answer.set_cookie(COOKIE).unwrap_or_else(|| panic!("no cookie in {:?}", answer.headers));
    cookie.split(';').next().unwrap().to_owned()
}

pub fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The two projects with all that is in them.
pub struct World {
    pub server: Server,
    pub shop: Project,
    pub carol: Account,
    /// Cookies.
    pub ada_cookie: String,
    pub bob_cookie: String,
    pub carol_cookie: String,
    /// A key of the shop with all scopes, and one that may only send.
    pub shop_key: String,
    pub shop_ingest_key: String,
    /// One that may only read.
    pub shop_read_key: String,
    pub shop_key_id: ApiKeyId,
    /// A session of the shop, and one of its spans.
    pub shop_session: String,
    pub shop_span: (String, String),
    /// A queue of the shop, and two claims in it of the key with all scopes.
    pub shop_queue: String,
    /// An export of the shop that is done.
    pub shop_export: String,
    /// A rule of the shop, and a backfill of it that waits.
    pub shop_rule: String,
    pub shop_backfill: String,
    /// An evaluator of the shop, a check, and a model provider.
    pub shop_evaluator: String,
    pub shop_provider: String,
    pub shop_claims: [ClaimId; 2],
    /// What Ada holds in it.
    pub ada_tasks: [ReviewTask; 2],
    /// An open invitation to the shop.
    pub shop_invitation: InvitationId,
    /// A key of Bob's project with all scopes.
    pub other_key: String,
}

/// Texts that nobody outside the shop may ever see.
pub const SHOP_ONLY: [&str; 9] = [
    "Rule of the shop",
    "Shop of Ada",
    "shop-of-ada",
    "ada@example.com",
    "carol@example.com",
    "key of the shop",
    "Queue of the shop",
    "my parcel",
    "Lisbon",
];

impl World {
    pub async fn new() -> Self {
        Self::with(settings()).await
    }

    pub async fn with(settings: Settings) -> Self {
        let server = Server::empty_with(settings).await;
        let accounts = server.engine.accounts();
        let (ada, shop) = accounts.set_up("ada@example.com", "Ada", PASSWORD, "Shop of Ada").await.unwrap();
        let other = accounts.create_project(ada.id, "Other").await.unwrap();

        let in_other = access(&server.engine, &ada, &other).await;
        let (_, to_other) = accounts.invite(&in_other, Role::Owner).await.unwrap();
        let (bob, _) = accounts.accept_invitation_new(&to_other, "bob@example.com", "Bob", PASSWORD).await.unwrap();
        accounts.remove_member(&in_other, ada.id).await.unwrap();
        let in_other = access(&server.engine, &bob, &other).await;
        let (_, other_key) = accounts.create_api_key(&in_other, "other", Scope::ALL).await.unwrap();

        let in_shop = access(&server.engine, &ada, &shop).await;
        let (_, to_shop) = accounts.invite(&in_shop, Role::Viewer).await.unwrap();
        let (carol, _) =
            accounts.accept_invitation_new(&to_shop, "carol@example.com", "Carol", PASSWORD).await.unwrap();
        let (shop_invitation, _) = accounts.invite(&in_shop, Role::Viewer).await.unwrap();
        let (key, shop_key) = accounts.create_api_key(&in_shop, "key of the shop", Scope::ALL).await.unwrap();
        let (_, shop_ingest_key) = accounts.create_api_key(&in_shop, "sender", &[Scope::Ingest]).await.unwrap();

        let (_, shop_read_key) = accounts.create_api_key(&in_shop, "reader", &[Scope::Read]).await.unwrap();
        let (shop_session, shop_span) = send_session(&server, &shop_key).await;
        let shop_export = export(&server, &shop_key).await;
        let program = Caller::Program { key: key.id, project: shop.id, scopes: Scope::ALL.to_vec() };
        let program = accounts.authorise_scope(&program, Scope::Write).await.unwrap();
        let shop_queue = make_queue(&server.engine, &program).await;
        let shop_tasks = claim_both(&server.engine, &program, shop_queue).await;
        let ada_tasks = claim_both(&server.engine, &in_shop, shop_queue).await;
        let draft = serde_json::from_value(serde_json::json!({
            "name": "Rule of the shop", "sampling": { "rate": 1, "salt": "" },
            "audit": { "rate": 0.5, "salt": "", "queue": shop_queue.to_string() }
        }));
        let shop_rule = server.engine.rules().create(&in_shop, &draft.unwrap()).await.unwrap().id;
        let shop_backfill = server.engine.rules().backfill(&in_shop, shop_rule, 10).await.unwrap().id.to_string();
        let evaluators = server.engine.evaluators().list(&in_shop).await.unwrap().evaluators;
        let safety = evaluators.iter().find(|summary| summary.current.name == "Safety").unwrap();
        let shop_evaluator = safety.current.evaluator.to_string();
        let draft = serde_json::from_value(serde_json::json!({
            "name": "Nobody", "base_url": "http://127.0.0.1:9/v1", "model": "judge-1", "key": "a key", "concurrency": 8,
            "timeout_seconds": 60
        }));
        let provider = server.engine.providers().save(&in_shop, None, &draft.unwrap()).await.unwrap();

        Self {
            ada_cookie: server.sign_in("ada@example.com").await,
            bob_cookie: server.sign_in("bob@example.com").await,
            carol_cookie: server.sign_in("carol@example.com").await,
            shop,
            carol,
            shop_key,
            shop_ingest_key,
            shop_read_key,
            shop_session,
            shop_span,
            shop_export,
            shop_rule: shop_rule.to_string(),
            shop_backfill,
            shop_evaluator,
            shop_provider: provider.to_string(),
            shop_queue: shop_queue.to_string(),
            shop_claims: shop_tasks.map(|task| task.ticket.claim),
            ada_tasks,
            shop_key_id: key.id,
            shop_invitation: shop_invitation.id,
            other_key,
            server,
        }
    }

    pub async fn ask(&self, ask: Ask) -> Answer {
        self.server.ask(ask).await
    }
}

/// Sends one conversation and gives the ids of its session and of one of its spans.
async fn send_session(server: &Server, key: &str) -> (String, (String, String)) {
    let body = r#"{"session_id":"chat-1","messages":[
        {"role":"user","content":"where is my parcel?"},
        {"role":"assistant","content":"it waits in Lisbon"}
    ]}"#;
    let made = server.ask(post_json("/api/v1/sessions", body).key(key)).await;
    assert!(made.status.is_success(), "{} {}", made.status, made.text());
    let session = made.json()["id"].as_str().unwrap().to_owned();
    let spans = server.ask(get(format!("/api/v1/sessions/{session}/spans")).key(key)).await.json();
    let text = |name: &str| spans["data"][0][name].as_str().unwrap_or_else(|| panic!("{name} in {spans}")).to_owned();
    (session, (text("trace_id"), text("span_id")))
}

/// Has the turns exported and gives the export's id.
async fn export(server: &Server, key: &str) -> String {
    let body = r#"{"kind":"turns","format":"jsonl"}"#;
    let started = server.ask(post_json("/api/v1/exports", body).key(key)).await;
    assert_eq!(started.status, http::StatusCode::ACCEPTED, "{}", started.text());
    run_until_idle(&server.engine.exports().workers(), &server.store.ambient).await.unwrap();
    started.json()["id"].as_str().unwrap().to_owned()
}

/// Makes a queue and puts the session and its turn into it.
async fn make_queue(engine: &Engine, access: &Access) -> QueueId {
    let draft = serde_json::json!({
        "name": "Queue of the shop", "instructions": "", "overlap": 3, "order": "oldest", "blind": true, "lease_seconds": 300,
        "questions": [{ "key": "resolved", "title": "Where is my parcel?", "type": "yes_no" }],
    });
    let queues = engine.queues();
    let queue = queues.create(access, &serde_json::from_value(draft).unwrap()).await.unwrap().id;
    let named = [None, Some(1)].map(|position| NamedTarget { session: "chat-1".to_owned(), position });
    let targets = queues.targets(access, &named).await.unwrap();
    queues.add(access, queue, &targets).await.unwrap();
    queue
}

/// Claims both tasks of the queue.
async fn claim_both(engine: &Engine, access: &Access, queue: QueueId) -> [ReviewTask; 2] {
    let reviews = engine.reviews();
    let first = reviews.next(access, queue, None).await.unwrap().task.unwrap();
    let second = reviews.next(access, queue, Some(first.task)).await.unwrap().task.unwrap();
    [first, second]
}

async fn access(engine: &Engine, account: &Account, project: &Project) -> Access {
    engine.accounts().authorise(&Caller::Person { account: account.id }, &project.slug, Role::Viewer).await.unwrap()
}

/// Refuses an answer that tells anything of the shop.
#[track_caller]
pub fn assert_tells_nothing(answer: &Answer, whose: &str) {
    let text = format!("{:?} {}", answer.headers, answer.text());
    for secret in SHOP_ONLY {
        assert!(!text.contains(secret), "{whose}: {secret:?} in {text}");
    }
}
