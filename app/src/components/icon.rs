//! Pictures from the one SVG sprite. They never speak: the words beside them do.

use leptos::prelude::*;

/// The pictures in `public/icons.svg`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "a picture's name says what it shows")]
pub enum IconName {
    Account,
    Check,
    ChevronDown,
    ChevronRight,
    Close,
    Copy,
    Datasets,
    Download,
    Evaluators,
    External,
    Flag,
    Info,
    Keyboard,
    Keys,
    Members,
    Menu,
    Monitors,
    Moon,
    Plus,
    Quality,
    Queues,
    Refresh,
    Rules,
    Search,
    Sessions,
    Settings,
    SignOut,
    Sun,
    Switch,
    System,
    Trash,
    Turnwise,
    Warning,
}

impl IconName {
    /// Every picture.
    pub const ALL: &'static [Self] = &[
        Self::Account,
        Self::Check,
        Self::ChevronDown,
        Self::ChevronRight,
        Self::Close,
        Self::Copy,
        Self::Datasets,
        Self::Download,
        Self::Evaluators,
        Self::External,
        Self::Flag,
        Self::Info,
        Self::Keyboard,
        Self::Keys,
        Self::Members,
        Self::Menu,
        Self::Monitors,
        Self::Moon,
        Self::Plus,
        Self::Quality,
        Self::Queues,
        Self::Refresh,
        Self::Rules,
        Self::Search,
        Self::Sessions,
        Self::Settings,
        Self::SignOut,
        Self::Sun,
        Self::Switch,
        Self::System,
        Self::Trash,
        Self::Turnwise,
        Self::Warning,
    ];

    /// The symbol's id in the sprite.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Check => "check",
            Self::ChevronDown => "chevron-down",
            Self::ChevronRight => "chevron-right",
            Self::Close => "close",
            Self::Copy => "copy",
            Self::Datasets => "datasets",
            Self::Download => "download",
            Self::Evaluators => "evaluators",
            Self::External => "external",
            Self::Flag => "flag",
            Self::Info => "info",
            Self::Keyboard => "keyboard",
            Self::Keys => "keys",
            Self::Members => "members",
            Self::Menu => "menu",
            Self::Monitors => "monitors",
            Self::Moon => "moon",
            Self::Plus => "plus",
            Self::Quality => "quality",
            Self::Queues => "queues",
            Self::Refresh => "refresh",
            Self::Rules => "rules",
            Self::Search => "search",
            Self::Sessions => "sessions",
            Self::Settings => "settings",
            Self::SignOut => "sign-out",
            Self::Sun => "sun",
            Self::Switch => "switch",
            Self::System => "system",
            Self::Trash => "trash",
            Self::Turnwise => "turnwise",
            Self::Warning => "warning",
        }
    }
}

/// Where the sprite is.
#[derive(Clone)]
struct Sprite(StoredValue<String>);

/// Finds the sprite's address once: the server knows it from the manifest, the browser from `<html data-icons>`.
pub fn provide_icons() {
    #[cfg(feature = "ssr")]
    let address =
        use_context::<crate::ServerContext>().map(|context| context.assets.address("icons.svg")).unwrap_or_default();
    #[cfg(not(feature = "ssr"))]
    let address = crate::browser::document_data("icons").unwrap_or_default();
    provide_context(Sprite(StoredValue::new(address)));
}

/// A picture, 16 pixels wide, in the colour of the text around it.
#[component]
pub fn Icon(
    /// Which one.
    name: IconName,
) -> impl IntoView {
    let sprite = use_context::<Sprite>().map(|sprite| sprite.0.get_value()).unwrap_or_default();
    view! {
        <svg class="icon" width="16" height="16" aria-hidden="true" focusable="false">
            <use href=format!("{sprite}#{}", name.symbol()) />
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::IconName;

    const SPRITE: &str = include_str!("../../public/icons.svg");

    #[test]
    fn every_icon_is_in_the_sprite_and_the_sprite_has_no_other() {
        for icon in IconName::ALL {
            assert!(SPRITE.contains(&format!("id=\"{}\"", icon.symbol())), "{} is missing", icon.symbol());
        }
        assert_eq!(SPRITE.matches("<symbol ").count(), IconName::ALL.len());
    }
}
