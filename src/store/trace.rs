//! The way of milk from donor to infant and back: bottles of lots by place, feeds of lots, lots of an infant.

use super::dialect::total_of;
use super::schema::{bottles, feeds, lot_donors, lots, transfers};
use super::{AnyConn, StoreError};
use crate::domain::bottle::BottleState;
use crate::domain::ids::{LotId, SiteId, TransferId};
use crate::domain::quantity::Volume;
use crate::domain::transfer::TransferState;
use diesel::prelude::*;

diesel::allow_columns_to_appear_in_same_group_by_clause!(bottles::lot_id, feeds::site_id, feeds::infant_ref);

/// Bottles of one lot at one place in one state.
#[derive(Debug, Clone, Queryable)]
pub struct PlacedHeap {
    /// The lot.
    pub lot_id: LotId,
    /// Where.
    pub site_id: SiteId,
    /// In which state.
    pub state: BottleState,
    /// Bottles.
    pub bottles: i64,
    /// Their size in all.
    pub size_ml: Volume,
}

/// What one infant was fed of one lot.
#[derive(Debug, Clone, Queryable)]
pub struct FedOfLot {
    /// The lot.
    pub lot_id: LotId,
    /// The infant's site.
    pub site_id: SiteId,
    /// The infant's pseudonym.
    pub infant_ref: String,
    /// Feeds.
    pub feeds: i64,
    /// Volume.
    pub volume_ml: Volume,
}

/// The bottles of some lots by place and state.
pub fn list_lot_heaps(conn: &mut AnyConn, ids: &[LotId]) -> Result<Vec<PlacedHeap>, StoreError> {
    Ok(bottles::table
        .filter(bottles::lot_id.eq_any(ids.to_vec()))
        .group_by((bottles::lot_id, bottles::site_id, bottles::state))
        .order((bottles::lot_id, bottles::site_id, bottles::state))
        .select((
            bottles::lot_id,
            bottles::site_id,
            bottles::state,
            diesel::dsl::count_star(),
            total_of(bottles::size_ml),
        ))
        .load(conn)?)
}

/// The feeds of some lots by place and infant.
pub fn list_lot_feeds(conn: &mut AnyConn, ids: &[LotId]) -> Result<Vec<FedOfLot>, StoreError> {
    Ok(feeds::table
        .inner_join(bottles::table)
        .filter(bottles::lot_id.eq_any(ids.to_vec()))
        .group_by((bottles::lot_id, feeds::site_id, feeds::infant_ref))
        .order((bottles::lot_id, feeds::site_id, feeds::infant_ref))
        .select((
            bottles::lot_id,
            feeds::site_id,
            feeds::infant_ref,
            diesel::dsl::count_star(),
            total_of(feeds::volume_ml),
        ))
        .load(conn)?)
}

/// What an infant of a site was fed, by lot: lot, its number, feeds, volume.
pub fn list_infant_lots(
    conn: &mut AnyConn,
    site: SiteId,
    infant: &str,
) -> Result<Vec<(LotId, String, i64, Volume)>, StoreError> {
    Ok(feeds::table
        .inner_join(bottles::table.inner_join(lots::table))
        .filter(feeds::site_id.eq(site))
        .filter(feeds::infant_ref.eq(infant))
        .group_by((lots::id, lots::code))
        .order((lots::code, lots::id))
        .select((lots::id, lots::code, diesel::dsl::count_star(), total_of(feeds::volume_ml)))
        .load(conn)?)
}

/// The donors of some lots, by pseudonym.
pub fn list_donors_of(conn: &mut AnyConn, ids: &[LotId]) -> Result<Vec<(LotId, String)>, StoreError> {
    Ok(lot_donors::table
        .filter(lot_donors::lot_id.eq_any(ids.to_vec()))
        .order((lot_donors::lot_id, lot_donors::donor_ref))
        .select((lot_donors::lot_id, lot_donors::donor_ref))
        .load(conn)?)
}

/// Lot, state and journey of a bottle, with its bank and its place.
pub type LabelledBottle = (LotId, BottleState, Option<TransferId>, SiteId, SiteId);

/// The bottles with this number in any of these lots: lot numbers are unique at their bank only.
pub fn list_bottles_of_lots(
    conn: &mut AnyConn,
    of: &[LotId],
    division: i64,
) -> Result<Vec<LabelledBottle>, StoreError> {
    Ok(bottles::table
        .inner_join(lots::table)
        .filter(lots::id.eq_any(of.to_vec()))
        .filter(bottles::division.eq(division))
        .order(bottles::id)
        .select((lots::id, bottles::state, bottles::transfer_id, lots::bank_site_id, bottles::site_id))
        .load(conn)?)
}

/// The lots whose identifier ends with these characters.
pub fn list_lots_by_tail(conn: &mut AnyConn, tail: &str) -> Result<Vec<LotId>, StoreError> {
    Ok(lots::table.filter(lots::id.like(format!("%{tail}"))).order(lots::id).select(lots::id).load(conn)?)
}

/// The lots with this donation number and product code.
pub fn list_lots_by_product(conn: &mut AnyConn, din: &str, product: &str) -> Result<Vec<LotId>, StoreError> {
    let of = lots::table.filter(lots::din.eq(Some(din.to_owned())));
    Ok(of.filter(lots::product_code.eq(Some(product.to_owned()))).order(lots::id).select(lots::id).load(conn)?)
}

/// The lots with this number or donation number, with their banks, the newest first.
pub fn list_lots_by_code(conn: &mut AnyConn, code: &str) -> Result<Vec<(LotId, SiteId)>, StoreError> {
    let mut found: Vec<(LotId, SiteId)> = lots::table
        .filter(lots::code.eq(code.to_owned()))
        .order(lots::id.desc())
        .select((lots::id, lots::bank_site_id))
        .load(conn)?;
    let by_din: Vec<(LotId, SiteId)> = lots::table
        .filter(lots::din.eq(Some(code.to_owned())))
        .order(lots::id.desc())
        .select((lots::id, lots::bank_site_id))
        .load(conn)?;
    found.extend(by_din);
    Ok(found)
}

/// True when a site has bottles of a lot.
pub fn has_bottles_of(conn: &mut AnyConn, lot: LotId, sites: &[SiteId]) -> Result<bool, StoreError> {
    Ok(diesel::select(diesel::dsl::exists(
        bottles::table.filter(bottles::lot_id.eq(lot)).filter(bottles::site_id.eq_any(sites.to_vec())),
    ))
    .get_result(conn)?)
}

/// The journeys with this seal, the newest first: identifier, state, both sites.
pub fn list_journeys_by_seal(
    conn: &mut AnyConn,
    seal: &str,
) -> Result<Vec<(TransferId, TransferState, SiteId, SiteId)>, StoreError> {
    Ok(transfers::table
        .filter(transfers::seal_number.eq(Some(seal.to_owned())))
        .order(transfers::id.desc())
        .limit(20)
        .select((transfers::id, transfers::state, transfers::from_site_id, transfers::to_site_id))
        .load(conn)?)
}
