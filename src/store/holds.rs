//! Holds on lots and bottles, and what is promised of held, recalled or expired lots.

use super::prepared::Prepare as _;
use super::schema::{allocations, bottles, holds, lots, offer_bottles, offers};
use super::{AnyConn, StoreError};
use crate::domain::bottle::BottleState;
use crate::domain::ids::{BottleId, HoldId, LotId, OfferId, SiteId, SurplusLineId};
use crate::domain::lot::LotState;
use crate::domain::offer::{AllocationState, OfferState};
use crate::domain::time::Instant;
use diesel::prelude::*;

/// A hold as it is kept: on a lot or on one bottle, never both.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = holds, treat_none_as_default_value = false)]
pub struct HoldRow {
    /// Identifier.
    pub id: HoldId,
    /// The lot held.
    pub lot_id: Option<LotId>,
    /// The bottle held.
    pub bottle_id: Option<BottleId>,
    /// The site that answers for it: the bank of a lot, the place of a bottle.
    pub site_id: SiteId,
    /// Why.
    pub reason: String,
    /// Who placed it.
    pub placed_by: String,
    /// When.
    pub placed_at: Instant,
    /// Who lifted it.
    pub lifted_by: Option<String>,
    /// When.
    pub lifted_at: Option<Instant>,
    /// Why.
    pub lift_reason: Option<String>,
    /// Row version.
    pub version: i64,
}

/// Adds a hold.
pub fn insert_hold(conn: &mut AnyConn, row: &HoldRow) -> Result<(), StoreError> {
    diesel::insert_into(holds::table).values(row.clone()).prepared().execute(conn)?;
    Ok(())
}

/// Adds many holds at once.
pub fn insert_holds(conn: &mut AnyConn, rows: &[HoldRow]) -> Result<(), StoreError> {
    // Eleven binds a row; SQLite takes at most 32,766 a statement.
    for chunk in rows.chunks(2_000) {
        super::dialect::on_backend!(conn, |c| diesel::insert_into(holds::table).values(chunk.to_vec()).execute(c))?;
    }
    Ok(())
}

/// The hold, if there is one.
pub fn find_hold(conn: &mut AnyConn, id: HoldId) -> Result<Option<HoldRow>, StoreError> {
    Ok(holds::table.filter(holds::id.eq(id)).first(conn).optional()?)
}

