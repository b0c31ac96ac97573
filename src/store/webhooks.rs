//! Addresses of partners' systems and the messages to them. A message names its event; the text is made of the event
//! when it is sent, so nothing of it is kept twice.

use super::dialect::on_backend;
use super::schema::{webhook_deliveries, webhooks};
use super::{AnyConn, StoreError};
use crate::domain::ids::{DeliveryId, WebhookId};
use crate::domain::time::Instant;
use crate::domain::webhook::{DeliveryFault, DeliveryState, WebhookState};
use diesel::prelude::*;

/// An address as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = webhooks, treat_none_as_default_value = false)]
pub struct WebhookRow {
    /// Identifier.
    pub id: WebhookId,
    /// `person` or `client`.
    pub owner_kind: String,
    /// Whose it is; what they may see is what it is told.
    pub owner_id: String,
    /// What people call it.
    pub name: String,
    /// Where messages are sent.
    pub url: String,
    /// Kinds of events, JSON.
    pub kinds: String,
    /// Only events of these sites, JSON; empty is all that the owner may see.
    pub site_ids: String,
    /// Where it stands.
    pub state: WebhookState,
    /// Which of its secrets signs.
    pub secret_no: i64,
    /// Since when.
    pub secret_since: Instant,
    /// Events up to here are older than it.
    pub from_pos: i64,
    /// Tries that failed since the last good one.
    pub failures: i64,
    /// Since when they fail.
    pub failing_since: Option<Instant>,
    /// Not to be tried before.
    pub next_at: Instant,
    /// Until when one sender has it.
    pub claimed_until: Option<Instant>,
    /// That sender.
    pub claimed_by: Option<String>,
    /// When it last took a message.
    pub delivered_at: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
    /// Row version: what people change about it. Sending does not change it.
    pub version: i64,
}

/// A message as it is kept.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = webhook_deliveries, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct DeliveryRow {
    /// Identifier of the entry in the log.
    pub id: DeliveryId,
    /// To whom.
    pub webhook_id: WebhookId,
    /// The event, and the message's own name, the same at every try.
    pub event_id: String,
    /// The event's position; 0 for a trial.
    pub event_pos: i64,
    /// What happened.
    pub kind: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// Tries so far.
    pub attempts: i64,
    /// Why the last one failed.
    pub fault: Option<DeliveryFault>,
    /// The HTTP status of the last one.
    pub status: Option<i64>,
    /// When it was put in the queue.
    pub queued_at: Instant,
    /// When it was last tried.
    pub attempted_at: Option<Instant>,
    /// When it was over.
    pub finished_at: Option<Instant>,
}

/// Adds an address.
pub fn insert_webhook(conn: &mut AnyConn, row: &WebhookRow) -> Result<(), StoreError> {
    diesel::insert_into(webhooks::table).values(row.clone()).execute(conn)?;
    Ok(())
}

/// The address, if there is one.
pub fn find_webhook(conn: &mut AnyConn, id: WebhookId) -> Result<Option<WebhookRow>, StoreError> {
    Ok(webhooks::table.filter(webhooks::id.eq(id)).first(conn).optional()?)
}

/// Every address, in the order in which they were made; there are few.
pub fn list_webhooks(conn: &mut AnyConn) -> Result<Vec<WebhookRow>, StoreError> {
    Ok(webhooks::table.order(webhooks::id).load(conn)?)
}

