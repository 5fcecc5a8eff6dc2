//! Rules: listed, edited, tried out, turned on and off, applied to the past.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use turnwise_model::access::{Role, Slug};
use turnwise_model::view::rule::{Backfill, RuleChoices, RuleDetail, RulePreview, RuleSummary};
use turnwise_model::{BackfillId, RuleId};

use super::rule_form::RuleForm;
use crate::AppError;

/// What the list of rules shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RulesPart {
    /// The rules, by name.
    pub rules: Vec<RuleSummary>,
    /// What the viewer may do.
    pub role: Role,
}

/// What the rule form begins with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleEditor {
    /// The fields: of the draft in the address, else of the rule, else of a new one.
    pub form: RuleForm,
    /// What can be chosen.
    pub choices: RuleChoices,
    /// The rule, where it is not new.
    pub detail: Option<RuleDetail>,
    /// What the viewer may do.
    pub role: Role,
}

/// The rules of the project.
#[server(prefix = "/api/ui", endpoint = "rules_list")]
pub async fn rules_list(project: Slug) -> Result<RulesPart, AppError> {
    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Viewer).await?;
    Ok(RulesPart { rules: engine()?.rules().list(&access).await?, role: access.role })
}

/// A rule to be edited, or a new one; `draft` is a query string with the fields of a form, where there is one.
#[server(prefix = "/api/ui", endpoint = "rule_open")]
pub async fn rule_open(
    project: Slug,
    #[server(default)] rule: Option<RuleId>,
    #[server(default)] draft: String,
) -> Result<RuleEditor, AppError> {
    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Viewer).await?;
    let engine = engine()?;
    let choices = engine.rules().choices(&access).await?;
    let detail = match rule {
        Some(rule) => Some(engine.rules().get(&access, rule).await?),
        None => None,
    };
    let form = match (draft.as_str(), &detail) {
        ("", None) => RuleForm::new(),
        ("", Some(detail)) => RuleForm::of(&detail.rule),
        (draft, _) => RuleForm::from_query(draft)?,
    };
    Ok(RuleEditor { form, choices, detail, role: access.role })
}

/// What the draft in a query string would have done in the last seven days.
#[server(prefix = "/api/ui", endpoint = "rule_try")]
pub async fn rule_try(
    project: Slug,
    #[server(default)] rule: Option<RuleId>,
    #[server(default)] draft: String,
) -> Result<RulePreview, AppError> {
    use turnwise_model::view::rule::RuleDraft;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Viewer).await?;
    let rules = engine()?.rules().clone();
    let draft = match (draft.as_str(), rule) {
        ("", Some(rule)) => RuleDraft::of(&rules.get(&access, rule).await?.rule),
        (draft, _) => RuleForm::from_query(draft)?.draft()?,
    };
    Ok(rules.preview_change(&access, rule, &draft).await?)
}

/// Saves a rule: a new one, or a new version.
#[server(prefix = "/api/ui", endpoint = "rule_save")]
pub async fn rule_save(
    project: Slug,
    #[server(default)] rule: Option<RuleId>,
    #[server(default)] version: Option<i64>,
    form: RuleForm,
) -> Result<RuleId, AppError> {
    use crate::context::ssr::{authorise, engine, plain_form_goes_to};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Editor).await?;
    let draft = form.draft()?;
    let rules = engine()?.rules().clone();
    let saved = match rule {
        Some(rule) => rules.update(&access, rule, &draft, version).await?,
        None => rules.create(&access, &draft).await?,
    };
    leave(&Flash::Notice(Notice::Saved));
    plain_form_goes_to(&format!("/p/{project}/rules/{}", saved.id));
    Ok(saved.id)
}

/// Turns a rule on or off.
#[server(prefix = "/api/ui", endpoint = "rule_enable")]
pub async fn rule_enable(project: Slug, rule: RuleId, enabled: bool) -> Result<(), AppError> {
    use crate::context::ssr::{authorise, engine};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Editor).await?;
    engine()?.rules().set_enabled(&access, rule, enabled).await?;
    leave(&Flash::Notice(Notice::Saved));
    Ok(())
}

/// Takes a rule out of use.
#[server(prefix = "/api/ui", endpoint = "rule_archive")]
pub async fn rule_archive(project: Slug, rule: RuleId) -> Result<(), AppError> {
    use crate::context::ssr::{authorise, engine, plain_form_goes_to};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Editor).await?;
    engine()?.rules().archive(&access, rule).await?;
    leave(&Flash::Notice(Notice::RuleArchived));
    plain_form_goes_to(&format!("/p/{project}/rules"));
    Ok(())
}

/// The backfills of a rule, newest first.
#[server(prefix = "/api/ui", endpoint = "rule_backfills")]
pub async fn rule_backfills(project: Slug, rule: RuleId) -> Result<Vec<Backfill>, AppError> {
    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Viewer).await?;
    let mut backfills = engine()?.rules().backfills(&access, Some(rule)).await?;
    backfills.truncate(5);
    Ok(backfills)
}

/// Starts to apply a rule to sessions of the past.
#[server(prefix = "/api/ui", endpoint = "rule_backfill")]
pub async fn rule_backfill(project: Slug, rule: RuleId, cap: i64) -> Result<(), AppError> {
    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Editor).await?;
    engine()?.rules().backfill(&access, rule, cap).await?;
    Ok(())
}

/// Stops a backfill.
#[server(prefix = "/api/ui", endpoint = "backfill_cancel")]
pub async fn backfill_cancel(project: Slug, backfill: BackfillId) -> Result<(), AppError> {
    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Editor).await?;
    engine()?.rules().cancel_backfill(&access, backfill).await?;
    Ok(())
}
