//! Plannings of routes, from the asking to the outcome.

use super::super::schema::route_plans;
use super::super::{AnyConn, StoreError};
use crate::domain::dispatch::PlanState;
use crate::domain::ids::RoutePlanId;
use crate::domain::time::Instant;
use diesel::prelude::*;

/// A planning as it is kept.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = route_plans, treat_none_as_null = true)]
pub struct PlanRow {
    /// Identifier.
    pub id: RoutePlanId,
    /// Where it stands.
    pub state: PlanState,
    /// What was asked, JSON.
    pub command: String,
    /// Thousandths of its time.
    pub progress_permille: i64,
    /// Routes of the best plan so far.
    pub routes: i64,
    /// Boxes that it leaves out.
    pub unassigned: i64,
    /// What it costs, cents.
    pub cost_cents: i64,
    /// What came of it, JSON.
    pub outcome: Option<String>,
    /// When somebody asked to stop it.
    pub cancel_asked_at: Option<Instant>,
    /// Who asked for it.
    pub created_by: String,
    /// When.
    pub created_at: Instant,
    /// When it last moved on.
    pub moved_at: Instant,
    /// When it was over.
    pub finished_at: Option<Instant>,
    /// Row version.
    pub version: i64,
}

/// Adds a planning.
pub fn insert_plan(conn: &mut AnyConn, row: &PlanRow) -> Result<(), StoreError> {
    diesel::insert_into(route_plans::table).values(row.clone()).execute(conn)?;
    Ok(())
}

/// The planning, if there is one.
pub fn find_plan(conn: &mut AnyConn, id: RoutePlanId) -> Result<Option<PlanRow>, StoreError> {
    Ok(route_plans::table.filter(route_plans::id.eq(id)).first(conn).optional()?)
}

/// A page of plannings, newest first.
pub fn list_plans(conn: &mut AnyConn, before: Option<RoutePlanId>, limit: i64) -> Result<Vec<PlanRow>, StoreError> {
    let mut query = route_plans::table.order(route_plans::id.desc()).limit(limit).into_boxed();
    if let Some(before) = before {
        query = query.filter(route_plans::id.lt(before));
    }
    Ok(query.load(conn)?)
}

/// Saves a planning over the version it had; false when it has another one.
pub fn update_plan(conn: &mut AnyConn, row: &PlanRow, expected: i64) -> Result<bool, StoreError> {
    let target = route_plans::table.filter(route_plans::id.eq(row.id)).filter(route_plans::version.eq(expected));
    Ok(diesel::update(target).set(row.clone()).execute(conn)? == 1)
}

/// Shows how far a planning has come. The version stays: nothing was decided.
pub fn note_progress(
    conn: &mut AnyConn,
    id: RoutePlanId,
    permille: i64,
    (unassigned, cost_cents): (i64, i64),
    at: Instant,
) -> Result<(), StoreError> {
    diesel::update(route_plans::table.filter(route_plans::id.eq(id)))
        .set((
            route_plans::progress_permille.eq(permille),
            route_plans::unassigned.eq(unassigned),
            route_plans::cost_cents.eq(cost_cents),
            route_plans::moved_at.eq(at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Plannings that wait, and those that nobody has moved on since an instant.
pub fn list_plans_to_run(conn: &mut AnyConn, still_since: Instant) -> Result<Vec<PlanRow>, StoreError> {
    Ok(route_plans::table
        .filter(
            route_plans::state
                .eq(PlanState::Queued)
                .or(route_plans::state.eq(PlanState::Running).and(route_plans::moved_at.le(still_since))),
        )
        .order(route_plans::id)
        .load(conn)?)
}
