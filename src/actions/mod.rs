//! The use cases: one public function each, which loads, lets the domain decide, and saves, all in one
//! transaction. `Hub` is the only handle that the edges hold. Nothing here awaits inside a transaction.

mod acting;
pub mod agreements;
pub mod audit;
pub mod borders;
pub mod cases;
pub mod chain;
mod clock;
pub mod closures;
mod cot;
pub mod couriers;
mod custody;
pub mod dispatch;
pub mod documents;
mod doubt;
mod error;
mod evidence;
pub mod exceptions;
pub mod excursions;
pub mod expiry;
pub mod fates;
pub mod feed;
pub mod find_code;
pub mod first_steps;
mod freezing;
pub mod handover;
pub mod holds;
pub mod identity;
pub mod imports;
pub mod late_steps;
pub mod ledger;
pub mod logger_files;
mod logger_keeping;
pub mod logger_mappings;
pub mod lot_record;
pub mod lot_sheet;
pub mod lots;
pub mod matching;
pub mod network;
pub mod offers;
pub mod packing_fits;
pub mod packings;
pub mod people;
pub mod policy_sets;
mod quarantine;
pub mod readings;
mod recall_answers;
pub mod recall_sheet;
pub mod recalls;
pub mod receiving;
mod release_bars;
pub mod reports;
pub mod requests;
pub mod silence;
pub mod simulation;
pub mod sites;
mod storage_excursions;
pub mod storage_units;
pub mod surplus;
pub mod taking_back;
pub mod traces;
mod transfer_plan;
pub mod transfer_sheet;
pub mod transfers;
pub mod upkeep;
mod voices;
pub mod webhooks;
pub mod work;
pub mod worklist;

pub use crate::coordination::RateDecision;
pub use clock::{Clock, IdSource};
pub use error::ActionError;
pub(crate) use error::stored;

use crate::coordination::Coordination;
use crate::domain::actor::Actor;
use crate::domain::ids::SiteId;
use crate::domain::time::Instant;
use crate::store::journal::{self, AuditEntry, NewEvent};
use crate::store::{AnyConn, Store, idempotency};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// What the operator set and the use cases need.
#[derive(Debug, Clone, Default)]
pub struct HubSettings {
    /// True for a hub that was started to be simulated; it alone lets its clock be moved.
    pub simulation: bool,
}

/// The hub: store, clock and coordination in one handle.
#[derive(Clone)]
pub struct Hub {
    /// All state.
    pub store: Store,
    /// The only clock.
    pub clock: Clock,
    /// The only source of identifiers.
    pub ids: IdSource,
    /// Hints, limits and caches; never truth.
    pub coordination: Coordination,
    /// The operator's settings.
    pub settings: Arc<HubSettings>,
    /// True when something changed that matching should look at.
    pub unmatched: Arc<AtomicBool>,
    /// When matching last ran, UTC microseconds.
    pub matched_at: Arc<AtomicI64>,
    /// What matching remembers between runs; only a cache.
    pub memory: Arc<Mutex<matching::Memory>>,
    /// What routes are planned with.
    pub dispatching: Arc<dispatch::plans::Dispatching>,
    /// Carries messages to partners' systems.
    pub messenger: Arc<dyn webhooks::Messenger>,
    /// How many transactions this process has committed: what was read before one of them is old.
    commits: Arc<AtomicU64>,
    /// This process, among replicas.
    process: Uuid,
}

/// The request's id, as answers, errors, logs and the audit carry it.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Who calls, and under which trace.
#[derive(Debug, Clone)]
pub struct Call {
    /// The actor.
    pub actor: Actor,
    /// The request id that errors and the audit carry.
    pub trace_id: Option<String>,
}

impl Call {
    /// The hub's own timers and matching.
    #[must_use]
    pub fn by_hub() -> Self {
        Self { actor: Actor::hub(), trace_id: None }
    }
}

/// An idempotency key with what it was sent for.
#[derive(Debug, Clone)]
pub struct Once {
    /// Method and route template.
    pub route: String,
    /// The caller's key.
    pub key: String,
    /// Hash of the raw body.
    pub fingerprint: String,
}

