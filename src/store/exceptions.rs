//! Exceptions to refusals: added, never changed; each ends by itself.

use super::schema::exceptions;
use super::{AnyConn, StoreError};
use crate::domain::ids::{ExceptionId, SiteId};
use crate::domain::time::Instant;
use diesel::prelude::*;

/// An exception as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = exceptions, treat_none_as_default_value = false)]
pub struct ExceptionRow {
    /// Identifier.
    pub id: ExceptionId,
    /// Number of the refusal.
    pub refusal_number: i64,
    /// Its stable code.
    pub code: String,
    /// `lot` or `infant`.
    pub subject_kind: String,
    /// The lot's identifier or the infant's pseudonym.
    pub subject_id: String,
    /// The site that relies on it.
    pub site_id: SiteId,
    /// The site that sends.
    pub other_site_id: Option<SiteId>,
    /// The person who answers for it.
    pub clinician_id: String,
    /// Why.
    pub reason: String,
    /// When it ends.
    pub expires_at: Instant,
    /// When it was granted.
    pub created_at: Instant,
}

/// Adds an exception.
pub fn insert_exception(conn: &mut AnyConn, row: &ExceptionRow) -> Result<(), StoreError> {
    diesel::insert_into(exceptions::table).values(row.clone()).execute(conn)?;
    Ok(())
}

/// The exception, if there is one.
pub fn find_exception(conn: &mut AnyConn, id: ExceptionId) -> Result<Option<ExceptionRow>, StoreError> {
    Ok(exceptions::table.filter(exceptions::id.eq(id)).first(conn).optional()?)
}

/// A page of exceptions in the order they were granted: those that name one of these sites.
pub fn list_exceptions(
    conn: &mut AnyConn,
    sites: Option<&[SiteId]>,
    after: Option<ExceptionId>,
    limit: i64,
) -> Result<Vec<ExceptionRow>, StoreError> {
    let mut query = exceptions::table.order(exceptions::id.asc()).limit(limit).into_boxed();
    if let Some(sites) = sites {
        let other = exceptions::other_site_id.eq_any(sites.iter().copied().map(Some).collect::<Vec<_>>());
        query = query.filter(exceptions::site_id.eq_any(sites.to_vec()).or(other.assume_not_null()));
    }
    if let Some(after) = after {
        query = query.filter(exceptions::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// Exceptions that have not ended.
pub fn list_exceptions_in_force(conn: &mut AnyConn, now: Instant) -> Result<Vec<ExceptionRow>, StoreError> {
    Ok(exceptions::table.filter(exceptions::expires_at.gt(now)).order(exceptions::id).load(conn)?)
}
