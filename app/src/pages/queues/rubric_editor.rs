//! The questions of a rubric: a row for each with JavaScript, their JSON without.
//!
//! The form sends the JSON either way; the rows write it.

use leptos::prelude::*;
use turnwise_model::rubric::Question;

use super::question_draft::QuestionDraft;
use crate::components::{Icon, IconName};

/// The types of question, with what they are called.
const KINDS: [(&str, &str); 4] =
    [("choice", "One of several"), ("rating", "Rating"), ("yes_no", "Yes or no"), ("text", "Text")];

/// The rows, in order.
#[derive(Clone, Copy)]
struct Rows {
    rows: RwSignal<Vec<RwSignal<QuestionDraft>>>,
    next: StoredValue<u32>,
}

impl Rows {
    fn new(questions: &[Question]) -> Self {
        let drafts = questions.iter().zip(0..).map(|(question, row)| RwSignal::new(QuestionDraft::of(row, question)));
        let rows: Vec<_> = drafts.collect();
        let next = u32::try_from(rows.len()).unwrap_or_default();
        Self { rows: RwSignal::new(rows), next: StoredValue::new(next) }
    }

    fn add(self) {
        let row = self.next.get_value();
        self.next.set_value(row + 1);
        self.rows.update(|rows| rows.push(RwSignal::new(QuestionDraft::empty(row))));
        request_animation_frame(move || crate::browser::focus(&format!("q{row}-title")));
    }

    fn remove(self, row: u32) {
        self.rows.update(|rows| rows.retain(|draft| draft.with_untracked(|draft| draft.row != row)));
    }

    /// Moves a row up or down by one.
    fn shift(self, row: u32, down: bool) {
        self.rows.update(|rows| {
            let Some(at) = rows.iter().position(|draft| draft.with_untracked(|draft| draft.row == row)) else { return };
            let to = if down { at + 1 } else { at.wrapping_sub(1) };
            if to < rows.len() {
                rows.swap(at, to);
            }
        });
    }

    fn json(self) -> String {
        let questions: Vec<Question> =
            self.rows.with(|rows| rows.iter().map(|draft| draft.with(QuestionDraft::question)).collect());
        serde_json::to_string(&questions).unwrap_or_default()
    }
}

/// The editor.
#[component]
pub fn RubricEditor(
    /// The questions at first.
    questions: Vec<Question>,
    /// What the server refused.
    error: Signal<Option<String>>,
) -> impl IntoView {
    let rows = Rows::new(&questions);
    let plain = serde_json::to_string_pretty(&questions).unwrap_or_default();
    view! {
        <div class="rubric" class:field--refused=move || error.get().is_some()>
            <div class="field rubric__json without-js">
                <label class="field__label" for="questions-json">"Questions as JSON"</label>
                <textarea class="input input--lines input--code" id="questions-json" name="questions" rows="14" spellcheck="false" prop:value=move || rows.json()>
                    {plain}
                </textarea>
                <p class="field__hint">
                    "Types: choice (options of value, label, anchor), rating (min, max, anchors), yes_no, text (multiline)."
                </p>
            </div>
            <ol class="rubric__rows needs-js">
                <For each=move || rows.rows.get() key=|draft| draft.with_untracked(|draft| draft.row) let:draft>
                    <Row rows draft />
                </For>
            </ol>
            {move || {
                error
                    .get()
                    .map(|text| {
                        view! {
                            <p class="field__error" role="alert"><Icon name=IconName::Warning /><span>{text}</span></p>
                        }
                    })
            }}
            <p class="needs-js">
                <button class="button" type="button" on:click=move |_| rows.add()>
                    <Icon name=IconName::Plus />
                    "Add a question"
                </button>
            </p>
        </div>
    }
    .into_any()
}

