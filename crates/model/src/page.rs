//! A part of a list, with the way to the rest.

use serde::{Deserialize, Serialize};

/// One page of a list, in a stable order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The items.
    pub data: Vec<T>,
    /// Pass it as `cursor` to get what follows; `None` at the end.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page made from one item more than asked for: the surplus item tells that there is more.
    ///
    /// `cursor` names the place after an item.
    pub fn from_surplus(mut items: Vec<T>, limit: usize, cursor: impl Fn(&T) -> String) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = if more { items.last().map(cursor) } else { None };
        Self { data: items, next_cursor }
    }

    /// The same page of something made from each item.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Page<U> {
        Page { data: self.data.into_iter().map(make).collect(), next_cursor: self.next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surplus_item_is_not_shown_but_told() {
        let page = Page::from_surplus(vec![1, 2, 3], 2, ToString::to_string);
        assert_eq!(page, Page { data: vec![1, 2], next_cursor: Some("2".to_owned()) });
        let last = Page::from_surplus(vec![1, 2], 2, ToString::to_string);
        assert_eq!(last.next_cursor, None);
    }
}
