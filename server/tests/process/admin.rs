//! `turnwise admin` from a script.

use std::path::Path;
use std::process::Output;

use serde_json::Value as Json;

use crate::running::{Running, finish, folder, turnwise};

const PASSWORD: &str = "correct horse battery\n";

async fn bootstrap(folder: &Path, password: &str, project: &str) -> Output {
    let arguments = ["admin", "bootstrap", "--email", "ada@example.com", "--password-stdin", "--project", project];
    finish(turnwise(folder, &arguments), password).await
}

#[track_caller]
fn json(output: &Output) -> Json {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn bootstrap_gives_a_key_once_and_can_be_run_again() {
    let folder = folder();
    let first = json(&bootstrap(folder.path(), PASSWORD, "Support bot").await);
    let key = first["api_key"].as_str().unwrap();
    assert!(key.starts_with("tw_"), "{key}");
    assert_eq!(
        (first["account"]["name"].as_str(), first["project"]["slug"].as_str()),
        (Some("ada"), Some("support-bot"))
    );

    let second = json(&bootstrap(folder.path(), PASSWORD, "Support bot").await);
    assert_eq!(second["api_key"], Json::Null);
    assert_eq!((&second["project"], &second["api_key_prefix"]), (&first["project"], &first["api_key_prefix"]));

    let other = json(&bootstrap(folder.path(), PASSWORD, "Another bot").await);
    assert_eq!(other["project"]["slug"], "another-bot");
    assert_ne!(other["api_key"], Json::Null);

    let server = Running::start(folder.path(), &["serve"]).await;
    let answer = server.get("/api/v1/project", &format!("authorization: Bearer {key}\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("support-bot"), "{answer}");
}

#[tokio::test]
async fn bootstrap_refuses_what_it_cannot_do() {
    let folder = folder();
    assert_eq!(bootstrap(folder.path(), "", "P").await.status.code(), Some(2));
    assert_eq!(bootstrap(folder.path(), "short\n", "P").await.status.code(), Some(4));
    json(&bootstrap(folder.path(), PASSWORD, "P").await);
    let refused = bootstrap(folder.path(), "another password\n", "P").await;
    assert_eq!(refused.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("reset-password"));
}

#[tokio::test]
async fn a_lost_password_is_replaced() {
    let folder = folder();
    json(&bootstrap(folder.path(), PASSWORD, "P").await);
    let reset = |email| {
        finish(
            turnwise(folder.path(), &["admin", "reset-password", "--email", email, "--password-stdin"]),
            "brand new password\n",
        )
    };
    assert_eq!(reset("bob@example.com").await.status.code(), Some(4));
    assert_eq!(json(&reset("ada@example.com").await)["email"], "ada@example.com");
    assert_eq!(bootstrap(folder.path(), PASSWORD, "P").await.status.code(), Some(4), "the old password is void");
    json(&bootstrap(folder.path(), "brand new password\n", "P").await);
}
