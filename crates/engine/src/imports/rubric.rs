//! Questions of elsewhere as questions of a rubric.

use turnwise_ingest::mtrag::Question as Asked;
use turnwise_model::rubric::{Answer, Question};
use turnwise_model::rubric::{QuestionKind, question};
use turnwise_model::score::Value;

/// The question as a rubric asks it: a rating where its values are steps with words, else free.
pub(super) fn question(asked: &Asked) -> Question {
    let title = if asked.name.trim().is_empty() { asked.key.clone() } else { asked.name.clone() };
    Question {
        key: key(&asked.key),
        title,
        guidance: Some(asked.description.clone()).filter(|text| !text.trim().is_empty()),
        required: false,
        kind: steps(&asked.anchors).map_or_else(
            || QuestionKind::Text(question::Text::default()),
            |(min, max, anchors)| QuestionKind::Rating(question::Rating { min, max, anchors }),
        ),
    }
}

/// `Win Rate` → `win_rate`.
pub(super) fn key(key: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    key.chars().map(plain).take(64).collect()
}

/// The answer as reviews keep it.
pub(super) fn answer(value: &Value) -> Answer {
    match value {
        Value::Number(number) => Answer::Number(*number),
        Value::Flag(flag) => Answer::Flag(*flag),
        other => Answer::Text(other.display()),
    }
}

/// Whole numbers without a gap, 2 to 10 of them, with their words.
#[expect(clippy::cast_possible_truncation, reason = "compared with what it was before")]
fn steps(anchors: &[(f64, String)]) -> Option<(i64, i64, Vec<String>)> {
    let mut steps: Vec<(i64, &str)> = Vec::with_capacity(anchors.len());
    for (value, word) in anchors {
        let whole = *value as i64;
        #[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "whether nothing was lost is the question")]
        let exact = whole as f64 == *value;
        if !exact {
            return None;
        }
        steps.push((whole, word));
    }
    steps.sort_unstable();
    let (first, last) = (steps.first()?.0, steps.last()?.0);
    let complete = steps.iter().zip(first..).all(|((step, _), expected)| *step == expected);
    let words = steps.into_iter().map(|(_, word)| word.to_owned()).collect::<Vec<_>>();
    (complete && (2..=10).contains(&words.len())).then_some((first, last, words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_on_steps_are_a_rating_and_a_bare_number_is_free() {
        let yes = [(2.0, "Yes".to_owned()), (1.0, "No".to_owned())];
        assert_eq!(steps(&yes), Some((1, 2, vec!["No".to_owned(), "Yes".to_owned()])));
        assert_eq!(steps(&[]), None);
        assert_eq!(steps(&[(0.5, "half".to_owned()), (1.0, "whole".to_owned())]), None);
        assert_eq!(steps(&[(1.0, "low".to_owned()), (3.0, "high".to_owned())]), None);
        assert_eq!(key("win-rate"), "win_rate");
    }
}
