//! A question with its answers, the keys printed on them.

use leptos::prelude::*;
use turnwise_model::rubric::{Answer, Question, QuestionKind};

use super::desk::{Desk, field_id, question_id};
use super::keys::{Offer, offers};
use crate::components::{Icon, IconName};

/// A question. Digits answer it while it has the focus.
#[component]
pub fn QuestionView(
    /// The desk.
    desk: Desk,
    /// Which of the rubric's.
    index: usize,
    /// The question.
    question: Question,
    /// Guidance beside it, as safe HTML.
    guidance: Option<String>,
    /// The key that goes into its text field.
    field_key: Option<&'static str>,
) -> impl IntoView {
    let id = question_id(index);
    let key = StoredValue::new(question.key.clone());
    let error = move || {
        let refused = desk.refused.get().filter(|refused| key.with_value(|key| refused.key == *key));
        refused.map(|refused| {
            view! {
                <p class="field__error" id=format!("error-{index}")>
                    <Icon name=IconName::Warning />
                    <span>{refused.problem}</span>
                </p>
            }
        })
    };
    let hint = (!question.required).then(|| view! { <span class="question__optional">"optional"</span> });
    let guidance = guidance.map(|html| view! { <div class="question__guidance" inner_html=html></div> });
    let here = move || desk.at.get() == index;
    let title = question.title.clone();
    if let QuestionKind::Text(text) = &question.kind {
        let multiline = text.multiline;
        return view! {
            <div class="question" class:question--here=here id=id tabindex="-1" on:focusin=move |_| desk.at.set(index)>
                <label class="question__title" for=field_id(index)>
                    {title}
                    {field_key.map(|key| view! { <kbd class="key needs-js" aria-hidden="true">{key}</kbd> })}
                    {hint}
                </label>
                {guidance}
                <Words desk index question multiline />
                {error}
            </div>
        }
        .into_any();
    }
    let is_rating = matches!(question.kind, QuestionKind::Rating(_));
    let question = StoredValue::new(question);
    let offers = question.with_value(offers);
    let plain =
        is_rating && offers.iter().all(|offer| offer.anchor.as_ref().is_none_or(|anchor| anchor.chars().count() <= 14));
    let choices: Vec<AnyView> =
        offers.into_iter().map(|offer| view! { <OfferView desk index question offer /> }.into_any()).collect();
    view! {
        <fieldset
            class="question"
            class:question--here=here
            id=id
            tabindex="-1"
            aria-describedby=format!("error-{index}")
            on:focusin=move |_| desk.at.set(index)
        >
            <legend class="question__title">{title} {hint}</legend>
            {guidance}
            <div class="question__offers" class:question__offers--row=plain>{choices}</div>
            {error}
        </fieldset>
    }
    .into_any()
}

/// One answer to choose.
#[component]
fn OfferView(desk: Desk, index: usize, question: StoredValue<Question>, offer: Offer) -> impl IntoView {
    let key = question.with_value(|question| question.key.clone());
    let name = match &offer.answer {
        Answer::Number(_) => format!("numbers[{key}]"),
        Answer::Flag(_) => format!("flags[{key}]"),
        Answer::Text(_) => format!("texts[{key}]"),
    };
    let answer = StoredValue::new(offer.answer);
    let chosen = move || {
        question
            .with_value(|question| desk.answers.with(|answers| answers.get(&question.key) == Some(&answer.get_value())))
    };
    let first = untrack(chosen);
    view! {
        <label class="offer">
            <input
                type="radio"
                name=name
                value=offer.value
                checked=first
                prop:checked=chosen
                on:change=move |_| {
                    question.with_value(|question| desk.answer(question, Some(answer.get_value())));
                    desk.at.set(index);
                }
            />
            {offer.key.map(|key| view! { <kbd class="key needs-js" aria-hidden="true">{key}</kbd> })}
            <span class="offer__words">
                <span class="offer__label">{offer.label}</span>
                {offer.anchor.map(|anchor| view! { <span class="offer__anchor">{anchor}</span> })}
            </span>
        </label>
    }
    .into_any()
}

/// A text field. Esc leaves it; no other key of the page works in it.
#[component]
fn Words(desk: Desk, index: usize, question: Question, multiline: bool) -> impl IntoView {
    let name = format!("texts[{}]", question.key);
    let question = StoredValue::new(question);
    let text = move || {
        question.with_value(|question| {
            desk.answers.with(|answers| match answers.get(&question.key) {
                Some(Answer::Text(text)) => text.clone(),
                _ => String::new(),
            })
        })
    };
    let first = untrack(text);
    let input = move |value: String| question.with_value(|question| desk.answer(question, Some(Answer::Text(value))));
    let leave = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.prevent_default();
            desk.go_to(index);
        }
    };
    if multiline {
        view! {
            <textarea
                class="input input--lines"
                id=field_id(index)
                name=name
                rows="3"
                aria-describedby=format!("error-{index}")
                prop:value=text
                on:input:target=move |event| input(event.target().value())
                on:keydown=leave
            >
                {first}
            </textarea>
        }
        .into_any()
    } else {
        view! {
            <input
                class="input"
                type="text"
                id=field_id(index)
                name=name
                autocomplete="off"
                aria-describedby=format!("error-{index}")
                value=first
                prop:value=text
                on:input:target=move |event| input(event.target().value())
                on:keydown=leave
            />
        }
        .into_any()
    }
}
