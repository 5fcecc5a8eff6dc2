//! Resolution: whether the session ended with what the user came for.
//!
//! Signs for and against are added up as log-odds; the weights are set by judgement, rounded to halves, and held
//! against outcomes in `tests/earn.rs`. An answer that was given, a thing that was done and a proper hand-over
//! to a person all count as resolved.

use serde_json::Value as Json;
use turnwise_model::conversation::{EndReason, ToolCall};
use turnwise_model::evaluation::Granularity;
use turnwise_model::score::{Evidence, Part};

use super::repetition::COMPLAINS_OF_AGAIN;
use super::tool_errors::{ADMITS, evidence_of, unrecovered};
use crate::check::no_settings;
use crate::evidence::quote;
use crate::reading::{TurnReading, failure, only_reads};
use crate::text::similarity::{content, jaccard};
use crate::{Check, Definition, Finding, Reading};

/// Weighs how the session ended.
#[derive(Debug, Clone, Copy)]
pub struct Resolution;

crate::phrases!(
    /// A user who is content, or done.
    THANKS:
    r"thanks?\b", r"thank (?:you|u)\b", r"thx\b", r"ty\b", r"cheers\b", r"great\b", r"perfect\b", r"awesome\b", r"wonderful\b", r"brilliant\b", r"much appreciated\b",
    r"that (?:was it|helps|worked|works|is all)\b", r"that.s (?:all|it|great|perfect)\b", r"all (?:good|set)\b", r"sorted\b", r"got it\b", r"bye\b", r"legend\b", r"sweet\b", r"nice\b", r"phew\b", r"yay\b",
    r"danke", r"super\b", r"perfekt\b", r"merci\b", r"parfait\b", r"gracias\b", r"genial", r"perfecto\b", r"dziękuję\b", r"dzięki\b", r"świetnie\b"
);
crate::phrases!(
    /// A message that only says goodbye or thanks.
    GOODBYE:
    r"(?:ok(?:ay)?|great|perfect|alright|all right|super|no)?[,.! ]*(?:thanks?|thank you|thx|ty|cheers|bye|goodbye|danke|merci|gracias|dziękuję|that.s all|that is all|nothing else)\b.{0,60}$"
);
crate::phrases!(
    /// A user who gives up or turns elsewhere.
    GIVES_UP:
    r"forget (?:it|about it)\b", r"never ?mind\b", r"i give up\b", r"i.?ll (?:call|phone|ring|go elsewhere|ask (?:in|at|else|some)|buy .{0,20}(?:else|in town)|just wait)", r"charg(?:e|ing) (?:this|it) back\b", r"chargeback\b",
    r"buying (?:one|it|this) (?:in|at|from|else)", r"(?:want|cancel|close) my (?:account|money back)\b", r"waste of (?:time|my time)\b", r"laisse[zr]? tomber\b", r"vergiss es\b", r"vergessen sie(?: es)?\b", r"schon gut\b", r"olvíd[ae]", r"nieważne\b", r"thank you i suppose\b"
);
crate::phrases!(
    /// A user who complains.
    COMPLAINS:
    r"useless\b", r"ridiculous\b", r"unacceptable\b", r"terrible\b", r"awful\b", r"horrible\b", r"frustrat", r"annoy", r"angry\b", r"disappoint", r"not help", r"does ?n.t (?:help|work)\b", r"did ?n.t (?:help|work)\b", r"that.s not (?:what|true|right)\b",
    r"not what i (?:asked|meant|said|wanted)\b", r"you (?:said|promised|told me)\b", r"is (?:there|this) a (?:human|person|real)\b", r"speak (?:to|with) (?:a |an )?(?:human|person|manager|supervisor|someone)\b", r"person$", r"simple question\b", r"are you (?:a bot|even|serious)\b",
    r"lesen sie\b", r"so nicht\b", r"unverschämt", r"inadmissible\b", r"inaceptable\b", r"!{2,}", r"^\s*(?:…|\.{3}|\?+)\s*$"
);
crate::phrases!(MISUNDERSTOOD: r"i meant\b", r"that.s not what i\b", r"wrong (?:one|order|item|question)\b", r"not the\b.{0,30}\bbut\b");
crate::phrases!(
    /// A reply that promises to act later.
    PROMISES:
    r"(?:i|we)(?:.ll| will) (?:look into|get back|check|follow up|investigate|arrange|process|refund|send|forward|reach out|contact|let you know|make sure|take care)\b", r"(?:will|is being|are being) (?:looked into|investigated|reviewed|taken care of)\b", r"our team (?:will|is)\b", r"one moment\b", r"please wait\b", r"let me (?:look|check)\b.{0,40}$", r"will ship today\b",
    r"wir (?:werden|kümmern)\b", r"nous allons\b", r"revisaremos\b"
);
crate::phrases!(
    /// A reply that wants something from the user before it goes on.
    WANTS:
    r"please (?:provide|send|tell|share|give|confirm|let me know (?:which|what|if you would))\b", r"could you (?:please )?(?:provide|tell|share|confirm|send)\b", r"do you agree\b", r"shall i\b", r"should i\b", r"would you like (?:me )?to\b", r"which one\b", r"ready for me\b", r"please look\b", r"please try\b"
);
crate::phrases!(COURTESY: r"anything else\b", r"something else\b", r"further (?:assist|help|question)", r"noch eine frage\b", r"noch etwas\b", r"autre chose\b", r"algo más\b", r"coś jeszcze\b");
crate::phrases!(HANDOVER: r"transfer_to\b", r".*(?:transfer|handoff|hand_off|handover|escalat|human_agent|live_agent)");

