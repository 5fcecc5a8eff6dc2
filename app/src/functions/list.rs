//! Every server function, with who may pass its door. Tests walk this list.

use leptos::server_fn::ServerFn;
use turnwise_model::access::Role;

use super::{
    account, api_keys, entrance, evaluators, exports, invitations, members, preferences, projects, providers, queues,
    review, rules, session, session_list,
};

/// Who may call a server function and be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Anybody: the ways in, and what concerns only the calling browser.
    Anybody,
    /// Whoever is signed in.
    SignedIn,
    /// Members of the project named by the argument `project`, from this role on.
    Member(Role),
}

/// One server function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerFunction {
    /// Its address, such as `/api/ui/members_list`.
    pub path: &'static str,
    /// Who may call it.
    pub door: Door,
}

/// All of them.
#[must_use]
pub fn server_functions() -> Vec<ServerFunction> {
    use Door::{Anybody, Member, SignedIn};
    vec![
        at::<entrance::FrontDoor>(Anybody),
        at::<entrance::SetupCreate>(Anybody),
        at::<entrance::SignIn>(Anybody),
        at::<entrance::SignOut>(Anybody),
        at::<invitations::InvitationPreview>(Anybody),
        at::<invitations::InvitationAcceptNew>(Anybody),
        at::<invitations::InvitationAccept>(SignedIn),
        at::<preferences::PreferencesSave>(Anybody),
        at::<account::AccountGet>(SignedIn),
        at::<account::AccountRename>(SignedIn),
        at::<account::AccountChangePassword>(SignedIn),
        at::<session::SessionOpen>(Member(Role::Viewer)),
        at::<session::SessionTrace>(Member(Role::Viewer)),
        at::<session::SessionSpan>(Member(Role::Viewer)),
        at::<session::SessionReviews>(Member(Role::Viewer)),
        at::<session::SessionExplain>(Member(Role::Viewer)),
        at::<session::SessionEnd>(Member(Role::Editor)),
        at::<session::SessionDelete>(Member(Role::Editor)),
        at::<projects::ProjectsList>(SignedIn),
        at::<projects::ProjectCreate>(SignedIn),
        at::<projects::ProjectOpen>(Member(Role::Viewer)),
        at::<projects::ProjectRename>(Member(Role::Owner)),
        at::<members::MembersList>(Member(Role::Viewer)),
        at::<members::MemberSetRole>(Member(Role::Owner)),
        at::<members::MemberRemove>(Member(Role::Owner)),
        at::<members::InvitationCreate>(Member(Role::Owner)),
        at::<members::InvitationWithdraw>(Member(Role::Owner)),
        at::<exports::ExportsList>(Member(Role::Editor)),
        at::<exports::ExportsCount>(Member(Role::Editor)),
        at::<exports::ExportStart>(Member(Role::Editor)),
        at::<exports::ExportCancel>(Member(Role::Editor)),
        at::<exports::ExportDelete>(Member(Role::Editor)),
        at::<api_keys::ApiKeysList>(Member(Role::Owner)),
        at::<api_keys::ApiKeyCreate>(Member(Role::Owner)),
        at::<api_keys::ApiKeyRevoke>(Member(Role::Owner)),
        at::<rules::RulesList>(Member(Role::Viewer)),
        at::<rules::RuleOpen>(Member(Role::Viewer)),
        at::<rules::RuleTry>(Member(Role::Viewer)),
        at::<rules::RuleSave>(Member(Role::Editor)),
        at::<rules::RuleEnable>(Member(Role::Editor)),
        at::<rules::RuleBackfills>(Member(Role::Viewer)),
        at::<rules::BackfillCancel>(Member(Role::Editor)),
        at::<rules::RuleBackfill>(Member(Role::Editor)),
        at::<rules::RuleArchive>(Member(Role::Editor)),
        at::<evaluators::EvaluatorsList>(Member(Role::Viewer)),
        at::<evaluators::EvaluatorOpen>(Member(Role::Viewer)),
        at::<evaluators::EvaluatorEdit>(Member(Role::Editor)),
        at::<evaluators::EvaluatorTry>(Member(Role::Editor)),
        at::<evaluators::EvaluatorAdd>(Member(Role::Editor)),
        at::<evaluators::EvaluatorArchive>(Member(Role::Editor)),
        at::<providers::ProvidersList>(Member(Role::Owner)),
        at::<providers::ProviderSave>(Member(Role::Owner)),
        at::<providers::ProviderTest>(Member(Role::Owner)),
        at::<providers::ProviderDelete>(Member(Role::Owner)),
        at::<session_list::SessionsBrowse>(Member(Role::Viewer)),
        at::<session_list::SessionsFacets>(Member(Role::Viewer)),
        at::<session_list::SessionsNewer>(Member(Role::Viewer)),
        at::<session_list::FilterValues>(Member(Role::Viewer)),
        at::<session_list::SessionChoices>(Member(Role::Viewer)),
        at::<session_list::SessionsQueue>(Member(Role::Editor)),
        at::<session_list::SessionsEvaluate>(Member(Role::Editor)),
        at::<session_list::ViewsList>(Member(Role::Viewer)),
        at::<session_list::ViewKeep>(Member(Role::Viewer)),
        at::<session_list::ViewDrop>(Member(Role::Viewer)),
        at::<queues::QueuesList>(Member(Role::Viewer)),
        at::<queues::QueueGet>(Member(Role::Viewer)),
        at::<queues::QueueTasks>(Member(Role::Viewer)),
        at::<queues::QueueSave>(Member(Role::Editor)),
        at::<review::ReviewNext>(Member(Role::Reviewer)),
        at::<review::ReviewKeep>(Member(Role::Reviewer)),
        at::<review::ReviewSubmit>(Member(Role::Reviewer)),
        at::<review::ReviewUndo>(Member(Role::Reviewer)),
        at::<review::ReviewSkip>(Member(Role::Reviewer)),
    ]
}

fn at<Function>(door: Door) -> ServerFunction
where
    Function: ServerFn,
{
    ServerFunction { path: Function::PATH, door }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_list_holds_every_registered_server_function_once() {
        let listed: Vec<&str> = server_functions().iter().map(|function| function.path).collect();
        let registered: BTreeSet<&str> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path).collect();
        assert_eq!(listed.iter().copied().collect::<BTreeSet<_>>(), registered);
        assert_eq!(listed.len(), registered.len(), "a server function is listed twice");
    }

    #[test]
    fn every_address_is_explicit() {
        for function in server_functions() {
            let name = function.path.strip_prefix("/api/ui/").unwrap_or_default();
            assert!(!name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{}", function.path);
        }
    }
}
