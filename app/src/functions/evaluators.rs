//! Evaluators: the list, one with its versions, saving, adding from the catalogue, archiving, trying on a session.

#![expect(clippy::too_many_arguments, reason = "one argument for each field of a form")]

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use turnwise_model::access::Slug;
use turnwise_model::view::evaluator::{EvaluatorDetail, EvaluatorList, Trial};
use turnwise_model::{EvaluatorId, SessionId};

use crate::AppError;

/// The evaluators of a project, and what is built in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvaluatorsShown {
    /// The project's.
    pub list: EvaluatorList,
    /// What is built in. Prompts are left out: the list does not show them.
    pub catalogue: Vec<CatalogueShown>,
    /// Whether the viewer may change them.
    pub may_edit: bool,
}

/// An entry of the catalogue, as the list shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CatalogueShown {
    /// Its key.
    pub key: String,
    /// What it is called.
    pub title: String,
    /// What it looks for.
    pub description: String,
    /// Whether it asks a model.
    pub is_judge: bool,
}

/// The evaluators of the project with what each did, and the catalogue.
#[server(prefix = "/api/ui", endpoint = "evaluators_list")]
pub async fn evaluators_list(project: Slug) -> Result<EvaluatorsShown, AppError> {
    use turnwise_engine::evaluators::catalogue;
    use turnwise_model::access::Role;
    use turnwise_model::evaluation::{Kind, Method};
    use turnwise_model::view::evaluator::CatalogueEntry;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Viewer).await?;
    let mut list = engine()?.evaluators().list(&access).await?;
    for summary in &mut list.evaluators {
        if let Method::Judge { prompt, .. } = &mut summary.current.method {
            prompt.clear();
        }
    }
    let shown = |entry: CatalogueEntry| CatalogueShown {
        is_judge: entry.kind == Kind::Judge,
        key: entry.key,
        title: entry.title,
        description: entry.description,
    };
    let catalogue = catalogue().into_iter().map(shown).collect();
    Ok(EvaluatorsShown { list, catalogue, may_edit: access.role >= Role::Editor })
}

/// A session on which an evaluator can be tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionChoice {
    /// Its id.
    pub id: SessionId,
    /// The first words of the user, and how long it is.
    pub label: String,
}

/// An evaluator with what its page needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvaluatorShown {
    /// The evaluator; `None` for a new judge.
    pub detail: Option<EvaluatorDetail>,
    /// Recent sessions to try it on.
    pub sessions: Vec<SessionChoice>,
    /// The variables that a prompt may use.
    pub variables: Vec<String>,
    /// Whether the viewer may change it.
    pub may_edit: bool,
    /// What judges ask.
    pub provider: Option<String>,
}

/// One evaluator; `new` for the form of a new judge.
#[server(prefix = "/api/ui", endpoint = "evaluator_open")]
pub async fn evaluator_open(project: Slug, evaluator: String) -> Result<EvaluatorShown, AppError> {
    use turnwise_model::access::Role;
    use turnwise_model::view::session::SessionQuery;

    use crate::context::ssr::{authorise, engine};

    let access = authorise(&project, Role::Viewer).await?;
    let engine = engine()?;
    let detail = match evaluator.as_str() {
        "new" => None,
        id => {
            let id: EvaluatorId = id.parse().map_err(|_| AppError::no_such("evaluator"))?;
            Some(engine.evaluators().get(&access, id).await?)
        }
    };
    let provider = match &detail {
        Some(detail) => detail.provider.clone(),
        None => engine.evaluators().list(&access).await?.provider,
    };
    let recent = SessionQuery { limit: 25, ..SessionQuery::default() };
    let recent = engine.sessions().list(&access, &recent).await?;
    let sessions = recent.data.into_iter().map(|row| {
        let words: String = row.session.preview.unwrap_or(row.session.external_id).chars().take(60).collect();
        SessionChoice { id: row.session.id, label: format!("{words} · {} turns", row.session.turn_count) }
    });
    Ok(EvaluatorShown {
        detail,
        sessions: sessions.collect(),
        variables: turnwise_engine::evaluators::VARIABLES.map(str::to_owned).into(),
        may_edit: access.role >= Role::Editor,
        provider,
    })
}

/// What came of the form: it was saved, or tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Edited {
    /// It was saved under this id; whether that made a new version.
    Saved(EvaluatorId, bool),
    /// It was tried.
    Tried(Box<Trial>),
}

