//! What a form without JavaScript leaves for the page it returns to: a notice, or a secret that is shown once.
//!
//! It travels in an HttpOnly cookie that the next page takes away. Secrets so reach only the browser that made them
//! and are never stored on the server.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use turnwise_model::words;

/// The cookie's name.
pub const COOKIE: &str = "turnwise_flash";

/// What was done, as told to the person who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// Settings were saved.
    Saved,
    /// A password was changed.
    PasswordChanged,
    /// A member's role was changed.
    RoleChanged,
    /// A member was removed.
    MemberRemoved,
    /// An invitation was withdrawn.
    InvitationWithdrawn,
    /// A key was revoked.
    KeyRevoked,
    /// An export was started.
    ExportStarted,
    /// An export was stopped.
    ExportCancelled,
    /// An export was removed.
    ExportDeleted,
    /// Sessions were put into a queue.
    Queued,
    /// A rule was taken out of use.
    RuleArchived,
    /// An evaluator was archived.
    Archived,
    /// A model provider answered as judges need it.
    ProviderWorks,
    /// It did not.
    ProviderFails,
    /// It was removed.
    ProviderRemoved,
    /// A session was ended.
    SessionEnded,
    /// A session was deleted.
    SessionDeleted,
    /// Sessions wait for evaluation.
    Evaluating,
    /// A view was removed.
    ViewRemoved,
}

words!(Notice, "notice", {
    Saved = "saved", PasswordChanged = "password_changed", RoleChanged = "role_changed", MemberRemoved = "member_removed",
    Queued = "queued", RuleArchived = "rule_archived", ViewRemoved = "view_removed",
    InvitationWithdrawn = "invitation_withdrawn", KeyRevoked = "key_revoked", ExportStarted = "export_started",
    ExportCancelled = "export_cancelled", ExportDeleted = "export_deleted",
    Archived = "archived", ProviderWorks = "provider_works", ProviderFails = "provider_fails",
    ProviderRemoved = "provider_removed",
    Evaluating = "evaluating",
    SessionEnded = "session_ended", SessionDeleted = "session_deleted",
});

impl Notice {
    /// As a person reads it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Saved => "Saved",
            Self::PasswordChanged => "Password changed",
            Self::RoleChanged => "Role changed",
            Self::MemberRemoved => "Member removed",
            Self::InvitationWithdrawn => "Invitation withdrawn",
            Self::KeyRevoked => "Key revoked",
            Self::ExportStarted => "Export started",
            Self::ExportCancelled => "Export cancelled",
            Self::ExportDeleted => "Export deleted",
            Self::Evaluating => "The evaluations have begun",
            Self::ViewRemoved => "View removed",
            Self::Queued => "Added to the queue",
            Self::RuleArchived => "Rule archived",
            Self::Archived => "Evaluator archived",
            Self::ProviderWorks => "The provider answers as judges need it",
            Self::ProviderFails => "The provider did not answer as judges need it; with JavaScript this page says why",
            Self::ProviderRemoved => "Provider removed",
            Self::SessionEnded => "Session ended",
            Self::SessionDeleted => "Session deleted",
        }
    }
}

/// What is left for the next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flash {
    /// Something was done.
    Notice(Notice),
    /// An API key was made; this is its secret.
    ApiKey(String),
    /// An invitation was made; this is its token.
    Invitation(String),
}

impl Flash {
    /// The cookie's value.
    #[must_use]
    pub fn to_cookie(&self) -> String {
        match self {
            Self::Notice(notice) => format!("notice:{notice}"),
            Self::ApiKey(secret) => format!("key:{secret}"),
            Self::Invitation(token) => format!("invitation:{token}"),
        }
    }

    /// Reads [`Self::to_cookie`]. Secrets hold only letters, digits, `_` and `-`; anything else was not written by us.
    #[must_use]
    pub fn from_cookie(value: &str) -> Option<Self> {
        let (kind, value) = value.split_once(':')?;
        let plain = !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        match kind {
            "notice" => value.parse().ok().map(Self::Notice),
            "key" if plain => Some(Self::ApiKey(value.to_owned())),
            "invitation" if plain => Some(Self::Invitation(value.to_owned())),
            _ => None,
        }
    }
}

/// What was left for this page, taken once.
#[derive(Clone)]
pub struct Taken(Option<Flash>);

impl Taken {
    /// Takes it from the cookie on the server; the browser half hydrates with what the server took.
    pub fn provide() -> Self {
        let taken = Self(SharedValue::new(take).into_inner());
        provide_context(taken.clone());
        taken
    }

    /// The notice among it.
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        match &self.0 {
            Some(Flash::Notice(notice)) => Some(notice.text().to_owned()),
            _ => None,
        }
    }
}

/// The secret of an API key that a form without JavaScript has just made.
#[must_use]
pub fn new_api_key() -> Option<String> {
    match use_context::<Taken>()?.0 {
        Some(Flash::ApiKey(secret)) => Some(secret),
        _ => None,
    }
}

/// The token of an invitation that a form without JavaScript has just made.
#[must_use]
pub fn new_invitation() -> Option<String> {
    match use_context::<Taken>()?.0 {
        Some(Flash::Invitation(token)) => Some(token),
        _ => None,
    }
}

fn take() -> Option<Flash> {
    #[cfg(feature = "ssr")]
    {
        use crate::context::ssr::{cookie, set_cookie};
        let value = cookie(COOKIE)?;
        set_cookie(COOKIE, "", 0, true);
        Flash::from_cookie(&value)
    }
    #[cfg(not(feature = "ssr"))]
    None
}

/// Leaves something for the page to which a form without JavaScript returns; with JavaScript the answer itself says it.
#[cfg(feature = "ssr")]
pub fn leave(flash: &Flash) {
    if crate::context::ssr::plain_form() {
        crate::context::ssr::set_cookie(COOKIE, &flash.to_cookie(), 60, true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_read_back_as_it_was_written() {
        for flash in
            [Flash::Notice(Notice::KeyRevoked), Flash::ApiKey("tw_aB3-x_9".into()), Flash::Invitation("q8Zz".into())]
        {
            assert_eq!(Flash::from_cookie(&flash.to_cookie()), Some(flash));
        }
    }

    #[test]
    fn a_cookie_that_we_did_not_write_is_ignored() {
        for value in ["", "notice", "notice:pwned", "key:", "key:<b>", "invitation:a b", "other:x"] {
            assert_eq!(Flash::from_cookie(value), None, "{value:?}");
        }
    }
}
