//! What these tests begin with: a project with evaluators and a queue, conversations that close, verdicts as needed.

use std::time::Duration;

use turnwise_engine::access::{Access, Caller};
use turnwise_engine::background::{Worker, run_until_idle};
use turnwise_engine::routing::Route;
use turnwise_engine::rules::{ApplyRules, BackfillJob};
use turnwise_engine::{Engine, EngineConfig};
use turnwise_ingest::messages::read_line;
use turnwise_model::access::Role;
use turnwise_model::evaluation::{EvaluatorVersion, Granularity, Kind, Method, State, content_hash};
use turnwise_model::queue::{Order, Queue, Task};
use turnwise_model::rubric::Question;
use turnwise_model::rule::{Audit, Condition, Route as RuleRoute, Rule, Sampling, Test};
use turnwise_model::score::{Evidence, Part, Score, Source, Target, Value};
use turnwise_model::view::review::QueueDraft;
use turnwise_model::view::rule::RuleDraft;
use turnwise_model::{EvaluatorId, Micros, Probability, ProjectId, ScoreId, SessionId};
use turnwise_store::testing::TestStore;
use turnwise_store::{Durability, Outcome};

/// An engine with a project, its owner, and a queue.
pub struct Setting {
    pub engine: Engine,
    pub access: Access,
    pub project: ProjectId,
    pub queue: Queue,
}

/// What an evaluator says about a conversation.
#[derive(Clone, Copy)]
pub enum Verdict {
    /// All is well.
    Passes,
    /// The turn at this position fails, and so does the session.
    FailsTurn(u32),
    /// The session fails, and the evidence stands in the turn at this position.
    FailsByEvidence(u32),
    /// The session fails and no turn is named.
    FailsSession,
}

