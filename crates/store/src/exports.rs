//! Exports: what was asked for, how far it is, and the pieces of the files.

use turnwise_model::view::export::{ExportRequest, ExportRow, Manifest, State};
use turnwise_model::{ExportId, Micros, ProjectId};

use crate::error::StoreError;
use crate::json;
use crate::packing::{pack, unpack};
use crate::row::Fields;
use crate::store::Store;
use crate::transaction::Transaction;
use crate::work::Lease;

/// How far an attempt at an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExportProgress {
    /// Sessions that were written.
    pub sessions: i64,
    /// Rows that were written.
    pub rows: i64,
    /// Bytes that were written.
    pub bytes: i64,
}

/// One attempt at an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportAttempt {
    /// The project.
    pub project: ProjectId,
    /// The export.
    pub export: ExportId,
    /// The attempt's number.
    pub fence: i64,
}

/// A piece of a file made ready for storing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportPiece(Vec<u8>);

impl ExportPiece {
    /// Compresses it. CPU work: keep it off the async threads.
    ///
    /// # Errors
    /// When zstd has no memory.
    pub fn of(bytes: &[u8]) -> std::io::Result<Self> {
        pack(bytes).map(Self)
    }
}

const SELECT: &str = "select e.*, coalesce(a.name, k.name, e.requested_by) as requested_by_name
     from exports e
     left join accounts a on a.id = e.requested_by
     left join api_keys k on e.requested_by = 'key:' || k.id
     where e.project_id = $1";

impl Store {
    /// The exports of a project, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn exports(&self, project: ProjectId) -> Result<Vec<ExportRow>, StoreError> {
        let sql = format!("{SELECT} order by e.created_at desc, e.export_id desc limit 200");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(project.to_string()).fetch_all(self.reader()).await?;
        rows.iter().map(|row| read(&Fields::keyed("exports", "export_id", row))).collect()
    }

    /// One export.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn export(&self, project: ProjectId, export: ExportId) -> Result<Option<ExportRow>, StoreError> {
        let sql = format!("{SELECT} and e.export_id = $2");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(project.to_string())
            .bind(export.to_string())
            .fetch_optional(self.reader())
            .await?;
        row.map(|row| read(&Fields::keyed("exports", "export_id", &row))).transpose()
    }

    /// A piece of the file of an export that is done, from 0; `None` after the last.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn export_piece(
        &self,
        project: ProjectId,
        export: ExportId,
        position: i64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query(
            "select p.export_id, p.body
             from exports e
             join export_pieces p on p.project_id = e.project_id and p.export_id = e.export_id and p.fence = e.fence
             where e.project_id = $1
               and e.export_id = $2
               and e.state = 'done'
               and p.position = $3",
        )
        .bind(project.to_string())
        .bind(export.to_string())
        .bind(position)
        .fetch_optional(self.reader())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let fields = Fields::keyed("export_pieces", "export_id", &row);
        unpack(&fields.optional_bytes("body")?.unwrap_or_default())
            .map(Some)
            .map_err(|error| fields.impossible("body", error))
    }

    /// Exports that were asked for before an instant and are not under way: project and id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn exports_before(&self, before: Micros) -> Result<Vec<(ProjectId, ExportId)>, StoreError> {
        let rows = sqlx::query(
            "select project_id, export_id
             from exports
             where created_at < $1
               and state not in ('queued', 'running')
             order by created_at
             limit 1000",
        )
        .bind(before.0)
        .fetch_all(self.reader())
        .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("exports", "export_id", row);
                Ok((fields.parsed("project_id")?, fields.parsed("export_id")?))
            })
            .collect()
    }
}

