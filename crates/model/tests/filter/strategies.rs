//! Filters as people, machines and attackers write them, and sessions for them to be asked about.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};
use turnwise_model::conversation::{EndReason, Session, SessionStatus, Tokens};
use turnwise_model::filter::Field;
use turnwise_model::score::{Score, Source, Target, Value};
use turnwise_model::{Micros, ProjectId, ScoreId, SessionId, Usd, id::Id};

/// The present in these tests.
pub const NOW: Micros = Micros(1_795_222_634_000_000);
const DAY: i64 = 86_400_000_000;

/// Texts of which sessions and filters are made, so that they often meet.
const TEXTS: &[&str] = &[
    "web",
    "Web",
    "production",
    "vip",
    "get_order",
    "gpt-4o",
    "u_12",
    "idle",
    "5",
    "5.0",
    "0.5",
    "-1",
    "true",
    "yes",
    "no",
    "",
    " ",
    "a b",
    "it's",
    "\"",
    "\\",
    "%",
    "_",
    "*",
    "--",
    "; drop table sessions",
    "') or 1=1 --",
    "$1",
    "?1",
    "AND",
    "NEAR(a b)",
    "null",
    "é",
    "e\u{301}",
    "日本語",
    "退款",
    "🙂",
    "İ",
    "ß",
    "\n",
    "\u{7f}",
    "\u{feff}",
    "00005",
    "12345678901234567890",
    "1e5",
    "NaN",
    "inf",
];

/// Words of which conversations and searches are made.
const WORDS: &[&str] = &[
    "refund",
    "Refund",
    "policy",
    "AND",
    "OR",
    "NOT",
    "NEAR",
    "body",
    "a",
    "b",
    "5",
    "12345",
    "straße",
    "STRASSE",
    "ΟΔΟΣ",
    "οδος",
    "café",
    "退款",
    "退",
    "москва",
    "x_y",
    "don't",
    "e-mail",
    "İstanbul",
    "ﬁn",
    "100%",
    "$5",
    "don*",
    "^a",
    "\"quoted\"",
    "-",
    "*",
    "🙂",
    "{body}",
    ":",
    "(",
    "+",
];

pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        12 => select(TEXTS).prop_map(str::to_owned),
        1 => "[^\\x00]{0,12}",
        1 => long_text(),
    ]
}

/// Texts longer than what is indexed as it is, and at the border.
fn long_text() -> impl Strategy<Value = String> {
    select(vec![250_usize, 251, 2_000, 2_001]).prop_map(|length| "é".repeat(length))
}

fn search_text() -> impl Strategy<Value = String> {
    let words = prop::collection::vec(select(WORDS), 0..6).prop_map(|words| words.join(" "));
    prop_oneof![8 => words, 1 => "[^\\x00]{0,20}"]
}

/// A text in quotes, every character escaped that must be.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (-2_i64..8).prop_map(|number| number.to_string()),
        2 => select(vec!["0.5", "5.0", ".5", "0.05", "-0", "007", "99999999999999999999", "0.1", "1.5"]).prop_map(str::to_owned),
        1 => any::<i64>().prop_map(|number| number.to_string()),
        1 => (-1e6_f64..1e6).prop_map(|number| number.to_string()),
    ]
}

fn text_literal() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => text().prop_map(|text| quoted(&text)),
        2 => select(vec!["web", "production", "vip", "get_order", "gpt-4o", "u_12", "日本語", "a:b/c", "5", "don't"]).prop_map(str::to_owned),
    ]
}

fn any_literal() -> impl Strategy<Value = String> {
    prop_oneof![3 => text_literal(), 3 => number(), 1 => select(vec!["true", "false", "TRUE"]).prop_map(str::to_owned)]
}

fn duration() -> impl Strategy<Value = String> {
    let amounts = select(vec!["0", "1", "2", "30", "1.5", "0.25", "0.0005", "90"]);
    (amounts, select(vec!["ms", "s", "m", "h", "d", "w"])).prop_map(|(amount, unit)| format!("{amount}{unit}"))
}

fn instant() -> impl Strategy<Value = String> {
    prop_oneof![
        duration().prop_map(|duration| format!("-{duration}")),
        select(vec!["now", "2026-11-21", "2026-11-20T23:57:14+00:00", "2026-11-21T00:57:14.000001Z"])
            .prop_map(str::to_owned),
    ]
}

/// The number with its dollar sign.
fn dollars(number: String) -> String {
    match number.strip_prefix('-') {
        Some(amount) => format!("-${amount}"),
        None => format!("${number}"),
    }
}

fn comparison() -> impl Strategy<Value = &'static str> {
    select(vec!["=", "!=", "<", "<=", ">", ">="])
}

fn equality(property: String, literal: impl Strategy<Value = String> + 'static) -> BoxedStrategy<String> {
    let literals = prop::collection::vec(literal, 1..4);
    (literals, 0..5)
        .prop_map(move |(literals, form)| match form {
            0 => format!("{property} exists"),
            1 => format!("{property} in ({})", literals.join(" , ")),
            2 => format!("{property} not in ({})", literals.join(",")),
            3 => format!("{property} != {}", literals[0]),
            _ => format!("{property}={}", literals[0]),
        })
        .boxed()
}

