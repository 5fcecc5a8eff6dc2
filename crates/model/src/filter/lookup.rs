//! Parts of a filter that an index answers by itself. Where only few sessions meet such a part, it is quicker to begin with
//! these sessions than to try one session after the other.

use super::ast::{Comparison, Condition, Expression, Filter, Subject, Test, Value};
use super::field::Field;
use super::sql::{Compiler, Place, SqlCondition, SqlDialect, place};
use crate::Micros;

impl Filter {
    /// Queries of the ids of all sessions that meet a part of this filter which every match must meet. `$1` is the
    /// project; other placeholders are numbered from `first`, in each query anew.
    #[must_use]
    pub fn lookups(&self, now: Micros, dialect: SqlDialect, first: usize) -> Vec<SqlCondition> {
        let conditions = self.conjuncts().iter().filter_map(|part| match part {
            Expression::Condition(condition) => Some(condition),
            _ => None,
        });
        conditions
            .filter_map(|condition| {
                let mut compiler = Compiler::new(now, dialect, first);
                let text = compiler.lookup(condition)?;
                Some(SqlCondition { text, parameters: compiler.parameters })
            })
            .collect()
    }
}

impl Compiler {
    fn lookup(&mut self, Condition { subject, test }: &Condition) -> Option<String> {
        if !matches!(test, Test::Compare(..) | Test::In(_) | Test::Passed | Test::Failed)
            || matches!(test, Test::Compare(Comparison::NotEqual, _))
        {
            return None;
        }
        match subject {
            Subject::Metadata(key) => Some(self.attribute_lookup(&format!("metadata.{key}"), test)),
            Subject::Field(Field::Errors) => self.errors_lookup(test),
            Subject::Field(Field::User) => {
                let tested = self.column("l.user_id", None, test);
                Some(format!("select l.session_id from sessions l where l.project_id = $1 and {tested}"))
            }
            Subject::Field(field) => match place(*field) {
                Place::Attribute(key) => Some(self.attribute_lookup(key, test)),
                _ => None,
            },
            // Neither sources nor labels are in an index: all scores of the name would be looked at.
            Subject::Score { name: Some(name), source: None } if !has_label(test) => {
                let rest = self.score_test(Some(name), None, test);
                Some(format!("select c.session_id from scores c where c.project_id = $1 and c.stale = 0{rest}"))
            }
            Subject::Score { .. } => None,
        }
    }

    fn attribute_lookup(&mut self, key: &str, test: &Test) -> String {
        let rest = self.attribute_test(key, test);
        format!("select a.session_id from session_attributes a where a.project_id = $1{rest}")
    }

    /// Only sessions with errors are in the index.
    fn errors_lookup(&mut self, test: &Test) -> Option<String> {
        let Test::Compare(comparison, Value::Number(least)) = test else { return None };
        let some = match comparison {
            Comparison::Greater => *least >= 0.0,
            Comparison::GreaterOrEqual | Comparison::Equal => *least > 0.0,
            _ => false,
        };
        some.then(|| {
            let tested = self.column("l.error_count", None, test);
            format!("select l.session_id from sessions l where l.project_id = $1 and l.error_count > 0 and {tested}")
        })
    }
}

fn has_label(test: &Test) -> bool {
    match test {
        Test::Compare(_, value) => matches!(value, Value::Text(_)),
        Test::In(values) => values.iter().any(|value| matches!(value, Value::Text(_))),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookups(text: &str) -> Vec<String> {
        let filter = Filter::parse(text).unwrap();
        filter.lookups(Micros(0), SqlDialect::Sqlite, 4).into_iter().map(|lookup| lookup.text).collect()
    }

    #[test]
    fn what_every_match_must_meet_is_looked_up() {
        assert_eq!(
            lookups("tag = vip and turns > 3 and score.safety < 0.5 and errors >= 2"),
            [
                "select a.session_id from session_attributes a where a.project_id = $1 and a.key = $4 and a.text = $5",
                "select c.session_id from scores c where c.project_id = $1 and c.stale = 0 and c.name = $4 and c.number < $5",
                "select l.session_id from sessions l where l.project_id = $1 and l.error_count > 0 and l.error_count >= $4",
            ]
        );
    }

    #[test]
    fn what_a_match_need_not_meet_and_what_no_index_knows_is_not() {
        for text in [
            "tag = vip or turns > 3",
            "not tag = vip",
            "tag != vip",
            "metadata.channel exists",
            "score.* failed",
            "score.tone.human failed",
            "score.tone = rude",
            "errors >= 0",
            "errors < 5",
            "errors = 0",
            "turns > 3",
            "text ~ refund",
        ] {
            assert_eq!(lookups(text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(lookups("errors > 0").len(), 1);
        assert_eq!(lookups("user in (u_1, u_2)").len(), 1);
        assert_eq!(lookups("score.tone failed").len(), 1);
    }
}
