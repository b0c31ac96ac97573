//! One PostgreSQL transaction around a job, and what may be tried again: only what surely left no trace.

use super::connection::AnyConn;
use super::error::{AsStoreError, StoreError};
use super::pool::Lease;
use diesel::connection::{SimpleConnection, TransactionManager};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How often a transaction is tried in all.
pub(super) const ATTEMPTS: u32 = 6;

/// How a transaction ended.
pub(super) enum Attempt<T, E> {
    /// It is over: committed, refused, or its commit has an unknown outcome.
    Done(Result<T, E>),
    /// It left no trace and may succeed if run again at once.
    Contended(E),
    /// The connection was lost before the commit was sent; another one may work.
    Lost(E),
}

/// Runs the job in one READ COMMITTED transaction: `Err` rolls back, `Ok` commits.
pub(super) fn attempt<T, E, F>(lease: &mut Lease, job: &F) -> Attempt<T, E>
where
    F: Fn(&mut AnyConn) -> Result<T, E>,
    E: From<StoreError> + AsStoreError,
{
    lease.health.begin();
    if let Err(error) = AnyConn::begin_transaction(&mut lease.connection) {
        return sort_failure(lease, E::from(StoreError::from(error)));
    }
    let value = match job(&mut lease.connection) {
        Ok(value) => value,
        Err(error) => {
            // A rollback that fails leaves the connection unfit, and the pool then drops it.
            drop(AnyConn::rollback_transaction(&mut lease.connection));
            return sort_failure(lease, error);
        }
    };
    if let Err(error) = refuse_silent_rollback(lease) {
        drop(AnyConn::rollback_transaction(&mut lease.connection));
        return sort_failure(lease, E::from(error));
    }
    match AnyConn::commit_transaction(&mut lease.connection) {
        Ok(()) => Attempt::Done(Ok(value)),
        Err(error) => {
            let error = StoreError::from(error);
            if error.is_contention() { Attempt::Contended(E::from(error)) } else { Attempt::Done(Err(E::from(error))) }
        }
    }
}

/// Goes by what the job says and by what its connection saw, for a job may have made something else of it.
fn sort_failure<T, E: AsStoreError>(lease: &Lease, error: E) -> Attempt<T, E> {
    let said = error.store_error();
    if lease.health.lost.load(Ordering::Relaxed) || said.is_some_and(StoreError::is_unavailable) {
        Attempt::Lost(error)
    } else if lease.health.contended.load(Ordering::Relaxed) || said.is_some_and(StoreError::is_contention) {
        Attempt::Contended(error)
    } else {
        Attempt::Done(Err(error))
    }
}

/// After a failed statement PostgreSQL answers COMMIT by rolling back without an error. A job that swallowed
/// the failure outside a savepoint must not be told that its changes were kept.
fn refuse_silent_rollback(lease: &mut Lease) -> Result<(), StoreError> {
    if !lease.health.statement_failed.load(Ordering::Relaxed) {
        return Ok(());
    }
    match lease.connection.batch_execute("SELECT 1").map_err(StoreError::from) {
        Err(StoreError::Internal(text)) => Err(StoreError::Internal(format!(
            "a job went on after a failed statement; use a savepoint around what may fail ({text})"
        ))),
        answer => answer,
    }
}

/// A pause before trying again: grows with the attempt, spread so that rivals do not meet again.
pub(super) fn pause_before_retry(attempt: u32) -> Duration {
    let spread = RandomState::new().build_hasher().finish() % 1000;
    let ceiling_micros = 2_000_u64.saturating_mul(1 << attempt.min(6));
    Duration::from_micros(ceiling_micros / 2 + ceiling_micros * spread / 2000)
}
