//! Which binding a key press means: chords (`mod+k`), single keys (`j`, `?`) and sequences of two (`g s`).
//!
//! Pure, so that the rule "typing in a text field never triggers a key" is a test and not a hope.

/// A key press, as far as it matters here.
#[derive(Debug, Clone, PartialEq)]
pub struct Press {
    /// What `KeyboardEvent.key` says: `k`, `?`, `ArrowDown`.
    pub key: String,
    /// Ctrl or ⌘ is held.
    pub command: bool,
    /// Alt is held.
    pub alt: bool,
    /// The focus is where text is typed or a choice is made by key.
    pub typing: bool,
    /// A dialog lies over the page.
    pub in_dialog: bool,
    /// When, in milliseconds on any clock that only goes forward.
    pub at: f64,
}

/// What became of a press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is bound to it.
    Nothing,
    /// It may be the first key of a sequence.
    Begun,
    /// The binding at this position of the list was meant.
    Meant(usize),
}

/// How long the second key of a sequence may take, in milliseconds.
const PATIENCE: f64 = 1_500.0;

/// Remembers the first key of a sequence.
#[derive(Debug, Clone, Default)]
pub struct Matcher {
    begun: Option<(String, f64)>,
}

impl Matcher {
    /// What `press` means among `bindings`; the one bound last wins, so that a page may take over a key.
    pub fn press(&mut self, press: &Press, bindings: &[&str], single_keys: bool) -> Outcome {
        let begun = self.begun.take().filter(|(_, at)| press.at - at <= PATIENCE);
        let key = if press.command { format!("mod+{}", press.key.to_lowercase()) } else { press.key.clone() };
        let single = !press.command;
        if press.alt || (single && (press.typing || press.in_dialog || !single_keys)) {
            return Outcome::Nothing;
        }
        if let Some((first, _)) = begun {
            let sequence = format!("{first} {key}");
            if let Some(index) = bindings.iter().rposition(|keys| *keys == sequence) {
                return Outcome::Meant(index);
            }
        }
        if let Some(index) = bindings.iter().rposition(|keys| *keys == key) {
            return Outcome::Meant(index);
        }
        let begins = |keys: &&str| keys.split_once(' ').is_some_and(|(first, _)| first == key);
        if bindings.iter().any(begins) {
            self.begun = Some((key, press.at));
            return Outcome::Begun;
        }
        Outcome::Nothing
    }
}

/// The caps a person reads for a binding: `mod+k` is Ctrl and K, or ⌘ and K on a Mac; `g s` is G, then S.
#[must_use]
pub fn caps(keys: &str, mac: bool) -> Vec<String> {
    keys.split(' ')
        .flat_map(|step| step.split('+'))
        .map(|part| match part {
            "mod" if mac => "⌘".to_owned(),
            "mod" => "Ctrl".to_owned(),
            "ArrowUp" => "↑".to_owned(),
            "ArrowDown" => "↓".to_owned(),
            "Enter" => "⏎".to_owned(),
            "Escape" => "Esc".to_owned(),
            letter if letter.chars().count() == 1 => letter.to_uppercase(),
            other => other.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BINDINGS: &[&str] = &["mod+k", "?", "g s", "g m", "j"];

    fn plain(key: &str) -> Press {
        Press { key: key.to_owned(), command: false, alt: false, typing: false, in_dialog: false, at: 0.0 }
    }

    fn meaning(press: &Press) -> Outcome {
        Matcher::default().press(press, BINDINGS, true)
    }

    #[test]
    fn a_bound_key_means_its_binding() {
        assert_eq!(meaning(&plain("j")), Outcome::Meant(4));
        assert_eq!(meaning(&plain("?")), Outcome::Meant(1));
        assert_eq!(meaning(&plain("x")), Outcome::Nothing);
    }

    #[test]
    fn typing_in_a_text_field_never_triggers_a_single_key() {
        for key in ["j", "?", "g"] {
            assert_eq!(meaning(&Press { typing: true, ..plain(key) }), Outcome::Nothing, "{key}");
        }
    }

    #[test]
    fn the_palette_opens_from_a_text_field_too() {
        assert_eq!(meaning(&Press { typing: true, command: true, ..plain("k") }), Outcome::Meant(0));
        assert_eq!(meaning(&Press { command: true, ..plain("K") }), Outcome::Meant(0));
    }

    #[test]
    fn a_dialog_shields_the_page_under_it() {
        assert_eq!(meaning(&Press { in_dialog: true, ..plain("j") }), Outcome::Nothing);
    }

    #[test]
    fn single_keys_can_be_turned_off_and_chords_stay() {
        let mut matcher = Matcher::default();
        assert_eq!(matcher.press(&plain("j"), BINDINGS, false), Outcome::Nothing);
        assert_eq!(matcher.press(&Press { command: true, ..plain("k") }, BINDINGS, false), Outcome::Meant(0));
    }

    #[test]
    fn the_browsers_own_chords_are_left_alone() {
        assert_eq!(meaning(&Press { command: true, ..plain("j") }), Outcome::Nothing);
        assert_eq!(meaning(&Press { alt: true, ..plain("j") }), Outcome::Nothing);
    }

    #[test]
    fn a_sequence_takes_two_keys_in_time() {
        let mut matcher = Matcher::default();
        assert_eq!(matcher.press(&plain("g"), BINDINGS, true), Outcome::Begun);
        assert_eq!(matcher.press(&Press { at: 400.0, ..plain("m") }, BINDINGS, true), Outcome::Meant(3));

        assert_eq!(matcher.press(&plain("g"), BINDINGS, true), Outcome::Begun);
        assert_eq!(matcher.press(&Press { at: 5_000.0, ..plain("m") }, BINDINGS, true), Outcome::Nothing);
    }

    #[test]
    fn a_key_after_a_false_start_still_counts_for_itself() {
        let mut matcher = Matcher::default();
        assert_eq!(matcher.press(&plain("g"), BINDINGS, true), Outcome::Begun);
        assert_eq!(matcher.press(&plain("j"), BINDINGS, true), Outcome::Meant(4));
    }

    #[test]
    fn the_binding_made_last_wins() {
        assert_eq!(Matcher::default().press(&plain("j"), &["j", "k", "j"], true), Outcome::Meant(2));
    }

    #[test]
    fn keys_are_shown_as_they_are_printed_on_the_keyboard() {
        assert_eq!(caps("mod+k", false), ["Ctrl", "K"]);
        assert_eq!(caps("mod+k", true), ["⌘", "K"]);
        assert_eq!(caps("g s", false), ["G", "S"]);
        assert_eq!(caps("?", false), ["?"]);
    }
}
