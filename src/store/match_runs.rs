//! Runs of the matching and their reasons.

use super::dialect::on_backend;
use super::prepared::Prepare as _;
use super::schema::{match_explanations, match_runs};
use super::{AnyConn, StoreError};
use crate::domain::ids::{MatchRunId, RequestId};
use crate::domain::quantity::Volume;
use crate::domain::time::Instant;
use diesel::prelude::*;

/// A run as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = match_runs)]
pub struct MatchRunRow {
    /// Identifier.
    pub id: MatchRunId,
    /// When.
    pub started_at: Instant,
    /// Why it ran.
    pub trigger_reason: String,
    /// SHA-256 of what it planned over.
    pub input_hash: String,
    /// Requests that wanted milk.
    pub open_requests: i64,
    /// Lines of surplus.
    pub supply_lines: i64,
    /// Offers that came of it.
    pub offers_made: i64,
    /// Volume planned.
    pub planned_ml: Volume,
    /// `optimal`, `bounded` or `nothing_to_do`.
    pub status: String,
    /// Per tier: served and bound, JSON.
    pub served: String,
    /// Time of planning, microseconds.
    pub duration_us: i64,
}

/// Why one request got what it got.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = match_explanations)]
pub struct ExplanationRow {
    /// The run.
    pub run_id: MatchRunId,
    /// The request.
    pub request_id: RequestId,
    /// JSON.
    pub explanation: String,
}

/// Adds a run with its reasons.
pub fn insert_match_run(
    conn: &mut AnyConn,
    run: &MatchRunRow,
    explanations: &[ExplanationRow],
) -> Result<(), StoreError> {
    diesel::insert_into(match_runs::table).values(run.clone()).prepared().execute(conn)?;
    for chunk in explanations.chunks(500) {
        on_backend!(conn, |c| diesel::insert_into(match_explanations::table).values(chunk.to_vec()).execute(c))?;
    }
    Ok(())
}

/// The run, if there is one.
pub fn find_match_run(conn: &mut AnyConn, id: MatchRunId) -> Result<Option<MatchRunRow>, StoreError> {
    Ok(match_runs::table.filter(match_runs::id.eq(id)).first(conn).optional()?)
}

/// A page of runs, newest first.
pub fn list_match_runs(
    conn: &mut AnyConn,
    before: Option<MatchRunId>,
    limit: i64,
) -> Result<Vec<MatchRunRow>, StoreError> {
    let mut query = match_runs::table.order(match_runs::id.desc()).limit(limit).into_boxed();
    if let Some(before) = before {
        query = query.filter(match_runs::id.lt(before));
    }
    Ok(query.load(conn)?)
}

/// The reasons of a run.
pub fn list_explanations(conn: &mut AnyConn, run: MatchRunId) -> Result<Vec<ExplanationRow>, StoreError> {
    Ok(match_explanations::table
        .filter(match_explanations::run_id.eq(run))
        .order(match_explanations::request_id)
        .load(conn)?)
}

/// The newest reasons given to a request.
pub fn find_latest_explanation(conn: &mut AnyConn, request: RequestId) -> Result<Option<ExplanationRow>, StoreError> {
    Ok(match_explanations::table
        .filter(match_explanations::request_id.eq(request))
        .order(match_explanations::run_id.desc())
        .first(conn)
        .optional()?)
}
