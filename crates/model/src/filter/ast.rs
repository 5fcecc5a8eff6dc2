//! A filter that has been read and checked. Only [`Filter::parse`] makes conditions, so every one is well-typed;
//! [`Filter::conjuncts`] and [`Filter::all`] take it apart into chips and put it together again.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::error::FilterError;
use super::field::Field;
use crate::Micros;
use crate::score::Source;

/// Which sessions are meant. Equal filters may be written differently; the text shown is the canonical one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    root: Option<Expression>,
}

/// A true-or-false expression over one session.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// All of them (two or more, none of them an `And` itself).
    And(Vec<Expression>),
    /// Any of them (two or more, none of them an `Or` itself).
    Or(Vec<Expression>),
    /// Not that.
    Not(Box<Expression>),
    /// A single condition.
    Condition(Condition),
}

/// A test of one property of the session.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub(super) subject: Subject,
    pub(super) test: Test,
}

/// The property that is tested.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// A field.
    Field(Field),
    /// The metadata under a key.
    Metadata(String),
    /// The fresh scores of a name; `None` for any name, any source.
    Score {
        /// Their name.
        name: Option<String>,
        /// Where they come from.
        source: Option<Source>,
    },
}

/// What must hold of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// It has a value.
    Exists,
    /// Some score meets its threshold.
    Passed,
    /// Some score does not meet its threshold.
    Failed,
    /// Some value compares so; `!=` is the opposite of `=`.
    Compare(Comparison, Value),
    /// Some value is one of these.
    In(Vec<Value>),
    /// The conversation has all words of this text.
    Contains(String),
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A literal.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A finite number.
    Number(f64),
    /// `true` or `false`, of a score.
    Flag(bool),
    /// A length of time in microseconds.
    Duration(i64),
    /// An instant.
    Instant(Instant),
}

/// An instant, fixed or counted back from the present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instant {
    /// This very instant.
    At(Micros),
    /// So many microseconds ago; 0 is `now`.
    Ago(i64),
}

impl Comparison {
    /// Every comparison.
    pub const ALL: [Self; 6] =
        [Self::Equal, Self::NotEqual, Self::Less, Self::LessOrEqual, Self::Greater, Self::GreaterOrEqual];

    /// Its sign, the same in the language and in SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

impl Condition {
    /// The property that is tested.
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// What must hold of it.
    #[must_use]
    pub const fn test(&self) -> &Test {
        &self.test
    }
}

impl Expression {
    /// All of them; `None` of none. Nested conjunctions become one.
    #[must_use]
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Option<Self> {
        let flat = parts.into_iter().flat_map(|part| match part {
            Self::And(inner) => inner,
            other => vec![other],
        });
        one_or(flat.collect(), Self::And)
    }

    /// Any of them; `None` of none. Nested disjunctions become one.
    #[must_use]
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Option<Self> {
        let flat = parts.into_iter().flat_map(|part| match part {
            Self::Or(inner) => inner,
            other => vec![other],
        });
        one_or(flat.collect(), Self::Or)
    }

    /// Calls `visit` with every condition, from left to right.
    pub fn each_condition<'a>(&'a self, visit: &mut impl FnMut(&'a Condition)) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.each_condition(visit)),
            Self::Not(inner) => inner.each_condition(visit),
            Self::Condition(condition) => visit(condition),
        }
    }

    fn each_condition_mut(&mut self, visit: &mut impl FnMut(&mut Condition)) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter_mut().for_each(|part| part.each_condition_mut(visit)),
            Self::Not(inner) => inner.each_condition_mut(visit),
            Self::Condition(condition) => visit(condition),
        }
    }
}

fn one_or(mut parts: Vec<Expression>, several: fn(Vec<Expression>) -> Expression) -> Option<Expression> {
    if parts.len() > 1 { Some(several(parts)) } else { parts.pop() }
}

impl Filter {
    /// The filter that matches every session.
    #[must_use]
    pub const fn everything() -> Self {
        Self { root: None }
    }

