//! The tab with what is known of the session itself, and what can be done with it.

use leptos::form::ActionForm;
use leptos::prelude::*;
use serde_json::Value as Json;
use turnwise_model::access::Role;
use turnwise_model::conversation::{Session, SessionStatus};

use super::address::use_address;
use super::bar::ended;
use crate::components::{Badge, Button, Confirm, CopyBox, FormError, Time, Tone};
use crate::functions::session::{SessionDelete, SessionEnd};
use crate::state::figures::{count, duration, tokens, usd};
use crate::state::flash::Notice;
use crate::state::form::{error_of, when_done};
use crate::state::project::use_project;
use crate::state::toasts::Toasts;

/// What is known of the session.
#[component]
pub fn Details(
    /// The session.
    session: Session,
    /// Asks for it again, after it was changed.
    again: Callback<()>,
) -> impl IntoView {
    let project = use_project();
    let may_change = move || project.opened.get().and_then(Result::ok).is_some_and(|open| open.role >= Role::Editor);
    let (id, open) = (session.id.to_string(), session.status == SessionStatus::Open);
    let (_, ended) = ended(&session);
    let tagged = !session.tags.is_empty();
    let tags = session.tags.clone().into_iter().map(|tag| view! { <Badge>{tag}</Badge> }).collect_view();
    let metadata: Vec<_> = session.metadata.iter().map(|(key, value)| row(key.clone(), plain(value))).collect();
    let warnings: Vec<_> = session.warnings.iter().map(|warning| view! { <li>{warning.clone()}</li> }).collect();
    let row_of = |title: &str, value: Option<String>| value.map(|value| row(title.to_owned(), value));
    view! {
        <section class="details" aria-label="Details">
            <div class="details__ids">
                <span class="pairs__label">"Session id"</span>
                <CopyBox text=session.external_id.clone() label="Session id" />
                <span class="pairs__label">"Turnwise's id"</span>
                <CopyBox text=id.clone() label="Turnwise's id" />
                {session
                    .user_id
                    .clone()
                    .map(|user| view! { <span class="pairs__label">"User"</span><CopyBox text=user label="User" /> })}
            </div>
            {(!warnings.is_empty()).then(|| view! { <ul class="details__warnings">{warnings}</ul> })}
            <dl class="details__list">
                {row("Status".to_owned(), session.status.to_string())}
                {(!open).then(|| row("Ended".to_owned(), ended))}
                <dt>"Started"</dt><dd><Time at=session.started_at /></dd>
                <dt>"Last activity"</dt><dd><Time at=session.last_activity_at /></dd>
                {row_of("Environment", session.environment.clone())}
                {row_of("Release", session.release.clone())}
                {tagged.then(|| view! { <dt>"Tags"</dt><dd><span class="badges">{tags}</span></dd> })}
                {row("Turns".to_owned(), count(session.turn_count))}
                {row("Tool calls".to_owned(), count(session.tool_call_count))}
                {row("Spans".to_owned(), count(session.span_count))}
                {row("Errors".to_owned(), count(session.error_count))}
                {row_of("Tokens", tokens(session.tokens))}
                {row_of("Cost", session.cost_usd.map(|cost| usd(cost.0)))}
                {row_of("Time spent answering", session.latency_ms.map(duration))}
                {row("Revision".to_owned(), count(session.revision))}
            </dl>
            {(!metadata.is_empty())
                .then(|| view! { <h3 class="details__title">"Metadata"</h3><dl class="details__list details__list--raw">{metadata}</dl> })}
            {move || may_change().then(|| view! { <Changes id=id.clone() open again /> })}
        </section>
    }
    .into_any()
}

fn row(title: String, value: String) -> AnyView {
    view! { <dt>{title}</dt><dd>{value}</dd> }.into_any()
}

fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Ending and deleting the session.
#[component]
fn Changes(id: String, open: bool, again: Callback<()>) -> impl IntoView {
    let address = use_address();
    let toasts = expect_context::<Toasts>();
    let end = ServerAction::<SessionEnd>::new();
    let delete = ServerAction::<SessionDelete>::new();
    when_done(end, move |()| {
        toasts.say(Notice::SessionEnded.text());
        again.run(());
    });
    when_done(delete, move |()| toasts.say(Notice::SessionDeleted.text()));
    let ending = id.clone();
    view! {
        <div class="details__changes">
            {open
                .then(|| {
                    view! {
                        <ActionForm action=end>
                            <input type="hidden" name="project" value=move || address.slug() />
                            <input type="hidden" name="session" value=ending />
                            <input type="hidden" name="reason" value="ended" />
                            <Button submit=true pending=end.pending()>"End session"</Button>
                        </ActionForm>
                    }
                })}
            <Confirm
                id="delete-session"
                action="Delete session"
                label="Delete this session"
                question="Delete this session?"
                consequence="Its turns, spans, scores and reviews go with it. This cannot be undone."
            >
                <ActionForm action=delete>
                    <input type="hidden" name="project" value=move || address.slug() />
                    <input type="hidden" name="session" value=id />
                    <Button tone=Tone::Danger submit=true pending=delete.pending()>"Delete"</Button>
                </ActionForm>
            </Confirm>
        </div>
        <FormError error=error_of(end) />
        <FormError error=error_of(delete) />
    }
    .into_any()
}
