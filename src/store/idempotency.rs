//! Repeated requests: a key is claimed in the transaction of its effect, so that effect, answer and key are
//! kept together or not at all. A loser waits for the winner, then gets the winner's answer.

use super::connection::AnyConn;
use super::dialect::on_backend;
use super::error::{Busy, StoreError};
use super::prepared::Prepare as _;
use super::schema::idempotency_keys as keys;
use crate::domain::time::Instant;
use diesel::prelude::*;

/// Whose key it is, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key<'a> {
    /// The caller; keys of different callers never meet.
    pub actor: &'a str,
    /// The route the key was sent to, such as `POST /requests`.
    pub route: &'a str,
    /// The key itself.
    pub key: &'a str,
    /// A hash of what was asked; the same key with another hash is a mistake of the caller.
    pub fingerprint: &'a str,
}

/// What the key says about this request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// First seen: do the work, then [`save_response`] in the same transaction.
    Fresh,
    /// Done before: give this answer again.
    Replay(Response),
    /// The key was used for something else.
    DifferentBody,
}

/// An answer as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Body; empty if there was none.
    pub body: String,
    /// Headers that belong to the answer, such as `ETag` and `Location`.
    pub headers: Vec<(String, String)>,
}

/// Claims the key. On PostgreSQL it waits for another transaction that holds the same key.
///
/// # Errors
/// Those of the database; `Corrupt` if a claimed key has no answer.
pub fn claim(conn: &mut AnyConn, key: &Key<'_>, now: Instant) -> Result<Claim, StoreError> {
    // The row may be swept between the two statements; then the key is free again.
    for _ in 0..3 {
        let claimed = on_backend!(&mut *conn, |c| diesel::insert_into(keys::table)
            .values((
                keys::actor.eq(key.actor),
                keys::route.eq(key.route),
                keys::idem_key.eq(key.key),
                keys::fingerprint.eq(key.fingerprint),
                keys::created_at.eq(now.micros()),
            ))
            .on_conflict_do_nothing()
            .execute(c))?;
        if claimed == 1 {
            return Ok(Claim::Fresh);
        }
        if let Some(claim) = find_saved(conn, key)? {
            return Ok(claim);
        }
    }
    Err(StoreError::Busy(Busy::Contention(String::from("an idempotency key came and went"))))
}

type SavedRow = (String, Option<i64>, Option<String>, Option<String>);

fn find_saved(conn: &mut AnyConn, key: &Key<'_>) -> Result<Option<Claim>, StoreError> {
    let row: Option<SavedRow> = keys::table
        .find((key.actor, key.route, key.key))
        .select((keys::fingerprint, keys::status, keys::body, keys::headers))
        .first(conn)
        .optional()?;
    let Some((fingerprint, status, body, headers)) = row else { return Ok(None) };
    if fingerprint != key.fingerprint {
        return Ok(Some(Claim::DifferentBody));
    }
    let unreadable = |what: &str| StoreError::corrupt(format!("idempotency key {}: {what}", key.key));
    let status = status.ok_or_else(|| unreadable("claimed without an answer"))?;
    let status = u16::try_from(status).map_err(|_out_of_range| unreadable("status out of range"))?;
    let headers = match headers {
        Some(text) => serde_json::from_str(&text).map_err(|error| unreadable(&error.to_string()))?,
        None => Vec::new(),
    };
    Ok(Some(Claim::Replay(Response { status, body: body.unwrap_or_default(), headers })))
}

/// Keeps the answer for a claimed key; call it in the transaction that claimed.
///
/// # Errors
/// Those of the database; `Internal` if the key was not claimed.
pub fn save_response(conn: &mut AnyConn, key: &Key<'_>, response: &Response) -> Result<(), StoreError> {
    let headers = serde_json::to_string(&response.headers).map_err(|error| StoreError::Internal(error.to_string()))?;
    let saved = diesel::update(keys::table.find((key.actor, key.route, key.key)))
        .filter(keys::status.is_null())
        .set((keys::status.eq(i64::from(response.status)), keys::body.eq(&response.body), keys::headers.eq(headers)))
        .prepared()
        .execute(conn)?;
    if saved == 1 {
        Ok(())
    } else {
        Err(StoreError::Internal(String::from("an answer was saved for a key that was not claimed")))
    }
}

/// Forgets keys first seen before an instant and returns how many.
///
/// # Errors
/// Those of the database.
pub fn forget_before(conn: &mut AnyConn, before: Instant) -> Result<usize, StoreError> {
    Ok(diesel::delete(keys::table.filter(keys::created_at.lt(before.micros()))).prepared().execute(conn)?)
}
