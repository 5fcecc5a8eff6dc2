//! What the tests share: where the real data lies, and sessions out of spans as the engine makes them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use turnwise_model::assembly::{Assembled, assemble, resolve_sessions};
use turnwise_model::telemetry::SpanRecord;
use turnwise_model::{Id, ProjectId, SessionId};

/// Reads a file of the shared data. `None` where it is absent, after saying so; on the build server it must be there.
pub fn shared(path: &str) -> Option<Vec<u8>> {
    let full: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "..", "..", "shared", "data", path].iter().collect();
    match std::fs::read(&full) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{path} cannot be read: {error}");
            println!("skipped: the shared data file {path} cannot be read here ({error})");
            None
        }
    }
}

pub fn project() -> ProjectId {
    ProjectId::from_uuid(uuid::Uuid::from_u128(7))
}

/// The sessions among the spans by external id, each assembled.
pub fn sessions(spans: &[SpanRecord]) -> BTreeMap<String, Assembled> {
    let resolved = resolve_sessions(spans);
    let mut by_session: BTreeMap<String, Vec<SpanRecord>> = BTreeMap::new();
    for span in spans {
        by_session.entry(resolved[&span.trace_id].external_id.clone()).or_default().push(span.clone());
    }
    by_session
        .into_iter()
        .map(|(external, spans)| {
            let id = SessionId::derive(project(), &external);
            (external, assemble(id, &spans))
        })
        .collect()
}
