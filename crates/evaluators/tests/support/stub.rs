//! A stub of an OpenAI-compatible server, and a judge that asks it.

use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value as Json, json};
use turnwise_evaluators::judge::{BUILT_IN, Judge, OpenAi, Price, Provider, ProviderError, Retries, Settings, Sleeper};
use turnwise_evaluators::{Context, Evaluator, EvaluatorError, Outcome, Scored};
use turnwise_model::conversation::{Conversation, ToolCall};
use turnwise_model::{Ambient, Micros};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::data;

pub const KEY: &str = "sk-secret-0123456789abcdef";

/// Notes the waits instead of waiting.
#[derive(Debug, Default)]
pub struct Waits(pub Mutex<Vec<Duration>>);

#[async_trait]
impl Sleeper for Waits {
    async fn sleep(&self, wait: Duration) {
        self.0.lock().expect("no test panics with the lock").push(wait);
    }
}

/// A stub server, a provider that calls it, and the waits it made.
pub struct Bench {
    /// The stub.
    pub server: MockServer,
    /// The waits between attempts.
    pub waits: Arc<Waits>,
    /// The provider.
    pub provider: Arc<OpenAi>,
}

#[expect(clippy::disallowed_methods, reason = "a test makes its own client; programs are handed the shared one")]
pub fn client() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

pub fn ambient() -> Ambient {
    Ambient::for_tests(Micros(1_795_222_634_000_000)).0
}

pub fn settings(url: &str) -> Settings {
    Settings {
        name: "stub".to_owned(),
        base_url: format!("{url}/v1").parse().expect("an address"),
        key: Some(KEY.into()),
        model: "judge-1".to_owned(),
        timeout: Duration::from_millis(400),
        retries: Retries { attempts: 3, ..Retries::default() },
        prices: [("judge-1".to_owned(), Price { input: 2.0, output: 8.0 })].into(),
    }
}

impl Bench {
    pub async fn new() -> Self {
        let server = MockServer::start().await;
        let waits = Arc::new(Waits::default());
        let provider =
            Arc::new(OpenAi::new(settings(&server.uri()), client(), ambient(), Arc::clone(&waits) as Arc<dyn Sleeper>));
        Self { server, waits, provider }
    }

    /// Answers in order, the last one for ever.
    pub async fn answers(self, responses: Vec<ResponseTemplate>) -> Self {
        let last = responses.len() - 1;
        for (index, response) in responses.into_iter().enumerate() {
            let mock = Mock::given(method("POST")).and(path("/v1/chat/completions")).respond_with(response);
            let mock = if index == last { mock } else { mock.up_to_n_times(1) };
            mock.mount(&self.server).await;
        }
        self
    }

    pub fn judge(&self, name: &str) -> Judge {
        let built_in = BUILT_IN.iter().find(|judge| judge.name == name).expect("a built-in judge");
        built_in.judge(Some(Arc::clone(&self.provider) as Arc<dyn Provider>), ambient()).expect("a sound prompt")
    }

    pub async fn evaluate(&self) -> Result<Outcome, EvaluatorError> {
        self.judge("hallucination_judge").evaluate(&conversation(), Context::SESSION).await
    }

    pub async fn error(&self) -> ProviderError {
        match self.evaluate().await {
            Err(EvaluatorError::Provider(error)) => error,
            other => panic!("expected a provider's error, got {other:?}"),
        }
    }

    pub fn waits(&self) -> Vec<Duration> {
        self.waits.0.lock().expect("no test panics with the lock").clone()
    }

    pub async fn requests(&self) -> Vec<Json> {
        let requests = self.server.received_requests().await.unwrap_or_default();
        requests.iter().map(|request: &Request| serde_json::from_slice(&request.body).expect("JSON")).collect()
    }
}

pub fn completion(content: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "model": "judge-1",
        "choices": [{"message": {"role": "assistant", "content": content}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 500}
    }))
}

pub fn verdict(findings: Json) -> String {
    json!({"explanation": "The amount is wrong.", "score": 0.3, "cannot_judge": null, "findings": findings}).to_string()
}

pub fn conversation() -> Conversation {
    let mut first = data::turn(1);
    first.user = Some("Where is my refund?".into());
    first.tool_calls = vec![ToolCall {
        name: "get_refund".to_owned(),
        arguments: Some(json!({"order_id": "LF-51190"})),
        result: Some(json!({"amount": 182.5, "status": "submitted"})),
        ..ToolCall::default()
    }];
    first.assistant = Some("Your refund of $189.00\nis on its way.".into());
    let mut second = data::turn(2);
    second.user = Some("Thanks!".into());
    second.assistant = Some("You're welcome.".into());
    data::conversation("judged", vec![first, second])
}

pub fn scored(outcome: Outcome) -> Scored {
    match outcome {
        Outcome::Scored(scored) => scored,
        Outcome::Abstained(abstained) => panic!("abstained: {}", abstained.reason),
    }
}
