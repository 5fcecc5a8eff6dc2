//! Ten processes started at once on one empty database.

use futures::future::join_all;
use turnwise_store::testing::empty_postgres;

use crate::running::{Running, folder};

#[tokio::test]
async fn ten_processes_started_at_once_on_an_empty_database_all_become_ready() {
    let Some(database) = empty_postgres().await else { return };
    let folder = folder();
    let arguments = ["serve", "--database-url", database.url()];
    let mut processes = join_all((0..10).map(|_| Running::start(folder.path(), &arguments))).await;
    for process in &processes {
        let answer = process.get("/readyz", "").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    for process in &processes {
        process.terminate().await;
    }
    for process in &mut processes {
        assert!(process.ended().await.success());
    }
}
