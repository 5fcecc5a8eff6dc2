//! The settings of projects, remembered for a few seconds: every request and every derived session asks for them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use turnwise_model::{Ambient, Micros, ProjectId};
use turnwise_store::{Durability, ProjectSettings, Store, StoreError};

/// How long what another process changed may go unnoticed.
const FRESH: Duration = Duration::from_secs(5);

/// Reads and makes settings. Clones share what they remember.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    store: Store,
    ambient: Ambient,
    remembered: Arc<Mutex<Remembered>>,
}

/// What was read, and when.
type Remembered = HashMap<ProjectId, (Micros, Arc<ProjectSettings>)>;

impl Settings {
    pub(crate) fn new(store: Store, ambient: Ambient) -> Self {
        Self { store, ambient, remembered: Arc::default() }
    }

    /// The settings of a project; made when it has none.
    pub(crate) async fn of(&self, project: ProjectId) -> Result<Arc<ProjectSettings>, StoreError> {
        let now = self.ambient.now();
        if let Some((read_at, settings)) = self.lock().get(&project)
            && now.since(*read_at) < FRESH
        {
            return Ok(Arc::clone(settings));
        }
        let settings = match self.store.project_settings(project).await? {
            Some(settings) => settings,
            None => {
                let mut transaction = self.store.write(Durability::Acknowledged).await?;
                transaction
                    .put_project_settings_if_absent(project, &ProjectSettings::new(self.ambient.bytes()))
                    .await?;
                transaction.commit().await?;
                // Another process may have been first.
                self.store
                    .project_settings(project)
                    .await?
                    .unwrap_or_else(|| ProjectSettings::new(self.ambient.bytes()))
            }
        };
        let settings = Arc::new(settings);
        self.lock().insert(project, (now, Arc::clone(&settings)));
        Ok(settings)
    }

    /// Changes settings.
    pub(crate) async fn change(
        &self,
        project: ProjectId,
        change: impl FnOnce(&mut ProjectSettings),
    ) -> Result<Arc<ProjectSettings>, StoreError> {
        let mut settings = ProjectSettings::clone(&*self.of(project).await?);
        change(&mut settings);
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        transaction.put_project_settings(project, &settings).await?;
        transaction.commit().await?;
        self.lock().remove(&project);
        self.of(project).await
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Remembered> {
        // Nothing in here can be half done.
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
