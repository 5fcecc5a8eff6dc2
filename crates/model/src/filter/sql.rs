//! A filter as a condition in SQL over `sessions s`, for both engines. It is true or false, never null, so that `not`
//! means the same as in [`super::evaluate`]. Nothing a person wrote gets into the text: all of it is parameters.

use super::ast::{Comparison, Condition, Expression, Filter, Subject, Test, Value};
use super::evaluate::{as_whole, flag_number, resolve};
use super::field::Field;
use super::subject::{self, indexed};
use super::words::words;
use crate::Micros;
use crate::score::Source;

/// For which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqlDialect {
    /// SQLite, with FTS5.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum SqlValue {
    /// Text.
    Text(String),
    /// A 64-bit integer.
    Integer(i64),
    /// A double.
    Real(f64),
}

/// A boolean expression to put after `where` or `and`, with the values of its placeholders in order.
#[derive(Debug, Clone, PartialEq)]
pub struct SqlCondition {
    /// The expression, in parentheses where it needs them; it names `s`, an alias of `sessions`.
    pub text: String,
    /// The values for `$first`, `$first + 1` and so on.
    pub parameters: Vec<SqlValue>,
}

impl Filter {
    /// Compiles to SQL. `now` is the present for `-7d` and the like; placeholders are numbered from `first`.
    #[must_use]
    pub fn to_sql(&self, now: Micros, dialect: SqlDialect, first: usize) -> SqlCondition {
        let mut compiler = Compiler::new(now, dialect, first);
        let text = self.expression().map_or_else(|| "1 = 1".to_owned(), |root| compiler.expression(root));
        SqlCondition { text, parameters: compiler.parameters }
    }
}

/// Where a field's values are.
pub(super) enum Place {
    /// In one expression over `s`, which has a value where the second says so; `None` when it always has.
    Column(&'static str, Option<&'static str>),
    /// In either of two columns that always have a value.
    Either(&'static str, &'static str),
    /// In `session_attributes` under this key.
    Attribute(&'static str),
    /// In the full-text index.
    Search,
}

pub(super) const fn place(field: Field) -> Place {
    match field {
        Field::Status => Place::Column("s.status", None),
        Field::EndReason => Place::Column("s.end_reason", Some("s.end_reason is not null")),
        Field::Session => Place::Either("s.session_id", "s.external_id"),
        Field::User => Place::Column("s.user_id", Some("s.user_id is not null")),
        Field::Environment => Place::Column("s.environment", Some("s.environment is not null")),
        Field::Release => Place::Column("s.release", Some("s.release is not null")),
        Field::Tag => Place::Attribute(subject::TAG),
        Field::Tool => Place::Attribute(subject::TOOL),
        Field::Model => Place::Attribute(subject::MODEL),
        Field::Turns => Place::Column("s.turn_count", None),
        Field::Spans => Place::Column("s.span_count", None),
        Field::ToolCalls => Place::Column("s.tool_call_count", None),
        Field::Errors => Place::Column("s.error_count", None),
        Field::Revision => Place::Column("s.revision", None),
        Field::InputTokens => Place::Column("s.input_tokens", Some("s.input_tokens is not null")),
        Field::OutputTokens => Place::Column("s.output_tokens", Some("s.output_tokens is not null")),
        // Doubles do not overflow, which a sum of integers may in PostgreSQL.
        Field::Tokens => Place::Column(
            "(cast(coalesce(s.input_tokens, 0) as double precision) + cast(coalesce(s.output_tokens, 0) as double precision))",
            Some("(s.input_tokens is not null or s.output_tokens is not null)"),
        ),
        Field::Cost => Place::Column("s.cost_usd", Some("s.cost_usd is not null")),
        Field::Latency => Place::Column("s.latency_ms", Some("s.latency_ms is not null")),
        Field::Duration => Place::Column("s.duration_ms", Some("s.duration_ms is not null")),
        Field::Started => Place::Column("s.started_at", None),
        Field::LastActivity => Place::Column("s.last_activity_at", None),
        Field::Text => Place::Search,
    }
}

pub(super) struct Compiler {
    now: Micros,
    dialect: SqlDialect,
    first: usize,
    pub(super) parameters: Vec<SqlValue>,
}

impl Compiler {
    pub(super) const fn new(now: Micros, dialect: SqlDialect, first: usize) -> Self {
        Self { now, dialect, first, parameters: Vec::new() }
    }

    /// A placeholder for a value.
    fn bind(&mut self, value: SqlValue) -> String {
        self.parameters.push(value);
        format!("${}", self.first + self.parameters.len() - 1)
    }

    fn bind_text(&mut self, text: &str) -> String {
        self.bind(SqlValue::Text(text.to_owned()))
    }

    fn expression(&mut self, expression: &Expression) -> String {
        match expression {
            Expression::And(parts) => self.joined(parts, " and "),
            Expression::Or(parts) => self.joined(parts, " or "),
            Expression::Not(inner) => format!("not ({})", self.expression(inner)),
            Expression::Condition(condition) => self.condition(condition),
        }
    }

