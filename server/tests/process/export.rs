//! `turnwise export`: a file with its manifest, standard output, refusals; and an export that outlives the server it was
//! asked of.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::running::{PATIENCE, Running, finish, folder, turnwise};

const OWNER: &[&str] = &["admin", "bootstrap", "--email", "ada@example.com", "--password-stdin", "--project", "Shop"];

/// A project with so many conversations, and a key to it.
async fn shop(folder: &Path, conversations: usize) -> String {
    let output = finish(turnwise(folder, OWNER), "correct horse battery\n").await;
    let printed: Json = serde_json::from_slice(&output.stdout).unwrap();
    let lines: Vec<String> = (0..conversations)
        .map(|number| {
            let messages = json!([{ "role": "user", "content": format!("question {number}") }, { "role": "assistant", "content": "answer" }]);
            let environment = if number == 0 { "staging" } else { "production" };
            json!({ "session_id": format!("chat-{number}"), "environment": environment, "messages": messages }).to_string()
        })
        .collect();
    fs::write(folder.join("log.jsonl"), lines.join("\n")).unwrap();
    let import = ["import", "--project", "shop", "--format", "messages", "log.jsonl"];
    assert!(finish(turnwise(folder, &import), "").await.status.success());
    printed["api_key"].as_str().unwrap().to_owned()
}

async fn exported(folder: &Path, arguments: &[&str]) -> std::process::Output {
    let all = [&["export", "--project", "shop"], arguments].concat();
    finish(turnwise(folder, &all), "").await
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains("turns") || name.contains("part")).collect()
}

#[tokio::test]
async fn a_file_appears_with_its_manifest() {
    let folder = folder();
    shop(folder.path(), 20).await;
    let output =
        exported(folder.path(), &["--kind", "turns", "--filter", "environment = production", "--out", "turns.csv"])
            .await;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.contains("exported 19 rows"), "{stderr}");
    let file = fs::read(folder.path().join("turns.csv")).unwrap();
    let manifest: Json =
        serde_json::from_slice(&fs::read(folder.path().join("turns.csv.manifest.json")).unwrap()).unwrap();
    assert_eq!(
        (&manifest["rows"], &manifest["sessions"], &manifest["kind"]),
        (&json!(19), &json!(19), &json!("turns"))
    );
    assert_eq!((&manifest["format"], &manifest["filter"]), (&json!("csv"), &json!("environment = production")));
    let hash: String = Sha256::digest(&file).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(manifest["sha256"], hash);
    let mut names = names(folder.path());
    names.sort();
    assert_eq!(names, ["turns.csv", "turns.csv.manifest.json"], "nothing else is left");
}

#[tokio::test]
async fn standard_output_is_data_alone() {
    let folder = folder();
    shop(folder.path(), 3).await;
    let output = exported(folder.path(), &["--kind", "turns", "--format", "jsonl", "--out", "-"]).await;
    assert!(output.status.success());
    let rows: Vec<Json> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| row["assistant"] == "answer"));
}

#[tokio::test]
async fn what_cannot_be_is_said_and_leaves_nothing() {
    let folder = folder();
    shop(folder.path(), 1).await;
    for (arguments, code, said) in [
        (&["--kind", "turns", "--filter", "envirnment = x", "--out", "turns.csv"][..], 2, "envirnment"),
        (&["--kind", "turns", "--out", "turns"][..], 2, "--format"),
        (&["--kind", "poems", "--out", "turns.csv"][..], 2, "poems"),
        (&["--kind", "turns", "--out", "nowhere/turns.csv"][..], 4, "--out"),
    ] {
        let output = exported(folder.path(), arguments).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
    }
    let other = ["export", "--project", "other", "--kind", "turns", "--out", "turns.csv"];
    assert_eq!(finish(turnwise(folder.path(), &other), "").await.status.code(), Some(4));
    assert!(names(folder.path()).is_empty(), "{:?}", names(folder.path()));
}

async fn post(server: &Running, key: &str, path: &str, body: &str) -> String {
    let mut connection = server.connect().await;
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        server.address,
        body.len()
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(PATIENCE, connection.read_to_string(&mut answer)).await.expect("it answers").unwrap();
    answer
}

#[tokio::test]
async fn an_export_that_was_asked_for_is_written_after_a_crash() {
    let folder = folder();
    let key = shop(folder.path(), 5).await;
    // It only answers requests: the export waits.
    let mut server = Running::start(folder.path(), &["serve", "--role", "api"]).await;
    let answer = post(&server, &key, "/api/v1/exports", r#"{"kind":"turns","format":"csv"}"#).await;
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    let id = answer.split("\"id\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    server.kill().await;

    let server = Running::start(folder.path(), &["serve"]).await;
    let authorisation = format!("authorization: Bearer {key}\r\n");
    let path = format!("/api/v1/exports/{id}");
    let done = async {
        while !server.get(&path, &authorisation).await.contains("\"state\":\"done\"") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, done).await.expect("it is written");
    let file = server.get(&format!("{path}/file"), &authorisation).await;
    assert!(file.contains("content-disposition: attachment; filename=\"shop-turns-"), "{file}");
    assert_eq!(file.matches("question ").count(), 5, "{file}");
}
