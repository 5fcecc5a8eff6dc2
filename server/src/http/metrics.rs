//! `/metrics` for Prometheus: what was counted anywhere in the process, and what the process itself uses.

use std::sync::OnceLock;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap};
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use turnwise_engine::access::Caller;
use turnwise_model::access::Scope;

use super::problem::{MISSING_KEY, Problem};
use super::{caller, client_ip};
use crate::config::MetricsAccess;
use crate::state::ServerState;

/// Seconds; from an answer out of memory to one that is about to be given up.
const DURATIONS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// The recorder of this process. There can be only one, so the first call installs it and later calls share it.
#[must_use]
pub fn recorder() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let builder = PrometheusBuilder::new();
            let recorder =
                match builder.set_buckets_for_metric(Matcher::Suffix("duration_seconds".to_owned()), DURATIONS) {
                    Ok(builder) => builder.build_recorder(),
                    Err(error) => {
                        tracing::error!(%error, "durations are measured without buckets");
                        PrometheusBuilder::new().build_recorder()
                    }
                };
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::error!("something else records metrics in this process, /metrics will be empty");
            }
            describe();
            handle
        })
        .clone()
}

fn describe() {
    describe_counter!("http_requests_total", "Requests that were answered");
    describe_histogram!(
        "http_request_duration_seconds",
        Unit::Seconds,
        "From the request's head to the beginning of the answer"
    );
    describe_gauge!("process_resident_memory_bytes", Unit::Bytes, "Memory that the process holds");
    describe_gauge!("process_open_fds", "File descriptors that the process holds");
    describe_gauge!("process_threads", "Threads of the process");
    describe_gauge!("tokio_alive_tasks", "Asynchronous tasks that have not ended");
    describe_gauge!("turnwise_build_info", "Always 1; the label says which version runs");
}

/// `GET /metrics`.
pub async fn serve(State(state): State<ServerState>, request: Request) -> Response {
    if state.settings.metrics == MetricsAccess::Protected
        && !client_ip::is_local(request.extensions(), request.headers())
        && let Err(problem) = may_read(&state, request.headers()).await
    {
        return problem.into_response();
    }
    measure_process();
    let text = state.recorder.render();
    (StatusCode::OK, [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// Any project's key with the scope read will do: the numbers are about the process.
async fn may_read(state: &ServerState, headers: &HeaderMap) -> Result<(), Problem> {
    match caller::of_program(&state.engine, headers).await? {
        Some(Caller::Program { scopes, .. }) if scopes.contains(&Scope::Read) => Ok(()),
        Some(_) => {
            Err(Problem::new(StatusCode::FORBIDDEN, "scope_missing", "this needs an API key with the scope read"))
        }
        None => Err(Problem::unauthorised("missing_credentials", MISSING_KEY)),
    }
}

/// What the process uses at this moment; the parts that the system does not tell are left out.
fn measure_process() {
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        if let Some(kilobytes) = number_after(&status, "VmRSS:") {
            gauge!("process_resident_memory_bytes").set(kilobytes * 1024.0);
        }
        if let Some(threads) = number_after(&status, "Threads:") {
            gauge!("process_threads").set(threads);
        }
    }
    if let Ok(descriptors) = std::fs::read_dir("/proc/self/fd") {
        gauge!("process_open_fds").set(u32::try_from(descriptors.count()).unwrap_or(u32::MAX));
    }
    let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    gauge!("tokio_alive_tasks").set(u32::try_from(tasks).unwrap_or(u32::MAX));
    gauge!("turnwise_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
}

fn number_after(status: &str, label: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(label))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_from_the_status_of_the_process() {
        assert_eq!(number_after("Name:\tx\nVmRSS:\t  1234 kB\n", "VmRSS:"), Some(1234.0));
        assert_eq!(number_after("Name:\tx\n", "VmRSS:"), None);
    }
}
