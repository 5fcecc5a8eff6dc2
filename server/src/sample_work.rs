//! What is done with the sample's conversations: a queue with its questions, and a rule that evaluates every session and
//! sends doubtful turns there, with an audit arm. Made before the conversations are loaded, so that it sees them close.

use turnwise_engine::Engine;
use turnwise_engine::queues::QueueError;
use turnwise_engine::rules::RuleError;
use turnwise_model::evaluation::Kind;
use turnwise_model::queue::Order;
use turnwise_model::rubric::question::choice::ChoiceOption;
use turnwise_model::rubric::question::{Choice, Question, QuestionKind, Rating, Text, YesNo};
use turnwise_model::rule::{Audit, Condition, Route, Sampling, Test};
use turnwise_model::view::review::QueueDraft;
use turnwise_model::view::rule::RuleDraft;
use turnwise_model::{EvaluatorId, Probability, ProjectId, QueueId};
use turnwise_store::StoreError;

/// The queue's name.
pub const QUEUE: &str = "Doubtful conversations";
/// The rule's name.
pub const RULE: &str = "Review doubtful conversations";
/// What reviewers read first.
const INSTRUCTIONS: &str = "This queue belongs to the sample project: its conversations and their faults are invented.\n\n\
    Look at the turn that is marked, and at as much of the conversation around it as you need. Judge what the assistant did, \
    not how the customer took it. Some tasks are here because a check was in doubt, others were drawn at random; you are \
    not told which.";
/// Share of the sessions that is reviewed whatever the checks say.
const AUDITED: f64 = 0.15;

/// Why the sample's queue and rule could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ArrangeError {
    /// The queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The rule.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the queue and the rule, unless they are there: doing it again changes nothing.
///
/// # Errors
/// When the database does not take them.
pub async fn arrange(engine: &Engine, project: ProjectId) -> Result<(), ArrangeError> {
    let known = engine.store().queue_names(project).await?;
    let queue = match known.into_iter().find(|(_, name)| name == QUEUE) {
        Some((queue, _)) => queue,
        None => engine.queues().create_in(project, &queue()).await?.id,
    };
    if engine.store().rules(project).await?.iter().any(|rule| rule.name == RULE) {
        return Ok(());
    }
    let checks = engine.store().evaluators(project).await?;
    let checks = checks.iter().filter(|version| version.method.kind() == Kind::Check);
    let evaluators: Vec<EvaluatorId> = checks.map(|version| version.evaluator).collect();
    engine.rules().create_in(project, &rule(queue, evaluators)).await?;
    Ok(())
}

fn rule(queue: QueueId, evaluators: Vec<EvaluatorId>) -> RuleDraft {
    RuleDraft {
        name: RULE.to_owned(),
        filter: "environment = production".to_owned(),
        sampling: Sampling { rate: Probability::ONE, salt: String::new(), strata: Vec::new() },
        evaluators,
        routes: vec![Route { when: Condition { score: "*".to_owned(), test: Test::Failed }, queue }],
        audit: Probability::new(AUDITED).ok().map(|rate| Audit { rate, salt: "sample audit".to_owned(), queue }),
        enabled: true,
    }
}

fn queue() -> QueueDraft {
    let question = |key: &str, title: &str, guidance: &str, required: bool, kind: QuestionKind| Question {
        key: key.to_owned(),
        title: title.to_owned(),
        guidance: Some(guidance.to_owned()).filter(|guidance| !guidance.is_empty()),
        required,
        kind,
    };
    let option = |value: &str, label: &str, anchor: &str| ChoiceOption {
        value: value.to_owned(),
        label: label.to_owned(),
        anchor: Some(anchor.to_owned()),
    };
    let resolved = vec![
        option("no", "No", "Neither answered, nor done, nor refused with a reason, nor handed to somebody"),
        option("partly", "Partly", "Some of it is left open"),
        option("yes", "Yes", "Answered, done, refused with its reason, or handed to a person who really has it"),
    ];
    let anchors = ["misleading", "of little use", "acceptable", "good", "could not be better"];
    QueueDraft {
        name: QUEUE.to_owned(),
        instructions: INSTRUCTIONS.to_owned(),
        questions: vec![
            question(
                "resolved",
                "Was what the customer asked for resolved?",
                "In the whole conversation.",
                true,
                QuestionKind::Choice(Choice { options: resolved }),
            ),
            question(
                "faithful",
                "Does the answer say only what the articles and tools say?",
                "A rule, price or promise that stands nowhere is not faithful.",
                true,
                QuestionKind::YesNo(YesNo {}),
            ),
            question(
                "helpfulness",
                "How helpful is the answer?",
                "",
                true,
                QuestionKind::Rating(Rating { min: 1, max: 5, anchors: anchors.map(str::to_owned).to_vec() }),
            ),
            question("comment", "Comment", "", false, QuestionKind::Text(Text { multiline: true })),
        ],
        overlap: 1,
        order: Order::Uncertain,
        blind: true,
        lease_seconds: 300,
    }
}
