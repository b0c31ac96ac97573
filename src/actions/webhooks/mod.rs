//! Addresses of partners' systems that are told what happens: whose they are, what they are told, under which
//! secret. An address is told nothing that its owner may not read in the feed.

pub mod log;
mod queue;
pub mod sending;

pub use crate::store::journal::EventRow;
pub use crate::store::webhooks::{DeliveryRow, WebhookRow};

use super::{ActionError, Happening, Hub, Tx, stored};
use crate::domain::actor::{Actor, ActorKind, Permission, Role, SiteScope};
use crate::domain::field::FieldError;
use crate::domain::ids::{SiteId, WebhookId};
use crate::domain::people::{AccountState, check_name};
use crate::domain::time::Instant;
use crate::domain::webhook::{DeliveryFault, DeliveryState, MOST_WEBHOOKS, WebhookState, kinds_fault};
use crate::store::webhooks as rows;
use crate::store::{AnyConn, journal, people};
use serde_json::json;
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;

/// What became of something that is done over the network.
pub type Answering<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Why an address is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressFault {
    /// Stable code.
    pub code: &'static str,
    /// What to send instead.
    pub detail: &'static str,
}

/// One message, to be signed and sent now.
pub struct Message {
    /// Where to.
    pub url: String,
    /// The event.
    pub event: EventRow,
    /// True when an open recall names its milk.
    pub frozen: bool,
    /// By the machine's clock, also in a simulation: receivers compare it with theirs.
    pub sent_at: Instant,
    /// The secrets that sign, the present one first.
    pub secrets: Vec<[u8; 32]>,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It was taken.
    Taken {
        /// HTTP status, 2xx.
        status: u16,
    },
    /// The receiver wants no more of them (410).
    Gone,
    /// It was not taken.
    Failed {
        /// Why.
        fault: DeliveryFault,
        /// HTTP status, if there was one.
        status: Option<u16>,
        /// How long the receiver wants to be left alone, seconds.
        wait_s: Option<i64>,
    },
}

/// Carries messages. It refuses addresses that lead into networks of the hub's own.
pub trait Messenger: Send + Sync {
    /// Looks at an address before it is taken.
    fn check<'a>(&'a self, url: &'a str) -> Answering<'a, Result<(), AddressFault>>;
    /// Sends one message; it never fails, it says what became of it.
    fn send<'a>(&'a self, message: &'a Message) -> Answering<'a, Sent>;
}

/// Carries nothing, for a hub without a network.
pub struct NoMessenger;

impl Messenger for NoMessenger {
    fn check<'a>(&'a self, _url: &'a str) -> Answering<'a, Result<(), AddressFault>> {
        Box::pin(async { Err(AddressFault { code: "address_refused", detail: "This hub sends no messages." }) })
    }

    fn send<'a>(&'a self, _message: &'a Message) -> Answering<'a, Sent> {
        let failed = Sent::Failed { fault: DeliveryFault::AddressRefused, status: None, wait_s: None };
        Box::pin(async move { failed })
    }
}

/// An address to be made.
#[derive(Debug, Clone)]
pub struct RegisterWebhook {
    /// What people call it.
    pub name: String,
    /// Where messages are sent.
    pub url: String,
    /// Kinds of events.
    pub kinds: Vec<String>,
    /// Only events of these sites; all of the actor's, if not given.
    pub site_ids: Option<BTreeSet<SiteId>>,
}

/// What changes about an address; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct ChangeWebhook {
    /// What people call it.
    pub name: Option<String>,
    /// Where messages are sent.
    pub url: Option<String>,
    /// Kinds of events.
    pub kinds: Option<Vec<String>>,
    /// True: nothing is sent until somebody says so. False: it is tried again.
    pub paused: Option<bool>,
}

/// An address with how its messages stand.
#[derive(Debug, Clone)]
pub struct WebhookSeen {
    /// The address.
    pub row: WebhookRow,
    /// Kinds of events that it is told.
    pub kinds: Vec<String>,
    /// The sites whose events it is told; empty is all.
    pub site_ids: BTreeSet<SiteId>,
    /// Messages that wait.
    pub waiting: i64,
    /// Messages that were given up and may be sent again.
    pub given_up: i64,
    /// False when the owner's account is gone or disabled: nothing is sent.
    pub owner_stands: bool,
}

/// Looks at an address before a transaction: its form, and where it leads.
///
/// # Errors
/// `Invalid` at `/url`.
pub async fn check_address(hub: &Hub, url: &str) -> Result<(), ActionError> {
    let checked = hub.messenger.check(url).await;
    checked.map_err(|fault| ActionError::field("/url", fault.code, fault.detail))
}

