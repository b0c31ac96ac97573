//! Recalls: the lots they name, where those lots' bottles are or went, and what each site answered.

use super::dialect::on_backend;
use super::prepared::Prepare as _;
use super::schema::{bottles, lots, recall_answers, recall_bottles, recall_lots, recalls, transfer_bottles, transfers};
use super::{AnyConn, StoreError};
use crate::domain::bottle::BottleState;
use crate::domain::ids::{BottleId, LotId, RecallId, SiteId, TransferId};
use crate::domain::quantity::Volume;
use crate::domain::recall::{RecallScope, RecallState};
use crate::domain::time::Instant;
use diesel::prelude::*;

/// A recall as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = recalls, treat_none_as_default_value = false)]
pub struct RecallRow {
    /// Identifier.
    pub id: RecallId,
    /// The bank that issued it.
    pub site_id: SiteId,
    /// What it selects by.
    pub scope: RecallScope,
    /// Why.
    pub reason: String,
    /// What was selected, JSON.
    pub selector: String,
    /// State.
    pub state: RecallState,
    /// By when sites must answer.
    pub respond_by: Instant,
    /// When the milk was frozen.
    pub frozen_at: Instant,
    /// Bottles that were somewhere then.
    pub frozen_bottles: i64,
    /// Their volume.
    pub frozen_ml: Volume,
    /// When it was closed.
    pub closed_at: Option<Instant>,
    /// True for an exercise that touched no milk.
    pub drill: bool,
    /// How long freezing and listing took, microseconds.
    pub listed_us: i64,
    /// When sites that had not answered were reminded.
    pub escalated_at: Option<Instant>,
    /// Row version.
    pub version: i64,
}

/// One site's answer as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = recall_answers, treat_none_as_default_value = false)]
pub struct AnswerRow {
    /// The recall.
    pub recall_id: RecallId,
    /// The site.
    pub site_id: SiteId,
    /// When it was asked.
    pub asked_at: Instant,
    /// When it answered.
    pub acknowledged_at: Option<Instant>,
    /// Who answered.
    pub acknowledged_by: Option<String>,
    /// What it says it holds.
    pub held_ml: Option<Volume>,
}

