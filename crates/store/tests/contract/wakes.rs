//! Wakes: within the process always, between processes on PostgreSQL.

use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use turnwise_store::contract;

use crate::setting::write;

/// Far longer than a wake ever takes: only a test that is going to fail waits so long.
const PATIENCE: Duration = Duration::from_secs(20);

contract! {
    async fn a_commit_wakes_the_waiters_of_its_topics_only(store) {
        let mut sessions = store.wakes("sessions");
        let mut also_sessions = store.wakes("sessions");
        let tasks = store.wakes("tasks");
        let mut transaction = write(&store).await;
        transaction.wake("sessions");
        assert!(!sessions.has_changed().unwrap(), "before the commit");
        transaction.commit().await.unwrap();
        timeout(PATIENCE, sessions.changed()).await.unwrap().unwrap();
        timeout(PATIENCE, also_sessions.changed()).await.unwrap().unwrap();
        assert!(!tasks.has_changed().unwrap());
    }

    async fn what_is_undone_wakes_nobody(store) {
        let waiting = store.wakes("sessions");
        let mut transaction = write(&store).await;
        transaction.wake("sessions");
        transaction.roll_back().await.unwrap();
        assert!(!waiting.has_changed().unwrap());
    }

    async fn on_postgres_a_commit_wakes_other_processes(store) {
        if !store.is_postgres() {
            return;
        }
        let another = store.another_process().await;
        let mut waiting = another.wakes("sessions");
        let stop = CancellationToken::new();
        let listening = tokio::spawn({
            let (another, stop) = (another.clone(), stop.clone());
            async move { another.listen(stop).await }
        });
        // Beginning to listen wakes everybody once, for what may have been missed.
        timeout(PATIENCE, waiting.changed()).await.unwrap().unwrap();

        let mut transaction = write(&store).await;
        transaction.wake("sessions");
        transaction.commit().await.unwrap();
        timeout(PATIENCE, waiting.changed()).await.unwrap().unwrap();

        stop.cancel();
        timeout(PATIENCE, listening).await.unwrap().unwrap();
    }
}
