//! A judge's answer: read from whatever a model makes of "answer with JSON", and checked before it is believed.

use serde::Deserialize;
use serde_json::{Value as Json, json};

/// What a judge said.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The score, or why there is none.
    pub score: Result<f64, String>,
    /// Why, in words.
    pub explanation: String,
    /// The problems it found.
    pub findings: Vec<Claimed>,
}

/// A problem as the judge claims it; its quote is not verified yet.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Claimed {
    /// The turn's position.
    pub turn: u32,
    /// Where in the turn: user, assistant, tool, document, error.
    #[serde(default)]
    pub part: Option<String>,
    /// The passage.
    #[serde(default)]
    pub quote: Option<String>,
    /// What is wrong with it.
    #[serde(default)]
    pub problem: Option<String>,
    /// How good the turn is by itself.
    #[serde(default)]
    pub score: Option<f64>,
}

#[derive(Deserialize)]
struct Raw {
    // Not defaulted: an answer that forgets its score is no answer.
    score: Json,
    #[serde(default)]
    cannot_judge: Option<String>,
    #[serde(default)]
    explanation: Option<String>,
    #[serde(default)]
    findings: Option<Vec<Claimed>>,
}

/// The JSON schema of an answer, in the subset that strict structured output takes.
#[must_use]
pub fn schema() -> Json {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["explanation", "score", "cannot_judge", "findings"],
        "properties": {
            "explanation": {"type": "string"},
            "score": {"type": ["number", "null"], "description": "from 0 (bad) to 1 (good), null when it cannot be judged"},
            "cannot_judge": {"type": ["string", "null"]},
            "findings": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["turn", "part", "quote", "problem", "score"],
                    "properties": {
                        "turn": {"type": "integer"},
                        "part": {"type": "string", "enum": ["user", "assistant", "tool", "document", "error"]},
                        "quote": {"type": "string"},
                        "problem": {"type": "string"},
                        "score": {"type": "number"}
                    }
                }
            }
        }
    })
}

/// Reads an answer.
///
/// # Errors
/// With what is wrong with it, in words that a model can act on.
pub fn read(text: &str) -> Result<Answer, String> {
    let object = first_object(text).ok_or("it holds no JSON object")?;
    let raw = Raw::deserialize(object).map_err(|error| format!("the JSON is not as asked for: {error}"))?;
    let score = match &raw.score {
        Json::Null => Err(raw
            .cannot_judge
            .filter(|why| !why.trim().is_empty())
            .unwrap_or_else(|| "the judge gave no reason".to_owned())),
        Json::Number(number) => {
            let score = number.as_f64().unwrap_or(f64::NAN);
            if !(0.0..=1.0).contains(&score) {
                return Err(format!("the score {number} is not from 0 to 1"));
            }
            Ok(score)
        }
        other => return Err(format!("the score must be a number from 0 to 1 or null, not {other}")),
    };
    let findings = raw.findings.unwrap_or_default();
    if let Some(wrong) = findings.iter().filter_map(|finding| finding.score).find(|score| !(0.0..=1.0).contains(score))
    {
        return Err(format!("a finding's score {wrong} is not from 0 to 1"));
    }
    Ok(Answer { score, explanation: raw.explanation.unwrap_or_default(), findings })
}

/// The first JSON object in a text that has a `score`; models wrap theirs in prose and code fences.
fn first_object(text: &str) -> Option<Json> {
    let mut fallback = None;
    for (at, _) in text.match_indices('{').take(64) {
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Json>();
        if let Some(Ok(value @ Json::Object(_))) = values.next() {
            if value.get("score").is_some() {
                return Some(value);
            }
            fallback.get_or_insert(value);
        }
    }
    fallback
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_found_in_prose_and_fences() {
        let text = "Let me think {about} this.\n```json\n{\"score\": 0.4, \"explanation\": \"x\", \"findings\": [{\"turn\": 2}]}\n```";
        let answer = read(text).unwrap();
        assert_eq!(answer.score, Ok(0.4));
        assert_eq!(answer.findings[0].turn, 2);
    }

    #[test]
    fn a_score_that_was_not_given_is_not_made_up() {
        for wrong in [
            "I'd say good",
            "{}",
            r#"{"explanation": "fine"}"#,
            r#"{"score": "0.4"}"#,
            r#"{"score": 4}"#,
            r#"{"score": -0.1}"#,
            r#"{"score": 0.5, "findings": [{"turn": 1, "score": 7}]}"#,
            r#"{"score": 0.5, "findings": 3}"#,
            r#"{"score": 0.5"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(read(r#"{"score": null, "cannot_judge": "no reply"}"#).unwrap().score, Err("no reply".to_owned()));
    }
}
