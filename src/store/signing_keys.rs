//! The keys that sign access tokens. Private keys come and go wrapped; this room cannot open them.

use super::prepared::Prepare as _;
use super::schema::signing_keys;
use super::{AnyConn, StoreError};
use crate::domain::time::Instant;
use diesel::prelude::*;

/// A signing key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = signing_keys)]
pub struct SigningKeyRow {
    /// Key id, the RFC 7638 thumbprint.
    pub kid: String,
    /// `next`, `active`, `retiring` or `retired`.
    pub state: String,
    /// Public key as a JSON Web Key.
    pub public_jwk: String,
    /// Private key, sealed under the key-encryption key, in base64.
    pub private_wrapped: String,
    /// UTC microseconds.
    pub created_at: i64,
    /// UTC microseconds; when it began to sign.
    pub activated_at: Option<i64>,
    /// UTC microseconds; until when its signatures count.
    pub retires_at: Option<i64>,
}

/// Every key that is not retired, oldest first.
pub fn list_keys(conn: &mut AnyConn) -> Result<Vec<SigningKeyRow>, StoreError> {
    Ok(signing_keys::table
        .filter(signing_keys::state.ne("retired"))
        .order((signing_keys::created_at.asc(), signing_keys::kid.asc()))
        .load(conn)?)
}

/// Adds a key.
pub fn insert_key(conn: &mut AnyConn, row: &SigningKeyRow) -> Result<(), StoreError> {
    diesel::insert_into(signing_keys::table).values(row.clone()).prepared().execute(conn)?;
    Ok(())
}

/// Moves a key from one state to another; false when it was not in `from` any more.
pub fn move_key(
    conn: &mut AnyConn,
    kid: &str,
    from: &str,
    to: &str,
    activated_at: Option<Instant>,
    retires_at: Option<Instant>,
) -> Result<bool, StoreError> {
    let row = signing_keys::table.filter(signing_keys::kid.eq(kid)).filter(signing_keys::state.eq(from));
    let moved = diesel::update(row)
        .set((
            signing_keys::state.eq(to),
            activated_at.map(|at| signing_keys::activated_at.eq(at.micros())),
            retires_at.map(|at| signing_keys::retires_at.eq(at.micros())),
        ))
        .prepared()
        .execute(conn)?;
    Ok(moved == 1)
}
