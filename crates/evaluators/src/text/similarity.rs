//! How alike two texts are by the words they share.

use super::words::{Hashes, Token, pair};

/// The content words of a text as a set.
#[must_use]
pub fn content(tokens: &[Token]) -> Hashes {
    tokens.iter().filter(|token| token.is_content()).map(|token| token.hash).collect()
}

/// All words and each two neighbouring ones: what tells apart texts that use the same words in another order.
#[must_use]
pub fn shingles(tokens: &[Token]) -> Hashes {
    let mut set: Hashes = tokens.iter().map(|token| token.hash).collect();
    set.extend(tokens.windows(2).map(|two| pair(two[0].hash, two[1].hash)));
    set
}

/// Jaccard's index: shared over all, from 0 to 1; two empty sets are 0.
#[must_use]
pub fn jaccard(left: &Hashes, right: &Hashes) -> f64 {
    let shared = common(left, right);
    let all = left.len() + right.len() - shared;
    ratio(shared, all)
}

/// The share of `part` that is in `whole`; an empty part is 0.
#[must_use]
pub fn contained(part: &Hashes, whole: &Hashes) -> f64 {
    ratio(part.iter().filter(|hash| whole.contains(hash)).count(), part.len())
}

/// How many are in both.
#[must_use]
pub fn common(left: &Hashes, right: &Hashes) -> usize {
    let (small, large) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    small.iter().filter(|hash| large.contains(hash)).count()
}

/// A share; 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "counts of words are far below 2^52")]
#[must_use]
pub fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
