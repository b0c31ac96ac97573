//! The journal: audit entries and events, appended in the transaction of the change they tell of.
//! Nothing here updates or removes; the relay alone numbers events.

use super::prepared::Prepare as _;
use super::schema::{audit_entries, events};
use super::{AnyConn, StoreError};
use diesel::prelude::*;

/// Who did what.
#[derive(Insertable)]
#[diesel(table_name = audit_entries, treat_none_as_default_value = false)]
pub struct AuditEntry<'a> {
    /// UTC microseconds.
    pub at: i64,
    /// `person`, `client` or `hub`.
    pub actor_kind: &'a str,
    /// Their identifier.
    pub actor_id: &'a str,
    /// The role they acted in.
    pub role: &'a str,
    /// The site it concerns.
    pub site_id: Option<&'a str>,
    /// What they did.
    pub action: &'a str,
    /// Kind of the thing.
    pub subject_kind: &'a str,
    /// Its identifier.
    pub subject_id: &'a str,
    /// The request that carried it.
    pub trace_id: Option<&'a str>,
    /// JSON.
    pub detail: &'a str,
}

/// One event of the feed, not yet numbered.
#[derive(Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
pub struct NewEvent<'a> {
    /// UUIDv7.
    pub id: &'a str,
    /// UTC microseconds.
    pub at: i64,
    /// Such as `surplus.published`.
    pub kind: &'a str,
    /// Kind of the thing.
    pub subject_kind: &'a str,
    /// Its identifier.
    pub subject_id: &'a str,
    /// The site it concerns.
    pub site_id: Option<&'a str>,
    /// The other site it concerns.
    pub other_site_id: Option<&'a str>,
    /// True when every site may read it.
    pub network: bool,
    /// JSON.
    pub data: &'a str,
}

/// Appends an audit entry.
pub fn append_audit(conn: &mut AnyConn, entry: &AuditEntry<'_>) -> Result<(), StoreError> {
    diesel::insert_into(audit_entries::table).values(entry).prepared().execute(conn)?;
    Ok(())
}

/// Appends an event.
pub fn append_event(conn: &mut AnyConn, event: &NewEvent<'_>) -> Result<(), StoreError> {
    diesel::insert_into(events::table).values(event).prepared().execute(conn)?;
    Ok(())
}

/// An event as it is read.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = events)]
pub struct EventRow {
    /// Dense position in the feed.
    pub pos: Option<i64>,
    /// UUIDv7.
    pub id: String,
    /// UTC microseconds.
    pub at: i64,
    /// Such as `surplus.published`.
    pub kind: String,
    /// Kind of the thing.
    pub subject_kind: String,
    /// Its identifier.
    pub subject_id: String,
    /// The site it concerns.
    pub site_id: Option<String>,
    /// The other site it concerns.
    pub other_site_id: Option<String>,
    /// True when every site may read it.
    pub network: bool,
    /// JSON.
    pub data: String,
}

/// An event's number in the order of writing, with the sites it concerns and whether all may know.
pub type EventTrace = (i64, Option<String>, Option<String>, bool);

/// The newest events, newest first, also those that have no position yet.
pub fn list_newest_events(conn: &mut AnyConn, limit: i64) -> Result<Vec<EventTrace>, StoreError> {
    Ok(events::table
        .order(events::seq.desc())
        .limit(limit)
        .select((events::seq, events::site_id, events::other_site_id, events::network))
        .load(conn)?)
}

/// Events after a position; `sites` limits them to those that concern one of them or the whole network.
/// Positions are dense over all events, so a reader that skips what it may not see still advances.
pub fn list_events(
    conn: &mut AnyConn,
    after: i64,
    limit: i64,
    sites: Option<&[String]>,
) -> Result<Vec<EventRow>, StoreError> {
    let mut query = events::table
        .filter(events::pos.gt(after))
        .order(events::pos.asc())
        .limit(limit)
        .select(EventRow::as_select())
        .into_boxed();
    if let Some(sites) = sites {
        query = query.filter(
            events::network
                .eq(true)
                .or(events::site_id.eq_any(sites.to_vec()).assume_not_null())
                .or(events::other_site_id.eq_any(sites.to_vec()).assume_not_null()),
        );
    }
    Ok(query.load(conn)?)
}

/// The last position given, 0 when there is none.
pub fn last_position(conn: &mut AnyConn) -> Result<i64, StoreError> {
    Ok(events::table.select(diesel::dsl::max(events::pos)).first::<Option<i64>>(conn)?.unwrap_or(0))
}
