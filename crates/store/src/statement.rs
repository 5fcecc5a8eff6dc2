//! [`Statement`]: SQL with a number of placeholders that is known only when it runs.
//!
//! `sqlx::QueryBuilder<Any>` writes `?`, which PostgreSQL does not take; this writes `$1`, `$2` and so on.

use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, Arguments, AssertSqlSafe, Encode, Type};

use crate::error::StoreError;

/// The most placeholders that both engines take in one statement (SQLite: 32,766, PostgreSQL: 65,535).
pub const MOST_PLACEHOLDERS: usize = 32_766;

/// SQL text that grows, with its values.
///
/// Only literals become text, so that nothing from outside can: values go through [`Statement::value`].
#[derive(Default)]
pub struct Statement {
    text: String,
    arguments: AnyArguments,
    /// The first value that could not be encoded.
    failed: Option<sqlx::error::BoxDynError>,
}

impl Statement {
    /// Begins with this text.
    #[must_use]
    pub fn new(text: &'static str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// Goes on with this text.
    pub fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Goes on with a placeholder for this value.
    pub fn value<'v, T>(&mut self, value: T) -> &mut Self
    where
        T: Encode<'v, Any> + Type<Any>,
    {
        if let Err(error) = self.arguments.add(value) {
            self.failed.get_or_insert(error);
        }
        self.text.push('$');
        self.text.push_str(&self.arguments.len().to_string());
        self
    }

    /// Goes on with `($1, $2, …)`, for `in`. An empty list becomes `(null)`, which nothing is in.
    pub fn list<'v, T>(&mut self, values: impl IntoIterator<Item = T>) -> &mut Self
    where
        T: Encode<'v, Any> + Type<Any>,
    {
        self.text.push('(');
        let before = self.arguments.len();
        for value in values {
            if self.arguments.len() > before {
                self.text.push_str(", ");
            }
            self.value(value);
        }
        if self.arguments.len() == before {
            self.text.push_str("null");
        }
        self.text.push(')');
        self
    }

    /// Goes on with `($1, $2), ($3, $4), …`, for `values`. `write` adds the values of one row with [`Row::value`].
    /// There must be at least one row, and at most [`MOST_PLACEHOLDERS`] values.
    pub fn rows<R>(&mut self, rows: impl IntoIterator<Item = R>, mut write: impl FnMut(&mut Row<'_>, R)) -> &mut Self {
        for (number, row) in rows.into_iter().enumerate() {
            self.text.push_str(if number == 0 { "(" } else { ", (" });
            write(&mut Row { statement: self, is_empty: true }, row);
            self.text.push(')');
        }
        self
    }

    /// The text so far.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many values there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.arguments.len()
    }

    /// Ready to run. It is not kept prepared, since its text is seldom the same.
    ///
    /// # Errors
    /// When a value could not be encoded.
    pub(crate) fn query(self) -> Result<Query<'static, Any, AnyArguments>, StoreError> {
        match self.failed {
            Some(error) => Err(StoreError::Database(sqlx::Error::Encode(error))),
            None => Ok(sqlx::query_with(AssertSqlSafe(self.text), self.arguments).persistent(false)),
        }
    }
}

/// One row of [`Statement::rows`].
pub struct Row<'s> {
    statement: &'s mut Statement,
    is_empty: bool,
}

impl Row<'_> {
    /// The next value of the row.
    pub fn value<'v, T>(&mut self, value: T) -> &mut Self
    where
        T: Encode<'v, Any> + Type<Any>,
    {
        if !std::mem::replace(&mut self.is_empty, false) {
            self.statement.text.push_str(", ");
        }
        self.statement.value(value);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered_through() {
        let mut statement = Statement::new("select id from work where kind = ");
        statement.value("sweep").push(" and state in ").list(["waiting", "failed"]).push(" and due_at < ").value(7_i64);
        assert_eq!(statement.text(), "select id from work where kind = $1 and state in ($2, $3) and due_at < $4");
        assert_eq!(statement.count(), 4);
    }

    #[test]
    fn rows_are_written_as_tuples() {
        let mut statement = Statement::new("insert into projects (id, slug) values ");
        statement.rows([("1", "a"), ("2", "b")], |row, (id, slug)| {
            row.value(id).value(slug);
        });
        assert_eq!(statement.text(), "insert into projects (id, slug) values ($1, $2), ($3, $4)");
    }

    #[test]
    fn nothing_is_in_an_empty_list() {
        let mut statement = Statement::new("select 1 where 1 in ");
        statement.list(Vec::<i64>::new());
        assert_eq!(statement.text(), "select 1 where 1 in (null)");
    }
}