/// Makes an address; events from now on are told. Its URL was looked at before.
///
/// # Errors
/// `Invalid`; `NotFound` for a site of others; `Conflict` when the actor has too many.
pub fn register_webhook(tx: &mut Tx<'_>, command: &RegisterWebhook) -> Result<WebhookSeen, ActionError> {
    let RegisterWebhook { name, url, kinds, site_ids } = command;
    refuse([check_name("/name", name), kinds_fault(tx.actor.role, kinds)])?;
    let own = match &tx.actor.sites {
        SiteScope::All => BTreeSet::new(),
        SiteScope::Only(sites) => sites.clone(),
    };
    let chosen = site_ids.clone().unwrap_or(own);
    if chosen.iter().any(|site| !tx.actor.acts_for(*site)) || people::existing_sites(tx.conn, &chosen)? != chosen {
        return Err(ActionError::NotFound { what: "site" });
    }
    if chosen.is_empty() && !tx.actor.role.spans_all_sites() {
        return Err(ActionError::field("/site_ids", "missing", "Name at least one site."));
    }
    let owned = rows::list_webhooks(tx.conn)?.iter().filter(|row| row.owner_id == tx.actor.id).count();
    if owned >= MOST_WEBHOOKS {
        let detail = format!("You have {MOST_WEBHOOKS} addresses; remove one first.");
        return Err(ActionError::conflict("too_many_webhooks", detail));
    }
    let mut kinds = kinds.clone();
    kinds.sort_unstable();
    kinds.dedup();
    let row = WebhookRow {
        id: WebhookId::new(tx.new_id()),
        owner_kind: tx.actor.kind.as_str().to_owned(),
        owner_id: tx.actor.id.clone(),
        name: name.trim().to_owned(),
        url: url.clone(),
        kinds: json!(kinds).to_string(),
        site_ids: json!(chosen).to_string(),
        state: WebhookState::Active,
        secret_no: 1,
        secret_since: tx.now,
        from_pos: journal::last_position(tx.conn)?,
        failures: 0,
        failing_since: None,
        next_at: tx.now,
        claimed_until: None,
        claimed_by: None,
        delivered_at: None,
        created_at: tx.now,
        version: 1,
    };
    rows::insert_webhook(tx.conn, &row)?;
    note(tx, "webhook.registered", &row, &json!({"kinds": kinds}))?;
    seen(tx.conn, row)
}

/// Changes an address. One that is let go on is tried at once.
///
/// # Errors
/// `NotFound` for one of others, `Stale`, `Invalid`.
pub fn change_webhook(
    tx: &mut Tx<'_>,
    id: WebhookId,
    version: i64,
    change: &ChangeWebhook,
) -> Result<WebhookSeen, ActionError> {
    let mut row = get_to_change(tx, id, version)?;
    let ChangeWebhook { name, url, kinds, paused } = change;
    let role = reach_of(tx.conn, &row)?.map_or(tx.actor.role, |owner| owner.role);
    refuse([
        name.as_deref().and_then(|name| check_name("/name", name)),
        kinds.as_deref().and_then(|kinds| kinds_fault(role, kinds)),
    ])?;
    if let Some(name) = name {
        name.trim().clone_into(&mut row.name);
    }
    if let Some(url) = url {
        row.url.clone_from(url);
        row.next_at = tx.now;
    }
    if let Some(kinds) = kinds {
        row.kinds = json!(kinds.iter().collect::<BTreeSet<_>>()).to_string();
    }
    match paused {
        Some(true) => row.state = WebhookState::Paused,
        Some(false) => {
            row.state = WebhookState::Active;
            (row.failures, row.failing_since, row.next_at) = (0, None, tx.now);
        }
        None => {}
    }
    save(tx, &mut row, "webhook.changed")?;
    seen(tx.conn, row)
}

/// Gives an address another secret. For a day the one before signs too.
///
/// # Errors
/// `NotFound` for one of others, `Stale`.
pub fn change_secret(tx: &mut Tx<'_>, id: WebhookId, version: i64) -> Result<WebhookSeen, ActionError> {
    let mut row = get_to_change(tx, id, version)?;
    row.secret_no += 1;
    row.secret_since = tx.now;
    save(tx, &mut row, "webhook.secret_changed")?;
    seen(tx.conn, row)
}

/// Removes an address with its log. What waits is not sent.
///
/// # Errors
/// `NotFound` for one of others, `Stale`.
pub fn remove_webhook(tx: &mut Tx<'_>, id: WebhookId, version: i64) -> Result<(), ActionError> {
    let row = get_to_change(tx, id, version)?;
    rows::delete_webhook(tx.conn, id)?;
    note(tx, "webhook.removed", &row, &json!({}))
}

/// An address that the actor may see.
///
/// # Errors
/// `NotFound` also for one of others.
pub fn get_webhook(conn: &mut AnyConn, actor: &Actor, id: WebhookId) -> Result<WebhookSeen, ActionError> {
    let row = get_row(conn, actor, id)?;
    seen(conn, row)
}

