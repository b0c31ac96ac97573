//! The one way in which a route is written: as stops that were driven in thought and found possible, with its
//! version, what changed, its transfers and its events, all at once.

use super::routes::{note_change, record, save_head};
use super::world::{ShiftFacts, World};
use crate::actions::transfer_plan::prove_rerouted;
use crate::actions::{ActionError, Tx};
use crate::domain::dispatch::{Fault, PlannedStop, RouteState, StopKind, StopState, StopTimes, Timeline, judge};
use crate::domain::field::FieldError;
use crate::domain::ids::{RouteId, StopId};
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use crate::store::dispatch::routes::{self as rows, RouteRow, StopRow};
use crate::store::transfers::{self, Rerouting};
use serde_json::json;
use std::collections::BTreeSet;

/// Writes what one vehicle of a world drives from now on: makes its route, changes it, or cancels an empty one.
/// The route is refused, and nothing changed, when it cannot be driven.
pub(super) fn write_route(
    tx: &mut Tx<'_>,
    world: &World,
    vehicle: usize,
    stops: &[PlannedStop],
    (what, detail): (&str, &str),
) -> Result<RouteRow, ActionError> {
    let (Some(facts), Some(road)) = (world.shifts.get(vehicle), world.problem.vehicles.get(vehicle)) else {
        return Err(ActionError::Internal("a plan names a vehicle that is not there".to_owned()));
    };
    let (timeline, faults) = judge(&world.problem, road, stops);
    refuse_faults(world, stops, &faults)?;
    write_as_it_is(tx, world, facts, (vehicle, stops, &timeline), (what, detail))
}

/// Writes a route without asking whether it can be driven in time: for milk that is on the road already, where late
/// is still better than never. Alarms say what does not hold.
pub(super) fn write_as_it_is(
    tx: &mut Tx<'_>,
    world: &World,
    facts: &ShiftFacts,
    (vehicle, stops, timeline): (usize, &[PlannedStop], &Timeline),
    (what, detail): (&str, &str),
) -> Result<RouteRow, ActionError> {
    let fresh = facts.route.is_none();
    let mut head = facts.route.clone().unwrap_or_else(|| new_head(tx, facts));
    let ahead = stop_rows(tx, world, facts, head.id, (stops, timeline));
    measure(world, vehicle, timeline, &mut head);
    if ahead.is_empty() && facts.made.is_empty() {
        head.state = RouteState::Cancelled;
        head.finished_at = Some(tx.now);
    } else if ahead.is_empty() {
        head.state = RouteState::Finished;
        head.finished_at = Some(tx.now);
    }
    head.check_at = tx.now;
    if fresh {
        rows::insert_route(tx.conn, &head)?;
        note_change(tx, &head, what, detail)?;
    } else {
        save_head(tx, &mut head, what, detail)?;
    }
    let all: Vec<StopRow> = facts.made.iter().cloned().chain(ahead).collect();
    rows::replace_stops(tx.conn, head.id, &all)?;
    move_transfers(tx, world, (vehicle, facts), &all)?;
    let boxes = all.iter().filter(|stop| stop.kind.loads()).count();
    let kind = if fresh { "route.planned" } else { "route.changed" };
    record(
        tx,
        kind,
        &head,
        &json!({"what": what, "boxes": boxes, "starts_at": head.starts_at, "ends_at": head.ends_at}),
    )?;
    Ok(head)
}

fn new_head(tx: &Tx<'_>, facts: &ShiftFacts) -> RouteRow {
    RouteRow {
        id: RouteId::new(tx.new_id()),
        shift_id: facts.shift.id,
        vehicle_id: facts.shift.vehicle_id,
        courier_id: facts.shift.courier_id,
        state: RouteState::Planned,
        starts_at: tx.now,
        ends_at: tx.now,
        distance_m: 0,
        duration_s: 0,
        cost_cents: 0,
        assigned_at: None,
        assigned_by: None,
        started_at: None,
        finished_at: None,
        heard_at: None,
        check_at: tx.now,
        created_by: tx.actor.id.clone(),
        created_at: tx.now,
        version: 1,
    }
}

/// An instant from seconds since 1970.
pub(super) const fn instant_of(seconds: i64) -> Instant {
    Instant::from_micros(seconds.saturating_mul(1_000_000))
}

