//! Many rows at once: inserts and lookups whose statements come in few sizes, so that they stay prepared.
//!
//! Unlike [`crate::Statement`], which is for what is asked now and then. SQLite looks a numbered placeholder up by name
//! in a list, which for hundreds of them costs more than the insert: it gets `?`.

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Any, AnyConnection, Arguments, AssertSqlSafe, Encode, Type};

use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::store::Store;
use crate::transaction::Transaction;

/// The values of rows to be inserted.
#[derive(Default)]
pub(crate) struct Values {
    arguments: AnyArguments,
    failed: Option<sqlx::error::BoxDynError>,
}

impl Values {
    /// The next value of the row.
    pub(crate) fn add<'v, T>(&mut self, value: T) -> &mut Self
    where
        T: Encode<'v, Any> + Type<Any>,
    {
        if let Err(error) = self.arguments.add(value) {
            self.failed.get_or_insert(error);
        }
        self
    }

    fn arguments(self) -> Result<AnyArguments, StoreError> {
        match self.failed {
            Some(error) => Err(StoreError::Database(sqlx::Error::Encode(error))),
            None => Ok(self.arguments),
        }
    }
}

/// An insert of any number of rows.
pub(crate) struct Insert {
    /// `insert into table (column, …)`.
    pub(crate) into: &'static str,
    /// How many columns that are.
    pub(crate) columns: usize,
    /// What follows the values, such as `on conflict …`.
    pub(crate) then: &'static str,
}

impl Insert {
    fn text(&self, dialect: Dialect, rows: usize) -> String {
        let mut text = String::with_capacity(self.into.len() + self.then.len() + rows * (self.columns * 6 + 4) + 16);
        text.push_str(self.into);
        text.push_str(" values ");
        for row in 0..rows {
            text.push_str(if row == 0 { "(" } else { ", (" });
            placeholders(&mut text, dialect, row * self.columns, self.columns);
            text.push(')');
        }
        text.push(' ');
        text.push_str(self.then);
        text
    }
}

/// `$5, $6, $7`, or as many question marks.
fn placeholders(text: &mut String, dialect: Dialect, before: usize, count: usize) {
    for number in 1..=count {
        if number > 1 {
            text.push_str(", ");
        }
        match dialect {
            Dialect::Sqlite => text.push('?'),
            Dialect::Postgres => {
                text.push('$');
                text.push_str(&(before + number).to_string());
            }
        }
    }
}

/// How many rows the next statement takes: a power of two, so that there are few different statements.
const fn helping(left: usize, dialect: Dialect) -> usize {
    let most = match dialect {
        Dialect::Sqlite => 64,
        Dialect::Postgres => 256,
    };
    if left >= most { most } else { 1 << left.ilog2() }
}

impl Transaction {
    /// Inserts the rows, in order, and says how many the database counted as changed.
    pub(crate) async fn insert<R>(
        &mut self,
        insert: &Insert,
        rows: &[R],
        write: impl Fn(&mut Values, &R),
    ) -> Result<u64, StoreError> {
        let dialect = self.dialect();
        let mut left = rows;
        let mut changed = 0;
        while !left.is_empty() {
            let (now, later) = left.split_at(helping(left.len(), dialect));
            left = later;
            let mut values = Values::default();
            for row in now {
                write(&mut values, row);
            }
            let text = insert.text(dialect, now.len());
            debug_assert_eq!(values.arguments.len(), now.len() * insert.columns, "values for {}", insert.into);
            changed += sqlx::query_with(AssertSqlSafe(text), values.arguments()?)
                .execute(self.connection())
                .await?
                .rows_affected();
        }
        Ok(changed)
    }

    /// The rows of `{select} … in ({keys}) {then}`. `first` adds the values that stand before the list; the text before
    /// the list must hold a `{}` for each of them.
    pub(crate) async fn select_in<'k, K>(
        &mut self,
        select: &SelectIn<'_>,
        first: impl Fn(&mut Values),
        keys: &[K],
    ) -> Result<Vec<AnyRow>, StoreError>
    where
        K: Encode<'k, Any> + Type<Any> + Clone,
    {
        let dialect = self.dialect();
        select.rows(dialect, self.connection(), first, keys).await
    }
}

impl Store {
    /// As [`Transaction::select_in`], reading.
    pub(crate) async fn select_in<'k, K>(
        &self,
        select: &SelectIn<'_>,
        first: impl Fn(&mut Values),
        keys: &[K],
    ) -> Result<Vec<AnyRow>, StoreError>
    where
        K: Encode<'k, Any> + Type<Any> + Clone,
    {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut connection = self.reader().acquire().await?;
        select.rows(self.engine(), &mut connection, first, keys).await
    }
}

/// A lookup of rows by a list of keys.
pub(crate) struct SelectIn<'s> {
    /// Up to and with `in`; each `{}` is a value that stands before the list.
    pub(crate) select: &'s str,
    /// What follows the list.
    pub(crate) then: &'static str,
}

impl SelectIn<'_> {
    pub(crate) async fn rows<'k, K>(
        &self,
        dialect: Dialect,
        connection: &mut AnyConnection,
        first: impl Fn(&mut Values),
        keys: &[K],
    ) -> Result<Vec<AnyRow>, StoreError>
    where
        K: Encode<'k, Any> + Type<Any> + Clone,
    {
        let mut found = Vec::new();
        // Lists are filled up with their last key to the next power of two.
        for some in keys.chunks(256) {
            let Some(last) = some.last() else { continue };
            let length = some.len().next_power_of_two();
            let mut values = Values::default();
            first(&mut values);
            let before = values.arguments.len();
            for key in some.iter().chain(std::iter::repeat_n(last, length - some.len())) {
                values.add(key.clone());
            }
            let mut text = String::with_capacity(self.select.len() + self.then.len() + length * 6 + 16);
            let mut number = 0;
            for (part, piece) in self.select.split("{}").enumerate() {
                if part > 0 {
                    placeholders(&mut text, dialect, number, 1);
                    number += 1;
                }
                text.push_str(piece);
            }
            debug_assert_eq!(number, before, "values before the list of {}", self.select);
            text.push_str(" (");
            placeholders(&mut text, dialect, before, length);
            text.push_str(") ");
            text.push_str(self.then);
            found.extend(sqlx::query_with(AssertSqlSafe(text), values.arguments()?).fetch_all(&mut *connection).await?);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRS: Insert = Insert { into: "insert into pairs (a, b)", columns: 2, then: "on conflict do nothing" };

    #[test]
    fn placeholders_are_numbered_where_the_engine_wants_them_so() {
        assert_eq!(
            PAIRS.text(Dialect::Postgres, 2),
            "insert into pairs (a, b) values ($1, $2), ($3, $4) on conflict do nothing"
        );
        assert_eq!(
            PAIRS.text(Dialect::Sqlite, 2),
            "insert into pairs (a, b) values (?, ?), (?, ?) on conflict do nothing"
        );
    }

    #[test]
    fn any_number_of_rows_is_parted_into_few_sizes() {
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            let mut left = 1_000;
            let mut helpings = Vec::new();
            while left > 0 {
                helpings.push(helping(left, dialect));
                left -= helping(left, dialect);
            }
            assert_eq!(helpings.iter().sum::<usize>(), 1_000);
            assert!(helpings.iter().all(|size| size.is_power_of_two()), "{helpings:?}");
        }
    }
}
