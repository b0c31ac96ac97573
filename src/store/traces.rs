//! The links of tracing: from donors, deposits, pools, runs, units, journeys and infants to bottles, and from
//! bottles to where they went and whom they fed.

use super::schema::{bottles, feeds, lot_deposits, lot_donors, lots, storage_stays, transfer_bottles, transfers};
use super::{AnyConn, StoreError};
use crate::domain::bottle::BottleState;
use crate::domain::ids::{BottleId, CourierId, LotId, SiteId, StorageUnitId, TransferId};
use crate::domain::quantity::Volume;
use crate::domain::recall::Window;
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use diesel::prelude::*;

/// Bottles named in one statement at most: SQLite takes 32,766 binds.
const CHUNK: usize = 10_000;

/// What selects lots as a whole.
#[derive(Debug, Clone)]
pub enum LotLink {
    /// A donor, and the day after which the milk was expressed.
    Donor(String, Option<String>),
    /// A deposit.
    Deposit(String),
    /// A pool.
    Pool(String),
    /// Named lots.
    Lots(Vec<LotId>),
    /// A pasteuriser run.
    Cycle(String),
    /// A pasteuriser within a window.
    Device(String, Window),
}

/// The lots that a link finds, of some banks or of all, in identifier order.
pub fn select_lots(conn: &mut AnyConn, banks: Option<&[SiteId]>, link: &LotLink) -> Result<Vec<LotId>, StoreError> {
    let mut query = lots::table.order(lots::id).select(lots::id).into_boxed();
    if let Some(banks) = banks {
        query = query.filter(lots::bank_site_id.eq_any(banks.to_vec()));
    }
    match link {
        LotLink::Donor(donor, after) => {
            let of = lot_donors::table.filter(lot_donors::donor_ref.eq(donor.clone())).select(lot_donors::lot_id);
            query = query.filter(lots::id.eq_any(of));
            if let Some(after) = after {
                // ISO dates sort as text.
                query = query.filter(lots::expressed_to.gt(after.clone()));
            }
        }
        LotLink::Deposit(deposit) => {
            let of =
                lot_deposits::table.filter(lot_deposits::deposit_ref.eq(deposit.clone())).select(lot_deposits::lot_id);
            query = query.filter(lots::id.eq_any(of));
        }
        LotLink::Pool(pool) => query = query.filter(lots::pool_ref.eq(Some(pool.clone()))),
        LotLink::Lots(ids) => query = query.filter(lots::id.eq_any(ids.clone())),
        LotLink::Cycle(cycle) => query = query.filter(lots::cycle_ref.eq(Some(cycle.clone()))),
        LotLink::Device(device, window) => {
            query = query.filter(lots::device_ref.eq(Some(device.clone())));
            if let Some(from) = window.from {
                query = query.filter(lots::pasteurised_at.ge(from).assume_not_null());
            }
            if let Some(until) = window.until {
                query = query.filter(lots::pasteurised_at.le(until).assume_not_null());
            }
        }
    }
    Ok(query.load(conn)?)
}

/// The safety records of the lots with a donor's milk, JSON, of some banks or of all.
pub fn list_records_of_donor(
    conn: &mut AnyConn,
    banks: Option<&[SiteId]>,
    donor: &str,
) -> Result<Vec<String>, StoreError> {
    let of = lot_donors::table.filter(lot_donors::donor_ref.eq(donor.to_owned())).select(lot_donors::lot_id);
    let mut query = lots::table.filter(lots::id.eq_any(of)).select(lots::record).into_boxed();
    if let Some(banks) = banks {
        query = query.filter(lots::bank_site_id.eq_any(banks.to_vec()));
    }
    Ok(query.load(conn)?)
}

/// Every bottle of some lots.
pub fn list_bottles_of_lots(conn: &mut AnyConn, of_lots: &[LotId]) -> Result<Vec<BottleId>, StoreError> {
    let mut found = Vec::new();
    for chunk in of_lots.chunks(CHUNK) {
        let more: Vec<BottleId> =
            bottles::table.filter(bottles::lot_id.eq_any(chunk.to_vec())).select(bottles::id).load(conn)?;
        found.extend(more);
    }
    found.sort_unstable();
    Ok(found)
}

