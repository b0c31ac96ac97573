//! What became of bottles: feeds to pseudonymous infants, and milk thrown away. A fate is written only over
//! the state it was decided on; feeds are only added to.

use super::dialect::{on_backend, total_of};
use super::schema::{bottles, feeds, lots};
use super::{AnyConn, StoreError};
use crate::domain::bottle::BottleState;
use crate::domain::ids::{BottleId, LotId, OfferId, RequestId, SiteId, SurplusLineId, TransferId};
use crate::domain::lot::LotState;
use crate::domain::quantity::Volume;
use crate::domain::time::Instant;
use diesel::prelude::*;

/// One feed as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = feeds, treat_none_as_default_value = false)]
pub struct FeedRow {
    /// Identifier.
    pub id: String,
    /// From this bottle.
    pub bottle_id: BottleId,
    /// At this site.
    pub site_id: SiteId,
    /// The infant's pseudonym.
    pub infant_ref: String,
    /// How much.
    pub volume_ml: Volume,
    /// When.
    pub fed_at: Instant,
    /// Who recorded it.
    pub recorded_by: String,
    /// When it was recorded.
    pub recorded_at: Instant,
}

/// A bottle with what decides whether it may be used.
#[derive(Debug, Clone, Queryable)]
pub struct BottleForFate {
    /// Identifier.
    pub id: BottleId,
    /// Its lot.
    pub lot_id: LotId,
    /// Its size.
    pub size_ml: Volume,
    /// Where it is.
    pub site_id: SiteId,
    /// Its state.
    pub state: BottleState,
    /// The line it is published on.
    pub surplus_line_id: Option<SurplusLineId>,
    /// The offer it is promised by.
    pub offer_id: Option<OfferId>,
    /// The journey it is on.
    pub transfer_id: Option<TransferId>,
    /// Fed so far.
    pub fed_ml: Volume,
    /// Thrown away so far.
    pub discarded_ml: Volume,
    /// Row version.
    pub version: i64,
    /// Its lot's state.
    pub lot_state: LotState,
    /// Its lot's expiry.
    pub lot_expires_at: Instant,
    /// The request it is kept for.
    pub for_request_id: Option<RequestId>,
    /// From here on it may not be fed, if it is thawed.
    pub thaw_ends_at: Option<Instant>,
    /// When its lot was pasteurised.
    pub pasteurised_at: Option<Instant>,
}

/// Bottles with their lots, in identifier order.
pub fn list_bottles_for_fate(conn: &mut AnyConn, ids: &[BottleId]) -> Result<Vec<BottleForFate>, StoreError> {
    Ok(bottles::table
        .inner_join(lots::table)
        .filter(bottles::id.eq_any(ids.to_vec()))
        .order(bottles::id)
        .select((
            bottles::id,
            bottles::lot_id,
            bottles::size_ml,
            bottles::site_id,
            bottles::state,
            bottles::surplus_line_id,
            bottles::offer_id,
            bottles::transfer_id,
            bottles::fed_ml,
            bottles::discarded_ml,
            bottles::version,
            lots::state,
            lots::expires_at,
            bottles::for_request_id,
            bottles::thaw_ends_at,
            lots::pasteurised_at,
        ))
        .load(conn)?)
}

/// Adds feeds.
pub fn insert_feeds(conn: &mut AnyConn, rows: &[FeedRow]) -> Result<(), StoreError> {
    // Eight binds a row; SQLite takes at most 32,766 a statement.
    for chunk in rows.chunks(2_000) {
        on_backend!(conn, |c| diesel::insert_into(feeds::table).values(chunk.to_vec()).execute(c))?;
    }
    Ok(())
}

/// The feeds from some bottles.
pub fn list_feeds_of(conn: &mut AnyConn, ids: &[BottleId]) -> Result<Vec<FeedRow>, StoreError> {
    Ok(feeds::table.filter(feeds::bottle_id.eq_any(ids.to_vec())).order(feeds::id).load(conn)?)
}

/// The end of some bottles that share it.
#[derive(Debug, Clone, Copy)]
pub struct BottleEnd<'a> {
    /// Fed from each; the rest of each is thrown away.
    pub fed_ml: Volume,
    /// Why the rest was thrown away; none when nothing was.
    pub reason: Option<&'a str>,
    /// When.
    pub at: Instant,
}

