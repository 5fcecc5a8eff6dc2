//! Who may do what: every role, every kind of caller, every combination of scopes.

use turnwise_engine::access::{AccessError, Caller, Denied};
use turnwise_model::access::{Role, Scope};
use turnwise_store::contract;

use crate::setting::{Installation, PASSWORD, installation, person};

/// The decision as one word.
fn verdict<T>(result: Result<T, AccessError>) -> Result<(), Denied> {
    match result {
        Ok(_) => Ok(()),
        Err(AccessError::Denied(denied)) => Err(denied),
        Err(AccessError::Engine(error)) => panic!("{error}"),
    }
}

/// Programs with every combination of scopes.
async fn programs(installation: &Installation) -> Vec<(Vec<Scope>, Caller)> {
    let access = installation.owners_access().await;
    let mut programs = Vec::new();
    for bits in 1_usize..8 {
        let scopes: Vec<Scope> = (0..3).filter(|bit| bits >> bit & 1 == 1).map(|bit| Scope::ALL[bit]).collect();
        let (_, secret) = installation.create_api_key(&access, "A program", &scopes).await.unwrap();
        programs.push((scopes, installation.caller_of_key(&secret).await.unwrap().unwrap()));
    }
    programs
}

contract! {
    async fn people_may_do_what_their_role_allows(store) {
        let installation = installation(store).await;
        for role in Role::ALL.iter().copied() {
            let member = installation.member(&format!("the-{role}"), role).await;
            for needed in Role::ALL.iter().copied() {
                let decided = verdict(installation.authorise(&person(&member), &installation.project.slug, needed).await);
                let expected = if role >= needed { Ok(()) } else { Err(Denied::RoleTooLow { needed, yours: role }) };
                assert_eq!(decided, expected, "{role} where {needed} is needed");
            }
        }
    }

    async fn who_is_no_member_learns_not_even_that_the_project_exists(store) {
        let installation = installation(store).await;
        let other = installation.create_project(installation.owner.id, "Another bot").await.unwrap();
        let viewer = installation.member("Bob", Role::Owner).await;
        for slug in [other.slug, "no-such-project".parse().unwrap()] {
            let decided = verdict(installation.authorise(&person(&viewer), &slug, Role::Viewer).await);
            assert_eq!(decided, Err(Denied::NoSuchProject));
            for (_, program) in programs(&installation).await {
                assert_eq!(verdict(installation.authorise(&program, &slug, Role::Viewer).await), Err(Denied::NoSuchProject));
            }
        }
    }

    async fn anonymous_callers_are_asked_to_sign_in(store) {
        let installation = installation(store).await;
        for needed in Role::ALL.iter().copied() {
            let decided = verdict(installation.authorise(&Caller::Anonymous, &installation.project.slug, needed).await);
            assert_eq!(decided, Err(Denied::NotSignedIn));
        }
        for scope in Scope::ALL.iter().copied() {
            assert_eq!(verdict(installation.authorise_scope(&Caller::Anonymous, scope).await), Err(Denied::NotSignedIn));
        }
    }

    async fn programs_may_do_what_their_scopes_say_and_never_what_owners_do(store) {
        let installation = installation(store).await;
        for (scopes, program) in programs(&installation).await {
            for scope in Scope::ALL.iter().copied() {
                let decided = verdict(installation.authorise_scope(&program, scope).await);
                let expected = if scopes.contains(&scope) { Ok(()) } else { Err(Denied::ScopeMissing(scope)) };
                assert_eq!(decided, expected, "{scopes:?} where {scope} is needed");
            }
            let yours = if scopes.contains(&Scope::Write) { Role::Editor } else { Role::Viewer };
            for needed in Role::ALL.iter().copied() {
                let decided = verdict(installation.authorise(&program, &installation.project.slug, needed).await);
                let expected = match needed {
                    Role::Viewer if scopes.contains(&Scope::Read) => Ok(()),
                    Role::Viewer => Err(Denied::ScopeMissing(Scope::Read)),
                    Role::Reviewer | Role::Editor if scopes.contains(&Scope::Write) => Ok(()),
                    Role::Reviewer | Role::Editor => Err(Denied::ScopeMissing(Scope::Write)),
                    Role::Owner => Err(Denied::RoleTooLow { needed, yours }),
                };
                assert_eq!(decided, expected, "{scopes:?} where {needed} is needed");
            }
        }
    }

    async fn a_person_is_not_a_program(store) {
        let installation = installation(store).await;
        let decided = verdict(installation.authorise_scope(&person(&installation.owner), Scope::Read).await);
        assert_eq!(decided, Err(Denied::ScopeMissing(Scope::Read)));
    }

    async fn services_refuse_a_proof_that_is_too_weak(store) {
        let installation = installation(store).await;
        let editor = installation.member("Bob", Role::Editor).await;
        let access = installation.access_of(&editor).await;
        let owner = installation.owner.id;
        let mut refusals = Vec::new();
        refusals.push(installation.set_role(&access, owner, Role::Viewer).await.unwrap_err());
        refusals.push(installation.remove_member(&access, owner).await.unwrap_err());
        refusals.push(installation.invite(&access, Role::Viewer).await.unwrap_err());
        refusals.push(installation.invitations(&access).await.unwrap_err());
        refusals.push(installation.withdraw_invitation(&access, installation.store.ambient.id()).await.unwrap_err());
        refusals.push(installation.api_keys(&access).await.unwrap_err());
        refusals.push(installation.create_api_key(&access, "Key", &[Scope::Read]).await.unwrap_err());
        refusals.push(installation.revoke_api_key(&access, installation.store.ambient.id()).await.unwrap_err());
        refusals.push(installation.rename_project(&access, "Mine now").await.unwrap_err());
        refusals.push(installation.audit_log(&access, 10).await.unwrap_err());
        for refusal in refusals {
            assert_eq!(refusal.to_string(), "this needs the role owner, yours is editor");
        }
        assert_eq!(installation.sign_in("ada@example.com", PASSWORD, crate::setting::HOME).await.unwrap(), installation.owner);
    }
}
