//! Reading the audit: who did what, newest first.

pub use super::audit_chain::AuditRow;
use super::schema::{audit_entries, clients, users};
use super::{AnyConn, StoreError};
use crate::domain::time::Instant;
use diesel::prelude::*;

/// What of the audit is wanted; `None` is everything.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only entries about one of these sites.
    pub sites: Option<Vec<String>>,
    /// Only what begins with this: `lot.` or `lot.released`.
    pub action: Option<String>,
    /// Only by this person or client.
    pub actor: Option<String>,
    /// Only about the thing with this identifier.
    pub subject: Option<String>,
    /// From this instant on.
    pub from: Option<Instant>,
    /// Before this instant.
    pub until: Option<Instant>,
}

/// Entries before a place in the order of insertion, newest first, at most so many.
pub fn list_audit(
    conn: &mut AnyConn,
    filter: &AuditFilter,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<AuditRow>, StoreError> {
    let mut query = audit_entries::table.order(audit_entries::seq.desc()).limit(limit).into_boxed();
    if let Some(sites) = &filter.sites {
        query = query.filter(audit_entries::site_id.eq_any(sites.clone()).assume_not_null());
    }
    if let Some(action) = &filter.action {
        // Words of actions have no characters that mean something in a pattern; the caller checks it.
        query = query.filter(audit_entries::action.like(format!("{action}%")));
    }
    if let Some(actor) = &filter.actor {
        query = query.filter(audit_entries::actor_id.eq(actor.clone()));
    }
    if let Some(subject) = &filter.subject {
        query = query.filter(audit_entries::subject_id.eq(subject.clone()));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit_entries::at.ge(from.micros()));
    }
    if let Some(until) = filter.until {
        query = query.filter(audit_entries::at.lt(until.micros()));
    }
    if let Some(before) = before {
        query = query.filter(audit_entries::seq.lt(before));
    }
    Ok(query.load(conn)?)
}

/// Entries about one thing since an instant, newest first, at most so many.
pub fn list_since(
    conn: &mut AnyConn,
    kinds: &[&str],
    subject: &str,
    since: Instant,
    limit: i64,
) -> Result<Vec<AuditRow>, StoreError> {
    // The kind comes first in the index.
    let about = audit_entries::table
        .filter(audit_entries::subject_kind.eq_any(kinds.to_vec()))
        .filter(audit_entries::subject_id.eq(subject))
        .filter(audit_entries::at.ge(since.micros()));
    Ok(about.order(audit_entries::seq.desc()).limit(limit).load(conn)?)
}

/// Identifier and name of people and clients.
pub fn name_actors(conn: &mut AnyConn, ids: &[&str]) -> Result<Vec<(String, String)>, StoreError> {
    let mut names: Vec<(String, String)> =
        users::table.filter(users::id.eq_any(ids.to_vec())).select((users::id, users::display_name)).load(conn)?;
    let machines: Vec<(String, String)> =
        clients::table.filter(clients::id.eq_any(ids.to_vec())).select((clients::id, clients::name)).load(conn)?;
    names.extend(machines);
    Ok(names)
}
