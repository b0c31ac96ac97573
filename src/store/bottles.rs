//! Bottles: where each is, whom it is promised to, what became of it. Every change names the state it
//! expects, so that a bottle that moved meanwhile is counted as not changed.

use super::dialect::on_backend;
use super::prepared::Prepare as _;
use super::schema::{allocations, bottles, lots, offer_bottles};
use super::{AnyConn, StoreError};
use crate::domain::bottle::BottleState;
use crate::domain::ids::{AllocationId, BottleId, LotId, OfferId, RequestId, SiteId, SurplusLineId, TransferId};
use crate::domain::quantity::Volume;
use crate::domain::time::Instant;
use diesel::prelude::*;

/// A bottle as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = bottles)]
pub struct BottleRow {
    /// Identifier.
    pub id: BottleId,
    /// Its lot.
    pub lot_id: LotId,
    /// Number within the lot, 1 to 999.
    pub division: i64,
    /// Size.
    pub size_ml: Volume,
    /// Where it is.
    pub site_id: SiteId,
    /// State.
    pub state: BottleState,
    /// Published on this line.
    pub surplus_line_id: Option<SurplusLineId>,
    /// Promised by this offer.
    pub offer_id: Option<OfferId>,
    /// On the manifest of this transfer.
    pub transfer_id: Option<TransferId>,
    /// Kept at its site for this request.
    pub for_request_id: Option<RequestId>,
    /// When it was thawed.
    pub thawed_at: Option<Instant>,
    /// From here on it may not be fed, if it was thawed.
    pub thaw_ends_at: Option<Instant>,
    /// Fed to infants.
    pub fed_ml: Volume,
    /// Thrown away.
    pub discarded_ml: Volume,
    /// Why it was thrown away, wholly or in part.
    pub fate_reason: Option<String>,
    /// When its fate was recorded.
    pub closed_at: Option<Instant>,
    /// Row version.
    pub version: i64,
}

impl BottleRow {
    /// A bottle as it is filled: whole, in stock, promised to nobody.
    #[must_use]
    pub const fn filled(id: BottleId, lot_id: LotId, division: i64, size_ml: Volume, site_id: SiteId) -> Self {
        Self {
            id,
            lot_id,
            division,
            size_ml,
            site_id,
            state: BottleState::InStock,
            surplus_line_id: None,
            offer_id: None,
            transfer_id: None,
            for_request_id: None,
            thawed_at: None,
            thaw_ends_at: None,
            fed_ml: Volume::ZERO,
            discarded_ml: Volume::ZERO,
            fate_reason: None,
            closed_at: None,
            version: 1,
        }
    }
}

/// A bottle with the number and the expiry of its lot.
pub type BottleListing = (BottleRow, (String, Instant));

/// Adds bottles.
pub fn insert_bottles(conn: &mut AnyConn, rows: &[BottleRow]) -> Result<(), StoreError> {
    // SQLite takes at most 32,766 binds a statement.
    for chunk in rows.chunks(500) {
        on_backend!(conn, |c| diesel::insert_into(bottles::table).values(chunk.to_vec()).execute(c))?;
    }
    Ok(())
}

/// Bottles by identifier, in identifier order.
pub fn list_bottles_by_id(conn: &mut AnyConn, ids: &[BottleId]) -> Result<Vec<BottleRow>, StoreError> {
    Ok(bottles::table.filter(bottles::id.eq_any(ids.to_vec())).order(bottles::id).load(conn)?)
}

/// What a list of bottles may be narrowed by.
#[derive(Debug, Clone, Default)]
pub struct BottleFilter {
    /// Only bottles at these sites.
    pub sites: Option<Vec<SiteId>>,
    /// Only bottles in this state.
    pub state: Option<BottleState>,
    /// Only bottles of this lot.
    pub lot: Option<LotId>,
    /// Only bottles on this transfer.
    pub transfer: Option<TransferId>,
    /// Only bottles that this allocation promised, now or before.
    pub allocation: Option<AllocationId>,
}