/// The bottles of some lots that are at some sites, ended there, travelled from or to them, or were fed there.
pub fn list_bottles_seen_at(
    conn: &mut AnyConn,
    sites: &[SiteId],
    of_lots: &[LotId],
) -> Result<Vec<BottleId>, StoreError> {
    let mut found = Vec::new();
    for chunk in of_lots.chunks(CHUNK) {
        let here: Vec<BottleId> = bottles::table
            .filter(bottles::lot_id.eq_any(chunk.to_vec()))
            .filter(bottles::site_id.eq_any(sites.to_vec()))
            .select(bottles::id)
            .load(conn)?;
        let carried: Vec<BottleId> = transfer_bottles::table
            .inner_join(transfers::table)
            .inner_join(bottles::table)
            .filter(bottles::lot_id.eq_any(chunk.to_vec()))
            .filter(transfers::collected_at.is_not_null())
            .filter(transfers::from_site_id.eq_any(sites.to_vec()).or(transfers::to_site_id.eq_any(sites.to_vec())))
            .select(bottles::id)
            .load(conn)?;
        let fed: Vec<BottleId> = feeds::table
            .inner_join(bottles::table)
            .filter(bottles::lot_id.eq_any(chunk.to_vec()))
            .filter(feeds::site_id.eq_any(sites.to_vec()))
            .select(bottles::id)
            .load(conn)?;
        found.extend(here);
        found.extend(carried);
        found.extend(fed);
    }
    Ok(found)
}

/// Every bottle that stood in a unit within a window.
pub fn list_bottles_of_unit(
    conn: &mut AnyConn,
    unit: StorageUnitId,
    window: Window,
) -> Result<Vec<BottleId>, StoreError> {
    let mut query = storage_stays::table
        .filter(storage_stays::storage_unit_id.eq(unit))
        .order(storage_stays::bottle_id)
        .select(storage_stays::bottle_id)
        .distinct()
        .into_boxed();
    if let Some(until) = window.until {
        query = query.filter(storage_stays::from_at.le(until));
    }
    if let Some(from) = window.from {
        query = query.filter(storage_stays::until_at.is_null().or(storage_stays::until_at.gt(from).assume_not_null()));
    }
    Ok(query.load(conn)?)
}

/// Every bottle of a journey that left; none when it never did.
pub fn list_bottles_of_transfer(conn: &mut AnyConn, transfer: TransferId) -> Result<Vec<BottleId>, StoreError> {
    Ok(transfer_bottles::table
        .inner_join(transfers::table)
        .filter(transfers::id.eq(transfer))
        .filter(transfers::state.ne(TransferState::Cancelled))
        .order(transfer_bottles::bottle_id)
        .select(transfer_bottles::bottle_id)
        .load(conn)?)
}

/// Every bottle that a courier had within a window, on journeys from or to some sites or on all.
pub fn list_bottles_of_courier(
    conn: &mut AnyConn,
    sites: Option<&[SiteId]>,
    courier: CourierId,
    window: Window,
) -> Result<Vec<BottleId>, StoreError> {
    let mut query = transfer_bottles::table
        .inner_join(transfers::table)
        .filter(transfers::courier_id.eq(Some(courier)))
        .filter(transfers::collected_at.is_not_null())
        .order(transfer_bottles::bottle_id)
        .select(transfer_bottles::bottle_id)
        .distinct()
        .into_boxed();
    if let Some(sites) = sites {
        query = query
            .filter(transfers::from_site_id.eq_any(sites.to_vec()).or(transfers::to_site_id.eq_any(sites.to_vec())));
    }
    if let Some(until) = window.until {
        query = query.filter(transfers::collected_at.le(until).assume_not_null());
    }
    if let Some(from) = window.from {
        query = query.filter(transfers::delivered_at.is_null().or(transfers::delivered_at.ge(from).assume_not_null()));
    }
    Ok(query.load(conn)?)
}

/// Every bottle that an infant was fed from, at some sites or at all.
pub fn list_bottles_of_infant(
    conn: &mut AnyConn,
    sites: Option<&[SiteId]>,
    infant: &str,
) -> Result<Vec<BottleId>, StoreError> {
    let mut query = feeds::table
        .filter(feeds::infant_ref.eq(infant.to_owned()))
        .order(feeds::bottle_id)
        .select(feeds::bottle_id)
        .distinct()
        .into_boxed();
    if let Some(sites) = sites {
        query = query.filter(feeds::site_id.eq_any(sites.to_vec()));
    }
    Ok(query.load(conn)?)
}