/// An answer as it is kept and repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedAnswer {
    /// HTTP status.
    pub status: u16,
    /// Body bytes.
    pub body: String,
    /// Headers worth repeating: `ETag`, `Location`.
    pub headers: Vec<(String, String)>,
}

/// An open transaction with who, when and where to record.
pub struct Tx<'a> {
    /// The connection inside the transaction.
    pub conn: &'a mut AnyConn,
    /// The instant at which everything in this transaction happens.
    pub now: Instant,
    /// Who acts.
    pub actor: &'a Actor,
    ids: &'a IdSource,
    trace_id: Option<&'a str>,
    concerns_matching: bool,
}

/// What happened to which thing, for the audit and the feed alike.
pub struct Happening<'a> {
    /// Event kind, past tense, such as `surplus.published`.
    pub kind: &'static str,
    /// Kind of the thing.
    pub subject_kind: &'static str,
    /// Its identifier.
    pub subject_id: String,
    /// The site it concerns.
    pub site: Option<SiteId>,
    /// The other site it concerns.
    pub other_site: Option<SiteId>,
    /// True when every site of the network may read it.
    pub network: bool,
    /// Identifiers and figures; no clinical text.
    pub data: &'a serde_json::Value,
}

impl Tx<'_> {
    /// A new identifier.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        self.ids.next(self.now)
    }

    /// Appends the audit entry and the event of one happening to this transaction.
    pub fn record(&mut self, happening: Happening<'_>) -> Result<(), ActionError> {
        self.concerns_matching |= work::concerns_matching(happening.kind);
        let data = happening.data.to_string();
        let site = happening.site.map(|site| site.to_string());
        journal::append_audit(
            self.conn,
            &AuditEntry {
                at: self.now.micros(),
                actor_kind: self.actor.kind.as_str(),
                actor_id: &self.actor.id,
                role: self.actor.role.as_str(),
                site_id: site.as_deref(),
                action: happening.kind,
                subject_kind: happening.subject_kind,
                subject_id: &happening.subject_id,
                trace_id: self.trace_id,
                detail: &data,
            },
        )?;
        let other_site = happening.other_site.map(|site| site.to_string());
        let id = self.new_id().to_string();
        journal::append_event(
            self.conn,
            &NewEvent {
                id: &id,
                at: self.now.micros(),
                kind: happening.kind,
                subject_kind: happening.subject_kind,
                subject_id: &happening.subject_id,
                site_id: site.as_deref(),
                other_site_id: other_site.as_deref(),
                network: happening.network,
                data: &data,
            },
        )?;
        Ok(())
    }
}

impl Hub {
    /// Asks the store whether it answers, for readiness checks.
    ///
    /// # Errors
    /// `Unavailable` if it does not.
    pub async fn ping(&self) -> Result<(), ActionError> {
        Ok(self.store.ping().await?)
    }

    /// Reads in one snapshot-free session.
    pub async fn read<T, F>(&self, job: F) -> Result<T, ActionError>
    where
        T: Send + 'static,
        F: FnOnce(&mut AnyConn) -> Result<T, ActionError> + Send + 'static,
    {
        self.store.read(job).await
    }

    /// A hub over an open store.
    #[must_use]
    pub fn new(store: Store, clock: Clock, ids: IdSource, coordination: Coordination, settings: HubSettings) -> Self {
        let process = ids.next(clock.now());
        Self {
            store,
            clock,
            ids,
            coordination,
            settings: Arc::new(settings),
            unmatched: Arc::new(AtomicBool::new(true)),
            matched_at: Arc::new(AtomicI64::new(0)),
            memory: Arc::default(),
            dispatching: Arc::default(),
            messenger: Arc::new(webhooks::NoMessenger),
            commits: Arc::default(),
            process,
        }
    }

    /// The same hub, planning routes with something else.
    #[must_use]
    pub fn dispatching(mut self, with: dispatch::plans::Dispatching) -> Self {
        self.dispatching = Arc::new(with);
        self
    }

    /// The same hub, sending messages with something.
    #[must_use]
    pub fn sending(mut self, with: Arc<dyn webhooks::Messenger>) -> Self {
        self.messenger = with;
        self
    }

