//! Couriers.

use super::prepared::Prepare as _;
use super::row_text::{from_json, from_text, to_json};
use super::schema::couriers;
use super::{AnyConn, StoreError};
use crate::domain::courier::{Courier, CourierState};
use crate::domain::ids::CourierId;
use crate::domain::quantity::Volume;
use crate::domain::time::Instant;
use diesel::prelude::*;

#[derive(Queryable, Insertable)]
#[diesel(table_name = couriers)]
struct CourierRow {
    id: String,
    code: String,
    name: String,
    kind: String,
    base_site_id: String,
    agreement_reference: String,
    agreement_valid_until: Option<i64>,
    max_payload_ml: i64,
    hold_time_minutes: i64,
    speed_kmh: i64,
    vehicles: i64,
    covers: String,
    hours: String,
    days: String,
    packaging: String,
    state: String,
    version: i64,
    created_at: i64,
}

impl TryFrom<CourierRow> for Courier {
    type Error = StoreError;
    fn try_from(row: CourierRow) -> Result<Self, StoreError> {
        let CourierRow {
            id,
            code,
            name,
            kind,
            base_site_id,
            agreement_reference,
            agreement_valid_until,
            max_payload_ml,
            hold_time_minutes,
            speed_kmh,
            vehicles,
            covers,
            hours,
            days,
            packaging,
            state,
            version,
            created_at,
        } = row;
        let row = format!("courier {id}");
        Ok(Self {
            id: from_text(&row, "id", &id)?,
            code,
            name,
            kind,
            base_site_id: from_text(&row, "base_site_id", &base_site_id)?,
            agreement_reference,
            agreement_valid_until: agreement_valid_until.map(Instant::from_micros),
            max_payload_ml: Volume::from_ml(max_payload_ml),
            hold_time_minutes,
            speed_kmh,
            vehicles,
            covers: from_text(&row, "covers", &covers)?,
            hours: from_json(&row, "hours", &hours)?,
            days: from_text(&row, "days", &days)?,
            packaging,
            state: from_text(&row, "state", &state)?,
            version,
            created_at: Instant::from_micros(created_at),
        })
    }
}

/// Stores a courier. A code that is taken is a unique conflict.
pub fn insert_courier(conn: &mut AnyConn, courier: &Courier) -> Result<(), StoreError> {
    let row = CourierRow {
        id: courier.id.to_string(),
        code: courier.code.clone(),
        name: courier.name.clone(),
        kind: courier.kind.clone(),
        base_site_id: courier.base_site_id.to_string(),
        agreement_reference: courier.agreement_reference.clone(),
        agreement_valid_until: courier.agreement_valid_until.map(Instant::micros),
        max_payload_ml: courier.max_payload_ml.ml(),
        hold_time_minutes: courier.hold_time_minutes,
        speed_kmh: courier.speed_kmh,
        vehicles: courier.vehicles,
        covers: courier.covers.to_string(),
        hours: to_json(&courier.hours)?,
        days: courier.days.to_string(),
        packaging: courier.packaging.clone(),
        state: courier.state.to_string(),
        version: courier.version,
        created_at: courier.created_at.micros(),
    };
    diesel::insert_into(couriers::table).values(row).prepared().execute(conn)?;
    Ok(())
}

/// A courier by its identifier.
pub fn find_courier(conn: &mut AnyConn, id: CourierId) -> Result<Option<Courier>, StoreError> {
    let row = couriers::table.find(id.as_str()).first::<CourierRow>(conn).optional()?;
    row.map(Courier::try_from).transpose()
}

/// Couriers by code, after one code, at most so many.
pub fn list_couriers(conn: &mut AnyConn, after_code: Option<&str>, rows: i64) -> Result<Vec<Courier>, StoreError> {
    let mut query = couriers::table.order(couriers::code.asc()).limit(rows).into_boxed();
    if let Some(after) = after_code {
        query = query.filter(couriers::code.gt(after));
    }
    query.load::<CourierRow>(conn)?.into_iter().map(Courier::try_from).collect()
}

/// Every courier in use.
pub fn active_couriers(conn: &mut AnyConn) -> Result<Vec<Courier>, StoreError> {
    let rows = couriers::table
        .filter(couriers::state.eq(CourierState::Active.as_str()))
        .order(couriers::code.asc())
        .load::<CourierRow>(conn)?;
    rows.into_iter().map(Courier::try_from).collect()
}

/// Saves vehicles, state and end of the agreement, if the courier still has version `expected`; false when it
/// does not. `courier.version` is what it has afterwards.
pub fn update_courier(conn: &mut AnyConn, courier: &Courier, expected: i64) -> Result<bool, StoreError> {
    let target = couriers::table.filter(couriers::id.eq(courier.id.as_str())).filter(couriers::version.eq(expected));
    let changed = diesel::update(target)
        .set((
            couriers::vehicles.eq(courier.vehicles),
            couriers::state.eq(courier.state.as_str()),
            couriers::agreement_valid_until.eq(courier.agreement_valid_until.map(Instant::micros)),
            couriers::version.eq(courier.version),
        ))
        .prepared()
        .execute(conn)?;
    Ok(changed == 1)
}