/// A page of bottles with the number and the expiry of their lots.
pub fn list_bottles(
    conn: &mut AnyConn,
    filter: &BottleFilter,
    after: Option<BottleId>,
    limit: i64,
) -> Result<Vec<BottleListing>, StoreError> {
    let mut query = bottles::table
        .inner_join(lots::table)
        .select((bottles::all_columns, (lots::code, lots::expires_at)))
        .order(bottles::id.asc())
        .limit(limit)
        .into_boxed();
    if let Some(sites) = &filter.sites {
        query = query.filter(bottles::site_id.eq_any(sites.clone()));
    }
    if let Some(state) = filter.state {
        query = query.filter(bottles::state.eq(state));
    }
    if let Some(lot) = filter.lot {
        query = query.filter(bottles::lot_id.eq(lot));
    }
    if let Some(transfer) = filter.transfer {
        query = query.filter(bottles::transfer_id.eq(Some(transfer)));
    }
    if let Some(allocation) = filter.allocation {
        let promised = offer_bottles::table
            .inner_join(allocations::table.on(allocations::offer_id.eq(offer_bottles::offer_id)))
            .filter(allocations::id.eq(allocation))
            .select(offer_bottles::bottle_id);
        query = query.filter(bottles::id.eq_any(promised));
    }
    if let Some(after) = after {
        query = query.filter(bottles::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// Free bottles of some lots at a site: in stock, unpublished, unpromised, not kept for a request.
pub fn list_free_bottles(conn: &mut AnyConn, site: SiteId, of_lots: &[LotId]) -> Result<Vec<BottleRow>, StoreError> {
    Ok(bottles::table
        .filter(bottles::site_id.eq(site))
        .filter(bottles::state.eq(BottleState::InStock))
        .filter(bottles::lot_id.eq_any(of_lots.to_vec()))
        .filter(bottles::surplus_line_id.is_null())
        .filter(bottles::offer_id.is_null())
        .filter(bottles::transfer_id.is_null())
        .filter(bottles::for_request_id.is_null())
        .filter(bottles::thawed_at.is_null())
        .order((bottles::lot_id, bottles::division))
        .load(conn)?)
}

/// Volume at a site that is neither published nor promised.
pub fn unpublished_volume(conn: &mut AnyConn, site: SiteId) -> Result<Volume, StoreError> {
    let total: i64 = bottles::table
        .filter(bottles::site_id.eq(site))
        .filter(bottles::state.eq(BottleState::InStock))
        .filter(bottles::surplus_line_id.is_null())
        .filter(bottles::offer_id.is_null())
        .filter(bottles::for_request_id.is_null())
        .filter(bottles::thawed_at.is_null())
        .select(super::dialect::total_of(bottles::size_ml))
        .first(conn)?;
    Ok(Volume::from_ml(total))
}

/// Puts free bottles on a line; the number that were still free.
pub fn publish_bottles(conn: &mut AnyConn, ids: &[BottleId], line: SurplusLineId) -> Result<usize, StoreError> {
    Ok(diesel::update(
        bottles::table
            .filter(bottles::id.eq_any(ids.to_vec()))
            .filter(bottles::state.eq(BottleState::InStock))
            .filter(bottles::surplus_line_id.is_null())
            .filter(bottles::offer_id.is_null())
            .filter(bottles::for_request_id.is_null())
            .filter(bottles::thawed_at.is_null()),
    )
    .set((bottles::surplus_line_id.eq(Some(line)), bottles::version.eq(bottles::version + 1)))
    .execute(conn)?)
}

/// Takes unpromised bottles off lines.
pub fn unpublish_bottles(conn: &mut AnyConn, lines: &[SurplusLineId]) -> Result<usize, StoreError> {
    Ok(diesel::update(
        bottles::table
            .filter(bottles::surplus_line_id.eq_any(lines.iter().copied().map(Some).collect::<Vec<_>>()))
            .filter(bottles::offer_id.is_null()),
    )
    .set((bottles::surplus_line_id.eq(None::<SurplusLineId>), bottles::version.eq(bottles::version + 1)))
    .execute(conn)?)
}

/// Frees the bottles in a site's stock that are kept for a request; sizes of those freed.
pub fn free_kept_bottles(conn: &mut AnyConn, site: SiteId, request: RequestId) -> Result<Vec<Volume>, StoreError> {
    Ok(diesel::update(
        bottles::table
            .filter(bottles::site_id.eq(site))
            .filter(bottles::state.eq(BottleState::InStock))
            .filter(bottles::for_request_id.eq(Some(request))),
    )
    .set((bottles::for_request_id.eq(None::<RequestId>), bottles::version.eq(bottles::version + 1)))
    .returning(bottles::size_ml)
    .get_results(conn)?)
}

/// Discards every free bottle of a lot at its bank, also those set aside there; the number discarded.
pub fn discard_free_bottles(
    conn: &mut AnyConn,
    lot: LotId,
    site: SiteId,
    reason: &str,
    at: Instant,
) -> Result<usize, StoreError> {
    Ok(diesel::update(
        bottles::table
            .filter(bottles::lot_id.eq(lot))
            .filter(bottles::site_id.eq(site))
            .filter(bottles::state.eq_any([BottleState::InStock, BottleState::Quarantined]))
            .filter(bottles::offer_id.is_null()),
    )
    .set((
        bottles::state.eq(BottleState::Discarded),
        bottles::discarded_ml.eq(bottles::size_ml),
        bottles::fate_reason.eq(Some(reason)),
        bottles::closed_at.eq(Some(at)),
        bottles::surplus_line_id.eq(None::<SurplusLineId>),
        bottles::version.eq(bottles::version + 1),
    ))
    .prepared()
    .execute(conn)?)
}

/// The bottle with this donation number, product code and division; with its lot's bank and where it is.
pub fn find_bottle_by_label(
    conn: &mut AnyConn,
    din: &str,
    product_code: &str,
    division: i64,
) -> Result<Option<(BottleId, SiteId, SiteId)>, StoreError> {
    use super::schema::lots;
    Ok(bottles::table
        .inner_join(lots::table)
        .filter(lots::din.eq(Some(din)))
        .filter(lots::product_code.eq(Some(product_code)))
        .filter(bottles::division.eq(division))
        .select((bottles::id, lots::bank_site_id, bottles::site_id))
        .first(conn)
        .optional()?)
}
