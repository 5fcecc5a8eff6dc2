//! Background work: done at least once, retried, stopped gracefully, and all of it without sleeping.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;
use turnwise_engine::background::{
    Background, Backoff, Job, JobError, JobOutcome, JobWorker, Progress, Worker, run_until_idle,
};
use turnwise_engine::{Engine, EngineConfig, EngineError};
use turnwise_model::Micros;
use turnwise_store::testing::TestStore;
use turnwise_store::{ClaimedWork, Durability, NewWork, SecretHash, SecretKind, SignIn, contract};

/// Far longer than anything here takes: only a test that is going to fail waits so long.
const PATIENCE: Duration = Duration::from_secs(30);
const LEASE: Duration = Duration::from_secs(60);

type Answer = Result<JobOutcome, JobError>;

/// A job that answers as told, then always with "done", and notes each run.
#[derive(Clone, Default)]
struct Scripted {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    runs: Arc<Mutex<Vec<(String, u32)>>>,
    ran: Arc<tokio::sync::Notify>,
}

impl Scripted {
    fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.into_iter().collect())), ..Self::default() }
    }

    fn runs(&self) -> Vec<(String, u32)> {
        self.runs.lock().unwrap().clone()
    }
}

#[async_trait]
impl Job for Scripted {
    fn kind(&self) -> &'static str {
        "scripted"
    }

    async fn run(&self, work: &ClaimedWork) -> Answer {
        self.runs.lock().unwrap().push((work.key.clone(), work.attempts));
        self.ran.notify_one();
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or(Ok(JobOutcome::Done));
        if let Err(JobError::Hopeless(reason)) = &answer
            && reason == "panic"
        {
            panic!("a bug in the job");
        }
        answer
    }

    fn concurrency(&self) -> u32 {
        4
    }

    fn lease(&self) -> Duration {
        LEASE
    }

    fn attempts(&self) -> u32 {
        3
    }

    fn backoff(&self) -> Backoff {
        Backoff { first: Duration::from_secs(10), longest: Duration::from_secs(100) }
    }
}

async fn engine(store: &TestStore) -> Engine {
    Engine::start(EngineConfig::for_tests(), store.store(), store.ambient.clone()).await.unwrap()
}

fn workers(store: &TestStore, job: &Scripted) -> Vec<Box<dyn Worker>> {
    vec![Box::new(JobWorker::new(store.store(), store.ambient.clone(), job.clone()))]
}

async fn enqueue(store: &TestStore, key: &str, due_at: Micros) {
    let mut transaction = store.write(Durability::Derived).await.unwrap();
    transaction.enqueue(&NewWork::new(store.ambient.id(), "scripted", key, due_at)).await.unwrap();
    transaction.commit().await.unwrap();
}

/// How long until the only row is due, in seconds.
async fn wait(store: &TestStore) -> f64 {
    store.next_work_due("scripted").await.unwrap().unwrap().since(store.ambient.now()).as_secs_f64()
}

