//! Steps of custody: only added to, in whatever order devices report them.

use super::prepared::Prepare as _;
use super::schema::custody_events;
use super::{AnyConn, StoreError};
use crate::domain::ids::{CustodyEventId, SiteId, TransferId};
use crate::domain::time::Instant;
use diesel::prelude::*;

/// A step of custody as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = custody_events, treat_none_as_default_value = false)]
pub struct CustodyRow {
    /// Identifier.
    pub id: CustodyEventId,
    /// The journey it belongs to.
    pub transfer_id: TransferId,
    /// `packed`, `collected`, `delivered`, `received`, `cancelled`.
    pub kind: String,
    /// Where.
    pub site_id: Option<SiteId>,
    /// Who.
    pub actor: String,
    /// By the clock of the device that reports it.
    pub device_at: Instant,
    /// By the hub's clock.
    pub recorded_at: Instant,
    /// The seal seen or put on.
    pub seal_number: Option<String>,
    /// What was found, JSON.
    pub condition: Option<String>,
    /// The device's own name for the step; a repeat of it adds nothing.
    pub step_ref: Option<String>,
}

/// Adds a step.
pub fn append_custody_event(conn: &mut AnyConn, row: &CustodyRow) -> Result<(), StoreError> {
    diesel::insert_into(custody_events::table).values(row.clone()).prepared().execute(conn)?;
    Ok(())
}

/// The steps of a journey in the order in which they happened.
pub fn list_custody_events(conn: &mut AnyConn, transfer: TransferId) -> Result<Vec<CustodyRow>, StoreError> {
    Ok(custody_events::table
        .filter(custody_events::transfer_id.eq(transfer))
        .order((custody_events::device_at, custody_events::id))
        .load(conn)?)
}
