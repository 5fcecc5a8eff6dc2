//! Where a filter is typed: suggestions while one writes, and what is wrong with it, marked under the very word.
//!
//! A combobox (WAI-ARIA): arrows choose, Tab and Enter take, Esc closes. Works in any form; without JavaScript it is a
//! plain text field whose error the server shows.

use leptos::html::{Div, Input};
use leptos::prelude::*;
use leptos::task::spawn_local;
use turnwise_model::filter::{Filter, FilterError, KnownValues, Suggestion, byte_offset, complete, utf16_offset};

use super::icon::{Icon, IconName};
use crate::error::sentence;
use crate::functions::session_list::filter_values;
use crate::state::project::use_project;

/// The text of a filter, edited in one place and shown in others.
pub type FilterText = RwSignal<String>;

/// A field for a filter.
#[component]
pub fn FilterField(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    /// What it is called for those who hear it: "Filter sessions".
    #[prop(into)]
    label: String,
    /// What is written in it.
    text: FilterText,
    /// The name under which the form sends it.
    #[prop(optional, into)]
    name: Option<String>,
) -> impl IntoView {
    let project = use_project();
    let input = NodeRef::<Input>::new();
    let marks = NodeRef::<Div>::new();
    let cursor = RwSignal::new(0_u32);
    let open = RwSignal::new(false);
    let at = RwSignal::new(None::<usize>);
    // While somebody writes, a half-written word is no mistake yet.
    let writing = RwSignal::new(false);
    let known = RwSignal::new(None::<KnownValues>);

    let learn = move || {
        if known.with_untracked(Option::is_some) {
            return;
        }
        known.set(Some(KnownValues::default()));
        let Ok(slug) = untrack(|| project.slug()).parse() else { return };
        spawn_local(async move {
            // Without them the fields and tests are still suggested.
            if let Ok(values) = filter_values(slug).await {
                known.set(Some(values));
            }
        });
    };
    let found = Memo::new(move |_| {
        if !open.get() {
            return Vec::new();
        }
        known.with(|known| match known {
            Some(known) => complete(&text.read(), cursor.get(), known),
            None => complete(&text.read(), cursor.get(), &KnownValues::default()),
        })
    });
    let wrong = Memo::new(move |_| Filter::parse(&text.read()).err());
    let shown = Memo::new(move |_| {
        let wrong = wrong.get()?;
        let unfinished = writing.get() && (wrong.found.is_none() || cursor.get() <= wrong.at.end);
        (!unfinished).then_some(wrong)
    });

    let take = move |index: usize| {
        let Some(suggestion) = found.with_untracked(|found| found.get(index).cloned()) else { return };
        let (written, byte) = suggestion.apply(&text.read_untracked());
        if let Some(input) = input.get_untracked() {
            let unit = utf16_offset(&written, byte);
            input.set_value(&written);
            // Fails only for inputs that hold no text.
            let _ = input.set_selection_range(unit, unit);
        }
        at.set(None);
        cursor.set(byte);
        text.set(written);
    };
    let list_id = format!("{id}-list");
    let on_key = {
        let id = id.clone();
        move |event: leptos::ev::KeyboardEvent| {
            let count = found.with_untracked(Vec::len);
            let here = at.get_untracked();
            let point = |index: usize| {
                at.set(Some(index));
                crate::browser::bring_into_view(&option_id(&id, index));
            };
            match event.key().as_str() {
                "ArrowDown" if !open.get_untracked() => open.set(true),
                "ArrowDown" if count > 0 => point(here.map_or(0, |here| (here + 1) % count)),
                "ArrowUp" if count > 0 => point(here.map_or(count - 1, |here| (here + count - 1) % count)),
                "Enter" if !event.is_composing() && count > 0 && here.is_some() => here.into_iter().for_each(take),
                "Tab" if !event.shift_key() && count > 0 && (here.is_some() || begun(found)) => take(here.unwrap_or(0)),
                "Escape" if count > 0 => open.set(false),
                "Enter" => {
                    open.set(false);
                    writing.set(false);
                    return;
                }
                _ => return,
            }
            event.prevent_default();
            event.stop_propagation();
        }
    };
    let see = move |input: leptos::web_sys::HtmlInputElement| {
        let unit = input.selection_start().ok().flatten().unwrap_or_default();
        cursor.set(byte_offset(&input.value(), unit));
    };
    let follow_scroll = move |_| {
        if let (Some(input), Some(marks)) = (input.get_untracked(), marks.get_untracked()) {
            marks.set_scroll_left(input.scroll_left());
        }
    };
    let error_id = format!("{id}-error");
    let described_by = {
        let error_id = error_id.clone();
        move || shown.with(Option::is_some).then(|| error_id.clone())
    };
    let active = {
        let id = id.clone();
        move || at.get().map(|index| option_id(&id, index))
    };
    let expanded = move || !found.with(Vec::is_empty);

    view! {
        <div class="filter-field">
            <div class="filter-field__box">
                <Icon name=IconName::Search />
                <div class="filter-field__text">
                    <div class="filter-field__marks" aria-hidden="true" node_ref=marks>
                        {move || shown.get().map(|wrong| marked(&text.read(), &wrong))}
                    </div>
                    <input
                        class="filter-field__input"
                        node_ref=input
                        id=id.clone()
                        name=name.unwrap_or_else(|| "filter".to_owned())
                        type="text"
                        role="combobox"
                        aria-label=label
                        aria-autocomplete="list"
                        aria-expanded=move || expanded().to_string()
                        aria-controls=list_id.clone()
                        aria-activedescendant=active
                        aria-invalid=move || shown.with(Option::is_some).then_some("true")
                        aria-describedby=described_by
                        placeholder="turns >= 4 and errors > 0"
                        autocomplete="off"
                        autocapitalize="off"
                        spellcheck="false"
                        value=text.get_untracked()
                        prop:value=move || text.get()
                        on:focus=move |_| learn()
                        on:blur=move |_| {
                            open.set(false);
                            writing.set(false);
                        }
                        on:input:target=move |event| {
                            learn();
                            at.set(None);
                            writing.set(true);
                            open.set(true);
                            see(event.target());
                            text.set(event.target().value());
                        }
                        on:keyup:target=move |event| see(event.target())
                        on:click:target=move |event| see(event.target())
                        on:scroll=follow_scroll
                        on:keydown=on_key
                    />
                </div>
            </div>
            <ul class="filter-field__list" id=list_id role="listbox" aria-label="Suggestions" hidden=move || !expanded()>
                {move || found.get().into_iter().enumerate().map(|(index, one)| choice(&id, index, one, at, take)).collect_view()}
            </ul>
            {move || {
                shown
                    .get()
                    .map(|wrong| {
                        view! {
                            <p class="field__error" id=error_id.clone()>
                                <Icon name=IconName::Warning />
                                <span>{sentence(&wrong.to_string())}</span>
                            </p>
                        }
                    })
            }}
        </div>
    }
    .into_any()
}

