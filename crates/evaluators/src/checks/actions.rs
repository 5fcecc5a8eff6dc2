//! Actions: what a reply claims to have done, and whether a tool call did it.

use std::borrow::Cow;

use turnwise_model::conversation::ToolCall;

use crate::Reading;
use crate::reading::{Text, failure, only_reads};

/// What kind of thing a reply claims to have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Paid back, credited.
    Refund,
    /// Cancelled.
    Cancel,
    /// Booked, reserved, ordered.
    Book,
    /// Changed, added, removed.
    Change,
    /// Sent a message or a parcel.
    Send,
    /// Created, opened, submitted, scheduled.
    Create,
    /// Handed to a person.
    Transfer,
    /// Says only that it is done.
    Something,
}

impl Deed {
    const NAMED: [(Self, &[&str]); 7] = [
        (Self::Refund, &["refund", "reimburs", "credit", "erstatt", "rembours", "reembols"]),
        (Self::Cancel, &["cancel", "storn", "annul", "anul"]),
        (Self::Book, &["book", "reserv", "order", "purchas", "buch"]),
        (
            Self::Change,
            &[
                "chang", "updat", "modif", "upgrad", "add", "remov", "switch", "correct", "edit", "set", "exchang",
                "appl",
            ],
        ),
        (Self::Send, &["sent", "send", "email", "e-mail", "mail", "notif", "forward", "resent"]),
        (
            Self::Create,
            &[
                "creat", "open", "submit", "filed", "file", "schedul", "regist", "issu", "process", "report", "passed",
                "start", "log", "ticket", "case", "claim", "initiat", "arrang",
            ],
        ),
        (Self::Transfer, &["transfer", "escalat", "connect", "handoff", "hand_off", "handover", "human", "agent"]),
    ];

    fn of_verb(verb: &str) -> Self {
        let verb = verb.to_lowercase();
        let named = Self::NAMED.iter().find(|(_, stems)| stems.iter().any(|stem| verb.starts_with(stem)));
        named.map_or(Self::Something, |(deed, _)| *deed)
    }

    fn stems(self) -> &'static [&'static str] {
        Self::NAMED.iter().find(|(deed, _)| *deed == self).map_or(&[], |(_, stems)| stems)
    }

    /// Whether a tool, by its name, does such a thing.
    fn is_done_by(self, tool: &str) -> bool {
        let name: Cow<'_, str> = if tool.bytes().any(|byte| byte.is_ascii_uppercase()) {
            tool.to_ascii_lowercase().into()
        } else {
            tool.into()
        };
        self.stems().iter().any(|stem| name.contains(stem))
    }
}

/// A sentence that claims an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim<'a> {
    /// What it claims.
    pub deed: Deed,
    /// The sentence, as it stands.
    pub sentence: &'a str,
}

crate::phrases!(
    CLAIMS:
    r"(?:i|we)(?:.ve| have) (?:now |just |also |already |successfully |gone ahead and )*(?P<active>refunded|credited|reimbursed|cancell?ed|booked|reserved|updated|changed|modified|upgraded|added|removed|switched|corrected|applied|sent|emailed|resent|forwarded|created|opened|submitted|filed|scheduled|registered|issued|processed|reported|passed|started|initiated|arranged|transferred|escalated)\b",
    r"(?:has|have) (?:now |just |already )?been successfully (?P<passive>refunded|cancell?ed|booked|reserved|updated|changed|modified|upgraded|added|removed|created|submitted|issued|processed|transferred)\b",
    r"(?:is|are) (?:now )?successfully (?P<state>refunded|cancell?ed|booked|reserved|updated|changed|modified|upgraded|created|submitted|issued|processed)\b",
    r"(?P<done>all done|all set|done[!:.]|it.s done|c.est fait|erledigt|hecho\b|gotowe)"
);
crate::phrases!(ALONE: r"(?:refunded|cancell?ed|booked|updated|changed|sent|processed|submitted)[.!]$");
crate::phrases!(NOT_YET: r"once\b", r"if\b", r"when\b", r"after\b", r"until\b", r"unless\b", r"before\b", r"not\b", r"\w+n.t\b", r"will\b", r"whether\b", r"sobald\b", r"wenn\b");

/// The sentences of a reply that say something was done. Conditions, plans and questions are no claims.
#[must_use]
pub fn claims<'a>(reply: &Text<'a>) -> Vec<Claim<'a>> {
    if !CLAIMS.is_match(reply.text) && !reply.sentences().iter().any(|range| ALONE.is_match(&reply.text[range.clone()]))
    {
        return Vec::new();
    }
    let mut claims = Vec::new();
    for range in reply.sentences() {
        let sentence = &reply.text[range.clone()];
        if sentence.ends_with('?') {
            continue;
        }
        if let Some(found) = CLAIMS.captures(sentence) {
            let at = found.get(0).map_or(0, |whole| whole.start());
            if NOT_YET.is_match(&sentence[..at]) {
                continue;
            }
            let verb = ["active", "passive", "state"].into_iter().find_map(|name| found.name(name));
            let deed = verb.map_or(Deed::Something, |verb| Deed::of_verb(verb.as_str()));
            claims.push(Claim { deed, sentence });
        } else if sentence.len() <= 24 && ALONE.is_match(sentence) {
            claims.push(Claim { deed: Deed::of_verb(sentence), sentence });
        }
    }
    claims
}

/// What the tools say about a claim.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Record<'a> {
    /// A call of such a kind succeeded.
    Done(&'a ToolCall),
    /// A call of such a kind failed in this turn.
    Failed(&'a ToolCall),
    /// No call of such a kind was made.
    Nothing,
}

/// What the tools say about a claim made in the turn at `index` (from 0).
#[must_use]
pub fn record<'a>(reading: &Reading<'a>, index: usize, deed: Deed) -> Record<'a> {
    let Some(turn) = reading.turns.get(index).map(|turn| turn.turn) else { return Record::Nothing };
    let fits = |call: &&ToolCall| deed.is_done_by(&call.name) || (deed == Deed::Something && !only_reads(&call.name));
    let here = turn.tool_calls.iter().rev();
    match here.clone().find(fits) {
        Some(call) if failure(call).is_some() => return Record::Failed(call),
        Some(call) => return Record::Done(call),
        None => {}
    }
    // Another change in this turn may have done it by the way; an earlier one may be what is spoken of.
    if let Some(call) = here.clone().find(|call| !only_reads(&call.name)) {
        return if failure(call).is_some() { Record::Failed(call) } else { Record::Done(call) };
    }
    let earlier = reading.turns[..index].iter().rev().flat_map(|turn| turn.turn.tool_calls.iter().rev());
    let mut changes = earlier.filter(|call| !only_reads(&call.name) && failure(call).is_none());
    changes.next().map_or(Record::Nothing, Record::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(reply: &str) -> Vec<Deed> {
        claims(&Text::new(reply)).into_iter().map(|claim| claim.deed).collect()
    }

    #[test]
    fn claims_are_told_from_plans_and_conditions() {
        assert_eq!(of("All done! I've refunded $84.00 to your card."), [Deed::Something, Deed::Refund]);
        assert_eq!(of("Your booking has been successfully cancelled."), [Deed::Cancel]);
        assert_eq!(of("Updated! It goes to Bend."), [Deed::Change]);
        assert_eq!(of("Once I have cancelled it, you get a mail. I will refund you. Shall I say I've booked it?"), []);
        assert_eq!(of("I haven't cancelled anything."), []);
    }
}
