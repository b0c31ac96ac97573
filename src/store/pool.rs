//! A pool of connections behind a semaphore: who holds a permit may use or open one connection on a blocking
//! thread. There are no background threads and no waiting on a dead server: a refused connect is an answer.

use super::connection::{AnyConn, Health, Purpose, StoreTarget};
use super::error::StoreError;
use diesel::connection::SimpleConnection;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// A PostgreSQL connection idle for longer than this is asked whether it still lives before it is used.
const ASK_AFTER_IDLE: Duration = Duration::from_secs(15);

pub(super) struct Pool {
    target: StoreTarget,
    purpose: Purpose,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Lease>>,
    /// Raised when a connection is found lost; older ones are then not used again, for they are most likely
    /// lost as well.
    generation: AtomicU64,
    wait: Duration,
    answer_within: Duration,
}

/// One connection while it is in use.
pub(super) struct Lease {
    pub(super) connection: AnyConn,
    pub(super) health: Arc<Health>,
    generation: u64,
    idle_since: Instant,
}

/// How long a caller waits, and for how many connections.
#[derive(Debug, Clone, Copy)]
pub(super) struct PoolLimits {
    pub(super) connections: usize,
    pub(super) wait: Duration,
    pub(super) answer_within: Duration,
}

impl Pool {
    pub(super) fn new(target: StoreTarget, purpose: Purpose, limits: PoolLimits) -> Self {
        Self {
            target,
            purpose,
            permits: Arc::new(Semaphore::new(limits.connections.max(1))),
            idle: Mutex::new(Vec::with_capacity(limits.connections)),
            generation: AtomicU64::new(0),
            wait: limits.wait,
            answer_within: limits.answer_within,
        }
    }

    /// Runs a job on a blocking thread with a connection of its own. A panic in the job loses the connection
    /// and is an `Internal` error.
    pub(super) async fn run<R, J>(self: &Arc<Self>, job: J) -> Result<R, StoreError>
    where
        R: Send + 'static,
        J: FnOnce(&mut Lease) -> R + Send + 'static,
    {
        let permit = match tokio::time::timeout(self.wait, Arc::clone(&self.permits).acquire_owned()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(StoreError::Unavailable(String::from("the store is closed"))),
            Err(_) => {
                return Err(StoreError::Unavailable(format!("no connection came free within {:?}", self.wait)));
            }
        };
        let pool = Arc::clone(self);
        let task = tokio::task::spawn_blocking(move || {
            let _held_until_done = permit;
            let mut lease = pool.check_out()?;
            let answer = job(&mut lease);
            pool.check_in(lease);
            Ok(answer)
        });
        match tokio::time::timeout(self.answer_within, task).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(join)) if join.is_panic() => Err(StoreError::Internal(String::from("a database job panicked"))),
            Ok(Err(_)) => Err(StoreError::Unavailable(String::from("the runtime is shutting down"))),
            // The thread keeps its permit until the connection gives up; the caller is free to go.
            Err(_) => Err(StoreError::Unavailable(format!("no answer within {:?}", self.answer_within))),
        }
    }

    /// A connection that is believed to work: a fresh idle one, otherwise a new one.
    pub(super) fn check_out(&self) -> Result<Lease, StoreError> {
        loop {
            let Some(mut lease) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() else {
                return self.connect();
            };
            if lease.generation == self.generation.load(Ordering::Acquire) && lives(&mut lease) {
                return Ok(lease);
            }
        }
    }

    /// Keeps the connection for the next job unless it is lost or still inside a transaction.
    pub(super) fn check_in(&self, mut lease: Lease) {
        if lease.health.lost.load(Ordering::Relaxed) {
            let seen = lease.generation;
            // Only the first of a generation raises it; a failed exchange means that another already did.
            let _raised =
                self.generation.compare_exchange(seen, seen.saturating_add(1), Ordering::AcqRel, Ordering::Acquire);
            return;
        }
        if lease.connection.open_transactions() != Ok(0) {
            return;
        }
        lease.idle_since = Instant::now();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(lease);
    }

    fn connect(&self) -> Result<Lease, StoreError> {
        let generation = self.generation.load(Ordering::Acquire);
        let health = Arc::new(Health::default());
        let connection = AnyConn::open(&self.target, self.purpose, &health)?;
        Ok(Lease { connection, health, generation, idle_since: Instant::now() })
    }
}

fn lives(lease: &mut Lease) -> bool {
    match lease.connection {
        AnyConn::Lite(_) => true,
        AnyConn::Pg(_) if lease.idle_since.elapsed() < ASK_AFTER_IDLE => true,
        AnyConn::Pg(_) => lease.connection.batch_execute("SELECT 1").is_ok(),
    }
}
