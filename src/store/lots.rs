//! Lots and the donors behind them.

use super::prepared::Prepare as _;
use super::schema::{bottles, feeds, holds, lot_deposits, lot_donors, lots};
use super::{AnyConn, StoreError};
use crate::domain::ids::{LotId, PolicySetId, SiteId};
use crate::domain::lot::LotState;
use crate::domain::quantity::Volume;
use crate::domain::time::Instant;
use diesel::prelude::*;

/// A lot as it is kept. The safety record is JSON text; the columns beside it are what lists filter by.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = lots, treat_none_as_default_value = false)]
pub struct LotRow {
    /// Identifier.
    pub id: LotId,
    /// The bank that made it.
    pub bank_site_id: SiteId,
    /// The bank's own number.
    pub code: String,
    /// State.
    pub state: LotState,
    /// The policy set under which it was registered.
    pub policy_set_id: PolicySetId,
    /// `frozen`, `freeze_dried` and so on.
    pub form: String,
    /// `preterm`, `term`, `mixed`, `colostrum`.
    pub milk_type: String,
    /// Donors pooled.
    pub donor_count: i64,
    /// All donors avoid cow's milk.
    pub dairy_free: bool,
    /// All donors CMV IgG negative.
    pub cmv_negative: bool,
    /// First day of expression, ISO date.
    pub expressed_from: String,
    /// Last day of expression, ISO date.
    pub expressed_to: String,
    /// End of the pasteuriser run.
    pub pasteurised_at: Option<Instant>,
    /// Expiry by the bank's policy.
    pub expires_at: Instant,
    /// Volume bottled.
    pub volume_ml: Volume,
    /// Measured protein, mg/dL.
    pub protein_mg_per_dl: Option<i64>,
    /// Measured energy, kcal/dL.
    pub energy_kcal_per_dl: Option<i64>,
    /// The safety record, JSON.
    pub record: String,
    /// ISBT 128 donation identification number, 13 characters.
    pub din: Option<String>,
    /// ISBT 128 product code, 5 characters.
    pub product_code: Option<String>,
    /// Pasteuriser run.
    pub cycle_ref: Option<String>,
    /// Pasteuriser.
    pub device_ref: Option<String>,
    /// The pool it was filled from, by the bank's own number.
    pub pool_ref: Option<String>,
    /// When it was released.
    pub released_at: Option<Instant>,
    /// Who released it.
    pub released_by: Option<String>,
    /// When the hub learnt of it.
    pub registered_at: Instant,
    /// Row version.
    pub version: i64,
}

/// Adds a lot and its donors.
pub fn insert_lot(conn: &mut AnyConn, lot: &LotRow, donors: &[&str]) -> Result<(), StoreError> {
    diesel::insert_into(lots::table).values(lot.clone()).prepared().execute(conn)?;
    for donor in donors {
        diesel::insert_into(lot_donors::table)
            .values((lot_donors::lot_id.eq(lot.id), lot_donors::donor_ref.eq(*donor)))
            .prepared()
            .execute(conn)?;
    }
    Ok(())
}

/// Adds the deposits of a lot; one that is named twice counts once.
pub fn insert_deposits(conn: &mut AnyConn, lot: LotId, deposits: &[String]) -> Result<(), StoreError> {
    let distinct: std::collections::BTreeSet<&String> = deposits.iter().collect();
    for deposit in distinct {
        diesel::insert_into(lot_deposits::table)
            .values((lot_deposits::lot_id.eq(lot), lot_deposits::deposit_ref.eq(deposit.as_str())))
            .execute(conn)?;
    }
    Ok(())
}

/// The lot, if there is one.
pub fn find_lot(conn: &mut AnyConn, id: LotId) -> Result<Option<LotRow>, StoreError> {
    Ok(lots::table.filter(lots::id.eq(id)).prepared().get_result(conn).optional()?)
}

/// Lots by identifier, in its order.
pub fn list_lots_by_id(conn: &mut AnyConn, ids: &[LotId]) -> Result<Vec<LotRow>, StoreError> {
    let mut found: Vec<LotRow> = Vec::new();
    // A matching reads every lot on the board; SQLite takes at most 32,766 values a statement.
    for chunk in ids.chunks(10_000) {
        found.extend(lots::table.filter(lots::id.eq_any(chunk.to_vec())).load::<LotRow>(conn)?);
    }
    found.sort_by_key(|lot| lot.id);
    Ok(found)
}

/// What a list of lots may be narrowed by.
#[derive(Debug, Clone, Default)]
pub struct LotFilter {
    /// Only these banks' lots.
    pub banks: Option<Vec<SiteId>>,
    /// Only lots in this state.
    pub state: Option<LotState>,
    /// Only the lot with this number.
    pub code: Option<String>,
}

/// A page of lots by identifier, that is, by time of registration.
pub fn list_lots(
    conn: &mut AnyConn,
    filter: &LotFilter,
    after: Option<LotId>,
    limit: i64,
) -> Result<Vec<LotRow>, StoreError> {
    let mut query = lots::table.order(lots::id.asc()).limit(limit).into_boxed();
    if let Some(banks) = &filter.banks {
        query = query.filter(lots::bank_site_id.eq_any(banks.clone()));
    }
    if let Some(state) = filter.state {
        query = query.filter(lots::state.eq(state));
    }
    if let Some(code) = &filter.code {
        query = query.filter(lots::code.eq(code.clone()));
    }
    if let Some(after) = after {
        query = query.filter(lots::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// Moves a lot to another state; false when its version is no longer the one given.
pub fn set_lot_state(conn: &mut AnyConn, id: LotId, version: i64, state: LotState) -> Result<bool, StoreError> {
    let changed = diesel::update(lots::table.filter(lots::id.eq(id)).filter(lots::version.eq(version)))
        .set((lots::state.eq(state), lots::version.eq(version + 1)))
        .prepared()
        .execute(conn)?;
    Ok(changed == 1)
}

/// Marks a lot released; false when its version is no longer the one given.
pub fn mark_lot_released(
    conn: &mut AnyConn,
    id: LotId,
    version: i64,
    at: Instant,
    by: &str,
) -> Result<bool, StoreError> {
    let changed = diesel::update(lots::table.filter(lots::id.eq(id)).filter(lots::version.eq(version)))
        .set((
            lots::state.eq(LotState::Released),
            lots::released_at.eq(Some(at)),
            lots::released_by.eq(Some(by)),
            lots::version.eq(version + 1),
        ))
        .prepared()
        .execute(conn)?;
    Ok(changed == 1)
}

/// Lots with a hold that nobody lifted.
pub fn list_held_lots(conn: &mut AnyConn) -> Result<Vec<LotId>, StoreError> {
    let held: Vec<Option<LotId>> = holds::table
        .filter(holds::lot_id.is_not_null())
        .filter(holds::lifted_at.is_null())
        .select(holds::lot_id)
        .load(conn)?;
    Ok(held.into_iter().flatten().collect())
}

/// How often each donor's milk was already fed to an infant of a site.
pub fn count_donor_feeds(conn: &mut AnyConn, site: SiteId, infant: &str) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(feeds::table
        .inner_join(bottles::table.inner_join(lots::table.inner_join(lot_donors::table)))
        .filter(feeds::site_id.eq(site))
        .filter(feeds::infant_ref.eq(infant))
        .group_by(lot_donors::donor_ref)
        .order(lot_donors::donor_ref)
        .select((lot_donors::donor_ref, diesel::dsl::count_star()))
        .load(conn)?)
}
