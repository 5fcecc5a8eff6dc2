//! The settings of a queue: name, instructions, questions, how tasks are handed out.

use leptos::form::ActionForm;
use leptos::prelude::*;
use turnwise_model::access::Role;
use turnwise_model::queue::Order;
use turnwise_model::rubric::Question;

use super::frame::{OpenQueue, QueueHeader};
use super::rubric_editor::RubricEditor;
use crate::components::{
    Button, ButtonLink, Field, FieldContext, FormError, Select, SelectOption, Shape, TextInput, Tone, loaded,
};
use crate::functions::queues::{QueuePage, QueueSave};
use crate::state::flash::Notice;
use crate::state::form::{error_of, under, when_done};
use crate::state::project::use_project;
use crate::state::toasts::Toasts;

/// The fields that show their errors themselves.
const FIELDS: &[&str] = &["name", "instructions", "questions", "overlap", "lease_seconds"];

/// What the form shows at first.
#[derive(Debug, Clone)]
pub struct Settings {
    queue: Option<String>,
    name: String,
    instructions: String,
    questions: Vec<Question>,
    version: Option<i64>,
    overlap: i64,
    order: Order,
    blind: bool,
    lease_seconds: i64,
}

impl Settings {
    /// Those of a new queue, with a question to begin with.
    pub fn fresh() -> Self {
        let mut first = super::question_draft::QuestionDraft::empty(0);
        first.title = "Was the user's request resolved?".to_owned();
        first.key = "resolved".to_owned();
        Self {
            queue: None,
            name: String::new(),
            instructions: String::new(),
            questions: vec![first.question()],
            version: None,
            overlap: 1,
            order: Order::Oldest,
            blind: true,
            lease_seconds: 300,
        }
    }

    fn of(page: QueuePage) -> Self {
        let queue = page.summary.queue;
        Self {
            queue: Some(queue.id.to_string()),
            name: queue.name,
            instructions: queue.instructions,
            questions: page.rubric.questions,
            version: Some(page.rubric.version),
            overlap: queue.overlap,
            order: queue.order,
            blind: queue.blind,
            lease_seconds: queue.lease_seconds,
        }
    }
}

/// The page.
#[component]
pub fn QueueSettingsPage() -> impl IntoView {
    let queue = OpenQueue::of_address();
    let toasts = expect_context::<Toasts>();
    let save = ServerAction::<QueueSave>::new();
    when_done(save, move |_| {
        toasts.say(Notice::Saved.text());
        queue.page.refetch();
    });
    view! {
        <QueueHeader queue />
        <div class="page page--narrow">
            {loaded(
                queue.page,
                Shape::Form(6),
                move |page| {
                    if page.role >= Role::Editor {
                        view! { <QueueForm save settings=Settings::of(page) /> }.into_any()
                    } else {
                        view! { <p class="page__lead">"Editors of the project can change this queue. Your role is "{page.role.to_string()}"."</p> }.into_any()
                    }
                },
            )}
        </div>
    }
    .into_any()
}

/// The form, for a new queue and for one that is there.
#[component]
pub fn QueueForm(
    /// What it sends.
    save: ServerAction<QueueSave>,
    /// What it shows at first.
    settings: Settings,
    /// Offers to leave it.
    #[prop(optional)]
    cancel: bool,
) -> impl IntoView {
    let project = use_project();
    let error = error_of(save);
    let orders = [
        (Order::Oldest, "Oldest first"),
        (Order::Uncertain, "Uncertain first: nearest to the judge's threshold"),
        (Order::Easy, "Easy first: the fewest turns"),
    ];
    let orders = orders.map(|(order, label)| SelectOption::new(order.as_str(), label)).into();
    let action = if settings.queue.is_some() { "Save" } else { "Create queue" };
    let about_versions = match settings.version {
        Some(version) => format!(
            "This is version {version}. Changed questions make a new version; answers keep the one that was asked."
        ),
        None => "What is asked for each task. Answers become scores named after the question's key.".to_owned(),
    };
    view! {
        <ActionForm action=save>
            <div class="form form--wide">
                <input type="hidden" name="project" value=move || project.slug() />
                {settings.queue.map(|queue| view! { <input type="hidden" name="queue" value=queue /> })}
                <div class="form">
                    <Field id="queue-name" label="Name" error=under(error, "name")>
                        <TextInput name="name" value=settings.name autofocus=cancel />
                    </Field>
                    <Field
                        id="queue-instructions"
                        label="Instructions"
                        hint="Guidelines that reviewers can open beside the questions. Markdown."
                        error=under(error, "instructions")
                    >
                        <Lines name="instructions" value=settings.instructions rows="5" />
                    </Field>
                </div>
                <section class="section" aria-labelledby="questions-title">
                    <h2 class="section__title" id="questions-title">"Questions"</h2>
                    <p class="section__text">{about_versions}</p>
                    <RubricEditor questions=settings.questions error=under(error, "questions") />
                </section>
                <section class="section" aria-labelledby="handing-out-title">
                    <h2 class="section__title" id="handing-out-title">"How tasks are handed out"</h2>
                    <div class="form">
                        <Field id="queue-order" label="Order">
                            <Select name="order" options=orders chosen=settings.order.as_str() />
                        </Field>
                        <Field
                            id="queue-overlap"
                            label="Reviews per task"
                            hint="More than one reviewer on each task shows how well they agree. 1 to 20."
                            error=under(error, "overlap")
                        >
                            <Number name="overlap" value=settings.overlap min="1" max="20" />
                        </Field>
                        <Field
                            id="queue-lease"
                            label="Lease time in seconds"
                            hint="How long a task stays with a reviewer who does nothing. 30 to 86,400."
                            error=under(error, "lease_seconds")
                        >
                            <Number name="lease_seconds" value=settings.lease_seconds min="30" max="86400" />
                        </Field>
                        <label class="choice">
                            <input type="checkbox" name="blind" value="true" checked=settings.blind />
                            <span class="choice__words">
                                <span class="choice__title">"Blind"</span>
                                <span class="choice__text">"Verdicts of judges and checks are not shown to reviewers."</span>
                            </span>
                        </label>
                    </div>
                </section>
                <FormError error fields=FIELDS />
                <div class="form__actions">
                    <Button tone=Tone::Primary submit=true pending=save.pending()>{action}</Button>
                    {cancel.then(|| view! { <ButtonLink href=Signal::derive(move || project.address("queues"))>"Cancel"</ButtonLink> })}
                </div>
            </div>
        </ActionForm>
    }
    .into_any()
}

/// Several lines of text in a field; it may stay empty.
#[component]
fn Lines(name: &'static str, value: String, rows: &'static str) -> impl IntoView {
    let field = expect_context::<FieldContext>();
    view! {
        <textarea class="input input--lines" id=field.id name=name rows=rows aria-describedby=move || field.described_by.get()>
            {value}
        </textarea>
    }
    .into_any()
}

/// A whole number in a field.
#[component]
fn Number(name: &'static str, value: i64, min: &'static str, max: &'static str) -> impl IntoView {
    let field = expect_context::<FieldContext>();
    view! {
        <input
            class="input input--number"
            type="number"
            id=field.id
            name=name
            value=value.to_string()
            min=min
            max=max
            required=true
            aria-describedby=move || field.described_by.get()
            aria-invalid=move || field.refused.get().then_some("true")
        />
    }
    .into_any()
}
