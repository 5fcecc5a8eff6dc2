//! What the command palette offers and in which order. Ranking is pure: what begins a word beats what is inside one,
//! and both beat letters that are merely all there in order.

use leptos::prelude::*;
use turnwise_model::SessionId;

use crate::components::IconName;

/// One line of the palette.
#[derive(Clone)]
pub struct Entry {
    /// What it is called.
    pub title: String,
    /// What kind of thing it is: "Page", "Project", "Action".
    pub kind: &'static str,
    /// Its picture.
    pub icon: IconName,
    /// What choosing it does.
    pub choice: Choice,
}

/// What choosing a line does.
#[derive(Clone)]
pub enum Choice {
    /// Goes to an address.
    Go(String),
    /// Runs an action.
    Run(Callback<()>),
}

/// How well `text` answers `query`; higher is better, `None` is not at all. Letter case does not matter.
#[must_use]
pub fn rank(query: &str, text: &str) -> Option<u32> {
    let query: Vec<char> = query.trim().to_lowercase().chars().collect();
    let text: Vec<char> = text.to_lowercase().chars().collect();
    if query.is_empty() {
        return Some(0);
    }
    let shortness = 100_u32.saturating_sub(u32::try_from(text.len()).unwrap_or(100));
    let begins_word = |at: usize| at == 0 || !text[at - 1].is_alphanumeric();
    let places: Vec<usize> = (0..text.len()).filter(|&at| text[at..].starts_with(&query)).collect();
    if places.first() == Some(&0) {
        return Some(3_000 + shortness);
    }
    if places.iter().any(|&at| begins_word(at)) {
        return Some(2_000 + shortness);
    }
    if !places.is_empty() {
        return Some(1_000 + shortness);
    }
    let mut wanted = query.iter().filter(|c| !c.is_whitespace()).peekable();
    let mut at_word_starts = 0;
    for (at, c) in text.iter().enumerate() {
        if wanted.next_if(|w| *w == c).is_some() && begins_word(at) {
            at_word_starts += 1;
        }
    }
    wanted.peek().is_none().then_some(at_word_starts * 10 + shortness / 20)
}

/// The entries that answer `query`, best first; equally good ones keep their order.
#[must_use]
pub fn find(query: &str, entries: &[Entry]) -> Vec<Entry> {
    let mut found: Vec<(u32, &Entry)> =
        entries.iter().filter_map(|entry| rank(query, &entry.title).map(|rank| (rank, entry))).collect();
    found.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    found.into_iter().map(|(_, entry)| entry.clone()).collect()
}

/// The entry that opens a session, when what was typed is a session's id.
#[must_use]
pub fn session_entry(query: &str, project: &str) -> Option<Entry> {
    let id: SessionId = query.trim().parse().ok()?;
    Some(Entry {
        title: format!("Open session {id}"),
        kind: "Session",
        icon: IconName::Sessions,
        choice: Choice::Go(format!("/p/{project}/sessions/{id}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(query: &str, among: &[&str]) -> Vec<String> {
        let entry = |title: &&str| Entry {
            title: (*title).to_owned(),
            kind: "Page",
            icon: IconName::Settings,
            choice: Choice::Go(String::new()),
        };
        let entries: Vec<Entry> = among.iter().map(entry).collect();
        find(query, &entries).into_iter().map(|entry| entry.title).collect()
    }

    #[test]
    fn everything_is_offered_in_order_before_a_letter_is_typed() {
        assert_eq!(titles("", &["Sessions", "Members", "API keys"]), ["Sessions", "Members", "API keys"]);
    }

    #[test]
    fn the_start_of_the_name_beats_the_start_of_a_word_beats_the_middle() {
        assert_eq!(titles("ke", &["Make a monkey", "API keys", "Keys"]), ["Keys", "API keys", "Make a monkey"]);
    }

    #[test]
    fn initials_find_a_name() {
        assert_eq!(titles("udt", &["Use light theme", "Use dark theme", "Sessions"]), ["Use dark theme"]);
    }

    #[test]
    fn case_and_spaces_around_do_not_matter() {
        assert_eq!(titles("  SIGN ", &["Sign out"]), ["Sign out"]);
    }

    #[test]
    fn what_does_not_answer_is_not_offered() {
        assert!(titles("xyz", &["Sessions", "Members"]).is_empty());
    }

    #[test]
    fn letters_outside_ascii_are_letters() {
        assert_eq!(titles("ü", &["Überblick", "Sessions"]), ["Überblick"]);
    }

    #[test]
    fn a_session_id_opens_the_session_and_other_words_do_not() {
        let entry = session_entry(" 0198c0de-1111-7000-8000-000000000000 ", "shop").unwrap();
        assert!(
            matches!(entry.choice, Choice::Go(to) if to == "/p/shop/sessions/0198c0de-1111-7000-8000-000000000000")
        );
        assert!(session_entry("sessions", "shop").is_none());
    }
}
