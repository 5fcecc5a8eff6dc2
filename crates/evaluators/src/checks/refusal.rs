//! Refusal: replies by which the assistant declines to help at all.

use serde_json::Value as Json;
use turnwise_model::evaluation::Granularity;
use turnwise_model::score::Part;

use crate::check::{no_settings, worst_turn};
use crate::evidence::quote;
use crate::{Check, Definition, Finding, Reading};

/// Finds replies that decline.
#[derive(Debug, Clone, Copy)]
pub struct Refusal;

crate::phrases!(
    /// Sentences by which an assistant declines.
    pub DECLINES:
    r"(?:i|we)(?:.m| am|.re| are)? (?:cannot|can.?t|can not|unable to|not able to|won.t|will not|must decline to|am not allowed to|not allowed to|not permitted to) (?:be able to )?(?:\w+ ){0,2}?(?:help|assist|proceed|process|provide|do|fulfil|comply|answer|discuss|cancel|change|modify|update|remove|refund|offer|make|add|book|issue|tell|share|grant|waive|approve|accommodate|complete)\b",
    r"(?:is|are|that.s) (?:not something|nothing|beyond what|outside what) (?:i|we) can\b", r"i must (?:decline|refuse)\b", r"as an ai(?: language model)?,? i (?:can|do)", r"against (?:my|our) (?:guidelines|policy|policies)\b",
    r"(?:it is|it.s|this is|that is|that.s) not possible\b", r"can(?:not|.t) be (?:cancell?ed|changed|modified|refunded|removed|transferred|upgraded|added|processed)\b",
    r"(?:ich|wir) (?:kann|können|darf|dürfen) (?:\w+ ){0,4}nicht\b", r"je ne (?:peux|puis) pas\b", r"nous ne pouvons pas\b", r"no puedo\b", r"no podemos\b", r"nie (?:mogę|możemy)\b"
);

/// Whether the byte at `at` lies between quotation marks: an error message that is quoted declines nothing.
fn is_quoted(text: &str, at: usize) -> bool {
    let line = &text[text[..at].rfind('\n').map_or(0, |start| start + 1)..at];
    line.matches('"').count() % 2 == 1 || line.rfind('“') > line.rfind('”')
}

impl Check for Refusal {
    fn definition(&self) -> Definition {
        Definition {
            name: "refusal".to_owned(),
            title: "Refusal".to_owned(),
            description: "Replies by which the assistant says that it cannot or will not do what was asked. Whether it should have is for a judge or a person to say.".to_owned(),
            granularity: Granularity::Session,
            score_name: "refusal".to_owned(),
            range: (0.0, 1.0),
            threshold: 0.5,
            needs_provider: false,
        }
    }

    fn with_settings(&self, settings: &Json) -> Result<Box<dyn Check>, String> {
        no_settings(settings)?;
        Ok(Box::new(*self))
    }

    fn check(&self, reading: &Reading<'_>) -> Result<Vec<Finding>, String> {
        let mut findings = Vec::new();
        for turn in reading.turns.iter().filter(|turn| !turn.reply.is_blank()) {
            let position = turn.turn.position;
            let mut finding = Finding::good(Some(position));
            if let Some(found) =
                DECLINES.find_iter(turn.reply.text).find(|found| !is_quoted(turn.reply.text, found.start()))
            {
                let sentence = turn.reply.sentence_at(found.start());
                finding.blame(1.0, "the reply declines", Some(quote(position, Part::Assistant, sentence, None)));
            }
            findings.push(finding);
        }
        let session = worst_turn(&findings).ok_or("there is no reply")?;
        findings.push(session);
        Ok(findings)
    }
}
