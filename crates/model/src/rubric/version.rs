//! A rubric at one version: questions in order, and the check of a whole review.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::question::{Answer, InvalidAnswer, InvalidQuestion, Question};
use crate::{Micros, RubricId};

/// Answers by question key.
pub type Answers = BTreeMap<String, Answer>;

/// A rubric at one version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rubric {
    /// Which rubric.
    pub id: RubricId,
    /// Version number, from 1; every change of a question makes a new one.
    pub version: i64,
    /// Name: that of the queue for which it was made.
    pub name: String,
    /// The questions in order.
    pub questions: Vec<Question>,
    /// When this version was made.
    pub created_at: Micros,
}

/// A rubric that cannot be saved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRubric {
    /// No name.
    #[error("the rubric has no name")]
    NoName,
    /// No questions, or too many.
    #[error("a rubric needs 1 to 30 questions, not {0}")]
    QuestionCount(usize),
    /// Two questions with one key.
    #[error("two questions have the key {0:?}, give each its own")]
    DuplicateKey(String),
    /// A question is wrong.
    #[error(transparent)]
    Question(#[from] InvalidQuestion),
}

impl Rubric {
    /// Checks name and questions.
    ///
    /// # Errors
    /// The first thing that is wrong, with the question named.
    pub fn check(name: &str, questions: &[Question]) -> Result<(), InvalidRubric> {
        if name.trim().is_empty() {
            return Err(InvalidRubric::NoName);
        }
        if !(1..=30).contains(&questions.len()) {
            return Err(InvalidRubric::QuestionCount(questions.len()));
        }
        let mut keys = BTreeSet::new();
        for question in questions {
            question.check()?;
            if !keys.insert(&question.key) {
                return Err(InvalidRubric::DuplicateKey(question.key.clone()));
            }
        }
        Ok(())
    }

    /// Checks a review's answers: every one fits its question, none is missing that is required, none is for a
    /// question that is not there.
    ///
    /// # Errors
    /// The first answer that does not fit.
    pub fn accept(&self, answers: &Answers) -> Result<(), InvalidAnswer> {
        for question in &self.questions {
            match answers.get(&question.key).filter(|answer| !answer.is_blank()) {
                Some(answer) => question.accept(answer)?,
                None if question.required => {
                    return Err(InvalidAnswer {
                        key: question.key.clone(),
                        problem: "an answer is required".to_owned(),
                    });
                }
                None => {}
            }
        }
        match answers.keys().find(|key| !self.questions.iter().any(|question| question.key == **key)) {
            Some(key) => Err(InvalidAnswer { key: key.clone(), problem: "the rubric has no such question".to_owned() }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rubric() -> Rubric {
        let questions = serde_json::from_value(serde_json::json!([
            {"key": "resolved", "title": "Was the request resolved?", "required": true, "type": "choice",
             "options": [{"value": "no", "label": "No"}, {"value": "partly", "label": "Partly"}, {"value": "yes", "label": "Yes"}]},
            {"key": "tone", "title": "How was the tone?", "type": "rating", "min": 1, "max": 3, "anchors": ["cold", "fine", "warm"]},
            {"key": "safe", "title": "Was it safe?", "type": "yes_no"},
            {"key": "comment", "title": "Anything else?", "type": "text"}
        ]))
        .unwrap();
        let (ambient, _) = crate::Ambient::for_tests(Micros(1));
        Rubric { id: ambient.id(), version: 1, name: "Support".to_owned(), questions, created_at: ambient.now() }
    }

    fn answers(json: serde_json::Value) -> Answers {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_sensible_rubric_is_taken() {
        let rubric = rubric();
        assert_eq!(Rubric::check(&rubric.name, &rubric.questions), Ok(()));
    }

    #[test]
    fn every_question_type_takes_its_own_answers_only() {
        let rubric = rubric();
        let good = serde_json::json!({"resolved": "partly", "tone": 2, "safe": true, "comment": "fine"});
        assert_eq!(rubric.accept(&answers(good)), Ok(()));
        for (wrong, message) in [
            (serde_json::json!({"tone": 2}), "resolved: an answer is required"),
            (serde_json::json!({"resolved": "maybe"}), "resolved: expected one of no, partly, yes"),
            (serde_json::json!({"resolved": "no", "tone": 4}), "tone: expected a whole number from 1 to 3"),
            (serde_json::json!({"resolved": "no", "tone": 1.5}), "tone: expected a whole number from 1 to 3"),
            (serde_json::json!({"resolved": "no", "safe": "yes"}), "safe: expected true or false"),
            (serde_json::json!({"resolved": "no", "comment": 3}), "comment: expected a text"),
            (serde_json::json!({"resolved": "no", "mood": "x"}), "mood: the rubric has no such question"),
            (serde_json::json!({"resolved": "  "}), "resolved: an answer is required"),
        ] {
            assert_eq!(rubric.accept(&answers(wrong)).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn what_is_wrong_with_a_rubric_is_named() {
        let mut questions = rubric().questions;
        questions[1].key = "resolved".to_owned();
        assert_eq!(Rubric::check("Support", &questions), Err(InvalidRubric::DuplicateKey("resolved".to_owned())));
        questions[1].key = "Tone!".to_owned();
        let error = Rubric::check("Support", &questions).unwrap_err().to_string();
        assert!(error.starts_with("question \"Tone!\": the key must be"), "{error}");
        assert_eq!(Rubric::check("Support", &[]), Err(InvalidRubric::QuestionCount(0)));
    }
}
