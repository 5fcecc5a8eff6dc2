//! Fleiss' kappa of many raters where every item has the same number of ratings. Source: Fleiss 1971.

use super::table::enough_categories;
use crate::Undefined;

/// κ = (P̄ − P̄_e) / (1 − P̄_e). `items[i][k]` is how many people put item i in category k.
///
/// # Errors
/// No items, fewer than two categories, fewer than two ratings per item, items with different numbers of ratings
/// (Krippendorff's alpha takes those), or one category only.
pub fn fleiss_kappa<R: AsRef<[u32]>>(items: &[R]) -> Result<f64, Undefined> {
    let first = items.first().ok_or(Undefined::Empty)?.as_ref();
    let categories = enough_categories(first.len())?;
    let raters: u64 = first.iter().copied().map(u64::from).sum();
    if raters < 2 {
        return Err(Undefined::NoPairs);
    }
    let mut category_totals = vec![0.0; categories];
    let mut agreement = 0.0;
    for (index, item) in items.iter().enumerate() {
        let counts = item.as_ref();
        crate::check::same_length(categories, counts.len())?;
        let have: u64 = counts.iter().copied().map(u64::from).sum();
        if have != raters {
            return Err(Undefined::UnequalRaters { index, have, need: raters });
        }
        for (total, &count) in category_totals.iter_mut().zip(counts) {
            *total += f64::from(count);
            agreement += f64::from(count) * (f64::from(count) - 1.0);
        }
    }
    if category_totals.iter().filter(|&&total| total > 0.0).count() < 2 {
        return Err(Undefined::OneCategory);
    }
    let (items, raters) = (items.len() as f64, raters as f64);
    let observed = agreement / (items * raters * (raters - 1.0));
    let chance: f64 = category_totals.iter().map(|total| (total / (items * raters)).powi(2)).sum();
    Ok((observed - chance) / (1.0 - chance))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fourteen_raters_on_ten_items() {
        let items = [
            [0, 0, 0, 0, 14],
            [0, 2, 6, 4, 2],
            [0, 0, 3, 5, 6],
            [0, 3, 9, 2, 0],
            [2, 2, 8, 1, 1],
            [7, 7, 0, 0, 0],
            [3, 2, 6, 3, 0],
            [2, 5, 3, 2, 2],
            [6, 5, 2, 1, 0],
            [0, 2, 2, 3, 7],
        ];
        assert!((fleiss_kappa(&items).unwrap() - 0.209_931).abs() < 5e-7);
    }

    #[test]
    fn what_fleiss_cannot_take_is_refused_with_the_reason() {
        assert_eq!(fleiss_kappa(&[[2, 0], [1, 0]]), Err(Undefined::UnequalRaters { index: 1, have: 1, need: 2 }));
        assert_eq!(fleiss_kappa(&[[2, 0], [2, 0]]), Err(Undefined::OneCategory));
        assert_eq!(fleiss_kappa(&[[1, 0], [0, 1]]), Err(Undefined::NoPairs));
        assert_eq!(fleiss_kappa::<[u32; 2]>(&[]), Err(Undefined::Empty));
    }
}
