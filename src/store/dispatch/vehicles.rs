//! Vehicles, their shifts, and where each vehicle was last.

use super::super::dialect::on_backend;
use super::super::schema::{shifts, vehicle_positions, vehicles};
use super::super::{AnyConn, StoreError};
use crate::domain::dispatch::{ShiftState, VehicleState};
use crate::domain::ids::{CourierId, RouteId, ShiftId, SiteId, VehicleId};
use crate::domain::quantity::Volume;
use crate::domain::time::Instant;
use diesel::prelude::*;

/// A vehicle as it is kept.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = vehicles, treat_none_as_null = true)]
pub struct VehicleRow {
    /// Identifier.
    pub id: VehicleId,
    /// Whose it is.
    pub courier_id: CourierId,
    /// Short stable code, unique with its courier.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is, such as `motorcycle`.
    pub kind: String,
    /// Where it stands.
    pub base_site_id: SiteId,
    /// Boxes that fit.
    pub boxes: i64,
    /// Most milk in a box.
    pub box_ml: Volume,
    /// Packaging in words.
    pub packaging: String,
    /// Minutes for which the packaging holds.
    pub hold_time_minutes: i64,
    /// Mean road speed in km/h.
    pub speed_kmh: i64,
    /// Cost of a kilometre, cents.
    pub cents_per_km: i64,
    /// Cost of an hour, cents.
    pub cents_per_hour: i64,
    /// Cost of a start, cents.
    pub cents_per_start: i64,
    /// Whether it may be used.
    pub state: VehicleState,
    /// Row version.
    pub version: i64,
    /// First registered.
    pub created_at: Instant,
}

/// A shift as it is kept.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = shifts, treat_none_as_null = true)]
pub struct ShiftRow {
    /// Identifier.
    pub id: ShiftId,
    /// The vehicle.
    pub vehicle_id: VehicleId,
    /// Its courier.
    pub courier_id: CourierId,
    /// Pseudonym of the driver.
    pub driver_ref: Option<String>,
    /// Where it begins.
    pub start_site_id: SiteId,
    /// Where it ends; none ends at the last stop.
    pub end_site_id: Option<SiteId>,
    /// When it begins.
    pub starts_at: Instant,
    /// When it ends.
    pub ends_at: Instant,
    /// No box comes aboard after this.
    pub last_pickup_at: Option<Instant>,
    /// Where it stands.
    pub state: ShiftState,
    /// Row version.
    pub version: i64,
    /// First planned.
    pub created_at: Instant,
}

/// A position as it is kept.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = vehicle_positions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PositionRow {
    /// The vehicle.
    pub vehicle_id: VehicleId,
    /// The route that it drove.
    pub route_id: Option<RouteId>,
    /// Latitude, millionths of a degree.
    pub latitude_e6: i64,
    /// Longitude, millionths of a degree.
    pub longitude_e6: i64,
    /// By the device's clock.
    pub at: Instant,
    /// By the hub's clock.
    pub recorded_at: Instant,
}

/// Adds a vehicle. A code that its courier has given already is a unique conflict.
pub fn insert_vehicle(conn: &mut AnyConn, row: &VehicleRow) -> Result<(), StoreError> {
    diesel::insert_into(vehicles::table).values(row.clone()).execute(conn)?;
    Ok(())
}

/// The vehicle, if there is one.
pub fn find_vehicle(conn: &mut AnyConn, id: VehicleId) -> Result<Option<VehicleRow>, StoreError> {
    Ok(vehicles::table.filter(vehicles::id.eq(id)).first(conn).optional()?)
}

/// Vehicles by identifier.
pub fn list_vehicles_by_id(conn: &mut AnyConn, ids: &[VehicleId]) -> Result<Vec<VehicleRow>, StoreError> {
    Ok(vehicles::table.filter(vehicles::id.eq_any(ids.to_vec())).order(vehicles::id).load(conn)?)
}

