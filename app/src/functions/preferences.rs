//! How the interface looks and feels in this browser.

use leptos::prelude::*;

use crate::AppError;
use crate::state::preferences::{Density, SingleKeys, Theme};

/// Keeps the preferences in a cookie for a year. Concerns the calling browser only, so nobody needs to be signed in.
#[server(prefix = "/api/ui", endpoint = "preferences_save")]
pub async fn preferences_save(theme: Theme, density: Density, single_keys: SingleKeys) -> Result<(), AppError> {
    use crate::context::ssr::set_cookie;
    use crate::state::flash::{Flash, Notice, leave};
    use crate::state::preferences::{COOKIE, Preferences};

    let preferences = Preferences { theme, density, single_keys };
    set_cookie(COOKIE, &preferences.to_cookie(), 365 * 24 * 3_600, false);
    leave(&Flash::Notice(Notice::Saved));
    Ok(())
}