pub fn share(value: f64) -> Probability {
    Probability::new(value).unwrap()
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
        let queue = engine.queues().create(&access, &queue("Doubtful")).await.unwrap();
        Self { engine, access, project: project.id, queue }
    }

    /// The same project seen by a process that begins now.
    pub async fn in_another_process(&self, store: &TestStore) -> Self {
        Self {
            engine: engine(store).await,
            access: self.access.clone(),
            project: self.project,
            queue: self.queue.clone(),
        }
    }

    /// A check of this name, which the tests answer for.
    pub async fn evaluator(&self, store: &TestStore, name: &str) -> EvaluatorVersion {
        let method = Method::Check { check: name.to_owned(), settings: serde_json::Value::Null };
        let version = EvaluatorVersion {
            evaluator: store.ambient.id(),
            name: name.to_owned(),
            number: 1,
            hash: content_hash(Granularity::Session, &method, name, 0.5),
            granularity: Granularity::Session,
            method,
            score_name: name.to_owned(),
            threshold: 0.5,
            created_at: store.ambient.now(),
        };
        let mut transaction = store.write(Durability::Acknowledged).await.unwrap();
        assert!(transaction.insert_evaluator(self.project, &version).await.unwrap());
        transaction.commit().await.unwrap();
        version
    }

    /// Sends conversations of so many turns each, and lets them close.
    pub async fn closed(&self, store: &TestStore, conversations: &[(&str, usize)]) {
        for (name, turns) in conversations {
            self.send(store, name, *turns).await;
        }
        self.close(store).await;
    }

    /// Sends a conversation of so many turns, in which the client says that it ended.
    pub async fn send(&self, store: &TestStore, name: &str, turns: usize) {
        let began_at = store.ambient.now() - Duration::from_secs(3_600);
        let messages: Vec<_> = (0..turns)
            .flat_map(|turn| [("user", format!("Question {turn}?")), ("assistant", format!("Answer {turn}."))])
            .enumerate()
            .map(|(place, (role, content))| {
                let at = began_at + Duration::from_secs(60 * place as u64);
                serde_json::json!({ "role": role, "content": content, "timestamp": at })
            })
            .collect();
        let line = serde_json::json!({ "session_id": name, "end_reason": "resolved", "messages": messages });
        let spans = read_line(&line.to_string(), Micros(0)).unwrap().spans;
        self.engine.ingestion().accept(self.project, spans).await.unwrap();
    }

    /// Sends a conversation, in which the client says how it ended.
    pub async fn say(&self, name: &str, end_reason: &str, messages: &[(&str, &str)]) {
        let messages: Vec<_> =
            messages.iter().map(|(role, content)| serde_json::json!({ "role": role, "content": content })).collect();
        let line = serde_json::json!({ "session_id": name, "end_reason": end_reason, "messages": messages });
        let spans = read_line(&line.to_string(), Micros(1_000_000)).unwrap().spans;
        self.engine.ingestion().accept(self.project, spans).await.unwrap();
    }

    /// Derives and closes what was sent.
    pub async fn close(&self, store: &TestStore) {
        for _ in 0..2 {
            store.clock.advance(Duration::from_secs(3));
            run_until_idle(&self.engine.sessions().workers(), &store.ambient).await.unwrap();
        }
    }

    /// Applies rules to what has closed.
    pub async fn apply(&self, store: &TestStore) {
        self.run(store, Box::new(ApplyRules::new(store.store(), store.ambient.clone()))).await;
    }

    /// Runs backfills to their end.
    pub async fn backfill(&self, store: &TestStore) {
        self.run(store, self.backfiller(store)).await;
    }

    pub fn backfiller(&self, store: &TestStore) -> Box<dyn Worker> {
        self.engine.worker(BackfillJob::new(store.store(), store.ambient.clone()))
    }

    /// Makes tasks.
    pub async fn route(&self, store: &TestStore) {
        self.run(store, Box::new(Route::new(store.store(), store.ambient.clone()))).await;
    }

    async fn run(&self, store: &TestStore, worker: Box<dyn Worker>) {
        run_until_idle(&[worker], &store.ambient).await.unwrap();
    }

    /// Evaluates all that is due, with these verdicts by the client's name of the session; says how many rows there were.
    pub async fn evaluate(&self, store: &TestStore, verdict: impl Fn(&str) -> Verdict) -> usize {
        let mut rows = 0;
        loop {
            let now = store.ambient.now();
            let mut transaction = store.write(Durability::Derived).await.unwrap();
            let claimed =
                transaction.claim_evaluations(self.project, Kind::Check, Duration::from_secs(60), 50).await.unwrap();
            transaction.commit().await.unwrap();
            if claimed.is_empty() {
                return rows;
            }
            for row in claimed {
                rows += 1;
                let session = row.evaluation.target.session();
                let conversation = store.conversation(self.project, session).await.unwrap().unwrap();
                let version = &store.evaluator_versions(self.project, row.evaluation.evaluator).await.unwrap()[0];
                let said = verdict(&conversation.session.external_id);
                let scores: Vec<Score> = match said {
                    Verdict::Passes => vec![score(self.project, version, Target::Session { session }, 0.9)],
                    Verdict::FailsSession => vec![score(self.project, version, Target::Session { session }, 0.2)],
                    Verdict::FailsByEvidence(position) => {
                        let mut one = score(self.project, version, Target::Session { session }, 0.2);
                        one.evidence =
                            vec![Evidence { position, part: Part::Assistant, quote: String::new(), note: None }];
                        vec![one]
                    }
                    Verdict::FailsTurn(position) => {
                        let turn = conversation.turns.iter().find(|turn| turn.position == position).unwrap().id;
                        vec![
                            score(self.project, version, Target::Session { session }, 0.3),
                            score(self.project, version, Target::Turn { session, turn }, 0.3),
                        ]
                    }
                };
                let scores: Vec<Score> =
                    scores.into_iter().map(|score| Score { revision: row.evaluation.revision, ..score }).collect();
                let outcome = Outcome {
                    state: State::Done,
                    reason: None,
                    cost: None,
                    latency_ms: Some(1),
                    input_hash: row.input_hash.clone(),
                    due_at: now,
                };
                let mut transaction = store.write(Durability::Derived).await.unwrap();
                assert!(transaction.settle_evaluation(&row, &outcome).await.unwrap());
                for score in &scores {
                    transaction.put_score(self.project, score).await.unwrap();
                }
                transaction.commit().await.unwrap();
            }
        }
    }

    pub async fn session(&self, name: &str) -> SessionId {
        self.engine.sessions().find(&self.access, name).await.unwrap().unwrap()
    }

    /// The tasks of a session, as `arm target π`, sorted.
    pub async fn tasks(&self, store: &TestStore, name: &str) -> Vec<String> {
        let session = self.session(name).await;
        let turns = store.turns_of_session(self.project, session).await.unwrap();
        let tasks: Vec<Task> = store.tasks_of_session(self.project, session).await.unwrap();
        let mut shown: Vec<String> = tasks
            .iter()
            .map(|task| {
                let target = match task.target.turn() {
                    Some(turn) => format!("turn {}", turns.iter().find(|known| known.id == turn).unwrap().position),
                    None => "session".to_owned(),
                };
                format!("{} {target} {}", task.arm, task.probability.unwrap().get())
            })
            .collect();
        shown.sort();
        shown
    }

    /// A draft that takes `rate` of all sessions, evaluates them, and sends failed ones to the queue.
    pub fn draft(&self, rate: f64, evaluators: &[&EvaluatorVersion]) -> RuleDraft {
        RuleDraft {
            name: "Review doubtful ones".to_owned(),
            sampling: Sampling { rate: share(rate), salt: "salt".to_owned(), strata: Vec::new() },
            evaluators: evaluators.iter().map(|version| version.evaluator).collect::<Vec<EvaluatorId>>(),
            routes: vec![RuleRoute {
                when: Condition { score: "*".to_owned(), test: Test::Failed },
                queue: self.queue.id,
            }],
            ..RuleDraft::empty()
        }
    }

    pub fn audit(&self, rate: f64) -> Option<Audit> {
        Some(Audit { rate: share(rate), salt: "audit salt".to_owned(), queue: self.queue.id })
    }

    pub async fn create(&self, draft: &RuleDraft) -> Rule {
        self.engine.rules().create(&self.access, draft).await.unwrap()
    }
}

fn score(project: ProjectId, version: &EvaluatorVersion, target: Target, number: f64) -> Score {
    Score {
        id: ScoreId::derive(project, &format!("{}:{}", version.evaluator, target.key())),
        target,
        name: version.score_name.clone(),
        value: Value::Number(number),
        passed: Some(number >= version.threshold),
        source: Source::Code,
        evaluator: Some(version.evaluator),
        evaluator_version: Some(version.hash.clone()),
        author: None,
        rubric_version: None,
        exposure: None,
        active_ms: None,
        explanation: None,
        evidence: Vec::new(),
        revision: 1,
        stale: false,
        created_at: Micros(0),
    }
}

fn queue(name: &str) -> QueueDraft {
    let question = serde_json::json!({ "key": "resolved", "title": "Was it resolved?", "type": "yes_no" });
    QueueDraft {
        name: name.to_owned(),
        instructions: String::new(),
        questions: vec![serde_json::from_value::<Question>(question).unwrap()],
        overlap: 1,
        order: Order::Oldest,
        blind: true,
        lease_seconds: 300,
    }
}
