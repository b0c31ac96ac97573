//! One more box in running routes: every vehicle is priced, with road, time, cost and who gets milk later, before
//! anybody accepts.

use super::editing::{get_open_shift, refuse_unroutable, shift_at, world_of};
use super::routes::{RouteDetail, get_route, get_to_change};
use super::shifts::own_couriers;
use super::world::{Scope, World};
use super::writing::{instant_of, write_route};
use crate::actions::{ActionError, Tx};
use crate::domain::actor::Actor;
use crate::domain::dispatch::{
    Course, PlannedStop, ShiftState, StopTimes, UnassignedReason, cheapest_insertion, explain, slack_minutes,
};
use crate::domain::ids::{RouteId, ShiftId, TransferId, VehicleId};
use crate::domain::time::Instant;
use crate::store::AnyConn;
use crate::store::dispatch::vehicles::{self, ShiftFilter};

/// Shifts that are priced at once.
const MOST_SHIFTS: i64 = 500;
/// A shift that begins later than this is no answer to an urgent box.
const AHEAD_HOURS: i64 = 36;

/// A box that comes later because of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaterBox {
    /// The box.
    pub transfer_id: TransferId,
    /// Minutes later.
    pub minutes: i64,
    /// Minutes to spare then.
    pub slack_minutes: i64,
}

/// A vehicle that could take the box, with the price.
#[derive(Debug, Clone)]
pub struct InsertionOption {
    /// The shift.
    pub shift_id: ShiftId,
    /// The vehicle.
    pub vehicle_id: VehicleId,
    /// Its open route, with the version that was priced.
    pub route: Option<(RouteId, i64)>,
    /// When the box comes aboard.
    pub pickup_at: Instant,
    /// When it arrives.
    pub delivery_at: Instant,
    /// Minutes to spare then.
    pub slack_minutes: i64,
    /// Metres more.
    pub added_m: i64,
    /// Seconds more.
    pub added_s: i64,
    /// Cents more.
    pub added_cents: i64,
    /// Who gets milk later.
    pub later: Vec<LaterBox>,
}

/// The prices of a box, cheapest first, or why there is none.
#[derive(Debug, Clone)]
pub struct InsertionPrices {
    /// Vehicles that could take it.
    pub options: Vec<InsertionOption>,
    /// Why none can, and what would help.
    pub reason: Option<UnassignedReason>,
}

/// Prices a box in every open shift.
///
/// # Errors
/// `NotFound` when there is no such transfer.
pub fn price_insertion(
    conn: &mut AnyConn,
    actor: &Actor,
    transfer: TransferId,
    late: bool,
    now: Instant,
) -> Result<InsertionPrices, ActionError> {
    let filter = ShiftFilter {
        couriers: own_couriers(conn, actor)?,
        state: Some(ShiftState::Open),
        ends_after: Some(now),
        starts_before: Some(now.plus_hours(AHEAD_HOURS)),
        ..ShiftFilter::default()
    };
    let shifts = vehicles::list_shifts(conn, &filter, None, MOST_SHIFTS)?;
    let own = [transfer];
    let world = World::load(
        conn,
        now,
        &shifts,
        Scope { extra: &own, late: if late { &own } else { &[] }, ..Scope::default() },
    )?;
    let job = world.job_of(transfer).ok_or(ActionError::NotFound { what: "transfer" })?;
    let mut options: Vec<InsertionOption> =
        (0..world.shifts.len()).filter_map(|vehicle| price(&world, vehicle, job)).collect();
    options.sort_by_key(|option| (option.added_cents, option.delivery_at, option.shift_id));
    let reason = options.is_empty().then(|| explain(&world.problem, &world.problem.routes, job).reason);
    Ok(InsertionPrices { options, reason })
}

fn price(world: &World, vehicle: usize, job: usize) -> Option<InsertionOption> {
    let road = world.problem.vehicles.get(vehicle)?;
    let facts = world.shifts.get(vehicle)?;
    let course = Course::of(&world.problem, road, world.problem.routes.get(vehicle)?.clone()).ok()?;
    let found = cheapest_insertion(&world.problem, vehicle, &course, job, &mut || false)?;
    let with = Course::of(&world.problem, road, found.into_stops(job, &course.stops)).ok()?;
    let times = |course: &Course, job: usize, delivers: bool| -> Option<StopTimes> {
        let position = course.stops.iter().position(|stop| *stop == PlannedStop { job, delivers })?;
        course.timeline.stops.get(position).copied()
    };
    let deadline = |job: usize| world.boxes.get(job).map(|facts| facts.needed_by);
    let later = course.jobs().filter_map(|other| {
        let (before, after) = (times(&course, other, true)?.begins, times(&with, other, true)?.begins);
        let minutes = (after - before) / 60;
        (minutes > 0).then_some(LaterBox {
            transfer_id: world.boxes.get(other)?.transfer.id,
            minutes,
            slack_minutes: slack_minutes(deadline(other)?, instant_of(after)),
        })
    });
    let delivery_at = instant_of(times(&with, job, true)?.begins);
    let length =
        |course: &Course| if course.stops.is_empty() { 0 } else { course.timeline.ends - course.timeline.departs };
    Some(InsertionOption {
        shift_id: facts.shift.id,
        vehicle_id: facts.vehicle.id,
        route: facts.route.as_ref().map(|route| (route.id, route.version)),
        pickup_at: instant_of(times(&with, job, false)?.begins),
        delivery_at,
        slack_minutes: slack_minutes(deadline(job)?, delivery_at),
        added_m: with.timeline.metres - course.timeline.metres,
        added_s: length(&with) - length(&course),
        added_cents: (with.timeline.cost - course.timeline.cost) / 1000,
        later: later.collect(),
    })
}

/// Puts a box into a route where it is cheapest.
///
/// # Errors
/// `NotFound`, `Overtaken`; `Invalid` when the box does not wait or has no place there.
pub fn insert_box(
    tx: &mut Tx<'_>,
    id: RouteId,
    version: i64,
    transfer: TransferId,
    late: bool,
) -> Result<RouteDetail, ActionError> {
    let head = get_to_change(tx, id, version)?;
    get_open_shift(tx, head.shift_id)?;
    refuse_unroutable(tx, &[transfer])?;
    let own = [transfer];
    let world = world_of(
        tx,
        head.shift_id,
        &[],
        Scope { extra: &own, late: if late { &own } else { &[] }, ..Scope::default() },
    )?;
    shift_at(&world, 0)?;
    let job = world.job_of(transfer).ok_or(ActionError::NotFound { what: "transfer" })?;
    let stops = world.problem.routes.first().cloned().unwrap_or_default();
    let road = world.problem.vehicles.first();
    let place = road
        .and_then(|road| Course::of(&world.problem, road, stops.clone()).ok())
        .and_then(|course| cheapest_insertion(&world.problem, 0, &course, job, &mut || false));
    let Some(place) = place else {
        let left = explain(&world.problem, &world.problem.routes, job);
        let words = world.boxes.get(job).map(|facts| super::arrange::reason_in_words(&world, facts, &left));
        return Err(ActionError::field("/transfer_id", left.reason.as_str(), words.unwrap_or_default()));
    };
    let with = place.into_stops(job, &stops);
    write_route(tx, &world, 0, &with, ("inserted", "a box was put in between"))?;
    get_route(tx.conn, tx.actor, id)
}
