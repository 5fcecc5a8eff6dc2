//! [`Evaluators`]: what pages, routes and commands ask about evaluators.

use turnwise_evaluators::catalogue::{definitions, method};
use turnwise_model::access::Role;
use turnwise_model::evaluation::{EvaluatorVersion, Kind, State};
use turnwise_model::view::evaluator::{
    CatalogueEntry, EvaluatorDetail, EvaluatorDraft, EvaluatorList, EvaluatorSummary, LatestTrouble, SavedEvaluator,
    VersionRow,
};
use turnwise_model::{Ambient, EvaluatorId, ProjectId};
use turnwise_store::{Durability, EvaluatorCounts, LatestReason, Store};

use super::check::version;
use super::effort::effort;
use super::error::EvaluatorSettingError;
use crate::access::Access;
use crate::error::EngineError;
use crate::providers::Connections;

/// How many evaluators of one entry of the catalogue get a name by themselves.
const MOST_NAMES: u32 = 50;

/// The evaluators of projects. Clones share everything.
#[derive(Debug, Clone)]
pub struct Evaluators {
    pub(super) store: Store,
    pub(super) ambient: Ambient,
    pub(super) connections: Connections,
}

/// What is built in: first the checks, then the judges.
#[must_use]
pub fn catalogue() -> Vec<CatalogueEntry> {
    let entry = |definition: turnwise_evaluators::Definition| {
        let method = method(&definition.name)?;
        Some(CatalogueEntry {
            key: definition.name,
            title: definition.title.clone(),
            description: definition.description,
            kind: method.kind(),
            draft: EvaluatorDraft {
                name: definition.title,
                granularity: definition.granularity,
                method,
                score_name: definition.score_name,
                threshold: definition.threshold,
            },
        })
    };
    definitions().into_iter().filter_map(entry).collect()
}

impl Evaluators {
    pub(crate) fn new(store: Store, ambient: Ambient, connections: Connections) -> Self {
        Self { store, ambient, connections }
    }

