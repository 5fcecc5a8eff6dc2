//! `j` and `k` go from turn to turn, `n` and `p` from flagged turn to flagged turn.

use turnwise_model::view::session_page::OutlinedTurn;

use super::turn::anchor;
use crate::browser;
use crate::state::keymap::{Key, use_keys};

/// Binds the keys for as long as the calling component lives. `turns` are those on the page.
pub fn use_turn_keys(turns: &[OutlinedTurn]) {
    let all: Vec<u32> = turns.iter().map(|turn| turn.position).collect();
    let flagged: Vec<u32> = turns.iter().filter(|turn| turn.is_flagged()).map(|turn| turn.position).collect();
    let key = |keys, label, stops: &Vec<u32>, forwards| {
        let stops = stops.clone();
        Key::new(keys, label, move || {
            let here = browser::anchor_in_view(".turn").and_then(|id| id.strip_prefix("turn-")?.parse().ok());
            if let Some(position) = next(&stops, here, forwards) {
                browser::go_to_anchor(&anchor(position));
            }
        })
    };
    use_keys(vec![
        key("j", "Next turn", &all, true),
        key("k", "Previous turn", &all, false),
        key("n", "Next flagged turn", &flagged, true),
        key("p", "Previous flagged turn", &flagged, false),
    ]);
}

/// The stop after `here`, or before it. From nowhere the first one.
fn next(stops: &[u32], here: Option<u32>, forwards: bool) -> Option<u32> {
    let Some(here) = here else { return stops.first().copied() };
    if forwards {
        stops.iter().copied().find(|stop| *stop > here)
    } else {
        stops.iter().copied().rev().find(|stop| *stop < here)
    }
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn one_goes_to_the_next_stop_in_either_direction_and_stays_at_the_ends() {
        let stops = [2, 5, 9];
        assert_eq!(next(&stops, None, true), Some(2));
        assert_eq!(next(&stops, Some(2), true), Some(5));
        assert_eq!(next(&stops, Some(6), true), Some(9));
        assert_eq!(next(&stops, Some(9), true), None);
        assert_eq!(next(&stops, Some(6), false), Some(5));
        assert_eq!(next(&stops, Some(2), false), None);
    }
}
