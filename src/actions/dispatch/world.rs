//! Boxes, shifts and routes as a problem for a planner, and what its indices mean.

use super::approach::heed_positions;
use super::boxes::{BoxFacts, Carrying};
use super::roads::Roads;
use crate::actions::ActionError;
use crate::domain::closure::Closure;
use crate::domain::courier::Courier;
use crate::domain::dispatch::{Claim, Job, Load, PlannedStop, Problem, RoadVehicle, RouteState, StopState, seconds_of};
use crate::domain::geography::Position;
use crate::domain::ids::{CourierId, SiteId, TransferId};
use crate::domain::packing::Packing;
use crate::domain::time::Instant;
use crate::store::dispatch::routes::{self, RouteRow, StopRow};
use crate::store::dispatch::vehicles::{self, ShiftRow, VehicleRow};
use crate::store::{AnyConn, closures, couriers, packings, sites};
use std::collections::{BTreeMap, BTreeSet};

/// Seed of plans; the same data gives the same plan.
const SEED: u64 = 20_261_122;

/// A shift with its vehicle and what that drives.
#[derive(Debug, Clone)]
pub(super) struct ShiftFacts {
    pub(super) shift: ShiftRow,
    pub(super) vehicle: VehicleRow,
    pub(super) courier: Courier,
    base: Option<Position>,
    pub(super) route: Option<RouteRow>,
    /// Stops that were made or given up.
    pub(super) made: Vec<StopRow>,
    /// Stops still to come.
    pub(super) ahead: Vec<StopRow>,
}

impl ShiftFacts {
    fn carrying<'a>(&'a self, packings: &'a [Packing]) -> Carrying<'a> {
        Carrying { courier: &self.courier, base: self.base, vehicle: &self.vehicle, packings }
    }
}

/// A problem with its meaning.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) problem: Problem,
    pub(super) roads: Roads,
    /// The box of each job.
    pub(super) boxes: Vec<BoxFacts>,
    /// The shift of each vehicle.
    pub(super) shifts: Vec<ShiftFacts>,
    /// The packings that may be planned with.
    packings: Vec<Packing>,
}

/// What a world holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Scope<'a> {
    /// Boxes beside those that are on routes already.
    pub(super) extra: &'a [TransferId],
    /// Those of them that may come after their need, as long as their milk keeps.
    pub(super) late: &'a [TransferId],
    /// Routes that nobody was given yet may be planned anew.
    pub(super) replan: bool,
    /// Sites beside those that boxes and shifts name.
    pub(super) sites: &'a [SiteId],
}

impl World {
    /// Loads some shifts with their open routes, and boxes beside them.
    pub(super) fn load(
        conn: &mut AnyConn,
        now: Instant,
        shifts: &[ShiftRow],
        scope: Scope<'_>,
    ) -> Result<Self, ActionError> {
        let shifts = load_shifts(conn, shifts)?;
        let mut boxes: Vec<(BoxFacts, Claim, bool)> = Vec::new();
        for (index, facts) in shifts.iter().enumerate() {
            boxes.extend(boxes_of_route(conn, index, facts, now, scope.replan)?);
        }
        let known: BTreeSet<TransferId> = boxes.iter().map(|(one, ..)| one.transfer.id).collect();
        for id in scope.extra.iter().filter(|id| !known.contains(id)) {
            if let Some(found) = BoxFacts::load(conn, *id, now)? {
                boxes.push((found, Claim::Free, scope.late.contains(id)));
            }
        }
        let mut ids: BTreeSet<SiteId> = boxes.iter().flat_map(|(one, ..)| [one.from.0, one.to.0]).collect();
        ids.extend(scope.sites);
        for facts in &shifts {
            ids.insert(facts.shift.start_site_id);
            ids.extend(facts.shift.end_site_id);
            ids.extend(facts.made.iter().map(|stop| stop.site_id));
        }
        let roads = Roads::load(conn, &ids)?;
        let closures = closures::open_closures(conn)?;
        let packings = packings::active_packings(conn)?;
        let mut world = Self::put_together(now, (roads, packings), &closures, boxes, shifts);
        heed_positions(conn, now, &mut world)?;
        Ok(world)
    }

