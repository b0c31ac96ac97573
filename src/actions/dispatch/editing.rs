//! What dispatchers do to routes: make one, order its stops, assign it, give boxes to another shift, swap, cancel.
//! Every change names the version it was decided on; who comes second learns what the first one did.

use super::arrange::arrange;
use super::routes::{RouteDetail, get_route, get_to_change, record, save_head};
use super::shifts::get_shift;
use super::world::{Scope, ShiftFacts, World};
use super::writing::write_route;
use crate::actions::{ActionError, Happening, Tx};
use crate::domain::dispatch::{Claim, PlannedStop, RouteState, ShiftState, StopKind, StopState};
use crate::domain::field::FieldError;
use crate::domain::ids::{RouteId, ShiftId, TransferId};
use crate::domain::text::code_fault;
use crate::domain::transfer::TransferState;
use crate::store::dispatch::vehicles::ShiftRow;
use crate::store::dispatch::{links, offers, routes, vehicles};
use crate::store::transfers;
use serde_json::json;
use std::collections::BTreeSet;

/// Most boxes on one route.
pub const MOST_BOXES: usize = 200;

/// A stop in the order that somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedStop {
    /// The box.
    pub transfer_id: TransferId,
    /// What happens.
    pub kind: StopKind,
}

/// Makes the route of a shift from boxes that are on none.
///
/// # Errors
/// `NotFound`; `Invalid` with a reason for each box that does not fit; `Conflict` when the shift has a route or a
/// box is on another one.
pub fn create_route(
    tx: &mut Tx<'_>,
    shift: ShiftId,
    boxes: &[TransferId],
    late: bool,
) -> Result<RouteDetail, ActionError> {
    let shift = get_open_shift(tx, shift)?;
    if routes::find_open_route_of(tx.conn, shift.id)?.is_some() {
        return Err(ActionError::conflict("shift_has_route", "This shift has an open route; add to that one."));
    }
    refuse_unroutable(tx, boxes)?;
    let world = World::load(
        tx.conn,
        tx.now,
        &[shift],
        Scope { extra: boxes, late: if late { boxes } else { &[] }, ..Scope::default() },
    )?;
    let jobs = boxes.iter().filter_map(|id| world.job_of(*id)).collect();
    let stops = arrange(&world, 0, &jobs, &[])?;
    let detail = format!("{} boxes were put on a new route", jobs.len());
    let head = write_route(tx, &world, 0, &stops, ("planned", &detail))?;
    get_route(tx.conn, tx.actor, head.id)
}

/// A shift that may get a route.
pub(super) fn get_open_shift(tx: &mut Tx<'_>, id: ShiftId) -> Result<ShiftRow, ActionError> {
    let shift = get_shift(tx.conn, tx.actor, id)?;
    if shift.state != ShiftState::Open || shift.ends_at <= tx.now {
        return Err(ActionError::conflict("shift_over", "This shift is over or was cancelled."));
    }
    Ok(shift)
}

