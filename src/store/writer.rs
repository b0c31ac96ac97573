//! The one writer of an SQLite file: a thread that takes what waits, runs each job in a savepoint of its own
//! and commits them together, so that one disk flush serves up to a whole group. Nobody is answered before
//! the commit.

use super::connection::{AnyConn, Health, Purpose, StoreTarget};
use super::error::{Busy, StoreError};
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// How often a group asks for the write lock while another process holds it; each time waits `busy_timeout`.
const BEGIN_ATTEMPTS: u32 = 3;

/// The handle to the writer thread. Dropping it lets the thread finish what waits, then ends it.
pub(super) struct Writer {
    queue: Option<SyncSender<Box<dyn QueuedJob>>>,
    thread: Option<JoinHandle<()>>,
    capacity: usize,
}

/// A job whose types are forgotten, so that jobs of all callers share a queue.
trait QueuedJob: Send {
    /// The caller no longer waits.
    fn is_abandoned(&self) -> bool;
    /// Runs once and says whether its changes are to be kept.
    fn attempt(&mut self, conn: &mut AnyConn) -> bool;
    /// Answers the caller: with the job's own result, or with why its changes were lost.
    fn settle(self: Box<Self>, kept: Result<(), StoreError>);
}

struct Pending<T, E, F> {
    job: F,
    result: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> QueuedJob for Pending<T, E, F>
where
    F: Fn(&mut AnyConn) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    fn attempt(&mut self, conn: &mut AnyConn) -> bool {
        let result = catch_unwind(AssertUnwindSafe(|| (self.job)(conn)))
            .unwrap_or_else(|_| Err(E::from(StoreError::Internal(String::from("a database job panicked")))));
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn settle(self: Box<Self>, kept: Result<(), StoreError>) {
        let not_run = || Err(E::from(StoreError::Internal(String::from("the job was not run"))));
        let result = match (self.result, kept) {
            (Some(Err(own)), _) => Err(own),
            (result, Ok(())) => result.unwrap_or_else(not_run),
            (_, Err(lost)) => Err(E::from(lost)),
        };
        // A caller that went away needs no answer.
        drop(self.answer.send(result));
    }
}

impl Writer {
    /// Opens the write connection and starts the thread.
    pub(super) fn start(target: StoreTarget, capacity: usize, group: usize) -> Result<Self, StoreError> {
        let connection = AnyConn::open(&target, Purpose::Write, &Arc::new(Health::default()))?;
        let (queue, jobs) = sync_channel(capacity);
        let side = WriteSide { target, connection: Some(connection), group };
        let thread = std::thread::Builder::new()
            .name(String::from("store-writer"))
            .spawn(move || side.serve(&jobs))
            .map_err(|error| StoreError::Internal(error.to_string()))?;
        Ok(Self { queue: Some(queue), thread: Some(thread), capacity })
    }

    /// Queues a job; refuses with `Busy` when the queue is full.
    pub(super) fn submit<T, E, F>(&self, job: F) -> Result<oneshot::Receiver<Result<T, E>>, StoreError>
    where
        F: Fn(&mut AnyConn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, receiver) = oneshot::channel();
        let ended = || StoreError::Unavailable(String::from("the writer has ended"));
        let queue = self.queue.as_ref().ok_or_else(ended)?;
        match queue.try_send(Box::new(Pending { job, result: None, answer })) {
            Ok(()) => Ok(receiver),
            Err(TrySendError::Full(_)) => Err(StoreError::Busy(Busy::QueueFull(self.capacity))),
            Err(TrySendError::Disconnected(_)) => Err(ended()),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // The last handle may be owned by a job, and a thread cannot wait for itself.
            if thread.thread().id() != std::thread::current().id() {
                drop(thread.join());
            }
        }
    }
}

struct WriteSide {
    target: StoreTarget,
    connection: Option<AnyConn>,
    group: usize,
}

