//! How one person wants the interface to look and feel. Kept in a cookie, so that the server can render it at once
//! and nothing flashes, and mirrored on `<html>` as data attributes, from which the browser half reads it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use turnwise_model::words;

/// The cookie's name. It holds [`Preferences::to_cookie`].
pub const COOKIE: &str = "turnwise_preferences";

/// Which colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the operating system says.
    #[default]
    System,
    /// Dark text on light ground.
    Light,
    /// Light text on dark ground.
    Dark,
}

/// How much air is between rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Density {
    /// Rows that are easy to hit.
    #[default]
    Comfortable,
    /// More rows on the screen.
    Compact,
}

/// Whether single keys such as `j` do anything (WCAG 2.1.4 wants a way to turn them off).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SingleKeys {
    /// They do.
    #[default]
    On,
    /// Only keys with Ctrl or ⌘ do.
    Off,
}

words!(Theme, "theme", { System = "system", Light = "light", Dark = "dark" });
words!(Density, "density", { Comfortable = "comfortable", Compact = "compact" });
words!(SingleKeys, "key setting", { On = "on", Off = "off" });

/// All preferences together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Preferences {
    /// Which colours.
    pub theme: Theme,
    /// How much air is between rows.
    pub density: Density,
    /// Whether single keys do anything.
    pub single_keys: SingleKeys,
}

impl Preferences {
    /// The cookie's value: `dark.compact.on`.
    #[must_use]
    pub fn to_cookie(self) -> String {
        format!("{}.{}.{}", self.theme, self.density, self.single_keys)
    }

    /// Reads [`Self::to_cookie`]. What cannot be read is as it is by default.
    #[must_use]
    pub fn from_cookie(value: &str) -> Self {
        let mut words = value.split('.');
        let mut word = || words.next().unwrap_or_default();
        Self {
            theme: word().parse().unwrap_or_default(),
            density: word().parse().unwrap_or_default(),
            single_keys: word().parse().unwrap_or_default(),
        }
    }
}

/// The preferences in force, as they are on `<html>`.
#[derive(Clone, Copy)]
pub struct CurrentPreferences(RwSignal<Preferences>);

impl CurrentPreferences {
    /// Reads them once and makes them available to every component below.
    pub fn provide() -> Self {
        let current = Self(RwSignal::new(initial()));
        provide_context(current);
        current
    }

    /// The preferences, followed when they change.
    #[must_use]
    pub fn get(self) -> Preferences {
        self.0.get()
    }

    /// The preferences at this moment.
    #[must_use]
    pub fn get_untracked(self) -> Preferences {
        self.0.get_untracked()
    }

    /// Puts new preferences in force on this page. Saving them is [`crate::functions::preferences`]'s business.
    pub fn apply(self, preferences: Preferences) {
        crate::browser::set_document_data("theme", preferences.theme.as_str());
        crate::browser::set_document_data("density", preferences.density.as_str());
        crate::browser::set_document_data("keys", preferences.single_keys.as_str());
        self.0.set(preferences);
    }
}

/// From the cookie on the server, from `<html>` in the browser: the same, or hydration would not fit.
fn initial() -> Preferences {
    #[cfg(feature = "ssr")]
    return crate::context::ssr::cookie(COOKIE).map(|value| Preferences::from_cookie(&value)).unwrap_or_default();
    #[cfg(not(feature = "ssr"))]
    {
        let data = |name| crate::browser::document_data(name).unwrap_or_default();
        Preferences {
            theme: data("theme").parse().unwrap_or_default(),
            density: data("density").parse().unwrap_or_default(),
            single_keys: data("keys").parse().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_read_back_as_it_was_written() {
        for &theme in Theme::ALL {
            for &density in Density::ALL {
                for &single_keys in SingleKeys::ALL {
                    let preferences = Preferences { theme, density, single_keys };
                    assert_eq!(Preferences::from_cookie(&preferences.to_cookie()), preferences);
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_as_by_default() {
        assert_eq!(Preferences::from_cookie(""), Preferences::default());
        assert_eq!(Preferences::from_cookie("purple.\"><script>.on"), Preferences::default());
        assert_eq!(Preferences::from_cookie("dark").theme, Theme::Dark);
    }
}
