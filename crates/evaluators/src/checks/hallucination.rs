//! Hallucination: what a reply says that neither documents, nor tool results, nor the user said.
//!
//! Where documents were retrieved, the measure is the share of the reply's meaningful words (and of its neighbouring
//! pairs of them) that the ground holds: lexical knowledge precision, as in K-Precision (Adlakha et al. 2023,
//! arXiv:2307.16877). On top of it, hard facts that stand nowhere and do not follow by one step of arithmetic, actions
//! claimed that no tool did, and statuses told otherwise than the tool told them.

use std::collections::HashSet;

use serde_json::Value as Json;
use turnwise_model::evaluation::Granularity;
use turnwise_model::score::{Evidence, Part};

use super::actions::{Deed, Record, claims, record};
use super::statuses;
use super::tool_errors::evidence_of;
use crate::check::{no_settings, worst_turn};
use crate::evidence::{cut, quote};
use crate::reading::{TurnReading, failure};
use crate::text::facts::{Fact, FactKind, facts};
use crate::text::ground::Ground;
use crate::text::language::language;
use crate::text::similarity::ratio;
use crate::text::words::{Hashes, tokens};
use crate::{Check, Definition, Finding, Reading};

/// Compares each reply with what it can rest on.
#[derive(Debug, Clone, Copy)]
pub struct Hallucination;

/// The share of the support that goes to neighbouring words.
const ORDER: f64 = 0.25;
/// Replies with fewer meaningful words are courtesies: their words are not held against documents.
const LEAST_WORDS: usize = 6;
/// Words of a reply at which half of what they lack is held against it. Chosen on MTRAG, RAGTruth and the sample
/// together: without it, short and true replies of a support chat are flagged; more of it costs correlation.
const DOUBT: usize = 8;

impl Check for Hallucination {
    fn definition(&self) -> Definition {
        Definition {
            name: "hallucination".to_owned(),
            title: "Hallucination".to_owned(),
            description: "How much of each reply is borne out by retrieved documents, tool results and the user's own words; facts that stand nowhere, actions no tool did, statuses told wrongly.".to_owned(),
            granularity: Granularity::Session,
            score_name: "faithfulness".to_owned(),
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
        let mut ground = Ground::default();
        for value in reading.conversation.session.metadata.values() {
            ground.add_json(value);
        }
        let mut retrieved_before = false;
        let mut told = Hashes::default();
        let mut read = HashSet::new();
        let mut findings = Vec::new();
        let uses_tools = reading.uses_tools();
        for (index, turn) in reading.turns.iter().enumerate() {
            ground.add_tokens(turn.user.text, turn.user.tokens());
            let retrieved = add_sources(turn, &mut read, &mut ground);
            retrieved_before |= retrieved;
            if turn.reply.is_blank() || !(retrieved_before || uses_tools) {
                continue;
            }
            let mut finding = Finding::good(Some(turn.turn.position));
            if retrieved {
                support(turn, &ground, &mut finding);
            }
            unknown_facts(turn, &ground, &mut told, &mut finding);
            if uses_tools {
                unfounded_claims(reading, index, &mut finding);
            }
            wrong_status(turn, &mut finding);
            findings.push(finding);
        }
        let session =
            worst_turn(&findings).ok_or("there are no documents and no tool results to compare the replies with")?;
        findings.push(session);
        Ok(findings)
    }
}

/// Adds the turn's documents and tool results; whether anything was retrieved or searched for.
fn add_sources<'a>(turn: &TurnReading<'a>, read: &mut HashSet<&'a str>, ground: &mut Ground) -> bool {
    for document in turn.turn.retrievals.iter().flat_map(|retrieval| &retrieval.documents) {
        if let Some(text) = document.text.as_deref()
            && read.insert(text)
        {
            // The same document is often retrieved turn after turn.
            ground.add_text(text);
        }
        if let Some(Json::Object(fields)) = &document.metadata {
            for key in ["title", "name", "url", "source"] {
                if let Some(value) = fields.get(key) {
                    ground.add_json(value);
                }
            }
        }
    }
    for call in &turn.turn.tool_calls {
        if let Some(result) = &call.result {
            ground.add_json(result);
        }
        if let Some(error) = &call.error {
            ground.add_text(&error.message);
        }
    }
    !turn.turn.retrievals.is_empty()
}

fn support(turn: &TurnReading<'_>, ground: &Ground, finding: &mut Finding) {
    let reply_tokens = turn.reply.tokens();
    let words = reply_tokens.iter().filter(|token| token.is_content()).count();
    if words < LEAST_WORDS || in_another_language(turn) {
        return;
    }
    let Some(support) = ground.support(reply_tokens, ORDER) else { return };
    // The fewer the words, the less their share says.
    let support = 1.0 - (1.0 - support) * ratio(words, words + DOUBT);
    finding.value *= support;
    if support >= 0.5 {
        return;
    }
    let position = turn.turn.position;
    let percent = (support * 100.0).round();
    finding.reasons.push(format!("only {percent} % of the reply is borne out by the sources"));
    let mut weakest: Option<(f64, &str)> = None;
    for range in turn.reply.sentences() {
        let sentence = &turn.reply.text[range.clone()];
        let words = tokens(sentence);
        if words.iter().filter(|token| token.is_content()).count() < 4 {
            continue;
        }
        let Some(support) = ground.support(&words, ORDER) else { continue };
        if weakest.is_none_or(|(least, _)| support < least) {
            weakest = Some((support, sentence));
        }
    }
    if let Some((_, sentence)) = weakest {
        finding.evidence.push(quote(position, Part::Assistant, sentence, Some("least borne out")));
    }
}