    fn joined(&mut self, parts: &[Expression], by: &str) -> String {
        let parts: Vec<String> = parts.iter().map(|part| self.expression(part)).collect();
        format!("({})", parts.join(by))
    }

    fn condition(&mut self, condition: &Condition) -> String {
        let Condition { subject, test } = condition;
        if let Test::Compare(Comparison::NotEqual, value) = test {
            let equal = Test::Compare(Comparison::Equal, value.clone());
            return format!("not ({})", self.holds(subject, &equal));
        }
        self.holds(subject, test)
    }

    fn holds(&mut self, subject: &Subject, test: &Test) -> String {
        match subject {
            Subject::Field(field) => match place(*field) {
                Place::Column(column, present) => self.column(column, present, test),
                Place::Either(one, other) => {
                    format!("({} or {})", self.column(one, None, test), self.column(other, None, test))
                }
                Place::Attribute(key) => self.attribute(key, test),
                Place::Search => self.search(test),
            },
            Subject::Metadata(key) => self.attribute(&format!("metadata.{key}"), test),
            Subject::Score { name, source } => self.score(name.as_deref(), *source, test),
        }
    }

    pub(super) fn column(&mut self, column: &str, present: Option<&str>, test: &Test) -> String {
        let tested = match test {
            Test::Exists => None,
            Test::Compare(comparison, value) => {
                let value = self.plain(value);
                Some(format!("{column} {} {value}", comparison.as_str()))
            }
            Test::In(values) => {
                let values: Vec<String> = values.iter().map(|value| self.plain(value)).collect();
                Some(format!("{column} in ({})", values.join(", ")))
            }
            Test::Passed | Test::Failed | Test::Contains(_) => Some("1 = 0".to_owned()),
        };
        match (present, tested) {
            (None, None) => "1 = 1".to_owned(),
            (None, Some(tested)) => tested,
            (Some(present), None) => present.to_owned(),
            (Some(present), Some(tested)) => format!("({present} and {tested})"),
        }
    }

    /// A literal, in the unit of the columns: milliseconds, microseconds since 1970, dollars.
    fn plain(&mut self, value: &Value) -> String {
        let value = match value {
            Value::Text(text) => SqlValue::Text(text.clone()),
            Value::Number(number) => as_whole(*number).map_or(SqlValue::Real(*number), SqlValue::Integer),
            Value::Flag(flag) => SqlValue::Real(flag_number(*flag)),
            Value::Duration(micros) if micros % 1_000 == 0 => SqlValue::Integer(micros / 1_000),
            #[expect(clippy::cast_precision_loss, reason = "durations are at most 10,000 years: well below 2⁵³ ms")]
            Value::Duration(micros) => SqlValue::Real(*micros as f64 / 1_000.0),
            Value::Instant(instant) => SqlValue::Integer(resolve(*instant, self.now).0),
        };
        self.bind(value)
    }

    fn attribute(&mut self, key: &str, test: &Test) -> String {
        let rest = self.attribute_test(key, test);
        format!(
            "exists (select 1 from session_attributes a \
             where a.project_id = s.project_id and a.session_id = s.session_id{rest})"
        )
    }

    /// The rest of a `where` on `session_attributes a`.
    pub(super) fn attribute_test(&mut self, key: &str, test: &Test) -> String {
        let key = self.bind_text(&indexed(key));
        let tested = self.text_or_number("a.text", "a.number", indexed, test);
        format!(" and a.key = {key}{tested}")
    }

    fn score(&mut self, name: Option<&str>, source: Option<Source>, test: &Test) -> String {
        let rest = self.score_test(name, source, test);
        format!(
            "exists (select 1 from scores c \
             where c.project_id = s.project_id and c.session_id = s.session_id and c.stale = 0{rest})"
        )
    }

    /// The rest of a `where` on `scores c`.
    pub(super) fn score_test(&mut self, name: Option<&str>, source: Option<Source>, test: &Test) -> String {
        let name = name.map_or_else(String::new, |name| format!(" and c.name = {}", self.bind_text(name)));
        let source =
            source.map_or_else(String::new, |source| format!(" and c.source = {}", self.bind_text(source.as_str())));
        let tested = match test {
            Test::Passed => " and c.passed = 1".to_owned(),
            Test::Failed => " and c.passed = 0".to_owned(),
            other => self.text_or_number("c.label", "c.number", str::to_owned, other),
        };
        format!("{name}{source}{tested}")
    }