/// The addresses that the actor may see, in the order in which they were made.
///
/// # Errors
/// Those of the store.
pub fn list_webhooks(
    conn: &mut AnyConn,
    actor: &Actor,
    after: Option<WebhookId>,
    most: i64,
) -> Result<Vec<WebhookSeen>, ActionError> {
    let most = usize::try_from(most).unwrap_or_default();
    let mut found = Vec::new();
    for row in rows::list_webhooks(conn)? {
        if after.is_some_and(|after| row.id <= after) || found.len() >= most || !may_see(actor, &row)? {
            continue;
        }
        found.push(seen(conn, row)?);
    }
    Ok(found)
}

/// The addresses of the actor that fail, for the worklist.
///
/// # Errors
/// Those of the store.
pub fn list_failing(conn: &mut AnyConn, actor: &Actor) -> Result<Vec<WebhookRow>, ActionError> {
    let mut failing = Vec::new();
    for row in rows::list_webhooks(conn)? {
        if row.state == WebhookState::Failing && may_see(actor, &row)? {
            failing.push(row);
        }
    }
    Ok(failing)
}

fn seen(conn: &mut AnyConn, row: WebhookRow) -> Result<WebhookSeen, ActionError> {
    Ok(WebhookSeen {
        kinds: stored(&row.kinds)?,
        site_ids: stored(&row.site_ids)?,
        waiting: rows::count_deliveries(conn, row.id, DeliveryState::Waiting)?,
        given_up: rows::count_deliveries(conn, row.id, DeliveryState::GivenUp)?,
        owner_stands: reach_of(conn, &row)?.is_some(),
        row,
    })
}

/// Its owner, the hub's administrator, and who answers for all of its sites.
fn may_see(actor: &Actor, row: &WebhookRow) -> Result<bool, ActionError> {
    if row.owner_id == actor.id || actor.role == Role::HubAdministrator {
        return Ok(true);
    }
    let sites: BTreeSet<SiteId> = stored(&row.site_ids)?;
    let bound = actor.role == Role::BankManager && actor.role.may(Permission::ManageWebhooks);
    Ok(bound && !sites.is_empty() && sites.iter().all(|site| actor.acts_for(*site)))
}

fn get_row(conn: &mut AnyConn, actor: &Actor, id: WebhookId) -> Result<WebhookRow, ActionError> {
    let not_found = ActionError::NotFound { what: "webhook" };
    match rows::find_webhook(conn, id)? {
        Some(row) if may_see(actor, &row)? => Ok(row),
        _ => Err(not_found),
    }
}

fn get_to_change(tx: &mut Tx<'_>, id: WebhookId, version: i64) -> Result<WebhookRow, ActionError> {
    let row = get_row(tx.conn, tx.actor, id)?;
    if row.version == version { Ok(row) } else { Err(ActionError::Stale { current_version: row.version }) }
}

fn save(tx: &mut Tx<'_>, row: &mut WebhookRow, kind: &'static str) -> Result<(), ActionError> {
    let expected = row.version;
    row.version += 1;
    if !rows::update_webhook(tx.conn, row, expected)? {
        return Err(ActionError::Stale { current_version: row.version });
    }
    note(tx, kind, row, &json!({"state": row.state}))
}

/// Records what happened to an address, for the first of its sites.
fn note(tx: &mut Tx<'_>, kind: &'static str, row: &WebhookRow, data: &serde_json::Value) -> Result<(), ActionError> {
    let sites: BTreeSet<SiteId> = stored(&row.site_ids)?;
    tx.record(Happening {
        kind,
        subject_kind: "webhook",
        subject_id: row.id.to_string(),
        site: sites.first().copied(),
        other_site: None,
        network: false,
        data,
    })
}

/// What the owner of an address may see now, narrowed to the sites that were chosen. Nothing for an account that is
/// gone, disabled, or has a role that may have no address.
fn reach_of(conn: &mut AnyConn, row: &WebhookRow) -> Result<Option<Actor>, ActionError> {
    let kind = if row.owner_kind == ActorKind::Person.as_str() { ActorKind::Person } else { ActorKind::Client };
    let reach = people::find_reach(conn, kind == ActorKind::Person, &row.owner_id)?;
    let Some((role, own, state)) = reach else { return Ok(None) };
    if state != AccountState::Active || !role.may(Permission::ManageWebhooks) {
        return Ok(None);
    }
    let chosen: BTreeSet<SiteId> = stored(&row.site_ids)?;
    let sites = match (role.spans_all_sites(), chosen.is_empty()) {
        (true, true) => SiteScope::All,
        (true, false) => SiteScope::Only(chosen),
        (false, _) => SiteScope::Only(own.intersection(&chosen).copied().collect()),
    };
    Ok(Some(Actor { kind, id: row.owner_id.clone(), role, sites }))
}

fn refuse<const N: usize>(faults: [Option<FieldError>; N]) -> Result<(), ActionError> {
    let faults: Vec<FieldError> = faults.into_iter().flatten().collect();
    if faults.is_empty() { Ok(()) } else { Err(ActionError::Invalid(faults)) }
}
