//! The command itself: one task reads and decodes, a few requests are under way, and Ctrl-C ends it between two pieces.
//!
//! Ids are derived from what is imported, so an import that was cut off is simply run again.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio::sync::mpsc;
use turnwise_engine::Engine;
use turnwise_engine::imports::HumanLabels;
use turnwise_engine::queues::QueueError;
use turnwise_model::ProjectId;

use super::files::{self, FileError, Piece};
use super::progress::{Counts, Progress};
use super::sink::{Server, Sink};
use crate::cli::ImportFlags;
use crate::config::Config;
use crate::failure::Failure;
use crate::open;

/// How many requests are under way at a time.
const UNDER_WAY: usize = 4;
/// Pieces are put together to about so many spans.
const TOGETHER: usize = 500;
/// How many refusals are shown one by one.
const SHOWN: u64 = 20;

/// Imports the files.
///
/// # Errors
/// When a file cannot be read, or what is in it cannot be stored.
pub async fn run(config: &Config, flags: ImportFlags) -> Result<(), Failure> {
    let progress = Progress::new(files::size(&flags.files).map_err(unreadable)?);
    let (sink, engine) = sink(config, &flags).await?;
    let (pieces, received) = mpsc::channel(UNDER_WAY);
    let (format, paths) = (flags.format, flags.files.clone());
    let reading = tokio::task::spawn_blocking(move || {
        files::pieces(format, &paths, &mut |piece| pieces.blocking_send(piece).is_ok())
    });
    let mut counts = Counts::default();
    let mut labels = Vec::new();
    let sent = send_all(&sink, received, &progress, &mut counts, &mut labels).await;
    let read = reading.await.map_err(|error| Failure::unexpected("reading the files", error))?;
    let mut interrupted = sent?;
    match &engine {
        Some((engine, project)) => {
            if !interrupted {
                engine
                    .sessions()
                    .derive_all(|left| progress.deriving(left))
                    .await
                    .map_err(|error| Failure::unexpected("putting sessions together", error))?;
                interrupted = review_all(engine, *project, &labels, &progress, &mut counts).await?;
            }
            engine.store().close().await;
        }
        None if labels.iter().any(|labels| !labels.reviews.is_empty()) => progress.say(
            "people's answers are not sent: bring them in with --project where the database is, after the sessions",
        ),
        None => {}
    }
    progress.done(counts);
    let json = serde_json::to_string(&counts)
        .map_err(|error| Failure::unexpected("the result cannot be written as JSON", error))?;
    writeln!(std::io::stdout(), "{json}")
        .map_err(|error| Failure::unexpected("standard output cannot be written", error))?;
    read.map_err(unreadable)?;
    if interrupted {
        return Err(Failure::Refused(
            "interrupted; run the same command again to import the rest, nothing is doubled".to_owned(),
        ));
    }
    Ok(())
}

fn unreadable(error: FileError) -> Failure {
    Failure::Refused(error.to_string())
}

/// Sends what is read until there is no more, or until Ctrl-C. Says whether it was interrupted.
async fn send_all(
    sink: &Sink,
    mut received: mpsc::Receiver<Piece>,
    progress: &Progress,
    counts: &mut Counts,
    labels: &mut Vec<HumanLabels>,
) -> Result<bool, Failure> {
    let mut under_way = FuturesUnordered::new();
    let mut gathered: Vec<_> = Vec::new();
    let mut interrupt = std::pin::pin!(tokio::signal::ctrl_c());
    let (mut reached, mut interrupted, mut ended) = (0, false, false);
    loop {
        let full = under_way.len() >= UNDER_WAY;
        tokio::select! {
            biased;
            _ = &mut interrupt, if !interrupted => {
                interrupted = true;
                received.close();
            }
            Some(stored) = under_way.next(), if !under_way.is_empty() => {
                counts.spans += stored?;
                progress.reached(reached, *counts);
            }
            piece = received.recv(), if !full && !ended && !interrupted => match piece {
                None => ended = true,
                Some(piece) => {
                    for refusal in &piece.refused {
                        counts.refused += 1;
                        if counts.refused <= SHOWN {
                            progress.say(&format!("refused: {refusal}"));
                        }
                    }
                    counts.sessions += piece.sessions;
                    reached = piece.reached;
                    gathered.extend(piece.spans);
                    labels.extend(piece.labels);
                }
            },
            else => return Ok(interrupted),
        }
        let flush = gathered.len() >= TOGETHER || (ended && !gathered.is_empty());
        if flush && !interrupted {
            under_way.push(sink.send(std::mem::take(&mut gathered)));
        }
        if (ended || interrupted) && under_way.is_empty() {
            return Ok(interrupted);
        }
    }
}

/// Writes people's answers about the sessions that are there now. Says whether it was interrupted.
async fn review_all(
    engine: &Engine,
    project: ProjectId,
    labels: &[HumanLabels],
    progress: &Progress,
    counts: &mut Counts,
) -> Result<bool, Failure> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&interrupted);
    let listening = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            told.store(true, Ordering::SeqCst);
        }
    });
    for labels in labels {
        let all = labels.reviews.len() as u64;
        let goes_on = |done| {
            progress.reviews(done, all);
            !interrupted.load(Ordering::SeqCst)
        };
        let done = engine.imports().labels(project, labels, goes_on).await.map_err(|error| match error {
            QueueError::Engine(error) => error.into(),
            other => Failure::Refused(format!("the answers of {:?} cannot be imported: {other}", labels.name)),
        })?;
        counts.reviews += done.new + done.known;
        counts.refused += done.without_target;
        if done.without_target > 0 {
            progress.say(&format!("refused: {} reviews of turns that are not there", done.without_target));
        }
        if !done.complete {
            break;
        }
    }
    listening.abort();
    Ok(interrupted.load(Ordering::SeqCst))
}

/// Where to send, by what was asked for: a server, or the database of this configuration.
async fn sink(config: &Config, flags: &ImportFlags) -> Result<(Sink, Option<(Engine, ProjectId)>), Failure> {
    if let Some(url) = &flags.url {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let key = flags.api_key.as_deref().ok_or_else(|| {
            Failure::Configuration("--url needs --api-key or TURNWISE_API_KEY, a key with the scope ingest".to_owned())
        })?;
        return Ok((Sink::Server(Server::new(url, key)?), None));
    }
    let name = flags
        .project
        .as_deref()
        .ok_or_else(|| Failure::Configuration("name the project with --project, or a server with --url".to_owned()))?;
    let engine = open::engine(config).await?;
    let project = open::project(&engine, name).await?;
    Ok((Sink::Engine(engine.clone(), project.id), Some((engine, project.id))))
}