    /// The rest of a `where` on a row that has a text and a number.
    fn text_or_number(&mut self, text: &str, number: &str, stored: impl Fn(&str) -> String, test: &Test) -> String {
        let mut bound = |value: &Value| match value {
            Value::Text(wanted) => Some((text, self.bind(SqlValue::Text(stored(wanted))))),
            Value::Number(wanted) => Some((number, self.bind(SqlValue::Real(*wanted)))),
            Value::Flag(wanted) => Some((number, self.bind(SqlValue::Real(flag_number(*wanted))))),
            Value::Duration(_) | Value::Instant(_) => None,
        };
        let tested = match test {
            Test::Exists => return String::new(),
            Test::Compare(comparison, value) => {
                bound(value).map(|(column, value)| format!("{column} {} {value}", comparison.as_str()))
            }
            Test::In(values) => {
                let bound: Vec<(&str, String)> = values.iter().filter_map(bound).collect();
                let among = [text, number].map(|column| {
                    let of_column: Vec<&str> =
                        bound.iter().filter(|(of, _)| *of == column).map(|(_, value)| value.as_str()).collect();
                    (!of_column.is_empty()).then(|| format!("{column} in ({})", of_column.join(", ")))
                });
                let among: Vec<String> = among.into_iter().flatten().collect();
                (!among.is_empty()).then(|| format!("({})", among.join(" or ")))
            }
            Test::Passed | Test::Failed | Test::Contains(_) => None,
        };
        format!(" and {}", tested.as_deref().unwrap_or("1 = 0"))
    }

    /// The one place where the engines differ. The subquery does not depend on `s`, so the index is asked once.
    fn search(&mut self, test: &Test) -> String {
        let Test::Contains(wanted) = test else { return "1 = 0".to_owned() };
        let words = words(wanted);
        let tested = match self.dialect {
            SqlDialect::Sqlite => {
                let all = words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" ");
                format!("session_search match {}", self.bind(SqlValue::Text(all)))
            }
            SqlDialect::Postgres => {
                let all = self.bind(SqlValue::Text(words.join(" ")));
                format!("session_search.tsv @@ plainto_tsquery('simple', {all})")
            }
        };
        format!(
            "(s.project_id, s.session_id) in \
             (select session_search.project_id, session_search.session_id from session_search where {tested})"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(text: &str, dialect: SqlDialect) -> SqlCondition {
        Filter::parse(text).unwrap().to_sql(Micros(1_000_000_000_000), dialect, 3)
    }

    fn sqlite(text: &str) -> (String, Vec<SqlValue>) {
        let SqlCondition { text, parameters } = compile(text, SqlDialect::Sqlite);
        (text, parameters)
    }

    fn text(text: &str) -> SqlValue {
        SqlValue::Text(text.to_owned())
    }

    #[test]
    fn placeholders_are_numbered_from_the_given_one() {
        let (sql, parameters) = sqlite("status = closed and (turns >= 4 or not cost > 0.05)");
        assert_eq!(
            sql,
            "(s.status = $3 and (s.turn_count >= $4 or not ((s.cost_usd is not null and s.cost_usd > $5))))"
        );
        assert_eq!(parameters, [text("closed"), SqlValue::Integer(4), SqlValue::Real(0.05)]);
    }

    #[test]
    fn units_are_those_of_the_columns() {
        let (_, parameters) = sqlite("duration > 1.5s and latency < 0.5ms and last_activity > -1s");
        assert_eq!(parameters, [SqlValue::Integer(1_500), SqlValue::Real(0.5), SqlValue::Integer(999_999_000_000)]);
    }

    #[test]
    fn what_a_person_wrote_is_never_in_the_text() {
        let hostile = r#"tag = "x') or 1=1 --" and metadata."k'; drop table" = "v" and score."s'".llm = "l'" and text ~ "AND' OR* NEAR(x)""#;
        for dialect in [SqlDialect::Sqlite, SqlDialect::Postgres] {
            let SqlCondition { text, .. } = compile(hostile, dialect);
            for part in ["1=1", "--", "drop", "k'", "s'", "l'", "near"] {
                assert!(!text.to_lowercase().contains(part), "{text}");
            }
        }
    }

    #[test]
    fn the_engines_differ_in_full_text_alone() {
        let same = "tag in (a, 5) and metadata.n in (a, 5) and score.* failed and session != x and tokens > 5";
        assert_eq!(compile(same, SqlDialect::Sqlite), compile(same, SqlDialect::Postgres));
        assert_eq!(compile("text ~ 'Refund policy!'", SqlDialect::Sqlite).parameters, [text("\"refund\" \"policy\"")]);
        assert_eq!(compile("text ~ 'Refund policy!'", SqlDialect::Postgres).parameters, [text("refund policy")]);
    }

    #[test]
    fn scores_and_attributes_are_looked_up_by_session() {
        insta::assert_snapshot!(sqlite("metadata.n in (a, 5)").0, @"exists (select 1 from session_attributes a where a.project_id = s.project_id and a.session_id = s.session_id and a.key = $3 and (a.text in ($4) or a.number in ($5)))");
        insta::assert_snapshot!(sqlite("score.tone.human < 0.5").0, @"exists (select 1 from scores c where c.project_id = s.project_id and c.session_id = s.session_id and c.stale = 0 and c.name = $3 and c.source = $4 and c.number < $5)");
        insta::assert_snapshot!(sqlite("text ~ refund").0, @"(s.project_id, s.session_id) in (select session_search.project_id, session_search.session_id from session_search where session_search match $3)");
    }
}
