//! Closures of sites and roads: announced by those who run the sites, begun and ended by time, ended early by
//! hand.

use super::agreements::unknown_sites;
use super::{ActionError, Happening, Tx};
use crate::domain::closure::{Closure, ClosureState, state_at};
use crate::domain::field::FieldError;
use crate::domain::ids::{ClosureId, SiteId};
use crate::domain::text::text_fault;
use crate::domain::time::Instant;
use crate::store::{AnyConn, closures};
use serde_json::json;

/// A closure to announce.
#[derive(Debug, Clone)]
pub struct AnnounceClosure {
    /// What closes the sites.
    pub kind: String,
    /// The sites that neither send nor receive.
    pub site_ids: Vec<SiteId>,
    /// When it begins.
    pub starts_at: Instant,
    /// When it ends, if that is known.
    pub ends_at: Option<Instant>,
    /// A note for people.
    pub note: Option<String>,
}

/// Announces a closure of sites that the actor acts for; one that has begun is in force at once.
///
/// # Errors
/// `NotFound` when one of the sites is not theirs, `Invalid` for texts, dates or sites that cannot be taken.
pub fn announce_closure(tx: &mut Tx<'_>, command: &AnnounceClosure) -> Result<Closure, ActionError> {
    if command.site_ids.iter().any(|site| !tx.actor.acts_for(*site)) {
        return Err(ActionError::NotFound { what: "site" });
    }
    let mut faults: Vec<FieldError> = [
        text_fault("/kind", &command.kind, 200),
        command.note.as_deref().and_then(|note| text_fault("/note", note, 1_000)),
    ]
    .into_iter()
    .flatten()
    .collect();
    if command.site_ids.is_empty() || command.site_ids.len() > 1_000 {
        faults.push(FieldError::new("/site_ids", "out_of_range", "name 1 to 1,000 sites"));
    } else {
        faults.extend(unknown_sites(tx, "/site_ids", &command.site_ids)?);
    }
    if command.ends_at.is_some_and(|end| end <= command.starts_at || end <= tx.now) {
        faults.push(FieldError::new("/ends_at", "out_of_order", "it must end after it begins and after now"));
    }
    if !faults.is_empty() {
        return Err(ActionError::Invalid(faults));
    }
    let closure = Closure {
        id: ClosureId::new(tx.new_id()),
        kind: command.kind.clone(),
        sites: command.site_ids.iter().copied().collect(),
        state: state_at(ClosureState::Forecast, command.starts_at, command.ends_at, tx.now),
        starts_at: command.starts_at,
        ends_at: command.ends_at,
        note: command.note.clone(),
        version: 1,
        created_at: tx.now,
    };
    closures::insert_closure(tx.conn, &closure)?;
    note(tx, "closure.announced", &closure)?;
    Ok(closure)
}

/// A closure by its identifier.
///
/// # Errors
/// `NotFound`.
pub fn get_closure(conn: &mut AnyConn, id: ClosureId) -> Result<Closure, ActionError> {
    closures::find_closure(conn, id)?.ok_or(ActionError::NotFound { what: "closure" })
}

/// Closures, newest first, before one of them, at most so many.
///
/// # Errors
/// Those of the store.
pub fn list_closures(
    conn: &mut AnyConn,
    state: Option<ClosureState>,
    before: Option<ClosureId>,
    rows: i64,
) -> Result<Vec<Closure>, ActionError> {
    Ok(closures::list_closures(conn, state, before.as_ref().map(ClosureId::as_str), rows)?)
}

/// Ends a closure now, whatever it announced.
///
/// # Errors
/// `NotFound` when one of its sites is not theirs, `Stale`, `Conflict` when it is over.
pub fn end_closure(tx: &mut Tx<'_>, id: ClosureId, version: i64) -> Result<Closure, ActionError> {
    let mut closure = get_closure(tx.conn, id)?;
    if closure.sites.iter().any(|site| !tx.actor.acts_for(*site)) {
        return Err(ActionError::NotFound { what: "closure" });
    }
    if closure.version != version {
        return Err(ActionError::Stale { current_version: closure.version });
    }
    if closure.state == ClosureState::Ended {
        return Err(ActionError::conflict("closure_over", "this closure is over"));
    }
    closure.state = ClosureState::Ended;
    closure.ends_at = Some(tx.now);
    closure.version = version + 1;
    if !closures::update_closure(tx.conn, &closure, version)? {
        return Err(ActionError::Stale { current_version: get_closure(tx.conn, id)?.version });
    }
    note(tx, "closure.ended", &closure)?;
    Ok(closure)
}

/// Begins and ends closures whose time has come; the number of closures that moved.
///
/// # Errors
/// Those of the store.
pub fn advance_closures(tx: &mut Tx<'_>) -> Result<usize, ActionError> {
    let mut moved = 0;
    for mut closure in closures::open_closures(tx.conn)? {
        let state = state_at(closure.state, closure.starts_at, closure.ends_at, tx.now);
        if state == closure.state {
            continue;
        }
        let expected = closure.version;
        closure.state = state;
        closure.version = expected + 1;
        // Somebody who ended it meanwhile has moved it on already.
        if closures::update_closure(tx.conn, &closure, expected)? {
            note(tx, if state == ClosureState::Ended { "closure.ended" } else { "closure.started" }, &closure)?;
            moved += 1;
        }
    }
    Ok(moved)
}

fn note(tx: &mut Tx<'_>, kind: &'static str, closure: &Closure) -> Result<(), ActionError> {
    let only = if closure.sites.len() == 1 { closure.sites.first().copied() } else { None };
    tx.record(Happening {
        kind,
        subject_kind: "closure",
        subject_id: closure.id.to_string(),
        site: only,
        other_site: None,
        network: true,
        data: &json!({
            "kind": closure.kind,
            "state": closure.state,
            "site_ids": closure.sites,
            "starts_at": closure.starts_at,
            "ends_at": closure.ends_at,
        }),
    })
}
