//! Sums over bottles: what became of released milk in the whole hub, and what one site has.

use super::dialect::total_of;
use super::schema::{bottles, lots};
use super::{AnyConn, Backend, StoreError};
use crate::domain::bottle::BottleState;
use crate::domain::ids::SiteId;
use crate::domain::time::Instant;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

/// Millilitres of released lots in one state.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct StateTotal {
    /// State of the bottles.
    pub state: String,
    /// What the bottles held when they were full.
    pub size_ml: i64,
    /// Fed to infants.
    pub fed_ml: i64,
    /// Thrown away.
    pub discarded_ml: i64,
}

/// What became of released milk, all read at one point in time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LedgerTotals {
    /// Millilitres of all lots that were ever released.
    pub released_ml: i64,
    /// Their bottles by state.
    pub by_state: Vec<StateTotal>,
    /// What of them was thrown away, by reason.
    pub discarded_by_reason: Vec<(Option<String>, i64)>,
}

/// Sums up the hub within one snapshot, so that the sums balance while others write.
pub fn ledger_totals(conn: &mut AnyConn) -> Result<LedgerTotals, StoreError> {
    conn.transaction(|conn| {
        if conn.backend() == Backend::Postgres {
            conn.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")?;
        }
        Ok(LedgerTotals {
            released_ml: released_ml(conn)?,
            by_state: released_by_state(conn)?,
            discarded_by_reason: discarded_by_reason(conn)?,
        })
    })
}

fn released_ml(conn: &mut AnyConn) -> Result<i64, StoreError> {
    Ok(lots::table.filter(lots::released_at.is_not_null()).select(total_of(lots::volume_ml)).first(conn)?)
}

fn released_by_state(conn: &mut AnyConn) -> Result<Vec<StateTotal>, StoreError> {
    Ok(bottles::table
        .inner_join(lots::table)
        .filter(lots::released_at.is_not_null())
        .group_by(bottles::state)
        .order(bottles::state)
        .select((
            bottles::state,
            total_of(bottles::size_ml),
            total_of(bottles::fed_ml),
            total_of(bottles::discarded_ml),
        ))
        .load(conn)?)
}

fn discarded_by_reason(conn: &mut AnyConn) -> Result<Vec<(Option<String>, i64)>, StoreError> {
    Ok(bottles::table
        .inner_join(lots::table)
        .filter(lots::released_at.is_not_null())
        .filter(bottles::discarded_ml.gt(0))
        .group_by(bottles::fate_reason)
        .order(bottles::fate_reason)
        .select((bottles::fate_reason, total_of(bottles::discarded_ml)))
        .load(conn)?)
}

/// Bottles of one lot and size in one state at a site.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct StockLine {
    /// The lot.
    pub lot_id: String,
    /// Its code.
    pub lot_code: String,
    /// Its state.
    pub lot_state: String,
    /// Its expiry, UTC microseconds.
    pub expires_at: i64,
    /// State of the bottles: `in_stock` or `quarantined`.
    pub state: String,
    /// Size of one bottle.
    pub size_ml: i64,
    /// Bottles.
    pub bottles: i64,
}

/// What a site has. `unpromised` leaves out bottles promised by an offer, kept for a request or on a transfer.
pub fn stock_lines(conn: &mut AnyConn, site_id: &str, unpromised: bool) -> Result<Vec<StockLine>, StoreError> {
    let lot = (lots::id, lots::code, lots::state, lots::expires_at);
    let grouped = bottles::table
        .inner_join(lots::table)
        .filter(bottles::site_id.eq(site_id.to_owned()))
        .filter(bottles::state.eq_any(["in_stock", "quarantined"]))
        .group_by((lot, bottles::state, bottles::size_ml))
        .select((
            lots::id,
            lots::code,
            lots::state,
            lots::expires_at,
            bottles::state,
            bottles::size_ml,
            diesel::dsl::count_star(),
        ));
    let lines = if unpromised {
        grouped
            .filter(bottles::offer_id.is_null())
            .filter(bottles::for_request_id.is_null())
            .filter(bottles::transfer_id.is_null())
            .load(conn)?
    } else {
        grouped.load(conn)?
    };
    Ok(lines)
}

/// Millilitres fed from bottles at a site that were closed since an instant.
pub fn fed_since(conn: &mut AnyConn, site: SiteId, since: Instant) -> Result<i64, StoreError> {
    Ok(bottles::table
        .filter(bottles::site_id.eq(site))
        // Only closed bottles: a bank's full freezer is not read for it.
        .filter(bottles::state.eq_any([BottleState::Used, BottleState::Discarded]))
        .filter(bottles::closed_at.ge(Some(since)))
        .select(total_of(bottles::fed_ml))
        .first(conn)?)
}
