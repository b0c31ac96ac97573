//! One connection type over both backends, opened by what the target says; it never guesses a backend from
//! a failed attempt, as the derived `establish` would.

use super::error::StoreError;
use diesel::connection::{Instrumentation, InstrumentationEvent, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

mod either {
    #![expect(missing_docs, reason = "the derive makes public types without documentation")]
    use diesel::prelude::*;

    /// A connection to either backend. Queries written for it run on both.
    #[derive(diesel::MultiConnection)]
    pub enum AnyConn {
        /// PostgreSQL.
        Pg(PgConnection),
        /// SQLite.
        Lite(SqliteConnection),
    }
}
pub use either::{AnyConn, MultiBackend};

/// Which database a store uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// One embedded file, one writer.
    Sqlite,
    /// A server.
    Postgres,
}

/// Where the rows are kept.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreTarget {
    /// A file; made if it does not exist. In-memory databases are not offered: readers have their own connections.
    Sqlite(PathBuf),
    /// A `postgres://` URL or a libpq `key=value` text.
    Postgres(String),
}

impl std::fmt::Debug for StoreTarget {
    /// Leaves the URL out: it may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Postgres(_) => f.write_str("Postgres(..)"),
        }
    }
}

impl StoreTarget {
    /// The backend this target needs.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        match self {
            Self::Sqlite(_) => Backend::Sqlite,
            Self::Postgres(_) => Backend::Postgres,
        }
    }
}

/// What a connection is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Read,
    Write,
}

/// What happened on a connection, noted by its instrumentation so that no caller can swallow it.
#[derive(Debug, Default)]
pub(super) struct Health {
    /// The server went away.
    pub(super) lost: AtomicBool,
    /// A statement failed since the transaction began: PostgreSQL may have given it up.
    pub(super) statement_failed: AtomicBool,
    /// A statement met contention since the transaction began.
    pub(super) contended: AtomicBool,
}

struct HealthWatch(Arc<Health>);

impl Health {
    /// A new transaction begins.
    pub(super) fn begin(&self) {
        self.statement_failed.store(false, Ordering::Relaxed);
        self.contended.store(false, Ordering::Relaxed);
    }

    fn note(&self, error: &diesel::result::Error) {
        self.statement_failed.store(true, Ordering::Relaxed);
        if let diesel::result::Error::DatabaseError(kind, information) = error {
            let error = super::error::classify(kind, information.message(), None);
            self.lost.fetch_or(error.is_unavailable(), Ordering::Relaxed);
            self.contended.fetch_or(error.is_contention(), Ordering::Relaxed);
        }
    }
}

impl Instrumentation for HealthWatch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::FinishQuery { error: Some(error), .. } = event {
            self.0.note(error);
        }
    }
}

impl AnyConn {
    /// Opens a connection with everything it needs to be right and quick.
    pub(super) fn open(target: &StoreTarget, purpose: Purpose, health: &Arc<Health>) -> Result<Self, StoreError> {
        let mut conn = match target {
            StoreTarget::Sqlite(path) => Self::Lite(open_sqlite(path, purpose)?),
            StoreTarget::Postgres(url) => Self::Pg(open_postgres(url)?),
        };
        conn.set_instrumentation(HealthWatch(Arc::clone(health)));
        Ok(conn)
    }

    /// Which backend this connection talks to.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        match self {
            Self::Pg(_) => Backend::Postgres,
            Self::Lite(_) => Backend::Sqlite,
        }
    }

    /// How many transactions and savepoints are open; an error if the connection lost count.
    pub(super) fn open_transactions(&mut self) -> Result<u32, StoreError> {
        let depth = <Self as TransactionManager<Self>>::transaction_manager_status_mut(self).transaction_depth()?;
        Ok(depth.map_or(0, std::num::NonZeroU32::get))
    }
}

fn open_sqlite(path: &std::path::Path, purpose: Purpose) -> Result<SqliteConnection, StoreError> {
    let path = path.to_str().ok_or_else(|| StoreError::Internal(String::from("the database path is not UTF-8")))?;
    let mut conn = SqliteConnection::establish(path)?;
    // busy_timeout first: switching a new file to WAL takes a lock of its own.
    conn.batch_execute(
        "PRAGMA busy_timeout = 5000;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA journal_size_limit = 67108864;",
    )?;
    // Page caches are heap per connection and stay small; what they lack, the kernel's own cache has.
    conn.batch_execute(match purpose {
        Purpose::Read => "PRAGMA cache_size = -2048; PRAGMA query_only = ON;",
        // Statistics without samples: with samples, SQLite plans a kept statement anew for each value it is given.
        Purpose::Write => "PRAGMA cache_size = -8192; PRAGMA analysis_limit = 1000;",
    })?;
    Ok(conn)
}

fn open_postgres(url: &str) -> Result<PgConnection, StoreError> {
    let mut conn = PgConnection::establish(&with_liveness(url))?;
    conn.batch_execute(
        "SET statement_timeout = '15s'; SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '30s';",
    )?;
    Ok(conn)
}

/// Adds libpq's own timeouts where the URL has none, so that a vanished server is noticed within seconds.
fn with_liveness(url: &str) -> String {
    const SETTINGS: [(&str, &str); 6] = [
        ("connect_timeout", "3"),
        ("keepalives_idle", "5"),
        ("keepalives_interval", "2"),
        ("keepalives_count", "3"),
        ("tcp_user_timeout", "8000"),
        ("application_name", "milkbridge"),
    ];
    let is_url = url.starts_with("postgres://") || url.starts_with("postgresql://");
    let mut full = url.to_owned();
    for (name, value) in SETTINGS {
        if full.contains(&format!("{name}=")) {
            continue;
        }
        full.push(match (is_url, full.contains('?')) {
            (true, true) => '&',
            (true, false) => '?',
            (false, _) => ' ',
        });
        full.push_str(name);
        full.push('=');
        full.push_str(value);
    }
    full
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_added_but_never_overruled() {
        let url = with_liveness("postgres://hub@db/milk?connect_timeout=9");
        assert!(url.starts_with("postgres://hub@db/milk?connect_timeout=9&keepalives_idle=5"), "{url}");
        assert_eq!(url.matches("connect_timeout").count(), 1);
    }

    #[test]
    fn a_plain_url_and_a_keyword_text_are_both_extended() {
        assert!(with_liveness("postgres://db/milk").starts_with("postgres://db/milk?connect_timeout=3&"));
        assert!(with_liveness("host=db dbname=milk").starts_with("host=db dbname=milk connect_timeout=3 "));
    }

    #[test]
    fn a_target_never_prints_its_url() {
        let target = StoreTarget::Postgres(String::from("postgres://hub:password@db/milk"));
        assert_eq!(format!("{target:?}"), "Postgres(..)");
    }
}