    fn put_together(
        now: Instant,
        (roads, packings): (Roads, Vec<Packing>),
        closures: &[Closure],
        boxes: Vec<(BoxFacts, Claim, bool)>,
        shifts: Vec<ShiftFacts>,
    ) -> Self {
        let mut speeds: Vec<i64> = shifts.iter().map(|facts| facts.vehicle.speed_kmh).collect();
        speeds.sort_unstable();
        speeds.dedup();
        let (mut jobs, mut kept) = (Vec::new(), Vec::new());
        for (facts, claim, late) in boxes {
            let Some((pickup, delivery)) = facts.visits(&roads, closures, now, late) else { continue };
            jobs.push(Job { pickup, delivery, hold_s: facts.limit_s(), weight: facts.weight(), claim });
            kept.push(facts);
        }
        let mut vehicles = Vec::new();
        let mut routes = Vec::new();
        for facts in &shifts {
            vehicles.push(vehicle_of(facts, (&roads, &packings), &kept, &speeds, now));
            routes.push(facts.ahead.iter().filter_map(|stop| planned_stop(&kept, stop)).collect());
        }
        let matrices = speeds.iter().map(|speed| roads.matrix(*speed)).collect();
        let problem = Problem { matrices, jobs, vehicles, routes, seed: SEED };
        Self { problem, roads, boxes: kept, shifts, packings }
    }

    /// What one more box is in a vehicle; none when that may not carry it.
    pub(super) fn load_of(&self, vehicle: usize, one: &BoxFacts, now: Instant) -> Option<Load> {
        one.load_in(&self.roads, &self.shifts.get(vehicle)?.carrying(&self.packings), now)
    }

    /// Minutes for which a box holds on its way in a vehicle.
    pub(super) fn hold_minutes_of(&self, vehicle: usize, id: TransferId) -> Option<i64> {
        Some(self.problem.vehicles.get(vehicle)?.load(self.job_of(id)?)?.hold_s / 60)
    }

    /// The job of a transfer; with two legs of it, the one that is asked for by its first kind.
    pub(super) fn job_of(&self, id: TransferId) -> Option<usize> {
        self.boxes.iter().position(|facts| facts.transfer.id == id)
    }
}

/// The stop of a row, as a planner writes it.
pub(super) fn planned_stop(boxes: &[BoxFacts], stop: &StopRow) -> Option<PlannedStop> {
    let delivers = !stop.kind.loads();
    let job = boxes.iter().position(|facts| {
        let end = if delivers { facts.to } else { facts.from };
        facts.transfer.id == stop.transfer_id && end == (stop.site_id, stop.kind)
    })?;
    Some(PlannedStop { job, delivers })
}

fn load_shifts(conn: &mut AnyConn, shifts: &[ShiftRow]) -> Result<Vec<ShiftFacts>, ActionError> {
    let ids: Vec<_> = shifts.iter().map(|shift| shift.vehicle_id).collect();
    let of_id: BTreeMap<_, VehicleRow> =
        vehicles::list_vehicles_by_id(conn, &ids)?.into_iter().map(|row| (row.id, row)).collect();
    let mut carriers: BTreeMap<CourierId, (Courier, Option<Position>)> = BTreeMap::new();
    let mut found = Vec::new();
    for shift in shifts {
        let Some(vehicle) = of_id.get(&shift.vehicle_id) else { continue };
        if !carriers.contains_key(&vehicle.courier_id) {
            let Some(courier) = couriers::find_courier(conn, vehicle.courier_id)? else { continue };
            let base = sites::find_site(conn, courier.base_site_id)?.map(|site| site.position);
            carriers.insert(courier.id, (courier, base));
        }
        let Some((courier, base)) = carriers.get(&vehicle.courier_id).cloned() else { continue };
        let route = routes::find_open_route_of(conn, shift.id)?;
        let stops = match &route {
            Some(route) => routes::list_stops(conn, &[route.id])?,
            None => Vec::new(),
        };
        let (ahead, made) = stops.into_iter().partition(|stop| stop.state.is_ahead());
        found.push(ShiftFacts { shift: shift.clone(), vehicle: vehicle.clone(), courier, base, route, made, ahead });
    }
    Ok(found)
}