/// Of some bottles, those of a bank's lots or at one of its sites.
pub fn keep_own_bottles(conn: &mut AnyConn, sites: &[SiteId], ids: &[BottleId]) -> Result<Vec<BottleId>, StoreError> {
    let mut own = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let more: Vec<BottleId> = bottles::table
            .inner_join(lots::table)
            .filter(bottles::id.eq_any(chunk.to_vec()))
            .filter(lots::bank_site_id.eq_any(sites.to_vec()).or(bottles::site_id.eq_any(sites.to_vec())))
            .select(bottles::id)
            .load(conn)?;
        own.extend(more);
    }
    own.sort_unstable();
    Ok(own)
}

/// One bottle on a trace.
#[derive(Debug, Clone, Queryable)]
pub struct TracedBottle {
    /// The bottle.
    pub id: BottleId,
    /// Its lot.
    pub lot_id: LotId,
    /// Its number within its lot.
    pub division: i64,
    /// Its size.
    pub size_ml: Volume,
    /// Where it is or ended.
    pub site_id: SiteId,
    /// Its state.
    pub state: BottleState,
    /// Fed from it.
    pub fed_ml: Volume,
}

/// Bottles by identifier.
pub fn list_traced_bottles(conn: &mut AnyConn, ids: &[BottleId]) -> Result<Vec<TracedBottle>, StoreError> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let more: Vec<TracedBottle> = bottles::table
            .filter(bottles::id.eq_any(chunk.to_vec()))
            .order(bottles::id)
            .select((
                bottles::id,
                bottles::lot_id,
                bottles::division,
                bottles::size_ml,
                bottles::site_id,
                bottles::state,
                bottles::fed_ml,
            ))
            .load(conn)?;
        found.extend(more);
    }
    Ok(found)
}

/// One bottle on one journey: journey, from, to, carrier, state, collected, delivered.
pub type BottleOnJourney =
    (BottleId, TransferId, SiteId, SiteId, Option<CourierId>, TransferState, Option<Instant>, Option<Instant>);

/// The journeys that some bottles made or are on.
pub fn list_journeys_of_bottles(conn: &mut AnyConn, ids: &[BottleId]) -> Result<Vec<BottleOnJourney>, StoreError> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let more: Vec<BottleOnJourney> = transfer_bottles::table
            .inner_join(transfers::table)
            .filter(transfer_bottles::bottle_id.eq_any(chunk.to_vec()))
            .filter(transfers::state.ne(TransferState::Cancelled))
            .select((
                transfer_bottles::bottle_id,
                transfers::id,
                transfers::from_site_id,
                transfers::to_site_id,
                transfers::courier_id,
                transfers::state,
                transfers::collected_at,
                transfers::delivered_at,
            ))
            .load(conn)?;
        found.extend(more);
    }
    Ok(found)
}

/// One feed: bottle, site, infant, volume, when.
pub type TracedFeed = (BottleId, SiteId, String, Volume, Instant);

/// The feeds from some bottles.
pub fn list_feeds_of_bottles(conn: &mut AnyConn, ids: &[BottleId]) -> Result<Vec<TracedFeed>, StoreError> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let more: Vec<TracedFeed> = feeds::table
            .filter(feeds::bottle_id.eq_any(chunk.to_vec()))
            .order(feeds::fed_at)
            .select((feeds::bottle_id, feeds::site_id, feeds::infant_ref, feeds::volume_ml, feeds::fed_at))
            .load(conn)?;
        found.extend(more);
    }
    Ok(found)
}

/// A lot with one donor or one deposit of it.
pub type LotSource = (LotId, String);

/// The donors and deposits of some lots.
pub fn list_sources(conn: &mut AnyConn, of_lots: &[LotId]) -> Result<(Vec<LotSource>, Vec<LotSource>), StoreError> {
    let (mut donors, mut deposits) = (Vec::new(), Vec::new());
    for chunk in of_lots.chunks(CHUNK) {
        let more: Vec<(LotId, String)> = lot_donors::table
            .filter(lot_donors::lot_id.eq_any(chunk.to_vec()))
            .order((lot_donors::lot_id, lot_donors::donor_ref))
            .select((lot_donors::lot_id, lot_donors::donor_ref))
            .load(conn)?;
        donors.extend(more);
        let more: Vec<(LotId, String)> = lot_deposits::table
            .filter(lot_deposits::lot_id.eq_any(chunk.to_vec()))
            .order((lot_deposits::lot_id, lot_deposits::deposit_ref))
            .select((lot_deposits::lot_id, lot_deposits::deposit_ref))
            .load(conn)?;
        deposits.extend(more);
    }
    Ok((donors, deposits))
}
