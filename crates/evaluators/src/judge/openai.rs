//! A client for chat completions as OpenAI defined them and most servers offer them.
//!
//! Structured output is asked for by JSON schema; a server that does not know it is asked for a JSON object, and then
//! for text. What can pass is tried again, with waits that grow and vary, or as long as `Retry-After` says.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use turnwise_model::conversation::Tokens;
use turnwise_model::{Ambient, Usd};
use url::Url;

use super::provider::{Completion, Provider, ProviderError, Request, Speaker};
use super::sleeper::Sleeper;
use crate::evidence::cut;

/// What a million tokens cost, in US dollars.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Price {
    /// Of prompts.
    pub input: f64,
    /// Of completions.
    pub output: f64,
}

/// How often and how patiently to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// Calls at most, the first included.
    pub attempts: u32,
    /// The wait after the first failure; it doubles with each.
    pub first_wait: Duration,
    /// The longest wait. Who is told to wait longer gives up at once, so that the ledger can come back later.
    pub longest_wait: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self { attempts: 4, first_wait: Duration::from_millis(500), longest_wait: Duration::from_secs(30) }
    }
}

/// How a provider is reached.
#[derive(Clone)]
pub struct Settings {
    /// What people call it.
    pub name: String,
    /// The address before `/chat/completions`, such as `https://api.openai.com/v1`.
    pub base_url: Url,
    /// The key; local servers need none.
    pub key: Option<SecretString>,
    /// The model used where an evaluator names none.
    pub model: String,
    /// How long one call may take.
    pub timeout: Duration,
    /// How to try again.
    pub retries: Retries,
    /// Prices by model; a model without one has unknown cost.
    pub prices: BTreeMap<String, Price>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Addresses may hold passwords: only host and path are shown.
        f.debug_struct("Settings")
            .field("name", &self.name)
            .field("host", &self.base_url.host_str())
            .field("path", &self.base_url.path())
            .field("key", &self.key.as_ref().map(|_| "set"))
            .field("model", &self.model)
            .field("timeout", &self.timeout)
            .field("retries", &self.retries)
            .field("prices", &self.prices)
            .finish_non_exhaustive()
    }
}

/// The largest answer that is read.
const LARGEST: usize = 4 * 1024 * 1024;
/// Longest part of a provider's message kept in an error.
const MESSAGE: usize = 300;

/// A provider of chat completions.
#[derive(Debug)]
pub struct OpenAi {
    settings: Settings,
    client: reqwest::Client,
    ambient: Ambient,
    sleeper: Arc<dyn Sleeper>,
    /// What structured output the server takes: 0 a JSON schema, 1 a JSON object, 2 none.
    structure: AtomicU8,
}

impl OpenAi {
    /// Calls through the shared client, which carries the proxy and the address policy.
    #[must_use]
    pub fn new(settings: Settings, client: reqwest::Client, ambient: Ambient, sleeper: Arc<dyn Sleeper>) -> Self {
        Self { settings, client, ambient, sleeper, structure: AtomicU8::new(0) }
    }

    fn body(&self, request: &Request, model: &str) -> Json {
        let messages: Vec<Json> = request
            .messages
            .iter()
            .map(|message| {
                let role = match message.speaker {
                    Speaker::System => "system",
                    Speaker::User => "user",
                    Speaker::Assistant => "assistant",
                };
                json!({"role": role, "content": message.text})
            })
            .collect();
        let mut body = json!({"model": model, "messages": messages, "stream": false});
        if let Some(temperature) = request.temperature {
            body["temperature"] = json!(temperature);
        }
        match self.structure.load(Ordering::Relaxed) {
            0 => {
                let schema = json!({"name": "verdict", "strict": true, "schema": request.schema});
                body["response_format"] = json!({"type": "json_schema", "json_schema": schema});
            }
            1 => body["response_format"] = json!({"type": "json_object"}),
            _ => {}
        }
        body
    }