/// A page of vehicles with a base at some sites.
pub fn list_vehicles(
    conn: &mut AnyConn,
    bases: Option<&[SiteId]>,
    courier: Option<CourierId>,
    after: Option<VehicleId>,
    limit: i64,
) -> Result<Vec<VehicleRow>, StoreError> {
    let mut query = vehicles::table.order(vehicles::id.asc()).limit(limit).into_boxed();
    if let Some(bases) = bases {
        query = query.filter(vehicles::base_site_id.eq_any(bases.to_vec()));
    }
    if let Some(courier) = courier {
        query = query.filter(vehicles::courier_id.eq(courier));
    }
    if let Some(after) = after {
        query = query.filter(vehicles::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// Saves a vehicle over the version it had; false when it has another one.
pub fn update_vehicle(conn: &mut AnyConn, row: &VehicleRow, expected: i64) -> Result<bool, StoreError> {
    let target = vehicles::table.filter(vehicles::id.eq(row.id)).filter(vehicles::version.eq(expected));
    Ok(diesel::update(target).set(row.clone()).execute(conn)? == 1)
}

/// Adds a shift.
pub fn insert_shift(conn: &mut AnyConn, row: &ShiftRow) -> Result<(), StoreError> {
    diesel::insert_into(shifts::table).values(row.clone()).execute(conn)?;
    Ok(())
}

/// The shift, if there is one.
pub fn find_shift(conn: &mut AnyConn, id: ShiftId) -> Result<Option<ShiftRow>, StoreError> {
    Ok(shifts::table.filter(shifts::id.eq(id)).first(conn).optional()?)
}

/// Which shifts.
#[derive(Debug, Clone, Default)]
pub struct ShiftFilter {
    /// Only of these couriers.
    pub couriers: Option<Vec<CourierId>>,
    /// Only of this vehicle.
    pub vehicle: Option<VehicleId>,
    /// Only in this state.
    pub state: Option<ShiftState>,
    /// Only those that end after this.
    pub ends_after: Option<Instant>,
    /// Only those that begin before this.
    pub starts_before: Option<Instant>,
}

/// A page of shifts.
pub fn list_shifts(
    conn: &mut AnyConn,
    filter: &ShiftFilter,
    after: Option<ShiftId>,
    limit: i64,
) -> Result<Vec<ShiftRow>, StoreError> {
    let mut query = shifts::table.order(shifts::id.asc()).limit(limit).into_boxed();
    if let Some(couriers) = &filter.couriers {
        query = query.filter(shifts::courier_id.eq_any(couriers.clone()));
    }
    if let Some(vehicle) = filter.vehicle {
        query = query.filter(shifts::vehicle_id.eq(vehicle));
    }
    if let Some(state) = filter.state {
        query = query.filter(shifts::state.eq(state));
    }
    if let Some(ends_after) = filter.ends_after {
        query = query.filter(shifts::ends_at.gt(ends_after));
    }
    if let Some(starts_before) = filter.starts_before {
        query = query.filter(shifts::starts_at.lt(starts_before));
    }
    if let Some(after) = after {
        query = query.filter(shifts::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// Saves a shift over the version it had; false when it has another one.
pub fn update_shift(conn: &mut AnyConn, row: &ShiftRow, expected: i64) -> Result<bool, StoreError> {
    let target = shifts::table.filter(shifts::id.eq(row.id)).filter(shifts::version.eq(expected));
    Ok(diesel::update(target).set(row.clone()).execute(conn)? == 1)
}

/// Keeps where vehicles are, one row for each; what was known before is replaced.
pub fn keep_positions(conn: &mut AnyConn, rows: &[PositionRow]) -> Result<(), StoreError> {
    use diesel::upsert::excluded;
    for chunk in rows.chunks(500) {
        on_backend!(conn, |c| diesel::insert_into(vehicle_positions::table)
            .values(chunk.to_vec())
            .on_conflict(vehicle_positions::vehicle_id)
            .do_update()
            .set((
                vehicle_positions::route_id.eq(excluded(vehicle_positions::route_id)),
                vehicle_positions::latitude_e6.eq(excluded(vehicle_positions::latitude_e6)),
                vehicle_positions::longitude_e6.eq(excluded(vehicle_positions::longitude_e6)),
                vehicle_positions::at.eq(excluded(vehicle_positions::at)),
                vehicle_positions::recorded_at.eq(excluded(vehicle_positions::recorded_at)),
            ))
            .execute(c))?;
    }
    Ok(())
}

/// Where some vehicles were last.
pub fn list_positions(conn: &mut AnyConn, ids: &[VehicleId]) -> Result<Vec<PositionRow>, StoreError> {
    Ok(vehicle_positions::table
        .filter(vehicle_positions::vehicle_id.eq_any(ids.to_vec()))
        .order(vehicle_positions::vehicle_id)
        .load(conn)?)
}
