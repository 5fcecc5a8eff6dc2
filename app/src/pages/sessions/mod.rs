//! The list of sessions: its filter, facets, table, what is new, and what is done with several at once.

mod act;
mod columns;
mod facets;
mod first;
mod live;
mod page;
mod picked;
mod row;
mod table;
mod views;
mod wanted;

pub use page::SessionsPage;
