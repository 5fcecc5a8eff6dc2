//! A project with two conversations that a check, a user and a reviewer have judged.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value as Json, json};
use turnwise_engine::access::{Access, Caller};
use turnwise_engine::background::run_until_idle;
use turnwise_engine::exports::ExportError;
use turnwise_engine::review::Submission;
use turnwise_engine::{Engine, EngineConfig};
use turnwise_ingest::messages::read_line;
use turnwise_model::access::Role;
use turnwise_model::evaluation::{Evaluation, EvaluatorVersion, Granularity, Method, State, content_hash};
use turnwise_model::queue::Order;
use turnwise_model::score::{Score, Source, Target, Value};
use turnwise_model::view::export::{ExportRequest, Format, Kind, Manifest};
use turnwise_model::view::review::QueueDraft;
use turnwise_model::view::session::SessionDetail;
use turnwise_model::{Micros, Probability, ProjectId, RuleId, ScoreId};
use turnwise_store::testing::TestStore;
use turnwise_store::{Durability, NewEvaluation, Origin};

/// An engine with a project and the right to do anything in it.
pub struct Setting {
    pub engine: Engine,
    pub access: Access,
    pub project: ProjectId,
}

pub fn request(kind: Kind, format: Format, filter: &str) -> ExportRequest {
    ExportRequest { kind, format, filter: filter.to_owned() }
}

impl Setting {
    pub async fn new(store: &TestStore) -> Self {
        let engine = Engine::start(EngineConfig::for_tests(), store.store(), store.ambient.clone()).await.unwrap();
        let (account, project) = engine
            .accounts()
            .set_up("owner@example.com", "Olga", "correct horse battery", "Support bot")
            .await
            .unwrap();
        let caller = Caller::Person { account: account.id };
        let access = engine.accounts().authorise(&caller, &project.slug, Role::Owner).await.unwrap();
        Self { engine, access, project: project.id }
    }

    /// Sends conversations of two turns each and puts them together.
    pub async fn converse(&self, store: &TestStore, names: impl IntoIterator<Item = (String, &str)>) {
        let mut spans = Vec::new();
        for (name, environment) in names {
            let messages = json!([
                { "role": "user", "content": "=HYPERLINK(\"http://x\")" }, { "role": "assistant", "content": "It left on Tuesday." },
                { "role": "user", "content": "And when, \"exactly\",\nwill it be here?" }, { "role": "assistant", "content": "-1 day" },
            ]);
            let line = json!({
                "session_id": name, "user_id": "ada", "tags": ["vip"], "end_reason": "resolved", "environment": environment,
                "messages": messages,
            });
            spans.extend(read_line(&line.to_string(), store.ambient.now()).unwrap().spans);
        }
        self.engine.ingestion().accept(self.project, spans).await.unwrap();
        for pause in [Duration::from_millis(150), Duration::from_secs(60)] {
            store.clock.advance(pause);
            run_until_idle(&self.engine.sessions().workers(), &store.ambient).await.unwrap();
        }
    }

    async fn get(&self, name: &str) -> SessionDetail {
        self.engine.sessions().get(&self.access, name).await.unwrap().unwrap_or_else(|| panic!("no session {name}"))
    }