/// One question being written. Its fields have no names: the form sends the JSON.
#[component]
fn Row(rows: Rows, draft: RwSignal<QuestionDraft>) -> impl IntoView {
    let row = draft.with_untracked(|draft| draft.row);
    let id = move |field: &str| format!("q{row}-{field}");
    let kind = Memo::new(move |_| draft.with(|draft| draft.kind.clone()));
    let title = move || draft.with(|draft| draft.title.clone());
    let called = move || {
        let title = title();
        if title.is_empty() { "the new question".to_owned() } else { title }
    };
    let options: Vec<AnyView> = KINDS
        .iter()
        .map(|(value, label)| {
            let selected = kind.get_untracked() == *value;
            view! { <option value=*value selected=selected>{*label}</option> }.into_any()
        })
        .collect();
    view! {
        <li class="rubric__row">
            <div class="rubric__main">
                <div class="field">
                    <label class="field__label" for=id("title")>"Question"</label>
                    <Line id=id("title") value=Signal::derive(title) on_input=move |text| draft.update(|draft| draft.title = text) />
                </div>
                <div class="rubric__pair">
                    <div class="field">
                        <label class="field__label" for=id("kind")>"Type"</label>
                        <select class="select" id=id("kind") on:change:target=move |event| draft.update(|draft| draft.kind = event.target().value())>
                            {options}
                        </select>
                    </div>
                    <div class="field">
                        <label class="field__label" for=id("key")>"Key"</label>
                        <Line
                            id=id("key")
                            value=Signal::derive(move || draft.with(|draft| draft.key.clone()))
                            on_input=move |text| draft.update(|draft| draft.key = text)
                        />
                    </div>
                </div>
                {move || match kind.get().as_str() {
                    "choice" => view! { <Answers draft label="Answers, one a line" hint="value: Label | when to choose it. The label alone will do." /> }.into_any(),
                    "rating" => {
                        view! {
                            <div class="rubric__pair">
                                <div class="field">
                                    <label class="field__label" for=id("min")>"Lowest"</label>
                                    <Line id=id("min") value=Signal::derive(move || draft.with(|draft| draft.min.clone())) on_input=move |text| draft.update(|draft| draft.min = text) />
                                </div>
                                <div class="field">
                                    <label class="field__label" for=id("max")>"Highest"</label>
                                    <Line id=id("max") value=Signal::derive(move || draft.with(|draft| draft.max.clone())) on_input=move |text| draft.update(|draft| draft.max = text) />
                                </div>
                            </div>
                            <Answers draft label="Anchors, one a line" hint="What each step means, from the lowest. All or none." />
                        }
                            .into_any()
                    }
                    "text" => {
                        view! {
                            <label class="choice">
                                <input
                                    type="checkbox"
                                    prop:checked=move || draft.with(|draft| draft.multiline)
                                    on:change:target=move |event| draft.update(|draft| draft.multiline = event.target().checked())
                                />
                                <span class="choice__words"><span class="choice__title">"Several lines"</span></span>
                            </label>
                        }
                            .into_any()
                    }
                    _ => ().into_any(),
                }}
                <div class="field">
                    <label class="field__label" for=id("guidance")>"Guidance"</label>
                    <Line
                        id=id("guidance")
                        value=Signal::derive(move || draft.with(|draft| draft.guidance.clone()))
                        on_input=move |text| draft.update(|draft| draft.guidance = text)
                    />
                </div>
                <label class="choice">
                    <input
                        type="checkbox"
                        prop:checked=move || draft.with(|draft| draft.required)
                        on:change:target=move |event| draft.update(|draft| draft.required = event.target().checked())
                    />
                    <span class="choice__words"><span class="choice__title">"An answer is required"</span></span>
                </label>
            </div>
            <div class="rubric__tools">
                <button class="icon-button rubric__up" type="button" aria-label=move || format!("Move up: {}", called()) title="Move up" on:click=move |_| rows.shift(row, false)>
                    <Icon name=IconName::ChevronDown />
                </button>
                <button class="icon-button" type="button" aria-label=move || format!("Move down: {}", called()) title="Move down" on:click=move |_| rows.shift(row, true)>
                    <Icon name=IconName::ChevronDown />
                </button>
                <button class="icon-button" type="button" aria-label=move || format!("Remove: {}", called()) title="Remove" on:click=move |_| rows.remove(row)>
                    <Icon name=IconName::Trash />
                </button>
            </div>
        </li>
    }
    .into_any()
}

/// Answers or anchors, one a line.
#[component]
fn Answers(draft: RwSignal<QuestionDraft>, label: &'static str, hint: &'static str) -> impl IntoView {
    let row = draft.with_untracked(|draft| draft.row);
    let id = format!("q{row}-lines");
    let hint_id = format!("q{row}-lines-hint");
    let first = draft.with_untracked(|draft| draft.lines.clone());
    view! {
        <div class="field">
            <label class="field__label" for=id.clone()>{label}</label>
            <textarea
                class="input input--lines"
                id=id
                rows="4"
                aria-describedby=hint_id.clone()
                on:input:target=move |event| draft.update(|draft| draft.lines = event.target().value())
            >
                {first}
            </textarea>
            <p class="field__hint" id=hint_id>{hint}</p>
        </div>
    }
    .into_any()
}

/// A line of text that the form does not send.
#[component]
fn Line(id: String, value: Signal<String>, #[prop(into)] on_input: Callback<String>) -> impl IntoView {
    view! {
        <input
            class="input"
            type="text"
            id=id
            autocomplete="off"
            value=value.get_untracked()
            prop:value=move || value.get()
            on:input:target=move |event| on_input.run(event.target().value())
        />
    }
    .into_any()
}