    /// What the data of this moment is called: a cached reading under this name shows everything that this process
    /// has committed. What other replicas commit shows when the reading has ended.
    #[must_use]
    pub fn reading(&self) -> String {
        format!("{}:{}", self.process, self.commits.load(Ordering::SeqCst))
    }

    /// Runs a use case in one transaction.
    ///
    /// # Errors
    /// The use case's own, and those of the store.
    pub async fn write<T, F>(&self, call: &Call, job: F) -> Result<T, ActionError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, ActionError> + Send + 'static,
    {
        let (call, clock, ids) = (call.clone(), self.clock.clone(), self.ids.clone());
        let (done, matters) = self
            .store
            .write(move |conn| {
                let mut tx = open(conn, &call, &clock, &ids);
                let done = job(&mut tx)?;
                Ok::<_, ActionError>((done, tx.concerns_matching))
            })
            .await?;
        self.after_commit(matters);
        Ok(done)
    }

    /// Runs the hub's own work in one transaction, without waking the matching for it.
    ///
    /// # Errors
    /// The work's own, and those of the store.
    pub async fn write_quietly<T, F>(&self, call: &Call, job: F) -> Result<T, ActionError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, ActionError> + Send + 'static,
    {
        let (call, clock, ids) = (call.clone(), self.clock.clone(), self.ids.clone());
        let done = self.store.write(move |conn| job(&mut open(conn, &call, &clock, &ids))).await?;
        self.commits.fetch_add(1, Ordering::SeqCst);
        Ok(done)
    }

    /// Runs a use case at most once per key, and keeps its answer in the same transaction.
    /// The flag tells a repeated answer from a first one.
    ///
    /// # Errors
    /// The use case's own, those of the store, and `KeyReused`.
    pub async fn write_once<T, F, R>(
        &self,
        call: &Call,
        once: Once,
        job: F,
        render: R,
    ) -> Result<(SavedAnswer, bool), ActionError>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, ActionError> + Send + 'static,
        R: Fn(&T) -> SavedAnswer + Send + 'static,
    {
        let (call, clock, ids) = (call.clone(), self.clock.clone(), self.ids.clone());
        let (answer, replayed, matters) = self
            .store
            .write(move |conn| {
                let mut tx = open(conn, &call, &clock, &ids);
                let key = idempotency::Key {
                    actor: &call.actor.id,
                    route: &once.route,
                    key: &once.key,
                    fingerprint: &once.fingerprint,
                };
                match idempotency::claim(tx.conn, &key, tx.now)? {
                    idempotency::Claim::Fresh => {}
                    idempotency::Claim::DifferentBody => return Err(ActionError::KeyReused),
                    idempotency::Claim::Replay(saved) => return Ok((saved_answer(saved), true, false)),
                }
                let answer = render(&job(&mut tx)?);
                let response = idempotency::Response {
                    status: answer.status,
                    body: answer.body.clone(),
                    headers: answer.headers.clone(),
                };
                idempotency::save_response(tx.conn, &key, &response)?;
                Ok((answer, false, tx.concerns_matching))
            })
            .await?;
        self.after_commit(matters);
        Ok((answer, replayed))
    }

    /// Wakes the hub's own work, after the commit and never before it.
    fn after_commit(&self, concerns_matching: bool) {
        self.commits.fetch_add(1, Ordering::SeqCst);
        if concerns_matching {
            self.unmatched.store(true, Ordering::SeqCst);
        }
        self.coordination.hint(WORK);
    }
}

/// The topic on which the hub's own work is woken.
pub const WORK: &str = "work";

fn open<'a>(conn: &'a mut AnyConn, call: &'a Call, clock: &Clock, ids: &'a IdSource) -> Tx<'a> {
    Tx { conn, now: clock.now(), actor: &call.actor, ids, trace_id: call.trace_id.as_deref(), concerns_matching: false }
}

fn saved_answer(response: idempotency::Response) -> SavedAnswer {
    SavedAnswer { status: response.status, body: response.body, headers: response.headers }
}