/// A page of holds by identifier.
pub fn list_holds(
    conn: &mut AnyConn,
    sites: Option<&[SiteId]>,
    open_only: bool,
    after: Option<HoldId>,
    limit: i64,
) -> Result<Vec<HoldRow>, StoreError> {
    let mut query = holds::table.order(holds::id.asc()).limit(limit).into_boxed();
    if let Some(sites) = sites {
        query = query.filter(holds::site_id.eq_any(sites.to_vec()));
    }
    if open_only {
        query = query.filter(holds::lifted_at.is_null());
    }
    if let Some(after) = after {
        query = query.filter(holds::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// The holds of a lot and of some bottles, newest first.
pub fn list_holds_on(conn: &mut AnyConn, lot: LotId, of_bottles: &[BottleId]) -> Result<Vec<HoldRow>, StoreError> {
    let of_bottles: Vec<Option<BottleId>> = of_bottles.iter().copied().map(Some).collect();
    Ok(holds::table
        .filter(holds::lot_id.eq(Some(lot)).or(holds::bottle_id.eq_any(of_bottles)))
        .order(holds::id.desc())
        .load(conn)?)
}

/// True when a lot has a hold that nobody lifted.
pub fn is_lot_held(conn: &mut AnyConn, lot: LotId) -> Result<bool, StoreError> {
    Ok(diesel::select(diesel::dsl::exists(
        holds::table.filter(holds::lot_id.eq(Some(lot))).filter(holds::lifted_at.is_null()),
    ))
    .get_result(conn)?)
}

/// Of some bottles, those with a hold of their own that nobody lifted.
pub fn list_held_bottles(conn: &mut AnyConn, ids: &[BottleId]) -> Result<Vec<BottleId>, StoreError> {
    let held: Vec<Option<BottleId>> = holds::table
        .filter(holds::bottle_id.eq_any(ids.iter().copied().map(Some).collect::<Vec<_>>()))
        .filter(holds::lifted_at.is_null())
        .select(holds::bottle_id)
        .load(conn)?;
    let mut held: Vec<BottleId> = held.into_iter().flatten().collect();
    held.extend(super::excursions::list_kept_by_units(conn, ids)?);
    Ok(held)
}

/// Lifts a hold; false when its version is no longer the one given or it was lifted.
pub fn lift_hold(
    conn: &mut AnyConn,
    id: HoldId,
    version: i64,
    by: &str,
    reason: &str,
    at: Instant,
) -> Result<bool, StoreError> {
    let changed = diesel::update(
        holds::table.filter(holds::id.eq(id)).filter(holds::version.eq(version)).filter(holds::lifted_at.is_null()),
    )
    .set((
        holds::lifted_by.eq(Some(by)),
        holds::lifted_at.eq(Some(at)),
        holds::lift_reason.eq(Some(reason)),
        holds::version.eq(version + 1),
    ))
    .prepared()
    .execute(conn)?;
    Ok(changed == 1)
}

/// Offers that wait for an answer and promise a bottle of these lots, or one of these bottles.
pub fn list_waiting_offers_on(
    conn: &mut AnyConn,
    of_lots: &[LotId],
    of_bottles: &[BottleId],
) -> Result<Vec<OfferId>, StoreError> {
    Ok(offer_bottles::table
        .inner_join(bottles::table)
        .inner_join(offers::table)
        .filter(offer_bottles::ended_at.is_null())
        .filter(bottles::lot_id.eq_any(of_lots.to_vec()).or(bottles::id.eq_any(of_bottles.to_vec())))
        .filter(offers::state.eq(OfferState::Proposed))
        .order(offers::id)
        .select(offers::id)
        .distinct()
        .load(conn)?)
}

/// Allocations that wait for a journey and hold a bottle of these lots, or one of these bottles.
pub fn list_held_allocations_on(
    conn: &mut AnyConn,
    of_lots: &[LotId],
    of_bottles: &[BottleId],
) -> Result<Vec<super::offers::AllocationRow>, StoreError> {
    let promised = offer_bottles::table
        .inner_join(bottles::table)
        .filter(offer_bottles::ended_at.is_null())
        .filter(bottles::lot_id.eq_any(of_lots.to_vec()).or(bottles::id.eq_any(of_bottles.to_vec())))
        .select(offer_bottles::offer_id);
    Ok(allocations::table
        .filter(allocations::state.eq(AllocationState::Held))
        .filter(allocations::offer_id.eq_any(promised))
        .order(allocations::id)
        .load(conn)?)
}

/// Takes the unpromised bottles of some lots off the board; the number taken off.
pub fn unpublish_lots(conn: &mut AnyConn, ids: &[LotId]) -> Result<usize, StoreError> {
    Ok(diesel::update(
        bottles::table
            .filter(bottles::lot_id.eq_any(ids.to_vec()))
            .filter(bottles::surplus_line_id.is_not_null())
            .filter(bottles::offer_id.is_null()),
    )
    .set((bottles::surplus_line_id.eq(None::<SurplusLineId>), bottles::version.eq(bottles::version + 1)))
    .execute(conn)?)
}

/// Takes one bottle off the board: its line, when it was published and unpromised.
pub fn unpublish_bottle(conn: &mut AnyConn, id: BottleId) -> Result<Option<SurplusLineId>, StoreError> {
    let line: Option<Option<SurplusLineId>> = bottles::table
        .filter(bottles::id.eq(id))
        .filter(bottles::state.eq(BottleState::InStock))
        .filter(bottles::offer_id.is_null())
        .select(bottles::surplus_line_id)
        .first(conn)
        .optional()?;
    let Some(Some(line)) = line else { return Ok(None) };
    let changed = diesel::update(
        bottles::table
            .filter(bottles::id.eq(id))
            .filter(bottles::surplus_line_id.eq(Some(line)))
            .filter(bottles::offer_id.is_null()),
    )
    .set((bottles::surplus_line_id.eq(None::<SurplusLineId>), bottles::version.eq(bottles::version + 1)))
    .prepared()
    .execute(conn)?;
    Ok((changed == 1).then_some(line))
}

/// Moves lots from one of some states to another, in identifier order; those that were there to be moved.
pub fn move_lots(conn: &mut AnyConn, ids: &[LotId], from: &[LotState], to: LotState) -> Result<Vec<LotId>, StoreError> {
    let mut sorted = ids.to_vec();
    sorted.sort_unstable();
    let mut moved = Vec::new();
    for lot in sorted {
        let changed = diesel::update(lots::table.filter(lots::id.eq(lot)).filter(lots::state.eq_any(from.to_vec())))
            .set((lots::state.eq(to), lots::version.eq(lots::version + 1)))
            .execute(conn)?;
        if changed == 1 {
            moved.push(lot);
        }
    }
    Ok(moved)
}

/// Lots on offer or held back whose expiry has passed.
pub fn list_lots_past_expiry(conn: &mut AnyConn, now: Instant) -> Result<Vec<LotId>, StoreError> {
    Ok(lots::table
        .filter(lots::state.eq_any([LotState::Released, LotState::Held]))
        .filter(lots::expires_at.le(now))
        .order(lots::id)
        .select(lots::id)
        .load(conn)?)
}
