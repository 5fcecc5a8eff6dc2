//! The tabs beside the conversation.

use turnwise_model::words;

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// What was judged, by whom, and why.
    #[default]
    Scores,
    /// The spans, as a waterfall.
    Trace,
    /// What is known of the session.
    Details,
    /// What people answered.
    Reviews,
    /// For each rule and evaluator what happened and why.
    Ledger,
}

words!(Tab, "tab", {
    Scores = "scores", Trace = "trace", Details = "details", Reviews = "reviews", Ledger = "ledger"
});

impl Tab {
    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Scores => "Scores",
            Self::Trace => "Trace",
            Self::Details => "Details",
            Self::Reviews => "Reviews",
            Self::Ledger => "Ledger",
        }
    }
}