    /// The project's evaluators by name, with what each did; archived ones are left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list(&self, access: &Access) -> Result<EvaluatorList, EvaluatorSettingError> {
        let project = access.project.id;
        let provider = self.connections.name_of(project).await?;
        let counts = self.store.evaluator_counts(project).await?;
        let troubles = self.store.latest_reasons(project).await?;
        let evaluators = self.store.evaluators(project).await?;
        let evaluators = evaluators.into_iter();
        let evaluators = evaluators.map(|current| summary(current, &counts, &troubles, provider.is_some())).collect();
        Ok(EvaluatorList { evaluators, provider })
    }

    /// One evaluator with its versions, also an archived one.
    ///
    /// # Errors
    /// [`EvaluatorSettingError::NoSuchEvaluator`].
    pub async fn get(&self, access: &Access, id: EvaluatorId) -> Result<EvaluatorDetail, EvaluatorSettingError> {
        let project = access.project.id;
        let found = self.store.evaluator(project, id).await?;
        let (current, archived_at) = found.ok_or(EvaluatorSettingError::NoSuchEvaluator)?;
        let provider = self.connections.name_of(project).await?;
        let counts = self.store.evaluator_counts(project).await?;
        let troubles = self.store.latest_reasons(project).await?;
        let versions = self.store.evaluator_versions(project, id).await?;
        let versions = versions.into_iter().map(|version| {
            let of_version = |row: &&EvaluatorCounts| row.evaluator == id && row.version == version.hash;
            VersionRow { effort: effort(counts.iter().filter(of_version)), version }
        });
        let versions = versions.collect();
        let summary = summary(current, &counts, &troubles, provider.is_some());
        Ok(EvaluatorDetail { summary, archived_at, versions, provider })
    }

    /// Makes an evaluator.
    ///
    /// # Errors
    /// Unless the caller is an editor; names the setting that is wrong.
    pub async fn create(
        &self,
        access: &Access,
        draft: &EvaluatorDraft,
    ) -> Result<SavedEvaluator, EvaluatorSettingError> {
        access.require(Role::Editor)?;
        let version = version(draft, self.ambient.id(), 1, &self.ambient)?;
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        if !transaction.insert_evaluator(access.project.id, &version).await? {
            return Err(EvaluatorSettingError::NameTaken(version.name));
        }
        transaction.commit().await?;
        Ok(SavedEvaluator { id: version.evaluator, version: 1, is_new_version: true })
    }

    /// Makes an evaluator of an entry of the catalogue, under its title or the first free name made of it.
    ///
    /// # Errors
    /// Unless the caller is an editor; [`EvaluatorSettingError::NoSuchEvaluator`] when the catalogue has no such entry.
    pub async fn add(&self, access: &Access, key: &str) -> Result<SavedEvaluator, EvaluatorSettingError> {
        let entry = catalogue().into_iter().find(|entry| entry.key == key);
        let draft = entry.ok_or(EvaluatorSettingError::NoSuchEvaluator)?.draft;
        let title = draft.name.clone();
        for number in 1..=MOST_NAMES {
            let name = if number == 1 { title.clone() } else { format!("{title} {number}") };
            match self.create(access, &EvaluatorDraft { name, ..draft.clone() }).await {
                Err(EvaluatorSettingError::NameTaken(_)) => {}
                made => return made,
            }
        }
        Err(EvaluatorSettingError::NameTaken(title))
    }

    /// Changes an evaluator. Another name is only that; anything else makes a new version.
    ///
    /// # Errors
    /// Unless the caller is an editor; names the setting that is wrong.
    pub async fn update(
        &self,
        access: &Access,
        id: EvaluatorId,
        draft: &EvaluatorDraft,
    ) -> Result<SavedEvaluator, EvaluatorSettingError> {
        access.require(Role::Editor)?;
        let project = access.project.id;
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        let found = transaction.evaluator(project, id).await?;
        let (before, archived_at) = found.ok_or(EvaluatorSettingError::NoSuchEvaluator)?;
        if archived_at.is_some() {
            return Err(EvaluatorSettingError::Archived);
        }
        let after = version(draft, id, before.number + 1, &self.ambient)?;
        if after.name != before.name && !transaction.rename_evaluator(project, id, &after.name).await? {
            return Err(EvaluatorSettingError::NameTaken(after.name));
        }
        let is_new_version = after.hash != before.hash;
        if is_new_version {
            transaction.insert_evaluator_version(project, &after).await?;
        }
        transaction.commit().await?;
        let number = if is_new_version { after.number } else { before.number };
        Ok(SavedEvaluator { id, version: number, is_new_version })
    }

    /// Takes an evaluator out of use; its scores stay.
    ///
    /// # Errors
    /// Unless the caller is an editor; [`EvaluatorSettingError::NoSuchEvaluator`], also when it was archived before.
    pub async fn archive(&self, access: &Access, id: EvaluatorId) -> Result<(), EvaluatorSettingError> {
        access.require(Role::Editor)?;
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        if !transaction.archive_evaluator(access.project.id, id, self.ambient.now()).await? {
            return Err(EvaluatorSettingError::NoSuchEvaluator);
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Gives a project the default evaluators, unless it ever had any. New projects have them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn install_defaults(&self, project: ProjectId) -> Result<(), EngineError> {
        if self.store.has_evaluators(project).await? {
            return Ok(());
        }
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        super::defaults::install(&mut transaction, project, &self.ambient).await?;
        transaction.commit().await?;
        Ok(())
    }
}

fn summary(
    current: EvaluatorVersion,
    counts: &[EvaluatorCounts],
    troubles: &[LatestReason],
    has_provider: bool,
) -> EvaluatorSummary {
    let id = current.evaluator;
    let trouble = troubles.iter().find(|trouble| trouble.evaluator == id);
    let trouble = trouble.map(|found| LatestTrouble { state: found.state, reason: found.reason.clone(), at: found.at });
    let waiting_for_provider = current.method.kind() == Kind::Judge && !has_provider;
    EvaluatorSummary {
        effort: effort(counts.iter().filter(|row| row.evaluator == id)),
        // That nothing is set up is said once for all, not as trouble of each judge.
        trouble: trouble.filter(|trouble| !(waiting_for_provider && trouble.state == State::Paused)),
        waiting_for_provider,
        current,
    }
}
