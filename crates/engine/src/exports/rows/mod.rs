//! The kinds of export: which columns each has, and how a page of sessions becomes its rows.

mod design;
mod reviews;
mod scores;
mod sessions;
mod turns;

use turnwise_model::SessionId;
use turnwise_model::view::export::Kind;
use turnwise_store::{Names, Snapshot, StoreError};

use super::table::{Column, Row};
use super::used::Used;

/// The columns of a kind, in order. They are part of what clients build on: add at the end, never rename.
#[must_use]
pub const fn columns(kind: Kind) -> &'static [Column] {
    match kind {
        Kind::Sessions => sessions::COLUMNS,
        Kind::Turns => turns::COLUMNS,
        Kind::Scores => scores::COLUMNS,
        Kind::Reviews => reviews::COLUMNS,
    }
}

/// The rows of the next sessions.
pub(super) struct Page {
    /// The rows.
    pub(super) rows: Vec<Row>,
    /// How many sessions they are of.
    pub(super) sessions: usize,
    /// The last of them; `None` when there are no more.
    pub(super) last: Option<SessionId>,
}

/// Reads the next page of a kind.
pub(super) async fn page(
    kind: Kind,
    snapshot: &mut Snapshot,
    after: Option<SessionId>,
    names: &Names,
    used: &mut Used,
) -> Result<Page, StoreError> {
    match kind {
        Kind::Sessions => sessions::page(snapshot, after, names, used).await,
        Kind::Turns => turns::page(snapshot, after, names, used).await,
        Kind::Scores => scores::page(snapshot, after, names, used).await,
        Kind::Reviews => reviews::page(snapshot, after, names, used).await,
    }
}
