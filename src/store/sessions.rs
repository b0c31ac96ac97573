//! Sessions of the portal and how people want it. A session is found by the hash of its token alone; the token
//! itself is never kept.

use super::schema::{portal_sessions, sites, user_settings, user_sites, users};
use super::{AnyConn, StoreError};
use crate::domain::actor::Role;
use crate::domain::ids::SiteId;
use crate::domain::people::AccountState;
use crate::domain::time::Instant;
use diesel::prelude::*;

/// A session as it is kept; times are of the machine's clock, also in a simulation.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = portal_sessions, treat_none_as_default_value = false)]
pub struct SessionRow {
    /// SHA-256 of the token.
    pub token_hash: String,
    /// Who is signed in.
    pub user_id: String,
    /// The epoch of the account when they signed in.
    pub token_epoch: i64,
    /// The site they chose to work for.
    pub site_id: Option<String>,
    /// When they signed in, UTC microseconds.
    pub created_at: i64,
    /// When they last did something, UTC microseconds.
    pub seen_at: i64,
    /// When the session ends whatever they do, UTC microseconds.
    pub ends_at: i64,
}

/// The person behind a session.
#[derive(Debug, Clone)]
pub struct SessionPerson {
    /// Their address.
    pub email: String,
    /// How they are called.
    pub display_name: String,
    /// Hash of their password, PHC text.
    pub password_hash: String,
    /// Their role.
    pub role: Role,
    /// Whether they may act.
    pub state: AccountState,
    /// Sessions of an earlier epoch are void.
    pub token_epoch: i64,
}

/// A site as the header of a page names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteLabel {
    /// Identifier.
    pub id: SiteId,
    /// Name.
    pub name: String,
    /// Name in its own script.
    pub name_local: Option<String>,
    /// Country, ISO 3166-1 alpha-2.
    pub country: String,
    /// Time zone, IANA name.
    pub time_zone: String,
}

type LabelRow = (SiteId, String, Option<String>, String, String);

/// Keeps a new session.
pub fn insert_session(conn: &mut AnyConn, row: &SessionRow) -> Result<(), StoreError> {
    diesel::insert_into(portal_sessions::table).values(row.clone()).execute(conn)?;
    Ok(())
}

/// The session with this hash, with its person.
pub fn find_session(conn: &mut AnyConn, hash: &str) -> Result<Option<(SessionRow, SessionPerson)>, StoreError> {
    let row: Option<SessionRow> =
        portal_sessions::table.filter(portal_sessions::token_hash.eq(hash)).first(conn).optional()?;
    let Some(row) = row else { return Ok(None) };
    let person: (String, String, String, String, String, i64) = users::table
        .filter(users::id.eq(&row.user_id))
        .select((
            users::email,
            users::display_name,
            users::password_hash,
            users::role,
            users::state,
            users::token_epoch,
        ))
        .first(conn)?;
    let (email, display_name, password_hash, role, state, token_epoch) = person;
    let unreadable = |what: &str| StoreError::corrupt(format!("an account has an unreadable {what}"));
    let role = role.parse().map_err(|_unknown| unreadable("role"))?;
    let state = state.parse().map_err(|_unknown| unreadable("state"))?;
    Ok(Some((row, SessionPerson { email, display_name, password_hash, role, state, token_epoch })))
}

/// The sites a person acts for, by name.
pub fn list_sites_of(conn: &mut AnyConn, user_id: &str) -> Result<Vec<SiteLabel>, StoreError> {
    let rows = sites::table
        .inner_join(user_sites::table)
        .filter(user_sites::user_id.eq(user_id))
        .order((sites::name, sites::id))
        .select((sites::id, sites::name, sites::name_local, sites::country, sites::time_zone))
        .load(conn)?;
    Ok(rows.into_iter().map(label).collect())
}

/// The name of a site, whosever it is.
pub fn find_site_label(conn: &mut AnyConn, id: SiteId) -> Result<Option<SiteLabel>, StoreError> {
    let row = sites::table
        .filter(sites::id.eq(id))
        .select((sites::id, sites::name, sites::name_local, sites::country, sites::time_zone))
        .first(conn)
        .optional()?;
    Ok(row.map(label))
}

/// The names of sites.
pub fn list_site_labels(conn: &mut AnyConn, ids: &[SiteId]) -> Result<Vec<SiteLabel>, StoreError> {
    let rows = sites::table
        .filter(sites::id.eq_any(ids.to_vec()))
        .select((sites::id, sites::name, sites::name_local, sites::country, sites::time_zone))
        .load(conn)?;
    Ok(rows.into_iter().map(label).collect())
}

fn label((id, name, name_local, country, time_zone): LabelRow) -> SiteLabel {
    SiteLabel { id, name, name_local, country, time_zone }
}

/// Notes that somebody did something.
pub fn touch_session(conn: &mut AnyConn, hash: &str, now: Instant) -> Result<(), StoreError> {
    diesel::update(portal_sessions::table.filter(portal_sessions::token_hash.eq(hash)))
        .set(portal_sessions::seen_at.eq(now.micros()))
        .execute(conn)?;
    Ok(())
}

/// Notes for which site they work.
pub fn set_session_site(conn: &mut AnyConn, hash: &str, site: SiteId) -> Result<(), StoreError> {
    diesel::update(portal_sessions::table.filter(portal_sessions::token_hash.eq(hash)))
        .set(portal_sessions::site_id.eq(site.as_str()))
        .execute(conn)?;
    Ok(())
}

/// Forgets a session; true when there was one.
pub fn delete_session(conn: &mut AnyConn, hash: &str) -> Result<bool, StoreError> {
    Ok(diesel::delete(portal_sessions::table.filter(portal_sessions::token_hash.eq(hash))).execute(conn)? == 1)
}

/// Forgets sessions that ended.
pub fn delete_sessions_before(conn: &mut AnyConn, now: Instant) -> Result<usize, StoreError> {
    Ok(diesel::delete(portal_sessions::table.filter(portal_sessions::ends_at.lt(now.micros()))).execute(conn)?)
}

/// Everything a person set.
pub fn list_settings(conn: &mut AnyConn, user_id: &str) -> Result<Vec<(String, String)>, StoreError> {
    Ok(user_settings::table
        .filter(user_settings::user_id.eq(user_id))
        .order(user_settings::name)
        .select((user_settings::name, user_settings::value))
        .load(conn)?)
}

/// Keeps what a person set.
pub fn put_setting(conn: &mut AnyConn, user_id: &str, name: &str, value: &str) -> Result<(), StoreError> {
    let old = user_settings::table.filter(user_settings::user_id.eq(user_id)).filter(user_settings::name.eq(name));
    diesel::delete(old).execute(conn)?;
    diesel::insert_into(user_settings::table)
        .values((user_settings::user_id.eq(user_id), user_settings::name.eq(name), user_settings::value.eq(value)))
        .execute(conn)?;
    Ok(())
}
