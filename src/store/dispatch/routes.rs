//! Routes, their stops, and what changed at each version of a route.

use super::super::dialect::on_backend;
use super::super::schema::{allocations, requests, route_changes, route_stops, routes};
use super::super::{AnyConn, StoreError};
use crate::domain::dispatch::{RouteState, StopKind, StopProblem, StopState};
use crate::domain::ids::{CourierId, RouteId, ShiftId, SiteId, StopId, TransferId, VehicleId};
use crate::domain::time::Instant;
use diesel::prelude::*;
use std::collections::BTreeMap;

/// A route as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = routes, treat_none_as_null = true)]
pub struct RouteRow {
    /// Identifier.
    pub id: RouteId,
    /// The shift in which it is driven.
    pub shift_id: ShiftId,
    /// The vehicle.
    pub vehicle_id: VehicleId,
    /// Its courier.
    pub courier_id: CourierId,
    /// Where it stands.
    pub state: RouteState,
    /// When it leaves.
    pub starts_at: Instant,
    /// When it is over.
    pub ends_at: Instant,
    /// Its road, metres.
    pub distance_m: i64,
    /// Its time, seconds.
    pub duration_s: i64,
    /// What it costs, cents.
    pub cost_cents: i64,
    /// When a driver got it.
    pub assigned_at: Option<Instant>,
    /// From whom.
    pub assigned_by: Option<String>,
    /// When it left.
    pub started_at: Option<Instant>,
    /// When it was over.
    pub finished_at: Option<Instant>,
    /// When the vehicle was last heard of.
    pub heard_at: Option<Instant>,
    /// When the hub looks at it again.
    pub check_at: Instant,
    /// Who planned it.
    pub created_by: String,
    /// When.
    pub created_at: Instant,
    /// Row version.
    pub version: i64,
}

/// A stop as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = route_stops, treat_none_as_null = true)]
pub struct StopRow {
    /// Identifier.
    pub id: StopId,
    /// Its route.
    pub route_id: RouteId,
    /// Its place in the route, from nought.
    pub position: i64,
    /// What happens here.
    pub kind: StopKind,
    /// The box.
    pub transfer_id: TransferId,
    /// Where.
    pub site_id: SiteId,
    /// When the door opens through which it goes.
    pub opens_at: Instant,
    /// The deadline: after this it is late.
    pub due_at: Instant,
    /// When the box changes hands, as planned.
    pub planned_at: Instant,
    /// Departure as planned.
    pub leaves_at: Instant,
    /// When the box changes hands, as it looks now.
    pub eta_at: Instant,
    /// Where it stands.
    pub state: StopState,
    /// When the vehicle came.
    pub arrived_at: Option<Instant>,
    /// When it was made or given up.
    pub done_at: Option<Instant>,
    /// Why it was not made.
    pub problem: Option<StopProblem>,
    /// In words.
    pub note: Option<String>,
    /// Proof of the handover, JSON.
    pub proof: Option<String>,
}

/// One version of a route.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = route_changes)]
pub struct ChangeRow {
    /// The route.
    pub route_id: RouteId,
    /// The version that it made.
    pub version: i64,
    /// When.
    pub at: Instant,
    /// By whom.
    pub actor: String,
    /// A stable word.
    pub what: String,
    /// A sentence.
    pub detail: String,
}

/// Adds a route.
pub fn insert_route(conn: &mut AnyConn, row: &RouteRow) -> Result<(), StoreError> {
    diesel::insert_into(routes::table).values(row.clone()).execute(conn)?;
    Ok(())
}

/// The route, if there is one.
pub fn find_route(conn: &mut AnyConn, id: RouteId) -> Result<Option<RouteRow>, StoreError> {
    Ok(routes::table.filter(routes::id.eq(id)).first(conn).optional()?)
}

/// The open route of a shift, if it has one.
pub fn find_open_route_of(conn: &mut AnyConn, shift: ShiftId) -> Result<Option<RouteRow>, StoreError> {
    let open = [RouteState::Planned, RouteState::Assigned, RouteState::Running];
    Ok(routes::table
        .filter(routes::shift_id.eq(shift))
        .filter(routes::state.eq_any(open.to_vec()))
        .first(conn)
        .optional()?)
}

/// The routes that some vehicles drive now, or are given to drive, the first ones first.
pub fn list_running_routes_of(conn: &mut AnyConn, ids: &[VehicleId]) -> Result<Vec<RouteRow>, StoreError> {
    let driven = [RouteState::Assigned, RouteState::Running];
    Ok(routes::table
        .filter(routes::vehicle_id.eq_any(ids.to_vec()))
        .filter(routes::state.eq_any(driven.to_vec()))
        .order(routes::starts_at)
        .load(conn)?)
}