/// Saves what people change, over the version it had; false when it has another one.
pub fn update_webhook(conn: &mut AnyConn, row: &WebhookRow, expected: i64) -> Result<bool, StoreError> {
    let target = webhooks::table.filter(webhooks::id.eq(row.id)).filter(webhooks::version.eq(expected));
    let changed = diesel::update(target)
        .set((
            webhooks::name.eq(row.name.clone()),
            webhooks::url.eq(row.url.clone()),
            webhooks::kinds.eq(row.kinds.clone()),
            webhooks::state.eq(row.state),
            webhooks::secret_no.eq(row.secret_no),
            webhooks::secret_since.eq(row.secret_since),
            webhooks::failures.eq(row.failures),
            webhooks::failing_since.eq(row.failing_since),
            webhooks::next_at.eq(row.next_at),
            webhooks::version.eq(row.version),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Lets an address be tried now.
pub fn wake(conn: &mut AnyConn, id: WebhookId, now: Instant) -> Result<(), StoreError> {
    diesel::update(webhooks::table.filter(webhooks::id.eq(id))).set(webhooks::next_at.eq(now)).execute(conn)?;
    Ok(())
}

/// Removes an address and its messages.
pub fn delete_webhook(conn: &mut AnyConn, id: WebhookId) -> Result<(), StoreError> {
    diesel::delete(webhook_deliveries::table.filter(webhook_deliveries::webhook_id.eq(id))).execute(conn)?;
    diesel::delete(webhooks::table.filter(webhooks::id.eq(id))).execute(conn)?;
    Ok(())
}

/// Addresses that may be tried now and have something to be told.
pub fn list_due(conn: &mut AnyConn, now: Instant, limit: i64) -> Result<Vec<WebhookId>, StoreError> {
    let waiting = webhook_deliveries::table
        .filter(webhook_deliveries::state.eq(DeliveryState::Waiting))
        .select(webhook_deliveries::webhook_id);
    Ok(webhooks::table
        .filter(webhooks::state.ne(WebhookState::Paused))
        .filter(webhooks::next_at.le(now))
        .filter(webhooks::claimed_until.is_null().or(webhooks::claimed_until.le(now).assume_not_null()))
        .filter(webhooks::id.eq_any(waiting))
        .order(webhooks::next_at)
        .limit(limit)
        .select(webhooks::id)
        .load(conn)?)
}

/// Takes an address for one sender; false when another has it.
pub fn claim(conn: &mut AnyConn, id: WebhookId, by: &str, now: Instant, until: Instant) -> Result<bool, StoreError> {
    let free = webhooks::claimed_until
        .is_null()
        .or(webhooks::claimed_until.le(now).assume_not_null())
        .or(webhooks::claimed_by.eq(by.to_owned()).assume_not_null());
    let target = webhooks::table.filter(webhooks::id.eq(id)).filter(webhooks::state.ne(WebhookState::Paused));
    let set = (webhooks::claimed_until.eq(Some(until)), webhooks::claimed_by.eq(Some(by.to_owned())));
    Ok(diesel::update(target.filter(free)).set(set).execute(conn)? == 1)
}

/// What sending learns about an address.
#[derive(Debug, Clone, Copy)]
pub struct Health {
    /// Where it stands.
    pub state: WebhookState,
    /// Tries that failed in a row.
    pub failures: i64,
    /// Since when they fail.
    pub failing_since: Option<Instant>,
    /// Not to be tried before.
    pub next_at: Instant,
    /// When it last took a message.
    pub delivered_at: Option<Instant>,
}

/// Keeps what sending learnt, unless somebody paused it meanwhile; `free` lets the address go. The version stays.
pub fn keep_health(conn: &mut AnyConn, id: WebhookId, health: &Health, free: bool) -> Result<bool, StoreError> {
    let target = webhooks::table.filter(webhooks::id.eq(id)).filter(webhooks::state.ne(WebhookState::Paused));
    let Health { state, failures, failing_since, next_at, delivered_at } = *health;
    let kept = diesel::update(target)
        .set((
            webhooks::state.eq(state),
            webhooks::failures.eq(failures),
            webhooks::failing_since.eq(failing_since),
            webhooks::next_at.eq(next_at),
            webhooks::delivered_at.eq(delivered_at),
        ))
        .execute(conn)?;
    if free {
        let set = (webhooks::claimed_until.eq(None::<Instant>), webhooks::claimed_by.eq(None::<String>));
        diesel::update(webhooks::table.filter(webhooks::id.eq(id))).set(set).execute(conn)?;
    }
    Ok(kept == 1)
}

/// Puts messages in the queue; one that is there already stays as it is.
pub fn queue(conn: &mut AnyConn, rows: &[DeliveryRow]) -> Result<usize, StoreError> {
    let mut queued = 0;
    for chunk in rows.chunks(1_000) {
        queued += on_backend!(conn, |c| diesel::insert_into(webhook_deliveries::table)
            .values(chunk.to_vec())
            .on_conflict((webhook_deliveries::webhook_id, webhook_deliveries::event_id))
            .do_nothing()
            .execute(c))?;
    }
    Ok(queued)
}

/// The first message that an address waits for.
pub fn find_head(conn: &mut AnyConn, id: WebhookId) -> Result<Option<DeliveryRow>, StoreError> {
    Ok(webhook_deliveries::table
        .filter(webhook_deliveries::webhook_id.eq(id))
        .filter(webhook_deliveries::state.eq(DeliveryState::Waiting))
        .order((webhook_deliveries::event_pos, webhook_deliveries::id))
        .first(conn)
        .optional()?)
}

/// The message, if there is one.
pub fn find_delivery(conn: &mut AnyConn, id: DeliveryId) -> Result<Option<DeliveryRow>, StoreError> {
    Ok(webhook_deliveries::table.filter(webhook_deliveries::id.eq(id)).first(conn).optional()?)
}

/// Saves how far a message came.
pub fn update_delivery(conn: &mut AnyConn, row: &DeliveryRow) -> Result<(), StoreError> {
    diesel::update(webhook_deliveries::table.filter(webhook_deliveries::id.eq(row.id)))
        .set(row.clone())
        .execute(conn)?;
    Ok(())
}

/// A page of the log of an address, newest first.
pub fn list_deliveries(
    conn: &mut AnyConn,
    webhook: WebhookId,
    state: Option<DeliveryState>,
    before: Option<DeliveryId>,
    limit: i64,
) -> Result<Vec<DeliveryRow>, StoreError> {
    let mut query = webhook_deliveries::table
        .filter(webhook_deliveries::webhook_id.eq(webhook))
        .order(webhook_deliveries::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(webhook_deliveries::state.eq(state));
    }
    if let Some(before) = before {
        query = query.filter(webhook_deliveries::id.lt(before));
    }
    Ok(query.load(conn)?)
}

/// How many messages of an address stand so.
pub fn count_deliveries(conn: &mut AnyConn, webhook: WebhookId, state: DeliveryState) -> Result<i64, StoreError> {
    Ok(webhook_deliveries::table
        .filter(webhook_deliveries::webhook_id.eq(webhook))
        .filter(webhook_deliveries::state.eq(state))
        .count()
        .get_result(conn)?)
}

/// True when there is an address at all.
pub fn any_webhook(conn: &mut AnyConn) -> Result<bool, StoreError> {
    Ok(diesel::select(diesel::dsl::exists(webhooks::table.select(webhooks::id))).get_result(conn)?)
}

/// True when something waits since before an instant at an address that is paused.
pub fn any_paused_older(conn: &mut AnyConn, before: Instant) -> Result<bool, StoreError> {
    let paused = webhooks::table.filter(webhooks::state.eq(WebhookState::Paused)).select(webhooks::id);
    let old = webhook_deliveries::table
        .filter(webhook_deliveries::state.eq(DeliveryState::Waiting))
        .filter(webhook_deliveries::queued_at.lt(before))
        .filter(webhook_deliveries::webhook_id.eq_any(paused));
    Ok(diesel::select(diesel::dsl::exists(old)).get_result(conn)?)
}

/// Gives up what has waited since before an instant at addresses that are paused; how many.
pub fn give_up_paused(conn: &mut AnyConn, before: Instant, now: Instant) -> Result<usize, StoreError> {
    let paused = webhooks::table.filter(webhooks::state.eq(WebhookState::Paused)).select(webhooks::id);
    let old = webhook_deliveries::table
        .filter(webhook_deliveries::state.eq(DeliveryState::Waiting))
        .filter(webhook_deliveries::queued_at.lt(before))
        .filter(webhook_deliveries::webhook_id.eq_any(paused));
    let set = (webhook_deliveries::state.eq(DeliveryState::GivenUp), webhook_deliveries::finished_at.eq(Some(now)));
    Ok(diesel::update(old).set(set).execute(conn)?)
}

/// Forgets messages that were over before an instant.
pub fn forget_deliveries(conn: &mut AnyConn, before: Instant) -> Result<usize, StoreError> {
    let old = webhook_deliveries::table
        .filter(webhook_deliveries::state.ne(DeliveryState::Waiting))
        .filter(webhook_deliveries::finished_at.lt(before).assume_not_null());
    Ok(diesel::delete(old).execute(conn)?)
}
