//! The canonical text of a filter: reading it gives the same filter again.

use std::fmt;

use super::ast::{Condition, Expression, Filter, Subject, Test, Value};
use super::literal::ShowDuration;
use super::parse::is_reserved;
use crate::score::Source;

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expression().map_or(Ok(()), |root| root.fmt(f))
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) => joined(f, parts, " and "),
            Self::Or(parts) => joined(f, parts, " or "),
            Self::Not(inner) => {
                f.write_str("not ")?;
                nested(f, inner)
            }
            Self::Condition(condition) => condition.fmt(f),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[Expression], by: &str) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(by)?;
        }
        nested(f, part)?;
    }
    Ok(())
}

/// A part of something larger, in parentheses where it would come apart.
fn nested(f: &mut fmt::Formatter<'_>, part: &Expression) -> fmt::Result {
    match part {
        Expression::And(_) | Expression::Or(_) => write!(f, "({part})"),
        Expression::Not(_) | Expression::Condition(_) => write!(f, "{part}"),
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.subject)?;
        match &self.test {
            Test::Exists => f.write_str("exists"),
            Test::Passed => f.write_str("passed"),
            Test::Failed => f.write_str("failed"),
            Test::Compare(comparison, value) => write!(f, "{} {value}", comparison.as_str()),
            Test::Contains(text) => write!(f, "~ {}", Text(text)),
            Test::In(values) => {
                let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                write!(f, "in ({})", values.join(", "))
            }
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(field) => f.write_str(field.name()),
            Self::Metadata(key) if is_plain_key(key) => write!(f, "metadata.{key}"),
            Self::Metadata(key) => write!(f, "metadata.{}", Quoted(key)),
            Self::Score { name, source } => {
                match name {
                    None => f.write_str("score.*")?,
                    Some(name) if is_plain_score(name) => write!(f, "score.{name}")?,
                    Some(name) => write!(f, "score.{}", Quoted(name))?,
                }
                source.map_or(Ok(()), |source| write!(f, ".{source}"))
            }
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => Text(text).fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Flag(flag) => flag.fmt(f),
            Self::Duration(micros) => ShowDuration(*micros).fmt(f),
            Self::Instant(instant) => instant.fmt(f),
        }
    }
}

/// A text literal, bare where that cannot be misread.
pub(super) struct Text<'a>(pub &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare = self.0.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && self.0.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
            && !self.0.ends_with('.')
            && !is_reserved(self.0)
            && !["true", "false"].iter().any(|flag| flag.eq_ignore_ascii_case(self.0));
        if bare { f.write_str(self.0) } else { Quoted(self.0).fmt(f) }
    }
}

/// A text in quotes, with escapes.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for c in self.0.chars() {
            match c {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                c if c.is_control() => write!(f, "\\u{{{:x}}}", u32::from(c))?,
                c => write!(f, "{c}")?,
            }
        }
        f.write_str("\"")
    }
}

fn is_plain_key(key: &str) -> bool {
    !key.is_empty()
        && !key.ends_with('.')
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/' | '@'))
}

/// Whether a score's name is read back whole: its last part must not look like a source.
fn is_plain_score(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    is_plain_key(name) && !Source::ALL.iter().any(|source| source.as_str().eq_ignore_ascii_case(last))
}

#[cfg(test)]
mod tests {
    use super::Filter;

    fn canonical(text: &str) -> String {
        Filter::parse(text).unwrap().to_string()
    }

    #[test]
    fn what_need_not_be_said_is_left_out() {
        for (written, shown) in [
            ("", ""),
            ("((status = 'closed'))", "status = closed"),
            ("TURNS>=4 AND (errors>0 AND spans<9)", "turns >= 4 and errors > 0 and spans < 9"),
            ("turns > 1 or turns < 9 and errors = 0", "turns > 1 or (turns < 9 and errors = 0)"),
            ("not (not tag = vip)", "not not tag = vip"),
            ("not (tag = a or tag = b)", "not (tag = a or tag = b)"),
            ("tag not in (a,b)", "not tag in (a, b)"),
            ("user not exists", "not user exists"),
            ("cost > $0.050", "cost > 0.05"),
            ("duration >= 3600s", "duration >= 1h"),
            ("last_activity > -1w", "last_activity > -7d"),
            ("text ~ refund", "text ~ refund"),
            ("score.a.HUMAN = TRUE", "score.a.human = true"),
            ("metadata.order = 0012", "metadata.order = 12"),
        ] {
            assert_eq!(canonical(written), shown);
        }
    }

    #[test]
    fn what_could_be_misread_is_quoted() {
        for same in [
            r#"tag = "two words""#,
            r#"tag = "and""#,
            r#"tag = "5""#,
            r#"tag = """#,
            r#"tag = "a \"b\" \\ \n\u{7}""#,
            r#"score.mood = "true""#,
            r#"metadata.n = "5""#,
            r#"metadata."a key" exists"#,
            r#"score."x.human" > 0.5"#,
            r#"score."*".human exists"#,
            "score.rag.faithfulness.llm < 0.5",
        ] {
            assert_eq!(canonical(same), same);
        }
    }
}
