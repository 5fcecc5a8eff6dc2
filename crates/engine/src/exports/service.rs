//! [`Exports`]: what pages, routes and commands ask about exports.

use std::sync::Arc;
use std::time::Duration;

use futures::Stream;
use tokio::sync::Semaphore;
use turnwise_model::access::{Role, Scope};
use turnwise_model::filter::Filter;
use turnwise_model::view::export::{ExportRequest, ExportRow, State};
use turnwise_model::{Ambient, ExportId, ProjectId};
use turnwise_store::{Durability, NewWork, Store};

use super::error::ExportError;
use super::format;
use super::job::{self, WriteExport};
use super::rows;
use super::stream::ExportStream;
use super::sweep::SweepExports;
use super::writing::Writing;
use crate::access::Access;
use crate::background::{JobWorker, Worker};

/// How long an export and its file are kept.
pub const KEPT: Duration = Duration::from_secs(7 * 86_400);
/// How many exports are streamed at once in one process; others wait. Each holds a connection to the database.
const STREAMS: usize = 2;

/// The exports of projects. Clones share everything.
#[derive(Debug, Clone)]
pub struct Exports {
    store: Store,
    ambient: Ambient,
    streams: Arc<Semaphore>,
}

impl Exports {
    pub(crate) fn new(store: Store, ambient: Ambient) -> Self {
        Self { store, ambient, streams: Arc::new(Semaphore::new(STREAMS)) }
    }

    /// What writes exports in the background and removes old ones.
    #[must_use]
    pub fn workers(&self) -> Vec<Box<dyn Worker>> {
        let (store, ambient) = (&self.store, &self.ambient);
        vec![
            Box::new(JobWorker::new(store.clone(), ambient.clone(), WriteExport::new(store.clone(), ambient.clone()))),
            Box::new(JobWorker::new(store.clone(), ambient.clone(), SweepExports::new(store.clone(), ambient.clone()))),
        ]
    }

    /// The exports of the project, newest first.
    ///
    /// # Errors
    /// [`ExportError::Denied`] unless the caller may export: an editor, or a program with the scope `read`.
    pub async fn list(&self, access: &Access) -> Result<Vec<ExportRow>, ExportError> {
        access.require_scope(Scope::Read)?;
        Ok(self.store.exports(access.project.id).await?)
    }

    /// One export.
    ///
    /// # Errors
    /// [`ExportError::NoSuchExport`]; [`ExportError::Denied`] as [`Self::list`].
    pub async fn get(&self, access: &Access, export: ExportId) -> Result<ExportRow, ExportError> {
        access.require_scope(Scope::Read)?;
        self.store.export(access.project.id, export).await?.ok_or(ExportError::NoSuchExport)
    }

    /// Asks for an export. It is written in the background, whichever process gets to it, and survives a restart.
    ///
    /// # Errors
    /// When the filter or the format cannot be; [`ExportError::Denied`] as [`Self::list`].
    pub async fn start(&self, access: &Access, request: &ExportRequest) -> Result<ExportRow, ExportError> {
        access.require_scope(Scope::Read)?;
        Filter::parse(&request.filter)?;
        format::writer(request.format, rows::columns(request.kind))?;
        let project = access.project.id;
        let export: ExportId = self.ambient.id();
        let key = export.to_string();
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        transaction.insert_export(project, export, request, &access.reviewer()).await?;
        let work = NewWork {
            project: Some(project),
            payload: access.project.slug.as_str(),
            ..NewWork::new(self.ambient.id(), job::KIND, &key, self.ambient.now())
        };
        transaction.enqueue(&work).await?;
        transaction.commit().await?;
        self.get(access, export).await
    }

    /// Stops an export that is under way; one that has ended stays as it is.
    ///
    /// # Errors
    /// [`ExportError::NoSuchExport`]; [`ExportError::Denied`] unless it is the caller's own or the caller is an editor.
    pub async fn cancel(&self, access: &Access, export: ExportId) -> Result<ExportRow, ExportError> {
        self.own(access, export).await?;
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        transaction.stop_export(access.project.id, export, State::Cancelled, None).await?;
        transaction.commit().await?;
        self.get(access, export).await
    }

    /// Removes an export with its file; one that is under way is stopped.
    ///
    /// # Errors
    /// As [`Self::cancel`].
    pub async fn delete(&self, access: &Access, export: ExportId) -> Result<(), ExportError> {
        self.own(access, export).await?;
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        transaction.delete_export(access.project.id, export).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn own(&self, access: &Access, export: ExportId) -> Result<(), ExportError> {
        let row = self.get(access, export).await?;
        if row.requested_by != access.reviewer() {
            access.require(Role::Editor)?;
        }
        Ok(())
    }

    /// The file of an export that is done, in pieces, with the export.
    ///
    /// # Errors
    /// [`ExportError::NoSuchExport`], [`ExportError::NotDone`]; [`ExportError::Denied`] as [`Self::list`].
    pub async fn file(
        &self,
        access: &Access,
        export: ExportId,
    ) -> Result<(ExportRow, impl Stream<Item = Result<Vec<u8>, ExportError>> + Send + use<>), ExportError> {
        let row = self.get(access, export).await?;
        if row.state != State::Done {
            return Err(ExportError::NotDone(row.state));
        }
        let (store, project, whole) = (self.store.clone(), access.project.id, row.bytes);
        let pieces = futures::stream::try_unfold((0_i64, 0_i64), move |(position, given)| {
            let store = store.clone();
            async move {
                match store.export_piece(project, export, position).await? {
                    Some(piece) => {
                        let given = given + i64::try_from(piece.len()).unwrap_or(i64::MAX);
                        Ok(Some((piece, (position + 1, given))))
                    }
                    None if given == whole => Ok(None),
                    // It was deleted while it was read.
                    None => Err(ExportError::NoSuchExport),
                }
            }
        });
        Ok((row, pieces))
    }

    /// Writes an export straight to the caller, in constant memory. Waits while others are being streamed.
    ///
    /// # Errors
    /// When the filter or the format cannot be; [`ExportError::Denied`] as [`Self::list`].
    pub async fn stream(&self, access: &Access, request: &ExportRequest) -> Result<ExportStream, ExportError> {
        access.require_scope(Scope::Read)?;
        Filter::parse(&request.filter)?;
        let permit = Arc::clone(&self.streams).acquire_owned().await.ok();
        let writing = self.open(access.project.id, request).await?;
        Ok(ExportStream::new(writing, permit))
    }

    /// An export of a project in the making, for commands.
    ///
    /// # Errors
    /// When the filter or the format cannot be.
    pub async fn open(&self, project: ProjectId, request: &ExportRequest) -> Result<Writing, ExportError> {
        Writing::begin(&self.store, &self.ambient, project, request).await
    }
}