/// The boxes that a route still has to carry, each on its part of the way.
fn boxes_of_route(
    conn: &mut AnyConn,
    vehicle: usize,
    facts: &ShiftFacts,
    now: Instant,
    replan: bool,
) -> Result<Vec<(BoxFacts, Claim, bool)>, ActionError> {
    let Some(route) = &facts.route else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for out in facts.ahead.iter().filter(|stop| !stop.kind.loads()) {
        let mut stops = facts.made.iter().chain(&facts.ahead);
        let Some(taken) = stops.find(|stop| stop.transfer_id == out.transfer_id && stop.kind.loads()) else { continue };
        let Some(mut one) = BoxFacts::load(conn, out.transfer_id, now)? else { continue };
        one.from = (taken.site_id, taken.kind);
        one.to = (out.site_id, out.kind);
        let claim = match (taken.state, taken.done_at) {
            (StopState::Done, Some(at)) => Claim::Aboard(vehicle, seconds_of(at)),
            // It was to come aboard and did not: it is not on this route any more.
            (StopState::Failed, _) => continue,
            _ if route.state == RouteState::Planned && replan => Claim::Free,
            _ => Claim::With(vehicle),
        };
        one.ready_at = one.ready_at.max(ready_at_depot(conn, taken, now)?);
        // Once it is late, later is still better than never.
        let late = out.eta_at > one.needed_by || matches!(claim, Claim::Aboard(..));
        found.push((one, claim, late));
    }
    Ok(found)
}

/// A box that another vehicle brings to a depot is not there before that vehicle.
fn ready_at_depot(conn: &mut AnyConn, taken: &StopRow, now: Instant) -> Result<Instant, ActionError> {
    use crate::domain::dispatch::StopKind;
    if taken.kind != StopKind::Take {
        return Ok(now);
    }
    let stops = routes::list_open_stops_of(conn, &[taken.transfer_id])?;
    let brought = stops.iter().find(|stop| stop.kind == StopKind::Drop && stop.state.is_ahead());
    Ok(brought.map_or(now, |stop| stop.eta_at.plus_minutes(super::boxes::DOOR_MINUTES)))
}

fn vehicle_of(
    facts: &ShiftFacts,
    (roads, packings): (&Roads, &[Packing]),
    boxes: &[BoxFacts],
    speeds: &[i64],
    now: Instant,
) -> RoadVehicle {
    let ShiftFacts { shift, vehicle, route, made, ahead, .. } = facts;
    let running = route.as_ref().is_some_and(|route| route.state == RouteState::Running);
    let here = ahead.first().filter(|stop| stop.state == StopState::Arrived);
    let last = made.last();
    let start = here.or(last).map_or(shift.start_site_id, |stop| stop.site_id);
    let from = match (here, last) {
        (Some(stop), _) => stop.arrived_at.unwrap_or(now),
        (None, Some(_)) => now,
        (None, None) => shift.starts_at.max(now),
    };
    let carrying = facts.carrying(packings);
    let usable = vehicle.state == crate::domain::dispatch::VehicleState::Active;
    let loads = boxes.iter().map(|one| if usable { one.load_in(roads, &carrying, now) } else { None });
    RoadVehicle {
        profile: speeds.binary_search(&vehicle.speed_kmh).unwrap_or(0),
        start: roads.place_of(start).unwrap_or(0),
        end: shift.end_site_id.and_then(|site| roads.place_of(site)),
        from: seconds_of(from),
        // A vehicle under way may come back late; a plan does not send it out to.
        until: if running { seconds_of(shift.ends_at.max(now)) } else { seconds_of(shift.ends_at) }
            .max(seconds_of(from)),
        last_pickup: seconds_of(shift.last_pickup_at.unwrap_or(shift.ends_at)),
        boxes: vehicle.boxes,
        loads: loads.collect(),
        cents_per_km: vehicle.cents_per_km,
        cents_per_hour: vehicle.cents_per_hour,
        cents_per_start: vehicle.cents_per_start,
        locked: usize::from(!ahead.is_empty() && (running || here.is_some())),
    }
}