contract! {
    async fn what_is_due_is_done_and_what_is_not_waits(store) {
        let job = Scripted::default();
        let workers = workers(&store, &job);
        let now = store.ambient.now();
        for number in 0..6 {
            enqueue(&store, &format!("key {number}"), now).await;
        }
        enqueue(&store, "tomorrow", now + LEASE * 60 * 24).await;
        // Six rows, four at once.
        assert_eq!(run_until_idle(&workers, &store.ambient).await.unwrap(), 2);
        assert_eq!(job.runs().len(), 6);
        store.clock.advance(LEASE * 60 * 24);
        assert_eq!(run_until_idle(&workers, &store.ambient).await.unwrap(), 1);
        assert_eq!(job.runs().last().unwrap(), &("tomorrow".to_owned(), 1));
        assert_eq!(workers[0].run_once().await.unwrap(), Progress::Idle { until: None });
    }

    async fn a_failure_is_retried_after_growing_jittered_pauses_and_given_up_at_last(store) {
        let failures = (0..3).map(|_| Err(JobError::Retry("the model was busy".to_owned())));
        let job = Scripted::answering(failures);
        let workers = workers(&store, &job);
        enqueue(&store, "all", store.ambient.now()).await;
        for (attempt, expected) in [(1, 5.0..=10.0), (2, 10.0..=20.0)] {
            run_until_idle(&workers, &store.ambient).await.unwrap();
            let pause = wait(&store).await;
            assert!(expected.contains(&pause), "after attempt {attempt}: {pause} s");
            assert_ne!(pause.fract(), 0.0, "jittered");
            store.clock.advance(Duration::from_secs_f64(pause) + Duration::from_micros(1));
        }
        run_until_idle(&workers, &store.ambient).await.unwrap();
        assert_eq!(job.runs(), [("all".to_owned(), 1), ("all".to_owned(), 2), ("all".to_owned(), 3)]);
        let failed = store.failed_work("scripted").await.unwrap();
        assert_eq!((failed.len(), failed[0].last_error.as_deref()), (1, Some("the model was busy")));

        // Asking again starts over.
        enqueue(&store, "all", store.ambient.now()).await;
        run_until_idle(&workers, &store.ambient).await.unwrap();
        assert_eq!(job.runs().last().unwrap(), &("all".to_owned(), 1));
        assert_eq!(store.next_work_due("scripted").await.unwrap(), None);
    }

    async fn what_cannot_work_is_given_up_at_once(store) {
        let job = Scripted::answering([Err(JobError::Hopeless("no such evaluator".to_owned()))]);
        enqueue(&store, "all", store.ambient.now()).await;
        run_until_idle(&workers(&store, &job), &store.ambient).await.unwrap();
        assert_eq!(job.runs().len(), 1);
        assert_eq!(store.failed_work("scripted").await.unwrap()[0].attempts, 1);
    }

    async fn a_job_that_knows_when_is_retried_then(store) {
        let due_at = store.ambient.now() + Duration::from_secs(17);
        let job = Scripted::answering([Err(JobError::RetryAt { due_at, reason: "rate limit".to_owned() })]);
        enqueue(&store, "all", store.ambient.now()).await;
        run_until_idle(&workers(&store, &job), &store.ambient).await.unwrap();
        assert_eq!(store.next_work_due("scripted").await.unwrap(), Some(due_at));
    }

    async fn a_job_that_panics_is_retried_and_takes_nothing_with_it(store) {
        let job = Scripted::answering([Err(JobError::Hopeless("panic".to_owned()))]);
        let workers = workers(&store, &job);
        enqueue(&store, "first", store.ambient.now() - LEASE).await;
        enqueue(&store, "second", store.ambient.now()).await;
        run_until_idle(&workers, &store.ambient).await.unwrap();
        assert_eq!(job.runs().len(), 2);
        assert!(wait(&store).await >= 5.0);
        store.clock.advance(LEASE);
        run_until_idle(&workers, &store.ambient).await.unwrap();
        assert_eq!(job.runs().last().unwrap(), &("first".to_owned(), 2));
    }

    async fn a_worker_killed_between_claim_and_completion_has_its_work_repeated(store) {
        let job = Scripted::default();
        let workers = workers(&store, &job);
        enqueue(&store, "all", store.ambient.now()).await;
        let killed = store.claim_work("scripted", store.ambient.now(), LEASE, 1).await.unwrap();
        assert_eq!(killed.len(), 1);
        run_until_idle(&workers, &store.ambient).await.unwrap();
        assert!(job.runs().is_empty(), "the lease holds");
        store.clock.advance(LEASE);
        run_until_idle(&workers, &store.ambient).await.unwrap();
        assert_eq!(job.runs(), [("all".to_owned(), 2)]);
        assert_eq!(store.next_work_due("scripted").await.unwrap(), None);
    }

    async fn two_processes_do_each_row_once(store) {
        let job = Scripted::default();
        let (here, there) = (workers(&store, &job), workers(&store, &job));
        let now = store.ambient.now();
        for number in 0..30 {
            enqueue(&store, &format!("key {number}"), now).await;
        }
        let (first, second) =
            tokio::join!(run_until_idle(&here, &store.ambient), run_until_idle(&there, &store.ambient));
        first.unwrap();
        second.unwrap();
        let mut keys: Vec<_> = job.runs().into_iter().map(|(key, _)| key).collect();
        keys.sort();
        keys.dedup();
        assert_eq!((job.runs().len(), keys.len()), (30, 30));
    }

    async fn recurring_work_comes_back_by_itself(store) {
        let again = store.ambient.now() + LEASE;
        let job = Scripted::answering([Ok(JobOutcome::Again { due_at: again })]);
        let workers = workers(&store, &job);
        enqueue(&store, "all", store.ambient.now()).await;
        run_until_idle(&workers, &store.ambient).await.unwrap();
        assert_eq!(store.next_work_due("scripted").await.unwrap(), Some(again));
        store.clock.advance(LEASE);
        run_until_idle(&workers, &store.ambient).await.unwrap();
        assert_eq!(job.runs(), [("all".to_owned(), 1), ("all".to_owned(), 1)]);
    }

    async fn a_running_background_does_announced_work_and_stops_when_told(store) {
        let job = Scripted::default();
        let stop = CancellationToken::new();
        let engine = engine(&store).await;
        let background = Background::spawn(engine.clone(), workers(&store, &job), stop.clone());
        for number in 0..3 {
            enqueue(&store, &format!("key {number}"), store.ambient.now()).await;
            tokio::time::timeout(PATIENCE, job.ran.notified()).await.unwrap();
        }
        stop.cancel();
        tokio::time::timeout(PATIENCE, background.stopped()).await.unwrap();
        assert_eq!(job.runs().len(), 3);
        enqueue(&store, "too late", store.ambient.now()).await;
        assert_eq!(store.next_work_due("scripted").await.unwrap(), Some(store.ambient.now()));
    }

    async fn stopping_lets_the_job_at_hand_finish(store) {
        let job = Slow::default();
        let stop = CancellationToken::new();
        let engine = engine(&store).await;
        let background = Background::spawn(engine.clone(), vec![engine.worker(job.clone())], stop.clone());
        enqueue(&store, "all", store.ambient.now()).await;
        tokio::time::timeout(PATIENCE, job.began.notified()).await.unwrap();
        stop.cancel();
        job.may_end.notify_one();
        tokio::time::timeout(PATIENCE, background.stopped()).await.unwrap();
        assert_eq!(store.next_work_due("scripted").await.unwrap(), None, "it was completed");
    }

    async fn a_worker_that_fails_or_panics_is_run_again(store) {
        let worker = Broken::default();
        let worked = Arc::clone(&worker.worked);
        let stop = CancellationToken::new();
        let background = Background::spawn(engine(&store).await, vec![Box::new(worker)], stop.clone());
        tokio::time::timeout(PATIENCE, worked.notified()).await.unwrap();
        stop.cancel();
        tokio::time::timeout(PATIENCE, background.stopped()).await.unwrap();
    }

    async fn expired_sign_ins_are_swept_every_hour(store) {
        let engine = engine(&store).await;
        let sweep = [engine.worker(turnwise_engine::accounts::SweepSignIns::new(store.store(), store.ambient.clone()))];
        sweep[0].prepare().await.unwrap();
        sweep[0].prepare().await.unwrap();
        let key = SecretHash::of(SecretKind::SignIn, "cookie");
        let expires_at = store.ambient.now() + LEASE;
        store.save_sign_in(&SignIn { key: key.clone(), account: None, data: "{}".to_owned(), expires_at }).await.unwrap();

        assert_eq!(run_until_idle(&sweep, &store.ambient).await.unwrap(), 1);
        assert!(store.sign_in(&key, Micros(0)).await.unwrap().is_some());
        store.clock.advance(Duration::from_secs(60 * 60));
        assert_eq!(run_until_idle(&sweep, &store.ambient).await.unwrap(), 1);
        assert_eq!(store.sign_in(&key, Micros(0)).await.unwrap(), None);
    }
}

/// A job that ends when it is allowed to.
#[derive(Clone, Default)]
struct Slow {
    began: Arc<tokio::sync::Notify>,
    may_end: Arc<tokio::sync::Notify>,
}

#[async_trait]
impl Job for Slow {
    fn kind(&self) -> &'static str {
        "scripted"
    }

    async fn run(&self, _work: &ClaimedWork) -> Answer {
        self.began.notify_one();
        self.may_end.notified().await;
        Ok(JobOutcome::Done)
    }
}

/// A worker that fails, then panics, then works.
#[derive(Default)]
struct Broken {
    runs: Mutex<u32>,
    worked: Arc<tokio::sync::Notify>,
}

#[async_trait]
impl Worker for Broken {
    fn name(&self) -> &'static str {
        "broken"
    }

    async fn run_once(&self) -> Result<Progress, EngineError> {
        let run = {
            let mut runs = self.runs.lock().unwrap();
            *runs += 1;
            *runs
        };
        match run {
            1 => Err(EngineError::PasswordHash("as a test wants it".to_owned())),
            2 => panic!("as a test wants it"),
            _ => {
                self.worked.notify_one();
                Ok(Progress::Idle { until: None })
            }
        }
    }
}
