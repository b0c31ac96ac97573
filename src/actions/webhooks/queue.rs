//! From the feed to messages that wait: every event once for each address whose owner may see it. The feed is read
//! once for all addresses.

use super::reach_of;
use crate::actions::{ActionError, Call, Hub, Tx, stored};
use crate::domain::actor::{Actor, Role};
use crate::domain::ids::{DeliveryId, RouteId, SiteId};
use crate::domain::webhook::{DeliveryState, GIVEN_UP_AFTER_HOURS, may_have};
use crate::store::journal::EventRow;
use crate::store::webhook_events::list_feed;
use crate::store::webhooks::{self as rows, DeliveryRow, WebhookRow};
use crate::store::{AnyConn, couriers, dispatch, journal, settings};
use std::collections::BTreeSet;

/// Up to which position the feed has been read.
const READ_UP_TO: &str = "webhooks.read_up_to";
/// Positions read in one transaction.
const POSITIONS_A_BATCH: i64 = 1_000;

/// Queues what has happened since the last time.
///
/// # Errors
/// Those of the store.
pub(super) async fn queue_news(hub: &Hub) -> Result<(), ActionError> {
    while hub.read(anything_new).await? {
        if !hub.write_quietly(&Call::by_hub(), queue_some).await? {
            break;
        }
    }
    let now = hub.clock.now();
    let before = now.plus_hours(-GIVEN_UP_AFTER_HOURS);
    if hub.read(move |conn| Ok(rows::any_paused_older(conn, before)?)).await? {
        hub.write_quietly(&Call::by_hub(), move |tx| Ok(rows::give_up_paused(tx.conn, before, now)?)).await?;
    }
    Ok(())
}

fn read_up_to(conn: &mut AnyConn) -> Result<i64, ActionError> {
    Ok(settings::find_setting(conn, READ_UP_TO)?.and_then(|text| text.parse().ok()).unwrap_or_default())
}

fn anything_new(conn: &mut AnyConn) -> Result<bool, ActionError> {
    Ok(rows::any_webhook(conn)? && journal::last_position(conn)? > read_up_to(conn)?)
}

/// Queues one batch; true when there is more.
fn queue_some(tx: &mut Tx<'_>) -> Result<bool, ActionError> {
    let addresses = rows::list_webhooks(tx.conn)?;
    let Some(first) = addresses.iter().map(|row| row.from_pos).min() else { return Ok(false) };
    let last = journal::last_position(tx.conn)?;
    let from = read_up_to(tx.conn)?.max(first);
    let until = last.min(from.saturating_add(POSITIONS_A_BATCH));
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    let mut readers: Vec<(WebhookRow, BTreeSet<String>, Actor)> = Vec::new();
    for row in addresses {
        let kinds: BTreeSet<String> = stored(&row.kinds)?;
        let Some(owner) = reach_of(tx.conn, &row)? else { continue };
        wanted.extend(kinds.iter().cloned());
        readers.push((row, kinds, owner));
    }
    let wanted: Vec<String> = wanted.into_iter().collect();
    let mut fresh = Vec::new();
    for event in list_feed(tx.conn, &wanted, from, until)? {
        for (row, kinds, owner) in &readers {
            let after = event.pos.is_some_and(|pos| pos > row.from_pos);
            if after && kinds.contains(&event.kind) && concerns(tx.conn, owner, &event)? {
                fresh.push(waiting(tx, row, &event.id, event.pos.unwrap_or_default(), &event.kind));
            }
        }
    }
    rows::queue(tx.conn, &fresh)?;
    settings::keep_setting(tx.conn, READ_UP_TO, &until.max(from).to_string())?;
    Ok(until < last)
}

/// A message that waits.
pub(super) fn waiting(tx: &Tx<'_>, row: &WebhookRow, event_id: &str, event_pos: i64, kind: &str) -> DeliveryRow {
    DeliveryRow {
        id: DeliveryId::new(tx.new_id()),
        webhook_id: row.id,
        event_id: event_id.to_owned(),
        event_pos,
        kind: kind.to_owned(),
        state: DeliveryState::Waiting,
        attempts: 0,
        fault: None,
        status: None,
        queued_at: tx.now,
        attempted_at: None,
        finished_at: None,
    }
}

/// True when the owner may read this event: what the feed shows them; a courier sees its routes and the boxes on them.
pub(super) fn concerns(conn: &mut AnyConn, owner: &Actor, event: &EventRow) -> Result<bool, ActionError> {
    let EventRow { kind, site_id, other_site_id, network, data, .. } = event;
    let at = |site: &Option<String>| {
        let site = site.as_deref().and_then(|site| site.parse::<SiteId>().ok());
        site.is_some_and(|site| owner.acts_for(site))
    };
    if owner.role != Role::Courier {
        let everything = owner.sites == crate::domain::actor::SiteScope::All;
        return Ok(everything || *network || at(site_id) || at(other_site_id));
    }
    if !may_have(owner.role, kind) {
        return Ok(false);
    }
    if kind.starts_with("route.") {
        return Ok(at(site_id));
    }
    let told: serde_json::Value = stored(data)?;
    let route = told.get("route_id").and_then(serde_json::Value::as_str).and_then(|id| id.parse::<RouteId>().ok());
    let Some(route) = route else { return Ok(false) };
    let Some(route) = dispatch::routes::find_route(conn, route)? else { return Ok(false) };
    let carrier = couriers::find_courier(conn, route.courier_id)?;
    Ok(carrier.is_some_and(|carrier| owner.acts_for(carrier.base_site_id)))
}
