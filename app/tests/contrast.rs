//! The colours of `style/tokens.css` can be read: WCAG AA contrast for every text on every ground, light and dark.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

const TOKENS: &str = include_str!("../../style/tokens.css");
const GROUNDS: &[&str] = &["ground", "ground-rail", "ground-raised", "ground-sunken", "ground-hover"];
const TEXTS: &[&str] = &[
    "text",
    "text-soft",
    "text-faint",
    "accent-text",
    "pass",
    "warn",
    "fail",
    "human",
    "judge",
    "code",
    "user",
    "api",
];
const PAIRS: &[(&str, &str)] = &[
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("on-fail", "fail"),
    ("on-fail", "fail-hover"),
    ("text", "accent-ground"),
    ("text-soft", "accent-ground"),
    ("text-soft", "pass-ground"),
    ("ground", "code"),
    ("ground", "text"),
];
const OWN_GROUND: &[&str] = &["pass", "warn", "fail", "human", "judge", "code", "user", "api"];

type Theme = BTreeMap<String, String>;

/// The colours between two marks of the file.
fn colours(begin: &str, end: &str) -> Theme {
    let block = TOKENS.split_once(begin).unwrap().1.split_once(end).unwrap().0;
    let declared =
        block.lines().filter_map(|line| line.trim().strip_prefix("--")?.trim_end_matches(';').split_once(": #"));
    declared.map(|(name, colour)| (name.to_owned(), colour.to_owned())).collect()
}

fn themes() -> [(&'static str, Theme); 3] {
    [
        ("light", colours(":root {", "\n}")),
        ("dark by the system", colours(":root[data-theme=\"system\"] {", "\n  }")),
        ("dark by choice", colours(":root[data-theme=\"dark\"] {", "\n}")),
    ]
}

/// Relative luminance, WCAG 2.2.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

fn contrast(theme: &Theme, one: &str, other: &str) -> f64 {
    let (a, b) = (luminance(&theme[one]), luminance(&theme[other]));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_text_is_readable_on_every_ground() {
    for (name, theme) in themes() {
        let on_grounds =
            TEXTS.iter().flat_map(|text| GROUNDS.iter().map(move |ground| ((*text).to_owned(), (*ground).to_owned())));
        let on_own = OWN_GROUND.iter().map(|word| ((*word).to_owned(), format!("{word}-ground")));
        let pairs = PAIRS.iter().map(|(text, ground)| ((*text).to_owned(), (*ground).to_owned()));
        for (text, ground) in on_grounds.chain(on_own).chain(pairs) {
            let contrast = contrast(&theme, &text, &ground);
            assert!(contrast >= 4.5, "{name}: {text} on {ground} has {contrast:.2}:1");
        }
    }
}

#[test]
fn the_edge_of_a_control_and_the_focus_are_seen_on_every_ground() {
    for (name, theme) in themes() {
        for edge in ["line-strong", "focus"] {
            for ground in GROUNDS {
                let contrast = contrast(&theme, edge, ground);
                assert!(contrast >= 3.0, "{name}: {edge} on {ground} has {contrast:.2}:1");
            }
        }
    }
}

#[test]
fn dark_is_the_same_whoever_chose_it() {
    let [_, (_, by_system), (_, by_choice)] = themes();
    assert_eq!(by_system, by_choice);
    assert!(by_system.len() > 20);
}
