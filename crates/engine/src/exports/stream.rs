//! [`ExportStream`]: an export on its way to somebody who reads it now. One who stops reading does not keep the snapshot.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::Stream;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::error::ExportError;
use super::writing::Writing;

/// How long what is written may wait for its reader.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pieces that wait for the reader.
const AHEAD: usize = 2;

/// The bytes of an export.
#[derive(Debug)]
pub struct ExportStream {
    pieces: mpsc::Receiver<Result<Vec<u8>, ExportError>>,
}

impl ExportStream {
    pub(super) fn new(mut writing: Writing, permit: Option<OwnedSemaphorePermit>) -> Self {
        let (sender, pieces) = mpsc::channel(AHEAD);
        tokio::spawn(async move {
            let _permit = permit;
            loop {
                let piece = match writing.next().await {
                    Ok(None) => return,
                    Ok(Some(piece)) if piece.is_empty() => continue,
                    Ok(Some(piece)) => Ok(piece),
                    Err(error) => {
                        tracing::error!(%error, "an export that was being streamed failed");
                        Err(error)
                    }
                };
                let failed = piece.is_err();
                match sender.send_timeout(piece, PATIENCE).await {
                    Ok(()) if !failed => {}
                    Ok(()) | Err(mpsc::error::SendTimeoutError::Closed(_)) => return,
                    Err(mpsc::error::SendTimeoutError::Timeout(_)) => {
                        drop(writing);
                        // The reader must not take what it has for the whole.
                        let _ = sender.send(Err(ExportError::NotRead(PATIENCE.as_secs()))).await;
                        return;
                    }
                }
            }
        });
        Self { pieces }
    }
}

impl Stream for ExportStream {
    type Item = Result<Vec<u8>, ExportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.pieces.poll_recv(context)
    }
}
