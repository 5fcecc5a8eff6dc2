//! Who belongs to the project, and who is invited (`?new` makes an invitation).

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use turnwise_model::access::Role;
use turnwise_model::account::{Invitation, Member};

use super::frame::{SettingsTabs, crumbs};
use crate::components::{
    Badge, BadgeTone, Button, ButtonLink, Column, Confirm, CopyBox, Field, FormError, IconName, PageHeader, Select,
    SelectOption, Shape, Table, Time, Tone, loaded,
};
use crate::functions::members::{
    InvitationCreate, InvitationWithdraw, MemberRemove, MemberSetRole, MembersPage as Page, members_list,
};
use crate::state::flash::{self, Notice};
use crate::state::form::{error_of, when_done};
use crate::state::project::use_project;
use crate::state::toasts::Toasts;

/// The forms of this page. One action each, so that an error finds its way back to it.
#[derive(Clone, Copy)]
struct Actions {
    set_role: ServerAction<MemberSetRole>,
    remove: ServerAction<MemberRemove>,
    withdraw: ServerAction<InvitationWithdraw>,
}

/// Who belongs to the project.
#[component]
pub fn MembersPage() -> impl IntoView {
    let project = use_project();
    let query = use_query_map();
    let navigate = use_navigate();
    let toasts = expect_context::<Toasts>();
    let page = project.resource(members_list);
    let actions = Actions { set_role: ServerAction::new(), remove: ServerAction::new(), withdraw: ServerAction::new() };
    let invite = ServerAction::<InvitationCreate>::new();
    let token = RwSignal::new(flash::new_invitation());

    when_done(actions.set_role, move |()| {
        toasts.say(Notice::RoleChanged.text());
        page.refetch();
    });
    when_done(actions.remove, move |()| {
        toasts.say(Notice::MemberRemoved.text());
        page.refetch();
    });
    when_done(actions.withdraw, move |()| {
        toasts.say(Notice::InvitationWithdrawn.text());
        page.refetch();
    });
    when_done(invite, move |made| {
        token.set(Some(made.token));
        page.refetch();
        navigate(&project.address("settings/members"), NavigateOptions { replace: true, ..NavigateOptions::default() });
    });

    view! {
        <PageHeader title="Members" crumbs=crumbs(project)>
            <ButtonLink
                tone=Tone::Primary
                icon=IconName::Plus
                href=Signal::derive(move || project.address("settings/members?new"))
            >
                "Invite"
            </ButtonLink>
        </PageHeader>
        <SettingsTabs />
        <div class="page page--narrow">
            {move || query.read().get("new").is_some().then(|| view! { <InviteForm invite /> })}
            <FormError error=error_of(actions.set_role) />
            <FormError error=error_of(actions.remove) />
            <FormError error=error_of(actions.withdraw) />
            {loaded(
                page,
                Shape::Table(4),
                move |page| {
                    let origin = page.origin.clone();
                    view! {
                        {move || token.get().map(|token| view! { <NewLink link=format!("{origin}/invite/{token}") /> })}
                        <People page=page.clone() actions />
                        {(!page.invitations.is_empty()).then(|| view! { <Invitations invitations=page.invitations actions /> })}
                    }
                },
            )}
        </div>
    }
    .into_any()
}

/// What a role may do, for the form that grants it.
fn role_options() -> Vec<SelectOption> {
    let said = |role: &Role| match role {
        Role::Viewer => "Viewer: sees everything",
        Role::Reviewer => "Reviewer: also reviews",
        Role::Editor => "Editor: also changes evaluators, rules, queues; exports",
        Role::Owner => "Owner: also manages members, keys and the project",
    };
    Role::ALL.iter().map(|role| SelectOption::new(role.as_str(), said(role))).collect()
}

#[component]
fn InviteForm(invite: ServerAction<InvitationCreate>) -> impl IntoView {
    let project = use_project();
    view! {
        <section class="panel" aria-labelledby="invite-title">
            <h2 class="panel__title" id="invite-title">"Invite somebody"</h2>
            <p class="panel__text">"You get a link to send. It works once, within 7 days."</p>
            <ActionForm action=invite>
                <div class="form">
                    <input type="hidden" name="project" value=move || project.slug() />
                    <Field id="role" label="Role">
                        <Select name="role" options=role_options() chosen=Role::Reviewer.as_str() />
                    </Field>
                    <FormError error=error_of(invite) />
                    <div class="form__actions">
                        <Button tone=Tone::Primary submit=true pending=invite.pending()>"Create link"</Button>
                        <ButtonLink href=Signal::derive(move || project.address("settings/members"))>"Cancel"</ButtonLink>
                    </div>
                </div>
            </ActionForm>
        </section>
    }
    .into_any()
}

#[component]
fn NewLink(link: String) -> impl IntoView {
    view! {
        <section class="panel panel--fresh" aria-labelledby="link-title" data-testid="new-invitation">
            <h2 class="panel__title" id="link-title">"Send this link"</h2>
            <p class="panel__text">"It is shown this once. Whoever opens it first joins the project."</p>
            <CopyBox text=link label="Invitation link" />
        </section>
    }
    .into_any()
}