    async fn call(&self, request: &Request, model: &str) -> Result<Answered, ProviderError> {
        let mut url = self.settings.base_url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["chat", "completions"]);
        }
        let mut call = self.client.post(url).timeout(self.settings.timeout).json(&self.body(request, model));
        if let Some(key) = &self.settings.key {
            call = call.bearer_auth(key.expose_secret());
        }
        let mut response = call.send().await.map_err(|error| self.transport(error))?;
        let status = response.status().as_u16();
        let retry_after = retry_after(response.headers());
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.transport(error))? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > LARGEST {
                return Err(ProviderError::InvalidOutput {
                    problem: "it is larger than 4 MB".to_owned(),
                    raw: String::new(),
                });
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        match status {
            200..=299 => read(&text),
            401 | 403 => Err(ProviderError::Unauthorised { status }),
            408 => Err(ProviderError::Timeout { after: self.settings.timeout }),
            429 => Err(ProviderError::RateLimited { retry_after }),
            500.. => Err(ProviderError::ServerError { status, message: self.clean(&text) }),
            _ => Err(ProviderError::Rejected { status, message: self.clean(&text) }),
        }
    }

    fn transport(&self, error: reqwest::Error) -> ProviderError {
        if error.is_timeout() {
            return ProviderError::Timeout { after: self.settings.timeout };
        }
        let mut reason = error.without_url().to_string();
        if reason.is_empty() {
            reason.push_str("the connection failed");
        }
        ProviderError::Unreachable { reason: self.clean(&reason) }
    }

    /// A provider's message, cut short; some repeat the key that was wrong, so it is taken out.
    fn clean(&self, text: &str) -> String {
        let said = serde_json::from_str::<Json>(text).ok().and_then(|json| {
            let error = json.get("error")?;
            error.get("message").or(Some(error))?.as_str().map(str::to_owned)
        });
        let said = said.unwrap_or_else(|| text.trim().to_owned());
        let said = match &self.settings.key {
            Some(key) if !key.expose_secret().is_empty() => said.replace(key.expose_secret(), "[key]"),
            _ => said,
        };
        cut(&said, MESSAGE).to_owned()
    }

    /// Asks for less structure where the server rejected what was asked for; whether there is less to ask for.
    fn ask_for_less(&self, error: &ProviderError) -> bool {
        let ProviderError::Rejected { status: 400 | 404 | 415 | 422 | 501, message } = error else { return false };
        let message = message.to_ascii_lowercase();
        let about = ["response_format", "json_schema", "json_object", "structured", "schema", "guided"];
        if !about.iter().any(|word| message.contains(word)) {
            return false;
        }
        let now = self.structure.load(Ordering::Relaxed);
        if now < 2 {
            self.structure.store(now + 1, Ordering::Relaxed);
        }
        now < 2
    }

    /// How long to wait after the attempt of that number, or `None` to give up.
    fn wait(&self, attempt: u32, error: &ProviderError) -> Option<Duration> {
        let retries = self.settings.retries;
        if !error.is_retryable() || attempt >= retries.attempts {
            return None;
        }
        if let ProviderError::RateLimited { retry_after: Some(told) } = error {
            return (*told <= retries.longest_wait).then_some(*told);
        }
        let doubled = retries.first_wait.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
        // Between half of it and all of it, so that many who failed together do not come back together.
        Some(doubled.min(retries.longest_wait).mul_f64(0.5 + 0.5 * self.ambient.uniform()))
    }

    fn cost(&self, tokens: Tokens, asked: &str, answered: Option<&str>) -> Option<Usd> {
        let prices = &self.settings.prices;
        let price = answered.and_then(|model| prices.get(model)).or_else(|| prices.get(asked))?;
        let million = |tokens: i64| f64::from(i32::try_from(tokens).unwrap_or(i32::MAX)) / 1e6;
        Some(Usd(million(tokens.input?) * price.input + million(tokens.output?) * price.output))
    }
}

#[derive(Debug)]
struct Answered {
    text: String,
    model: Option<String>,
    tokens: Tokens,
}

#[derive(Deserialize)]
struct Body {
    model: Option<String>,
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<BodyUsage>,
}

#[derive(Deserialize)]
struct Choice {
    message: Said,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    content: Option<Json>,
    refusal: Option<String>,
}

#[derive(Deserialize)]
struct BodyUsage {
    prompt_tokens: Option<i64>,
    completion_tokens: Option<i64>,
}

fn read(text: &str) -> Result<Answered, ProviderError> {
    let invalid = |problem: &str| ProviderError::InvalidOutput {
        problem: problem.to_owned(),
        raw: cut(text, MESSAGE).to_owned(),
    };
    let body: Body = serde_json::from_str(text).map_err(|_| invalid("it is no chat completion"))?;
    let choice = body.choices.into_iter().next().ok_or_else(|| invalid("it holds no choice"))?;
    if let Some(reason) = choice.message.refusal.filter(|reason| !reason.is_empty()) {
        return Err(ProviderError::Refused { reason: cut(&reason, MESSAGE).to_owned() });
    }
    match choice.finish_reason.as_deref() {
        Some("content_filter") => {
            return Err(ProviderError::Refused { reason: "the provider's content filter stopped it".to_owned() });
        }
        Some("length") => return Err(invalid("it was cut off at the model's limit of output tokens")),
        _ => {}
    }
    let content = match choice.message.content {
        Some(Json::String(text)) => text,
        // Some servers answer in parts.
        Some(Json::Array(parts)) => parts.iter().filter_map(|part| part.get("text").and_then(Json::as_str)).collect(),
        _ => String::new(),
    };
    let tokens = body
        .usage
        .map_or_else(Tokens::default, |usage| Tokens { input: usage.prompt_tokens, output: usage.completion_tokens });
    Ok(Answered { text: content, model: body.model, tokens })
}

/// Seconds, or milliseconds where the server tells them too. A date is not read: clocks differ.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok();
    let wait = number("retry-after-ms").map(|ms| ms / 1_000.0).or_else(|| number(RETRY_AFTER.as_str()))?;
    Duration::try_from_secs_f64(wait).ok()
}

#[async_trait]
impl Provider for OpenAi {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn default_model(&self) -> &str {
        &self.settings.model
    }

    async fn complete(&self, request: &Request) -> Result<Completion, ProviderError> {
        let model = request.model.as_deref().unwrap_or(&self.settings.model);
        let mut attempt = 0;
        let mut calls = 0;
        loop {
            calls += 1;
            let started = self.ambient.now();
            let error = match self.call(request, model).await {
                Ok(answered) => {
                    let took = self.ambient.now().since(started).as_millis();
                    return Ok(Completion {
                        cost: self.cost(answered.tokens, model, answered.model.as_deref()),
                        text: answered.text,
                        model: answered.model,
                        tokens: answered.tokens,
                        latency_ms: i64::try_from(took).unwrap_or(i64::MAX),
                        calls,
                    });
                }
                Err(error) => error,
            };
            if self.ask_for_less(&error) {
                continue;
            }
            attempt += 1;
            let Some(wait) = self.wait(attempt, &error) else { return Err(error) };
            tracing::debug!(provider = %self.settings.name, %error, ?wait, "the provider failed, trying again");
            self.sleeper.sleep(wait).await;
        }
    }
}
