//! A question as the editor holds it: text fields, which become a [`Question`] and come from one.

use turnwise_model::rubric::question::choice::ChoiceOption;
use turnwise_model::rubric::question::{Choice, Rating, Text, YesNo};
use turnwise_model::rubric::{Question, QuestionKind};

/// A question being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionDraft {
    /// Tells the rows apart while they move.
    pub row: u32,
    /// The key; made of the title when left empty.
    pub key: String,
    /// The question.
    pub title: String,
    /// Guidance.
    pub guidance: String,
    /// Whether an answer is required.
    pub required: bool,
    /// `choice`, `rating`, `yes_no` or `text`.
    pub kind: String,
    /// One answer or anchor a line.
    pub lines: String,
    /// Lowest step of a rating.
    pub min: String,
    /// Highest step of a rating.
    pub max: String,
    /// Whether a text has several lines.
    pub multiline: bool,
}

impl QuestionDraft {
    /// An empty question.
    pub fn empty(row: u32) -> Self {
        Self {
            row,
            key: String::new(),
            title: String::new(),
            guidance: String::new(),
            required: true,
            kind: "choice".to_owned(),
            lines: "No\nPartly\nYes".to_owned(),
            min: "1".to_owned(),
            max: "5".to_owned(),
            multiline: true,
        }
    }

    /// A question to be changed.
    pub fn of(row: u32, question: &Question) -> Self {
        let draft = Self {
            key: question.key.clone(),
            title: question.title.clone(),
            guidance: question.guidance.clone().unwrap_or_default(),
            required: question.required,
            lines: String::new(),
            ..Self::empty(row)
        };
        match &question.kind {
            QuestionKind::Choice(choice) => {
                let lines: Vec<String> = choice.options.iter().map(line_of).collect();
                Self { lines: lines.join("\n"), ..draft }
            }
            QuestionKind::Rating(rating) => Self {
                kind: "rating".to_owned(),
                lines: rating.anchors.join("\n"),
                min: rating.min.to_string(),
                max: rating.max.to_string(),
                ..draft
            },
            QuestionKind::YesNo(_) => Self { kind: "yes_no".to_owned(), ..draft },
            QuestionKind::Text(text) => Self { kind: "text".to_owned(), multiline: text.multiline, ..draft },
        }
    }

    /// The question. What makes no sense is refused by the server, which names it.
    pub fn question(&self) -> Question {
        let lines = || self.lines.lines().map(str::trim).filter(|line| !line.is_empty());
        let title = self.title.trim().to_owned();
        let key = self.key.trim();
        let guidance = self.guidance.trim();
        Question {
            key: if key.is_empty() { key_of(&title) } else { key.to_owned() },
            title,
            guidance: (!guidance.is_empty()).then(|| guidance.to_owned()),
            required: self.required,
            kind: match self.kind.as_str() {
                "rating" => QuestionKind::Rating(Rating {
                    min: self.min.trim().parse().unwrap_or_default(),
                    max: self.max.trim().parse().unwrap_or_default(),
                    anchors: lines().map(str::to_owned).collect(),
                }),
                "yes_no" => QuestionKind::YesNo(YesNo {}),
                "text" => QuestionKind::Text(Text { multiline: self.multiline }),
                _ => QuestionKind::Choice(Choice { options: lines().map(option_of).collect() }),
            },
        }
    }
}

/// `Yes`, `yes: Fully resolved` or `yes: Fully resolved | when the user says so`.
fn option_of(line: &str) -> ChoiceOption {
    let (answer, anchor) = match line.split_once('|') {
        Some((answer, anchor)) => (answer.trim(), Some(anchor.trim().to_owned())),
        None => (line, None),
    };
    let (value, label) = match answer.split_once(':') {
        Some((value, label)) => (value.trim().to_owned(), label.trim().to_owned()),
        None => (key_of(answer), answer.to_owned()),
    };
    ChoiceOption { value, label, anchor: anchor.filter(|anchor| !anchor.is_empty()) }
}

fn line_of(option: &ChoiceOption) -> String {
    let ChoiceOption { value, label, anchor } = option;
    let answer = if *value == key_of(label) { label.clone() } else { format!("{value}: {label}") };
    match anchor {
        Some(anchor) => format!("{answer} | {anchor}"),
        None => answer,
    }
}

/// `Was it resolved?` becomes `was_it_resolved`.
fn key_of(title: &str) -> String {
    let mut key = String::new();
    for c in title.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            key.push(c);
        } else if !key.is_empty() && !key.ends_with('_') {
            key.push('_');
        }
    }
    key.truncate(40);
    key.trim_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_survives_the_way_through_the_editor() {
        for json in [
            serde_json::json!({"key": "resolved", "title": "Was it resolved?", "required": true, "type": "choice",
                "guidance": "Look at the **last** turn.",
                "options": [{"value": "no", "label": "No"}, {"value": "half", "label": "Partly", "anchor": "some of it"}]}),
            serde_json::json!({"key": "tone", "title": "Tone?", "required": false, "type": "rating", "min": -1, "max": 1, "anchors": ["cold", "fine", "warm"]}),
            serde_json::json!({"key": "safe", "title": "Safe?", "required": false, "type": "yes_no"}),
            serde_json::json!({"key": "comment", "title": "Comment", "required": false, "type": "text", "multiline": true}),
        ] {
            let question: Question = serde_json::from_value(json).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(QuestionDraft::of(1, &question).question(), question);
        }
    }

    #[test]
    fn keys_are_made_of_titles() {
        let draft = QuestionDraft { title: "  Was the user's request resolved? ".into(), ..QuestionDraft::empty(1) };
        let question = draft.question();
        assert_eq!(question.key, "was_the_user_s_request_resolved");
        assert_eq!(question.check(), Ok(()));
    }
}