/// Words cannot be compared across languages.
fn in_another_language(turn: &TurnReading<'_>) -> bool {
    let Some(replied) = language(turn.reply.text, turn.reply.tokens()) else { return false };
    let mut documents = turn.turn.retrievals.iter().flat_map(|retrieval| &retrieval.documents);
    let Some(text) = documents.find_map(|document| document.text.as_deref()) else { return false };
    let head = cut(text, 400);
    language(head, &tokens(head)).is_some_and(|written| written != replied)
}

/// How much a fact that stands nowhere takes away.
const fn weight(kind: FactKind) -> f64 {
    match kind {
        FactKind::Id => 0.6,
        FactKind::Money => 0.4,
        FactKind::Date { .. } | FactKind::Time { .. } | FactKind::Percent => 0.3,
        FactKind::Number => 0.2,
    }
}

fn unknown_facts(turn: &TurnReading<'_>, ground: &Ground, told: &mut Hashes, finding: &mut Finding) {
    let text = turn.reply.text;
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return;
    }
    let mut blamed: Vec<&'static str> = Vec::new();
    for fact in facts(text, turn.reply.tokens()) {
        let known = fact.hashes.iter().all(|hash| told.contains(hash)) || is_small(&fact) || ground.bears(&fact);
        told.extend(fact.hashes.iter().copied());
        if known || blamed.len() == 4 {
            continue;
        }
        // Several of a kind are often one mistake, or one calculation.
        let share = if blamed.contains(&fact.kind.noun()) { 0.5 } else { 1.0 };
        blamed.push(fact.kind.noun());
        let written = &text[fact.start..fact.end];
        let reason = format!("the {} {written} stands in no source", fact.kind.noun());
        let evidence = quote(turn.turn.position, Part::Assistant, turn.reply.sentence_at(fact.start), Some(written));
        finding.blame(share * weight(fact.kind), reason, Some(evidence));
    }
}

/// Small counts (`3 steps`) are said freely.
fn is_small(fact: &Fact) -> bool {
    fact.kind == FactKind::Number && fact.value.is_some_and(|value| value <= 12.0 && value.fract() == 0.0)
}

fn unfounded_claims(reading: &Reading<'_>, index: usize, finding: &mut Finding) {
    let turn = &reading.turns[index];
    let position = turn.turn.position;
    for claim in claims(&turn.reply) {
        let evidence = |note: &str| quote(position, Part::Assistant, claim.sentence, Some(note));
        match record(reading, index, claim.deed) {
            Record::Failed(call) => {
                let why = failure(call).unwrap_or_default();
                finding.blame(
                    0.7,
                    format!("says it is done, but {} failed", call.name),
                    Some(evidence("claims it was done")),
                );
                finding.evidence.push(evidence_of(position, call, why));
            }
            Record::Nothing if claim.deed != Deed::Something => {
                finding.blame(0.6, "says it is done, but no tool did it", Some(evidence("claims it was done")));
            }
            Record::Nothing => {}
            Record::Done(call) => {
                if claim.deed == Deed::Refund
                    && let Some(evidence) = other_amount(turn, call.result.as_ref())
                {
                    finding.blame(0.6, format!("names another amount than {} did", call.name), Some(evidence));
                }
            }
        }
    }
}

/// An amount in the reply when none of the reply's amounts is the tool's.
fn other_amount(turn: &TurnReading<'_>, result: Option<&Json>) -> Option<Evidence> {
    let amount = result?.as_object()?.iter().find(|(key, value)| {
        (key.contains("amount") || key.contains("total") || key.contains("refund")) && value.is_number()
    })?;
    let amount = amount.1.as_f64()?;
    let facts = facts(turn.reply.text, turn.reply.tokens());
    let mut named = facts.iter().filter(|fact| fact.kind == FactKind::Money).peekable();
    let first = *named.peek()?;
    if named.any(|fact| fact.value.is_some_and(|value| (value - amount).abs() < 0.005)) {
        return None;
    }
    let written = &turn.reply.text[first.start..first.end];
    Some(quote(turn.turn.position, Part::Assistant, turn.reply.sentence_at(first.start), Some(written)))
}

fn wrong_status(turn: &TurnReading<'_>, finding: &mut Finding) {
    if let Some((status, at)) = statuses::contradiction(turn.turn, turn.reply.text) {
        let position = turn.turn.position;
        let evidence = quote(position, Part::Assistant, turn.reply.sentence_at(at), None);
        finding.blame(0.6, format!("the tool says {status}, the reply says otherwise"), Some(evidence));
        finding.evidence.push(quote(position, Part::Tool, status, Some("status")));
    }
}