/// The rows of what is still to come; a stop that was there before keeps its identifier and what it knows.
fn stop_rows(
    tx: &Tx<'_>,
    world: &World,
    facts: &ShiftFacts,
    route: RouteId,
    (stops, timeline): (&[PlannedStop], &Timeline),
) -> Vec<StopRow> {
    let mut rows = Vec::new();
    let first = i64::try_from(facts.made.len()).unwrap_or(0);
    for ((stop, times), position) in stops.iter().zip(&timeline.stops).zip(first..) {
        let Some(one) = world.boxes.get(stop.job) else { continue };
        let (site_id, kind) = if stop.delivers { one.to } else { one.from };
        let known = facts.ahead.iter().find(|row| row.transfer_id == one.transfer.id && row.kind == kind);
        // A driver may come early and wait; what counts is when the door is open.
        let StopTimes { begins, leaves, .. } = *times;
        let due_at = if stop.delivers { one.needed_by } else { last_opening(world, *stop, one.needed_by) };
        let fresh = StopRow {
            id: StopId::new(tx.new_id()),
            route_id: route,
            position,
            kind,
            transfer_id: one.transfer.id,
            site_id,
            opens_at: instant_of(opening(world, *stop, begins)),
            due_at,
            planned_at: instant_of(begins),
            leaves_at: instant_of(leaves),
            eta_at: instant_of(begins),
            state: StopState::Waiting,
            arrived_at: None,
            done_at: None,
            problem: None,
            note: None,
            proof: None,
        };
        rows.push(match known {
            Some(known) => StopRow {
                id: known.id,
                state: known.state,
                arrived_at: known.arrived_at,
                problem: known.problem,
                note: known.note.clone(),
                proof: known.proof.clone(),
                ..fresh
            },
            None => fresh,
        });
    }
    rows
}

/// The second at which the door opened through which the box goes at this second.
fn opening(world: &World, stop: PlannedStop, begins: i64) -> i64 {
    let windows = world.problem.visit(stop).map(|visit| visit.windows.as_slice()).unwrap_or_default();
    let through = windows.iter().find(|window| window.from <= begins && begins <= window.until);
    through.map_or(begins, |window| window.from)
}

/// The last instant at which a door opens for a stop.
fn last_opening(world: &World, stop: PlannedStop, otherwise: Instant) -> Instant {
    let visit = world.problem.visit(stop);
    visit.and_then(|visit| visit.windows.last()).map_or(otherwise, |window| instant_of(window.until))
}

/// Road, time and cost of the whole route: what was driven and what is to come.
fn measure(world: &World, vehicle: usize, timeline: &Timeline, head: &mut RouteRow) {
    let (Some(facts), Some(road)) = (world.shifts.get(vehicle), world.problem.vehicles.get(vehicle)) else { return };
    let Some(matrix) = world.problem.matrix_of(road) else { return };
    let mut place = world.roads.place_of(facts.shift.start_site_id).unwrap_or(0);
    let mut driven = 0;
    for stop in &facts.made {
        let next = world.roads.place_of(stop.site_id).unwrap_or(place);
        driven += matrix.leg(place, next).metres;
        place = next;
    }
    let starts = head.started_at.unwrap_or_else(|| instant_of(timeline.departs));
    let ends = instant_of(timeline.ends).max(starts);
    head.starts_at = starts;
    head.ends_at = ends;
    head.distance_m = driven.saturating_add(timeline.metres);
    head.duration_s = ends.micros().saturating_sub(starts.micros()) / 1_000_000;
    let road_cents = road.cents_per_km.saturating_mul(head.distance_m) / 1000;
    let time_cents = road.cents_per_hour.saturating_mul(head.duration_s) / 3600;
    head.cost_cents = road_cents.saturating_add(time_cents).saturating_add(road.cents_per_start);
}