impl Transaction {
    /// A new export, queued.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_export(
        &mut self,
        project: ProjectId,
        export: ExportId,
        request: &ExportRequest,
        requested_by: &str,
    ) -> Result<(), StoreError> {
        let now = self.now();
        sqlx::query(
            "insert into exports (project_id, export_id, kind, format, filter, state, requested_by, created_at, updated_at)
             values ($1, $2, $3, $4, $5, 'queued', $6, $7, $7)",
        )
        .bind(project.to_string())
        .bind(export.to_string())
        .bind(request.kind.as_str())
        .bind(request.format.as_str())
        .bind(request.filter.as_str())
        .bind(requested_by)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Begins an attempt from nothing; what an earlier one wrote goes. [`Lease::Lost`] when it is not wanted any more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin_export(&mut self, attempt: &ExportAttempt, sessions_total: i64) -> Result<Lease, StoreError> {
        let now = self.now();
        let done = sqlx::query(
            "update exports
             set state = 'running',
                 fence = $3,
                 sessions_total = $4,
                 sessions_done = 0,
                 rows_written = 0,
                 bytes_written = 0,
                 started_at = $5,
                 updated_at = $5
             where project_id = $1
               and export_id = $2
               and state in ('queued', 'running')
               and fence <= $3",
        )
        .bind(attempt.project.to_string())
        .bind(attempt.export.to_string())
        .bind(attempt.fence)
        .bind(sessions_total)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        self.delete_export_pieces(attempt.project, attempt.export).await?;
        Ok(if done.rows_affected() == 0 { Lease::Lost } else { Lease::Held })
    }

    /// Writes the next piece of the file and how far the attempt is. [`Lease::Lost`] when it was cancelled, deleted or is
    /// another's now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_export_piece(
        &mut self,
        attempt: &ExportAttempt,
        position: i64,
        piece: ExportPiece,
        progress: ExportProgress,
    ) -> Result<Lease, StoreError> {
        let now = self.now();
        let done = sqlx::query(
            "update exports
             set sessions_done = $4,
                 rows_written = $5,
                 bytes_written = $6,
                 updated_at = $7
             where project_id = $1
               and export_id = $2
               and fence = $3
               and state = 'running'",
        )
        .bind(attempt.project.to_string())
        .bind(attempt.export.to_string())
        .bind(attempt.fence)
        .bind(progress.sessions)
        .bind(progress.rows)
        .bind(progress.bytes)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(Lease::Lost);
        }
        sqlx::query(
            "insert into export_pieces (project_id, export_id, fence, position, body)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(attempt.project.to_string())
        .bind(attempt.export.to_string())
        .bind(attempt.fence)
        .bind(position)
        .bind(piece.0)
        .execute(self.connection())
        .await?;
        Ok(Lease::Held)
    }

    /// The file is complete. [`Lease::Lost`] as [`Self::put_export_piece`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn finish_export(&mut self, attempt: &ExportAttempt, manifest: &Manifest) -> Result<Lease, StoreError> {
        let now = self.now();
        let done = sqlx::query(
            "update exports
             set state = 'done',
                 manifest = $4,
                 sessions_done = $5,
                 rows_written = $6,
                 bytes_written = $7,
                 updated_at = $8
             where project_id = $1
               and export_id = $2
               and fence = $3
               and state = 'running'",
        )
        .bind(attempt.project.to_string())
        .bind(attempt.export.to_string())
        .bind(attempt.fence)
        .bind(json::text(manifest)?)
        .bind(manifest.sessions)
        .bind(manifest.rows)
        .bind(manifest.bytes)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(if done.rows_affected() == 0 { Lease::Lost } else { Lease::Held })
    }

    /// Stops an export that is under way, with the state that it ends in and why. Says whether it was under way.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stop_export(
        &mut self,
        project: ProjectId,
        export: ExportId,
        state: State,
        reason: Option<&str>,
    ) -> Result<bool, StoreError> {
        let now = self.now();
        let done = sqlx::query(
            "update exports
             set state = $3,
                 reason = $4,
                 updated_at = $5
             where project_id = $1
               and export_id = $2
               and state in ('queued', 'running')",
        )
        .bind(project.to_string())
        .bind(export.to_string())
        .bind(state.as_str())
        .bind(reason)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        self.delete_export_pieces(project, export).await?;
        Ok(true)
    }

    /// Removes an export with its file. Says whether it was there.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_export(&mut self, project: ProjectId, export: ExportId) -> Result<bool, StoreError> {
        self.delete_export_pieces(project, export).await?;
        let done = sqlx::query(
            "delete from exports
             where project_id = $1
               and export_id = $2",
        )
        .bind(project.to_string())
        .bind(export.to_string())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn delete_export_pieces(&mut self, project: ProjectId, export: ExportId) -> Result<(), StoreError> {
        sqlx::query(
            "delete from export_pieces
             where project_id = $1
               and export_id = $2",
        )
        .bind(project.to_string())
        .bind(export.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

fn read(fields: &Fields<'_>) -> Result<ExportRow, StoreError> {
    Ok(ExportRow {
        id: fields.parsed("export_id")?,
        request: ExportRequest {
            kind: fields.parsed("kind")?,
            format: fields.parsed("format")?,
            filter: fields.text("filter")?,
        },
        state: fields.parsed("state")?,
        sessions_total: fields.optional_integer("sessions_total")?,
        sessions_done: fields.integer("sessions_done")?,
        rows: fields.integer("rows_written")?,
        bytes: fields.integer("bytes_written")?,
        started_at: fields.optional_instant("started_at")?,
        manifest: fields.optional_json("manifest")?,
        reason: fields.optional_text("reason")?,
        requested_by: fields.text("requested_by")?,
        requested_by_name: fields.text("requested_by_name")?,
        created_at: fields.instant("created_at")?,
        updated_at: fields.instant("updated_at")?,
    })
}
