//! A project with a key, telemetry sent to it, and the database behind it.

use std::path::Path;

use serde_json::Value as Json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use turnwise_engine::ambient_os;
use turnwise_model::ProjectId;
use turnwise_store::{Store, StoreConfig};

use crate::running::{finish, turnwise};

/// Sends an export request and says whether it was acknowledged.
pub async fn export(address: &str, key: &str, body: &[u8]) -> bool {
    let Ok(mut connection) = TcpStream::connect(address).await else { return false };
    let head = format!(
        "POST /v1/traces HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\ncontent-type: application/x-protobuf\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    if connection.write_all(head.as_bytes()).await.is_err() || connection.write_all(body).await.is_err() {
        return false;
    }
    let mut answer = Vec::new();
    // A cut answer is none.
    connection.read_to_end(&mut answer).await.is_ok() && answer.starts_with(b"HTTP/1.1 200")
}

/// Makes an owner, a project and a key in this data folder.
pub async fn bootstrap(folder: &Path, data: &Path) -> (ProjectId, String) {
    let command = turnwise(
        folder,
        &[
            "admin",
            "bootstrap",
            "--email",
            "ada@example.com",
            "--password-stdin",
            "--project",
            "Shop",
            "--data-dir",
            data.to_str().unwrap(),
        ],
    );
    let output = finish(command, "correct horse battery\n").await;
    let printed: Json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (printed["project"]["id"].as_str().unwrap().parse().unwrap(), printed["api_key"].as_str().unwrap().to_owned())
}

/// The database in this data folder.
pub async fn open(data: &Path) -> Store {
    let config = StoreConfig::new(format!("sqlite://{}", data.join("turnwise.db").display()));
    Store::connect(&config, ambient_os::ambient()).await.unwrap()
}
