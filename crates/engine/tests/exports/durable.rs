//! Exports as durable work: written in the background, taken up again after a crash, cancelled, kept for a while.

use std::time::Duration;

use futures::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use turnwise_engine::background::run_until_idle;
use turnwise_engine::exports::{ExportError, KEPT};
use turnwise_model::ExportId;
use turnwise_model::view::export::{Format, Kind, State};
use turnwise_store::testing::TestStore;
use turnwise_store::{Durability, ExportAttempt, ExportPiece, ExportProgress, Lease, contract};

use crate::setting::{Setting, request};

async fn conversations(setting: &Setting, store: &TestStore) {
    setting.converse(store, (0..3).map(|number| (format!("chat-{number}"), "production"))).await;
}

async fn file(setting: &Setting, export: ExportId) -> Vec<u8> {
    let (_, pieces) = setting.engine.exports().file(&setting.access, export).await.unwrap();
    pieces.try_concat().await.unwrap()
}

/// What a process did that died while it wrote.
async fn begun(setting: &Setting, store: &TestStore, export: ExportId) -> ExportAttempt {
    let work = store.claim_work("export", store.ambient.now(), Duration::from_secs(20), 1).await.unwrap().remove(0);
    let attempt = ExportAttempt { project: setting.project, export, fence: work.fence };
    let mut transaction = store.write(Durability::Derived).await.unwrap();
    assert_eq!(transaction.begin_export(&attempt, 3).await.unwrap(), Lease::Held);
    transaction.commit().await.unwrap();
    assert_eq!(put(store, &attempt, 0).await, Lease::Held);
    attempt
}

async fn put(store: &TestStore, attempt: &ExportAttempt, position: i64) -> Lease {
    let mut transaction = store.write(Durability::Derived).await.unwrap();
    let progress = ExportProgress { sessions: 1, rows: 2, bytes: 5 };
    let lease =
        transaction.put_export_piece(attempt, position, ExportPiece::of(b"half\n").unwrap(), progress).await.unwrap();
    transaction.commit().await.unwrap();
    lease
}

contract! {
    async fn an_export_is_written_in_the_background_and_its_file_is_what_the_manifest_says(store) {
        let setting = Setting::new(&store).await;
        conversations(&setting, &store).await;
        let asked = request(Kind::Turns, Format::Jsonl, "");
        let export = setting.engine.exports().start(&setting.access, &asked).await.unwrap();
        assert_eq!((export.state, export.requested_by_name.as_str()), (State::Queued, "Olga"));
        let early = setting.engine.exports().file(&setting.access, export.id).await;
        assert!(matches!(early.map(|_| ()), Err(ExportError::NotDone(State::Queued))));

        run_until_idle(&setting.engine.exports().workers(), &store.ambient).await.unwrap();
        let done = setting.engine.exports().get(&setting.access, export.id).await.unwrap();
        assert_eq!((done.state, done.rows, done.sessions_done, done.sessions_total), (State::Done, 6, 3, Some(3)));
        let (manifest, file) = (done.manifest.unwrap(), file(&setting, export.id).await);
        assert_eq!(file, setting.written(&asked).await.unwrap().0);
        assert_eq!(manifest.sha256, hex::encode(Sha256::digest(&file)));
        assert_eq!((manifest.bytes, manifest.project.as_str()), (i64::try_from(file.len()).unwrap(), "support-bot"));
    }

    async fn what_a_dead_process_began_is_written_anew_by_another(store) {
        let setting = Setting::new(&store).await;
        conversations(&setting, &store).await;
        let asked = request(Kind::Turns, Format::Csv, "");
        let export = setting.engine.exports().start(&setting.access, &asked).await.unwrap();
        let dead = begun(&setting, &store, export.id).await;
        let running = setting.engine.exports().get(&setting.access, export.id).await.unwrap();
        assert_eq!((running.state, running.rows, running.share()), (State::Running, 2, Some(1.0 / 3.0)));

        store.clock.advance(Duration::from_secs(21));
        run_until_idle(&setting.engine.exports().workers(), &store.ambient).await.unwrap();
        assert_eq!(put(&store, &dead, 1).await, Lease::Lost, "the dead one cannot go on");
        let done = setting.engine.exports().get(&setting.access, export.id).await.unwrap();
        assert_eq!((done.state, done.rows), (State::Done, 6));
        assert_eq!(file(&setting, export.id).await, setting.written(&asked).await.unwrap().0);
    }

    async fn a_cancelled_export_stops_and_leaves_nothing(store) {
        let setting = Setting::new(&store).await;
        conversations(&setting, &store).await;
        let asked = request(Kind::Sessions, Format::Jsonl, "");
        let export = setting.engine.exports().start(&setting.access, &asked).await.unwrap();
        let attempt = begun(&setting, &store, export.id).await;
        let cancelled = setting.engine.exports().cancel(&setting.access, export.id).await.unwrap();
        assert_eq!(cancelled.state, State::Cancelled);
        assert_eq!(put(&store, &attempt, 1).await, Lease::Lost);
        store.clock.advance(Duration::from_secs(21));
        run_until_idle(&setting.engine.exports().workers(), &store.ambient).await.unwrap();
        assert_eq!(setting.engine.exports().get(&setting.access, export.id).await.unwrap().state, State::Cancelled);
        assert!(store.rows("select fence from export_pieces").await.is_empty());

        setting.engine.exports().delete(&setting.access, export.id).await.unwrap();
        let gone = setting.engine.exports().get(&setting.access, export.id).await;
        assert!(matches!(gone, Err(ExportError::NoSuchExport)));
    }

    async fn an_export_is_removed_when_it_was_kept_long_enough(store) {
        let setting = Setting::new(&store).await;
        conversations(&setting, &store).await;
        let workers = setting.engine.exports().workers();
        for worker in &workers {
            worker.prepare().await.unwrap();
        }
        let asked = request(Kind::Scores, Format::Csv, "");
        setting.engine.exports().start(&setting.access, &asked).await.unwrap();
        run_until_idle(&workers, &store.ambient).await.unwrap();
        store.clock.advance(KEPT - Duration::from_secs(60));
        run_until_idle(&workers, &store.ambient).await.unwrap();
        assert_eq!(setting.engine.exports().list(&setting.access).await.unwrap().len(), 1);
        store.clock.advance(Duration::from_secs(3_700));
        run_until_idle(&workers, &store.ambient).await.unwrap();
        assert!(setting.engine.exports().list(&setting.access).await.unwrap().is_empty());
        assert!(store.rows("select fence from export_pieces").await.is_empty());
    }
}