#[component]
fn People(page: Page, actions: Actions) -> impl IntoView {
    let manages = page.role == Role::Owner;
    let mut columns = vec![Column::words("Name"), Column::words("Role"), Column::words("Joined")];
    if manages {
        columns.push(Column::actions("Actions"));
    }
    let viewer = page.viewer;
    let rows = page.members.into_iter().map(move |member| {
        let is_viewer = Some(member.account) == viewer;
        view! { <MemberRow member manages is_viewer actions /> }
    });
    view! { <Table caption="Members" columns>{rows.collect_view()}</Table> }.into_any()
}

#[component]
fn MemberRow(member: Member, manages: bool, is_viewer: bool, actions: Actions) -> impl IntoView {
    let name = member.name.clone();
    view! {
        <tr>
            <th scope="row" data-label="Name">
                <span class="person">
                    <span class="person__name">{member.name.clone()} {is_viewer.then(|| view! { " " <Badge tone=BadgeTone::Accent>"you"</Badge> })}</span>
                    <span class="person__detail">{member.email.to_string()}</span>
                </span>
            </th>
            <td data-label="Role">
                {if manages {
                    view! { <RoleForm member=member.clone() actions /> }.into_any()
                } else {
                    view! { <Badge>{member.role.to_string()}</Badge> }.into_any()
                }}
            </td>
            <td data-label="Joined"><Time at=member.joined_at /></td>
            {manages
                .then(|| {
                    view! {
                        <td class="table__end" data-label="">
                            <RemoveForm account=member.account.to_string() name is_viewer actions />
                        </td>
                    }
                })}
        </tr>
    }
    .into_any()
}

#[component]
fn RoleForm(member: Member, actions: Actions) -> impl IntoView {
    let project = use_project();
    let options = Role::ALL.iter().map(|role| SelectOption::new(role.as_str(), role.as_str())).collect();
    let account = member.account;
    let change = Callback::new(move |role: String| {
        if let (Ok(role), Ok(project)) = (role.parse(), untrack(|| project.slug()).parse()) {
            actions.set_role.dispatch(MemberSetRole { project, account, role });
        }
    });
    view! {
        <ActionForm action=actions.set_role>
            <div class="inline-form">
                <input type="hidden" name="project" value=move || project.slug() />
                <input type="hidden" name="account" value=account.to_string() />
                <Select
                    name="role"
                    options
                    chosen=member.role.as_str()
                    label=format!("Role of {}", member.name)
                    on_choice=change
                />
                <button class="button without-js" type="submit">"Save"</button>
            </div>
        </ActionForm>
    }
    .into_any()
}

#[component]
fn RemoveForm(account: String, name: String, is_viewer: bool, actions: Actions) -> impl IntoView {
    let project = use_project();
    let (action, question) =
        if is_viewer { ("Leave", "Leave the project?".to_owned()) } else { ("Remove", format!("Remove {name}?")) };
    view! {
        <Confirm
            id=format!("remove-{account}")
            action
            label=format!("{action} {name}")
            question
            consequence="Reviews and scores stay. A new invitation is needed to come back."
        >
            <ActionForm action=actions.remove>
                <input type="hidden" name="project" value=move || project.slug() />
                <input type="hidden" name="account" value=account />
                <Button tone=Tone::Danger submit=true>{action}</Button>
            </ActionForm>
        </Confirm>
    }
    .into_any()
}

#[component]
fn Invitations(invitations: Vec<Invitation>, actions: Actions) -> impl IntoView {
    let project = use_project();
    let columns = vec![
        Column::words("Invited as"),
        Column::words("By"),
        Column::words("Made"),
        Column::words("Ends"),
        Column::actions("Actions"),
    ];
    let rows = invitations.into_iter().map(move |invitation| {
        let id = invitation.id.to_string();
        view! {
            <tr>
                <th scope="row" data-label="Invited as"><Badge>{invitation.role.to_string()}</Badge></th>
                <td data-label="By">{invitation.created_by_name.clone()}</td>
                <td data-label="Made"><Time at=invitation.created_at /></td>
                <td data-label="Ends"><Time at=invitation.expires_at /></td>
                <td class="table__end" data-label="">
                    <Confirm
                        id=format!("withdraw-{id}")
                        action="Withdraw"
                        label=format!("Withdraw the invitation as {}", invitation.role)
                        question="Withdraw the invitation?"
                        consequence="Its link stops working at once."
                    >
                        <ActionForm action=actions.withdraw>
                            <input type="hidden" name="project" value=move || project.slug() />
                            <input type="hidden" name="invitation" value=id />
                            <Button tone=Tone::Danger submit=true>"Withdraw"</Button>
                        </ActionForm>
                    </Confirm>
                </td>
            </tr>
        }
    });
    view! {
        <h2 class="page__heading">"Open invitations"</h2>
        <Table caption="Open invitations" columns>{rows.collect_view()}</Table>
    }
    .into_any()
}
