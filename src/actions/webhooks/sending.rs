//! Sending what waits: for each address the first message, then the next. One sender at a time has an address;
//! it is sent outside any transaction, and what became of it is kept in one.

use super::queue::{concerns, queue_news};
use super::{Message, Sent, WebhookRow, note, reach_of};
use crate::actions::identity::Vault;
use crate::actions::{ActionError, Call, Clock, Hub, Tx};
use crate::domain::ids::{DeliveryId, WebhookId};
use crate::domain::time::Instant;
use crate::domain::webhook::{
    DeliveryFault, DeliveryState, FAILING_AFTER, OLD_SECRET_HOURS, TEST_KIND, WebhookState, is_given_up, next_try,
};
use crate::store::AnyConn;
use crate::store::journal::EventRow;
use crate::store::webhook_events as events;
use crate::store::webhooks::{self as rows, DeliveryRow, Health};
use futures_util::StreamExt;
use serde_json::json;

/// Messages sent to one address before others have their turn.
const MESSAGES_A_TURN: usize = 50;
/// Addresses that are sent to at once.
pub const AT_ONCE: usize = 16;
/// Who sends has the address for so many minutes, renewed with each message.
const CLAIM_MINUTES: i64 = 2;
/// An address whose owner may not act is looked at again after so many minutes.
const OWNER_AGAIN_MINUTES: i64 = 10;
/// Rounds after which a moved clock has settled enough.
const MOST_ROUNDS: usize = 20;

/// Queues what is new and tells which addresses may be sent to now.
///
/// # Errors
/// Those of the store.
pub async fn find_due(hub: &Hub) -> Result<Vec<WebhookId>, ActionError> {
    queue_news(hub).await?;
    let (now, most) = (hub.clock.now(), i64::try_from(AT_ONCE * 4).unwrap_or(i64::MAX));
    hub.read(move |conn| Ok(rows::list_due(conn, now, most)?)).await
}

/// Sends everything that is due, for a hub whose clock was moved.
///
/// # Errors
/// Those of the store.
pub async fn settle(hub: &Hub, vault: &Vault) -> Result<(), ActionError> {
    for _ in 0..MOST_ROUNDS {
        let due = find_due(hub).await?;
        if due.is_empty() {
            break;
        }
        let turns = futures_util::stream::iter(due).map(|id| send_waiting(hub, vault, id));
        let ended: Vec<Result<(), ActionError>> = turns.buffer_unordered(AT_ONCE).collect().await;
        ended.into_iter().collect::<Result<(), ActionError>>()?;
    }
    Ok(())
}

/// One message, ready to be sent.
struct Turn {
    delivery: DeliveryId,
    row: WebhookRow,
    event: EventRow,
    frozen: bool,
}

/// Sends to one address, in order, until nothing waits, one fails, or others have waited long enough.
///
/// # Errors
/// Those of the store.
pub async fn send_waiting(hub: &Hub, vault: &Vault, id: WebhookId) -> Result<(), ActionError> {
    // A name of this turn, so that not even this process sends to the address twice at once.
    let name = hub.ids.next(hub.clock.now()).to_string();
    for count in 1..=MESSAGES_A_TURN {
        let by = name.clone();
        let turn = hub.write_quietly(&Call::by_hub(), move |tx| take_turn(tx, id, &by)).await?;
        let Some(Turn { delivery, row, event, frozen }) = turn else { return Ok(()) };
        let now = hub.clock.now();
        let mut secrets = vec![vault.webhook_secret(row.id.as_str(), row.secret_no)?];
        if row.secret_no > 1 && now < row.secret_since.plus_hours(OLD_SECRET_HOURS) {
            secrets.push(vault.webhook_secret(row.id.as_str(), row.secret_no - 1)?);
        }
        let message = Message { url: row.url, event, frozen, sent_at: Clock::System.now(), secrets };
        let sent = hub.messenger.send(&message).await;
        let last = count == MESSAGES_A_TURN;
        let done = hub.write_quietly(&Call::by_hub(), move |tx| keep_outcome(tx, id, delivery, sent, last)).await?;
        if !done {
            return Ok(());
        }
    }
    Ok(())
}

