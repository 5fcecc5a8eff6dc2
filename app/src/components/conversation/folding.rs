//! Which turns are shown and which are folded away, so that the one in question is in view with those around it.

use std::ops::Range;

/// A run of turns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Run {
    /// In view.
    Shown(Range<usize>),
    /// Folded, to be opened.
    Folded(Range<usize>),
}

/// The runs of `count` turns when `around` turns on each side of the one at index `target` are to be seen. A single turn
/// is never folded: its summary would take as much room.
#[must_use]
pub fn runs(count: usize, target: Option<usize>, around: Option<u32>) -> Vec<Run> {
    let (Some(target), Some(around)) = (target, around) else { return vec![Run::Shown(0..count)] };
    let around = usize::try_from(around).unwrap_or(usize::MAX);
    let mut start = target.saturating_sub(around);
    let mut end = target.saturating_add(around).saturating_add(1).min(count);
    if start == 1 {
        start = 0;
    }
    if end + 1 == count {
        end = count;
    }
    let runs = [Run::Folded(0..start), Run::Shown(start..end), Run::Folded(end..count)];
    runs.into_iter().filter(|run| !matches!(run, Run::Folded(range) if range.is_empty())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_far_from_the_turn_in_question_is_folded() {
        assert_eq!(runs(20, Some(9), Some(2)), [Run::Folded(0..7), Run::Shown(7..12), Run::Folded(12..20)]);
        assert_eq!(runs(20, Some(0), Some(2)), [Run::Shown(0..3), Run::Folded(3..20)]);
    }

    #[test]
    fn a_single_turn_is_not_folded() {
        assert_eq!(runs(7, Some(3), Some(2)), [Run::Shown(0..7)]);
    }

    #[test]
    fn without_a_turn_in_question_everything_is_shown() {
        assert_eq!(runs(5, None, Some(2)), [Run::Shown(0..5)]);
        assert_eq!(runs(5, Some(2), None), [Run::Shown(0..5)]);
    }
}
