//! The decision whether a caller may act in a project. The only place where [`Access`] is made.

use turnwise_model::access::{Role, Scope, Slug};

use super::Accounts;
use crate::access::{Access, AccessError, Caller, Denied};

impl Accounts {
    /// The proof that `caller` may do in `project` what the role `needed` may.
    ///
    /// A program may do what its scopes say: `read` stands for viewer, `write` for reviewer and editor. No key is an owner.
    ///
    /// # Errors
    /// [`AccessError::Denied`] with the reason.
    pub async fn authorise(&self, caller: &Caller, project: &Slug, needed: Role) -> Result<Access, AccessError> {
        match caller {
            Caller::Anonymous => Err(Denied::NotSignedIn.into()),
            Caller::Person { account } => {
                let membership = self.store.membership(project, *account).await?.ok_or(Denied::NoSuchProject)?;
                let access = Access { project: membership.project, role: membership.role, caller: caller.clone() };
                access.require(needed)?;
                Ok(access)
            }
            Caller::Program { project: of_key, scopes, .. } => {
                let found = self.store.project_by_slug(project).await?.filter(|found| found.id == *of_key);
                let access = Access {
                    project: found.ok_or(Denied::NoSuchProject)?,
                    role: role_of(scopes),
                    caller: caller.clone(),
                };
                match scope_for(needed) {
                    Some(scope) if !scopes.contains(&scope) => Err(Denied::ScopeMissing(scope).into()),
                    Some(_) => Ok(access),
                    None => Err(Denied::RoleTooLow { needed, yours: access.role }.into()),
                }
            }
        }
    }

    /// The proof that a program may do what `scope` stands for, in the project that its key belongs to.
    ///
    /// # Errors
    /// [`AccessError::Denied`] with the reason.
    pub async fn authorise_scope(&self, caller: &Caller, scope: Scope) -> Result<Access, AccessError> {
        match caller {
            Caller::Anonymous => Err(Denied::NotSignedIn.into()),
            Caller::Person { .. } => Err(Denied::ScopeMissing(scope).into()),
            Caller::Program { scopes, .. } if !scopes.contains(&scope) => Err(Denied::ScopeMissing(scope).into()),
            Caller::Program { project, scopes, .. } => {
                let project = self.store.project(*project).await?.ok_or(Denied::NoSuchProject)?;
                Ok(Access { project, role: role_of(scopes), caller: caller.clone() })
            }
        }
    }
}

const fn scope_for(needed: Role) -> Option<Scope> {
    match needed {
        Role::Viewer => Some(Scope::Read),
        Role::Reviewer | Role::Editor => Some(Scope::Write),
        Role::Owner => None,
    }
}

fn role_of(scopes: &[Scope]) -> Role {
    if scopes.contains(&Scope::Write) { Role::Editor } else { Role::Viewer }
}