    /// Reads a filter; an empty or blank text matches everything.
    ///
    /// # Errors
    /// The first thing that is wrong, with its column and what was expected there.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        super::parse::parse(text).map(|root| Self { root })
    }

    /// Whether it matches every session because it says nothing.
    #[must_use]
    pub const fn is_everything(&self) -> bool {
        self.root.is_none()
    }

    /// The whole expression; `None` when it matches everything.
    #[must_use]
    pub const fn expression(&self) -> Option<&Expression> {
        self.root.as_ref()
    }

    /// The parts that must all hold: one chip each.
    #[must_use]
    pub fn conjuncts(&self) -> &[Expression] {
        match &self.root {
            None => &[],
            Some(Expression::And(parts)) => parts,
            Some(other) => std::slice::from_ref(other),
        }
    }

    /// The filter of which all these parts must hold.
    #[must_use]
    pub fn all(parts: impl IntoIterator<Item = Expression>) -> Self {
        Self { root: Expression::all(parts) }
    }

    /// Both this and that.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::all(self.root.into_iter().chain(other.root))
    }

    /// Every condition in it, from left to right.
    #[must_use]
    pub fn conditions(&self) -> Vec<&Condition> {
        let mut found = Vec::new();
        if let Some(root) = &self.root {
            root.each_condition(&mut |condition| found.push(condition));
        }
        found
    }

    /// Lets `user = x` also match `hashed(x)`: users may be stored hashed, and people may give either.
    #[must_use]
    pub fn with_hashed_users(mut self, hashed: impl Fn(&str) -> String) -> Self {
        let both = |value: &Value| match value {
            Value::Text(user) => vec![Value::Text(user.clone()), Value::Text(hashed(user))],
            other => vec![other.clone()],
        };
        if let Some(root) = &mut self.root {
            let not = |condition: &Condition| {
                condition.subject == Subject::Field(Field::User)
                    && matches!(condition.test, Test::Compare(Comparison::NotEqual, _))
            };
            root.negate_where(&not);
            root.each_condition_mut(&mut |condition| {
                if condition.subject != Subject::Field(Field::User) {
                    return;
                }
                match &condition.test {
                    Test::Compare(_, value) => condition.test = Test::In(both(value)),
                    Test::In(values) => condition.test = Test::In(values.iter().flat_map(both).collect()),
                    _ => {}
                }
            });
        }
        self
    }
}

impl Expression {
    /// Writes `a != b` as `not a = b` where asked.
    fn negate_where(&mut self, wanted: &impl Fn(&Condition) -> bool) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter_mut().for_each(|part| part.negate_where(wanted)),
            Self::Not(inner) => inner.negate_where(wanted),
            Self::Condition(condition) if wanted(condition) => {
                if let Test::Compare(comparison, _) = &mut condition.test {
                    *comparison = Comparison::Equal;
                }
                *self = Self::Not(Box::new(Self::Condition(condition.clone())));
            }
            Self::Condition(_) => {}
        }
    }
}

impl std::str::FromStr for Filter {
    type Err = FilterError;
    fn from_str(text: &str) -> Result<Self, FilterError> {
        Self::parse(text)
    }
}

/// As its canonical text.
impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(text: &str) -> Filter {
        Filter::parse(text).unwrap()
    }

    #[test]
    fn chips_are_taken_out_and_put_back() {
        let whole = filter("status = closed and (errors > 0 or turns > 9) and not tag = vip");
        let chips: Vec<String> = whole.conjuncts().iter().map(ToString::to_string).collect();
        assert_eq!(chips, ["status = closed", "errors > 0 or turns > 9", "not tag = vip"]);
        let without_second =
            Filter::all(whole.conjuncts().iter().enumerate().filter(|(at, _)| *at != 1).map(|(_, part)| part.clone()));
        assert_eq!(without_second, filter("status = closed and not tag = vip"));
        assert_eq!(Filter::all(whole.conjuncts().to_vec()), whole);
    }

    #[test]
    fn narrowing_a_filter_keeps_both_meanings() {
        let either = filter("errors > 0 or turns > 9");
        assert_eq!(either.and(filter("status = open")).to_string(), "(errors > 0 or turns > 9) and status = open");
        assert_eq!(Filter::everything().and(filter("turns > 1")), filter("turns > 1"));
    }

    #[test]
    fn hashed_users_are_found_by_their_plain_names_too() {
        let hashed =
            filter("user = ann and user != bob and not user in (eve)").with_hashed_users(|user| format!("h-{user}"));
        assert_eq!(
            hashed.to_string(),
            "user in (ann, h-ann) and not user in (bob, h-bob) and not user in (eve, h-eve)"
        );
    }

    #[test]
    fn as_json_a_filter_is_its_text() {
        let json = serde_json::to_string(&filter("TURNS>=4")).unwrap();
        assert_eq!(json, "\"turns >= 4\"");
        assert_eq!(serde_json::from_str::<Filter>(&json).unwrap(), filter("turns >= 4"));
        let wrong = serde_json::from_str::<Filter>("\"turns >= many\"").unwrap_err().to_string();
        assert!(wrong.starts_with("at column 10: expected a number after >=, found \"many\""), "{wrong}");
    }
}