/// Whether a word was begun that suggestions would finish.
fn begun(found: Memo<Vec<Suggestion>>) -> bool {
    found.with_untracked(|found| found.first().is_some_and(|first| first.replaces.start < first.replaces.end))
}

fn option_id(field: &str, index: usize) -> String {
    format!("{field}-{index}")
}

fn choice(
    field: &str,
    index: usize,
    suggestion: Suggestion,
    at: RwSignal<Option<usize>>,
    take: impl Fn(usize) + 'static,
) -> AnyView {
    view! {
        <li
            class="filter-field__option"
            id=option_id(field, index)
            role="option"
            aria-selected=move || (at.get() == Some(index)).to_string()
            // Before the field would lose the focus.
            on:mousedown=move |event| {
                event.prevent_default();
                take(index);
            }
            on:mousemove=move |_| at.set(Some(index))
        >
            <code class="filter-field__insert">{suggestion.insert}</code>
            <span class="filter-field__detail">{suggestion.detail}</span>
        </li>
    }
    .into_any()
}

/// The text once more, invisible, with a wave under the word that is wrong.
fn marked(text: &str, wrong: &FilterError) -> AnyView {
    let range = wrong.at.range();
    let before = text.get(..range.start).unwrap_or(text).to_owned();
    let word = text.get(range).filter(|word| !word.is_empty()).unwrap_or("\u{a0}\u{a0}").to_owned();
    view! {
        {before}
        <span class="filter-field__wrong">{word}</span>
    }
    .into_any()
}
