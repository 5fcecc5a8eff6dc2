//! What a person at the terminal sees of an import: how far it is, how fast, how long it will take.

use indicatif::{HumanBytes, HumanDuration, ProgressBar, ProgressStyle};
use serde::Serialize;

/// What an import did; printed as JSON at its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Conversations, where the format tells them apart.
    pub sessions: u64,
    /// Spans that are stored.
    pub spans: u64,
    /// Reviews of people that are stored.
    pub reviews: u64,
    /// Lines or spans that were refused.
    pub refused: u64,
}

/// A bar on standard error, or nothing where that is no terminal.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Of an import of so many bytes.
    pub fn new(bytes: u64) -> Self {
        let bar = ProgressBar::new(bytes);
        let style = ProgressStyle::with_template("{spinner} [{wide_bar}] {percent:>3} %  {msg}  {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸ "));
        Self { bar }
    }

    /// Shows how far it is.
    pub fn reached(&self, bytes: u64, counts: Counts) {
        self.bar.set_position(bytes);
        let seconds = self.bar.elapsed().as_secs().max(1);
        let Counts { sessions, spans, .. } = counts;
        self.bar.set_message(format!(
            "{sessions} sessions, {spans} spans, {} spans/s, {}",
            spans / seconds,
            HumanBytes(bytes)
        ));
    }

    /// Says something above the bar, also where there is none to be seen.
    pub fn say(&self, text: &str) {
        if self.bar.is_hidden() { eprintln!("{text}") } else { self.bar.println(text) }
    }

    /// What is done after everything was sent.
    pub fn deriving(&self, left: i64) {
        self.bar.set_message(format!("all is stored, {left} sessions are being put together"));
    }

    /// What is done last.
    pub fn reviews(&self, done: u64, all: u64) {
        self.bar.set_message(format!("all sessions are there, {done} of {all} reviews"));
    }

    /// Takes the bar away and says what was done.
    pub fn done(&self, counts: Counts) {
        let took = self.bar.elapsed();
        self.bar.finish_and_clear();
        let rate = counts.spans / took.as_secs().max(1);
        let reviews = if counts.reviews > 0 { format!(", {} reviews", counts.reviews) } else { String::new() };
        eprintln!(
            "imported {} sessions, {} spans{reviews} in {} ({rate} spans/s), {} refused",
            counts.sessions,
            counts.spans,
            HumanDuration(took),
            counts.refused
        );
    }
}
