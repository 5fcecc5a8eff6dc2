//! `turnwise import`: into the data folder's database and through a server's door; interrupted and run again.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::running::{Running, finish, folder, turnwise};

const OWNER: &[&str] = &["admin", "bootstrap", "--email", "ada@example.com", "--password-stdin", "--project", "Shop"];

async fn bootstrap(folder: &Path) -> String {
    let output = finish(turnwise(folder, OWNER), "correct horse battery\n").await;
    let printed: Json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    printed["api_key"].as_str().unwrap().to_owned()
}

/// A message log of so many conversations, one of them broken.
fn log(folder: &Path, conversations: usize) -> String {
    let mut lines: Vec<String> = (0..conversations)
        .map(|number| {
            let messages = json!([{ "role": "user", "content": format!("question {number}") }, { "role": "assistant", "content": "answer" }]);
            json!({ "session_id": format!("chat-{number}"), "end_reason": "done", "messages": messages }).to_string()
        })
        .collect();
    lines.insert(conversations / 2, r#"{"messages":[{"role":"king","content":"?"}]}"#.to_owned());
    fs::write(folder.join("log.jsonl"), lines.join("\n")).unwrap();
    "log.jsonl".to_owned()
}

fn counts(output: &std::process::Output) -> Json {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert!(stderr.contains("king") && stderr.contains("spans/s"), "{stderr}");
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn listed(server: &Running, key: &str) -> usize {
    let answer = server
        .get("/api/v1/sessions?limit=200&filter=turns%20%3D%201", &format!("authorization: Bearer {key}\r\n"))
        .await;
    let body = answer.split("\r\n\r\n").nth(1).unwrap();
    let json = &body[body.find('{').unwrap()..=body.rfind('}').unwrap()];
    serde_json::from_str::<Json>(json).unwrap()["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_message_log_is_imported_into_the_database_and_again_without_doubling() {
    let folder = folder();
    let key = bootstrap(folder.path()).await;
    let log = log(folder.path(), 60);
    for _ in 0..2 {
        let output =
            finish(turnwise(folder.path(), &["import", "--project", "shop", "--format", "messages", &log]), "").await;
        let counts = counts(&output);
        assert_eq!((counts["sessions"].as_u64(), counts["refused"].as_u64()), (Some(60), Some(1)), "{counts}");
    }
    let server = Running::start(folder.path(), &["serve"]).await;
    assert_eq!(listed(&server, &key).await, 60);
}

#[tokio::test]
async fn a_message_log_is_imported_through_a_servers_door() {
    let folder = folder();
    let key = bootstrap(folder.path()).await;
    let log = log(folder.path(), 60);
    let server = Running::start(folder.path(), &["serve"]).await;
    let url = format!("http://{}", server.address);
    let output = finish(
        turnwise(folder.path(), &["import", "--url", &url, "--api-key", &key, "--format", "messages", &log]),
        "",
    )
    .await;
    assert_eq!(counts(&output)["sessions"], 60);
    while listed(&server, &key).await < 60 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let refused = finish(
        turnwise(folder.path(), &["import", "--url", &url, "--api-key", "tw_nonsense", "--format", "messages", &log]),
        "",
    )
    .await;
    let stderr = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(4), "{stderr}");
    assert!(stderr.contains("API key"), "{stderr}");
}

#[tokio::test]
async fn what_cannot_be_imported_is_named() {
    let folder = folder();
    bootstrap(folder.path()).await;
    fs::write(folder.path().join("runs.json"), "{}").unwrap();
    for (arguments, expected) in [
        (["import", "--project", "shop", "--format", "messages", "nowhere.jsonl"], "nowhere.jsonl"),
        (["import", "--project", "shop", "--format", "tau-bench", "runs.json"], "runs.json"),
        (["import", "--project", "elsewhere", "--format", "tau-bench", "runs.json"], "elsewhere"),
    ] {
        let output = finish(turnwise(folder.path(), &arguments), "").await;
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(4), "{stderr}");
        assert!(stderr.contains(expected), "{stderr}");
    }
}
