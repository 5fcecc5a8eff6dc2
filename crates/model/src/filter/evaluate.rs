//! Whether a session matches: the plain, slow meaning of the language, against which the SQL is tested.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::ast::{Comparison, Condition, Expression, Filter, Instant, Subject, Test, Value};
use super::field::Field;
use super::subject::{self, Attribute, FilterSubject, duration_ms, indexed, score_label, score_number};
use super::words::{distinct, words};
use crate::score::Score;
use crate::{Micros, Usd};

impl Filter {
    /// Whether the session matches, where `now` is the present for `-7d` and the like.
    #[must_use]
    pub fn matches(&self, subject: &FilterSubject<'_>, now: Micros) -> bool {
        let asked = Asked { subject, id: subject.session.id.to_string(), attributes: subject.attributes(), now };
        self.expression().is_none_or(|root| asked.holds(root))
    }
}

struct Asked<'a> {
    subject: &'a FilterSubject<'a>,
    id: String,
    attributes: Vec<Attribute>,
    now: Micros,
}

/// One value of a property.
enum Has<'a> {
    Text(&'a str),
    Whole(i64),
    Real(f64),
    Duration { millis: i64 },
    Instant(Micros),
    Attribute(&'a Attribute),
    Score(&'a Score),
}

impl<'a> Asked<'a> {
    fn holds(&self, expression: &Expression) -> bool {
        match expression {
            Expression::And(parts) => parts.iter().all(|part| self.holds(part)),
            Expression::Or(parts) => parts.iter().any(|part| self.holds(part)),
            Expression::Not(inner) => !self.holds(inner),
            Expression::Condition(condition) => self.tests(condition),
        }
    }

    fn tests(&self, condition: &Condition) -> bool {
        let values = self.values(&condition.subject);
        match &condition.test {
            Test::Exists => !values.is_empty(),
            Test::Passed => values.iter().any(|value| matches!(value, Has::Score(score) if score.passed == Some(true))),
            Test::Failed => {
                values.iter().any(|value| matches!(value, Has::Score(score) if score.passed == Some(false)))
            }
            Test::Compare(Comparison::NotEqual, wanted) => {
                !values.iter().any(|value| self.compares(value, Comparison::Equal, wanted))
            }
            Test::Compare(comparison, wanted) => values.iter().any(|value| self.compares(value, *comparison, wanted)),
            Test::In(wanted) => {
                wanted.iter().any(|wanted| values.iter().any(|value| self.compares(value, Comparison::Equal, wanted)))
            }
            Test::Contains(text) => {
                let there: HashSet<String> = distinct(&self.subject.text).into_iter().collect();
                words(text).iter().all(|word| there.contains(word))
            }
        }
    }

    /// All values that the session has for a property.
    fn values(&self, property: &Subject) -> Vec<Has<'_>> {
        match property {
            Subject::Field(field) => self.field(*field),
            Subject::Metadata(key) => self.attributes(&format!("metadata.{key}")),
            Subject::Score { name, source } => {
                let fresh = self.subject.scores.iter().filter(|score| !score.stale);
                fresh
                    .filter(|score| name.as_ref().is_none_or(|name| *name == score.name))
                    .filter(|score| source.is_none_or(|source| source == score.source))
                    .map(Has::Score)
                    .collect()
            }
        }
    }

    fn field(&self, field: Field) -> Vec<Has<'_>> {
        let session = self.subject.session;
        let text = |text: Option<&'a str>| text.map(Has::Text).into_iter().collect::<Vec<_>>();
        let whole = |number: i64| vec![Has::Whole(number)];
        let maybe = |number: Option<i64>| number.map(Has::Whole).into_iter().collect::<Vec<_>>();
        match field {
            Field::Status => vec![Has::Text(session.status.as_str())],
            Field::EndReason => text(session.end_reason.as_ref().map(|reason| reason.as_str())),
            Field::Environment => text(session.environment.as_deref()),
            Field::Release => text(session.release.as_deref()),
            Field::User => text(session.user_id.as_deref()),
            Field::Session => vec![Has::Text(&self.id), Has::Text(&session.external_id)],
            // Only `~` asks about it, and looks for itself.
            Field::Text => Vec::new(),
            Field::Tag => self.attributes(subject::TAG),
            Field::Tool => self.attributes(subject::TOOL),
            Field::Model => self.attributes(subject::MODEL),
            Field::Turns => whole(session.turn_count),
            Field::Spans => whole(session.span_count),
            Field::ToolCalls => whole(session.tool_call_count),
            Field::Errors => whole(session.error_count),
            Field::Revision => whole(session.revision),
            Field::InputTokens => maybe(session.tokens.input),
            Field::OutputTokens => maybe(session.tokens.output),
            Field::Tokens => maybe(session.tokens.total()),
            Field::Cost => session.cost_usd.map(|Usd(dollars)| Has::Real(dollars)).into_iter().collect(),
            Field::Duration => vec![Has::Duration { millis: duration_ms(session) }],
            Field::Latency => session.latency_ms.map(|millis| Has::Duration { millis }).into_iter().collect(),
            Field::Started => vec![Has::Instant(session.started_at)],
            Field::LastActivity => vec![Has::Instant(session.last_activity_at)],
        }
    }

    fn attributes(&self, key: &str) -> Vec<Has<'_>> {
        let key = indexed(key);
        self.attributes.iter().filter(|row| row.key == key).map(Has::Attribute).collect()
    }

    /// Whether a value compares so with a literal; values of another kind never do.
    fn compares(&self, value: &Has<'_>, comparison: Comparison, wanted: &Value) -> bool {
        let order = match (value, wanted) {
            (Has::Text(text), Value::Text(wanted)) => Some((*text).cmp(wanted.as_str())),
            (Has::Whole(number), Value::Number(wanted)) => compare_whole(*number, *wanted),
            (Has::Real(number), Value::Number(wanted)) => number.partial_cmp(wanted),
            (Has::Duration { millis }, Value::Duration(wanted)) => {
                Some((i128::from(*millis) * 1_000).cmp(&i128::from(*wanted)))
            }
            (Has::Instant(instant), Value::Instant(wanted)) => Some(instant.cmp(&resolve(*wanted, self.now))),
            (Has::Attribute(row), Value::Text(wanted)) => Some(row.text.cmp(&indexed(wanted))),
            (Has::Attribute(row), Value::Number(wanted)) => row.number.and_then(|number| number.partial_cmp(wanted)),
            (Has::Score(score), Value::Number(wanted)) => {
                score_number(&score.value).and_then(|number| number.partial_cmp(wanted))
            }
            (Has::Score(score), Value::Flag(wanted)) => {
                score_number(&score.value).and_then(|number| number.partial_cmp(&flag_number(*wanted)))
            }
            (Has::Score(score), Value::Text(wanted)) => score_label(&score.value).map(|label| label.cmp(wanted)),
            _ => None,
        };
        order.is_some_and(|order| satisfies(order, comparison))
    }
}

