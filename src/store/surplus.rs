//! Published surplus and its lines, the board. A line's available count only falls by a guarded update,
//! and the database refuses a count below nought.

use super::dialect::{constant_predicate, first_rows};
use super::prepared::Prepare as _;
use super::schema::{lots, sites, surplus, surplus_lines};
use super::{AnyConn, StoreError};
use crate::domain::ids::{LotId, SiteId, SurplusId, SurplusLineId};
use crate::domain::lot::LotState;
use crate::domain::quantity::Volume;
use crate::domain::surplus::SurplusState;
use crate::domain::time::Instant;
use diesel::dsl::exists;
use diesel::prelude::*;
use std::collections::{BTreeSet, HashSet};

/// A surplus as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = surplus)]
pub struct SurplusRow {
    /// Identifier.
    pub id: SurplusId,
    /// The site that holds it.
    pub site_id: SiteId,
    /// State.
    pub state: SurplusState,
    /// Why it is surplus.
    pub reason: String,
    /// From when it may leave.
    pub available_from: Instant,
    /// Until when it is offered.
    pub available_until: Instant,
    /// Smallest transfer worth making.
    pub min_transfer_ml: Volume,
    /// Price per litre in the currency's minor unit.
    pub price_per_litre_minor: Option<i64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// Who published it.
    pub published_by: String,
    /// Row version.
    pub version: i64,
    /// When it was published.
    pub created_at: Instant,
    /// When the site last said that it is there.
    pub confirmed_at: Instant,
    /// When the site was last asked to say so.
    pub confirmation_asked_at: Option<Instant>,
}

/// How fresh a report of stock is.
#[derive(Debug, Clone, Copy, Queryable)]
pub struct StockReport {
    /// The surplus.
    pub surplus_id: SurplusId,
    /// The site that holds it.
    pub site_id: SiteId,
    /// When the site last said that it is there.
    pub confirmed_at: Instant,
    /// When the site was last asked to say so.
    pub confirmation_asked_at: Option<Instant>,
}

/// A line of the board as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = surplus_lines)]
pub struct SurplusLineRow {
    /// Identifier.
    pub id: SurplusLineId,
    /// Its surplus.
    pub surplus_id: SurplusId,
    /// The holding site.
    pub site_id: SiteId,
    /// The lot.
    pub lot_id: LotId,
    /// Bottle size.
    pub size_ml: Volume,
    /// Bottles published.
    pub published_bottles: i64,
    /// Bottles not yet promised.
    pub available_bottles: i64,
    /// The lot's expiry.
    pub expires_at: Instant,
    /// The lot's milk type.
    pub milk_type: String,
    /// The lot's form.
    pub form: String,
    /// The lot's donors.
    pub donor_count: i64,
    /// The lot is dairy-free.
    pub dairy_free: bool,
    /// The lot is CMV negative.
    pub cmv_negative: bool,
    /// The lot's protein, mg/dL.
    pub protein_mg_per_dl: Option<i64>,
    /// When it was published.
    pub created_at: Instant,
}

constant_predicate!(
    /// Lines with bottles to give: the condition of the board's partial index, free of binds.
    pub HasBottles = "surplus_lines.available_bottles > 0"
);

/// Adds a surplus with its lines.
pub fn insert_surplus(conn: &mut AnyConn, head: &SurplusRow, lines: &[SurplusLineRow]) -> Result<(), StoreError> {
    diesel::insert_into(surplus::table).values(head.clone()).prepared().execute(conn)?;
    for line in lines {
        diesel::insert_into(surplus_lines::table).values(line.clone()).prepared().execute(conn)?;
    }
    Ok(())
}

/// The surplus, if there is one.
pub fn find_surplus(conn: &mut AnyConn, id: SurplusId) -> Result<Option<SurplusRow>, StoreError> {
    Ok(surplus::table.filter(surplus::id.eq(id)).prepared().get_result(conn).optional()?)
}

/// A surplus' lines with the numbers of their lots.
pub fn list_lines(conn: &mut AnyConn, id: SurplusId) -> Result<Vec<(SurplusLineRow, String)>, StoreError> {
    Ok(surplus_lines::table
        .inner_join(lots::table)
        .filter(surplus_lines::surplus_id.eq(id))
        .order(surplus_lines::id)
        .select((surplus_lines::all_columns, lots::code))
        .prepared()
        .load(conn)?)
}

/// Lines of some lots, whatever their count.
pub fn list_lines_of_lots(conn: &mut AnyConn, of_lots: &[LotId]) -> Result<Vec<SurplusLineRow>, StoreError> {
    Ok(surplus_lines::table
        .filter(surplus_lines::lot_id.eq_any(of_lots.to_vec()))
        .order(surplus_lines::id)
        .load(conn)?)
}

