//! [`Sessions`]: what pages, routes and commands ask about sessions.

use std::time::Duration;

use turnwise_model::access::{Role, Scope};
use turnwise_model::conversation::Session;
use turnwise_model::telemetry::SpanRecord;
use turnwise_model::view::session::{SessionDetail, SpanRow};
use turnwise_model::{Ambient, Micros, SessionId};
use turnwise_store::{Durability, ProjectSettings, Store, UserIds};

use super::close::{Close, SESSIONS_CLOSED};
use super::derive::{Derive, Deriver};
use super::error::SessionError;
use crate::access::Access;
use crate::background::{Progress, Worker};
use crate::ingestion::Ingestion;
use crate::settings::Settings;

/// The sessions of projects. Clones share everything.
#[derive(Debug, Clone)]
pub struct Sessions {
    pub(super) store: Store,
    pub(super) ambient: Ambient,
    pub(super) settings: Settings,
    pub(super) deriver: Deriver,
    pub(super) ingestion: Ingestion,
}

impl Sessions {
    pub(crate) fn new(store: Store, ambient: Ambient, settings: Settings, ingestion: Ingestion) -> Self {
        let deriver = Deriver::new(store.clone(), ambient.clone(), settings.clone());
        Self { store, ambient, settings, deriver, ingestion }
    }

    /// What derives and closes sessions in the background.
    #[must_use]
    pub fn workers(&self) -> Vec<Box<dyn Worker>> {
        vec![Box::new(Derive(self.deriver.clone())), Box::new(Close::new(self.store.clone(), self.ambient.clone()))]
    }

    /// Derives sessions until none waits, for commands that bring many and leave. `left` is told how many wait.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn derive_all(&self, mut left: impl FnMut(i64)) -> Result<(), SessionError> {
        let worker = Derive(self.deriver.clone());
        loop {
            let waiting = self.store.waiting_changes().await?;
            left(waiting);
            if waiting == 0 {
                return Ok(());
            }
            if let Progress::Idle { until } = worker.run_once().await? {
                // Another process may be at it.
                let pause = until.map_or(Duration::from_millis(100), |due_at| due_at.since(self.ambient.now()));
                tokio::time::sleep(pause.clamp(Duration::from_millis(10), Duration::from_secs(1))).await;
            }
        }
    }

    /// A session with turns and scores, by Turnwise's id or the client's; `None` when this project has no such session.
    /// Whoever has yet to review it blind is told only their own scores, as in [`Sessions::open`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn get(&self, access: &Access, id_or_external: &str) -> Result<Option<SessionDetail>, SessionError> {
        Ok(self.told(access, id_or_external).await?.map(|(detail, _)| detail))
    }

    /// The id of a session by Turnwise's id or the client's; `None` when this project has no such session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(&self, access: &Access, id_or_external: &str) -> Result<Option<SessionId>, SessionError> {
        Ok(self.store.session_id(access.project.id, id_or_external).await?)
    }

    /// When the session that the client calls so began; `None` when it is not known yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn started_at(&self, access: &Access, external_id: &str) -> Result<Option<Micros>, SessionError> {
        let session = SessionId::derive(access.project.id, &crate::ingestion::session_id(external_id.to_owned()));
        Ok(self.store.session(access.project.id, session).await?.map(|session| session.started_at))
    }

    /// The spans of a session for its waterfall, by start; none when this project has no such session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn spans(&self, access: &Access, session: SessionId) -> Result<Vec<SpanRow>, SessionError> {
        let project = access.project.id;
        let mut rows = self.store.span_rows(project, session).await?;
        let turns = self.store.turns_of_spans(project, session).await?;
        for row in &mut rows {
            row.turn = turns.get(&(row.trace_id.clone(), row.span_id.clone())).copied();
        }
        Ok(rows)
    }

    /// One span with everything that was sent; `None` when this project has no such span.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn span(
        &self,
        access: &Access,
        trace_id: &str,
        span_id: &str,
    ) -> Result<Option<SpanRecord>, SessionError> {
        let project = access.project.id;
        let Some(stored) = self.store.span(project, trace_id, span_id).await? else { return Ok(None) };
        let hashes: Vec<_> = stored.hashes().collect();
        let messages = self.store.messages(project, &hashes).await?;
        Ok(Some(stored.with_messages(&messages)))
    }

    /// Derives what waits of a session now, so that it can be read, and gives its id; `None` when there is none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn settle(&self, access: &Access, external_id: &str) -> Result<Option<Session>, SessionError> {
        let project = access.project.id;
        let session = SessionId::derive(project, &crate::ingestion::session_id(external_id.to_owned()));
        self.deriver.derive_now(project, session).await?;
        Ok(self.store.session(project, session).await?)
    }

    /// Ends a session: it is closed now with this reason. More spans open it again. Ending a closed session changes nothing.
    ///
    /// # Errors
    /// [`SessionError::NoSuchSession`].
    pub async fn end(&self, access: &Access, id_or_external: &str, reason: &str) -> Result<Session, SessionError> {
        access.require_scope(Scope::Ingest)?;
        let project = access.project.id;
        let session = self.known(access, id_or_external).await?;
        let gone = || SessionError::NoSuchSession(id_or_external.to_owned());
        let before = self.store.session(project, session).await?.ok_or_else(gone)?;
        let reason = if reason.is_empty() { "ended" } else { reason };
        if before.end_reason.is_none() {
            // As a span, so that it is derived again with everything else, whatever comes later.
            self.ingestion.accept(project, vec![super::end::end_span(&before, reason, self.ambient.now())]).await?;
            self.deriver.derive_now(project, session).await?;
        }
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        if transaction.close_session(project, session, reason).await? {
            transaction.wake(SESSIONS_CLOSED);
        }
        transaction.commit().await?;
        self.store.session(project, session).await?.ok_or_else(gone)
    }

    /// Deletes a session with everything that came of it.
    ///
    /// # Errors
    /// [`SessionError::NoSuchSession`]; [`SessionError::Denied`] unless the caller is an editor.
    pub async fn delete(&self, access: &Access, id_or_external: &str) -> Result<(), SessionError> {
        access.require(Role::Editor)?;
        let project = access.project.id;
        let session = self.known(access, id_or_external).await?;
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        transaction.delete_session(project, session).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The project's settings about its conversations.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn settings(&self, access: &Access) -> Result<ProjectSettings, SessionError> {
        Ok(ProjectSettings::clone(&*self.settings.of(access.project.id).await?))
    }

    /// Changes after how long sessions close and how users' ids are stored. What is stored already keeps its form.
    ///
    /// # Errors
    /// Unless the caller is an owner.
    pub async fn change_settings(
        &self,
        access: &Access,
        idle_limit: Duration,
        max_age: Duration,
        user_ids: UserIds,
    ) -> Result<ProjectSettings, SessionError> {
        access.require(Role::Owner)?;
        let changed = self.settings.change(access.project.id, |settings| {
            settings.idle_limit = idle_limit.max(Duration::from_secs(1));
            settings.max_age = max_age.max(Duration::from_secs(1));
            settings.user_ids = user_ids;
        });
        Ok(ProjectSettings::clone(&*changed.await?))
    }

    /// The id of a session of this project.
    pub(super) async fn known(&self, access: &Access, id_or_external: &str) -> Result<SessionId, SessionError> {
        let found = self.store.session_id(access.project.id, id_or_external).await?;
        found.ok_or_else(|| SessionError::NoSuchSession(id_or_external.to_owned()))
    }
}
