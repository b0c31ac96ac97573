//! The log of an address: what was sent, what waits, what was given up. A message may be sent again, or set aside
//! when it holds up those behind it; an address may be tried.

use super::queue::waiting;
use super::{DeliveryRow, get_row, note};
use crate::actions::{ActionError, Tx};
use crate::domain::actor::Actor;
use crate::domain::ids::{DeliveryId, WebhookId};
use crate::domain::webhook::{DeliveryFault, DeliveryState, TEST_KIND, WebhookState};
use crate::store::AnyConn;
use crate::store::webhooks as rows;
use serde_json::json;

/// Messages sent again at once.
const MOST_AGAIN: i64 = 1_000;

/// A page of the log, newest first.
///
/// # Errors
/// `NotFound` for an address of others.
pub fn list_deliveries(
    conn: &mut AnyConn,
    actor: &Actor,
    id: WebhookId,
    state: Option<DeliveryState>,
    before: Option<DeliveryId>,
    most: i64,
) -> Result<Vec<DeliveryRow>, ActionError> {
    get_row(conn, actor, id)?;
    Ok(rows::list_deliveries(conn, id, state, before, most)?)
}

/// Queues a message that only tries the address.
///
/// # Errors
/// `NotFound` for an address of others; `Conflict` when it is paused.
pub fn try_webhook(tx: &mut Tx<'_>, id: WebhookId) -> Result<DeliveryRow, ActionError> {
    let row = get_row(tx.conn, tx.actor, id)?;
    if row.state == WebhookState::Paused {
        return Err(ActionError::conflict("webhook_paused", "This address is paused; let it go on first."));
    }
    let event_id = tx.new_id().to_string();
    let message = waiting(tx, &row, &event_id, 0, TEST_KIND);
    rows::queue(tx.conn, std::slice::from_ref(&message))?;
    rows::wake(tx.conn, id, tx.now)?;
    Ok(message)
}

/// Sends messages again, under the same names and before what waits: these, or all that were given up. How many.
///
/// # Errors
/// `NotFound` for an address or a message of others; `Conflict` when one waits already.
pub fn send_again(tx: &mut Tx<'_>, id: WebhookId, wanted: Option<&[DeliveryId]>) -> Result<usize, ActionError> {
    let row = get_row(tx.conn, tx.actor, id)?;
    let found = match wanted {
        None => rows::list_deliveries(tx.conn, id, Some(DeliveryState::GivenUp), None, MOST_AGAIN)?,
        Some(ids) => {
            let mut found = Vec::new();
            for delivery in ids {
                found.push(get_delivery(tx, id, *delivery)?);
            }
            found
        }
    };
    for mut message in found.iter().cloned() {
        if message.state == DeliveryState::Waiting {
            return Err(ActionError::conflict("delivery_waits", "This message waits already."));
        }
        message.state = DeliveryState::Waiting;
        (message.queued_at, message.finished_at) = (tx.now, None);
        rows::update_delivery(tx.conn, &message)?;
    }
    rows::wake(tx.conn, id, tx.now)?;
    note(tx, "webhook.resent", &row, &json!({"messages": found.len()}))?;
    Ok(found.len())
}

/// Sets a message aside that waits and holds up those behind it.
///
/// # Errors
/// `NotFound` for an address or a message of others; `Conflict` when it does not wait.
pub fn set_aside(tx: &mut Tx<'_>, id: WebhookId, delivery: DeliveryId) -> Result<DeliveryRow, ActionError> {
    let row = get_row(tx.conn, tx.actor, id)?;
    let mut message = get_delivery(tx, id, delivery)?;
    if message.state != DeliveryState::Waiting {
        return Err(ActionError::conflict("delivery_over", "This message does not wait any more."));
    }
    message.state = DeliveryState::GivenUp;
    message.fault = Some(DeliveryFault::SetAside);
    message.finished_at = Some(tx.now);
    rows::update_delivery(tx.conn, &message)?;
    rows::wake(tx.conn, id, tx.now)?;
    note(tx, "webhook.set_aside", &row, &json!({"event_id": message.event_id}))?;
    Ok(message)
}

fn get_delivery(tx: &mut Tx<'_>, id: WebhookId, delivery: DeliveryId) -> Result<DeliveryRow, ActionError> {
    let found = rows::find_delivery(tx.conn, delivery)?.filter(|message| message.webhook_id == id);
    found.ok_or(ActionError::NotFound { what: "delivery" })
}
