//! What an import of files looks up and corrects: lots by their numbers, bottles by their divisions.

use super::schema::{bottles, lot_donors, lots};
use super::{AnyConn, StoreError};
use crate::domain::bottle::BottleState;
use crate::domain::ids::{BottleId, LotId, SiteId};
use crate::domain::lot::LotState;
use crate::domain::quantity::Volume;
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

pub use super::lots::LotRow;

/// Bottles of a lot by size: lot, size, how many.
pub type SizeCount = (LotId, Volume, i64);

/// What a label says: donation number, product code, bank, number of the lot.
pub type Label = (Option<String>, Option<String>, SiteId, String);

/// A bank's lots with these numbers.
pub fn list_lots_by_code(conn: &mut AnyConn, bank: SiteId, codes: &[&str]) -> Result<Vec<LotRow>, StoreError> {
    Ok(lots::table
        .filter(lots::bank_site_id.eq(bank))
        .filter(lots::code.eq_any(codes.to_vec()))
        .order(lots::id)
        .load(conn)?)
}

/// Donation number, product code, bank and number of the lots whose labels bear these donation numbers.
pub fn list_labels(conn: &mut AnyConn, dins: &[&str]) -> Result<Vec<Label>, StoreError> {
    Ok(lots::table
        .filter(lots::din.eq_any(dins.to_vec()).assume_not_null())
        .select((lots::din, lots::product_code, lots::bank_site_id, lots::code))
        .load(conn)?)
}

/// How many bottles of each size lots were filled into.
pub fn count_sizes(conn: &mut AnyConn, of_lots: &[LotId]) -> Result<Vec<SizeCount>, StoreError> {
    Ok(bottles::table
        .filter(bottles::lot_id.eq_any(of_lots.to_vec()))
        .group_by((bottles::lot_id, bottles::size_ml))
        .order((bottles::lot_id, bottles::size_ml))
        .select((bottles::lot_id, bottles::size_ml, diesel::dsl::count_star()))
        .load(conn)?)
}

/// Writes a corrected lot over the one that waits in quarantine; false when it changed or was released meanwhile.
pub fn rewrite_lot(conn: &mut AnyConn, lot: &LotRow, donors: &[&str], version: i64) -> Result<bool, StoreError> {
    let waiting = lots::table
        .filter(lots::id.eq(lot.id))
        .filter(lots::version.eq(version))
        .filter(lots::state.eq(LotState::Quarantined));
    let changed = diesel::update(waiting)
        .set((
            (lots::milk_type.eq(&lot.milk_type), lots::form.eq(&lot.form), lots::donor_count.eq(lot.donor_count)),
            (lots::dairy_free.eq(lot.dairy_free), lots::cmv_negative.eq(lot.cmv_negative)),
            (lots::expressed_from.eq(&lot.expressed_from), lots::expressed_to.eq(&lot.expressed_to)),
            (lots::pasteurised_at.eq(lot.pasteurised_at), lots::expires_at.eq(lot.expires_at)),
            (lots::protein_mg_per_dl.eq(lot.protein_mg_per_dl), lots::energy_kcal_per_dl.eq(lot.energy_kcal_per_dl)),
            (lots::record.eq(&lot.record), lots::din.eq(&lot.din), lots::product_code.eq(&lot.product_code)),
            (lots::cycle_ref.eq(&lot.cycle_ref), lots::device_ref.eq(&lot.device_ref)),
            lots::version.eq(version + 1),
        ))
        .execute(conn)?;
    if changed == 0 {
        return Ok(false);
    }
    diesel::delete(lot_donors::table.filter(lot_donors::lot_id.eq(lot.id))).execute(conn)?;
    for donor in donors {
        diesel::insert_into(lot_donors::table)
            .values((lot_donors::lot_id.eq(lot.id), lot_donors::donor_ref.eq(*donor)))
            .execute(conn)?;
    }
    Ok(true)
}

/// What an import needs to know of a bottle.
#[derive(Debug, Clone, Queryable)]
pub struct BottleSeen {
    /// Identifier.
    pub id: BottleId,
    /// Its lot.
    pub lot_id: LotId,
    /// Number within the lot.
    pub division: i64,
    /// Size.
    pub size_ml: Volume,
    /// Where it is.
    pub site_id: SiteId,
    /// State.
    pub state: BottleState,
}

