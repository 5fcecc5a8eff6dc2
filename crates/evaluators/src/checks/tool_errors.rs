//! Tool errors: calls that failed, whether a later call made good, and whether the reply owned up to it.

use serde_json::Value as Json;
use turnwise_model::conversation::{ToolCall, Turn};
use turnwise_model::evaluation::Granularity;
use turnwise_model::score::{Evidence, Part};

use super::actions;
use crate::check::{no_settings, worst_turn};
use crate::evidence::quote;
use crate::reading::failure;
use crate::text::similarity::ratio;
use crate::{Check, Definition, Finding, Reading};

/// Looks at what became of each tool call.
#[derive(Debug, Clone, Copy)]
pub struct ToolErrors;

crate::phrases!(
    /// Words by which a reply owns up to a problem.
    pub ADMITS:
    r"unfortunately\b", r"sorry\b", r"apolog", r"unable\b", r"could ?n.t\b", r"could not\b", r"can.?t\b", r"cannot\b", r"was ?n.t\b",
    r"were ?n.t\b", r"is ?n.t\b", r"is not\b", r"are not\b", r"was not\b", r"did ?n.t\b", r"did not\b", r"does ?n.t\b", r"does not\b",
    r"do not\b", r"don.t\b", r"not (?:able|possible|available|enough|found)\b", r"no longer\b", r"error", r"fail", r"problem\b",
    r"trouble\b", r"issue\b", r"(?:try|tried|tries|trying) again\b", r"second try\b", r"timed out\b", r"however\b", r"but\b", r"only\b",
    r"exceed", r"insufficient\b", r"invalid\b", r"unavailable\b", r"declined\b", r"afraid\b", r"instead\b", r"retry",
    r"leider\b", r"nicht\b", r"kein", r"fehler\b", r"malheureusement\b", r"désolé", r"impossible\b", r"erreur\b",
    r"lo siento\b", r"no se pudo\b", r"no puedo\b", r"niestety\b", r"przykro\b", r"przepraszam\b", r"nie (?:udało|mogę)\b"
);

/// The failed calls of a turn that no later call of the same tool, in this turn, made good, each with its failure.
pub fn unrecovered(turn: &Turn) -> Vec<(&ToolCall, &str)> {
    let calls = &turn.tool_calls;
    let made_good =
        |at: usize| calls[at + 1..].iter().any(|later| later.name == calls[at].name && failure(later).is_none());
    (0..calls.len())
        .filter_map(|at| failure(&calls[at]).map(|why| (at, why)))
        .filter(|(at, _)| !made_good(*at))
        .map(|(at, why)| (&calls[at], why))
        .collect()
}

/// Evidence of a failed call: its error where that stands in the conversation, else the tool's name.
pub fn evidence_of(position: u32, call: &ToolCall, why: &str) -> Evidence {
    let note = format!("{} failed", call.name);
    let text = call.error.as_ref().map(|error| error.message.as_str()).or_else(|| match &call.result {
        Some(Json::String(text)) => Some(text.as_str()),
        Some(Json::Object(fields)) => fields.values().filter_map(Json::as_str).find(|value| *value == why),
        _ => None,
    });
    quote(position, Part::Tool, text.unwrap_or(&call.name), Some(&note))
}

impl Check for ToolErrors {
    fn definition(&self) -> Definition {
        Definition {
            name: "tool_errors".to_owned(),
            title: "Tool errors".to_owned(),
            description: "Tool calls that failed. One that a later call made good costs little; one that the reply passes over in silence costs most.".to_owned(),
            granularity: Granularity::Session,
            score_name: "tool_errors".to_owned(),
            range: (0.0, 1.0),
            threshold: 0.7,
            needs_provider: false,
        }
    }

    fn with_settings(&self, settings: &Json) -> Result<Box<dyn Check>, String> {
        no_settings(settings)?;
        Ok(Box::new(*self))
    }

    fn check(&self, reading: &Reading<'_>) -> Result<Vec<Finding>, String> {
        let mut findings = Vec::new();
        for turn in &reading.turns {
            let calls = &turn.turn.tool_calls;
            if calls.is_empty() {
                continue;
            }
            let position = turn.turn.position;
            let mut finding = Finding::good(Some(position));
            let failed = calls.iter().filter(|call| failure(call).is_some()).count();
            let open = unrecovered(turn.turn);
            if failed > open.len() {
                finding.blame(0.1, "a tool failed and a later call made good", None);
            }
            let silent = !turn.reply.is_blank() && !ADMITS.is_match(turn.reply.text);
            for (call, why) in open {
                let evidence = evidence_of(position, call, why);
                if silent {
                    let claimed = actions::claims(&turn.reply).into_iter().next();
                    finding.blame(0.7, format!("{} failed and the reply does not say so", call.name), Some(evidence));
                    if let Some(claim) = claimed {
                        finding.evidence.push(quote(
                            position,
                            Part::Assistant,
                            claim.sentence,
                            Some("claims it was done"),
                        ));
                    }
                } else {
                    let share = ratio(failed, calls.len());
                    finding.blame(0.2 + 0.2 * share, format!("{} failed", call.name), Some(evidence));
                }
            }
            findings.push(finding);
        }
        let session = worst_turn(&findings).ok_or("no tool was called")?;
        findings.push(session);
        Ok(findings)
    }
}
