//! An installation of its own for each measurement, in a temporary folder.

use std::sync::Once;

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use turnwise_engine::access::{Access, Caller};
use turnwise_engine::background::Background;
use turnwise_engine::{Engine, EngineConfig, ambient_os};
use turnwise_ingest::otlp::{Encoding, decode_traces};
use turnwise_model::access::Role;
use turnwise_store::{Store, StoreConfig};

#[expect(clippy::disallowed_methods, reason = "a measurement makes its own client; programs are handed the shared one")]
fn client() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// A database of its own.
pub struct Bench {
    pub engine: Engine,
    pub access: Access,
    folder: TempDir,
}

impl Bench {
    pub async fn new() -> Self {
        let folder = TempDir::with_prefix("turnwise-bench-").unwrap();
        let ambient = ambient_os::ambient();
        let config = StoreConfig::new(format!("sqlite://{}", folder.path().join("turnwise.db").display()));
        let store = Store::connect(&config, ambient.clone()).await.unwrap();
        store.migrate().await.unwrap();
        let engine =
            Engine::start(EngineConfig { client: Some(client()), ..EngineConfig::for_tests() }, store, ambient)
                .await
                .unwrap();
        let (account, project) =
            engine.accounts().set_up("owner@example.com", "Olga", "correct horse battery", "Bench").await.unwrap();
        let access = engine
            .accounts()
            .authorise(&Caller::Person { account: account.id }, &project.slug, Role::Owner)
            .await
            .unwrap();
        Self { engine, access, folder }
    }

    pub fn bytes_on_disk(&self) -> u64 {
        std::fs::read_dir(self.folder.path()).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum()
    }

    pub fn background(&self, stop: &CancellationToken) -> Background {
        Background::spawn(self.engine.clone(), self.engine.workers(), stop.clone())
    }

    pub async fn accept(&self, body: Vec<u8>) -> u64 {
        let decode = move || decode_traces(&body, Encoding::Protobuf).map(|decoded| (decoded.spans, ()));
        self.engine.ingestion().accept_decoded(self.access.project.id, decode).await.unwrap().unwrap().0.spans
    }
}