fn ordered(property: String, literal: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let compared = {
        let property = property.clone();
        (comparison(), literal.clone()).prop_map(move |(sign, literal)| format!("{property} {sign} {literal}"))
    };
    prop_oneof![3 => compared, 1 => equality(property, literal)].boxed()
}

/// A property whose name may need quotes, with tests of all kinds.
fn open_ended(property: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = String> {
    property.prop_flat_map(|property| {
        let order = select(vec!["<", "<=", ">", ">="]);
        let ordered = {
            let property = property.clone();
            (order, number()).prop_map(move |(sign, number)| format!("{property} {sign} {number}"))
        };
        prop_oneof![2 => equality(property, any_literal()), 1 => ordered]
    })
}

fn metadata() -> impl Strategy<Value = String> {
    let keys = prop_oneof![
        2 => select(vec!["metadata.channel", "metadata.n", "metadata.a.b", "Metadata.tag"]).prop_map(str::to_owned),
        1 => long_text().prop_map(|key| format!("metadata.{key}")),
        1 => text()
            .prop_filter("a key is not empty", |key| !key.is_empty())
            .prop_map(|key| format!("metadata.{}", quoted(&key))),
    ];
    open_ended(keys)
}

fn score_subject() -> impl Strategy<Value = String> {
    let names = prop_oneof![
        3 => select(vec!["score.tone", "score.resolution", "score.*", "score.\"x.human\"", "score.\"*\""]).prop_map(str::to_owned),
        1 => text().prop_filter("a name is not empty", |name| !name.is_empty()).prop_map(|name| format!("score.{}", quoted(&name))),
    ];
    (names, select(vec!["", "", ".human", ".llm", ".CODE"])).prop_map(|(name, source)| format!("{name}{source}"))
}

fn score() -> impl Strategy<Value = String> {
    let thresholds =
        (score_subject(), select(vec!["passed", "failed"])).prop_map(|(score, test)| format!("{score} {test}"));
    prop_oneof![3 => open_ended(score_subject()), 1 => thresholds]
}

fn condition() -> impl Strategy<Value = String> {
    let texts = select(vec!["user", "environment", "release", "end_reason", "tag", "tool", "model", "session"]);
    let counts =
        select(vec!["turns", "errors", "spans", "tool_calls", "revision", "tokens", "input_tokens", "output_tokens"]);
    let searched =
        search_text().prop_filter("it has words", |text| (1..=32).contains(&turnwise_model::filter::words(text).len()));
    prop_oneof![
        3 => texts.prop_flat_map(|field| equality(field.to_owned(), text_literal())),
        1 => equality("status".to_owned(), select(vec!["open", "closed", "\"Open\""]).prop_map(str::to_owned)),
        2 => counts.prop_flat_map(|field| ordered(field.to_owned(), number().boxed())),
        1 => ordered("cost".to_owned(), prop_oneof![number(), number().prop_map(dollars)].boxed()),
        1 => select(vec!["duration", "latency"]).prop_flat_map(|field| ordered(field.to_owned(), duration().boxed())),
        2 => (select(vec!["started", "last_activity"]), select(vec!["<", "<=", ">", ">="]), instant())
            .prop_map(|(field, sign, instant)| format!("{field}{sign}{instant}")),
        2 => searched.prop_map(|text| format!("text ~ {}", quoted(&text))),
        3 => metadata(),
        4 => score(),
    ]
}

/// A filter that must be understood.
pub fn filter() -> impl Strategy<Value = String> {
    condition().prop_map(|one| one.to_string()).prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| parts.join(" and ")),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| parts.join(" OR ")),
            inner.clone().prop_map(|inner| format!("not ({inner})")),
            inner.prop_map(|inner| format!("({inner})")),
        ]
    })
}

/// Words of the language in any order.
pub fn heap_of_words() -> impl Strategy<Value = String> {
    let fields = Field::ALL.iter().map(|field| field.name());
    let others = [
        "and",
        "or",
        "not",
        "in",
        "exists",
        "passed",
        "failed",
        "(",
        ")",
        ",",
        "=",
        "!=",
        "<",
        ">=",
        "~",
        "!",
        "4",
        "-7d",
        "30s",
        "\"",
        "'",
        "\"a b\"",
        "metadata.",
        "metadata.k",
        "score.",
        "score.tone",
        "score.tone.human",
        "score.*",
        "metadata.\"k",
        "closed",
        "🙂",
        "\\",
        "\0",
        "é",
        ".",
        "now",
        "2026-11-21",
    ];
    let words: Vec<&'static str> = fields.chain(others).collect();
    prop::collection::vec((select(words), select(vec!["", " ", " ", "\n"])), 0..12)
        .prop_map(|parts| parts.into_iter().map(|(word, gap)| format!("{word}{gap}")).collect())
}

