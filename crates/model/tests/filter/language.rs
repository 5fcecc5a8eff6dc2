//! Reading, showing and completing, on hostile and on well-formed text.

use proptest::prelude::*;
use turnwise_model::filter::{Filter, KnownValues, byte_offset, complete, utf16_offset};

use super::strategies;

/// Checks that an error points into the text, at a word or at its end.
fn points_into(text: &str) -> Result<(), TestCaseError> {
    if let Err(error) = Filter::parse(text) {
        let found = text.get(error.at.range());
        prop_assert!(found.is_some(), "the span lies on character borders of the text");
        prop_assert!(error.column >= 1 && error.column as usize <= text.chars().count() + 1);
        prop_assert_eq!(text[..error.at.range().start].chars().count() + 1, error.column as usize);
        prop_assert_eq!(error.found.as_deref().unwrap_or(""), found.unwrap_or(""));
        prop_assert!(!error.expected.is_empty() && error.expected.iter().all(|expected| !expected.is_empty()));
        let start = format!("at column {}: expected ", error.column);
        prop_assert!(error.to_string().starts_with(&start));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused_with_a_place(text in any::<String>()) {
        points_into(&text)?;
    }

    #[test]
    fn any_heap_of_words_is_read_or_refused_with_a_place(text in strategies::heap_of_words()) {
        points_into(&text)?;
    }

    #[test]
    fn a_broken_filter_is_refused_with_a_place(text in strategies::filter(), cut in any::<prop::sample::Index>()) {
        let at = cut.index(text.len() + 1);
        let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        points_into(&text[..at])?;
        points_into(&text[at..])?;
    }

    #[test]
    fn what_is_shown_is_read_back(text in strategies::filter()) {
        let filter = Filter::parse(&text);
        prop_assert!(filter.is_ok(), "{text}: {}", filter.unwrap_err());
        let filter = filter.unwrap();
        let shown = filter.to_string();
        let again = Filter::parse(&shown);
        prop_assert!(again.is_ok(), "{shown}: {}", again.unwrap_err());
        let again = again.unwrap();
        prop_assert_eq!(again.to_string(), shown.as_str(), "the canonical text is its own canonical text");
        prop_assert_eq!(again, filter, "{}", shown);
    }

    #[test]
    fn whatever_is_read_is_shown_as_what_it_was(text in strategies::heap_of_words()) {
        if let Ok(filter) = Filter::parse(&text) {
            prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
        }
    }

    #[test]
    fn chips_make_up_the_whole(text in strategies::filter()) {
        let filter = Filter::parse(&text).unwrap();
        let chips: Vec<_> = filter.conjuncts().iter().map(|chip| Filter::parse(&chip.to_string()).unwrap()).collect();
        let whole = chips.into_iter().fold(Filter::everything(), Filter::and);
        prop_assert_eq!(whole, filter);
    }

    #[test]
    fn completion_takes_any_text_and_cursor(text in strategies::heap_of_words(), cursor in 0_u32..200) {
        let known = KnownValues {
            values: [("tag".to_owned(), vec!["a\"b".to_owned(), "é".to_owned()])].into(),
            metadata_keys: vec!["k".to_owned(), "a b".to_owned(), String::new()],
            score_names: vec!["tone".to_owned(), "x.human".to_owned(), String::new()],
        };
        for suggestion in complete(&text, cursor, &known) {
            prop_assert!(text.get(suggestion.replaces.range()).is_some());
            let (completed, at) = suggestion.apply(&text);
            prop_assert!(completed.is_char_boundary(at as usize));
        }
    }

    #[test]
    fn cursors_are_converted_there_and_back(text in any::<String>()) {
        for (at, _) in text.char_indices() {
            let at = u32::try_from(at).unwrap();
            prop_assert_eq!(byte_offset(&text, utf16_offset(&text, at)), at);
        }
    }
}
