//! A box that changes vehicles at a depot: one leaves it in the freezer there, another takes it on. Its time out of
//! the freezer is counted for each part by itself.

use super::arrange::arrange;
use super::boxes::{BoxFacts, DOOR_MINUTES};
use super::editing::{get_open_shift, jobs_with, world_of};
use super::handing::Handed;
use super::routes::{get_route, get_to_change};
use super::world::{Scope, World};
use super::writing::{instant_of, write_route};
use crate::actions::{ActionError, Tx};
use crate::domain::dispatch::{Claim, Job, PlannedStop, StopKind, judge};
use crate::domain::ids::{RouteId, ShiftId, SiteId, TransferId};
use crate::domain::site::SiteRole;
use crate::domain::time::Instant;
use crate::store::{closures, sites};

/// Lets a route leave one of its boxes at a depot, where another shift takes it on.
///
/// # Errors
/// `NotFound`, `Overtaken`; `Invalid` when a part of the way does not fit; `Conflict` when the site keeps no milk.
pub fn dock_box(
    tx: &mut Tx<'_>,
    (id, version): (RouteId, i64),
    transfer: TransferId,
    depot: SiteId,
    shift: ShiftId,
) -> Result<Handed, ActionError> {
    let head = get_to_change(tx, id, version)?;
    let target = get_open_shift(tx, shift)?;
    if target.id == head.shift_id {
        return Err(ActionError::field("/shift_id", "same_shift", "Another vehicle must take it on."));
    }
    match sites::find_site(tx.conn, depot)? {
        None => return Err(ActionError::field("/depot_site_id", "not_found", "There is no such site.")),
        Some(site) if site.role == SiteRole::Recipient => {
            let detail = "Boxes change vehicles at a bank or a depot, where a freezer is watched.";
            return Err(ActionError::conflict("no_depot", detail));
        }
        Some(_) => {}
    }
    let mut first = world_of(tx, head.shift_id, &[], Scope { sites: &[depot], ..Scope::default() })?;
    let job = first
        .boxes
        .iter()
        .position(|one| one.transfer.id == transfer && one.to.1 == StopKind::Delivery)
        .ok_or_else(|| ActionError::field("/transfer_id", "not_found", "This route has no such box to deliver."))?;
    let onward = leave_at(tx, &mut first, job, depot)?;
    let stops = arrange(&first, 0, &jobs_with(&first, 0).0, &[])?;
    let dropped_at = dropped_at(&first, job, &stops);
    let ends = [depot, onward.to.0];
    let scope = Scope { sites: &ends, ..Scope::default() };
    let second = World::load(tx.conn, tx.now, std::slice::from_ref(&target), scope)?;
    write_route(tx, &first, 0, &stops, ("docked", "a box is left at a depot for another vehicle"))?;
    let to = take_on(tx, second, onward, depot, dropped_at)?;
    Ok(Handed { from: get_route(tx.conn, tx.actor, id)?, to: get_route(tx.conn, tx.actor, to)? })
}

/// Turns the delivery of a box into a stop at the depot; the box as it goes on from there.
pub(super) fn leave_at(tx: &mut Tx<'_>, world: &mut World, job: usize, depot: SiteId) -> Result<BoxFacts, ActionError> {
    let lost = || ActionError::Internal("a box went missing".to_owned());
    let closed = closures::open_closures(tx.conn)?;
    let facts = world.boxes.get_mut(job).ok_or_else(lost)?;
    let onward = facts.clone();
    facts.to = (depot, StopKind::Drop);
    let visits = facts.visits(&world.roads, &closed, tx.now, true);
    let (_, drop) = visits.ok_or_else(lost)?;
    world.problem.jobs.get_mut(job).ok_or_else(lost)?.delivery = drop;
    Ok(onward)
}

/// When the box is in the depot's freezer.
fn dropped_at(world: &World, job: usize, stops: &[PlannedStop]) -> Instant {
    let Some(road) = world.problem.vehicles.first() else { return Instant::from_micros(0) };
    let (timeline, _) = judge(&world.problem, road, stops);
    let position = stops.iter().position(|stop| *stop == PlannedStop { job, delivers: true });
    let times = position.and_then(|position| timeline.stops.get(position));
    times.map_or(Instant::from_micros(0), |times| instant_of(times.leaves))
}

/// Puts the second part of the way on the other shift's route.
fn take_on(
    tx: &mut Tx<'_>,
    mut world: World,
    mut onward: BoxFacts,
    depot: SiteId,
    dropped_at: Instant,
) -> Result<RouteId, ActionError> {
    let lost = || ActionError::Internal("a shift went missing".to_owned());
    onward.from = (depot, StopKind::Take);
    onward.ready_at = dropped_at.plus_minutes(DOOR_MINUTES);
    let closed = closures::open_closures(tx.conn)?;
    let late = onward.ready_at > onward.needed_by;
    let (pickup, delivery) = onward.visits(&world.roads, &closed, tx.now, late).ok_or_else(lost)?;
    let load = world.load_of(0, &onward, tx.now);
    let job = world.problem.jobs.len();
    let hold_s = onward.limit_s();
    world.problem.jobs.push(Job { pickup, delivery, hold_s, weight: onward.weight(), claim: Claim::Free });
    world.problem.vehicles.first_mut().ok_or_else(lost)?.loads.push(load);
    world.boxes.push(onward);
    let own = world.problem.routes.first().cloned().unwrap_or_default();
    let mut wanted = jobs_with(&world, 0).0;
    wanted.insert(job);
    let stops = arrange(&world, 0, &wanted, &own)?;
    let head = write_route(tx, &world, 0, &stops, ("docked", "a box is taken on from a depot"))?;
    Ok(head.id)
}