impl WriteSide {
    fn serve(mut self, jobs: &Receiver<Box<dyn QueuedJob>>) {
        while let Ok(first) = jobs.recv() {
            let mut group = Vec::with_capacity(self.group);
            group.push(first);
            group.extend(jobs.try_iter().take(self.group.saturating_sub(1)));
            group.retain(|job| !job.is_abandoned());
            if !group.is_empty() {
                self.commit_group(group);
            }
        }
        if let Some(conn) = &mut self.connection {
            // Statistics for the planner; losing them costs nothing.
            drop(conn.batch_execute("PRAGMA optimize"));
        }
    }

    /// Commits the group with one flush. If that fails, each job is run again on its own, so that only the one
    /// at fault is refused and nobody is told something that followed from lost changes.
    fn commit_group(&mut self, mut group: Vec<Box<dyn QueuedJob>>) {
        match self.commit_together(&mut group) {
            Ok(()) => settle_all(group, &Ok(())),
            Err(Failure::Begin(error)) => settle_all(group, &Err(error)),
            Err(Failure::Group(error)) if group.len() == 1 => settle_all(group, &Err(error)),
            Err(Failure::Group(_)) => group.into_iter().for_each(|job| self.commit_group(vec![job])),
        }
    }

    fn commit_together(&mut self, group: &mut [Box<dyn QueuedJob>]) -> Result<(), Failure> {
        let conn = self.connection().map_err(Failure::Begin)?;
        let outcome =
            begin_immediate(conn).map_err(Failure::Begin).and_then(|()| run_group(conn, group).map_err(Failure::Group));
        if outcome.is_err() {
            self.give_up_transaction();
        }
        outcome
    }

    fn connection(&mut self) -> Result<&mut AnyConn, StoreError> {
        let conn = match self.connection.take() {
            Some(conn) => conn,
            None => AnyConn::open(&self.target, Purpose::Write, &Arc::new(Health::default()))?,
        };
        Ok(self.connection.insert(conn))
    }

    /// Leaves no transaction open; a connection that cannot be brought back is opened anew for the next group.
    fn give_up_transaction(&mut self) {
        let Some(conn) = &mut self.connection else { return };
        while conn.open_transactions().is_ok_and(|open| open > 0) {
            if AnyConn::rollback_transaction(conn).is_err() {
                break;
            }
        }
        if conn.open_transactions() != Ok(0) {
            self.connection = None;
        }
    }
}

/// Where a group failed.
enum Failure {
    /// Before any job was run: the file cannot be opened or locked.
    Begin(StoreError),
    /// Between the jobs or at the commit.
    Group(StoreError),
}

fn settle_all(group: Vec<Box<dyn QueuedJob>>, kept: &Result<(), StoreError>) {
    for job in group {
        job.settle(kept.clone());
    }
}

fn run_group(conn: &mut AnyConn, group: &mut [Box<dyn QueuedJob>]) -> Result<(), StoreError> {
    for job in group {
        AnyConn::begin_transaction(conn)?;
        let keep = job.attempt(conn);
        // A panic may have left inner savepoints open.
        while conn.open_transactions()? > 2 {
            AnyConn::rollback_transaction(conn)?;
        }
        if keep {
            AnyConn::commit_transaction(conn)?;
        } else {
            AnyConn::rollback_transaction(conn)?;
        }
    }
    AnyConn::commit_transaction(conn)?;
    Ok(())
}

fn begin_immediate(conn: &mut AnyConn) -> Result<(), StoreError> {
    let mut attempt = 1;
    loop {
        let begun = match conn {
            AnyConn::Lite(lite) => AnsiTransactionManager::begin_transaction_sql(lite, "BEGIN IMMEDIATE"),
            AnyConn::Pg(_) => AnyConn::begin_transaction(conn),
        };
        match begun.map_err(StoreError::from) {
            Err(error) if error.is_contention() && attempt < BEGIN_ATTEMPTS => attempt += 1,
            answer => return answer,
        }
    }
}
