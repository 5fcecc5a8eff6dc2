//! Lists, a page at a time: `limit` and `cursor` in, `{data, next_cursor}` out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::problem::Problem;

/// How many records a page has when nobody says.
const USUAL: u32 = 50;
/// How many records a page has at most.
pub const MOST: u32 = 200;

/// Which page of a list is wanted.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many records at most, 1 to 200; 50 when not given.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// Where to go on: `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// One page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Page<T> {
    /// The records.
    pub data: Vec<T>,
    /// Give this as `cursor` to get the next page; `null` on the last one.
    pub next_cursor: Option<String>,
}

impl PageQuery {
    /// How many records are wanted.
    ///
    /// # Errors
    /// 400 when it is out of bounds.
    pub fn limit(&self) -> Result<u32, Problem> {
        match self.limit.unwrap_or(USUAL) {
            limit @ 1..=MOST => Ok(limit),
            _ => Err(Problem::invalid_field("limit", format!("must be 1 to {MOST}"))),
        }
    }

    /// The key after which the page begins.
    ///
    /// # Errors
    /// 400 when the cursor is none of ours.
    pub fn after(&self) -> Result<Option<String>, Problem> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let decoded = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        decoded
            .map(Some)
            .ok_or_else(|| Problem::invalid_field("cursor", "must be the `next_cursor` of an earlier page"))
    }

    /// Cuts the wanted page out of a list that is short enough to be had as a whole and is ordered by the key.
    ///
    /// # Errors
    /// 400 as [`PageQuery::limit`] and [`PageQuery::after`].
    pub fn cut<T, U>(
        &self,
        mut all: Vec<T>,
        key: impl Fn(&T) -> String,
        show: impl Fn(T) -> U,
    ) -> Result<Page<U>, Problem> {
        let limit = self.limit()? as usize;
        all.sort_by_key(|record| key(record));
        if let Some(after) = self.after()? {
            all.retain(|record| key(record) > after);
        }
        let more = all.len() > limit;
        all.truncate(limit);
        let next_cursor = all.last().filter(|_| more).map(|last| URL_SAFE_NO_PAD.encode(key(last)));
        Ok(Page { data: all.into_iter().map(show).collect(), next_cursor })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn following_the_cursors_gives_every_record_once() {
        let all: Vec<u32> = (100..130).rev().collect();
        let mut seen = Vec::new();
        let mut query = PageQuery { limit: Some(7), cursor: None };
        loop {
            let page = query.cut(all.clone(), u32::to_string, |record| record).expect("is valid");
            seen.extend(page.data);
            match page.next_cursor {
                Some(cursor) => query.cursor = Some(cursor),
                None => break,
            }
        }
        assert_eq!(seen, (100..130).collect::<Vec<_>>());
    }

    #[test]
    fn a_page_that_ends_the_list_has_no_successor() {
        let query = PageQuery { limit: Some(3), cursor: None };
        assert_eq!(query.cut(vec![1, 2, 3], i32::to_string, |record| record).expect("is valid").next_cursor, None);
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        for (query, field) in [
            (PageQuery { limit: Some(0), cursor: None }, "limit"),
            (PageQuery { limit: Some(201), cursor: None }, "limit"),
            (PageQuery { limit: None, cursor: Some("§".into()) }, "cursor"),
        ] {
            let problem = query.cut(vec![1], i32::to_string, |record| record).expect_err("is refused");
            assert!(format!("{problem:?}").contains(field), "{problem:?}");
        }
    }
}
