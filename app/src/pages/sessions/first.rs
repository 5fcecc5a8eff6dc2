//! What the page shows as long as no session has arrived: how to send the first.

use leptos::prelude::*;
use turnwise_model::access::Role;

use crate::components::{ButtonLink, EmptyState, IconName, Shape, Snippet, Tone, loaded};
use crate::functions::projects::OpenProject;
use crate::state::project::use_project;

/// How to send the first session.
#[component]
pub fn FirstSession() -> impl IntoView {
    let project = use_project();
    loaded(project.opened, Shape::Panel, |open| {
        let owner = open.role == Role::Owner;
        let keys = format!("/p/{}/settings/keys?new", open.project.slug);
        view! {
            <EmptyState
                icon=IconName::Sessions
                title="No sessions yet"
                text="A session is one conversation of one user with your application. Sessions appear here as soon as they are sent, with their turns, tools and scores."
                snippets=snippets(&open)
            >
                {if owner {
                    view! { <ButtonLink tone=Tone::Primary icon=IconName::Keys href=keys>"Create an API key"</ButtonLink> }.into_any()
                } else {
                    view! { <p>"Sending needs an API key. An owner of the project can make one."</p> }.into_any()
                }}
            </EmptyState>
        }
    })
}

/// Two ways to send the first sessions.
fn snippets(open: &OpenProject) -> Vec<Snippet> {
    vec![
        Snippet {
            title: "Send OpenTelemetry".to_owned(),
            text:
                "Any OTLP exporter will do, with OpenInference or GenAI attributes. Put your API key in place of tw_…"
                    .to_owned(),
            code: format!(
                "export OTEL_EXPORTER_OTLP_TRACES_ENDPOINT={}/v1/traces\n\
                 export OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf\n\
                 export OTEL_EXPORTER_OTLP_HEADERS=\"authorization=Bearer tw_…\"",
                open.origin
            ),
        },
        Snippet {
            title: "Import a file".to_owned(),
            text: "On the machine that runs Turnwise: one conversation a line, each a list of messages.".to_owned(),
            code: format!("turnwise import --project {} --format messages conversations.jsonl", open.project.slug),
        },
    ]
}
