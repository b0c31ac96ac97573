//! The store: all SQL, on SQLite or PostgreSQL, behind `read` and `write`. It keeps and finds; it never decides.
//!
//! A job is one closure over [`AnyConn`] on a blocking thread, so that an await inside a transaction cannot be
//! written.

pub mod agreements;
pub mod audit;
pub mod audit_chain;
pub mod backup;
pub mod borders;
pub mod bottles;
pub mod cases;
pub mod closures;
mod columns;
mod connection;
pub mod couriers;
pub mod custody;
pub mod dialect;
pub mod dispatch;
pub mod due;
mod error;
pub mod exceptions;
pub mod excursions;
pub mod feeds;
pub mod holds;
pub mod idempotency;
pub mod imports;
pub mod journal;
pub mod label_licences;
pub mod ledger;
pub mod loading;
pub mod logger_files;
pub mod lots;
pub mod match_runs;
mod migrate;
pub mod offers;
pub mod packings;
pub mod people;
pub mod policy_sets;
mod pool;
mod prepared;
pub mod promises;
pub mod quarantine;
pub mod readings;
pub mod recalls;
pub mod relay;
pub mod reports;
pub mod requests;
mod row_text;
pub mod schema;
pub mod sessions;
pub mod settings;
pub mod signing_keys;
pub mod sites;
pub mod storage_units;
pub mod surplus;
pub mod trace;
pub mod traces;
mod transaction;
pub mod transfers;
pub mod webhook_events;
pub mod webhooks;
mod writer;

pub use connection::{AnyConn, Backend, MultiBackend, StoreTarget};
pub use dialect::{constant_predicate, on_backend, text_column};
pub use error::{AsStoreError, Busy, ConflictKind, StoreError};

use connection::{Health, Purpose};
use diesel::connection::SimpleConnection;
use pool::{Pool, PoolLimits};
use std::sync::Arc;
use std::time::Duration;
use transaction::Attempt;
use writer::Writer;

/// The handle to the database; cheap to clone, all clones share connections.
#[derive(Clone)]
pub struct Store {
    backend: Backend,
    /// SQLite: readers only. PostgreSQL: all work.
    pool: Arc<Pool>,
    /// SQLite only.
    writer: Option<Arc<Writer>>,
    answer_within: Duration,
}

/// How much the store may use and how long a caller waits.
#[derive(Debug, Clone, Copy)]
pub struct StoreOptions {
    /// Connections to PostgreSQL.
    pub postgres_connections: usize,
    /// Read connections to an SQLite file.
    pub sqlite_readers: usize,
    /// Writes that may wait for the SQLite writer before more are refused as busy.
    pub sqlite_queue: usize,
    /// Writes that one SQLite commit may hold.
    pub sqlite_group: usize,
    /// How long a job waits for a connection before it fails as unavailable.
    pub wait_for_connection: Duration,
    /// How long a caller waits for a job's answer before it fails as unavailable. The job may still finish.
    pub answer_within: Duration,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            postgres_connections: 10,
            sqlite_readers: 4,
            sqlite_queue: 4096,
            sqlite_group: 64,
            wait_for_connection: Duration::from_secs(3),
            answer_within: Duration::from_secs(30),
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("backend", &self.backend).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database and brings it to this program's schema. Blocks; call it before serving.
    ///
    /// # Errors
    /// `Unavailable` if it cannot be reached, `NewerSchema` if a newer program migrated it.
    pub fn open(target: &StoreTarget, options: StoreOptions) -> Result<Self, StoreError> {
        let backend = target.backend();
        let mut first = AnyConn::open(target, Purpose::Write, &Arc::new(Health::default()))?;
        migrate::migrate(&mut first)?;
        drop(first);
        let (connections, writer) = match backend {
            Backend::Postgres => (options.postgres_connections, None),
            Backend::Sqlite => {
                let writer = Writer::start(target.clone(), options.sqlite_queue.max(1), options.sqlite_group.max(1))?;
                (options.sqlite_readers, Some(Arc::new(writer)))
            }
        };
        let limits =
            PoolLimits { connections, wait: options.wait_for_connection, answer_within: options.answer_within };
        let pool = Arc::new(Pool::new(target.clone(), Purpose::Read, limits));
        Ok(Self { backend, pool, writer, answer_within: options.answer_within })
    }

    /// Runs a job that only reads; SQLite refuses a write in it. Each statement sees what was committed when
    /// it began.
    ///
    /// # Errors
    /// The job's own, or `Unavailable` if no connection works or comes free.
    pub async fn read<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: FnOnce(&mut AnyConn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.pool.run(move |lease| job(&mut lease.connection)).await.map_err(E::from).flatten()
    }

    /// Runs a job in one transaction: `Ok` is committed before it is answered, `Err` is rolled back. The job
    /// may be run more than once: on PostgreSQL it is tried again, a bounded number of times, after a deadlock
    /// or a serialization failure, and when the connection is lost before the commit was sent. Nothing but the
    /// transaction may therefore be changed by it.
    ///
    /// # Errors
    /// The job's own; `Busy` if too many writes wait or contention does not end; `Unavailable` if the database
    /// is lost, in which case a commit may or may not have happened.
    pub async fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: Fn(&mut AnyConn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + AsStoreError + Send + 'static,
    {
        match &self.writer {
            Some(writer) => self.write_grouped(writer, job).await,
            None => self.write_pooled(job).await,
        }
    }

    /// Which backend this store uses.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        self.backend
    }

    /// Asks the database for the shortest answer, for readiness checks.
    ///
    /// # Errors
    /// `Unavailable` if it cannot give one.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read(|conn| conn.batch_execute("SELECT 1").map_err(StoreError::from)).await
    }

    async fn write_grouped<T, E, F>(&self, writer: &Writer, job: F) -> Result<T, E>
    where
        F: Fn(&mut AnyConn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let answer = writer.submit(job)?;
        match tokio::time::timeout(self.answer_within, answer).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(E::from(StoreError::Internal(String::from("the writer ended without an answer")))),
            Err(_) => Err(E::from(StoreError::Unavailable(format!("no answer within {:?}", self.answer_within)))),
        }
    }

    async fn write_pooled<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: Fn(&mut AnyConn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + AsStoreError + Send + 'static,
    {
        let mut job = job;
        let mut attempt = 1;
        let mut reconnected = false;
        loop {
            let (returned, outcome) = self
                .pool
                .run(move |lease| {
                    let outcome = transaction::attempt(lease, &job);
                    (job, outcome)
                })
                .await?;
            job = returned;
            match outcome {
                Attempt::Done(result) => return result,
                Attempt::Contended(error) if attempt == transaction::ATTEMPTS => return Err(error),
                Attempt::Contended(_) => tokio::time::sleep(transaction::pause_before_retry(attempt)).await,
                Attempt::Lost(error) if reconnected => return Err(error),
                Attempt::Lost(_) => reconnected = true,
            }
            attempt += 1;
        }
    }
}