/// Takes the address for one sender and finds its first message; lets it go when there is none to be sent.
fn take_turn(tx: &mut Tx<'_>, id: WebhookId, by: &str) -> Result<Option<Turn>, ActionError> {
    if !rows::claim(tx.conn, id, by, tx.now, tx.now.plus_minutes(CLAIM_MINUTES))? {
        return Ok(None);
    }
    let Some(row) = rows::find_webhook(tx.conn, id)? else { return Ok(None) };
    let health = health_of(&row);
    let Some(owner) = reach_of(tx.conn, &row)? else {
        let later = Health { next_at: tx.now.plus_minutes(OWNER_AGAIN_MINUTES), ..health };
        rows::keep_health(tx.conn, id, &later, true)?;
        return Ok(None);
    };
    while let Some(mut head) = rows::find_head(tx.conn, id)? {
        let found = event_of(tx.conn, &row, &head)?;
        let visible = match &found {
            // A trial concerns its address and nobody else.
            Some(_) if head.kind == TEST_KIND => true,
            Some(event) => concerns(tx.conn, &owner, event)?,
            None => false,
        };
        if let Some(event) = found.filter(|_| visible) {
            let frozen = events::is_milk_recalled(tx.conn, &event.subject_kind, &event.subject_id)?;
            return Ok(Some(Turn { delivery: head.id, row, event, frozen }));
        }
        (head.state, head.finished_at) = (DeliveryState::Withdrawn, Some(tx.now));
        rows::update_delivery(tx.conn, &head)?;
    }
    rows::keep_health(tx.conn, id, &health, true)?;
    Ok(None)
}

/// The event of a message; a trial is an event of its own.
fn event_of(conn: &mut AnyConn, row: &WebhookRow, head: &DeliveryRow) -> Result<Option<EventRow>, ActionError> {
    if head.kind != TEST_KIND {
        return Ok(events::find_event(conn, &head.event_id)?);
    }
    Ok(Some(EventRow {
        pos: Some(0),
        id: head.event_id.clone(),
        at: head.queued_at.micros(),
        kind: TEST_KIND.to_owned(),
        subject_kind: "webhook".to_owned(),
        subject_id: row.id.to_string(),
        site_id: None,
        other_site_id: None,
        network: false,
        data: "{}".to_owned(),
    }))
}

const fn health_of(row: &WebhookRow) -> Health {
    Health {
        state: row.state,
        failures: row.failures,
        failing_since: row.failing_since,
        next_at: row.next_at,
        delivered_at: row.delivered_at,
    }
}

/// Keeps what became of a message; true when the next one may be sent at once.
fn keep_outcome(
    tx: &mut Tx<'_>,
    id: WebhookId,
    delivery: DeliveryId,
    sent: Sent,
    last: bool,
) -> Result<bool, ActionError> {
    let Some(row) = rows::find_webhook(tx.conn, id)? else { return Ok(false) };
    let given_up = match rows::find_delivery(tx.conn, delivery)? {
        Some(mut head) => {
            mark(&mut head, sent, tx.now);
            rows::update_delivery(tx.conn, &head)?;
            head.state == DeliveryState::GivenUp && head.fault != Some(DeliveryFault::SetAside)
        }
        None => false,
    };
    let mut health = health_of(&row);
    if let Sent::Taken { .. } = sent {
        health = Health {
            state: WebhookState::Active,
            failures: 0,
            failing_since: None,
            next_at: tx.now,
            delivered_at: Some(tx.now),
        };
        let kept = rows::keep_health(tx.conn, id, &health, last)?;
        if kept && row.state == WebhookState::Failing {
            note(tx, "webhook.recovered", &row, &json!({}))?;
        }
        return Ok(!last);
    }
    let wish = if let Sent::Failed { wait_s, .. } = sent { wait_s } else { None };
    health.failures = row.failures.saturating_add(1);
    health.failing_since = row.failing_since.or(Some(tx.now));
    health.next_at = next_try(tx.now, health.failures, row.id.as_str(), wish);
    health.state = match sent {
        Sent::Gone => WebhookState::Paused,
        _ if given_up || health.failures >= FAILING_AFTER => WebhookState::Failing,
        _ => row.state,
    };
    let kept = rows::keep_health(tx.conn, id, &health, true)?;
    if kept && health.state != row.state {
        let kind = if health.state == WebhookState::Paused { "webhook.paused" } else { "webhook.failing" };
        note(tx, kind, &row, &json!({"failures": health.failures, "since": health.failing_since}))?;
    }
    Ok(false)
}

/// How far a message came. One that was set aside while it was on its way stays so unless it was taken.
fn mark(head: &mut DeliveryRow, sent: Sent, now: Instant) {
    head.attempts = head.attempts.saturating_add(1);
    head.attempted_at = Some(now);
    match sent {
        Sent::Taken { status } => {
            (head.state, head.finished_at) = (DeliveryState::Delivered, Some(now));
            (head.fault, head.status) = (None, Some(i64::from(status)));
        }
        Sent::Gone => (head.fault, head.status) = (Some(DeliveryFault::Status), Some(410)),
        Sent::Failed { fault, status, wait_s: _ } => {
            if head.state == DeliveryState::Waiting {
                head.fault = Some(fault);
            }
            head.status = status.map(i64::from);
        }
    }
    if head.state == DeliveryState::Waiting && is_given_up(now, head.queued_at) {
        (head.state, head.finished_at) = (DeliveryState::GivenUp, Some(now));
    }
}
