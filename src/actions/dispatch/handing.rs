//! Boxes from one route to another: all of a route, some of them, or two routes' boxes against each other.

use super::arrange::arrange;
use super::editing::{get_open_shift, jobs_with, world_of};
use super::routes::{RouteDetail, get_route, get_to_change};
use super::world::{Scope, World};
use super::writing::write_route;
use crate::actions::{ActionError, Tx};
use crate::domain::dispatch::{PlannedStop, drive};
use crate::domain::field::FieldError;
use crate::domain::ids::{RouteId, ShiftId, TransferId};
use std::collections::BTreeSet;

/// Two routes after boxes went from one to the other.
#[derive(Debug, Clone)]
pub struct Handed {
    /// The route that gave.
    pub from: RouteDetail,
    /// The route that took.
    pub to: RouteDetail,
}

/// Gives boxes of a route to another shift: some, or all that are not aboard. That shift's route is made when it
/// has none.
///
/// # Errors
/// `NotFound`, `Overtaken`; `Invalid` when they do not fit there; `Conflict` when a box is aboard.
pub fn give_boxes(
    tx: &mut Tx<'_>,
    id: RouteId,
    version: i64,
    shift: ShiftId,
    boxes: Option<&[TransferId]>,
) -> Result<Handed, ActionError> {
    let head = get_to_change(tx, id, version)?;
    let target = get_open_shift(tx, shift)?;
    if target.id == head.shift_id {
        return Err(ActionError::field("/shift_id", "same_shift", "The route is in this shift already."));
    }
    let world = world_of(tx, head.shift_id, &[target], Scope::default())?;
    let (own, aboard) = jobs_with(&world, 0);
    let (theirs, _) = jobs_with(&world, 1);
    let given: BTreeSet<usize> = match boxes {
        None => own.difference(&aboard).copied().collect(),
        Some(ids) => named(&world, &own, &aboard, ids)?,
    };
    if given.is_empty() {
        return Err(ActionError::conflict("nothing_to_give", "This route has no box that could go elsewhere."));
    }
    let kept: BTreeSet<usize> = own.difference(&given).copied().collect();
    let wanted: BTreeSet<usize> = theirs.union(&given).copied().collect();
    let stops = reorder(&world, 1, &wanted, &given, 0)?;
    let left: Vec<PlannedStop> = stops_of(&world, 0).into_iter().filter(|stop| kept.contains(&stop.job)).collect();
    let count = given.len();
    write_route(tx, &world, 0, &left, ("given_away", &format!("{count} boxes went to another shift")))?;
    let to = write_route(tx, &world, 1, &stops, ("taken_over", &format!("{count} boxes came from another shift")))?;
    Ok(Handed { from: get_route(tx.conn, tx.actor, id)?, to: get_route(tx.conn, tx.actor, to.id)? })
}

fn named(
    world: &World,
    own: &BTreeSet<usize>,
    aboard: &BTreeSet<usize>,
    ids: &[TransferId],
) -> Result<BTreeSet<usize>, ActionError> {
    let mut given = BTreeSet::new();
    let mut faults = Vec::new();
    for (position, id) in ids.iter().enumerate() {
        let pointer = format!("/transfer_ids/{position}");
        match own.iter().find(|job| world.boxes.get(**job).is_some_and(|facts| facts.transfer.id == *id)) {
            Some(job) if aboard.contains(job) => {
                faults.push(FieldError::new(pointer, "aboard", "This box is aboard already."));
            }
            Some(job) => {
                given.insert(*job);
            }
            None => faults.push(FieldError::new(pointer, "not_found", "This route has no such box.")),
        }
    }
    if faults.is_empty() { Ok(given) } else { Err(ActionError::Invalid(faults)) }
}

fn stops_of(world: &World, vehicle: usize) -> Vec<PlannedStop> {
    world.problem.routes.get(vehicle).cloned().unwrap_or_default()
}

/// The stops of a vehicle with some jobs: in the order in which another one had them, if that can be driven and
/// it has nothing else; else the best order.
fn reorder(
    world: &World,
    vehicle: usize,
    wanted: &BTreeSet<usize>,
    came: &BTreeSet<usize>,
    from: usize,
) -> Result<Vec<PlannedStop>, ActionError> {
    let as_it_was: Vec<PlannedStop> =
        stops_of(world, from).into_iter().filter(|stop| came.contains(&stop.job)).collect();
    if wanted == came
        && let Some(road) = world.problem.vehicles.get(vehicle)
        && drive(&world.problem, road, &as_it_was).is_ok()
    {
        return Ok(as_it_was);
    }
    let own: Vec<PlannedStop> =
        stops_of(world, vehicle).into_iter().filter(|stop| wanted.contains(&stop.job)).collect();
    arrange(world, vehicle, wanted, &own)
}

/// Swaps the boxes that are not aboard between two routes.
///
/// # Errors
/// `NotFound`, `Overtaken` for either; `Invalid` when they do not fit the other vehicle.
pub fn swap_routes(
    tx: &mut Tx<'_>,
    (id, version): (RouteId, i64),
    (other, other_version): (RouteId, i64),
) -> Result<Handed, ActionError> {
    if id == other {
        return Err(ActionError::field("/other_route_id", "same_route", "Name another route."));
    }
    let head = get_to_change(tx, id, version)?;
    let other_head = get_to_change(tx, other, other_version)?;
    let other_shift = get_open_shift(tx, other_head.shift_id)?;
    let world = world_of(tx, head.shift_id, &[other_shift], Scope::default())?;
    let (own, own_aboard) = jobs_with(&world, 0);
    let (theirs, their_aboard) = jobs_with(&world, 1);
    let go: BTreeSet<usize> = own.difference(&own_aboard).copied().collect();
    let come: BTreeSet<usize> = theirs.difference(&their_aboard).copied().collect();
    let mine: BTreeSet<usize> = own_aboard.union(&come).copied().collect();
    let yours: BTreeSet<usize> = their_aboard.union(&go).copied().collect();
    let first = reorder(&world, 0, &mine, &come, 1)?;
    let second = reorder(&world, 1, &yours, &go, 0)?;
    write_route(tx, &world, 0, &first, ("swapped", "its boxes were swapped with another route's"))?;
    write_route(tx, &world, 1, &second, ("swapped", "its boxes were swapped with another route's"))?;
    Ok(Handed { from: get_route(tx.conn, tx.actor, id)?, to: get_route(tx.conn, tx.actor, other)? })
}
