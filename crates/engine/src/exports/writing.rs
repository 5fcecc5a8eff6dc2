//! [`Writing`]: an export in the making, a piece at a time. While one page is encoded, the next is read.

use sha2::{Digest as _, Sha256};
use turnwise_model::filter::Filter;
use turnwise_model::view::export::{ExportRequest, Manifest, ManifestColumn};
use turnwise_model::{Ambient, ProjectId, SessionId};
use turnwise_store::{ExportProgress, Names, Snapshot, Store};

use super::error::ExportError;
use super::format::{self, Writer};
use super::rows::{self, Page};
use super::table::{Column, Row};
use super::used::Used;

/// Encodes and hashes, off the async threads.
struct Encoder {
    writer: Box<dyn Writer>,
    hash: Sha256,
}

/// An export in the making. Memory holds two pages of sessions, whatever the number of rows.
pub struct Writing {
    ambient: Ambient,
    request: ExportRequest,
    snapshot: Snapshot,
    names: Names,
    used: Used,
    columns: &'static [Column],
    encoder: Option<Encoder>,
    after: Option<SessionId>,
    /// Rows that were read and are not encoded yet.
    ready: Option<Page>,
    begun: bool,
    /// The hash of the whole file.
    sha256: Option<String>,
    total: i64,
    progress: ExportProgress,
}

impl std::fmt::Debug for Writing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writing")
            .field("request", &self.request)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}

impl Writing {
    /// Takes the snapshot.
    pub(super) async fn begin(
        store: &Store,
        ambient: &Ambient,
        project: ProjectId,
        request: &ExportRequest,
    ) -> Result<Self, ExportError> {
        let filter = Filter::parse(&request.filter)?;
        let columns = rows::columns(request.kind);
        let writer = format::writer(request.format, columns)?;
        let mut snapshot = store.snapshot(project, &filter).await?;
        let names = snapshot.names().await?;
        let total = snapshot.count_sessions().await?;
        Ok(Self {
            ambient: ambient.clone(),
            request: request.clone(),
            snapshot,
            names,
            used: Used::default(),
            columns,
            encoder: Some(Encoder { writer, hash: Sha256::new() }),
            after: None,
            ready: None,
            begun: false,
            sha256: None,
            total,
            progress: ExportProgress::default(),
        })
    }

    /// Sessions that match.
    #[must_use]
    pub const fn sessions_total(&self) -> i64 {
        self.total
    }

    /// How far it is.
    #[must_use]
    pub const fn progress(&self) -> ExportProgress {
        self.progress
    }

    /// The next bytes of the file, which may be none; `None` when it is complete.
    ///
    /// # Errors
    /// When the database does not answer or the encoder fails; the file cannot be continued then.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, ExportError> {
        let Some(encoder) = self.encoder.take() else { return Ok(None) };
        let first = !std::mem::replace(&mut self.begun, true);
        if first {
            self.ready = Some(self.read().await?);
        }
        let (rows, sessions, last) = match self.ready.take() {
            Some(page) => (page.rows, page.sessions, page.last),
            None => (Vec::new(), 0, None),
        };
        self.progress.rows += count(rows.len());
        self.progress.sessions += count(sessions);
        self.after = last;
        let ended = last.is_none();
        let encoding = tokio::task::spawn_blocking(move || encode(encoder, rows, first, ended));
        if !ended {
            self.ready = Some(self.read().await?);
        }
        let (encoder, bytes) = encoding.await??;
        self.progress.bytes += count(bytes.len());
        if ended {
            self.sha256 = Some(hex::encode(encoder.hash.finalize()));
        } else {
            self.encoder = Some(encoder);
        }
        Ok(Some(bytes))
    }

    async fn read(&mut self) -> Result<Page, ExportError> {
        let Self { request, snapshot, after, names, used, .. } = self;
        Ok(rows::page(request.kind, snapshot, *after, names, used).await?)
    }

    /// The manifest of the complete file; `None` before [`Self::next`] gave `None`.
    #[must_use]
    pub fn manifest(&self, project: &str) -> Option<Manifest> {
        let ExportRequest { kind, format, filter } = self.request.clone();
        let Used { evaluators, rules, rubrics, .. } = &self.used;
        let columns = self
            .columns
            .iter()
            .map(|column| ManifestColumn { name: column.name.to_owned(), kind: column.kind.as_str().to_owned() });
        Some(Manifest {
            project: project.to_owned(),
            kind,
            format,
            filter,
            snapshot_at: self.snapshot.taken_at(),
            made_at: self.ambient.now(),
            turnwise: env!("CARGO_PKG_VERSION").to_owned(),
            sessions: self.progress.sessions,
            rows: self.progress.rows,
            bytes: self.progress.bytes,
            sha256: self.sha256.clone()?,
            columns: columns.collect(),
            evaluators: evaluators.iter().cloned().collect(),
            rules: rules.iter().cloned().collect(),
            rubrics: rubrics.iter().cloned().collect(),
        })
    }
}

fn encode(mut encoder: Encoder, rows: Vec<Row>, first: bool, last: bool) -> Result<(Encoder, Vec<u8>), ExportError> {
    let mut bytes = if first { encoder.writer.begin()? } else { Vec::new() };
    append(&mut bytes, encoder.writer.rows(rows)?);
    if last {
        append(&mut bytes, encoder.writer.finish()?);
    }
    encoder.hash.update(&bytes);
    Ok((encoder, bytes))
}

fn append(bytes: &mut Vec<u8>, more: Vec<u8>) {
    if bytes.is_empty() { *bytes = more } else { bytes.extend(more) }
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
