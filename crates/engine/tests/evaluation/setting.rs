//! What most tests begin with: an engine, a project with its default evaluators, closed sessions, and a stub of a model.

use std::sync::Once;
use std::time::Duration;

use serde_json::{Value as Json, json};
use turnwise_engine::access::{Access, Caller};
use turnwise_engine::background::run_until_idle;
use turnwise_engine::{Engine, EngineConfig, InstallationSecret};
use turnwise_ingest::messages::read_line;
use turnwise_model::access::Role;
use turnwise_model::evaluation::Evaluation;
use turnwise_model::score::Score;
use turnwise_model::view::evaluator::{Asked, ProviderDraft};
use turnwise_model::{EvaluatorId, Micros, ProjectId, ProviderId, SessionId};
use turnwise_store::testing::TestStore;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

pub const KEY: &str = "sk-secret-0123456789abcdef";

/// Five minutes before the tests begin.
const BEGAN_AT: Micros = Micros(1_795_222_334_000_000);

pub struct Setting {
    pub engine: Engine,
    pub access: Access,
    pub project: ProjectId,
}

#[expect(clippy::disallowed_methods, reason = "a test makes its own client; programs are handed the shared one")]
pub fn client() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    reqwest::Client::builder().no_proxy().build().unwrap()
}

pub fn config() -> EngineConfig {
    EngineConfig {
        secret: Some(InstallationSecret::new(&"the secret of this test's installation".into())),
        client: Some(client()),
        ..EngineConfig::for_tests()
    }
}

impl Setting {
    pub async fn new(store: &TestStore) -> Self {
        Self::with(store, config()).await
    }

    pub async fn with(store: &TestStore, config: EngineConfig) -> Self {
        let engine = Engine::start(config, store.store(), store.ambient.clone()).await.unwrap();
        let (account, project) = engine
            .accounts()
            .set_up("owner@example.com", "Olga", "correct horse battery", "Support bot")
            .await
            .unwrap();
        let caller = Caller::Person { account: account.id };
        let access = engine.accounts().authorise(&caller, &project.slug, Role::Owner).await.unwrap();
        Self { engine, access, project: project.id }
    }

    /// The same project seen by a process that begins now with this configuration.
    pub async fn restarted(&self, store: &TestStore, config: EngineConfig) -> Self {
        let engine = Engine::start(config, store.store(), store.ambient.clone()).await.unwrap();
        Self { engine, access: self.access.clone(), project: self.project }
    }

    /// A conversation that the client sends, closed where it says how it ended.
    pub async fn send(&self, store: &TestStore, name: &str, turns: &[(&str, &str)], end: Option<&str>) -> SessionId {
        // Always the same, so that what is sent again is the same; not so long ago that the session is idle.
        let began_at = BEGAN_AT;
        let messages: Vec<Json> = turns
            .iter()
            .flat_map(|(user, assistant)| [("user", *user), ("assistant", *assistant)])
            .enumerate()
            .map(|(place, (role, content))| {
                let at = began_at + Duration::from_secs(60 * place as u64);
                json!({ "role": role, "content": content, "timestamp": at })
            })
            .collect();
        let line = json!({ "session_id": name, "end_reason": end, "messages": messages }).to_string();
        let spans = read_line(&line, Micros(0)).unwrap().spans;
        self.engine.ingestion().accept(self.project, spans).await.unwrap();
        self.settle(store).await;
        self.session(name).await
    }

    /// Derives and closes what was sent.
    pub async fn settle(&self, store: &TestStore) {
        for _ in 0..2 {
            store.clock.advance(Duration::from_secs(3));
            run_until_idle(&self.engine.sessions().workers(), &store.ambient).await.unwrap();
        }
    }

    pub async fn session(&self, name: &str) -> SessionId {
        self.engine.sessions().find(&self.access, name).await.unwrap().unwrap()
    }

    pub async fn evaluator(&self, name: &str) -> EvaluatorId {
        let list = self.engine.evaluators().list(&self.access).await.unwrap();
        let found = list.evaluators.iter().find(|summary| summary.current.name == name);
        found.unwrap_or_else(|| panic!("no evaluator {name}")).current.evaluator
    }

    pub async fn ask(&self, session: SessionId, evaluators: &[&str]) -> Asked {
        let mut ids = Vec::new();
        for name in evaluators {
            ids.push(self.evaluator(name).await);
        }
        self.engine.evaluations().evaluate(&self.access, &[session], &ids).await.unwrap()
    }

    /// Works off everything that is due.
    pub async fn work(&self, store: &TestStore) {
        run_until_idle(&self.engine.evaluations().workers(), &store.ambient).await.unwrap();
    }

    pub async fn ledger(&self, session: SessionId) -> Vec<Evaluation> {
        self.engine.evaluations().ledger(&self.access, session).await.unwrap()
    }

    /// The one row of a session.
    pub async fn row(&self, session: SessionId) -> Evaluation {
        let mut rows = self.ledger(session).await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows.remove(0)
    }

    /// The scores of a session that count.
    pub async fn scores(&self, session: SessionId) -> Vec<Score> {
        self.all_scores(session).await.into_iter().filter(|score| !score.stale).collect()
    }

    pub async fn all_scores(&self, session: SessionId) -> Vec<Score> {
        self.engine.sessions().get(&self.access, &session.to_string()).await.unwrap().unwrap().scores
    }

    pub async fn save_provider(&self, draft: &ProviderDraft) -> ProviderId {
        self.engine.providers().save(&self.access, None, draft).await.unwrap()
    }
}

/// Two turns, one of which invents an amount.
pub const REFUND: &[(&str, &str)] = &[
    ("Where is my refund for order LF-51190?", "Your refund of $189.00 is on its way."),
    ("Thanks!", "You're welcome."),
];

pub fn provider(server: &MockServer) -> ProviderDraft {
    ProviderDraft {
        name: "Stub".to_owned(),
        base_url: format!("{}/v1", server.uri()),
        model: "judge-1".to_owned(),
        key: Some(KEY.to_owned()),
        input_price: Some(2.0),
        output_price: Some(8.0),
        concurrency: 4,
        timeout_seconds: 1,
    }
}

/// A stub that gives these answers in order, the last one for ever.
pub async fn stub(answers: Vec<ResponseTemplate>) -> MockServer {
    let server = MockServer::start().await;
    let last = answers.len() - 1;
    for (index, answer) in answers.into_iter().enumerate() {
        let mock = Mock::given(method("POST")).and(path("/v1/chat/completions")).respond_with(answer);
        let mock = if index == last { mock } else { mock.up_to_n_times(1) };
        mock.mount(&server).await;
    }
    server
}

pub async fn calls(server: &MockServer) -> usize {
    server.received_requests().await.unwrap_or_default().len()
}

pub fn says(content: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "model": "judge-1",
        "choices": [{"message": {"role": "assistant", "content": content}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 500}
    }))
}

/// A verdict of this score, with a finding in the first turn.
pub fn judged(score: f64) -> ResponseTemplate {
    says(
        &json!({
            "explanation": "The amount stands nowhere.", "score": score, "cannot_judge": null,
            "findings": [{"turn": 1, "part": "assistant", "quote": "$189.00", "problem": "invented", "score": score}]
        })
        .to_string(),
    )
}