/// Ends bottles that are unpromised at a site; the number ended.
pub fn end_bottles(
    conn: &mut AnyConn,
    site: SiteId,
    ids: &[BottleId],
    end: &BottleEnd<'_>,
) -> Result<usize, StoreError> {
    let state = if end.fed_ml.is_positive() { BottleState::Used } else { BottleState::Discarded };
    Ok(diesel::update(
        bottles::table
            .filter(bottles::id.eq_any(ids.to_vec()))
            .filter(bottles::site_id.eq(site))
            .filter(bottles::state.eq_any([BottleState::InStock, BottleState::Quarantined]))
            .filter(bottles::offer_id.is_null())
            .filter(bottles::transfer_id.is_null()),
    )
    .set((
        bottles::state.eq(state),
        bottles::fed_ml.eq(end.fed_ml),
        bottles::discarded_ml.eq(bottles::size_ml - end.fed_ml.ml()),
        bottles::fate_reason.eq(end.reason),
        bottles::closed_at.eq(Some(end.at)),
        bottles::surplus_line_id.eq(None::<SurplusLineId>),
        bottles::version.eq(bottles::version + 1),
    ))
    .execute(conn)?)
}

/// Ends bottles that were fed to the last drop; the number ended.
pub fn empty_bottles(conn: &mut AnyConn, site: SiteId, ids: &[BottleId], at: Instant) -> Result<usize, StoreError> {
    Ok(diesel::update(
        bottles::table
            .filter(bottles::id.eq_any(ids.to_vec()))
            .filter(bottles::site_id.eq(site))
            .filter(bottles::state.eq(BottleState::InStock))
            .filter(bottles::offer_id.is_null())
            .filter(bottles::transfer_id.is_null()),
    )
    .set((
        bottles::state.eq(BottleState::Used),
        bottles::fed_ml.eq(bottles::size_ml),
        bottles::closed_at.eq(Some(at)),
        bottles::surplus_line_id.eq(None::<SurplusLineId>),
        bottles::version.eq(bottles::version + 1),
    ))
    .execute(conn)?)
}

/// Moves unpromised bottles between stock and quarantine at a site; the number moved. Going into quarantine
/// takes them off the board.
pub fn set_aside(
    conn: &mut AnyConn,
    site: SiteId,
    ids: &[BottleId],
    from: BottleState,
    to: BottleState,
) -> Result<usize, StoreError> {
    Ok(diesel::update(
        bottles::table
            .filter(bottles::id.eq_any(ids.to_vec()))
            .filter(bottles::site_id.eq(site))
            .filter(bottles::state.eq(from))
            .filter(bottles::offer_id.is_null())
            .filter(bottles::transfer_id.is_null()),
    )
    .set((
        bottles::state.eq(to),
        bottles::surplus_line_id.eq(None::<SurplusLineId>),
        bottles::version.eq(bottles::version + 1),
    ))
    .execute(conn)?)
}

/// Of some lots, those of which no bottle is left anywhere.
pub fn list_lots_used_up(conn: &mut AnyConn, ids: &[LotId]) -> Result<Vec<LotId>, StoreError> {
    let alive: Vec<LotId> = bottles::table
        .filter(bottles::lot_id.eq_any(ids.to_vec()))
        .filter(bottles::state.eq_any([BottleState::InStock, BottleState::InTransit, BottleState::Quarantined]))
        .select(bottles::lot_id)
        .distinct()
        .load(conn)?;
    Ok(ids.iter().copied().filter(|lot| !alive.contains(lot)).collect())
}

/// Marks released lots of which no bottle is left as exhausted; the number marked.
pub fn mark_exhausted(conn: &mut AnyConn, ids: &[LotId]) -> Result<usize, StoreError> {
    if ids.is_empty() {
        return Ok(0);
    }
    Ok(diesel::update(lots::table.filter(lots::id.eq_any(ids.to_vec())).filter(lots::state.eq(LotState::Released)))
        .set((lots::state.eq(LotState::Exhausted), lots::version.eq(lots::version + 1)))
        .execute(conn)?)
}

/// Volume of some bottles.
pub fn total_volume(conn: &mut AnyConn, ids: &[BottleId]) -> Result<Volume, StoreError> {
    let total: i64 =
        bottles::table.filter(bottles::id.eq_any(ids.to_vec())).select(total_of(bottles::size_ml)).first(conn)?;
    Ok(Volume::from_ml(total))
}
