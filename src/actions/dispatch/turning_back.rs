//! A box that is aboard and cannot be delivered goes back into its sender's freezer while its packaging still holds:
//! at a dispatcher's word, or by itself when its delivery was given up at the door.

use super::docking::leave_at;
use super::editing::{tell_sites, world_of};
use super::routes::{RouteDetail, get_route, get_to_change};
use super::world::{Scope, World};
use super::writing::{instant_of, refuse_faults, write_as_it_is};
use crate::actions::doubt::doubt_journey;
use crate::actions::{ActionError, Tx};
use crate::domain::dispatch::{Fault, PlannedStop, StopKind, StopState, Timeline, judge};
use crate::domain::ids::{RouteId, StopId, TransferId};
use crate::domain::text::text_fault;
use crate::store::dispatch::routes::{self as rows, RouteRow, StopRow};
use crate::store::transfers::{self, TransferRow};
use serde_json::json;

/// Sends a box that is aboard back to its sender. Its requests are planned anew at once.
///
/// # Errors
/// `NotFound`, `Overtaken`; `Invalid` without a reason, for a box that the route does not deliver, or when the way back
/// does not hold; `Conflict` when the box is not aboard.
pub fn turn_back(
    tx: &mut Tx<'_>,
    (id, version): (RouteId, i64),
    transfer: TransferId,
    reason: &str,
) -> Result<RouteDetail, ActionError> {
    let head = get_to_change(tx, id, version)?;
    if let Some(fault) = text_fault("/reason", reason, 500) {
        return Err(ActionError::Invalid(vec![fault]));
    }
    let unknown = || ActionError::field("/transfer_id", "not_found", "This route has no such box to deliver.");
    let box_row = transfers::find_transfer(tx.conn, transfer)?.ok_or_else(unknown)?;
    let home = [box_row.from_site_id];
    let mut world = world_of(tx, head.shift_id, &[], Scope { sites: &home, ..Scope::default() })?;
    let delivers = |one: &super::boxes::BoxFacts| one.transfer.id == transfer && one.to.1 == StopKind::Delivery;
    let job = world.boxes.iter().position(delivers).ok_or_else(unknown)?;
    if world.problem.jobs.get(job).is_none_or(|facts| facts.claim.aboard_since().is_none()) {
        let detail = "This box is not aboard: take it off the route instead.";
        return Err(ActionError::conflict("not_aboard", detail));
    }
    leave_at(tx, &mut world, job, box_row.from_site_id)?;
    let way = best_way(&world, job);
    // What stands against other boxes stood against them before, and is said by alarms.
    let own: Vec<Fault> = way.faults.iter().filter(|fault| fault.job() == Some(job)).copied().collect();
    refuse_faults(&world, &way.stops, &own)?;
    write(tx, &mut world, job, &way, reason.trim())?;
    follow_up(tx, id, &box_row, reason.trim())?;
    get_route(tx.conn, tx.actor, id)
}

/// Sends a box back whose delivery was given up: it is on the road, so the way is written even where it is too long.
pub(super) fn send_back(tx: &mut Tx<'_>, head: &RouteRow, given_up: &StopRow) -> Result<(), ActionError> {
    let Some(box_row) = transfers::find_transfer(tx.conn, given_up.transfer_id)? else { return Ok(()) };
    let home = [box_row.from_site_id];
    let world = world_of(tx, head.shift_id, &[], Scope { sites: &home, ..Scope::default() })?;
    let goes_home = |one: &super::boxes::BoxFacts| one.transfer.id == box_row.id && one.to == (home[0], StopKind::Drop);
    let Some(job) = world.boxes.iter().position(goes_home) else { return Ok(()) };
    let mut world = world;
    let way = best_way(&world, job);
    let reason = given_up.problem.map_or("its delivery was given up", |problem| problem.as_str());
    write(tx, &mut world, job, &way, reason)?;
    follow_up(tx, head.id, &box_row, reason)
}

/// The stop at which a box that was not delivered leaves the vehicle, before it has a place among the others.
pub(super) fn stop_at_home(tx: &mut Tx<'_>, given_up: &StopRow) -> Result<(), ActionError> {
    let Some(box_row) = transfers::find_transfer(tx.conn, given_up.transfer_id)? else { return Ok(()) };
    let mut stops = rows::list_stops(tx.conn, &[given_up.route_id])?;
    stops.push(StopRow {
        id: StopId::new(tx.new_id()),
        position: i64::try_from(stops.len()).unwrap_or(i64::MAX),
        kind: StopKind::Drop,
        site_id: box_row.from_site_id,
        opens_at: tx.now,
        planned_at: tx.now,
        leaves_at: tx.now,
        eta_at: tx.now,
        state: StopState::Waiting,
        arrived_at: None,
        done_at: None,
        problem: None,
        note: None,
        proof: None,
        ..given_up.clone()
    });
    Ok(rows::replace_stops(tx.conn, given_up.route_id, &stops)?)
}

/// A way with the box's last stop in it, and what stands against it.
struct Way {
    stops: Vec<PlannedStop>,
    timeline: Timeline,
    faults: Vec<Fault>,
}

/// The cheapest place for the stop at the sender among the stops still to come; where none holds, the one against
/// which least stands, as early as can be. A driver who stands at a door finishes there first.
fn best_way(world: &World, job: usize) -> Way {
    let nothing = Way { stops: Vec::new(), timeline: Timeline::default(), faults: vec![Fault::NoRoad] };
    let (Some(road), Some(route)) = (world.problem.vehicles.first(), world.problem.routes.first()) else {
        return nothing;
    };
    let others: Vec<PlannedStop> = route.iter().filter(|stop| stop.job != job).copied().collect();
    let at_a_door = world.shifts.first().and_then(|facts| facts.ahead.first());
    let first = usize::from(at_a_door.is_some_and(|stop| stop.state == StopState::Arrived) && !others.is_empty());
    let ways = (first..=others.len()).map(|place| {
        let mut stops = others.clone();
        stops.insert(place, PlannedStop { job, delivers: true });
        let (timeline, faults) = judge(&world.problem, road, &stops);
        Way { stops, timeline, faults }
    });
    let own = |way: &Way| way.faults.iter().filter(|fault| fault.job() == Some(job)).count();
    ways.min_by_key(|way| (own(way), way.faults.len(), way.timeline.cost)).unwrap_or(nothing)
}

fn write(tx: &mut Tx<'_>, world: &mut World, job: usize, way: &Way, reason: &str) -> Result<(), ActionError> {
    let since = world.problem.jobs.get(job).and_then(|facts| facts.claim.aboard_since());
    let hold_s = world.problem.vehicles.first().map(|road| world.problem.hold_s(road, job));
    let out_by = since.zip(hold_s).map(|(since, hold_s)| since.saturating_add(hold_s));
    // The deadline of the way back is the packaging's, not the ward's.
    if let (Some(facts), Some(out_by)) = (world.boxes.get_mut(job), out_by) {
        facts.needed_by = instant_of(out_by);
    }
    let Some(facts) = world.shifts.first() else { return Ok(()) };
    let detail = format!("a box goes back to its sender: {reason}");
    write_as_it_is(tx, world, facts, (0, &way.stops, &way.timeline), ("turned_back", &detail))?;
    Ok(())
}

/// Tells both sites, and has other milk looked for.
fn follow_up(tx: &mut Tx<'_>, route: RouteId, box_row: &TransferRow, reason: &str) -> Result<(), ActionError> {
    tell_sites(tx, "journey.turned_back", box_row.id, &json!({"route_id": route, "reason": reason}))?;
    doubt_journey(tx, box_row)
}
