//! Migrations: the same in both folders, applied once, by however many processes start at the same moment.

use std::collections::BTreeSet;
use std::path::Path;

use turnwise_store::testing::{TestStore, empty_postgres, empty_sqlite};
use turnwise_store::{Dialect, StoreError, contract, migrations};

fn versions() -> Vec<i64> {
    migrations::ALL.iter().map(|migration| migration.version).collect()
}

#[test]
fn both_folders_hold_exactly_the_embedded_migrations() {
    let embedded: BTreeSet<String> =
        migrations::ALL.iter().map(|migration| format!("{}.sql", migration.name)).collect();
    for folder in ["sqlite", "postgres"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(folder);
        let files: BTreeSet<String> =
            path.read_dir().unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        assert_eq!(files, embedded, "migrations/{folder} against `migrations::ALL`");
    }
}

#[test]
fn versions_count_up_from_one_and_names_begin_with_them() {
    for (position, migration) in (1_i64..).zip(migrations::ALL) {
        assert_eq!(migration.version, position);
        assert!(migration.name.starts_with(&format!("{position:04}_")), "{}", migration.name);
        assert!(!migration.sql(Dialect::Sqlite).is_empty() && !migration.sql(Dialect::Postgres).is_empty());
    }
}

contract! {
    async fn migrating_again_changes_nothing(store) {
        store.migrate().await.unwrap();
        assert_eq!(store.applied_migrations().await.unwrap(), versions());
    }

    async fn a_changed_migration_is_refused(store) {
        store.run_sql("update turnwise_migrations set checksum = 'another' where version = 1").await;
        let error = store.migrate().await.unwrap_err();
        assert!(matches!(error, StoreError::MigrationChanged { version: 1 }), "{error}");
    }

    async fn a_database_that_a_newer_program_migrated_still_serves(store) {
        store.run_sql("insert into turnwise_migrations (version, name, checksum, applied_at) values (9999, 'later', 'x', 0)").await;
        store.migrate().await.unwrap();
    }
}

/// As ten processes would: each with connections of its own.
async fn ten_at_once(store: TestStore) {
    let mut starting = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let another = store.another_process().await;
        starting.spawn(async move { another.migrate().await });
    }
    for result in starting.join_all().await {
        result.unwrap();
    }
    assert_eq!(store.applied_migrations().await.unwrap(), versions());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_processes_migrate_one_empty_sqlite_database() {
    ten_at_once(empty_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_processes_migrate_one_empty_postgres_database() {
    if let Some(store) = empty_postgres().await {
        ten_at_once(store).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_processes_open_one_sqlite_file_that_does_not_exist() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/new.db", folder.path().display());
    let mut starting = tokio::task::JoinSet::new();
    for number in 0..10 {
        let config = turnwise_store::StoreConfig::new(url.clone());
        let (ambient, _) = turnwise_model::Ambient::for_tests(turnwise_model::Micros(number));
        starting.spawn(async move {
            let store = turnwise_store::Store::connect(&config, ambient).await?;
            store.migrate().await?;
            store.ping().await
        });
    }
    for result in starting.join_all().await {
        result.unwrap();
    }
}