const fn satisfies(order: Ordering, comparison: Comparison) -> bool {
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

/// The instant meant, at this present.
pub(super) const fn resolve(instant: Instant, now: Micros) -> Micros {
    match instant {
        Instant::At(at) => at,
        Instant::Ago(micros) => Micros(now.0.saturating_sub(micros)),
    }
}

/// A flag as scores store it.
pub(super) fn flag_number(flag: bool) -> f64 {
    f64::from(u8::from(flag))
}

/// The number as an integer, when it is one that `i64` holds.
pub(super) fn as_whole(number: f64) -> Option<i64> {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and within the range of i64")]
    (number.fract() == 0.0 && (-BEYOND..BEYOND).contains(&number)).then_some(number as i64)
}

fn compare_whole(number: i64, wanted: f64) -> Option<Ordering> {
    #[expect(clippy::cast_precision_loss, reason = "only where the other side is no integer of this range")]
    as_whole(wanted).map_or_else(|| (number as f64).partial_cmp(&wanted), |wanted| Some(number.cmp(&wanted)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::conversation::Conversation;

    const NOW: Micros = Micros(1_795_222_634_000_000);

    fn conversation() -> Conversation {
        let turn = json!({
            "id": "0198c0de-2222-7000-8000-000000000000", "position": 1, "conversation_id": null, "trace_id": null,
            "started_at": 1, "latency_ms": null, "user": {"text": "What is your REFUND policy?"},
            "assistant": {"text": "Thirty days."}, "model": "gpt-4o", "retrievals": [], "errors": [],
            "tool_calls": [{"id": null, "name": "get_order", "arguments": {"order": 4711}, "result": "shipped", "error": null}],
            "tokens": {"input": null, "output": null}, "cost_usd": null, "llm_calls": 1
        });
        serde_json::from_value(json!({
            "id": "0198c0de-1111-7000-8000-000000000000", "external_id": "chat-7", "user_id": null, "status": "closed",
            "end_reason": {"by": "client", "reason": "abandoned"}, "revision": 1, "environment": "production",
            "release": null, "tags": ["vip", "beta"], "started_at": NOW.0 - 7_200_000_000, "last_activity_at": NOW.0 - 3_600_000_000,
            "metadata": {"channel": "web", "seats": "10", "user": {"tier": 2}, "codes": ["a", "b"], "nothing": null},
            "preview": null, "turn_count": 4, "span_count": 9, "tool_call_count": 1, "error_count": 0,
            "tokens": {"input": 1200, "output": null}, "cost_usd": null, "latency_ms": 1500, "warnings": [],
            "turns": [turn]
        }))
        .unwrap()
    }

    fn score(name: &str, source: &str, value: serde_json::Value, passed: Option<bool>, stale: bool) -> Score {
        serde_json::from_value(json!({
            "id": "0198c0de-3333-7000-8000-000000000000", "target": {"kind": "session", "session": "0198c0de-1111-7000-8000-000000000000"},
            "name": name, "value": value, "passed": passed, "source": source, "evaluator": null, "evaluator_version": null,
            "author": null, "rubric_version": null, "exposure": null, "active_ms": null, "explanation": null,
            "evidence": [], "revision": 1, "stale": stale, "created_at": 1
        }))
        .unwrap()
    }

    fn number(number: f64) -> serde_json::Value {
        json!({"type": "number", "value": number})
    }

    #[test]
    fn a_session_matches_what_is_true_of_it() {
        let conversation = conversation();
        let scores = [
            score("resolution", "llm", number(0.3), Some(false), false),
            score("resolution", "human", number(0.9), None, false),
            score("tone", "llm", number(0.1), Some(false), true),
            score("safe", "human", json!({"type": "flag", "value": true}), Some(true), false),
            score("intent", "llm", json!({"type": "label", "value": "billing"}), None, false),
        ];
        let subject = FilterSubject::of(&conversation, &scores);
        let matches = |text: &str| Filter::parse(text).unwrap().matches(&subject, NOW);
        for text in [
            "",
            "status = closed and not status = open",
            "turns >= 4 and turns > 3.5 and turns in (3, 4) and turns != 5",
            // Absent values: nothing is true of them but `!=` and `not`.
            "not user exists and user != ann and not user = ann and not user in (ann)",
            "not cost > 0 and not cost <= 0 and cost != 0",
            "not metadata.nothing exists and metadata.nothing != a",
            // Several values: one is enough, and one is enough against `!=`.
            "tag = vip and tag = beta and tag in (x, beta) and not tag != vip and tag != internal",
            "metadata.codes = a and metadata.codes = b",
            // Metadata by number and by text.
            "metadata.seats > 9 and metadata.seats = 10.0 and metadata.seats = \"10\" and metadata.seats != \"10.0\"",
            "metadata.user.tier = 2 and metadata.channel = web and metadata.channel != Web",
            "tool = get_order and model = gpt-4o and session = chat-7",
            "session = 0198c0de-1111-7000-8000-000000000000",
            "end_reason = abandoned and environment in (production, staging)",
            "tokens = 1200 and input_tokens = 1200 and not output_tokens exists",
            "duration = 1h and latency = 1.5s and latency < 1501ms",
            "last_activity > -61m and last_activity < -59m and started < -119m and last_activity < now",
            "text ~ \"policy refund\" and text ~ 4711 and text ~ shipped and not text ~ \"refund money\"",
            // Any fresh score of the name; a source narrows it.
            "score.resolution < 0.5 and score.resolution > 0.5 and not score.resolution.human < 0.5",
            "score.resolution failed and not score.resolution passed and not score.resolution.human failed",
            "not score.tone exists and score.tone != 0.1",
            "score.safe = true and score.safe = 1 and score.safe = yes and score.safe passed",
            "score.intent = billing and not score.intent > 0",
            "score.* failed and score.*.human exists and not score.*.user exists",
        ] {
            assert!(matches(text), "{text}");
            if !text.is_empty() {
                assert!(!matches(&format!("not ({text})")), "not ({text})");
            }
        }
    }

    #[test]
    fn and_binds_tighter_than_or() {
        let conversation = conversation();
        let subject = FilterSubject::of(&conversation, &[]);
        let matches = |text: &str| Filter::parse(text).unwrap().matches(&subject, NOW);
        assert!(matches("turns = 4 or turns = 5 and turns = 6"));
        assert!(!matches("(turns = 4 or turns = 5) and turns = 6"));
        assert!(matches("not turns = 5 and turns = 4"));
    }
}
