//! The tabs beside the conversation.

use turnwise_model::words;

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// What was judged, by whom, and why.
    #[default]
    Scores,
    /// What is known of the session.
    Details,
}

words!(Tab, "tab", { Scores = "scores", Details = "details" });

impl Tab {
    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Scores => "Scores",
            Self::Details => "Details",
        }
    }
}
