//! A filter's parts, each a chip that can be taken out of it again. The chips edit the same expression as the field.

use leptos::prelude::*;
use turnwise_model::filter::{Expression, Filter};

use super::filter_field::FilterText;
use super::icon::{Icon, IconName};

/// The chips of a filter; nothing while it is empty or wrong.
#[component]
pub fn FilterChips(
    /// The filter's text.
    #[prop(into)]
    text: Signal<String>,
    /// The address with another filter, where the address holds it: chips are links then.
    #[prop(optional, into)]
    address: Option<Callback<String, String>>,
    /// Where the filter is edited, where no address holds it: chips are buttons then.
    #[prop(optional)]
    edit: Option<FilterText>,
) -> impl IntoView {
    let filter = Memo::new(move |_| Filter::parse(&text.read()).unwrap_or_default());
    let remover = move |rest: &Filter, label: String, words: Option<&'static str>| {
        let rest = rest.to_string();
        let class = if words.is_some() { "chip__clear" } else { "chip__remove" };
        let face = match words {
            Some(words) => words.into_any(),
            None => view! { <Icon name=IconName::Close /> }.into_any(),
        };
        match (address, edit) {
            (Some(address), _) => {
                let href = move || address.run(rest.clone());
                view! { <a class=class href=href aria-label=label title="Take it out">{face}</a> }.into_any()
            }
            (None, Some(edit)) => view! {
                <button class=class type="button" aria-label=label title="Take it out" on:click=move |_| edit.set(rest.clone())>
                    {face}
                </button>
            }
            .into_any(),
            (None, None) => ().into_any(),
        }
    };
    view! {
        <Show when=move || !filter.read().is_everything()>
            <ul class="chips" aria-label="Parts of the filter">
                {move || {
                    let filter = filter.get();
                    filter
                        .conjuncts()
                        .iter()
                        .enumerate()
                        .map(|(index, part)| {
                            let words = part.to_string();
                            let rest = without(&filter, index);
                            view! {
                                <li class="chip">
                                    <span class="chip__words">{words.clone()}</span>
                                    {remover(&rest, format!("Take out {words}"), None)}
                                </li>
                            }
                        })
                        .collect_view()
                }}
                <li>{move || remover(&Filter::everything(), "Clear the filter".to_owned(), Some("Clear"))}</li>
            </ul>
        </Show>
    }
    .into_any()
}

fn without(filter: &Filter, index: usize) -> Filter {
    let kept = filter.conjuncts().iter().enumerate().filter(|(at, _)| *at != index);
    Filter::all(kept.map(|(_, part)| part.clone()))
}

/// Whether all parts of `term` are among those of `filter`.
#[must_use]
pub fn has_term(filter: &Filter, term: &Filter) -> bool {
    !term.is_everything() && term.conjuncts().iter().all(|part| filter.conjuncts().contains(part))
}

/// The filter without `term` if it has it, with it otherwise.
#[must_use]
pub fn toggled(filter: &Filter, term: &Filter) -> Filter {
    if has_term(filter, term) {
        let kept = filter.conjuncts().iter().filter(|part| !term.conjuncts().contains(part));
        Filter::all(kept.cloned().collect::<Vec<Expression>>())
    } else {
        filter.clone().and(term.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(text: &str) -> Filter {
        Filter::parse(text).unwrap()
    }

    #[test]
    fn a_term_is_put_in_and_taken_out_again() {
        let before = filter("turns >= 4 or errors > 0");
        let term = filter("score.tone passed and not score.tone failed");
        let with = toggled(&before, &term);
        assert_eq!(with.to_string(), "(turns >= 4 or errors > 0) and score.tone passed and not score.tone failed");
        assert!(has_term(&with, &term) && !has_term(&before, &term));
        assert_eq!(toggled(&with, &term), before);
        assert!(!has_term(&with, &Filter::everything()));
    }

    #[test]
    fn a_chip_takes_out_only_itself() {
        assert_eq!(
            without(&filter("turns > 1 and tag = vip and errors > 0"), 1).to_string(),
            "turns > 1 and errors > 0"
        );
        assert_eq!(without(&filter("turns > 1"), 0), Filter::everything());
    }
}