/// Notes that the vehicles of some routes were heard of. Versions stay: nothing was decided.
pub fn note_all_heard(conn: &mut AnyConn, ids: &[RouteId], heard_at: Instant) -> Result<(), StoreError> {
    let target = routes::table.filter(routes::id.eq_any(ids.to_vec()));
    diesel::update(target).set(routes::heard_at.eq(Some(heard_at))).execute(conn)?;
    Ok(())
}

/// Lets a route be looked at by an instant, unless that was to come earlier.
pub fn look_by(conn: &mut AnyConn, id: RouteId, when: Instant) -> Result<(), StoreError> {
    let target = routes::table.filter(routes::id.eq(id)).filter(routes::check_at.gt(when));
    diesel::update(target).set(routes::check_at.eq(when)).execute(conn)?;
    Ok(())
}

/// Which routes.
#[derive(Debug, Clone, Default)]
pub struct RouteFilter {
    /// Only of these couriers.
    pub couriers: Option<Vec<CourierId>>,
    /// Only in these states.
    pub states: Vec<RouteState>,
    /// Only of this vehicle.
    pub vehicle: Option<VehicleId>,
    /// Only those over after this.
    pub ends_after: Option<Instant>,
    /// Only those that leave before this.
    pub starts_before: Option<Instant>,
}

