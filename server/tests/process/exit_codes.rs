//! What scripts see when something is wrong: an exit code, and a line that says what to do.

use std::process::Output;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use crate::running::{Running, finish, folder, turnwise};

async fn run(arguments: &[&str]) -> Output {
    let folder = folder();
    finish(turnwise(folder.path(), arguments), "").await
}

#[track_caller]
fn assert_fails(output: &Output, code: i32, says: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    assert!(stderr.contains(says), "{says:?} is not in {stderr}");
    assert!(output.stdout.is_empty(), "standard output is for data");
}

#[tokio::test]
async fn a_wrong_command_line_is_2() {
    assert_fails(&run(&["serve", "--role", "boss"]).await, 2, "possible values: all, api, worker");
    assert_fails(&run(&["serve", "--public-url", "turnwise.example.com"]).await, 2, "public_url");
    assert_fails(&run(&["serve", "--config", "nowhere.toml"]).await, 2, "nowhere.toml");
    assert_fails(&run(&["serve", "--log", "a=b=c"]).await, 2, "log");
}

#[tokio::test]
async fn a_database_that_cannot_be_used_is_3() {
    // Something listens there, but hangs up: unlike a refused connection this is not waited for.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut hello = [0; 1_024];
            let _ = connection.read(&mut hello).await;
        }
    });
    let url = format!("postgres://nobody:hunter2@{address}/none");
    let output = run(&["migrate", "--database-url", &url]).await;
    assert_fails(&output, 3, "the database cannot be reached");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("hunter2"), "the password is in the message");
    assert_fails(&run(&["migrate", "--database-url", "mysql://host/db"]).await, 3, "sqlite://");
}

#[tokio::test]
async fn an_address_in_use_is_5() {
    let folder = folder();
    let first = Running::start(folder.path(), &["serve"]).await;
    let output =
        finish(turnwise(folder.path(), &["serve", "--data-dir", "other", "--listen", &first.address]), "").await;
    assert_fails(&output, 5, "choose another with --listen");
}

#[tokio::test]
async fn the_document_of_the_api_is_printed() {
    let output = run(&["openapi"]).await;
    assert!(output.status.success());
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["paths"]["/api/v1/project"].is_object());
}

#[tokio::test]
async fn migrating_makes_the_database_and_ends() {
    let folder = folder();
    for _ in 0..2 {
        let output = finish(turnwise(folder.path(), &["migrate", "--data-dir", "data"]), "").await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert!(folder.path().join("data/turnwise.db").is_file());
}
