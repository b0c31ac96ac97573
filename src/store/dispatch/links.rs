//! Links that open one route on a phone, and the steps that phones have reported.

use super::super::schema::{driver_links, driver_steps};
use super::super::{AnyConn, StoreError};
use crate::domain::ids::{DriverLinkId, RouteId, ShiftId, StopId};
use crate::domain::time::Instant;
use diesel::prelude::*;

/// A link as it is kept; the secret itself is not.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = driver_links, treat_none_as_null = true)]
pub struct LinkRow {
    /// Identifier.
    pub id: DriverLinkId,
    /// The route that it opens.
    pub route_id: RouteId,
    /// The shift that it is for.
    pub shift_id: ShiftId,
    /// Hash of its secret.
    pub secret_hash: String,
    /// The phone that opened it first.
    pub device: Option<String>,
    /// It opens nothing after this.
    pub expires_at: Instant,
    /// When it was taken back.
    pub revoked_at: Option<Instant>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Instant,
    /// When it was first opened.
    pub opened_at: Option<Instant>,
}

/// A reported step as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = driver_steps, treat_none_as_default_value = false)]
pub struct DriverStepRow {
    /// The route.
    pub route_id: RouteId,
    /// The phone's own name for the step.
    pub step_ref: String,
    /// The stop that it is about.
    pub stop_id: Option<StopId>,
    /// What happened.
    pub kind: String,
    /// By the phone's clock.
    pub device_at: Instant,
    /// By the hub's clock.
    pub recorded_at: Instant,
    /// What the phone was answered.
    pub answer: String,
}

/// Adds a link.
pub fn insert_link(conn: &mut AnyConn, row: &LinkRow) -> Result<(), StoreError> {
    diesel::insert_into(driver_links::table).values(row.clone()).execute(conn)?;
    Ok(())
}

/// The link, if there is one.
pub fn find_link(conn: &mut AnyConn, id: DriverLinkId) -> Result<Option<LinkRow>, StoreError> {
    Ok(driver_links::table.filter(driver_links::id.eq(id)).first(conn).optional()?)
}

/// Saves a link.
pub fn update_link(conn: &mut AnyConn, row: &LinkRow) -> Result<(), StoreError> {
    diesel::update(driver_links::table.filter(driver_links::id.eq(row.id))).set(row.clone()).execute(conn)?;
    Ok(())
}

/// Takes back every link of a route; how many there were.
pub fn revoke_links(conn: &mut AnyConn, route: RouteId, at: Instant) -> Result<usize, StoreError> {
    let target =
        driver_links::table.filter(driver_links::route_id.eq(route)).filter(driver_links::revoked_at.is_null());
    Ok(diesel::update(target).set(driver_links::revoked_at.eq(Some(at))).execute(conn)?)
}

/// The step that a phone has reported under this name, if it has.
pub fn find_step(conn: &mut AnyConn, route: RouteId, step_ref: &str) -> Result<Option<DriverStepRow>, StoreError> {
    Ok(driver_steps::table
        .filter(driver_steps::route_id.eq(route))
        .filter(driver_steps::step_ref.eq(step_ref.to_owned()))
        .first(conn)
        .optional()?)
}

/// Keeps a reported step.
pub fn append_step(conn: &mut AnyConn, row: &DriverStepRow) -> Result<(), StoreError> {
    diesel::insert_into(driver_steps::table).values(row.clone()).execute(conn)?;
    Ok(())
}