/// A page of routes.
pub fn list_routes(
    conn: &mut AnyConn,
    filter: &RouteFilter,
    after: Option<RouteId>,
    limit: i64,
) -> Result<Vec<RouteRow>, StoreError> {
    let mut query = routes::table.order(routes::id.asc()).limit(limit).into_boxed();
    if let Some(couriers) = &filter.couriers {
        query = query.filter(routes::courier_id.eq_any(couriers.clone()));
    }
    if !filter.states.is_empty() {
        query = query.filter(routes::state.eq_any(filter.states.clone()));
    }
    if let Some(vehicle) = filter.vehicle {
        query = query.filter(routes::vehicle_id.eq(vehicle));
    }
    if let Some(ends_after) = filter.ends_after {
        query = query.filter(routes::ends_at.gt(ends_after));
    }
    if let Some(starts_before) = filter.starts_before {
        query = query.filter(routes::starts_at.lt(starts_before));
    }
    if let Some(after) = after {
        query = query.filter(routes::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// Routes under way or about to be that the hub looks at now.
pub fn list_routes_to_check(conn: &mut AnyConn, now: Instant) -> Result<Vec<RouteRow>, StoreError> {
    let watched = [RouteState::Assigned, RouteState::Running];
    Ok(routes::table
        .filter(routes::state.eq_any(watched.to_vec()))
        .filter(routes::check_at.le(now))
        .order(routes::id)
        .load(conn)?)
}

/// Saves a route over the version it had; false when it has another one.
pub fn update_route(conn: &mut AnyConn, row: &RouteRow, expected: i64) -> Result<bool, StoreError> {
    let target = routes::table.filter(routes::id.eq(row.id)).filter(routes::version.eq(expected));
    Ok(diesel::update(target).set(row.clone()).execute(conn)? == 1)
}

/// Notes that a vehicle was heard of, and when to look again. The version stays: nothing was decided.
pub fn note_heard(
    conn: &mut AnyConn,
    id: RouteId,
    heard_at: Option<Instant>,
    check_at: Instant,
) -> Result<(), StoreError> {
    let target = routes::table.filter(routes::id.eq(id));
    match heard_at {
        Some(heard) => diesel::update(target)
            .set((routes::heard_at.eq(Some(heard)), routes::check_at.eq(check_at)))
            .execute(conn)?,
        None => diesel::update(target).set(routes::check_at.eq(check_at)).execute(conn)?,
    };
    Ok(())
}

/// The stops of some routes, in order.
pub fn list_stops(conn: &mut AnyConn, ids: &[RouteId]) -> Result<Vec<StopRow>, StoreError> {
    Ok(route_stops::table
        .filter(route_stops::route_id.eq_any(ids.to_vec()))
        .order((route_stops::route_id, route_stops::position))
        .load(conn)?)
}

/// The most urgent tier of the milk in each of these boxes, where it is known.
pub fn list_tiers(conn: &mut AnyConn, ids: &[TransferId]) -> Result<BTreeMap<TransferId, i64>, StoreError> {
    let of: Vec<Option<TransferId>> = ids.iter().copied().map(Some).collect();
    // The least urgent first, so that the most urgent one is written last.
    let found: Vec<(Option<TransferId>, i64)> = allocations::table
        .inner_join(requests::table)
        .filter(allocations::transfer_id.eq_any(of))
        .order(requests::tier.desc())
        .select((allocations::transfer_id, requests::tier))
        .load(conn)?;
    Ok(found.into_iter().filter_map(|(id, tier)| Some((id?, tier))).collect())
}

/// A stop, if there is one.
pub fn find_stop(conn: &mut AnyConn, id: StopId) -> Result<Option<StopRow>, StoreError> {
    Ok(route_stops::table.filter(route_stops::id.eq(id)).first(conn).optional()?)
}

/// Stops of open routes for some transfers.
pub fn list_open_stops_of(conn: &mut AnyConn, transfers: &[TransferId]) -> Result<Vec<StopRow>, StoreError> {
    let open = [RouteState::Planned, RouteState::Assigned, RouteState::Running];
    Ok(route_stops::table
        .inner_join(routes::table)
        .filter(route_stops::transfer_id.eq_any(transfers.to_vec()))
        .filter(routes::state.eq_any(open.to_vec()))
        .order((route_stops::route_id, route_stops::position))
        .select(route_stops::all_columns)
        .load(conn)?)
}

/// Every transfer that an open route carries.
pub fn list_routed_transfers(conn: &mut AnyConn) -> Result<Vec<TransferId>, StoreError> {
    let open = [RouteState::Planned, RouteState::Assigned, RouteState::Running];
    Ok(route_stops::table
        .inner_join(routes::table)
        .filter(routes::state.eq_any(open.to_vec()))
        .filter(route_stops::state.ne(StopState::Failed))
        .select(route_stops::transfer_id)
        .distinct()
        .load(conn)?)
}

/// Stops of open routes at a site, in the order of their planned time.
pub fn list_open_stops_at(conn: &mut AnyConn, site: SiteId) -> Result<Vec<StopRow>, StoreError> {
    let open = [RouteState::Planned, RouteState::Assigned, RouteState::Running];
    Ok(route_stops::table
        .inner_join(routes::table)
        .filter(route_stops::site_id.eq(site))
        .filter(routes::state.eq_any(open.to_vec()))
        .order((route_stops::planned_at, route_stops::id))
        .select(route_stops::all_columns)
        .load(conn)?)
}

/// Of some transfers those that a vehicle left at a site, in a freezer there.
pub fn list_left_at_home(conn: &mut AnyConn, of: &[(TransferId, SiteId)]) -> Result<Vec<TransferId>, StoreError> {
    let ids: Vec<TransferId> = of.iter().map(|(id, _)| *id).collect();
    let left: Vec<(TransferId, SiteId)> = route_stops::table
        .filter(route_stops::transfer_id.eq_any(ids))
        .filter(route_stops::kind.eq(StopKind::Drop))
        .filter(route_stops::state.eq(StopState::Done))
        .select((route_stops::transfer_id, route_stops::site_id))
        .load(conn)?;
    Ok(of.iter().filter(|pair| left.contains(pair)).map(|(id, _)| *id).collect())
}

/// Puts stops in the place of those that a route has.
pub fn replace_stops(conn: &mut AnyConn, id: RouteId, stops: &[StopRow]) -> Result<(), StoreError> {
    diesel::delete(route_stops::table.filter(route_stops::route_id.eq(id))).execute(conn)?;
    for chunk in stops.chunks(500) {
        on_backend!(conn, |c| diesel::insert_into(route_stops::table).values(chunk.to_vec()).execute(c))?;
    }
    Ok(())
}

/// Saves one stop.
pub fn update_stop(conn: &mut AnyConn, row: &StopRow) -> Result<(), StoreError> {
    diesel::update(route_stops::table.filter(route_stops::id.eq(row.id))).set(row.clone()).execute(conn)?;
    Ok(())
}

/// Keeps what changed at a version.
pub fn append_change(conn: &mut AnyConn, row: &ChangeRow) -> Result<(), StoreError> {
    diesel::insert_into(route_changes::table).values(row.clone()).execute(conn)?;
    Ok(())
}

/// What changed after a version, oldest first.
pub fn list_changes(conn: &mut AnyConn, id: RouteId, after_version: i64) -> Result<Vec<ChangeRow>, StoreError> {
    Ok(route_changes::table
        .filter(route_changes::route_id.eq(id))
        .filter(route_changes::version.gt(after_version))
        .order(route_changes::version)
        .load(conn)?)
}
