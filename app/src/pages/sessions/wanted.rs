//! What the address asks the list for: filter, order, place, columns. Pure, both ways.

use turnwise_model::view::session::SessionSort;

use super::columns::Column;
use crate::state::query::Query;

/// What the list shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// In the filter language.
    pub filter: String,
    /// By what it is sorted.
    pub sort: SessionSort,
    /// Least first.
    pub ascending: bool,
    /// The place after which this part begins; empty at the beginning.
    pub after: String,
    /// The place before which this part ends; empty unless one went backwards.
    pub before: String,
    /// How many sessions precede this part, as far as was counted on the way here.
    pub from: i64,
    /// The columns beside the session itself; `None` for the usual ones.
    pub columns: Option<Vec<Column>>,
}

impl Wanted {
    /// Reads the query of the address. What cannot be read is as it is by default.
    #[must_use]
    pub fn read(query: &Query) -> Self {
        let columns: Vec<Column> =
            query.all("columns").flat_map(|list| list.split(',')).filter_map(|word| word.parse().ok()).collect();
        Self {
            filter: query.get("filter").trim().to_owned(),
            sort: query.get("sort").parse().unwrap_or_default(),
            ascending: query.get("order") == "asc",
            after: query.get("after").to_owned(),
            before: query.get("before").to_owned(),
            from: query.get("from").parse().unwrap_or(0).max(0),
            columns: (!columns.is_empty()).then_some(columns),
        }
    }

    /// What the form of the filter sends along.
    #[must_use]
    pub fn kept(&self) -> Vec<(String, String)> {
        let mut kept = Vec::new();
        let mut keep = |name: &str, value: String| {
            if !value.is_empty() {
                kept.push((name.to_owned(), value));
            }
        };
        keep("sort", self.sort_word());
        keep("order", self.order_word().to_owned());
        keep("columns", self.columns_word());
        kept
    }

    /// The query that asks for this.
    #[must_use]
    pub fn query(&self) -> Query {
        let from = if self.from > 0 { self.from.to_string() } else { String::new() };
        Query::default()
            .and("filter", self.filter.as_str())
            .and("sort", self.sort_word())
            .and("order", self.order_word())
            .and("columns", self.columns_word())
            .and("after", self.after.as_str())
            .and("before", self.before.as_str())
            .and("from", from)
    }

    /// The columns to show.
    #[must_use]
    pub fn shown(&self) -> Vec<Column> {
        self.columns.clone().unwrap_or_else(|| Column::USUAL.to_vec())
    }

    /// From the beginning.
    #[must_use]
    pub fn begun(&self) -> Self {
        Self { after: String::new(), before: String::new(), from: 0, ..self.clone() }
    }

    /// With another filter, from the beginning.
    #[must_use]
    pub fn filtered(&self, filter: String) -> Self {
        Self { filter, ..self.begun() }
    }

    /// Sorted by this, greatest first; the other way round where it is so already.
    #[must_use]
    pub fn sorted(&self, sort: SessionSort) -> Self {
        Self { sort, ascending: self.sort == sort && !self.ascending, ..self.begun() }
    }

    fn sort_word(&self) -> String {
        if self.sort == SessionSort::default() { String::new() } else { self.sort.to_string() }
    }

    const fn order_word(&self) -> &'static str {
        if self.ascending { "asc" } else { "" }
    }

    /// The chosen columns as one word of the address.
    #[must_use]
    pub fn columns_word(&self) -> String {
        let words: Vec<&str> = self.columns.iter().flatten().map(|column| column.as_str()).collect();
        words.join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_asks_for_what_was_written_into_it() {
        let wanted = Wanted {
            filter: "turns >= 4 and text ~ \"50% off\"".to_owned(),
            sort: SessionSort::Cost,
            ascending: true,
            after: "r0.5~0198c0de-1111-7000-8000-000000000000".to_owned(),
            before: String::new(),
            from: 50,
            columns: Some(vec![Column::Cost, Column::User]),
        };
        let address = wanted.query().address("/p/x/sessions");
        assert_eq!(Wanted::read(&Query::parse(address.split_once('?').unwrap().1)), wanted);
    }

    #[test]
    fn the_usual_list_has_a_plain_address() {
        assert_eq!(Wanted::default().query().address("/p/x/sessions"), "/p/x/sessions");
        assert_eq!(Wanted::read(&Query::parse("sort=nonsense&columns=&from=-3")), Wanted::default());
    }

    #[test]
    fn a_column_sorts_greatest_first_and_then_turns_round() {
        let by_turns = Wanted { after: "x".to_owned(), from: 50, ..Wanted::default() }.sorted(SessionSort::Turns);
        assert_eq!((by_turns.sort, by_turns.ascending, by_turns.from), (SessionSort::Turns, false, 0));
        assert!(by_turns.after.is_empty());
        assert!(by_turns.sorted(SessionSort::Turns).ascending);
    }
}
