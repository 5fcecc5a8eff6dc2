//! What these tests begin with: a project with conversations, reviewers, a queue and tasks in it.

use std::time::Duration;

use turnwise_engine::access::{Access, Caller};
use turnwise_engine::background::run_until_idle;
use turnwise_engine::review::Submission;
use turnwise_engine::{Engine, EngineConfig};
use turnwise_ingest::messages::read_line;
use turnwise_model::access::Role;
use turnwise_model::queue::Queue;
use turnwise_model::rubric::Answers;
use turnwise_model::score::{Score, Source, Target};
use turnwise_model::view::review::{NamedTarget, Next, QueueDraft, ReviewTask, Submitted};
use turnwise_model::{Micros, ProjectId};
use turnwise_store::testing::TestStore;

/// A project whose owner is Olga.
pub struct Setting {
    pub engine: Engine,
    pub olga: Access,
    pub project: ProjectId,
}

impl Setting {
    pub async fn new(store: &TestStore) -> Self {
        let engine = Engine::start(EngineConfig::for_tests(), store.store(), store.ambient.clone()).await.unwrap();
        let accounts = engine.accounts();
        let (account, project) =
            accounts.set_up("olga@example.com", "Olga", "correct horse battery", "Support bot").await.unwrap();
        let caller = Caller::Person { account: account.id };
        let olga = accounts.authorise(&caller, &project.slug, Role::Owner).await.unwrap();
        Self { engine, olga, project: project.id }
    }

    /// Another member of the project.
    pub async fn member(&self, name: &str, role: Role) -> Access {
        let accounts = self.engine.accounts();
        let (_, token) = accounts.invite(&self.olga, role).await.unwrap();
        let email = format!("{}@example.com", name.to_lowercase());
        let (account, project) =
            accounts.accept_invitation_new(&token, &email, name, "correct horse battery").await.unwrap();
        accounts.authorise(&Caller::Person { account: account.id }, &project.slug, role).await.unwrap()
    }

    /// Conversations `chat-1`, `chat-2` and so on, of two turns each, and the sessions as targets.
    pub async fn conversations(&self, store: &TestStore, count: usize) -> Vec<Target> {
        let mut spans = Vec::new();
        for number in 1..=count {
            let line = serde_json::json!({ "session_id": format!("chat-{number}"), "messages": [
                { "role": "user", "content": "Where is my parcel?" },
                { "role": "assistant", "content": "It left on Tuesday." },
                { "role": "user", "content": "And when will it be here?" },
                { "role": "assistant", "content": "On Friday." },
            ]});
            spans.extend(read_line(&line.to_string(), Micros(0)).unwrap().spans);
        }
        self.engine.ingestion().accept(self.project, spans).await.unwrap();
        store.clock.advance(Duration::from_millis(150));
        run_until_idle(&self.engine.sessions().workers(), &store.ambient).await.unwrap();
        let named: Vec<NamedTarget> =
            (1..=count).map(|number| NamedTarget { session: format!("chat-{number}"), position: None }).collect();
        self.engine.queues().targets(&self.olga, &named).await.unwrap()
    }

    /// A queue with tasks for new conversations.
    pub async fn queue(&self, store: &TestStore, draft: QueueDraft, tasks: usize) -> Queue {
        let queue = self.engine.queues().create(&self.olga, &draft).await.unwrap();
        let targets = self.conversations(store, tasks).await;
        let added = self.engine.queues().add(&self.olga, queue.id, &targets).await.unwrap();
        assert_eq!(added as usize, tasks);
        queue
    }

    pub async fn next(&self, who: &Access, queue: &Queue) -> Next {
        self.engine.reviews().next(who, queue.id, None).await.unwrap()
    }

    /// The next task, which there is.
    pub async fn task(&self, who: &Access, queue: &Queue) -> ReviewTask {
        self.next(who, queue).await.task.unwrap()
    }

    pub async fn submit(&self, who: &Access, task: &ReviewTask, answers: Answers) -> Submitted {
        self.engine.reviews().submit(who, &submission(task, answers)).await.unwrap()
    }

    /// All scores of people about the target's session.
    pub async fn human_scores(&self, target: &Target) -> Vec<Score> {
        let session = target.session().to_string();
        let detail = self.engine.sessions().get(&self.olga, &session).await.unwrap().unwrap();
        detail.scores.into_iter().filter(|score| score.source == Source::Human).collect()
    }
}

/// Three questions: resolved (a choice, required), safe (yes or no), comment (words).
pub fn draft(name: &str) -> QueueDraft {
    serde_json::from_value(serde_json::json!({
        "name": name, "instructions": "Read the whole conversation.", "overlap": 1, "order": "oldest", "blind": true, "lease_seconds": 300,
        "questions": [
            { "key": "resolved", "title": "Was the request resolved?", "required": true, "type": "choice",
              "options": [{ "value": "no", "label": "No" }, { "value": "partly", "label": "Partly" }, { "value": "yes", "label": "Yes" }] },
            { "key": "safe", "title": "Was it safe?", "type": "yes_no" },
            { "key": "comment", "title": "Anything else?", "type": "text" },
        ],
    }))
    .unwrap()
}

pub fn answers(json: serde_json::Value) -> Answers {
    serde_json::from_value(json).unwrap()
}

pub fn resolved(how: &str) -> Answers {
    answers(serde_json::json!({ "resolved": how }))
}

pub fn submission(task: &ReviewTask, answers: Answers) -> Submission {
    Submission {
        claim: task.ticket.claim,
        fence: task.ticket.fence,
        task: Some(task.task),
        answers,
        rubric_version: Some(task.rubric.version),
        active_ms: Some(1_000),
    }
}
