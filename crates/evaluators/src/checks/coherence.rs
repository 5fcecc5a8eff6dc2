//! Coherence: replies that are missing, garbled, cut off, in another language than the user's, off the question, that
//! repeat or contradict an earlier reply.

use serde_json::Value as Json;
use turnwise_model::evaluation::Granularity;
use turnwise_model::score::Part;

use crate::check::{no_settings, worst_turn};
use crate::evidence::quote;
use crate::reading::{Text, TurnReading};
use crate::text::language::{Code, language};
use crate::text::similarity::{common, content, jaccard, ratio};
use crate::text::words::{Hashes, Kind, Token, each_token, tokens};
use crate::{Check, Definition, Finding, Reading};

/// Looks whether each reply hangs together with what was said before.
#[derive(Debug, Clone, Copy)]
pub struct Coherence;

crate::phrases!(
    /// A user's words that ask for another language.
    NAMES_LANGUAGE:
    r"translat", r"übersetz", r"tradui", r"traduc", r"in (?:english|german|french|spanish|italian|polish|portuguese|dutch|chinese|japanese|korean|russian|arabic)\b",
    r"auf (?:deutsch|englisch|französisch)\b", r"en (?:français|anglais|español|inglés)\b", r"po (?:polsku|angielsku)\b", r"(?:speak|write|reply|answer) "
);

impl Check for Coherence {
    fn definition(&self) -> Definition {
        Definition {
            name: "coherence".to_owned(),
            title: "Coherence".to_owned(),
            description: "Replies that are missing, garbled, cut off, in another language than the user's, that have nothing to do with the question, or that repeat or contradict an earlier reply.".to_owned(),
            granularity: Granularity::Session,
            score_name: "coherence".to_owned(),
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
        let mut spoken: Option<Code> = None;
        let mut said = Hashes::default();
        let mut statements: Vec<Statement<'_>> = Vec::new();
        let mut findings = Vec::new();
        for (index, turn) in reading.turns.iter().enumerate() {
            let position = turn.turn.position;
            let mut finding = Finding::good(Some(position));
            spoken = language(turn.user.text, turn.user.tokens()).or(spoken);
            if turn.reply.is_blank() {
                let is_end = index + 1 == reading.turns.len() && turn_ends_session(turn);
                if !turn.user.is_blank() && !is_end {
                    finding.blame(0.7, "there is no reply", Some(quote(position, Part::User, turn.user.text, None)));
                }
            } else {
                shape(turn, position, &mut finding);
                other_language(turn, spoken, position, &mut finding);
                off_the_question(turn, &said, position, &mut finding);
                if let Some(repeat) = repeats[index] {
                    let of = reading.turns[repeat.of].turn.position;
                    let evidence = quote(position, Part::Assistant, turn.reply.text, None);
                    finding.blame(0.6 * repeat.alike, format!("repeats the reply of turn {of}"), Some(evidence));
                }
                if !turn.turn.tool_calls.is_empty() {
                    // What tools found out may change what was said before.
                    statements.clear();
                }
                contradicts_itself(turn, position, &mut statements, &mut finding);
            }
            for text in [&turn.user, &turn.reply] {
                said.extend(text.tokens().iter().filter(|token| token.is_content()).map(|token| token.hash));
            }
            findings.push(finding);
        }
        let session = worst_turn(&findings).ok_or("there is no turn")?;
        findings.push(session);
        Ok(findings)
    }
}

/// A last message that only says goodbye, or a hand-over, needs no reply.
fn turn_ends_session(turn: &TurnReading<'_>) -> bool {
    super::resolution::closes(turn.user.text) || turn.turn.tool_calls.iter().any(super::resolution::hands_over)
}

/// Garbled or cut off.
fn shape(turn: &TurnReading<'_>, position: u32, finding: &mut Finding) {
    let text = turn.reply.text;
    if let Some(passage) = garbled(text, turn.reply.tokens()) {
        finding.blame(0.7, "the reply is garbled", Some(quote(position, Part::Assistant, passage, None)));
    }
    if is_cut_off(text) {
        let last = turn.reply.sentences().last().map_or(text, |range| &text[range.clone()]);
        finding.blame(0.5, "the reply breaks off", Some(quote(position, Part::Assistant, last, None)));
    }
}

fn garbled<'a>(text: &'a str, tokens: &[Token]) -> Option<&'a str> {
    if text.contains('\u{fffd}') && text.matches('\u{fffd}').count() >= 2 {
        return Some(text);
    }
    if ["Ã©", "Ã¼", "Ã¶", "Ã¤", "â€™", "â€œ"].iter().map(|wrong| text.matches(wrong).count()).sum::<usize>() >= 2
    {
        return Some(text);
    }
    let same =
        |window: &&[Token]| window.iter().all(|token| token.hash == window[0].hash && token.kind != Kind::Number);
    let run = tokens.windows(5).find(same)?;
    text.get(run[0].start..run[4].end)
}

