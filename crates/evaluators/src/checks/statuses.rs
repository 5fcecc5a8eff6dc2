//! Statuses: whether a reply says of an order or parcel what the tool said of it.

use serde_json::Value as Json;
use turnwise_model::conversation::Turn;

use crate::reading::failure;

/// Where a thing stands on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    Moving,
    OutForDelivery,
    Delivered,
    Stopped,
}

crate::phrases!(SAYS_MOVING: r"(?:has|have|was|were) (?:been )?(?:shipped|dispatched|sent out)\b", r"(?:has |have )?left (?:our|the) (?:warehouse|depot)\b", r"(?:is|are|.s) (?:already |now )?on (?:its|their|the) way\b", r"(?:is|are) in transit\b", r"shipped on\b", r"ist unterwegs\b", r"est en route\b", r"está en camino\b");
crate::phrases!(SAYS_OUT: r"out for delivery\b", r"arrives? today\b", r"(?:will be|being) delivered today\b");
crate::phrases!(SAYS_DELIVERED: r"(?:has been|was|were|have been|is|are) delivered\b", r"wurde (?:\w+ ){0,3}zugestellt\b", r"a été livré\b");

fn stage(status: &str) -> Option<Stage> {
    let status = status.to_ascii_lowercase();
    let any = |words: &[&str]| words.iter().any(|word| status.contains(word));
    if any(&["undeliver", "not_deliver", "not deliver", "partial"]) {
        None
    } else if any(&["out_for_delivery", "out for delivery"]) {
        Some(Stage::OutForDelivery)
    } else if any(&[
        "hold",
        "held",
        "review",
        "pending",
        "backorder",
        "awaiting",
        "placed",
        "processing",
        "packed",
        "unpaid",
    ]) {
        Some(Stage::Waiting)
    } else if any(&["transit", "shipped", "dispatched", "on_the_way"]) {
        Some(Stage::Moving)
    } else if any(&["delivered"]) {
        Some(Stage::Delivered)
    } else if any(&["cancel", "returned", "lost", "rejected"]) {
        Some(Stage::Stopped)
    } else {
        None
    }
}

/// What a reply says against the status in this turn's tool results: the status, and where the reply says otherwise.
#[must_use]
pub fn contradiction<'a>(turn: &'a Turn, reply: &str) -> Option<(&'a str, usize)> {
    let mut known = Vec::new();
    for call in turn.tool_calls.iter().filter(|call| failure(call).is_none()) {
        if let Some(result) = &call.result {
            collect(result, &mut known);
        }
    }
    let (status, _) = *known.first()?;
    let says = [
        (&SAYS_OUT, [Stage::OutForDelivery].as_slice()),
        (&SAYS_DELIVERED, &[Stage::Delivered]),
        (&SAYS_MOVING, &[Stage::Moving, Stage::OutForDelivery, Stage::Delivered]),
    ];
    for (phrases, fits) in says {
        if known.iter().any(|(_, stage)| fits.contains(stage)) {
            continue;
        }
        if let Some(found) = phrases.find(reply)
            && !crate::text::negation::FORBIDS.is_match(sentence_before(reply, found.start()))
            && !reply.to_lowercase().contains(&status.replace('_', " ").to_lowercase())
        {
            return Some((status, found.start()));
        }
    }
    None
}

fn sentence_before(reply: &str, at: usize) -> &str {
    let start = reply[..at].rfind(['.', '!', '?', '\n', ',', ';', ':']).map_or(0, |stop| stop + 1);
    &reply[start..at]
}

fn collect<'a>(json: &'a Json, known: &mut Vec<(&'a str, Stage)>) {
    match json {
        Json::Array(items) => items.iter().for_each(|item| collect(item, known)),
        Json::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Json::String(status) if key.ends_with("status") || key == "state" => {
                        known.extend(stage(status).map(|stage| (status.as_str(), stage)));
                    }
                    other => collect(other, known),
                }
            }
        }
        _ => {}
    }
}
