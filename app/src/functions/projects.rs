//! Projects: opening one, listing one's own, making and renaming them.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use turnwise_model::access::{Role, Slug};
use turnwise_model::account::{Account, Membership, Project};

use crate::AppError;

/// What every page of a project shows around its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenProject {
    /// The project.
    pub project: Project,
    /// What the viewer may do in it.
    pub role: Role,
    /// The viewer.
    pub account: Account,
    /// All projects of the viewer, this one among them.
    pub memberships: Vec<Membership>,
    /// The address under which programs reach this server: `https://turnwise.example.com`.
    pub origin: String,
}

/// Opens a project.
#[server(prefix = "/api/ui", endpoint = "project_open")]
pub async fn project_open(project: Slug) -> Result<OpenProject, AppError> {
    use crate::context::ssr::{authorise, engine, origin};

    let access = authorise(&project, Role::Viewer).await?;
    let Some(person) = access.account() else { return Err(AppError::NotSignedIn.answered()) };
    let engine = engine()?;
    let Some(account) = engine.accounts().account(person).await? else { return Err(AppError::NotSignedIn.answered()) };
    let memberships = engine.accounts().projects(person).await?;
    Ok(OpenProject { project: access.project, role: access.role, account, memberships, origin: origin() })
}

/// What the page for choosing a project shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectChoice {
    /// The viewer.
    pub account: Account,
    /// The viewer's projects.
    pub memberships: Vec<Membership>,
}

/// The projects of whoever is signed in.
#[server(prefix = "/api/ui", endpoint = "projects_list")]
pub async fn projects_list() -> Result<ProjectChoice, AppError> {
    let (context, person) = crate::context::ssr::signed_in()?;
    let accounts = context.engine.accounts();
    let Some(account) = accounts.account(person).await? else { return Err(AppError::NotSignedIn.answered()) };
    Ok(ProjectChoice { account, memberships: accounts.projects(person).await? })
}

/// Makes a project and opens it. For those who own at least one already.
#[server(prefix = "/api/ui", endpoint = "project_create")]
pub async fn project_create(name: String) -> Result<(), AppError> {
    let (context, account) = crate::context::ssr::signed_in()?;
    let project = context.engine.accounts().create_project(account, &name).await?;
    leptos_axum::redirect(&format!("/p/{}/sessions", project.slug));
    Ok(())
}

/// Renames a project. Its address stays.
#[server(prefix = "/api/ui", endpoint = "project_rename")]
pub async fn project_rename(project: Slug, name: String) -> Result<(), AppError> {
    use crate::context::ssr::{authorise, engine};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Owner).await?;
    engine()?.accounts().rename_project(&access, &name).await?;
    leave(&Flash::Notice(Notice::Saved));
    Ok(())
}
