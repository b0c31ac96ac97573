//! Alarms of routes: one per episode, open until it is over.

use super::super::schema::route_alarms;
use super::super::{AnyConn, StoreError};
use crate::domain::dispatch::{AlarmKind, AlarmState};
use crate::domain::ids::{AlarmId, RouteId, TransferId};
use crate::domain::time::Instant;
use diesel::prelude::*;

/// An alarm as it is kept.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = route_alarms, treat_none_as_null = true)]
pub struct AlarmRow {
    /// Identifier.
    pub id: AlarmId,
    /// The route.
    pub route_id: RouteId,
    /// The box, when it is about one.
    pub transfer_id: Option<TransferId>,
    /// What it is about.
    pub kind: AlarmKind,
    /// Where it stands.
    pub state: AlarmState,
    /// Minutes to spare when it was last looked at.
    pub slack_minutes: Option<i64>,
    /// When it was raised.
    pub opened_at: Instant,
    /// Who sees to it.
    pub owner: Option<String>,
    /// Since when.
    pub acknowledged_at: Option<Instant>,
    /// When it was over.
    pub closed_at: Option<Instant>,
    /// Row version.
    pub version: i64,
}

/// Raises an alarm.
pub fn insert_alarm(conn: &mut AnyConn, row: &AlarmRow) -> Result<(), StoreError> {
    diesel::insert_into(route_alarms::table).values(row.clone()).execute(conn)?;
    Ok(())
}

/// The alarm, if there is one.
pub fn find_alarm(conn: &mut AnyConn, id: AlarmId) -> Result<Option<AlarmRow>, StoreError> {
    Ok(route_alarms::table.filter(route_alarms::id.eq(id)).first(conn).optional()?)
}

/// Alarms of some routes that are not over, oldest first.
pub fn list_live_alarms(conn: &mut AnyConn, routes: &[RouteId]) -> Result<Vec<AlarmRow>, StoreError> {
    Ok(route_alarms::table
        .filter(route_alarms::route_id.eq_any(routes.to_vec()))
        .filter(route_alarms::state.ne(AlarmState::Closed))
        .order(route_alarms::id)
        .load(conn)?)
}

/// A page of alarms.
pub fn list_alarms(
    conn: &mut AnyConn,
    state: Option<AlarmState>,
    after: Option<AlarmId>,
    limit: i64,
) -> Result<Vec<AlarmRow>, StoreError> {
    let mut query = route_alarms::table.order(route_alarms::id.asc()).limit(limit).into_boxed();
    if let Some(state) = state {
        query = query.filter(route_alarms::state.eq(state));
    }
    if let Some(after) = after {
        query = query.filter(route_alarms::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// Saves an alarm over the version it had; false when it has another one.
pub fn update_alarm(conn: &mut AnyConn, row: &AlarmRow, expected: i64) -> Result<bool, StoreError> {
    let target = route_alarms::table.filter(route_alarms::id.eq(row.id)).filter(route_alarms::version.eq(expected));
    Ok(diesel::update(target).set(row.clone()).execute(conn)? == 1)
}
