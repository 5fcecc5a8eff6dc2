//! `turnwise serve`: answers requests and does the background work until it is told to stop.

use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use turnwise_engine::Engine;
use turnwise_engine::background::Background;

use crate::config::Config;
use crate::failure::Failure;
use crate::http::{self, Site};
use crate::open;
use crate::state::{ServerState, Settings};

/// How long open requests may go on after the signal to stop. With twice the next, less than the 10 s that orchestrators
/// wait at least.
const DRAIN: Duration = Duration::from_secs(5);
/// How long background work may go on after that, and then the database may take to close.
const FINISH: Duration = Duration::from_secs(2);
/// How often measurements are tidied when nobody fetches them.
const TIDY: Duration = Duration::from_secs(5);

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// When the database or the address cannot be had.
pub async fn run(config: &Config) -> Result<(), Failure> {
    let engine = open::engine(config).await?;
    run_with(config, engine, |address| vec![format!("listening on http://{address}")]).await
}

/// Serves this engine. What `announce` says is printed when requests are answered.
///
/// # Errors
/// When the address cannot be had.
pub async fn run_with(
    config: &Config,
    engine: Engine,
    announce: impl FnOnce(SocketAddr) -> Vec<String>,
) -> Result<(), Failure> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let stopping = CancellationToken::new();
    let state = ServerState::new(engine.clone(), Settings::from(config), Site::embedded(), stopping.clone());
    let recorder = state.recorder.clone();
    let app = http::app(state).map_err(|error| Failure::Configuration(format!("public_url: {error}")))?;

    let cannot_listen = |source| Failure::Address { address: config.listen.clone(), source };
    let listener = TcpListener::bind(&config.listen).await.map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    let signals = StopSignals::listen().map_err(|error| Failure::unexpected("signals cannot be received", error))?;

    let workers = if config.role.works() { engine.workers() } else { Vec::new() };
    let background = Background::spawn(engine.clone(), workers, stopping.clone());
    let tidying = tokio::spawn(async move {
        let mut tick = tokio::time::interval(TIDY);
        loop {
            tick.tick().await;
            recorder.run_upkeep();
        }
    });

    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps small packets back");
        }
    });
    let answering = axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(stopping.clone().cancelled_owned());
    let mut answering = tokio::spawn(answering.into_future());
    announce_on_stdout(&announce(address));
    tracing::info!(%address, role = ?config.role, "ready");

    tokio::select! {
        () = signals.received() => tracing::info!("stopping: no new requests are taken"),
        ended = &mut answering => tracing::error!(?ended, "answering requests ended by itself"),
    }
    stopping.cancel();
    if !answering.is_finished() && tokio::time::timeout(DRAIN, &mut answering).await.is_err() {
        tracing::warn!("some requests were still open after {} s and are cut off", DRAIN.as_secs());
        answering.abort();
    }
    if tokio::time::timeout(FINISH, background.stopped()).await.is_err() {
        tracing::warn!("background work did not end in time; it will be taken up again by whoever runs next");
    }
    tidying.abort();
    if tokio::time::timeout(FINISH, engine.store().close()).await.is_err() {
        tracing::warn!("the database connections did not close in time");
    }
    tracing::info!("stopped");
    Ok(())
}

/// Standard output is for whoever started this; if nobody reads it, that is no reason not to serve.
fn announce_on_stdout(lines: &[String]) {
    let mut stdout = std::io::stdout().lock();
    let written = lines.iter().try_for_each(|line| writeln!(stdout, "{line}")).and_then(|()| stdout.flush());
    if let Err(error) = written {
        tracing::debug!(%error, "nobody reads standard output");
    }
}

/// The signals by which a process is asked to end.
#[cfg(unix)]
struct StopSignals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl StopSignals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Comes back at the first signal. A second one ends the process at once.
    async fn received(mut self) {
        tokio::select! { _ = self.terminate.recv() => {}, _ = self.interrupt.recv() => {} }
        tokio::spawn(async move {
            tokio::select! { _ = self.terminate.recv() => {}, _ = self.interrupt.recv() => {} }
            tracing::warn!("asked to stop a second time, ending at once");
            std::process::exit(130);
        });
    }
}

#[cfg(not(unix))]
struct StopSignals;

#[cfg(not(unix))]
impl StopSignals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn received(self) {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "the signal to stop cannot be received");
            std::future::pending::<()>().await;
        }
    }
}
