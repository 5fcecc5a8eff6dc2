//! `turnwise demo`: ends with an address and a way to sign in, the same at every start.

use crate::running::{Running, folder};

#[tokio::test]
async fn the_demonstration_says_how_to_sign_in_every_time() {
    let folder = folder();
    let mut first = Running::start(folder.path(), &["demo"]).await;
    let said = first.line().await;
    assert!(said.starts_with("sign in as demo@example.com with the password "), "{said}");
    assert!(first.get("/sign-in", "").await.starts_with("HTTP/1.1 200"));
    first.terminate().await;
    assert!(first.ended().await.success());

    let mut second = Running::start(folder.path(), &["demo"]).await;
    assert_eq!(second.line().await, said);
    assert!(folder.path().join("turnwise-demo/turnwise.db").is_file());
}
