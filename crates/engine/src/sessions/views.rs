//! Named views of the sessions list: everybody keeps their own, editors keep those that the project shares.

use turnwise_model::access::Role;
use turnwise_model::filter::Filter;
use turnwise_model::view::session::SavedView;
use turnwise_model::{AccountId, SavedViewId};
use turnwise_store::Durability;

use super::error::SessionError;
use super::service::Sessions;
use crate::access::{Access, Denied};

/// Most views that one person, or a project, keeps.
const MOST: usize = 50;
/// The longest name, in characters.
const LONGEST_NAME: usize = 60;

impl Sessions {
    /// The shared views of the project and the caller's own, shared ones first, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn views(&self, access: &Access) -> Result<Vec<SavedView>, SessionError> {
        Ok(self.store.saved_views(access.project.id, access.account()).await?)
    }

    /// Keeps a view under its name; one of the same name is replaced. Its id is given here.
    ///
    /// # Errors
    /// When the name or the filter cannot be used; [`SessionError::Denied`] for a shared one unless the caller is an editor.
    pub async fn keep_view(&self, access: &Access, view: SavedView) -> Result<(), SessionError> {
        let owner = owner(access, view.shared)?;
        let name = view.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > LONGEST_NAME {
            return Err(SessionError::View("the name must be 1 to 60 characters long"));
        }
        if view.columns.len() > 500 {
            return Err(SessionError::View("the columns are too many"));
        }
        let filter = Filter::parse(&view.filter)?.to_string();
        let kept = self.views(access).await?;
        let same_owner = kept.iter().filter(|other| other.shared == view.shared);
        if same_owner.clone().count() >= MOST && !same_owner.clone().any(|other| other.name == name) {
            return Err(SessionError::View("there are 50 views already, remove one first"));
        }
        let view = SavedView { id: self.ambient.id(), name, filter, ..view };
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        transaction.put_saved_view(access.project.id, owner, &view, self.ambient.now()).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Removes a view, the caller's own or a shared one. What is gone already stays gone.
    ///
    /// # Errors
    /// [`SessionError::Denied`] for a shared one unless the caller is an editor.
    pub async fn drop_view(&self, access: &Access, view: SavedViewId, shared: bool) -> Result<(), SessionError> {
        let owner = owner(access, shared)?;
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        transaction.delete_saved_view(access.project.id, owner, view).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Whose the view is; `None` for a shared one.
fn owner(access: &Access, shared: bool) -> Result<Option<AccountId>, SessionError> {
    if shared {
        access.require(Role::Editor)?;
        return Ok(None);
    }
    // A program has nothing of its own.
    access.account().map(Some).ok_or_else(|| Denied::NotSignedIn.into())
}
