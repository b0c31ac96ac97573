//! Looking at routes: times of arrival from where the vehicle is in its route, and what follows from them. Milk
//! that cannot make it is planned anew while other milk can still come.

use super::alarms::{close_others, raise};
use super::editing::{tell_sites, world_of};
use super::routes::record;
use super::world::{Scope, World, planned_stop};
use super::writing::instant_of;
use crate::actions::doubt::doubt_journey;
use crate::actions::{ActionError, Tx};
use crate::domain::dispatch::{
    AlarmKind, Fault, MATERIAL_MINUTES, RouteState, StopKind, Timeline, is_silent, judge, slack_minutes,
};
use crate::domain::excursion::ExcursionState;
use crate::domain::ids::TransferId;
use crate::domain::temperature::ExcursionKind;
use crate::domain::transfer::TransferState;
use crate::store::dispatch::routes::{self as rows, RouteRow};
use crate::store::{AnyConn, excursions};
use serde_json::json;

/// A route is looked at again after so many minutes.
pub(super) const LOOK_AGAIN_MINUTES: i64 = 2;
/// Later than this, other milk is looked for.
const HOPELESS_MINUTES: i64 = 30;
/// Excursions of a box that is too warm, or was.
const WARM: [ExcursionKind; 3] = [ExcursionKind::Warm, ExcursionKind::Spike, ExcursionKind::NotFrozen];

/// True when a route is to be looked at.
///
/// # Errors
/// Those of the store.
pub fn any_to_watch(conn: &mut AnyConn, now: crate::domain::time::Instant) -> Result<bool, ActionError> {
    Ok(!rows::list_routes_to_check(conn, now)?.is_empty())
}

/// Looks at every route whose time has come; how many there were.
///
/// # Errors
/// Those of the store.
pub fn watch_routes(tx: &mut Tx<'_>) -> Result<usize, ActionError> {
    let due = rows::list_routes_to_check(tx.conn, tx.now)?;
    for head in &due {
        look_at(tx, head)?;
    }
    Ok(due.len())
}

/// Looks at one route: new times of arrival, alarms, and what is done before milk is lost.
pub(super) fn look_at(tx: &mut Tx<'_>, head: &RouteRow) -> Result<(), ActionError> {
    let world = world_of(tx, head.shift_id, &[], Scope::default())?;
    let (Some(road), Some(stops)) = (world.problem.vehicles.first(), world.problem.routes.first()) else {
        return Ok(());
    };
    let (timeline, faults) = judge(&world.problem, road, stops);
    keep_arrivals(tx, &world, &timeline)?;
    let mut holding = Vec::new();
    for (position, stop) in stops.iter().enumerate().filter(|(_, stop)| stop.delivers) {
        let (Some(facts), Some(times)) = (world.boxes.get(stop.job), timeline.stops.get(position)) else { continue };
        let eta = instant_of(times.begins);
        let slack = slack_minutes(facts.needed_by, eta);
        // What goes back to its sender has no need to meet any more, only its packaging's hold.
        let goes_home = facts.to == (facts.transfer.from_site_id, StopKind::Drop);
        let held = faults.iter().any(|fault| matches!(fault, Fault::Held { job, .. } if *job == stop.job));
        let id = facts.transfer.id;
        if slack < 0 && !goes_home {
            holding.push((AlarmKind::Late, Some(id)));
            if raise(tx, head, AlarmKind::Late, Some(id), Some(slack))? {
                let data = json!({"route_id": head.id, "eta": eta, "slack_minutes": slack});
                tell_sites(tx, "journey.delayed", id, &data)?;
            }
        }
        if held || is_warm(tx, id)? {
            holding.push((AlarmKind::Warm, Some(id)));
            raise(tx, head, AlarmKind::Warm, Some(id), Some(slack))?;
        }
        let lost = held || slack < -HOPELESS_MINUTES || eta >= facts.keeps_until;
        let on_its_way = !matches!(facts.transfer.state, TransferState::Cancelled | TransferState::Delivered);
        if lost && on_its_way {
            doubt_journey(tx, &facts.transfer)?;
        }
    }
    let heard = head.heard_at.or(head.started_at);
    if head.state == RouteState::Running && heard.is_some_and(|heard| is_silent(heard, tx.now)) {
        holding.push((AlarmKind::Silent, None));
        raise(tx, head, AlarmKind::Silent, None, None)?;
    }
    close_others(tx, head, &holding)?;
    rows::note_heard(tx.conn, head.id, None, tx.now.plus_minutes(LOOK_AGAIN_MINUTES))?;
    Ok(())
}

/// Keeps times of arrival that moved by enough to matter, and says so once.
fn keep_arrivals(tx: &mut Tx<'_>, world: &World, timeline: &Timeline) -> Result<(), ActionError> {
    let (Some(facts), Some(stops)) = (world.shifts.first(), world.problem.routes.first()) else { return Ok(()) };
    let mut moved = 0;
    for row in &facts.ahead {
        let position = planned_stop(&world.boxes, row).and_then(|stop| stops.iter().position(|one| *one == stop));
        let Some(times) = position.and_then(|position| timeline.stops.get(position)) else { continue };
        let eta_at = instant_of(times.begins);
        if eta_at.minutes_since(row.eta_at).abs() >= MATERIAL_MINUTES {
            rows::update_stop(tx.conn, &rows::StopRow { eta_at, ..row.clone() })?;
            moved += 1;
        }
    }
    match &facts.route {
        Some(head) if moved > 0 => record(tx, "route.eta_moved", head, &json!({"stops": moved})),
        _ => Ok(()),
    }
}

fn is_warm(tx: &mut Tx<'_>, id: TransferId) -> Result<bool, ActionError> {
    let open = |row: &excursions::ExcursionRow| row.state != ExcursionState::Dispositioned && WARM.contains(&row.kind);
    Ok(excursions::list_excursions_of(tx.conn, id)?.iter().any(open))
}
