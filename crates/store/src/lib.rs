//! Persistence: SQLite and PostgreSQL behind one interface, one SQL text for both.
//!
//! # How to add a kind of record
//!
//! 1. A migration of the same name in `migrations/sqlite` and `migrations/postgres`, and one line in [`migrations`].
//!    Columns are `text`, `bigint`, `double precision`, and `blob` or `bytea`.
//! 2. A module here. What only reads is an `impl Store`, what writes or must see its own writes is an `impl Transaction`.
//!    Lookups return `Result<Option<T>, StoreError>`. Placeholders are `$1`; what has a dynamic number of them is built with
//!    [`Statement`]. What the two engines cannot share goes into [`dialect`].
//! 3. A test in `tests/contract`, which runs it on both engines.

pub mod dialect;
mod error;
pub mod migrations;
mod row;
mod statement;
mod store;
mod transaction;
mod wakes;

mod accounts;
mod api_keys;
mod audit;
mod invitations;
mod members;
mod projects;
mod secret;
mod sign_ins;
mod work;

mod attributes;
mod backfills;
mod bulk;
mod changes;
mod claims;
mod decisions;
mod double;
mod evaluators;
mod exports;
mod filtered;
mod json;
mod ledger;
mod ledger_work;
mod messages;
mod packing;
mod project_settings;
mod providers;
mod queues;
mod reviews;
mod rubrics;
mod rule_sessions;
mod rules;
mod saved_views;
mod scores;
mod search;
mod session_delete;
mod session_facets;
mod session_list;
mod session_place;
mod session_reviews;
mod sessions;
mod snapshot;
mod span_body;
mod spans;
mod tasks;
mod traces;
mod turns;
mod waterfall;

#[cfg(feature = "testing")]
pub mod testing;

pub use api_keys::{KnownApiKey, NewApiKey};
pub use audit::NewAuditEntry;
pub use backfills::{BackfillStep, StoredBackfill};
pub use changes::{ClaimedChange, SESSIONS_CHANGED};
pub use claims::{HeldClaim, NewClaim};
pub use decisions::{DECISIONS_READY, Decision};
pub use dialect::Dialect;
pub use error::StoreError;
pub use exports::{ExportAttempt, ExportPiece, ExportProgress};
pub use invitations::{NewInvitation, UsedInvitation};
pub use ledger::{CHECKS_DUE, EvaluatorCounts, JUDGES_DUE, LatestReason, NewEvaluation, evaluations_due};
pub use ledger_work::{ClaimedEvaluation, Outcome};
pub use messages::{MessageHash, NewMessage};
pub use project_settings::{ProjectSettings, UserIds};
pub use providers::StoredProvider;
pub use reviews::QueuedReview;
pub use rule_sessions::{Closed, ClosedSession};
pub use scores::Origin;
pub use secret::{SecretHash, SecretKind};
pub use session_list::{MOST_COUNTED, SessionOrder};
pub use session_place::{InvalidCursor, SessionPlace, SortValue};
pub use session_reviews::BlindTask;
pub use sessions::{SessionRecord, SessionState};
pub use sign_ins::SignIn;
pub use snapshot::{Design, Names, SessionName, Snapshot};
pub use span_body::{NewSpan, SpanEncoder, StoredSpan};
pub use spans::SpanOfSession;
pub use statement::{MOST_PLACEHOLDERS, Statement};
pub use store::{Store, StoreConfig};
pub use tasks::{NewTask, TaskFacts};
pub use traces::{NewTrace, SessionKey, TouchedSession};
pub use transaction::{Durability, Transaction};
pub use turns::{NewTurn, SpansByTrace, StoredTurn};
pub use waterfall::SpanLink;
pub use work::{ClaimedWork, FailedWork, Lease, NewWork};