/// Every bottle of some lots.
pub fn list_bottles_of_lots(conn: &mut AnyConn, of_lots: &[LotId]) -> Result<Vec<BottleSeen>, StoreError> {
    Ok(bottles::table
        .filter(bottles::lot_id.eq_any(of_lots.to_vec()))
        .order((bottles::lot_id, bottles::division))
        .select((bottles::id, bottles::lot_id, bottles::division, bottles::size_ml, bottles::site_id, bottles::state))
        .load(conn)?)
}

/// Corrects the size of a bottle that is in stock; false when it is not.
pub fn resize_bottle(conn: &mut AnyConn, id: BottleId, size: Volume) -> Result<bool, StoreError> {
    let waiting = bottles::table.filter(bottles::id.eq(id)).filter(bottles::state.eq(BottleState::InStock));
    let set = (bottles::size_ml.eq(size), bottles::version.eq(bottles::version + 1));
    Ok(diesel::update(waiting).set(set).execute(conn)? == 1)
}

/// Writes what the bottles of a lot in quarantine hold together; false when it changed meanwhile.
pub fn set_lot_volume(conn: &mut AnyConn, id: LotId, version: i64, volume: Volume) -> Result<bool, StoreError> {
    let waiting = lots::table
        .filter(lots::id.eq(id))
        .filter(lots::version.eq(version))
        .filter(lots::state.eq(LotState::Quarantined));
    let set = (lots::volume_ml.eq(volume), lots::version.eq(version + 1));
    Ok(diesel::update(waiting).set(set).execute(conn)? == 1)
}

/// What a site has of one lot in one size: lot, its number, size, bottles in its store.
pub type StoredLot = (LotId, String, Volume, i64);

/// What a site has in its store by lot and size, set aside or not.
pub fn list_stored_lots(conn: &mut AnyConn, site: SiteId) -> Result<Vec<StoredLot>, StoreError> {
    let counted: Vec<SizeCount> = bottles::table
        .filter(bottles::site_id.eq(site))
        .filter(bottles::state.eq_any([BottleState::InStock, BottleState::Quarantined]))
        .group_by((bottles::lot_id, bottles::size_ml))
        .order((bottles::lot_id, bottles::size_ml))
        .select((bottles::lot_id, bottles::size_ml, diesel::dsl::count_star()))
        .load(conn)?;
    let ids: BTreeSet<LotId> = counted.iter().map(|(lot, ..)| *lot).collect();
    let mut codes: BTreeMap<LotId, String> = BTreeMap::new();
    // SQLite takes at most 32,766 binds a statement.
    for some in ids.into_iter().collect::<Vec<_>>().chunks(10_000) {
        let named: Vec<(LotId, String)> =
            lots::table.filter(lots::id.eq_any(some.to_vec())).select((lots::id, lots::code)).load(conn)?;
        codes.extend(named);
    }
    let stored =
        counted.into_iter().filter_map(|(lot, size, count)| Some((lot, codes.get(&lot)?.clone(), size, count)));
    Ok(stored.collect())
}

/// Bottles at a site that nobody was promised and that are on no journey, the unpublished ones first.
pub fn list_countable_bottles(
    conn: &mut AnyConn,
    site: SiteId,
    of_lots: &[LotId],
) -> Result<Vec<(BottleId, LotId, Volume)>, StoreError> {
    Ok(bottles::table
        .filter(bottles::site_id.eq(site))
        .filter(bottles::lot_id.eq_any(of_lots.to_vec()))
        .filter(bottles::state.eq(BottleState::InStock))
        .filter(bottles::offer_id.is_null())
        .filter(bottles::transfer_id.is_null())
        .filter(bottles::for_request_id.is_null())
        .order((bottles::surplus_line_id.is_not_null(), bottles::lot_id, bottles::division.desc()))
        .select((bottles::id, bottles::lot_id, bottles::size_ml))
        .load(conn)?)
}
