//! Which key gives which answer. It follows from the questions alone, so that keys never move while a queue is open.

use turnwise_model::rubric::{Answer, Question, QuestionKind};

/// The keys that answer the question in focus, in the order of its options.
pub const DIGITS: [&str; 10] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"];
/// The keys that go into text fields, in the order of the fields; a single field is a comment.
const FIELDS: [&str; 6] = ["e", "c", "t", "w", "r", "b"];

/// One answer that a question offers.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// The key that chooses it.
    pub key: Option<&'static str>,
    /// The answer.
    pub answer: Answer,
    /// The answer as a form sends it.
    pub value: String,
    /// What it is called.
    pub label: String,
    /// When to choose it.
    pub anchor: Option<String>,
}

/// What a question offers; nothing for words.
pub fn offers(question: &Question) -> Vec<Offer> {
    let digit = |index: usize| DIGITS.get(index).copied();
    match &question.kind {
        QuestionKind::Choice(choice) => choice
            .options
            .iter()
            .enumerate()
            .map(|(index, option)| Offer {
                key: digit(index),
                answer: Answer::Text(option.value.clone()),
                value: option.value.clone(),
                label: option.label.clone(),
                anchor: option.anchor.clone(),
            })
            .collect(),
        QuestionKind::YesNo(_) => [(true, "Yes"), (false, "No")]
            .into_iter()
            .enumerate()
            .map(|(index, (flag, label))| Offer {
                key: digit(index),
                answer: Answer::Flag(flag),
                value: flag.to_string(),
                label: label.to_owned(),
                anchor: None,
            })
            .collect(),
        QuestionKind::Rating(rating) => {
            // Where every step is a digit, its own key chooses it.
            let own = rating.min >= 0 && rating.max <= 9;
            rating
                .steps()
                .enumerate()
                .map(|(index, (step, anchor))| {
                    let own_key = DIGITS.iter().find(|digit| digit.parse() == Ok(step)).copied();
                    #[expect(clippy::cast_precision_loss, reason = "scales have at most ten small steps")]
                    let answer = Answer::Number(step as f64);
                    Offer {
                        key: if own { own_key } else { digit(index) },
                        answer,
                        value: step.to_string(),
                        label: step.to_string(),
                        anchor: anchor.map(str::to_owned),
                    }
                })
                .collect()
        }
        QuestionKind::Text(_) => Vec::new(),
    }
}

/// The text fields with the keys that go into them: question index and key.
pub fn fields(questions: &[Question]) -> Vec<(usize, &'static str)> {
    let texts: Vec<usize> = questions
        .iter()
        .enumerate()
        .filter(|(_, question)| matches!(question.kind, QuestionKind::Text(_)))
        .map(|(index, _)| index)
        .collect();
    let keys = if texts.len() == 1 { &FIELDS[1..] } else { &FIELDS[..] };
    texts.into_iter().zip(keys.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(json: serde_json::Value) -> Question {
        serde_json::from_value(json).unwrap_or_else(|error| panic!("{error}"))
    }

    fn keys(question: &Question) -> Vec<(Option<&str>, String)> {
        offers(question).into_iter().map(|offer| (offer.key, offer.value)).collect()
    }

    #[test]
    fn steps_that_are_digits_are_their_own_keys() {
        let stars = question(serde_json::json!({"key": "stars", "title": "?", "type": "rating", "min": 0, "max": 2}));
        assert_eq!(keys(&stars), [(Some("0"), "0".into()), (Some("1"), "1".into()), (Some("2"), "2".into())]);
        let balance = question(serde_json::json!({"key": "b", "title": "?", "type": "rating", "min": -1, "max": 1}));
        assert_eq!(keys(&balance), [(Some("1"), "-1".into()), (Some("2"), "0".into()), (Some("3"), "1".into())]);
        let ten = question(serde_json::json!({"key": "ten", "title": "?", "type": "rating", "min": 1, "max": 10}));
        assert_eq!(keys(&ten)[9], (Some("0"), "10".into()));
    }

    #[test]
    fn options_are_counted() {
        let options: Vec<_> = (0..12).map(|n| serde_json::json!({"value": format!("v{n}"), "label": "x"})).collect();
        let choice = question(serde_json::json!({"key": "c", "title": "?", "type": "choice", "options": options}));
        let keys: Vec<_> = offers(&choice).into_iter().map(|offer| offer.key).collect();
        assert_eq!(keys[0], Some("1"));
        assert_eq!(keys[9], Some("0"));
        assert_eq!(keys[11], None);
    }

    #[test]
    fn one_text_is_a_comment_and_two_begin_with_the_correction() {
        let text = |key: &str| question(serde_json::json!({"key": key, "title": "?", "type": "text"}));
        let flag = question(serde_json::json!({"key": "safe", "title": "?", "type": "yes_no"}));
        assert_eq!(fields(&[flag.clone(), text("comment")]), [(1, "c")]);
        assert_eq!(fields(&[text("corrected"), flag, text("comment")]), [(0, "e"), (2, "c")]);
    }
}
