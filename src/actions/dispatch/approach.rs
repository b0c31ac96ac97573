//! What a position says about the next stop: a vehicle that was heard of lately arrives from where it is, not from
//! where it was. Nothing is planned anew for it.

use super::world::{ShiftFacts, World};
use crate::actions::ActionError;
use crate::domain::dispatch::{FRESH_MINUTES, RouteState, StopState, seconds_left, seconds_of};
use crate::domain::geography::Position;
use crate::domain::ids::VehicleId;
use crate::domain::time::Instant;
use crate::store::AnyConn;
use crate::store::dispatch::vehicles::{self, PositionRow};
use std::collections::BTreeMap;

/// Lets vehicles under way set out so that they reach their next stop when their positions say.
pub(super) fn heed_positions(conn: &mut AnyConn, now: Instant, world: &mut World) -> Result<(), ActionError> {
    let running = |facts: &&ShiftFacts| facts.route.as_ref().is_some_and(|route| route.state == RouteState::Running);
    let ids: Vec<VehicleId> = world.shifts.iter().filter(running).map(|facts| facts.vehicle.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let known: BTreeMap<VehicleId, PositionRow> =
        vehicles::list_positions(conn, &ids)?.into_iter().map(|row| (row.vehicle_id, row)).collect();
    let starts: Vec<Option<i64>> = world
        .shifts
        .iter()
        .enumerate()
        .map(|(index, facts)| sets_out(world, index, facts, known.get(&facts.vehicle.id)?, now))
        .collect();
    for (vehicle, from) in world.problem.vehicles.iter_mut().zip(starts) {
        vehicle.from = from.unwrap_or(vehicle.from);
    }
    Ok(())
}

/// When the vehicle would have left its last stop to arrive as its position says; nothing for a position that is old
/// or tells of another leg.
fn sets_out(world: &World, index: usize, facts: &ShiftFacts, row: &PositionRow, now: Instant) -> Option<i64> {
    let route = facts.route.as_ref()?;
    let left_at = facts.made.iter().filter_map(|stop| stop.done_at).max();
    let arrived = facts.ahead.first().is_none_or(|stop| stop.state == StopState::Arrived);
    let tells = row.route_id == Some(route.id) && left_at.is_none_or(|left| left < row.at);
    if !tells || arrived || now.minutes_since(row.at) >= FRESH_MINUTES {
        return None;
    }
    let vehicle = world.problem.vehicles.get(index)?;
    let next = world.problem.visit(*world.problem.routes.get(index)?.first()?)?.place;
    let place = |place: usize| world.roads.places.get(place).map(|site| site.position);
    let (behind, ahead) = (place(vehicle.start)?, place(next)?);
    let here = Position::from_micro_degrees(row.latitude_e6, row.longitude_e6).ok()?;
    let road_s = world.problem.matrix_of(vehicle)?.seconds_at(vehicle.start, next, seconds_of(row.at));
    let left = seconds_left(road_s, behind.distance_m(ahead), here.distance_m(ahead), facts.vehicle.speed_kmh);
    let arrives = seconds_of(row.at).saturating_add(left).max(seconds_of(now));
    Some(arrives.saturating_sub(road_s))
}