fn json_value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        4 => text().prop_map(Json::from),
        2 => (-2_i64..8).prop_map(Json::from),
        1 => select(vec![json!(0.5), json!(5.0), json!(1e300), json!(12_345_678_901_234_567_890_u64)]),
        1 => any::<bool>().prop_map(Json::from),
        1 => Just(Json::Null),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
            prop::collection::btree_map(select(vec!["a", "b", "tag"]).prop_map(str::to_owned), inner, 0..3)
                .prop_map(|fields| Json::Object(fields.into_iter().collect())),
        ]
    })
}

fn score_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => select(vec![0.0, 0.25, 0.5, 1.0, 5.0, -1.0, f64::NAN, f64::INFINITY]).prop_map(Value::Number),
        1 => any::<bool>().prop_map(Value::Flag),
        2 => text().prop_map(Value::Label),
        1 => prop::collection::vec(text(), 0..3).prop_map(Value::Labels),
        1 => text().prop_map(Value::Text),
    ]
}

fn a_score(session: SessionId) -> impl Strategy<Value = Score> {
    let names =
        prop_oneof![3 => select(vec!["tone", "resolution", "x.human", "*"]).prop_map(str::to_owned), 1 => text()];
    let passed = select(vec![None, Some(true), Some(false)]);
    (names, score_value(), select(Source::ALL), passed, prop::bool::weighted(0.2), any::<u128>()).prop_map(
        move |(name, value, source, passed, stale, id)| Score {
            id: ScoreId::from_uuid(uuid::Uuid::from_u128(id)),
            target: Target::Session { session },
            name,
            value,
            passed,
            source,
            evaluator: None,
            evaluator_version: None,
            author: None,
            rubric_version: None,
            exposure: None,
            active_ms: None,
            explanation: None,
            evidence: Vec::new(),
            revision: 1,
            stale,
            created_at: NOW,
        },
    )
}

/// A session with what belongs to it, owned.
#[derive(Debug, Clone)]
pub struct Stored {
    pub session: Session,
    pub tools: Vec<String>,
    pub models: Vec<String>,
    pub scores: Vec<Score>,
    pub text: String,
}

fn session(number: usize) -> impl Strategy<Value = Stored> {
    let external_id = format!("chat-{number}");
    let id = SessionId::derive(ProjectId::from_uuid(uuid::Uuid::from_u128(1)), &external_id);
    let count = || prop_oneof![8 => 0_i64..8, 1 => Just(i64::MAX)];
    let maybe_text = || prop::option::of(text());
    let texts = || prop::collection::vec(text(), 0..3);
    let words = (texts(), texts(), texts(), maybe_text(), maybe_text(), maybe_text(), search_text());
    let end = prop_oneof![
        Just(None),
        Just(Some(EndReason::Idle)),
        Just(Some(EndReason::Age)),
        text().prop_map(|reason| Some(EndReason::Client(reason)))
    ];
    let numbers = (count(), count(), prop::option::of(count()), prop::option::of(count()));
    let cost = prop::option::of(select(vec![0.0, 0.05, 0.5, 5.0, 1.5, -1.0]).prop_map(Usd));
    let times = (0..10 * DAY, select(vec![0, 1, 999, 1_000, 1_000_000, 1_500_000, 30_000_000, 90_000_000, DAY]));
    let metadata = prop::collection::btree_map(
        prop_oneof![3 => select(vec!["channel", "n", "a", "a.b", "tag"]).prop_map(str::to_owned), 1 => text(), 1 => long_text()],
        json_value(),
        0..4,
    );
    let scores = prop::collection::vec(a_score(id), 0..4);
    let latency = prop::option::of(select(vec![0_i64, 1, 250, 1_000, 1_500, 30_000, i64::MAX]));
    let shape = (any::<bool>(), end, cost, times, latency);
    (words, numbers, shape, metadata, scores).prop_map(
        move |((tags, tools, models, user, environment, release, text), numbers, shape, metadata, scores)| {
            let (turns, errors, input, output) = numbers;
            let (is_open, end_reason, cost_usd, (ago, length), latency_ms) = shape;
            let metadata: BTreeMap<String, Json> = metadata;
            let session = Session {
                id,
                external_id: external_id.clone(),
                user_id: user,
                status: if is_open { SessionStatus::Open } else { SessionStatus::Closed },
                end_reason,
                revision: turns.min(3),
                environment,
                release,
                tags,
                metadata,
                started_at: Micros(NOW.0 - ago - length),
                last_activity_at: Micros(NOW.0 - ago),
                preview: None,
                turn_count: turns,
                span_count: errors,
                tool_call_count: turns,
                error_count: errors,
                tokens: Tokens { input, output },
                cost_usd,
                latency_ms,
                warnings: Vec::new(),
            };
            Stored { session, tools, models, scores, text }
        },
    )
}

/// Some sessions of one project.
pub fn sessions() -> impl Strategy<Value = Vec<Stored>> {
    (0_usize..6).map(session).collect::<Vec<_>>()
}