/// Saves an evaluator, or with the intent `try` tries it on a session and keeps nothing. Without an id it makes a new one.
#[server(prefix = "/api/ui", endpoint = "evaluator_edit")]
pub async fn evaluator_edit(
    project: Slug,
    #[server(default)] evaluator: String,
    name: String,
    #[server(default)] check: String,
    #[server(default)] settings: String,
    #[server(default)] prompt: String,
    #[server(default)] model: String,
    #[server(default)] temperature: String,
    granularity: String,
    score_name: String,
    threshold: String,
    #[server(default)] session: String,
    #[server(default)] intent: String,
) -> Result<Edited, AppError> {
    use turnwise_model::access::Role;
    use turnwise_model::evaluation::{Granularity, Method};
    use turnwise_model::view::evaluator::EvaluatorDraft;

    use crate::context::ssr::{authorise, engine, plain_form_goes_to};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Editor).await?;
    let number = |field, text: &str| {
        let wrong = || AppError::invalid(field, "write it as a number, such as 0.5").answered();
        text.trim().parse::<f64>().map_err(|_| wrong())
    };
    let filled = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let method = if check.is_empty() {
        let temperature = filled(temperature).map(|text| number("temperature", &text)).transpose()?;
        Method::Judge { prompt: prompt.replace("\r\n", "\n"), model: filled(model), temperature }
    } else {
        let settings = filled(settings).map_or(Ok(serde_json::Value::Null), |text| serde_json::from_str(&text));
        let settings = settings
            .map_err(|error| AppError::invalid("method", format!("the settings are no JSON: {error}")).answered())?;
        Method::Check { check, settings }
    };
    let granularity: Granularity =
        granularity.parse().map_err(|error| AppError::invalid("granularity", error).answered())?;
    let draft = EvaluatorDraft { name, granularity, method, score_name, threshold: number("threshold", &threshold)? };
    let engine = engine()?;
    let evaluators = engine.evaluators();
    if intent == "try" {
        let trial = evaluators.try_on(&access, &draft, &session).await?;
        plain_form_goes_to(&format!("/p/{project}/evaluators/{evaluator}?try={session}"));
        return Ok(Edited::Tried(Box::new(trial)));
    }
    let saved = match evaluator.as_str() {
        "" | "new" => evaluators.create(&access, &draft).await?,
        id => {
            let id = id.parse().map_err(|_| AppError::no_such("evaluator"))?;
            evaluators.update(&access, id, &draft).await?
        }
    };
    leave(&Flash::Notice(Notice::Saved));
    plain_form_goes_to(&format!("/p/{project}/evaluators/{}", saved.id));
    Ok(Edited::Saved(saved.id, saved.is_new_version))
}

/// Tries an evaluator as it is stored on a session: for browsers without JavaScript.
#[server(prefix = "/api/ui", endpoint = "evaluator_try")]
pub async fn evaluator_try(project: Slug, evaluator: String, session: String) -> Result<Option<Trial>, AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine};

    if session.is_empty() {
        authorise(&project, Role::Viewer).await?;
        return Ok(None);
    }
    let access = authorise(&project, Role::Editor).await?;
    let engine = engine()?;
    let id = evaluator.parse().map_err(|_| AppError::no_such("evaluator"))?;
    let current = engine.evaluators().get(&access, id).await?.summary.current;
    Ok(Some(engine.evaluators().try_on(&access, &current.into(), &session).await?))
}

/// Adds an evaluator of the catalogue.
#[server(prefix = "/api/ui", endpoint = "evaluator_add")]
pub async fn evaluator_add(project: Slug, key: String) -> Result<EvaluatorId, AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine, plain_form_goes_to};

    let access = authorise(&project, Role::Editor).await?;
    let saved = engine()?.evaluators().add(&access, &key).await?;
    plain_form_goes_to(&format!("/p/{project}/evaluators/{}", saved.id));
    Ok(saved.id)
}

/// Takes an evaluator out of use; its scores stay.
#[server(prefix = "/api/ui", endpoint = "evaluator_archive")]
pub async fn evaluator_archive(project: Slug, evaluator: EvaluatorId) -> Result<(), AppError> {
    use turnwise_model::access::Role;

    use crate::context::ssr::{authorise, engine, plain_form_goes_to};
    use crate::state::flash::{Flash, Notice, leave};

    let access = authorise(&project, Role::Editor).await?;
    engine()?.evaluators().archive(&access, evaluator).await?;
    leave(&Flash::Notice(Notice::Archived));
    plain_form_goes_to(&format!("/p/{project}/evaluators"));
    Ok(())
}