/// Whether a message only closes the conversation.
#[must_use]
pub fn closes(message: &str) -> bool {
    message.len() <= 120 && !message.contains('?') && GOODBYE.is_match(message) && !GIVES_UP.is_match(message)
}

/// Whether a call handed the user to a person.
#[must_use]
pub fn hands_over(call: &ToolCall) -> bool {
    HANDOVER.is_match(&call.name) && failure(call).is_none()
}

/// Signs added up, each with its reason and evidence.
struct Balance {
    odds: f64,
    against: Vec<(f64, String, Option<Evidence>)>,
}

impl Balance {
    fn sign(&mut self, weight: f64, reason: &str, evidence: Option<Evidence>) {
        self.odds += weight;
        if weight < 0.0 {
            self.against.push((weight, reason.to_owned(), evidence));
        }
    }
}

impl Check for Resolution {
    fn definition(&self) -> Definition {
        Definition {
            name: "resolution".to_owned(),
            title: "Resolution".to_owned(),
            description: "Whether the session ended with the request met: how it closed, unanswered messages, repeated requests, complaints, promises without action, tools that failed for good, hand-overs.".to_owned(),
            granularity: Granularity::Session,
            score_name: "resolution".to_owned(),
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
        let last = reading.turns.last().ok_or("there is no turn")?;
        if reading.turns.iter().all(|turn| turn.user.is_blank()) {
            return Err("no user asked for anything".to_owned());
        }
        let mut balance = Balance { odds: 1.5, against: Vec::new() };
        ending(reading, last, &mut balance);
        course(reading, &mut balance);
        outcome(reading, &mut balance);
        let mut finding = Finding::good(None);
        finding.value = 1.0 / (1.0 + (-balance.odds).exp());
        balance.against.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (_, reason, evidence) in balance.against.into_iter().take(5) {
            finding.reasons.push(reason);
            finding.evidence.extend(evidence);
        }
        Ok(vec![finding])
    }
}

/// How it closed: the last message, the last reply, the client's word for it.
fn ending(reading: &Reading<'_>, last: &TurnReading<'_>, balance: &mut Balance) {
    let position = last.turn.position;
    let user = last.user.text;
    let said = |note: &str| Some(quote(position, Part::User, user, Some(note)));
    let handed_over = last.turn.tool_calls.iter().any(hands_over);
    if last.reply.is_blank() && !last.user.is_blank() && !closes(user) && !handed_over {
        balance.sign(-3.0, "the last message got no reply", said("no reply"));
    }
    if GIVES_UP.is_match(user) {
        balance.sign(-2.5, "the user gave up", said("gives up"));
    } else if COMPLAINS.is_match(user) && !THANKS.is_match(user) {
        balance.sign(-1.5, "the session ends with a complaint", said("complains"));
    } else if THANKS.is_match(user) {
        balance.sign(1.0, "the user thanked", None);
    }
    let end = reading.conversation.session.end_reason.as_ref().map(EndReason::as_str).unwrap_or_default();
    let left_alone = matches!(end, "idle" | "age" | "abandoned" | "timeout" | "");
    if end == "abandoned" {
        balance.sign(-2.0, "the client says that the session was abandoned", None);
    } else if end == "resolved" {
        balance.sign(1.5, "the client says that it was resolved", None);
    }
    let metadata = &reading.conversation.session.metadata;
    if metadata.get("dropoff.detected").is_some_and(|value| *value == Json::Bool(true)) {
        balance.sign(-2.0, "the client says that the user dropped off", None);
    }
    let last_sentence = last.reply.sentences().last().map_or("", |range| &last.reply.text[range.clone()]);
    let open_question =
        (last_sentence.ends_with('?') && !COURTESY.is_match(last_sentence)) || WANTS.is_match(last.reply.text);
    if MISUNDERSTOOD.is_match(user) {
        balance.sign(-1.0, "the user was misunderstood", said("misunderstood"));
    }
    if open_question && !THANKS.is_match(user) {
        let evidence = Some(quote(position, Part::Assistant, last_sentence, Some("not answered")));
        balance.sign(if left_alone { -2.0 } else { -1.0 }, "the user did not answer the last question", evidence);
    }
    if !handed_over
        && PROMISES.is_match(last_sentence)
        && last.turn.tool_calls.iter().all(|call| only_reads(&call.name))
    {
        let evidence = Some(quote(position, Part::Assistant, last_sentence, Some("promises")));
        balance.sign(-0.5, "it ends with a promise and nothing done", evidence);
    }
}

/// How it went: requests said again, replies repeated, complaints on the way.
fn course(reading: &Reading<'_>, balance: &mut Balance) {
    let mut requests = Vec::new();
    let mut again = 0;
    for turn in &reading.turns {
        let position = turn.turn.position;
        let words = content(turn.user.tokens());
        let same = words.len() >= 3 && requests.iter().any(|earlier| jaccard(earlier, &words) >= 0.6);
        let complains = COMPLAINS_OF_AGAIN.is_match(turn.user.text) && COMPLAINS.is_match(turn.user.text);
        if (same || complains) && again < 2 {
            again += 1;
            let evidence = Some(quote(position, Part::User, turn.user.text, Some("asks again")));
            balance.sign(-1.0, "the user had to ask again", evidence);
        }
        requests.push(words);
    }
    if let Some((index, repeat)) =
        reading.repeats().iter().enumerate().filter_map(|(i, r)| r.map(|r| (i, r))).next_back()
    {
        let turn = &reading.turns[index];
        let evidence = Some(quote(turn.turn.position, Part::Assistant, turn.reply.text, Some("said before")));
        balance.sign(-1.5 * repeat.alike, "the assistant repeated itself", evidence);
    }
    // A long way to the end is a faint sign against it.
    let turns = u32::try_from(reading.turns.len().saturating_sub(4).min(12)).unwrap_or(0);
    balance.odds -= 0.1 * f64::from(turns);
}

/// What was achieved: things done, hand-overs, tools that failed for good.
fn outcome(reading: &Reading<'_>, balance: &mut Balance) {
    let calls = || reading.turns.iter().flat_map(|turn| &turn.turn.tool_calls);
    if calls().any(hands_over) {
        balance.sign(0.5, "handed to a person", None);
    }
    let mut open = Vec::new();
    for (index, turn) in reading.turns.iter().enumerate() {
        for (call, why) in unrecovered(turn.turn) {
            let later = reading.turns[index + 1..].iter().flat_map(|turn| &turn.turn.tool_calls);
            let made_good = later.into_iter().any(|other| other.name == call.name && failure(other).is_none());
            if !made_good {
                open.push((index, call, why));
            }
        }
    }
    for (index, call, why) in open.into_iter().rev().take(2) {
        let turn = &reading.turns[index];
        let silent = !turn.reply.is_blank() && !ADMITS.is_match(turn.reply.text);
        let weight = if silent && !only_reads(&call.name) { -3.0 } else { -0.5 };
        let reason = format!("{} failed and was not made good", call.name);
        balance.sign(weight, &reason, Some(evidence_of(turn.turn.position, call, why)));
    }
}
