//! Closures of sites and roads.

use super::prepared::Prepare as _;
use super::row_text::{from_json, from_text, to_json};
use super::schema::closures;
use super::{AnyConn, StoreError};
use crate::domain::closure::{Closure, ClosureState};
use crate::domain::ids::ClosureId;
use crate::domain::time::Instant;
use diesel::prelude::*;

#[derive(Queryable, Insertable)]
#[diesel(table_name = closures)]
struct ClosureRow {
    id: String,
    kind: String,
    site_ids: String,
    state: String,
    starts_at: i64,
    ends_at: Option<i64>,
    note: Option<String>,
    version: i64,
    created_at: i64,
}

impl TryFrom<ClosureRow> for Closure {
    type Error = StoreError;
    fn try_from(row: ClosureRow) -> Result<Self, StoreError> {
        let ClosureRow { id, kind, site_ids, state, starts_at, ends_at, note, version, created_at } = row;
        let row = format!("closure {id}");
        Ok(Self {
            id: from_text(&row, "id", &id)?,
            kind,
            sites: from_json(&row, "site_ids", &site_ids)?,
            state: from_text(&row, "state", &state)?,
            starts_at: Instant::from_micros(starts_at),
            ends_at: ends_at.map(Instant::from_micros),
            note,
            version,
            created_at: Instant::from_micros(created_at),
        })
    }
}

/// Stores a closure.
pub fn insert_closure(conn: &mut AnyConn, closure: &Closure) -> Result<(), StoreError> {
    let row = ClosureRow {
        id: closure.id.to_string(),
        kind: closure.kind.clone(),
        site_ids: to_json(&closure.sites)?,
        state: closure.state.to_string(),
        starts_at: closure.starts_at.micros(),
        ends_at: closure.ends_at.map(Instant::micros),
        note: closure.note.clone(),
        version: closure.version,
        created_at: closure.created_at.micros(),
    };
    diesel::insert_into(closures::table).values(row).prepared().execute(conn)?;
    Ok(())
}

/// A closure by its identifier.
pub fn find_closure(conn: &mut AnyConn, id: ClosureId) -> Result<Option<Closure>, StoreError> {
    let row = closures::table.find(id.as_str()).first::<ClosureRow>(conn).optional()?;
    row.map(Closure::try_from).transpose()
}

/// Closures, newest first, before one identifier, at most so many.
pub fn list_closures(
    conn: &mut AnyConn,
    state: Option<ClosureState>,
    before: Option<&str>,
    rows: i64,
) -> Result<Vec<Closure>, StoreError> {
    let mut query = closures::table.order(closures::id.desc()).limit(rows).into_boxed();
    if let Some(state) = state {
        query = query.filter(closures::state.eq(state.as_str()));
    }
    if let Some(before) = before {
        query = query.filter(closures::id.lt(before));
    }
    query.load::<ClosureRow>(conn)?.into_iter().map(Closure::try_from).collect()
}

/// Every closure that is announced or in force.
pub fn open_closures(conn: &mut AnyConn) -> Result<Vec<Closure>, StoreError> {
    let open = [ClosureState::Forecast.as_str(), ClosureState::Active.as_str()];
    let rows =
        closures::table.filter(closures::state.eq_any(open)).order(closures::id.asc()).load::<ClosureRow>(conn)?;
    rows.into_iter().map(Closure::try_from).collect()
}

/// Saves state and end, if the closure still has version `expected`; false when it does not.
/// `closure.version` is what it has afterwards.
pub fn update_closure(conn: &mut AnyConn, closure: &Closure, expected: i64) -> Result<bool, StoreError> {
    let target = closures::table.filter(closures::id.eq(closure.id.as_str())).filter(closures::version.eq(expected));
    let changed = diesel::update(target)
        .set((
            closures::state.eq(closure.state.as_str()),
            closures::ends_at.eq(closure.ends_at.map(Instant::micros)),
            closures::version.eq(closure.version),
        ))
        .prepared()
        .execute(conn)?;
    Ok(changed == 1)
}
