//! The end of a process: open requests are answered, no request can hold it up for 10 s.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::running::{PATIENCE, Running, folder};

const BODY: &str = "email=ada%40example.com&password=wrong&next=";

/// Sends a request without its body and waits until the server wants the body: so it is being worked on.
async fn open_request(server: &Running) -> TcpStream {
    let mut connection = server.connect().await;
    let head = format!(
        "POST /api/ui/sign_in HTTP/1.1\r\nhost: {}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\
         expect: 100-continue\r\n\r\n",
        server.address,
        BODY.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 25];
    timeout(PATIENCE, connection.read_exact(&mut answer)).await.expect("the server goes on").unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
    connection
}

#[tokio::test]
async fn a_request_that_is_being_worked_on_is_answered() {
    let folder = folder();
    let mut server = Running::start(folder.path(), &["serve"]).await;
    let mut connection = open_request(&server).await;
    server.terminate().await;
    // It takes no new requests once it has heard the signal.
    while let Ok(Ok(_)) = timeout(PATIENCE, TcpStream::connect(&server.address)).await {}

    connection.write_all(BODY.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, connection.read_to_string(&mut answer)).await.expect("it answers").unwrap();
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert!(server.ended().await.success());
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_hold_it_up() {
    let folder = folder();
    let mut server = Running::start(folder.path(), &["serve"]).await;
    let _connection = open_request(&server).await;
    let started = Instant::now();
    server.terminate().await;
    let status = server.ended().await;
    assert!(status.success(), "{status}");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}
