//! Everything in which SQLite and PostgreSQL differ. A query is written once; what it cannot share stands here.

use std::str::FromStr;

use crate::error::StoreError;

/// One of the two engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Embedded: one file, one writer at a time.
    Sqlite,
    /// A server that many processes share.
    Postgres,
}

impl Dialect {
    /// Which engine a database address belongs to.
    ///
    /// # Errors
    /// When it belongs to neither, with the forms that are understood.
    pub fn of_url(url: &str) -> Result<Self, StoreError> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Ok(Self::Sqlite),
            Some("postgres" | "postgresql") => Ok(Self::Postgres),
            _ => Err(StoreError::Configuration(
                "expected sqlite://path/to/file or postgres://user:password@host/database".to_owned(),
            )),
        }
    }

    /// Begins a transaction that will write. SQLite takes the write lock at once, because a transaction that reads first
    /// and writes later fails when another one wrote in between.
    pub(crate) const fn begin_to_write(self) -> &'static str {
        match self {
            Self::Sqlite => "begin immediate",
            Self::Postgres => "begin",
        }
    }

    /// Makes this transaction the only one that migrates. In SQLite the write lock does that.
    pub(crate) const fn lock_for_migration(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            // Any number that no other program on the same database uses: "turnwise" in ASCII.
            Self::Postgres => Some("select pg_advisory_xact_lock(8391173118240289637)"),
        }
    }

    /// Ends a `select` that picks rows to claim, so that two claimers never wait for each other nor pick the same row.
    /// In SQLite there is one writer. The `select` stands before the `update`, in `with`: as a subquery of `in` PostgreSQL
    /// may run it again for every row, and lock more than its limit.
    pub(crate) const fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => "for update skip locked",
        }
    }

    /// Ends a `select` of rows that this transaction will change: it waits for others that do.
    pub(crate) const fn lock_rows(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => "for update",
        }
    }

    /// Ends a `select` of traces that this transaction may change: others wait, and all lock in the same order.
    pub(crate) const fn lock_rows_in_order_of_trace(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => "order by trace_id for update",
        }
    }

    /// Ends a `select` of sessions that this transaction may change: others wait, and all lock in the same order.
    pub(crate) const fn lock_rows_in_order_of_session(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => "order by s.session_id for update",
        }
    }

    /// The table that says which search text of a session is indexed.
    pub(crate) const fn search_hashes(self) -> &'static str {
        match self {
            Self::Sqlite => "session_search_rows",
            Self::Postgres => "session_search",
        }
    }

    /// Indexes the text `$4`, whose hash is `$3`, of the session `$2` in the project `$1`. A statement that follows gets the
    /// text as `$3` and as `$4` the `search_row` that the one before gave.
    pub(crate) const fn index_search_text(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => &[
                "insert into session_search_rows (project_id, session_id, text_hash)
                 values ($1, $2, $3)
                 on conflict (project_id, session_id) do update set text_hash = excluded.text_hash
                 returning search_row",
                "insert or replace into session_search (rowid, project_id, session_id, body) values ($4, $1, $2, $3)",
            ],
            Self::Postgres => &["insert into session_search (project_id, session_id, text_hash, tsv)
                 values ($1, $2, $3, to_tsvector('simple', $4))
                 on conflict (project_id, session_id) do update
                 set text_hash = excluded.text_hash,
                     tsv = excluded.tsv"],
        }
    }

    /// Takes the session `$2` in the project `$1` out of the search index.
    pub(crate) const fn forget_search_text(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => &[
                "delete from session_search
                 where rowid in (select search_row from session_search_rows where project_id = $1 and session_id = $2)",
                "delete from session_search_rows where project_id = $1 and session_id = $2",
            ],
            Self::Postgres => &["delete from session_search where project_id = $1 and session_id = $2"],
        }
    }

    /// For which engine filters are compiled.
    #[must_use]
    pub const fn for_filters(self) -> turnwise_model::filter::SqlDialect {
        match self {
            Self::Sqlite => turnwise_model::filter::SqlDialect::Sqlite,
            Self::Postgres => turnwise_model::filter::SqlDialect::Postgres,
        }
    }

    /// Tells other processes, at commit, that a topic `$1` has news. SQLite has no other processes that could wait.
    pub(crate) const fn announce(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("select pg_notify('turnwise_wakes', $1)"),
        }
    }

    /// The settings of a new connection that may write.
    pub(crate) const fn writer_settings(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => Some(
                "pragma busy_timeout = 20000; \
                 pragma journal_mode = wal; \
                 pragma synchronous = full; \
                 pragma foreign_keys = on; \
                 pragma temp_store = memory; \
                 pragma cache_size = -16384; \
                 pragma journal_size_limit = 67108864",
            ),
            Self::Postgres => None,
        }
    }

    /// The settings of a new connection that only reads.
    pub(crate) const fn reader_settings(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => Some(
                "pragma busy_timeout = 20000; \
                 pragma query_only = on; \
                 pragma temp_store = memory; \
                 pragma cache_size = -8192",
            ),
            Self::Postgres => None,
        }
    }
}

/// The channel on which [`Dialect::announce`] speaks.
pub(crate) const POSTGRES_CHANNEL: &str = "turnwise_wakes";

impl FromStr for Dialect {
    type Err = StoreError;
    fn from_str(url: &str) -> Result<Self, StoreError> {
        Self::of_url(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_names_the_engine() {
        assert_eq!(Dialect::of_url("sqlite:///var/lib/turnwise/turnwise.db").unwrap(), Dialect::Sqlite);
        assert_eq!(Dialect::of_url("postgresql://db/turnwise").unwrap(), Dialect::Postgres);
        let error = Dialect::of_url("mysql://db/turnwise").unwrap_err();
        assert!(error.to_string().contains("expected sqlite://"), "{error}");
    }
}
