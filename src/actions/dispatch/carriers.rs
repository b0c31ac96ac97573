//! Routes offered to courier companies: their own system accepts or declines, and drives then.

use super::editing::mark_assigned;
use super::routes::{RouteDetail, get_head, get_route, get_to_change, record};
use super::shifts::own_couriers;
use crate::actions::{ActionError, Tx};
use crate::domain::actor::Actor;
use crate::domain::dispatch::{CarrierOfferState, RouteState};
use crate::domain::ids::{CarrierOfferId, RouteId};
use crate::domain::text::text_fault;
use crate::domain::time::Instant;
use crate::store::AnyConn;
use crate::store::dispatch::offers as rows;
pub use crate::store::dispatch::offers::CarrierOfferRow;
use serde_json::json;

/// Offers a route to the courier of its vehicle.
///
/// # Errors
/// `NotFound`, `Overtaken`, `Invalid`; `Conflict` when it is assigned or offered already.
pub fn offer_route(
    tx: &mut Tx<'_>,
    id: RouteId,
    version: i64,
    answer_by: Instant,
) -> Result<CarrierOfferRow, ActionError> {
    let head = get_to_change(tx, id, version)?;
    if head.state != RouteState::Planned {
        return Err(ActionError::conflict(
            "route_state",
            format!("This route is {}; nothing was changed.", head.state),
        ));
    }
    if answer_by <= tx.now || answer_by > head.starts_at.max(tx.now.plus_hours(24)) {
        let detail = "An offer is answered from now on and before the route leaves.";
        return Err(ActionError::field("/answer_by", "out_of_range", detail));
    }
    if !rows::list_waiting_of(tx.conn, id)?.is_empty() {
        return Err(ActionError::conflict("route_offered", "This route waits for a carrier's answer already."));
    }
    let row = CarrierOfferRow {
        id: CarrierOfferId::new(tx.new_id()),
        route_id: id,
        courier_id: head.courier_id,
        state: CarrierOfferState::Proposed,
        answer_by,
        reason: None,
        answered_at: None,
        answered_by: None,
        created_by: tx.actor.id.clone(),
        created_at: tx.now,
        version: 1,
    };
    rows::insert_carrier_offer(tx.conn, &row)?;
    record(tx, "route.offered", &head, &json!({"offer_id": row.id, "answer_by": row.answer_by}))?;
    Ok(row)
}

fn get_to_answer(tx: &mut Tx<'_>, id: CarrierOfferId, version: i64) -> Result<CarrierOfferRow, ActionError> {
    let not_found = ActionError::NotFound { what: "offer" };
    let row = rows::find_carrier_offer(tx.conn, id)?.ok_or(not_found)?;
    get_head(tx.conn, tx.actor, row.route_id)?;
    if row.version != version {
        return Err(ActionError::Stale { current_version: row.version });
    }
    if row.state != CarrierOfferState::Proposed || row.answer_by <= tx.now {
        return Err(ActionError::conflict("offer_over", format!("This offer is {}.", row.state)));
    }
    Ok(row)
}

fn answer(tx: &mut Tx<'_>, mut row: CarrierOfferRow, state: CarrierOfferState) -> Result<CarrierOfferRow, ActionError> {
    let expected = row.version;
    row.state = state;
    row.answered_at = Some(tx.now);
    row.answered_by = Some(tx.actor.id.clone());
    row.version += 1;
    if rows::update_carrier_offer(tx.conn, &row, expected)? {
        return Ok(row);
    }
    Err(ActionError::Stale { current_version: row.version })
}

/// The courier takes a route; it is assigned then.
///
/// # Errors
/// `NotFound`, `Stale`; `Conflict` when the offer is over or the route changed meanwhile.
pub fn accept_offer(
    tx: &mut Tx<'_>,
    id: CarrierOfferId,
    version: i64,
) -> Result<(CarrierOfferRow, RouteDetail), ActionError> {
    let row = get_to_answer(tx, id, version)?;
    let mut head = get_head(tx.conn, tx.actor, row.route_id)?;
    if head.state != RouteState::Planned {
        return Err(ActionError::conflict("route_state", format!("This route is {} by now.", head.state)));
    }
    let row = answer(tx, row, CarrierOfferState::Accepted)?;
    mark_assigned(tx, &mut head)?;
    let detail = get_route(tx.conn, tx.actor, row.route_id)?;
    Ok((row, detail))
}

/// The courier does not take a route; it waits for somebody else.
///
/// # Errors
/// `NotFound`, `Stale`, `Invalid`; `Conflict` when the offer is over.
pub fn decline_offer(
    tx: &mut Tx<'_>,
    id: CarrierOfferId,
    version: i64,
    reason: &str,
) -> Result<CarrierOfferRow, ActionError> {
    let mut row = get_to_answer(tx, id, version)?;
    if let Some(fault) = text_fault("/reason", reason, 500) {
        return Err(ActionError::Invalid(vec![fault]));
    }
    row.reason = Some(reason.trim().to_owned());
    let row = answer(tx, row, CarrierOfferState::Declined)?;
    let head = get_head(tx.conn, tx.actor, row.route_id)?;
    record(tx, "route.declined", &head, &json!({"offer_id": row.id, "reason": row.reason}))?;
    Ok(row)
}

/// Ends offers that nobody answered in time; how many.
///
/// # Errors
/// Those of the store.
pub fn lapse_carrier_offers(tx: &mut Tx<'_>) -> Result<usize, ActionError> {
    let overdue = rows::list_overdue(tx.conn, tx.now)?;
    let count = overdue.len();
    for mut row in overdue {
        let expected = row.version;
        row.state = CarrierOfferState::Lapsed;
        row.version += 1;
        rows::update_carrier_offer(tx.conn, &row, expected)?;
        let head = get_head(tx.conn, tx.actor, row.route_id)?;
        record(tx, "route.offer_lapsed", &head, &json!({"offer_id": row.id}))?;
    }
    Ok(count)
}

/// True when an offer waits past its time.
///
/// # Errors
/// Those of the store.
pub fn any_overdue(conn: &mut AnyConn, now: Instant) -> Result<bool, ActionError> {
    Ok(!rows::list_overdue(conn, now)?.is_empty())
}

/// A page of offers: all for dispatchers, a courier's own for the courier.
///
/// # Errors
/// Those of the store.
pub fn list_offers(
    conn: &mut AnyConn,
    actor: &Actor,
    state: Option<CarrierOfferState>,
    after: Option<CarrierOfferId>,
    rows_wanted: i64,
) -> Result<Vec<CarrierOfferRow>, ActionError> {
    let couriers = own_couriers(conn, actor)?;
    Ok(rows::list_carrier_offers(conn, couriers.as_deref(), state, after, rows_wanted)?)
}

/// The newest offers, newest first: all for dispatchers, a courier's own for the courier.
///
/// # Errors
/// Those of the store.
pub fn list_newest_offers(
    conn: &mut AnyConn,
    actor: &Actor,
    rows_wanted: i64,
) -> Result<Vec<CarrierOfferRow>, ActionError> {
    let couriers = own_couriers(conn, actor)?;
    Ok(rows::list_newest_offers(conn, couriers.as_deref(), rows_wanted)?)
}
