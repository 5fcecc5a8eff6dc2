//! Two raters against each other: how often the first said i and the second said j.

use serde::{Deserialize, Serialize};

use crate::{Needed, Undefined};

/// A square table of counts; rows are the first rater, columns the second, categories in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfusionTable {
    categories: usize,
    counts: Vec<u64>,
}

impl ConfusionTable {
    /// A table from its rows.
    ///
    /// # Errors
    /// Fewer than two categories, or a row of another length than the number of rows.
    pub fn from_rows<R: AsRef<[u64]>>(rows: &[R]) -> Result<Self, Undefined> {
        let categories = enough_categories(rows.len())?;
        let mut counts = Vec::with_capacity(categories * categories);
        for row in rows {
            crate::check::same_length(categories, row.as_ref().len())?;
            counts.extend_from_slice(row.as_ref());
        }
        Ok(Self { categories, counts })
    }

    /// A table from pairs of 0-based categories, one pair per item.
    ///
    /// # Errors
    /// Fewer than two categories, or a category outside `0..categories`.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (usize, usize)>, categories: usize) -> Result<Self, Undefined> {
        enough_categories(categories)?;
        let mut counts = vec![0; categories * categories];
        for (first, second) in pairs {
            for category in [first, second] {
                if category >= categories {
                    let high = (categories - 1) as f64;
                    return Err(Undefined::OutOfRange { value: category as f64, low: 0.0, high });
                }
            }
            counts[first * categories + second] += 1;
        }
        Ok(Self { categories, counts })
    }

    /// The number of categories.
    #[must_use]
    pub fn categories(&self) -> usize {
        self.categories
    }

    /// How often the first rater said `row` and the second `column`.
    ///
    /// # Panics
    /// When a category is not below [`Self::categories`].
    #[must_use]
    pub fn count(&self, row: usize, column: usize) -> u64 {
        assert!(column < self.categories, "category {column} of {}", self.categories);
        self.counts[row * self.categories + column]
    }

    /// The number of items.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The table as one row of category counts per item, the form that Gwet's and Fleiss' statistics take.
    #[must_use]
    pub fn items(&self) -> Vec<Vec<u32>> {
        let mut items = Vec::new();
        for row in 0..self.categories {
            for column in 0..self.categories {
                let mut item = vec![0; self.categories];
                item[row] += 1;
                item[column] += 1;
                items.extend((0..self.count(row, column)).map(|_| item.clone()));
            }
        }
        items
    }
}

pub(super) fn enough_categories(have: usize) -> Result<usize, Undefined> {
    if have < 2 { Err(Undefined::TooFew { what: Needed::Categories, have, need: 2 }) } else { Ok(have) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_and_rows_make_the_same_table() {
        let by_pairs = ConfusionTable::from_pairs([(0, 0), (0, 1), (1, 1), (0, 0)], 2);
        assert_eq!(by_pairs, ConfusionTable::from_rows(&[[2, 1], [0, 1]]));
        assert_eq!(by_pairs.unwrap().items(), [[2, 0], [2, 0], [1, 1], [0, 2]]);
    }

    #[test]
    fn what_is_not_a_square_table_is_refused() {
        assert!(ConfusionTable::from_rows(&[vec![1, 2], vec![1]]).is_err());
        assert!(ConfusionTable::from_pairs([(0, 2)], 2).is_err());
        assert!(ConfusionTable::from_rows(&[[1]]).is_err());
    }
}
