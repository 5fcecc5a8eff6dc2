//! Who may do what: roles of people in a project, scopes of API keys.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a person may do in a project. Each role may do all that the ones before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees everything.
    Viewer,
    /// Also claims tasks and submits reviews.
    Reviewer,
    /// Also changes evaluators, rules, queues and rubrics, and exports.
    Editor,
    /// Also manages members, keys, providers and the project itself.
    Owner,
}

/// What a program may do with an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Send telemetry, sessions and scores.
    Ingest,
    /// Read and export everything in the project.
    Read,
    /// Change evaluators, rules, queues; claim tasks and submit reviews.
    Write,
}

/// A word that is not one of those expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not a {what}, expected one of {expected}")]
pub struct UnknownWord {
    /// What was being read.
    pub what: &'static str,
    /// The word as given.
    pub given: String,
    /// The words that are understood.
    pub expected: &'static str,
}

/// Gives an enum its words: `as_str`, `Display`, `FromStr` and the list of all values.
#[macro_export]
macro_rules! words {
    ($type:ident, $what:literal, { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $type {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word used in the database, the API and addresses.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result { f.pad(self.as_str()) }
        }

        impl ::std::str::FromStr for $type {
            type Err = $crate::access::UnknownWord;
            fn from_str(text: &str) -> Result<Self, $crate::access::UnknownWord> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::access::UnknownWord {
                        what: $what,
                        given: text.to_owned(),
                        expected: concat!($($word, " "),+).trim_ascii_end(),
                    }),
                }
            }
        }
    };
}

words!(Role, "role", { Viewer = "viewer", Reviewer = "reviewer", Editor = "editor", Owner = "owner" });
words!(Scope, "scope", { Ingest = "ingest", Read = "read", Write = "write" });

/// An e-mail address, trimmed and in lower case. Two spellings of one address are one account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// A text that cannot be an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an e-mail address, expected something like name@example.com")]
pub struct InvalidEmail(pub String);

impl Email {
    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;
    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let address = text.trim().to_lowercase();
        let plausible = address.len() <= 254
            && !address.chars().any(|c| c.is_whitespace() || c.is_control())
            && address.split_once('@').is_some_and(|(name, host)| {
                !name.is_empty()
                    && !host.is_empty()
                    && !host.contains('@')
                    && !host.starts_with('.')
                    && !host.ends_with('.')
            });
        if plausible { Ok(Self(address)) } else { Err(InvalidEmail(text.to_owned())) }
    }
}

impl TryFrom<String> for Email {
    type Error = InvalidEmail;
    fn try_from(text: String) -> Result<Self, InvalidEmail> {
        text.parse()
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A project's name in addresses: lower-case letters, digits and hyphens, 1 to 48 long.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

/// A text that cannot be a slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot stand in an address, expected 1 to 48 lower-case letters, digits and hyphens")]
pub struct InvalidSlug(pub String);

impl Slug {
    /// The slug as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A slug made of a name as people write it: `Support bot (EU)` becomes `support-bot-eu`.
    /// A name without any usable letter becomes `project`.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let mut slug = String::new();
        for c in name.chars().flat_map(char::to_lowercase) {
            if c.is_ascii_alphanumeric() {
                slug.push(c);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        slug.truncate(48);
        let slug = slug.trim_matches('-');
        Self(if slug.is_empty() { "project".to_owned() } else { slug.to_owned() })
    }
}

impl FromStr for Slug {
    type Err = InvalidSlug;
    fn from_str(text: &str) -> Result<Self, InvalidSlug> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let valid = (1..=48).contains(&text.len())
            && text.chars().all(allowed)
            && !text.starts_with('-')
            && !text.ends_with('-');
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidSlug(text.to_owned())) }
    }
}

impl TryFrom<String> for Slug {
    type Error = InvalidSlug;
    fn try_from(text: String) -> Result<Self, InvalidSlug> {
        text.parse()
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_what_the_ones_before_it_may() {
        assert!(Role::Owner > Role::Editor && Role::Editor > Role::Reviewer && Role::Reviewer > Role::Viewer);
    }

    #[test]
    fn an_unknown_word_is_answered_with_the_known_ones() {
        let error = "admin".parse::<Role>().unwrap_err();
        assert_eq!(error.to_string(), "\"admin\" is not a role, expected one of viewer reviewer editor owner");
    }

    #[test]
    fn two_spellings_of_an_address_are_one() {
        assert_eq!(" Ada@Example.COM ".parse::<Email>(), "ada@example.com".parse::<Email>());
        for wrong in ["", "ada", "@example.com", "ada@", "a b@example.com", "a@b@c", "ada@.com"] {
            assert!(wrong.parse::<Email>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_name_becomes_a_slug() {
        assert_eq!(Slug::from_name("Support bot (EU)").as_str(), "support-bot-eu");
        assert_eq!(Slug::from_name("日本語").as_str(), "project");
        assert!(Slug::from_name(&"x-".repeat(60)).as_str().parse::<Slug>().is_ok());
    }
}