/// Adds a recall with its lots.
pub fn insert_recall(conn: &mut AnyConn, row: &RecallRow, of_lots: &[LotId]) -> Result<(), StoreError> {
    diesel::insert_into(recalls::table).values(row.clone()).prepared().execute(conn)?;
    for chunk in of_lots.chunks(5_000) {
        let rows: Vec<_> =
            chunk.iter().map(|lot| (recall_lots::recall_id.eq(row.id), recall_lots::lot_id.eq(*lot))).collect();
        on_backend!(conn, |c| diesel::insert_into(recall_lots::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// The recall, if there is one.
pub fn find_recall(conn: &mut AnyConn, id: RecallId) -> Result<Option<RecallRow>, StoreError> {
    Ok(recalls::table.filter(recalls::id.eq(id)).first(conn).optional()?)
}

/// A page of recalls; `sites` limits it to those issued by or asked of one of them.
pub fn list_recalls(
    conn: &mut AnyConn,
    sites: Option<&[SiteId]>,
    after: Option<RecallId>,
    limit: i64,
) -> Result<Vec<RecallRow>, StoreError> {
    let mut query = recalls::table.order(recalls::id.asc()).limit(limit).into_boxed();
    if let Some(sites) = sites {
        let asked = recall_answers::table
            .filter(recall_answers::site_id.eq_any(sites.to_vec()))
            .select(recall_answers::recall_id);
        query = query.filter(recalls::site_id.eq_any(sites.to_vec()).or(recalls::id.eq_any(asked)));
    }
    if let Some(after) = after {
        query = query.filter(recalls::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// The recalls of a bank, no drills, that name milk by where it came from: they reach lots that come later.
pub fn list_lasting_recalls(conn: &mut AnyConn, bank: SiteId) -> Result<Vec<RecallRow>, StoreError> {
    use RecallScope::{Cycle, Deposit, Device, Donor, Pool};
    Ok(recalls::table
        .filter(recalls::site_id.eq(bank))
        .filter(recalls::drill.eq(false))
        .filter(recalls::scope.eq_any([Donor, Deposit, Pool, Cycle, Device]))
        .order(recalls::id)
        .load(conn)?)
}

/// The numbers of the lots of some recalls, in order.
pub fn list_recall_codes(conn: &mut AnyConn, ids: &[RecallId]) -> Result<Vec<(RecallId, String)>, StoreError> {
    let codes = recall_lots::table.inner_join(lots::table.on(lots::id.eq(recall_lots::lot_id)));
    let codes = codes.filter(recall_lots::recall_id.eq_any(ids.to_vec())).order(lots::code);
    Ok(codes.select((recall_lots::recall_id, lots::code)).load(conn)?)
}

/// The lots of a recall.
pub fn list_recall_lots(conn: &mut AnyConn, id: RecallId) -> Result<Vec<LotId>, StoreError> {
    Ok(recall_lots::table
        .filter(recall_lots::recall_id.eq(id))
        .order(recall_lots::lot_id)
        .select(recall_lots::lot_id)
        .load(conn)?)
}

/// The answers to a recall, by site.
pub fn list_answers(conn: &mut AnyConn, id: RecallId) -> Result<Vec<AnswerRow>, StoreError> {
    Ok(recall_answers::table.filter(recall_answers::recall_id.eq(id)).order(recall_answers::site_id).load(conn)?)
}

/// Asks sites that were not asked yet.
pub fn ask_sites(conn: &mut AnyConn, id: RecallId, sites: &[SiteId], at: Instant) -> Result<(), StoreError> {
    let rows: Vec<AnswerRow> = sites
        .iter()
        .map(|site| AnswerRow {
            recall_id: id,
            site_id: *site,
            asked_at: at,
            acknowledged_at: None,
            acknowledged_by: None,
            held_ml: None,
        })
        .collect();
    on_backend!(conn, |c| diesel::insert_into(recall_answers::table).values(rows).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// Keeps a site's answer; a later answer replaces an earlier one. False when the site was not asked.
pub fn save_answer(
    conn: &mut AnyConn,
    id: RecallId,
    site: SiteId,
    by: &str,
    held: Volume,
    at: Instant,
) -> Result<bool, StoreError> {
    let changed = diesel::update(
        recall_answers::table.filter(recall_answers::recall_id.eq(id)).filter(recall_answers::site_id.eq(site)),
    )
    .set((
        recall_answers::acknowledged_at.eq(Some(at)),
        recall_answers::acknowledged_by.eq(Some(by)),
        recall_answers::held_ml.eq(Some(held)),
    ))
    .prepared()
    .execute(conn)?;
    Ok(changed == 1)
}

/// Moves a recall to another state; false when its version is no longer the one given.
pub fn set_recall_state(
    conn: &mut AnyConn,
    id: RecallId,
    version: i64,
    state: RecallState,
    closed_at: Option<Instant>,
) -> Result<bool, StoreError> {
    let changed = diesel::update(recalls::table.filter(recalls::id.eq(id)).filter(recalls::version.eq(version)))
        .set((recalls::state.eq(state), recalls::closed_at.eq(closed_at), recalls::version.eq(version + 1)))
        .prepared()
        .execute(conn)?;
    Ok(changed == 1)
}

/// One heap of bottles of some lots: where, in which state, how many, how much, fed of it.
#[derive(Debug, Clone, Queryable)]
pub struct LotHeap {
    /// Where it is.
    pub site_id: SiteId,
    /// In which state.
    pub state: BottleState,
    /// Bottles.
    pub bottles: i64,
    /// Their size in all.
    pub size_ml: Volume,
    /// Fed from them.
    pub fed_ml: Volume,
}

/// Where the bottles of some lots are, by site and state.
pub fn list_heaps(conn: &mut AnyConn, of_lots: &[LotId]) -> Result<Vec<LotHeap>, StoreError> {
    use super::dialect::total_of;
    Ok(bottles::table
        .filter(bottles::lot_id.eq_any(of_lots.to_vec()))
        .group_by((bottles::site_id, bottles::state))
        .order((bottles::site_id, bottles::state))
        .select((
            bottles::site_id,
            bottles::state,
            diesel::dsl::count_star(),
            total_of(bottles::size_ml),
            total_of(bottles::fed_ml),
        ))
        .load(conn)?)
}

/// The journeys on the road with bottles of these lots, and where they go.
pub fn list_journeys_with(conn: &mut AnyConn, of_lots: &[LotId]) -> Result<Vec<(TransferId, SiteId)>, StoreError> {
    Ok(transfers::table
        .inner_join(transfer_bottles::table.inner_join(bottles::table))
        .filter(transfer_bottles::ended_at.is_null())
        .filter(bottles::lot_id.eq_any(of_lots.to_vec()))
        .filter(bottles::state.eq(BottleState::InTransit))
        .order(transfers::id)
        .select((transfers::id, transfers::to_site_id))
        .distinct()
        .load(conn)?)
}

/// Adds the single bottles of a recall.
pub fn insert_recall_bottles(conn: &mut AnyConn, id: RecallId, ids: &[BottleId]) -> Result<(), StoreError> {
    for chunk in ids.chunks(5_000) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|bottle| (recall_bottles::recall_id.eq(id), recall_bottles::bottle_id.eq(*bottle)))
            .collect();
        on_backend!(conn, |c| diesel::insert_into(recall_bottles::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// The single bottles of a recall.
pub fn list_named_bottles(conn: &mut AnyConn, id: RecallId) -> Result<Vec<BottleId>, StoreError> {
    Ok(recall_bottles::table
        .filter(recall_bottles::recall_id.eq(id))
        .order(recall_bottles::bottle_id)
        .select(recall_bottles::bottle_id)
        .load(conn)?)
}

/// Where the single bottles of a recall are, by site and state.
pub fn list_bottle_heaps(conn: &mut AnyConn, id: RecallId) -> Result<Vec<LotHeap>, StoreError> {
    use super::dialect::total_of;
    let named = recall_bottles::table.filter(recall_bottles::recall_id.eq(id)).select(recall_bottles::bottle_id);
    Ok(bottles::table
        .filter(bottles::id.eq_any(named))
        .group_by((bottles::site_id, bottles::state))
        .order((bottles::site_id, bottles::state))
        .select((
            bottles::site_id,
            bottles::state,
            diesel::dsl::count_star(),
            total_of(bottles::size_ml),
            total_of(bottles::fed_ml),
        ))
        .load(conn)?)
}

/// One bottle of a recall's list.
#[derive(Debug, Clone, Queryable)]
pub struct RecallBottleRow {
    /// The bottle.
    pub bottle_id: BottleId,
    /// Its lot.
    pub lot_id: LotId,
    /// The lot's number.
    pub lot_code: String,
    /// Its number within its lot.
    pub division: i64,
    /// Its size.
    pub size_ml: Volume,
    /// Where it is or ended.
    pub site_id: SiteId,
    /// Its state.
    pub state: BottleState,
    /// The journey it is on.
    pub transfer_id: Option<TransferId>,
    /// Fed from it.
    pub fed_ml: Volume,
}

/// A page of the bottles of a recall, everywhere or at some sites, by identifier.
pub fn list_recalled_bottles(
    conn: &mut AnyConn,
    id: RecallId,
    at: Option<&[SiteId]>,
    after: Option<BottleId>,
    limit: i64,
) -> Result<Vec<RecallBottleRow>, StoreError> {
    let of_lots = recall_lots::table.filter(recall_lots::recall_id.eq(id)).select(recall_lots::lot_id);
    let named = recall_bottles::table.filter(recall_bottles::recall_id.eq(id)).select(recall_bottles::bottle_id);
    let mut query = bottles::table
        .inner_join(lots::table)
        .filter(bottles::lot_id.eq_any(of_lots).or(bottles::id.eq_any(named)))
        .order(bottles::id.asc())
        .limit(limit)
        .select((
            bottles::id,
            bottles::lot_id,
            lots::code,
            bottles::division,
            bottles::size_ml,
            bottles::site_id,
            bottles::state,
            bottles::transfer_id,
            bottles::fed_ml,
        ))
        .into_boxed();
    if let Some(sites) = at {
        query = query.filter(bottles::site_id.eq_any(sites.to_vec()));
    }
    if let Some(after) = after {
        query = query.filter(bottles::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// True when an open recall names this bottle.
pub fn is_bottle_recalled(conn: &mut AnyConn, bottle: BottleId) -> Result<bool, StoreError> {
    Ok(diesel::select(diesel::dsl::exists(
        recall_bottles::table
            .inner_join(recalls::table)
            .filter(recall_bottles::bottle_id.eq(bottle))
            .filter(recalls::drill.eq(false))
            .filter(recalls::state.ne(RecallState::Closed)),
    ))
    .get_result(conn)?)
}

/// Recalls that some site has not answered in time, and of which nobody was reminded.
pub fn list_overdue_recalls(conn: &mut AnyConn, now: Instant) -> Result<Vec<RecallRow>, StoreError> {
    Ok(recalls::table
        .filter(recalls::state.eq(RecallState::Notified))
        .filter(recalls::respond_by.le(now))
        .filter(recalls::escalated_at.is_null())
        .order(recalls::id)
        .load(conn)?)
}

/// Notes that sites were reminded.
pub fn mark_escalated(conn: &mut AnyConn, id: RecallId, at: Instant) -> Result<(), StoreError> {
    diesel::update(recalls::table.filter(recalls::id.eq(id))).set(recalls::escalated_at.eq(Some(at))).execute(conn)?;
    Ok(())
}

/// Notes how long freezing and listing took.
pub fn save_listed(conn: &mut AnyConn, id: RecallId, listed_us: i64) -> Result<(), StoreError> {
    diesel::update(recalls::table.filter(recalls::id.eq(id))).set(recalls::listed_us.eq(listed_us)).execute(conn)?;
    Ok(())
}
