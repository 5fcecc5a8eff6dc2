//! Loops: the assistant says the same again without being asked to, or calls the same tool again to no end.

use std::collections::HashMap;

use serde_json::Value as Json;
use turnwise_model::evaluation::Granularity;
use turnwise_model::score::Part;

use crate::check::{no_settings, worst_turn};
use crate::evidence::quote;
use crate::text::similarity::{contained, content, jaccard, shingles};
use crate::text::words::{Hashes, Kind};
use crate::{Check, Definition, Finding, Reading};

/// Finds loops.
#[derive(Debug, Clone, Copy)]
pub struct Repetition;

/// How many replies back a reply is compared with.
const WINDOW: usize = 12;
/// Replies with fewer meaningful words are courtesies and may repeat.
const LEAST_WORDS: usize = 4;
/// How often one tool may be called with the same arguments in a session.
const SAME_CALLS: usize = 3;

crate::phrases!(
    /// Words by which a user asks to hear something again.
    ASKS_AGAIN:
    r"again\b", r"repeat", r"once more\b", r"one more time\b", r"say that\b", r"what was\b", r"remind me\b", r"confirm", r"pardon\b", r"come again\b",
    r"nochmal", r"noch einmal\b", r"wiederhol", r"répét", r"encore une fois\b", r"otra vez\b", r"repite", r"jeszcze raz\b", r"powtórz"
);
crate::phrases!(
    /// Words by which a user complains that something comes again.
    pub COMPLAINS_OF_AGAIN:
    r"(?:again|still) (?:the same|not|asking|no)\b", r"already\b", r"you (?:just |already )?(?:said|asked|told)\b", r"i (?:just |already )?(?:said|told you|gave you|did|asked)\b", r"same (?:thing|answer|link|question)\b", r"read what i\b", r"stop\b", r"!{2,}"
);

/// A reply that says the same as an earlier one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Repeat {
    /// Index (from 0) of the turn that said it first.
    pub of: usize,
    /// How alike they are, from 0 to 1.
    pub alike: f64,
}

/// For each turn, whether its reply repeats an earlier one without being asked to.
#[must_use]
pub fn repeats(reading: &Reading<'_>) -> Vec<Option<Repeat>> {
    let mut earlier: Vec<(usize, Hashes, Hashes)> = Vec::new();
    let numbers = |index: usize| -> Hashes {
        let tokens = reading.turns[index].reply.tokens().iter();
        tokens.filter(|token| token.kind == Kind::Number).map(|token| token.hash).collect()
    };
    let mut repeats = vec![None; reading.turns.len()];
    for (index, turn) in reading.turns.iter().enumerate() {
        if turn.reply.is_blank() {
            continue;
        }
        let tokens = turn.reply.tokens();
        let words = content(tokens);
        if words.len() < LEAST_WORDS {
            continue;
        }
        let order = shingles(tokens);
        let best = earlier
            .iter()
            .rev()
            .take(WINDOW)
            .map(|(of, other_order, other_words)| {
                let alike = jaccard(&order, other_order);
                // A short reply that is wholly part of an earlier one repeats it, too.
                let is_part = words.len() > LEAST_WORDS && contained(&words, other_words) >= 0.9;
                let part = if is_part { 0.75 * contained(&order, other_order) } else { 0.0 };
                Repeat { of: *of, alike: alike.max(part) }
            })
            .max_by(|a, b| a.alike.total_cmp(&b.alike));
        if let Some(best) = best.filter(|best| best.alike >= 0.5) {
            let user = turn.user.text;
            let asked = ASKS_AGAIN.is_match(user) && !COMPLAINS_OF_AGAIN.is_match(user);
            let same_question =
                reading.turns[best.of].user.text.trim().eq_ignore_ascii_case(user.trim()) && !turn.user.is_blank();
            // The same summary with other figures is an update.
            let update = best.alike < 0.9 && numbers(index) != numbers(best.of);
            if !asked && !same_question && !update {
                repeats[index] = Some(best);
            }
        }
        earlier.push((index, order, words));
    }
    repeats
}

impl Check for Repetition {
    fn definition(&self) -> Definition {
        Definition {
            name: "loop".to_owned(),
            title: "Loop".to_owned(),
            description: "The assistant says the same again without being asked to, or calls the same tool with the same arguments again and again.".to_owned(),
            granularity: Granularity::Session,
            score_name: "loop".to_owned(),
            range: (0.0, 1.0),
            threshold: 0.6,
            needs_provider: false,
        }
    }

    fn with_settings(&self, settings: &Json) -> Result<Box<dyn Check>, String> {
        no_settings(settings)?;
        Ok(Box::new(*self))
    }

    fn check(&self, reading: &Reading<'_>) -> Result<Vec<Finding>, String> {
        let repeats = reading.repeats();
        let mut calls: HashMap<(&str, String), usize> = HashMap::new();
        let mut findings = Vec::new();
        for (turn, repeat) in reading.turns.iter().zip(repeats) {
            let position = turn.turn.position;
            let mut finding = Finding::good(Some(position));
            if let Some(repeat) = repeat {
                let of = reading.turns[repeat.of].turn.position;
                let evidence = quote(position, Part::Assistant, turn.reply.text, None);
                finding.blame(repeat.alike, format!("repeats the reply of turn {of}"), Some(evidence));
            }
            for call in &turn.turn.tool_calls {
                let Some(arguments) = &call.arguments else { continue };
                let times = calls.entry((call.name.as_str(), arguments.to_string())).or_default();
                *times += 1;
                if *times > SAME_CALLS {
                    let reason = format!("calls {} for the {times}. time with the same arguments", call.name);
                    finding.blame(0.5, reason, Some(quote(position, Part::Tool, &call.name, None)));
                }
            }
            findings.push(finding);
        }
        let session = worst_turn(&findings).ok_or("there is no turn")?;
        findings.push(session);
        Ok(findings)
    }
}
