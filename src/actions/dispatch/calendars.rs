//! Calendars of stops behind secret addresses: all routes for a dispatcher, the stops at one site for its people.
//! They name sites and times, and nothing of infants or milk.

use crate::actions::identity::hash_of_secret;
use crate::actions::{ActionError, Happening, Tx};
use crate::domain::dispatch::{RouteState, StopKind};
use crate::domain::ids::{CalendarId, SiteId};
use crate::domain::time::Instant;
use crate::store::dispatch::calendars as rows;
pub use crate::store::dispatch::calendars::CalendarRow;
use crate::store::dispatch::routes::{self, RouteFilter, StopRow};
use crate::store::{AnyConn, sites};
use serde_json::json;
use std::collections::BTreeMap;

/// Routes that one calendar shows.
const MOST_ROUTES: i64 = 500;
/// A calendar goes back so many days.
const BACK_DAYS: i64 = 7;

/// A calendar with the secret that opens it, shown once.
#[derive(Debug, Clone)]
pub struct MadeCalendar {
    /// The calendar.
    pub row: CalendarRow,
    /// What its address ends in.
    pub code: String,
}

/// One entry of a calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct CalendarEntry {
    /// Stable over changes.
    pub uid: String,
    /// Rises with every change.
    pub sequence: i64,
    /// When it begins.
    pub starts_at: Instant,
    /// When it ends.
    pub ends_at: Instant,
    /// What it is, in a few words.
    pub summary: String,
    /// Where.
    pub location: String,
    /// Degrees north and east.
    pub position: (f64, f64),
    /// When it was last changed.
    pub changed_at: Instant,
    /// True when it does not take place.
    pub cancelled: bool,
}

/// Makes a calendar of one site of the actor's, or of every route for those who see all.
///
/// # Errors
/// `NotFound` for a site of others; `Forbidden` for every route when the actor does not see them.
pub fn create_calendar(tx: &mut Tx<'_>, site: Option<SiteId>) -> Result<MadeCalendar, ActionError> {
    match site {
        Some(site) if !tx.actor.acts_for(site) || sites::find_site(tx.conn, site)?.is_none() => {
            return Err(ActionError::NotFound { what: "site" });
        }
        None if !tx.actor.role.spans_all_sites() => return Err(ActionError::Forbidden),
        _ => {}
    }
    let id = CalendarId::new(tx.new_id());
    let mut bytes = [0_u8; 16];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_unspecified| ActionError::Internal("cryptography failed: randomness".to_owned()))?;
    let secret = uuid::Uuid::from_bytes(bytes).simple();
    let code = format!("{}{secret}", id.uuid().simple());
    let row = CalendarRow {
        id,
        owner: tx.actor.id.clone(),
        site_id: site,
        secret_hash: hash_of_secret(&code),
        created_at: tx.now,
        revoked_at: None,
    };
    rows::insert_calendar(tx.conn, &row)?;
    note(tx, "calendar.made", &row)?;
    Ok(MadeCalendar { row, code })
}

fn note(tx: &mut Tx<'_>, kind: &'static str, row: &CalendarRow) -> Result<(), ActionError> {
    tx.record(Happening {
        kind,
        subject_kind: "calendar",
        subject_id: row.id.to_string(),
        site: row.site_id,
        other_site: None,
        network: false,
        data: &json!({}),
    })
}

/// Takes a calendar back; its address opens nothing any more.
///
/// # Errors
/// `NotFound` for one of others.
pub fn revoke_calendar(tx: &mut Tx<'_>, id: CalendarId) -> Result<(), ActionError> {
    let row = rows::find_calendar(tx.conn, id)?
        .filter(|row| row.owner == tx.actor.id && row.revoked_at.is_none())
        .ok_or(ActionError::NotFound { what: "calendar" })?;
    rows::revoke_calendar(tx.conn, id, tx.now)?;
    note(tx, "calendar.revoked", &row)
}

/// The open calendars of the actor.
///
/// # Errors
/// Those of the store.
pub fn list_calendars(conn: &mut AnyConn, owner: &str) -> Result<Vec<CalendarRow>, ActionError> {
    Ok(rows::list_calendars(conn, owner)?)
}

/// The entries behind a secret address.
///
/// # Errors
/// `NotFound` for an address that opens nothing.
pub fn read_calendar(conn: &mut AnyConn, code: &str, now: Instant) -> Result<Vec<CalendarEntry>, ActionError> {
    let not_found = || ActionError::NotFound { what: "calendar" };
    let id = code.get(..32).and_then(|id| id.parse::<CalendarId>().ok()).ok_or_else(not_found)?;
    let row = rows::find_calendar(conn, id)?
        .filter(|row| row.revoked_at.is_none() && row.secret_hash == hash_of_secret(code))
        .ok_or_else(not_found)?;
    let filter = RouteFilter { ends_after: Some(now.plus_days(-BACK_DAYS)), ..RouteFilter::default() };
    let heads = routes::list_routes(conn, &filter, None, MOST_ROUTES)?;
    let ids: Vec<_> = heads.iter().map(|head| head.id).collect();
    let of_id: BTreeMap<_, _> = heads.into_iter().map(|head| (head.id, head)).collect();
    let mut names: BTreeMap<SiteId, (String, String, (f64, f64))> = BTreeMap::new();
    let mut entries = Vec::new();
    for stop in routes::list_stops(conn, &ids)? {
        if row.site_id.is_some_and(|site| site != stop.site_id) {
            continue;
        }
        let Some(head) = of_id.get(&stop.route_id) else { continue };
        if !names.contains_key(&stop.site_id) {
            let Some(site) = sites::find_site(conn, stop.site_id)? else { continue };
            names.insert(site.id, (site.code, format!("{}, {}", site.name, site.city), site.position.degrees()));
        }
        let Some((code, place, position)) = names.get(&stop.site_id).cloned() else { continue };
        let starts_at = stop.arrived_at.unwrap_or(stop.eta_at);
        entries.push(CalendarEntry {
            uid: format!("{}@milkbridge", stop.id),
            sequence: head.version,
            starts_at,
            ends_at: stop.done_at.unwrap_or(stop.leaves_at).max(starts_at.plus_minutes(1)),
            summary: format!("{} {code}", what_of(&stop)),
            location: place,
            position,
            changed_at: head.heard_at.unwrap_or(head.created_at),
            cancelled: head.state == RouteState::Cancelled,
        });
    }
    Ok(entries)
}

const fn what_of(stop: &StopRow) -> &'static str {
    match stop.kind {
        StopKind::Pickup => "Collection at",
        StopKind::Delivery => "Delivery at",
        StopKind::Drop => "Boxes left at",
        StopKind::Take => "Boxes taken from",
    }
}
