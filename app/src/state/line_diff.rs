//! What changed between two texts, line by line.

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It is in both.
    Same,
    /// It is only in the new text.
    Added,
    /// It is only in the old text.
    Removed,
}

/// Longer texts are told as wholly replaced.
const MOST_LINES: usize = 1_500;

/// The lines of both texts in order, with as many kept as can be.
#[must_use]
pub fn line_diff(old: &str, new: &str) -> Vec<(Mark, String)> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let mut lines = Vec::with_capacity(old.len() + new.len());
    if old.len().max(new.len()) > MOST_LINES {
        lines.extend(old.iter().map(|line| (Mark::Removed, (*line).to_owned())));
        lines.extend(new.iter().map(|line| (Mark::Added, (*line).to_owned())));
        return lines;
    }
    // How many lines the rests after each pair of places have in common.
    let width = new.len() + 1;
    let mut common = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i * width + j] = if old[i] == new[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        let (mark, line) = if i < old.len() && j < new.len() && old[i] == new[j] {
            (Mark::Same, old[i])
        } else if j == new.len() || (i < old.len() && common[(i + 1) * width + j] >= common[i * width + j + 1]) {
            (Mark::Removed, old[i])
        } else {
            (Mark::Added, new[j])
        };
        i += usize::from(mark != Mark::Added);
        j += usize::from(mark != Mark::Removed);
        lines.push((mark, line.to_owned()));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(old: &str, new: &str) -> String {
        let sign = |mark| match mark {
            Mark::Same => ' ',
            Mark::Added => '+',
            Mark::Removed => '-',
        };
        line_diff(old, new).into_iter().map(|(mark, line)| format!("{}{line}\n", sign(mark))).collect()
    }

    #[test]
    fn what_stays_is_kept_and_what_goes_stands_before_what_comes() {
        assert_eq!(told("a\nb\nc", "a\nx\nc\nd"), " a\n-b\n+x\n c\n+d\n");
        assert_eq!(told("", "a"), "+a\n");
        assert_eq!(told("a\nb", ""), "-a\n-b\n");
        assert_eq!(told("same", "same"), " same\n");
    }
}
