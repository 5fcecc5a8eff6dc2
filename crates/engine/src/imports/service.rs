//! [`Imports`]: a queue of its own for the answers, a task for each target, a review for each person, scores of source human.
//!
//! Every id is derived from what is imported, so that bringing the same in again changes nothing.

use std::collections::{BTreeMap, HashMap};

use turnwise_ingest::mtrag::ImportedReview;
use turnwise_model::queue::{Order, Queue, Review, Task, TaskState};
use turnwise_model::rubric::{Answers, Question, Rubric};
use turnwise_model::rule::Arm;
use turnwise_model::score::{Exposure, Score, Source, Target};
use turnwise_model::view::review::QueueDraft;
use turnwise_model::{ProjectId, ReviewId, ScoreId, SessionId, TaskId, TurnId};
use turnwise_store::{Durability, NewTask, Origin, Store, TaskFacts, Transaction};

use super::labels::{HumanLabels, LabelsImported};
use super::rubric;
use crate::error::EngineError;
use crate::queues::{QueueError, Queues};

/// Sessions whose reviews are written in one transaction.
const AT_A_TIME: usize = 50;

/// Brings in what people judged elsewhere. Clones share everything.
#[derive(Debug, Clone)]
pub struct Imports {
    store: Store,
    queues: Queues,
}

/// The reviews of one turn.
type OfTurn<'l> = ((SessionId, u32), Vec<&'l ImportedReview>);

impl Imports {
    pub(crate) fn new(store: Store, queues: Queues) -> Self {
        Self { store, queues }
    }

    /// Writes the answers as reviews about sessions that are there already. `goes_on` is told how many reviews were looked
    /// at and says whether to go on; what was written until then stays, and the same call later brings in the rest.
    ///
    /// # Errors
    /// [`QueueError::NameTaken`] when a queue of that name asks something else.
    pub async fn labels(
        &self,
        project: ProjectId,
        labels: &HumanLabels,
        mut goes_on: impl FnMut(u64) -> bool,
    ) -> Result<LabelsImported, QueueError> {
        let mut by_turn: BTreeMap<(SessionId, u32), Vec<&ImportedReview>> = BTreeMap::new();
        for review in &labels.reviews {
            let external_id = crate::ingestion::session_id(review.session_id.clone());
            by_turn.entry((SessionId::derive(project, &external_id), review.position)).or_default().push(review);
        }
        let overlap = by_turn.values().map(Vec::len).max().unwrap_or(1);
        let (queue, rubric) = self.queue(project, labels, overlap).await?;
        let mut done = LabelsImported { queue: queue.id, new: 0, known: 0, without_target: 0, complete: false };
        let by_turn: Vec<OfTurn<'_>> = by_turn.into_iter().collect();
        for some in by_turn.chunks(AT_A_TIME) {
            self.write(project, &queue, &rubric, some, &mut done).await?;
            if !goes_on(done.new + done.known + done.without_target) {
                return Ok(done);
            }
        }
        done.complete = true;
        Ok(done)
    }

    /// The queue of that name, made when there is none.
    async fn queue(
        &self,
        project: ProjectId,
        labels: &HumanLabels,
        overlap: usize,
    ) -> Result<(Queue, Rubric), QueueError> {
        let name: String = labels.name.trim().chars().take(80).collect();
        let questions: Vec<Question> = labels.questions.iter().map(rubric::question).collect();
        let names = self.store.queue_names(project).await?;
        let queue = match names.into_iter().find(|(_, taken)| *taken == name) {
            Some((queue, _)) => self.store.queue(project, queue).await?.ok_or(QueueError::NoSuchQueue)?,
            None => {
                let draft = QueueDraft {
                    name: name.clone(),
                    instructions: "Answers that were given elsewhere and imported.".to_owned(),
                    questions: questions.clone(),
                    overlap: i64::try_from(overlap).unwrap_or(1).clamp(1, 20),
                    order: Order::Oldest,
                    blind: true,
                    lease_seconds: 300,
                };
                self.queues.create_in(project, &draft).await?
            }
        };
        let rubric = self.store.rubric(project, queue.rubric).await?.ok_or(QueueError::NoSuchQueue)?;
        if rubric.questions != questions {
            return Err(QueueError::NameTaken(name));
        }
        Ok((queue, rubric))
    }