/// Tells transfers that have not left who comes for them, and when.
fn move_transfers(
    tx: &mut Tx<'_>,
    world: &World,
    (vehicle, facts): (usize, &ShiftFacts),
    stops: &[StopRow],
) -> Result<(), ActionError> {
    let courier_id = facts.shift.courier_id;
    let mut seen = BTreeSet::new();
    for pickup in stops.iter().filter(|stop| stop.kind == StopKind::Pickup && stop.state.is_ahead()) {
        let Some(transfer) = transfers::find_transfer(tx.conn, pickup.transfer_id)? else { continue };
        let waits = matches!(transfer.state, TransferState::Planned | TransferState::Packed);
        if !waits || !seen.insert(transfer.id) {
            continue;
        }
        let out = stops.iter().find(|stop| stop.transfer_id == transfer.id && stop.kind == StopKind::Delivery);
        let pickup_at = pickup.planned_at;
        let delivery_at = out.map_or(transfer.planned_delivery_at.max(pickup.leaves_at), |stop| stop.planned_at);
        let same = transfer.courier_id == Some(courier_id)
            && transfer.planned_pickup_at == pickup_at
            && transfer.planned_delivery_at == delivery_at;
        if same {
            continue;
        }
        let packed = transfer.state == TransferState::Packed;
        let proven = if packed { None } else { prove_rerouted(tx, &transfer, courier_id, (pickup_at, delivery_at))? };
        let own = facts.vehicle.hold_time_minutes;
        let holds = world.hold_minutes_of(vehicle, transfer.id).unwrap_or(own);
        let packaging = match &proven {
            Some(proven) => proven.packaging.as_deref(),
            // What is packed already stays as it is packed, and so does what this carrier was to carry anyway.
            None if packed || transfer.courier_id == Some(courier_id) => None,
            None => Some(facts.vehicle.packaging.as_str()),
        };
        let max_duration_minutes = match &proven {
            Some(proven) => proven.hold_minutes,
            None if packed => transfer.max_duration_minutes.min(holds),
            None => holds,
        };
        let to = Rerouting { courier_id, pickup_at, delivery_at, packaging, max_duration_minutes };
        if !transfers::reroute_transfer(tx.conn, transfer.id, transfer.version, &to)? {
            return Err(ActionError::conflict("transfer_moved", "A transfer changed meanwhile; plan again."));
        }
    }
    Ok(())
}

/// Every reason against a route, each at its stop.
pub(super) fn refuse_faults(world: &World, stops: &[PlannedStop], faults: &[Fault]) -> Result<(), ActionError> {
    if faults.is_empty() {
        return Ok(());
    }
    let errors = faults.iter().map(|fault| {
        let position = fault.job().and_then(|job| stops.iter().rposition(|stop| stop.job == job));
        let pointer = position.map_or_else(|| "/stops".to_owned(), |position| format!("/stops/{position}"));
        FieldError::new(pointer, fault.code(), sentence(world, *fault))
    });
    Err(ActionError::Invalid(errors.collect()))
}

/// A fault in words.
pub(super) fn sentence(world: &World, fault: Fault) -> String {
    let name = |job: usize| {
        let facts = world.boxes.get(job);
        let code = |id| world.roads.site(id).map_or("?", |site| site.code.as_str());
        facts.map_or_else(String::new, |facts| format!("the box from {} to {}", code(facts.from.0), code(facts.to.0)))
    };
    let minutes = |seconds: i64| (seconds + 59) / 60;
    match fault {
        Fault::NotCarried { job } => format!("This vehicle may not carry {}.", name(job)),
        Fault::Order { job } => format!("{} must come aboard once, before it leaves the vehicle.", name(job)),
        Fault::Full { job, over } => format!("{} is {over} boxes too many.", name(job)),
        Fault::Closed { job, delivers, late_s } => {
            let door = if delivers { "receiver" } else { "sender" };
            match late_s {
                Some(late) => format!("The {door} of {} is reached {} minutes too late.", name(job), minutes(late)),
                None => format!("The {door} of {} does not open in time.", name(job)),
            }
        }
        Fault::Held { job, over_s } => {
            format!("{} is out of the freezer for {} minutes too long.", name(job), minutes(over_s))
        }
        Fault::CutOff { job, late_s } => {
            format!("{} would come aboard {} minutes after the cut-off.", name(job), minutes(late_s))
        }
        Fault::ShiftOver { over_s } => format!("The shift ends {} minutes before the route.", minutes(over_s)),
        Fault::NoRoad => "No road is known.".to_owned(),
    }
}
