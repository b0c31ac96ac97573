//! A plan becomes routes: everything it rests on is loaded again, each route is driven in thought once more, and
//! what does not hold any more is left out and named.

use super::arrange::{Looks, reason_in_words};
use super::plans::PlanRoutes;
use super::world::{Scope, World};
use super::writing::write_route;
use crate::actions::{ActionError, Tx};
use crate::domain::dispatch::{OwnPlanner, Plan, PlannedStop, Planner, drive, explain};
use crate::domain::ids::{RouteId, ShiftId, TransferId};
use crate::store::dispatch::vehicles::ShiftRow;
use serde::Serialize;
use std::collections::BTreeSet;

/// Looks at the second search, for what may come late.
const LATE_LOOKS: i64 = 30;

/// A route of a plan.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PlannedRoute {
    route_id: RouteId,
    shift_id: ShiftId,
    boxes: usize,
    distance_m: i64,
    pub(super) cost_cents: i64,
}

/// A box that a plan leaves out.
#[derive(Debug, Clone, Serialize)]
pub(super) struct LeftOut {
    transfer_id: TransferId,
    reason: String,
    short_by: Option<i64>,
    detail: String,
    remedy: String,
}

/// What came of a plan.
#[derive(Debug, Clone, Default)]
pub(super) struct Applied {
    pub(super) routes: Vec<PlannedRoute>,
    pub(super) unassigned: Vec<LeftOut>,
}

/// Writes the routes of a plan that still hold.
pub(super) fn apply(
    tx: &mut Tx<'_>,
    planned: &World,
    plan: &Plan,
    (shifts, boxes): (&[ShiftRow], &[TransferId]),
    command: &PlanRoutes,
) -> Result<Applied, ActionError> {
    let waiting: BTreeSet<TransferId> = super::board::list_waiting(tx.conn, tx.actor)?.into_iter().collect();
    let extra: Vec<TransferId> = boxes.iter().copied().filter(|id| waiting.contains(id)).collect();
    let late: Vec<TransferId> = if command.accept_late {
        let left = plan.unassigned.iter().filter_map(|left| planned.boxes.get(left.job));
        left.map(|facts| facts.transfer.id).collect()
    } else {
        Vec::new()
    };
    let scope = Scope { extra: &extra, late: &late, replan: command.replan, sites: &[] };
    let mut world = World::load(tx.conn, tx.now, shifts, scope)?;
    let mut routes = carried_over(planned, plan, &world);
    if !late.is_empty() {
        world.problem.routes.clone_from(&routes);
        let second = OwnPlanner.plan(&world.problem, &mut Looks(LATE_LOOKS));
        routes = second.map_or(routes, |second| second.routes);
    }
    write_all(tx, &world, routes, planned)
}

/// The routes of a plan in terms of the world as it is now; a route that does not hold any more stays as it was.
fn carried_over(planned: &World, plan: &Plan, world: &World) -> Vec<Vec<PlannedStop>> {
    let job_now = |stop: &PlannedStop| {
        let facts = planned.boxes.get(stop.job)?;
        let same = |now: &super::boxes::BoxFacts| {
            now.transfer.id == facts.transfer.id && now.from == facts.from && now.to == facts.to
        };
        Some(PlannedStop { job: world.boxes.iter().position(same)?, ..*stop })
    };
    world
        .shifts
        .iter()
        .enumerate()
        .map(|(vehicle, facts)| {
            let before = planned.shifts.iter().position(|one| one.shift.id == facts.shift.id);
            let wanted = before.and_then(|before| plan.routes.get(before));
            let stops: Option<Vec<PlannedStop>> = wanted.map(|stops| stops.iter().filter_map(job_now).collect());
            let own = world.problem.routes.get(vehicle).cloned().unwrap_or_default();
            let road = world.problem.vehicles.get(vehicle);
            let holds = |stops: &Vec<PlannedStop>| {
                road.is_some_and(|road| drive(&world.problem, road, stops).is_ok()) && keeps(world, vehicle, stops)
            };
            stops.filter(holds).unwrap_or(own)
        })
        .collect()
}

/// True when a route keeps every box that is bound to its vehicle.
fn keeps(world: &World, vehicle: usize, stops: &[PlannedStop]) -> bool {
    let placed: BTreeSet<usize> = stops.iter().map(|stop| stop.job).collect();
    let mut bound = world.problem.jobs.iter().enumerate().filter(|(_, job)| job.claim.vehicle() == Some(vehicle));
    bound.all(|(job, _)| placed.contains(&job))
}

fn write_all(
    tx: &mut Tx<'_>,
    world: &World,
    mut routes: Vec<Vec<PlannedStop>>,
    planned: &World,
) -> Result<Applied, ActionError> {
    // A box that is taken off one route and put on another is written once: the later claim gives way.
    let mut placed: BTreeSet<usize> = BTreeSet::new();
    for stops in &mut routes {
        let here: BTreeSet<usize> = stops.iter().map(|stop| stop.job).collect();
        stops.retain(|stop| !placed.contains(&stop.job));
        placed.extend(here);
    }
    let mut applied = Applied::default();
    for (vehicle, stops) in routes.iter().enumerate() {
        let Some(facts) = world.shifts.get(vehicle) else { continue };
        let unchanged = world.problem.routes.get(vehicle).is_some_and(|own| own == stops);
        if unchanged || (stops.is_empty() && facts.route.is_none()) {
            continue;
        }
        let boxes = stops.iter().filter(|stop| stop.delivers).count();
        let detail = format!("a planning put {boxes} boxes on it");
        let head = write_route(tx, world, vehicle, stops, ("planned", &detail))?;
        applied.routes.push(PlannedRoute {
            route_id: head.id,
            shift_id: head.shift_id,
            boxes,
            distance_m: head.distance_m,
            cost_cents: head.cost_cents,
        });
    }
    for (job, facts) in world.boxes.iter().enumerate().filter(|(job, _)| !placed.contains(job)) {
        let left = explain(&world.problem, &routes, job);
        applied.unassigned.push(LeftOut {
            transfer_id: facts.transfer.id,
            reason: left.reason.as_str().to_owned(),
            short_by: left.short_by,
            detail: reason_in_words(world, facts, &left),
            remedy: left.reason.remedy().to_owned(),
        });
    }
    // What was there when the plan was made and is not any more.
    for gone in planned.boxes.iter().filter(|one| world.job_of(one.transfer.id).is_none()) {
        applied.unassigned.push(LeftOut {
            transfer_id: gone.transfer.id,
            reason: "changed_meanwhile".to_owned(),
            short_by: None,
            detail: "It was put on another route or left while the plan was made.".to_owned(),
            remedy: "Nothing is to be done.".to_owned(),
        });
    }
    Ok(applied)
}