    /// A check's score about the second turn, by a rule that took the session with probability 0.25.
    pub async fn check(&self, store: &TestStore, name: &str) -> (EvaluatorVersion, RuleId) {
        let detail = self.get(name).await;
        let (session, turn) = (detail.conversation.session.id, detail.conversation.turns[1].id);
        let method = Method::Check { check: "coherence".to_owned(), settings: Json::Null };
        let version = EvaluatorVersion {
            evaluator: store.ambient.id(),
            name: "coherence check".to_owned(),
            number: 1,
            hash: content_hash(Granularity::Session, &method, "coherence", 0.5),
            granularity: Granularity::Session,
            method,
            score_name: "coherence".to_owned(),
            threshold: 0.5,
            created_at: store.ambient.now(),
        };
        let rule: RuleId = store.ambient.id();
        let now = store.ambient.now();
        let evaluation = Evaluation {
            id: store.ambient.id(),
            target: Target::Session { session },
            revision: 1,
            evaluator: version.evaluator,
            evaluator_version: version.hash.clone(),
            evaluator_name: version.name.clone(),
            kind: turnwise_model::evaluation::Kind::Check,
            rule: Some(rule),
            rule_version: Some(3),
            probability: Some(Probability::new(0.25).unwrap()),
            salt: Some("salt".to_owned()),
            stratum: Some("rest".to_owned()),
            state: State::Done,
            attempts: 1,
            reason: None,
            cost: None,
            latency_ms: Some(1),
            created_at: now,
            updated_at: now,
        };
        let score = Score {
            id: ScoreId::derive(self.project, "the check's"),
            target: Target::Turn { session, turn },
            name: "coherence".to_owned(),
            value: Value::Number(0.25),
            passed: Some(false),
            source: Source::Code,
            evaluator: Some(version.evaluator),
            evaluator_version: Some(version.hash.clone()),
            author: None,
            rubric_version: None,
            exposure: None,
            active_ms: None,
            explanation: Some("it contradicts itself".to_owned()),
            evidence: Vec::new(),
            revision: 1,
            stale: false,
            created_at: now,
        };
        let mut transaction = store.write(Durability::Derived).await.unwrap();
        transaction.insert_evaluator(self.project, &version).await.unwrap();
        transaction
            .insert_evaluation(self.project, &NewEvaluation { evaluation, input_hash: String::new() })
            .await
            .unwrap();
        transaction.put_scores(self.project, &[score], Origin::Given).await.unwrap();
        transaction.commit().await.unwrap();
        (version, rule)
    }

    /// Olga answers two questions about the first turn.
    pub async fn review(&self, store: &TestStore, name: &str) {
        let detail = self.get(name).await;
        let questions = serde_json::from_value(json!([
            { "key": "resolved", "title": "Was it resolved?", "required": true, "type": "yes_no" },
            { "key": "tone", "title": "How was the tone?", "type": "rating", "min": 1, "max": 5 },
        ]));
        let draft = QueueDraft {
            name: "Resolution".to_owned(),
            instructions: String::new(),
            questions: questions.unwrap(),
            overlap: 1,
            order: Order::Oldest,
            blind: true,
            lease_seconds: 300,
        };
        let queue = self.engine.queues().create_in(self.project, &draft).await.unwrap();
        let target = Target::Turn { session: detail.conversation.session.id, turn: detail.conversation.turns[0].id };
        self.engine.queues().add(&self.access, queue.id, &[target]).await.unwrap();
        let next = self.engine.reviews().next(&self.access, queue.id, None).await.unwrap();
        let ticket = next.task.unwrap().ticket;
        store.clock.advance(Duration::from_secs(60));
        let submission = Submission {
            claim: ticket.claim,
            fence: ticket.fence,
            task: None,
            rubric_version: None,
            answers: serde_json::from_value(json!({ "resolved": false, "tone": 4 })).unwrap(),
            active_ms: Some(38_000),
        };
        self.engine.reviews().submit(&self.access, &submission).await.unwrap();
    }

    /// The whole file, and its manifest.
    pub async fn written(&self, request: &ExportRequest) -> Result<(Vec<u8>, Manifest), ExportError> {
        let mut writing = self.engine.exports().open(self.project, request).await?;
        let mut file = Vec::new();
        while let Some(bytes) = writing.next().await? {
            file.extend(bytes);
        }
        Ok((file, writing.manifest("support-bot").unwrap()))
    }

    /// The rows of a kind.
    pub async fn rows(&self, kind: Kind, filter: &str) -> Vec<BTreeMap<String, Json>> {
        let (file, manifest) = self.written(&request(kind, Format::Jsonl, filter)).await.unwrap();
        let rows: Vec<BTreeMap<String, Json>> =
            String::from_utf8(file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(manifest.rows, i64::try_from(rows.len()).unwrap());
        rows
    }
}

pub fn instant(json: &Json) -> Micros {
    Micros::parse(json.as_str().unwrap()).unwrap()
}
