//! Filters as SQL for this database, and the quickest way to the sessions that match one.

use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe};
use turnwise_model::ProjectId;
use turnwise_model::filter::{Filter, SqlCondition, SqlValue};

use crate::error::StoreError;
use crate::row::Fields;
use crate::store::Store;

/// So many sessions are looked at one by one, whichever way the list is sorted. Where more of them meet a condition, the
/// list finds its first page soon by going through the sessions in order.
const FEW: i64 = 2_000;

/// Binds the values of a compiled filter.
pub(crate) fn bind_filter<'q>(
    mut query: Query<'q, Any, AnyArguments>,
    parameters: Vec<SqlValue>,
) -> Query<'q, Any, AnyArguments> {
    for parameter in parameters {
        query = match parameter {
            SqlValue::Text(text) => query.bind(text),
            SqlValue::Integer(number) => query.bind(number),
            SqlValue::Real(number) => query.bind(number),
        };
    }
    query
}

impl Store {
    /// A filter as SQL for this database, its placeholders numbered from `first`.
    pub(crate) fn condition(&self, filter: &Filter, first: usize) -> SqlCondition {
        filter.to_sql(self.ambient().now(), self.engine().for_filters(), first)
    }

    /// The same, begun from the sessions that meet a part of it when these are few. `$1` is the project. Says as well by
    /// what to sort, if `by` is the way: these few are sorted when they are known, and not found in that order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn quick_condition(
        &self,
        project: ProjectId,
        filter: &Filter,
        by: &str,
        first: usize,
    ) -> Result<(SqlCondition, String), StoreError> {
        let mut condition = self.condition(filter, first);
        let next = first + condition.parameters.len();
        let lookups = |first| filter.lookups(self.ambient().now(), self.engine().for_filters(), first);
        let mut fewest = None;
        for (index, lookup) in lookups(2).into_iter().enumerate() {
            let sql = format!("select count(*) as found from ({} limit {}) as looked_up", lookup.text, FEW + 1);
            let query = sqlx::query(AssertSqlSafe(sql)).bind(project.to_string());
            let row = bind_filter(query, lookup.parameters).fetch_one(self.reader()).await?;
            let found = Fields::keyed("sessions", "found", &row).integer("found")?;
            if found <= FEW && fewest.is_none_or(|(_, least)| found < least) {
                fewest = Some((index, found));
            }
        }
        let Some((index, _)) = fewest else { return Ok((condition, by.to_owned())) };
        let lookup = lookups(next).swap_remove(index);
        condition.text = format!("({} and s.session_id in ({}))", condition.text, lookup.text);
        condition.parameters.extend(lookup.parameters);
        // With a sign before it SQLite does not look for an index of it.
        Ok((condition, format!("+({by})")))
    }
}