fn is_cut_off(text: &str) -> bool {
    let trimmed = text.trim_end();
    if trimmed.len() < 60 {
        return false;
    }
    if trimmed.matches("```").count() % 2 == 1 {
        return true;
    }
    let Some(last) = trimmed.chars().next_back() else { return false };
    let line = trimmed.rsplit('\n').next().unwrap_or(trimmed);
    let prose =
        line.split_whitespace().count() >= 6 && !line.trim_start().starts_with(['-', '*', '|', '#', '+', '>', '•']);
    let numbered = line.trim_start().starts_with(|c: char| c.is_ascii_digit());
    let stops_before =
        trimmed[..trimmed.len() - line.len()].contains(['.', '!', '?']) || line.contains(['.', '!', '?']);
    prose
        && !numbered
        && stops_before
        && (last.is_lowercase() || matches!(last, ',' | '(' | '-'))
        && !line.contains("http")
}

fn other_language(turn: &TurnReading<'_>, spoken: Option<Code>, position: u32, finding: &mut Finding) {
    let Some(spoken) = spoken else { return };
    let Some(replied) = language(turn.reply.text, turn.reply.tokens()) else { return };
    if replied == spoken || NAMES_LANGUAGE.is_match(turn.user.text) {
        return;
    }
    let reason = format!("the user writes in one language ({spoken}), the reply is in another ({replied})");
    finding.blame(0.6, reason, Some(quote(position, Part::Assistant, turn.reply.text, None)));
}

/// Nothing of the question and nothing said before comes up in the reply, nor in what tools found.
fn off_the_question(turn: &TurnReading<'_>, said: &Hashes, position: u32, finding: &mut Finding) {
    let asked = content(turn.user.tokens());
    let replied = content(turn.reply.tokens());
    if asked.len() < 4 || replied.len() < 6 || turn.reply.text.trim_end().ends_with('?') || common(&asked, &replied) > 0
    {
        return;
    }
    let known = ratio(common(&replied, said), replied.len());
    if known > 0.1 || turn.turn.tool_calls.iter().any(|call| call.result.is_some()) {
        return;
    }
    let mut queries = Hashes::default();
    for query in turn.turn.retrievals.iter().filter_map(|retrieval| retrieval.query.as_deref()) {
        each_token(query, &mut |token| {
            queries.insert(token.hash);
        });
    }
    if common(&queries, &replied) > 0 {
        return;
    }
    let evidence = quote(position, Part::Assistant, turn.reply.text, None);
    finding.blame(0.5, "the reply takes up nothing of the question", Some(evidence));
}

/// A sentence with numbers: its words without them, and the numbers.
struct Statement<'a> {
    position: u32,
    text: &'a str,
    words: Hashes,
    numbers: Vec<u64>,
}

/// The same sentence as in an earlier reply, with other numbers, and no tool called in between.
fn contradicts_itself<'a>(
    turn: &TurnReading<'a>,
    position: u32,
    statements: &mut Vec<Statement<'a>>,
    finding: &mut Finding,
) {
    for statement in statements_of(&turn.reply, position) {
        let earlier = statements.iter().rev().take(24).find(|earlier| {
            earlier.position != position
                && earlier.numbers.len() == statement.numbers.len()
                && jaccard(&earlier.words, &statement.words) >= 0.8
        });
        if let Some(earlier) = earlier
            && earlier.numbers != statement.numbers
        {
            let reason = format!("gives other numbers than in turn {} for the same thing", earlier.position);
            finding.blame(0.5, reason, Some(quote(position, Part::Assistant, statement.text, None)));
            finding.evidence.push(quote(earlier.position, Part::Assistant, earlier.text, Some("said before")));
        }
        statements.push(statement);
    }
}

fn statements_of<'a>(reply: &Text<'a>, position: u32) -> Vec<Statement<'a>> {
    let mut statements = Vec::new();
    if !reply.text.bytes().any(|byte| byte.is_ascii_digit()) {
        return statements;
    }
    for range in reply.sentences() {
        let text = &reply.text[range.clone()];
        if !text.bytes().any(|byte| byte.is_ascii_digit()) || text.ends_with('?') {
            continue;
        }
        let tokens = tokens(text);
        let numbers: Vec<u64> =
            tokens.iter().filter(|token| token.kind == Kind::Number).map(|token| token.hash).collect();
        let words: Hashes = tokens.iter().filter(|token| token.kind == Kind::Content).map(|token| token.hash).collect();
        if words.len() >= 5 && (1..=2).contains(&numbers.len()) {
            statements.push(Statement { position, text, words, numbers });
        }
    }
    statements
}
