//! Reading the audit. A role that spans all sites reads all of it; others what is about their own sites.

use super::ActionError;
use crate::domain::actor::{Actor, SiteScope};
use crate::domain::ids::SiteId;
use crate::domain::time::Instant;
use crate::store::AnyConn;
use crate::store::audit;
pub use crate::store::audit::{AuditFilter, AuditRow};
use std::collections::{BTreeMap, BTreeSet};

/// Some entries, with the names of who acted.
#[derive(Debug, Clone)]
pub struct AuditPage {
    /// The entries, newest first.
    pub entries: Vec<AuditRow>,
    /// Names by identifier, of those who still have an account.
    pub names: BTreeMap<String, String>,
}

/// Entries of the audit before a place in it, newest first. `site` narrows them to one site.
///
/// # Errors
/// `NotFound` for a site that is not the actor's, and those of the store.
pub fn list_audit(
    conn: &mut AnyConn,
    actor: &Actor,
    site: Option<SiteId>,
    filter: &AuditFilter,
    before: Option<i64>,
    rows: i64,
) -> Result<AuditPage, ActionError> {
    let sites = match (site, &actor.sites) {
        (Some(site), _) if !actor.acts_for(site) => return Err(ActionError::NotFound { what: "site" }),
        (Some(site), _) => Some(vec![site.to_string()]),
        (None, SiteScope::All) => None,
        (None, SiteScope::Only(sites)) => Some(sites.iter().map(ToString::to_string).collect()),
    };
    let filter = AuditFilter { sites, ..filter.clone() };
    let entries = audit::list_audit(conn, &filter, before, rows)?;
    let ids: BTreeSet<&str> = entries.iter().map(|entry| entry.actor_id.as_str()).collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    let names = audit::name_actors(conn, &ids)?.into_iter().collect();
    Ok(AuditPage { entries, names })
}

/// What a form can be about.
const SUBJECTS: [&str; 16] = [
    "case",
    "client",
    "closure",
    "courier",
    "excursion",
    "lot",
    "offer",
    "recall",
    "request",
    "route",
    "shift",
    "site",
    "surplus",
    "transfer",
    "user",
    "vehicle",
];

/// What happened to a thing since an instant, newest first, for somebody whose form about it came too late. Who did it
/// at another site is told by role alone: their name is not theirs to know.
///
/// # Errors
/// Those of the store.
pub fn list_meanwhile(
    conn: &mut AnyConn,
    actor: &Actor,
    subject: &str,
    since: Instant,
    rows: i64,
) -> Result<AuditPage, ActionError> {
    let entries = audit::list_since(conn, &SUBJECTS, subject, since, rows)?;
    let near = |entry: &&AuditRow| match (&actor.sites, entry.site_id.as_deref()) {
        (SiteScope::All, _) => true,
        (SiteScope::Only(sites), Some(site)) => sites.iter().any(|own| own.to_string() == site),
        (SiteScope::Only(_), None) => entry.actor_id == actor.id,
    };
    let ids: BTreeSet<&str> = entries.iter().filter(near).map(|entry| entry.actor_id.as_str()).collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    let names = audit::name_actors(conn, &ids)?.into_iter().collect();
    Ok(AuditPage { entries, names })
}

/// The name of a person or client who still has an account.
///
/// # Errors
/// Those of the store.
pub fn name_actor(conn: &mut AnyConn, id: &str) -> Result<Option<String>, ActionError> {
    Ok(audit::name_actors(conn, &[id])?.into_iter().next().map(|(_, name)| name))
}
