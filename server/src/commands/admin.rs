//! `turnwise admin …`: what an operator does from a script. Standard output is JSON.

use std::io::{BufRead as _, Write as _};
use std::net::{IpAddr, Ipv4Addr};

use serde::Serialize;
use turnwise_engine::Engine;
use turnwise_engine::access::{AccessError, Caller};
use turnwise_engine::accounts::AccountError;
use turnwise_model::access::{Role, Scope, Slug};
use turnwise_model::account::{Account, Project};

use crate::cli::Admin;
use crate::config::Config;
use crate::failure::Failure;
use crate::open;

/// What the key is called that bootstrap makes, and by which it finds it again.
const KEY_NAME: &str = "bootstrap";

/// What bootstrap prints.
#[derive(Debug, Serialize)]
struct Bootstrapped {
    account: Account,
    project: Project,
    /// The key; `null` when an earlier run made and printed it.
    api_key: Option<String>,
    /// The beginning of the key, to recognise it by.
    api_key_prefix: String,
}

/// Runs one of them.
///
/// # Errors
/// [`Failure::Refused`] when it is not possible as things stand.
pub async fn run(config: &Config, command: Admin) -> Result<(), Failure> {
    match command {
        Admin::Bootstrap { email, project, name, .. } => {
            let password = password_from_stdin()?;
            let engine = open::engine(config).await?;
            let done = bootstrap(&engine, &email, name.as_deref(), &password, &project).await?;
            engine.store().close().await;
            print(&done)
        }
        Admin::ResetPassword { email, .. } => {
            let password = password_from_stdin()?;
            let engine = open::engine(config).await?;
            let account = engine.accounts().reset_password(&email, &password).await.map_err(refused)?;
            engine.store().close().await;
            print(&account)
        }
    }
}

/// Every step looks first whether an earlier run did it, so that a run that was cut off is completed by the next.
async fn bootstrap(
    engine: &Engine,
    email: &str,
    name: Option<&str>,
    password: &str,
    project_name: &str,
) -> Result<Bootstrapped, Failure> {
    let accounts = engine.accounts();
    let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or(email));
    let account = match accounts.set_up(email, name, password, project_name).await {
        Ok((account, _)) => account,
        Err(AccountError::AlreadySetUp) => {
            let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
            accounts.sign_in(email, password, here).await.map_err(|error| match error {
                AccountError::WrongCredentials => Failure::Refused(
                    "this installation was set up before, with another owner or another password; \
                     use that one, or give the account a new one with `turnwise admin reset-password`"
                        .to_owned(),
                ),
                other => refused(other),
            })?
        }
        Err(error) => return Err(refused(error)),
    };

    let wanted = Slug::from_name(project_name);
    let memberships = accounts.projects(account.id).await?;
    let existing = memberships
        .into_iter()
        .map(|membership| membership.project)
        .find(|project| project.name == project_name.trim() || project.slug == wanted);
    let project = match existing {
        Some(project) => project,
        None => accounts.create_project(account.id, project_name).await.map_err(refused)?,
    };

    let owner = Caller::Person { account: account.id };
    let access = accounts.authorise(&owner, &project.slug, Role::Owner).await.map_err(|error| match error {
        AccessError::Denied(denied) => Failure::Refused(denied.to_string()),
        AccessError::Engine(error) => error.into(),
    })?;
    let keys = accounts.api_keys(&access).await.map_err(refused)?;
    let made_before = keys.into_iter().find(|key| key.name == KEY_NAME && key.revoked_at.is_none());
    let (key, secret) = match made_before {
        Some(key) => (key, None),
        None => {
            let (key, secret) = accounts.create_api_key(&access, KEY_NAME, Scope::ALL).await.map_err(refused)?;
            (key, Some(secret))
        }
    };
    Ok(Bootstrapped { account, project, api_key: secret, api_key_prefix: key.prefix })
}

fn refused(error: AccountError) -> Failure {
    match error {
        AccountError::Engine(error) => error.into(),
        refusal => Failure::Refused(refusal.to_string()),
    }
}

/// The first line of standard input.
fn password_from_stdin() -> Result<String, Failure> {
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.map_err(|error| Failure::Configuration(format!("the password cannot be read from standard input: {error}")))?;
    let password = line.trim_end_matches(['\n', '\r']);
    if password.is_empty() {
        return Err(Failure::Configuration("standard input is empty, send the password as its first line".to_owned()));
    }
    Ok(password.to_owned())
}

fn print(value: &impl Serialize) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::unexpected("the result cannot be written as JSON", error))?;
    writeln!(std::io::stdout(), "{json}")
        .map_err(|error| Failure::unexpected("standard output cannot be written", error))
}