    async fn write(
        &self,
        project: ProjectId,
        queue: &Queue,
        rubric: &Rubric,
        some: &[OfTurn<'_>],
        done: &mut LabelsImported,
    ) -> Result<(), EngineError> {
        let sessions: Vec<SessionId> = some.iter().map(|((session, _), _)| *session).collect();
        let turns: HashMap<(SessionId, u32), TurnId> = self
            .store
            .turns_of_sessions(project, &sessions)
            .await?
            .into_iter()
            .flat_map(|(session, turns)| turns.into_iter().map(move |turn| ((session, turn.position), turn.id)))
            .collect();
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        let mut scores = Vec::new();
        for (place, reviews) in some {
            let target = turns.get(place).map(|turn| Target::Turn { session: place.0, turn: *turn });
            let facts = match &target {
                Some(target) => transaction.task_facts(project, target).await?,
                None => None,
            };
            let (Some(target), Some(facts)) = (target, facts) else {
                done.without_target += reviews.len() as u64;
                continue;
            };
            let task = put_task(&mut transaction, project, queue, target, facts, reviews).await?;
            let wanted = i64::try_from(reviews.len()).unwrap_or(i64::MAX);
            for imported in reviews {
                let key = format!("import:{}:{}:{}", queue.id, task.target.key(), imported.reviewer);
                let review = review(ReviewId::derive(project, &key), &task, rubric, imported);
                if transaction.review(project, review.id).await?.is_some() {
                    done.known += 1;
                    continue;
                }
                transaction.insert_review(project, queue.id, &review).await?;
                transaction.count_review(project, task.id, wanted).await?;
                scores.extend(scores_of(project, &review, &task, imported));
                done.new += 1;
            }
        }
        transaction.put_scores(project, &scores, Origin::Given).await?;
        Ok(transaction.commit().await?)
    }
}

async fn put_task(
    transaction: &mut Transaction,
    project: ProjectId,
    queue: &Queue,
    target: Target,
    facts: TaskFacts,
    reviews: &[&ImportedReview],
) -> Result<Task, EngineError> {
    let task = Task {
        id: TaskId::derive(queue.id, &target.key()),
        queue: queue.id,
        target,
        revision: facts.revision,
        arm: Arm::Manual,
        rule: None,
        rule_version: None,
        probability: None,
        note: None,
        state: TaskState::Open,
        reviews: 0,
        created_at: reviews.iter().map(|review| review.at).min().unwrap_or_default(),
    };
    let new = NewTask { task: task.clone(), uncertainty: 1.0, turn_count: facts.turn_count };
    transaction.insert_task(project, &new).await?;
    Ok(task)
}

fn review(id: ReviewId, task: &Task, rubric: &Rubric, imported: &ImportedReview) -> Review {
    let answers: Answers =
        imported.answers.iter().map(|(key, value)| (rubric::key(key), rubric::answer(value))).collect();
    Review {
        id,
        task: task.id,
        reviewer: imported.reviewer.clone(),
        answers,
        rubric: rubric.id,
        rubric_version: rubric.version,
        exposure: Exposure::Blind,
        active_ms: imported.active_ms,
        created_at: imported.at,
    }
}

fn scores_of(project: ProjectId, review: &Review, task: &Task, imported: &ImportedReview) -> Vec<Score> {
    let score = |(key, value): (&String, &turnwise_model::score::Value)| {
        let name = rubric::key(key);
        Score {
            id: ScoreId::derive(project, &format!("{}:{name}", review.id)),
            target: task.target.clone(),
            name,
            value: value.clone(),
            passed: None,
            source: Source::Human,
            evaluator: None,
            evaluator_version: None,
            author: Some(review.reviewer.clone()),
            rubric_version: Some(review.rubric_version),
            exposure: Some(review.exposure),
            active_ms: review.active_ms,
            explanation: None,
            evidence: Vec::new(),
            revision: task.revision,
            stale: false,
            created_at: review.created_at,
        }
    };
    imported.answers.iter().map(score).collect()
}
