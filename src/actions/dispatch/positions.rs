//! Where vehicles are. Only the last position of a vehicle is kept; one from the future is refused, one that comes
//! late changes nothing. A position that puts the next arrival elsewhere lets the route be looked at at once, without
//! an entry of its own in audit or feed: those tell when the arrival has moved.

use super::watch::LOOK_AGAIN_MINUTES;
use crate::actions::{ActionError, Tx};
use crate::domain::dispatch::{MATERIAL_MINUTES, RouteState, StopState, seconds_left, seconds_of};
use crate::domain::field::FieldError;
use crate::domain::geography::Position;
use crate::domain::ids::{RouteId, SiteId, VehicleId};
use crate::domain::time::Instant;
pub use crate::store::dispatch::vehicles::PositionRow;
use crate::store::dispatch::vehicles::VehicleRow;
use crate::store::dispatch::{routes, vehicles};
use crate::store::sites;
use std::collections::BTreeMap;

/// Most positions sent at a time.
pub const MOST_POSITIONS: usize = 1_000;
/// How far a device's clock may run ahead of the hub's.
const CLOCK_AHEAD_MINUTES: i64 = 1;
/// Positions let one route be looked at no more often than after so many seconds.
const LOOK_AT_MOST_EVERY_S: i64 = 30;

/// Where a vehicle is.
#[derive(Debug, Clone, Copy)]
pub struct ReportedPosition {
    /// The vehicle.
    pub vehicle_id: VehicleId,
    /// Where.
    pub position: Position,
    /// By the device's clock.
    pub at: Instant,
}

/// Keeps positions; how many were news.
///
/// # Errors
/// `NotFound` for a vehicle of others; `Invalid` for a position from the future. Nothing is kept then.
pub fn report_positions(tx: &mut Tx<'_>, reported: &[ReportedPosition]) -> Result<usize, ActionError> {
    if reported.is_empty() || reported.len() > MOST_POSITIONS {
        let detail = format!("Send 1 to {MOST_POSITIONS} positions at a time.");
        return Err(ActionError::field("/positions", "out_of_range", detail));
    }
    let ahead = tx.now.plus_minutes(CLOCK_AHEAD_MINUTES);
    let faults: Vec<FieldError> = reported
        .iter()
        .enumerate()
        .filter(|(_, one)| one.at > ahead)
        .map(|(index, _)| {
            FieldError::new(format!("/positions/{index}/at"), "in_the_future", "This instant lies in the future.")
        })
        .collect();
    if !faults.is_empty() {
        return Err(ActionError::Invalid(faults));
    }
    let ids: Vec<VehicleId> = reported.iter().map(|one| one.vehicle_id).collect();
    let own: BTreeMap<VehicleId, VehicleRow> = vehicles::list_vehicles_by_id(tx.conn, &ids)?
        .into_iter()
        .filter(|row| tx.actor.acts_for(row.base_site_id))
        .map(|row| (row.id, row))
        .collect();
    if ids.iter().any(|id| !own.contains_key(id)) {
        return Err(ActionError::NotFound { what: "vehicle" });
    }
    keep_all(tx, reported, &own)
}

/// Keeps one position and notes that its vehicle was heard of.
pub(super) fn keep(tx: &mut Tx<'_>, one: &ReportedPosition) -> Result<bool, ActionError> {
    let found = vehicles::list_vehicles_by_id(tx.conn, &[one.vehicle_id])?;
    let of_id = found.into_iter().map(|row| (row.id, row)).collect();
    Ok(keep_all(tx, std::slice::from_ref(one), &of_id)? > 0)
}

