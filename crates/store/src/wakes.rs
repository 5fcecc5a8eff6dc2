//! [`Wakes`]: telling whoever waits that there is news, within the process and, on PostgreSQL, between processes.
//!
//! A wake says only that looking is worthwhile. It may be lost or come for nothing: waiters also look now and then unasked.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::dialect::{Dialect, POSTGRES_CHANNEL};
use crate::store::Store;

/// Before listening is tried again.
const RETRY: Duration = Duration::from_secs(2);

/// The topics that somebody in this process waits for.
#[derive(Debug, Default)]
pub(crate) struct Wakes(Mutex<HashMap<String, watch::Sender<u64>>>);

impl Wakes {
    pub(crate) fn subscribe(&self, topic: &str) -> watch::Receiver<u64> {
        let mut topics = self.topics();
        match topics.get(topic) {
            Some(sender) => sender.subscribe(),
            None => topics.entry(topic.to_owned()).or_insert_with(|| watch::channel(0).0).subscribe(),
        }
    }

    pub(crate) fn wake(&self, topic: &str) {
        if let Some(sender) = self.topics().get(topic) {
            sender.send_modify(|count| *count += 1);
        }
    }

    fn wake_all(&self) {
        for sender in self.topics().values() {
            sender.send_modify(|count| *count += 1);
        }
    }

    fn topics(&self) -> MutexGuard<'_, HashMap<String, watch::Sender<u64>>> {
        // Nothing in here can be half done, so what a panicking thread left is good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Passes on to this process what other processes announce, until `stop`. On SQLite there is nothing to pass on.
    pub async fn listen(&self, stop: CancellationToken) {
        let passing_on = async {
            match self.engine() {
                Dialect::Sqlite => std::future::pending().await,
                Dialect::Postgres => loop {
                    if let Err(error) = self.pass_on_announcements().await {
                        tracing::warn!(%error, "listening for other processes failed and is tried again, polling goes on");
                    }
                    tokio::time::sleep(RETRY).await;
                },
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = passing_on => {}
        }
    }

    async fn pass_on_announcements(&self) -> Result<(), sqlx::Error> {
        let mut listener = PgListener::connect(self.url()).await?;
        listener.listen(POSTGRES_CHANNEL).await?;
        // Whatever was announced while nobody listened.
        self.all_wakes().wake_all();
        loop {
            match listener.try_recv().await? {
                Some(notification) => self.all_wakes().wake(notification.payload()),
                // The connection was lost and is back.
                None => self.all_wakes().wake_all(),
            }
        }
    }
}