/// Takes bottles off a line; false when it has fewer left.
pub fn take_from_line(conn: &mut AnyConn, id: SurplusLineId, bottles: i64) -> Result<bool, StoreError> {
    let changed = diesel::update(
        surplus_lines::table.filter(surplus_lines::id.eq(id)).filter(surplus_lines::available_bottles.ge(bottles)),
    )
    .set(surplus_lines::available_bottles.eq(surplus_lines::available_bottles - bottles))
    .prepared()
    .execute(conn)?;
    Ok(changed == 1)
}

/// Gives bottles back to a line of a surplus that is still published; false when it is not.
pub fn give_back_to_line(
    conn: &mut AnyConn,
    id: SurplusLineId,
    bottles: i64,
    now: Instant,
) -> Result<bool, StoreError> {
    // Of this one line: asked as lists, SQLite first gathers every surplus and every lot.
    let live = surplus::table
        .filter(surplus::id.eq(surplus_lines::surplus_id))
        .filter(surplus::state.eq_any([SurplusState::Published, SurplusState::Exhausted]))
        .filter(surplus::available_until.gt(now));
    let sound = lots::table.filter(lots::id.eq(surplus_lines::lot_id)).filter(lots::state.eq(LotState::Released));
    let line = surplus_lines::table.filter(surplus_lines::id.eq(id));
    let changed = diesel::update(line.filter(exists(live)).filter(exists(sound)))
        .set(surplus_lines::available_bottles.eq(surplus_lines::available_bottles + bottles))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Empties lines: nothing on them is offered any more.
pub fn close_lines(conn: &mut AnyConn, ids: &[SurplusLineId]) -> Result<(), StoreError> {
    diesel::update(surplus_lines::table.filter(surplus_lines::id.eq_any(ids.to_vec())))
        .set(surplus_lines::available_bottles.eq(0))
        .execute(conn)?;
    Ok(())
}

/// Moves a surplus to another state; false when its version is no longer the one given.
pub fn set_surplus_state(
    conn: &mut AnyConn,
    id: SurplusId,
    version: i64,
    state: SurplusState,
) -> Result<bool, StoreError> {
    let changed = diesel::update(surplus::table.filter(surplus::id.eq(id)).filter(surplus::version.eq(version)))
        .set((surplus::state.eq(state), surplus::version.eq(version + 1)))
        .prepared()
        .execute(conn)?;
    Ok(changed == 1)
}

/// How fresh the reports of some surplus are.
pub fn list_reports(conn: &mut AnyConn, ids: &[SurplusId]) -> Result<Vec<StockReport>, StoreError> {
    Ok(surplus::table
        .filter(surplus::id.eq_any(ids.to_vec()))
        .order(surplus::id)
        .select((surplus::id, surplus::site_id, surplus::confirmed_at, surplus::confirmation_asked_at))
        .load(conn)?)
}

/// Notes that a site was asked to confirm its stock; false when it was asked since its last word.
pub fn note_confirmation_asked(conn: &mut AnyConn, id: SurplusId, now: Instant) -> Result<bool, StoreError> {
    let unasked = surplus::confirmation_asked_at
        .is_null()
        .or(surplus::confirmation_asked_at.lt(surplus::confirmed_at.nullable()));
    let changed = diesel::update(surplus::table.filter(surplus::id.eq(id)).filter(unasked.assume_not_null()))
        .set(surplus::confirmation_asked_at.eq(now))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Notes that a site confirmed its stock; false when the version is no longer the one given.
pub fn confirm_surplus(conn: &mut AnyConn, id: SurplusId, version: i64, now: Instant) -> Result<bool, StoreError> {
    let changed = diesel::update(surplus::table.filter(surplus::id.eq(id)).filter(surplus::version.eq(version)))
        .set((surplus::confirmed_at.eq(now), surplus::version.eq(version + 1)))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Published surplus whose time is over.
pub fn list_lapsed_surplus(conn: &mut AnyConn, now: Instant) -> Result<Vec<SurplusRow>, StoreError> {
    Ok(surplus::table
        .filter(surplus::state.eq(SurplusState::Published))
        .filter(surplus::available_until.le(now))
        .order(surplus::id)
        .load(conn)?)
}

/// What a site has published and not ended, the newest first.
pub fn list_published_surplus(conn: &mut AnyConn, site: SiteId) -> Result<Vec<SurplusRow>, StoreError> {
    Ok(surplus::table
        .filter(surplus::site_id.eq(site))
        .filter(surplus::state.eq(SurplusState::Published))
        .order(surplus::id.desc())
        .load(conn)?)
}

/// Identifiers in one statement, well below the most that either database takes.
const IDS_AT_ONCE: usize = 10_000;

/// Every line that matching may use now. The lines with bottles are few and have an index of their own; joined with
/// surplus and lots, SQLite begins with every surplus times every lot.
pub fn list_matchable_lines(conn: &mut AnyConn, now: Instant) -> Result<Vec<SurplusLineRow>, StoreError> {
    let mut lines: Vec<SurplusLineRow> = surplus_lines::table
        .filter(HasBottles)
        .filter(surplus_lines::expires_at.gt(now))
        .order((surplus_lines::expires_at, surplus_lines::id))
        .load(conn)?;
    let of: BTreeSet<SurplusId> = lines.iter().map(|line| line.surplus_id).collect();
    let mut open: HashSet<SurplusId> = HashSet::with_capacity(of.len());
    for ids in of.into_iter().collect::<Vec<_>>().chunks(IDS_AT_ONCE) {
        let published = surplus::table
            .filter(surplus::id.eq_any(ids.to_vec()))
            .filter(surplus::state.eq(SurplusState::Published))
            .filter(surplus::available_from.le(now))
            .filter(surplus::available_until.gt(now));
        open.extend(published.select(surplus::id).load::<SurplusId>(conn)?);
    }
    let of: BTreeSet<LotId> = lines.iter().map(|line| line.lot_id).collect();
    let mut released: HashSet<LotId> = HashSet::with_capacity(of.len());
    for ids in of.into_iter().collect::<Vec<_>>().chunks(IDS_AT_ONCE) {
        let fit = lots::table
            .filter(lots::id.eq_any(ids.to_vec()))
            .filter(lots::state.eq(LotState::Released))
            .filter(lots::expires_at.gt(now));
        released.extend(fit.select(lots::id).load::<LotId>(conn)?);
    }
    lines.retain(|line| open.contains(&line.surplus_id) && released.contains(&line.lot_id));
    Ok(lines)
}

/// The smallest transfer of each surplus on the board that sets one.
pub fn list_min_transfers(conn: &mut AnyConn) -> Result<Vec<(SurplusId, Volume)>, StoreError> {
    Ok(surplus::table
        .filter(surplus::state.eq(SurplusState::Published))
        .filter(surplus::min_transfer_ml.gt(Volume::ZERO))
        .select((surplus::id, surplus::min_transfer_ml))
        .load(conn)?)
}

/// What the board may be narrowed by.
#[derive(Debug, Clone, Default)]
pub struct BoardFilter {
    /// Only these holding sites.
    pub sites: Option<Vec<SiteId>>,
    /// Only this milk type.
    pub milk_type: Option<String>,
    /// Only this form.
    pub form: Option<String>,
    /// Only lots with at least this protein, mg/dL.
    pub min_protein_mg_per_dl: Option<i64>,
    /// Only dairy-free lots.
    pub dairy_free: Option<bool>,
    /// Only lots of at most so many donors.
    pub max_donors: Option<i64>,
}

/// A line of the board as it is read.
#[derive(Debug, Clone, Queryable)]
pub struct BoardRow {
    /// The line.
    pub line: SurplusLineRow,
    /// The lot's number.
    pub lot_code: String,
    /// The site's code and name.
    pub site: (String, String),
}

/// A page of the board, soonest expiry first, from `expires_from` on.
pub fn list_board(
    conn: &mut AnyConn,
    filter: &BoardFilter,
    expires_from: Instant,
    after: Option<(Instant, SurplusLineId)>,
    limit: i64,
) -> Result<Vec<BoardRow>, StoreError> {
    let mut query = surplus_lines::table
        .inner_join(lots::table)
        .inner_join(sites::table)
        .filter(HasBottles)
        .order((surplus_lines::expires_at.asc(), surplus_lines::id.asc()))
        .select((surplus_lines::all_columns, lots::code, (sites::code, sites::name)))
        .into_boxed();
    query = match after {
        // The range on the first column lets both planners walk the partial index.
        Some((expires_at, id)) => query
            .filter(surplus_lines::expires_at.ge(expires_at))
            .filter(surplus_lines::expires_at.gt(expires_at).or(surplus_lines::id.gt(id))),
        None => query.filter(surplus_lines::expires_at.ge(expires_from)),
    };
    if let Some(sites) = &filter.sites {
        query = query.filter(surplus_lines::site_id.eq_any(sites.clone()));
    }
    if let Some(milk_type) = &filter.milk_type {
        query = query.filter(surplus_lines::milk_type.eq(milk_type.clone()));
    }
    if let Some(form) = &filter.form {
        query = query.filter(surplus_lines::form.eq(form.clone()));
    }
    if let Some(protein) = filter.min_protein_mg_per_dl {
        query = query.filter(surplus_lines::protein_mg_per_dl.ge(protein).assume_not_null());
    }
    if let Some(dairy_free) = filter.dairy_free {
        query = query.filter(surplus_lines::dairy_free.eq(dairy_free));
    }
    if let Some(max_donors) = filter.max_donors {
        query = query.filter(surplus_lines::donor_count.le(max_donors));
    }
    Ok(first_rows(query, u32::try_from(limit).unwrap_or(u32::MAX)).load(conn)?)
}
