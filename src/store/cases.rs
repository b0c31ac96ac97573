//! Cases: what did not fit, open until somebody with a name has settled it.

use super::schema::discrepancy_cases;
use super::{AnyConn, StoreError};
use crate::domain::ids::{CaseId, SiteId, TransferId};
use crate::domain::time::Instant;
use diesel::prelude::*;

/// A case as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = discrepancy_cases, treat_none_as_default_value = false)]
pub struct CaseRow {
    /// Identifier.
    pub id: CaseId,
    /// The site that settles it.
    pub site_id: SiteId,
    /// The other site it concerns.
    pub other_site_id: Option<SiteId>,
    /// The journey it is about.
    pub transfer_id: Option<TransferId>,
    /// What did not fit.
    pub kind: String,
    /// `open` or `closed`.
    pub state: String,
    /// Identifiers and figures, JSON.
    pub detail: String,
    /// When it was opened.
    pub opened_at: Instant,
    /// When it was settled.
    pub closed_at: Option<Instant>,
    /// By whom.
    pub closed_by: Option<String>,
    /// How.
    pub resolution: Option<String>,
    /// Row version.
    pub version: i64,
}

/// Opens a case.
pub fn insert_case(conn: &mut AnyConn, row: &CaseRow) -> Result<(), StoreError> {
    diesel::insert_into(discrepancy_cases::table).values(row.clone()).execute(conn)?;
    Ok(())
}

/// The case, if there is one.
pub fn find_case(conn: &mut AnyConn, id: CaseId) -> Result<Option<CaseRow>, StoreError> {
    Ok(discrepancy_cases::table.filter(discrepancy_cases::id.eq(id)).first(conn).optional()?)
}

/// A page of the cases that concern some sites.
pub fn list_cases(
    conn: &mut AnyConn,
    sites: Option<&[SiteId]>,
    open_only: bool,
    after: Option<CaseId>,
    limit: i64,
) -> Result<Vec<CaseRow>, StoreError> {
    let mut query = discrepancy_cases::table.order(discrepancy_cases::id.asc()).limit(limit).into_boxed();
    if let Some(sites) = sites {
        let ids: Vec<Option<SiteId>> = sites.iter().copied().map(Some).collect();
        query = query.filter(
            discrepancy_cases::site_id
                .eq_any(sites.to_vec())
                .or(discrepancy_cases::other_site_id.eq_any(ids).assume_not_null()),
        );
    }
    if open_only {
        query = query.filter(discrepancy_cases::state.eq("open"));
    }
    if let Some(after) = after {
        query = query.filter(discrepancy_cases::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// Settles a case; false when its version is no longer the one given.
pub fn close_case(
    conn: &mut AnyConn,
    id: CaseId,
    version: i64,
    by: &str,
    resolution: &str,
    at: Instant,
) -> Result<bool, StoreError> {
    let changed = diesel::update(
        discrepancy_cases::table.filter(discrepancy_cases::id.eq(id)).filter(discrepancy_cases::version.eq(version)),
    )
    .set((
        discrepancy_cases::state.eq("closed"),
        discrepancy_cases::closed_at.eq(Some(at)),
        discrepancy_cases::closed_by.eq(Some(by)),
        discrepancy_cases::resolution.eq(Some(resolution)),
        discrepancy_cases::version.eq(version + 1),
    ))
    .execute(conn)?;
    Ok(changed == 1)
}
