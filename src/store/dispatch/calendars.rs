//! Calendars behind secret addresses.

use super::super::schema::calendars;
use super::super::{AnyConn, StoreError};
use crate::domain::ids::{CalendarId, SiteId};
use crate::domain::time::Instant;
use diesel::prelude::*;

/// A calendar as it is kept; the secret itself is not.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = calendars, treat_none_as_default_value = false)]
pub struct CalendarRow {
    /// Identifier.
    pub id: CalendarId,
    /// Whose it is.
    pub owner: String,
    /// The site whose stops it shows; none shows every open route.
    pub site_id: Option<SiteId>,
    /// Hash of its secret.
    pub secret_hash: String,
    /// When it was made.
    pub created_at: Instant,
    /// When it was taken back.
    pub revoked_at: Option<Instant>,
}

/// Adds a calendar.
pub fn insert_calendar(conn: &mut AnyConn, row: &CalendarRow) -> Result<(), StoreError> {
    diesel::insert_into(calendars::table).values(row.clone()).execute(conn)?;
    Ok(())
}

/// The calendar, if there is one.
pub fn find_calendar(conn: &mut AnyConn, id: CalendarId) -> Result<Option<CalendarRow>, StoreError> {
    Ok(calendars::table.filter(calendars::id.eq(id)).first(conn).optional()?)
}

/// The calendars of somebody that are still open.
pub fn list_calendars(conn: &mut AnyConn, owner: &str) -> Result<Vec<CalendarRow>, StoreError> {
    Ok(calendars::table
        .filter(calendars::owner.eq(owner.to_owned()))
        .filter(calendars::revoked_at.is_null())
        .order(calendars::id)
        .load(conn)?)
}

/// Takes a calendar back.
pub fn revoke_calendar(conn: &mut AnyConn, id: CalendarId, at: Instant) -> Result<(), StoreError> {
    diesel::update(calendars::table.filter(calendars::id.eq(id)))
        .set(calendars::revoked_at.eq(Some(at)))
        .execute(conn)?;
    Ok(())
}
