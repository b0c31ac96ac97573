//! What can go wrong with the database, sorted once and for both backends. Classification goes by the kind
//! of an error; texts are read only where Diesel gives no kind.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Why a read or a write did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached or refuses to work; nothing is wrong with the call. Try later.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The database works but cannot take this now.
    #[error("the database is busy: {0}")]
    Busy(Busy),
    /// A constraint refused the change. `constraint` is its name on PostgreSQL and its columns on SQLite:
    /// for people to read, never to branch on.
    #[error("a {kind} constraint refused the change: {constraint}")]
    Conflict {
        /// The kind of constraint.
        kind: ConflictKind,
        /// The constraint as the backend names it.
        constraint: String,
    },
    /// A stored row cannot be read as what it should be.
    #[error("a stored row cannot be read: {0}")]
    Corrupt(String),
    /// The database was migrated by a newer program; this one would not understand it.
    #[error("the database has migration {0}, which this program does not know")]
    NewerSchema(String),
    /// A fault of ours: a wrong statement, a broken assumption, a panic in a job.
    #[error("internal database error: {0}")]
    Internal(String),
}

/// Why the database cannot take a job now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Busy {
    /// Deadlock, serialization failure or a lock that was not given: the same job may work at once.
    #[error("contention: {0}")]
    Contention(String),
    /// Too many writes wait already.
    #[error("{0} writes wait already")]
    QueueFull(usize),
    /// The statement took longer than it may.
    #[error("timeout: {0}")]
    Timeout(String),
}

/// The kind of constraint that refused a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictKind {
    /// Unique or primary key.
    Unique,
    /// CHECK, or a trigger that keeps records as they are.
    Check,
    /// FOREIGN KEY.
    ForeignKey,
}

impl std::fmt::Display for ConflictKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unique => "unique",
            Self::Check => "check",
            Self::ForeignKey => "foreign key",
        })
    }
}

/// An error of a caller that may carry a [`StoreError`], so that the store can tell contention from refusal.
pub trait AsStoreError {
    /// The store error inside, if that is what it is.
    fn store_error(&self) -> Option<&StoreError>;
}

impl AsStoreError for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}

impl StoreError {
    /// Wraps what a row should have been and is not, such as `lot 0199…: state "opne"`.
    #[must_use]
    pub fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt(what.into())
    }

    /// The same transaction may succeed if run again at once.
    #[must_use]
    pub const fn is_contention(&self) -> bool {
        matches!(self, Self::Busy(Busy::Contention(_)))
    }

    /// The connection or the database behind it is lost.
    #[must_use]
    pub const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// A unique or primary key was taken already.
    #[must_use]
    pub const fn is_duplicate(&self) -> bool {
        matches!(self, Self::Conflict { kind: ConflictKind::Unique, .. })
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::DatabaseError(kind, information) => {
                classify(&kind, information.message(), information.constraint_name())
            }
            DieselError::DeserializationError(cause) => Self::Corrupt(with_causes(cause.as_ref())),
            DieselError::RollbackErrorOnCommit { commit_error, .. } => Self::from(*commit_error),
            DieselError::BrokenTransactionManager => {
                Self::Unavailable(String::from("the connection broke inside a transaction"))
            }
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<diesel::ConnectionError> for StoreError {
    fn from(error: diesel::ConnectionError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// The error with what it came from: Diesel's own text names the column but not what stood in it.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

pub(super) fn classify(kind: &DatabaseErrorKind, message: &str, constraint: Option<&str>) -> StoreError {
    let conflict = |kind| StoreError::Conflict { kind, constraint: constraint.unwrap_or(message).to_owned() };
    match kind {
        DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::ExclusionViolation => conflict(ConflictKind::Unique),
        DatabaseErrorKind::CheckViolation => conflict(ConflictKind::Check),
        DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::RestrictViolation => {
            conflict(ConflictKind::ForeignKey)
        }
        DatabaseErrorKind::SerializationFailure => StoreError::Busy(Busy::Contention(message.to_owned())),
        // After a failover the old address may answer as a read-only standby.
        DatabaseErrorKind::ClosedConnection
        | DatabaseErrorKind::UnableToSendCommand
        | DatabaseErrorKind::ReadOnlyTransaction => StoreError::Unavailable(message.to_owned()),
        _ => classify_by_text(message),
    }
}

/// Texts of errors that Diesel hands over without a kind: PostgreSQL's in English, SQLite's own.
fn classify_by_text(message: &str) -> StoreError {
    const CONTENTION: [&str; 5] = [
        "deadlock detected",
        "canceling statement due to lock timeout",
        "database is locked",
        "database table is locked",
        "database is busy",
    ];
    const LOST: [&str; 14] = [
        "terminating connection",
        "server closed the connection",
        "connection to server",
        "connection not open",
        "no connection to the server",
        "could not receive data from server",
        "could not send data to server",
        "the database system is",
        "too many clients already",
        "remaining connection slots",
        "SSL connection has been closed",
        "database or disk is full",
        "disk I/O error",
        "unable to open database file",
    ];
    let holds = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
    if holds(&CONTENTION) {
        StoreError::Busy(Busy::Contention(message.to_owned()))
    } else if holds(&LOST) {
        StoreError::Unavailable(message.to_owned())
    } else if message.contains("canceling statement due to") {
        StoreError::Busy(Busy::Timeout(message.to_owned()))
    } else if message.starts_with("refusal ") {
        // The triggers that keep records as they are; SQLite gives them no kind of their own.
        StoreError::Conflict { kind: ConflictKind::Check, constraint: message.to_owned() }
    } else {
        StoreError::Internal(message.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(message: &str) -> StoreError {
        StoreError::from(DieselError::DatabaseError(DatabaseErrorKind::NotNullViolation, Box::new(message.to_owned())))
    }

    #[test]
    fn a_deadlock_is_contention() {
        assert!(unknown("deadlock detected").is_contention());
        assert!(unknown("database is locked").is_contention());
    }

    #[test]
    fn a_lost_server_is_unavailable() {
        assert!(unknown("terminating connection due to administrator command").is_unavailable());
        assert!(unknown("FATAL:  the database system is starting up").is_unavailable());
    }

    #[test]
    fn a_statement_timeout_is_busy_but_not_worth_repeating() {
        let error = unknown("canceling statement due to statement timeout");
        assert!(matches!(error, StoreError::Busy(Busy::Timeout(_))));
        assert!(!error.is_contention());
    }

    #[test]
    fn a_kept_record_refuses_as_a_check() {
        assert!(matches!(
            unknown("refusal 18: feeds keeps what it holds; add a correction"),
            StoreError::Conflict { kind: ConflictKind::Check, .. }
        ));
    }

    #[test]
    fn what_nobody_foresaw_is_internal() {
        assert!(matches!(unknown("null value in column \"id\""), StoreError::Internal(_)));
        assert!(matches!(StoreError::from(DieselError::NotFound), StoreError::Internal(_)));
    }
}