/// Boxes must wait for a route: planned or packed, and on none.
pub(super) fn refuse_unroutable(tx: &mut Tx<'_>, boxes: &[TransferId]) -> Result<(), ActionError> {
    let distinct: BTreeSet<TransferId> = boxes.iter().copied().collect();
    if distinct.is_empty() || distinct.len() != boxes.len() || boxes.len() > MOST_BOXES {
        let detail = format!("Name 1 to {MOST_BOXES} transfers, each once.");
        return Err(ActionError::field("/transfer_ids", "out_of_range", detail));
    }
    let routed: BTreeSet<TransferId> = routes::list_open_stops_of(tx.conn, boxes)?
        .into_iter()
        .filter(|stop| stop.state != StopState::Failed)
        .map(|stop| stop.transfer_id)
        .collect();
    let mut faults = Vec::new();
    for (position, id) in boxes.iter().enumerate() {
        let pointer = format!("/transfer_ids/{position}");
        match transfers::find_transfer(tx.conn, *id)? {
            None => faults.push(FieldError::new(pointer, "not_found", "There is no such transfer.")),
            Some(_) if routed.contains(id) => {
                faults.push(FieldError::new(pointer, "on_a_route", "This transfer is on an open route already."));
            }
            Some(row) if !matches!(row.state, TransferState::Planned | TransferState::Packed) => {
                let detail = format!("This transfer is {} and does not wait for a vehicle.", row.state);
                faults.push(FieldError::new(pointer, "not_waiting", detail));
            }
            Some(_) => {}
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(ActionError::Invalid(faults)) }
}

/// The world of a route: its own shift, and others.
pub(super) fn world_of(
    tx: &mut Tx<'_>,
    shift: ShiftId,
    others: &[ShiftRow],
    scope: Scope<'_>,
) -> Result<World, ActionError> {
    let own = vehicles::find_shift(tx.conn, shift)?
        .ok_or_else(|| ActionError::Internal("a route has no shift".to_owned()))?;
    let mut shifts = vec![own];
    shifts.extend(others.iter().cloned());
    World::load(tx.conn, tx.now, &shifts, scope)
}

/// Puts the stops that are still to come into another order, with boxes added or taken off.
///
/// # Errors
/// `NotFound`, `Overtaken`; `Invalid` with every reason against the order; `Conflict` when what is aboard or next
/// would be lost.
pub fn order_stops(
    tx: &mut Tx<'_>,
    id: RouteId,
    version: i64,
    wanted: &[WantedStop],
    late: bool,
) -> Result<RouteDetail, ActionError> {
    let head = get_to_change(tx, id, version)?;
    refuse_over(&head)?;
    let on_it = routes::list_stops(tx.conn, &[id])?;
    let known: BTreeSet<TransferId> = on_it.iter().map(|stop| stop.transfer_id).collect();
    let mut added: Vec<TransferId> =
        wanted.iter().map(|stop| stop.transfer_id).filter(|transfer| !known.contains(transfer)).collect();
    added.sort_unstable();
    added.dedup();
    if !added.is_empty() {
        refuse_unroutable(tx, &added)?;
    }
    let world = world_of(
        tx,
        head.shift_id,
        &[],
        Scope { extra: &added, late: if late { &added } else { &[] }, ..Scope::default() },
    )?;
    let mut stops = Vec::new();
    for (position, stop) in wanted.iter().enumerate() {
        let delivers = !stop.kind.loads();
        let Some(job) = world.boxes.iter().position(|facts| {
            let kind = if delivers { facts.to.1 } else { facts.from.1 };
            facts.transfer.id == stop.transfer_id && kind == stop.kind
        }) else {
            return Err(ActionError::field(&format!("/stops/{position}"), "not_found", "This route has no such stop."));
        };
        stops.push(PlannedStop { job, delivers });
    }
    refuse_lost(&world, 0, &stops)?;
    let detail = format!("the order of {} stops was changed", stops.len());
    write_route(tx, &world, 0, &stops, ("ordered", &detail))?;
    get_route(tx.conn, tx.actor, id)
}

/// What is aboard stays aboard, and what the driver is doing stays next.
fn refuse_lost(world: &World, vehicle: usize, stops: &[PlannedStop]) -> Result<(), ActionError> {
    let (Some(road), Some(before)) = (world.problem.vehicles.get(vehicle), world.problem.routes.get(vehicle)) else {
        return Ok(());
    };
    let aboard = |job: usize| {
        let claim = world.problem.jobs.get(job).map_or(Claim::Free, |job| job.claim);
        claim.aboard_since().is_some()
    };
    let lost = before.iter().any(|stop| aboard(stop.job) && !stops.contains(stop));
    if lost {
        return Err(ActionError::conflict("boxes_aboard", "A box that is aboard needs its delivery."));
    }
    if !stops.starts_with(before.get(..road.locked).unwrap_or_default()) {
        let detail = "The driver is at the first stop or on the way to it; it stays first.";
        return Err(ActionError::conflict("stop_locked", detail));
    }
    Ok(())
}

fn refuse_over(head: &routes::RouteRow) -> Result<(), ActionError> {
    if head.state.is_open() {
        return Ok(());
    }
    Err(ActionError::conflict("route_over", format!("This route is {}.", head.state)))
}

/// Gives a route to its driver.
///
/// # Errors
/// `NotFound`, `Overtaken`, `Invalid`; `Conflict` when it is assigned already.
pub fn assign_route(
    tx: &mut Tx<'_>,
    id: RouteId,
    version: i64,
    driver_ref: Option<&str>,
) -> Result<RouteDetail, ActionError> {
    let mut head = get_to_change(tx, id, version)?;
    if head.state != RouteState::Planned {
        return Err(ActionError::conflict(
            "route_state",
            format!("This route is {}; nothing was changed.", head.state),
        ));
    }
    if let Some(driver) = driver_ref {
        if let Some(fault) = code_fault("/driver_ref", driver) {
            return Err(ActionError::Invalid(vec![fault]));
        }
        name_driver(tx, head.shift_id, driver)?;
    }
    mark_assigned(tx, &mut head)?;
    get_route(tx.conn, tx.actor, id)
}

fn name_driver(tx: &mut Tx<'_>, shift: ShiftId, driver: &str) -> Result<(), ActionError> {
    let mut shift = get_open_shift(tx, shift)?;
    let expected = shift.version;
    shift.driver_ref = Some(driver.to_owned());
    shift.version += 1;
    if vehicles::update_shift(tx.conn, &shift, expected)? {
        return Ok(());
    }
    Err(ActionError::Stale { current_version: shift.version })
}

/// Marks a route as its driver's and tells the sites of its boxes.
pub(super) fn mark_assigned(tx: &mut Tx<'_>, head: &mut routes::RouteRow) -> Result<(), ActionError> {
    head.state = RouteState::Assigned;
    head.assigned_at = Some(tx.now);
    head.assigned_by = Some(tx.actor.id.clone());
    head.check_at = tx.now;
    save_head(tx, head, "assigned", "it was given to its driver")?;
    record(tx, "route.assigned", head, &json!({"starts_at": head.starts_at, "ends_at": head.ends_at}))?;
    for stop in routes::list_stops(tx.conn, &[head.id])? {
        if stop.kind == StopKind::Pickup && stop.state.is_ahead() {
            tell_sites(
                tx,
                "journey.assigned",
                stop.transfer_id,
                &json!({"route_id": head.id, "pickup_at": stop.eta_at}),
            )?;
        }
    }
    Ok(())
}

/// Tells both sites of a box what happened to it.
pub(super) fn tell_sites(
    tx: &mut Tx<'_>,
    kind: &'static str,
    id: TransferId,
    data: &serde_json::Value,
) -> Result<(), ActionError> {
    let Some(transfer) = transfers::find_transfer(tx.conn, id)? else { return Ok(()) };
    tx.record(Happening {
        kind,
        subject_kind: "transfer",
        subject_id: id.to_string(),
        site: Some(transfer.from_site_id),
        other_site: Some(transfer.to_site_id),
        network: false,
        data,
    })
}

/// Takes a route back from its driver before it has left.
///
/// # Errors
/// `NotFound`, `Overtaken`; `Conflict` when it is not assigned or has left.
pub fn unassign_route(tx: &mut Tx<'_>, id: RouteId, version: i64) -> Result<RouteDetail, ActionError> {
    let mut head = get_to_change(tx, id, version)?;
    if head.state != RouteState::Assigned {
        return Err(ActionError::conflict(
            "route_state",
            format!("This route is {}; nothing was changed.", head.state),
        ));
    }
    head.state = RouteState::Planned;
    (head.assigned_at, head.assigned_by) = (None, None);
    links::revoke_links(tx.conn, id, tx.now)?;
    save_head(tx, &mut head, "unassigned", "it was taken back from its driver")?;
    record(tx, "route.unassigned", &head, &json!({}))?;
    get_route(tx.conn, tx.actor, id)
}

/// Cancels a route with nothing aboard; its boxes wait for another one.
///
/// # Errors
/// `NotFound`, `Overtaken`, `Invalid`; `Conflict` when boxes are aboard or it is over.
pub fn cancel_route(tx: &mut Tx<'_>, id: RouteId, version: i64, reason: &str) -> Result<RouteDetail, ActionError> {
    let mut head = get_to_change(tx, id, version)?;
    refuse_over(&head)?;
    if reason.trim().is_empty() || reason.len() > 500 {
        return Err(ActionError::field("/reason", "required", "Say why, in a few words."));
    }
    if !boxes_aboard(&routes::list_stops(tx.conn, &[id])?).is_empty() {
        let detail = "Boxes are aboard: they must be delivered or left in a depot's freezer first.";
        return Err(ActionError::conflict("boxes_aboard", detail));
    }
    head.state = RouteState::Cancelled;
    head.finished_at = Some(tx.now);
    links::revoke_links(tx.conn, id, tx.now)?;
    for mut offer in offers::list_waiting_of(tx.conn, id)? {
        let expected = offer.version;
        offer.state = crate::domain::dispatch::CarrierOfferState::Withdrawn;
        offer.version += 1;
        offers::update_carrier_offer(tx.conn, &offer, expected)?;
    }
    save_head(tx, &mut head, "cancelled", &format!("it was cancelled: {}", reason.trim()))?;
    record(tx, "route.cancelled", &head, &json!({"reason": reason.trim()}))?;
    super::alarms::close_alarms(tx, id)?;
    get_route(tx.conn, tx.actor, id)
}

/// Boxes that came aboard and did not leave.
pub(super) fn boxes_aboard(stops: &[routes::StopRow]) -> BTreeSet<TransferId> {
    let done = |loads: bool| {
        stops
            .iter()
            .filter(move |stop| stop.state == StopState::Done && stop.kind.loads() == loads)
            .map(|stop| stop.transfer_id)
    };
    let gone: BTreeSet<TransferId> = done(false).collect();
    done(true).filter(|id| !gone.contains(id)).collect()
}

/// The jobs that a vehicle of a world has, and of those the ones aboard.
pub(super) fn jobs_with(world: &World, vehicle: usize) -> (BTreeSet<usize>, BTreeSet<usize>) {
    let stops = world.problem.routes.get(vehicle).map(Vec::as_slice).unwrap_or_default();
    let all: BTreeSet<usize> = stops.iter().map(|stop| stop.job).collect();
    let aboard = all
        .iter()
        .copied()
        .filter(|job| world.problem.jobs.get(*job).is_some_and(|facts| facts.claim.aboard_since().is_some()));
    let aboard = aboard.collect();
    (all, aboard)
}

/// The shift of a vehicle in a world.
pub(super) fn shift_at(world: &World, vehicle: usize) -> Result<&ShiftFacts, ActionError> {
    world.shifts.get(vehicle).ok_or_else(|| ActionError::Internal("a shift went missing".to_owned()))
}
