//! Which pieces of shared code go into one file. The cut leaves one for every set of parts that share something, over
//! a hundred; a request for each would take longer than loading a little too much.

use std::collections::BTreeMap;

/// One request is worth this many bytes of wasm, before it is optimised and compressed: some 1.5 kB on the way.
const REQUEST: u64 = 10_000;

/// Pieces that are loaded together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// Their names.
    pub pieces: Vec<String>,
    /// The parts that need at least one of them.
    pub parts: Vec<String>,
}

/// A [`Shared`] in the making: its parts are the bits of `parts`.
struct Group {
    pieces: Vec<String>,
    parts: u64,
    bytes: u64,
}

/// Groups the pieces that more than one part needs, or that are not a part's own.
pub fn group(needs: &BTreeMap<String, Vec<String>>, sizes: &BTreeMap<String, u64>) -> Vec<Shared> {
    let mut needed_by: BTreeMap<&str, u64> = BTreeMap::new();
    for (bit, (part, names)) in needs.iter().enumerate() {
        for name in names.iter().filter(|name| **name != format!("split_{part}.wasm")) {
            *needed_by.entry(name).or_default() |= 1 << bit;
        }
    }
    let size = |name: &str| sizes.get(name).copied().unwrap_or_default();
    let mut groups: Vec<Group> = needed_by
        .into_iter()
        .map(|(name, parts)| Group { pieces: vec![name.to_owned()], parts, bytes: size(name) })
        .collect();
    while let Some((one, other)) = best(&groups) {
        let Group { pieces, parts, bytes } = groups.swap_remove(other);
        groups[one].pieces.extend(pieces);
        groups[one].parts |= parts;
        groups[one].bytes += bytes;
    }
    let names = |bits: u64| {
        needs.keys().enumerate().filter(|(bit, _)| bits & (1 << bit) != 0).map(|(_, part)| part.clone()).collect()
    };
    let mut shared: Vec<Shared> =
        groups.into_iter().map(|group| Shared { parts: names(group.parts), pieces: sorted(group.pieces) }).collect();
    shared.sort_by(|one, other| one.pieces.cmp(&other.pieces));
    shared
}

/// The two groups, the later one second, that gain the most from being one; `None` once nothing gains.
fn best(groups: &[Group]) -> Option<(usize, usize)> {
    let mut found = None;
    let mut most = 0;
    for (other, second) in groups.iter().enumerate() {
        for (one, first) in groups[..other].iter().enumerate() {
            let gain = gain(first, second);
            if gain > most {
                (found, most) = (Some((one, other)), gain);
            }
        }
    }
    found
}

/// Requests that are saved, less what some parts then load without needing it.
fn gain(one: &Group, other: &Group) -> i64 {
    let count = |bits: u64| i64::from(bits.count_ones());
    let bytes = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX / 128);
    let unneeded =
        bytes(one.bytes) * count(other.parts & !one.parts) + bytes(other.bytes) * count(one.parts & !other.parts);
    bytes(REQUEST) * count(one.parts & other.parts) - unneeded
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grouped(pieces: &[(&str, &[&str], u64)]) -> Vec<Shared> {
        let mut needs: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, parts, _) in pieces {
            for part in *parts {
                needs.entry((*part).to_owned()).or_default().push((*name).to_owned());
            }
        }
        let sizes = pieces.iter().map(|(name, _, size)| ((*name).to_owned(), *size)).collect();
        group(&needs, &sizes)
    }

    #[test]
    fn small_pieces_go_together_and_all_their_parts_load_them() {
        let found = grouped(&[("x", &["a", "b"], 100), ("y", &["b", "c"], 100)]);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].pieces.join(" "), found[0].parts.join(" ")), ("x y".into(), "a b c".into()));
    }

    #[test]
    fn a_large_piece_is_not_loaded_where_it_is_not_needed() {
        let found = grouped(&[("x", &["a", "b"], 90_000), ("y", &["b", "c"], 100)]);
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn what_is_needed_by_the_same_parts_is_one_whatever_its_size() {
        assert_eq!(grouped(&[("x", &["a", "b"], 900_000), ("y", &["a", "b"], 900_000)]).len(), 1);
    }

    #[test]
    fn what_no_part_shares_stays_apart_and_a_parts_own_is_left_out() {
        let found = grouped(&[("x", &["a", "b"], 1), ("y", &["c", "d"], 1), ("split_a.wasm", &["a"], 1)]);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|shared| !shared.pieces.contains(&"split_a.wasm".to_owned())));
    }
}