/// Keeps positions in a handful of statements, however many there are.
fn keep_all(
    tx: &mut Tx<'_>,
    reported: &[ReportedPosition],
    of_id: &BTreeMap<VehicleId, VehicleRow>,
) -> Result<usize, ActionError> {
    let ids: Vec<VehicleId> = of_id.keys().copied().collect();
    let known: BTreeMap<VehicleId, Instant> =
        vehicles::list_positions(tx.conn, &ids)?.into_iter().map(|row| (row.vehicle_id, row.at)).collect();
    let mut latest: BTreeMap<VehicleId, &ReportedPosition> = BTreeMap::new();
    let mut news = 0;
    for one in reported {
        let before = latest.get(&one.vehicle_id).map(|one| one.at).max(known.get(&one.vehicle_id).copied());
        if before.is_none_or(|before| before < one.at) {
            latest.insert(one.vehicle_id, one);
            news += 1;
        }
    }
    let mut driven: BTreeMap<VehicleId, routes::RouteRow> = BTreeMap::new();
    for row in routes::list_running_routes_of(tx.conn, &ids)? {
        driven.entry(row.vehicle_id).or_insert(row);
    }
    let rows: Vec<PositionRow> = latest
        .values()
        .map(|one| PositionRow {
            vehicle_id: one.vehicle_id,
            route_id: driven.get(&one.vehicle_id).map(|route| route.id),
            latitude_e6: one.position.latitude_e6(),
            longitude_e6: one.position.longitude_e6(),
            at: one.at,
            recorded_at: tx.now,
        })
        .collect();
    vehicles::keep_positions(tx.conn, &rows)?;
    driven.retain(|vehicle, _| latest.contains_key(vehicle));
    let heard: Vec<RouteId> = driven.values().map(|route| route.id).collect();
    if !heard.is_empty() {
        // Silence counts by the hub's clock: a device may be wrong about its own.
        routes::note_all_heard(tx.conn, &heard, tx.now)?;
        for (route, when) in arriving_otherwise(tx, &latest, &driven, of_id)? {
            routes::look_by(tx.conn, route, when)?;
        }
    }
    Ok(news)
}

/// The routes whose next arrival may be another one, with when to look at them: now, or as soon as the last look is
/// old enough. A rough guess that costs two statements for all of them; what really follows is seen in that look.
fn arriving_otherwise(
    tx: &mut Tx<'_>,
    latest: &BTreeMap<VehicleId, &ReportedPosition>,
    driven: &BTreeMap<VehicleId, routes::RouteRow>,
    of_id: &BTreeMap<VehicleId, VehicleRow>,
) -> Result<Vec<(RouteId, Instant)>, ActionError> {
    let running: Vec<&routes::RouteRow> = driven.values().filter(|route| route.state == RouteState::Running).collect();
    let ids: Vec<RouteId> = running.iter().map(|route| route.id).collect();
    let mut next: BTreeMap<RouteId, routes::StopRow> = BTreeMap::new();
    for stop in routes::list_stops(tx.conn, &ids)? {
        if stop.state.is_ahead() {
            next.entry(stop.route_id).or_insert(stop);
        }
    }
    let at: Vec<SiteId> = next.values().map(|stop| stop.site_id).collect();
    let places: BTreeMap<SiteId, Position> = sites::list_places(tx.conn, &at)?
        .into_iter()
        .filter_map(|(id, north, east)| Some((id, Position::from_micro_degrees(north, east).ok()?)))
        .collect();
    let moved = running.into_iter().filter(|route| {
        let seen = (latest.get(&route.vehicle_id), next.get(&route.id), of_id.get(&route.vehicle_id));
        let (Some(one), Some(stop), Some(vehicle)) = seen else { return false };
        let Some(place) = places.get(&stop.site_id).filter(|_| stop.state != StopState::Arrived) else { return false };
        let left = seconds_left(0, 0, one.position.distance_m(*place), vehicle.speed_kmh);
        (seconds_of(one.at) + left - seconds_of(stop.eta_at)).abs() >= MATERIAL_MINUTES * 60
    });
    let now = tx.now;
    let when = |route: &routes::RouteRow| {
        let looked = route.check_at.plus_minutes(-LOOK_AGAIN_MINUTES);
        now.max(Instant::from_micros(looked.micros().saturating_add(LOOK_AT_MOST_EVERY_S * 1_000_000)))
    };
    Ok(moved.map(|route| (route.id, when(route))).collect())
}
