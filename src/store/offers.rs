//! Offers and the allocations that accepted ones become.

use super::dialect::total_of;
use super::prepared::Prepare as _;
use super::schema::{allocations, bottles, lots, offer_bottles, offers, requests};
use super::{AnyConn, StoreError};
use crate::domain::ids::{AllocationId, LotId, MatchRunId, OfferId, RequestId, SiteId, TransferId};
use crate::domain::lot::LotState;
use crate::domain::offer::{AllocationState, DeclineReason, OfferState};
use crate::domain::quantity::Volume;
use crate::domain::time::Instant;
use diesel::prelude::*;

/// An offer as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = offers, treat_none_as_default_value = false)]
pub struct OfferRow {
    /// Identifier.
    pub id: OfferId,
    /// The run that proposed it.
    pub match_run_id: Option<MatchRunId>,
    /// For this request.
    pub request_id: RequestId,
    /// The holding site.
    pub from_site_id: SiteId,
    /// The asking site.
    pub to_site_id: SiteId,
    /// State.
    pub state: OfferState,
    /// Volume.
    pub volume_ml: Volume,
    /// Number of bottles.
    pub bottles: i64,
    /// When it was made.
    pub proposed_at: Instant,
    /// Until when it may be answered.
    pub answer_by: Instant,
    /// When it was decided.
    pub decided_at: Option<Instant>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// Coded reason of a refusal.
    pub decline_reason: Option<DeclineReason>,
    /// Free text beside it.
    pub decline_note: Option<String>,
    /// Accepted by the site's standing rule.
    pub by_standing_rule: bool,
    /// Row version.
    pub version: i64,
}

/// An allocation as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = allocations, treat_none_as_default_value = false)]
pub struct AllocationRow {
    /// Identifier.
    pub id: AllocationId,
    /// Its offer.
    pub offer_id: OfferId,
    /// Its request.
    pub request_id: RequestId,
    /// The holding site.
    pub from_site_id: SiteId,
    /// The asking site.
    pub to_site_id: SiteId,
    /// State.
    pub state: AllocationState,
    /// Volume.
    pub volume_ml: Volume,
    /// Number of bottles.
    pub bottles: i64,
    /// When it releases itself unless it moved.
    pub lapses_at: Instant,
    /// The transfer that carries it.
    pub transfer_id: Option<TransferId>,
    /// When it was made.
    pub created_at: Instant,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// Why it ended.
    pub end_reason: Option<String>,
    /// When its journey came into doubt and its request was planned anew.
    pub doubted_at: Option<Instant>,
    /// Row version.
    pub version: i64,
}

/// An offer with the tier and the need of its request.
pub type OfferWithNeed = (OfferRow, (i64, Instant));
/// An allocation with the tier and the need of its request.
pub type AllocationWithNeed = (AllocationRow, (i64, Instant));
/// Offer, lot, lot number, bottle size, number of bottles.
pub type OfferLine = (OfferId, LotId, String, Volume, i64);

/// Lot, lot number, bottle size, number of bottles, and the lot's state and expiry.
pub type LineToAccept = (LotId, String, Volume, i64, LotState, Instant);

/// Adds an offer.
pub fn insert_offer(conn: &mut AnyConn, row: &OfferRow) -> Result<(), StoreError> {
    diesel::insert_into(offers::table).values(row.clone()).prepared().execute(conn)?;
    Ok(())
}

/// The offer, if there is one.
pub fn find_offer(conn: &mut AnyConn, id: OfferId) -> Result<Option<OfferRow>, StoreError> {
    Ok(offers::table.filter(offers::id.eq(id)).prepared().get_result(conn).optional()?)
}

/// Every offer that waits for an answer.
pub fn list_proposed_offers(conn: &mut AnyConn) -> Result<Vec<OfferRow>, StoreError> {
    Ok(offers::table.filter(offers::state.eq(OfferState::Proposed)).order(offers::id).load(conn)?)
}

/// Offers that wait for an answer on a request.
pub fn list_proposed_offers_of(conn: &mut AnyConn, request: RequestId) -> Result<Vec<OfferRow>, StoreError> {
    Ok(offers::table
        .filter(offers::state.eq(OfferState::Proposed))
        .filter(offers::request_id.eq(request))
        .order(offers::id)
        .load(conn)?)
}

/// Pairs of request and holding site that the site has declined.
pub fn list_declined_pairs(
    conn: &mut AnyConn,
    of_requests: &[RequestId],
) -> Result<Vec<(RequestId, SiteId)>, StoreError> {
    Ok(offers::table
        .filter(offers::state.eq(OfferState::Declined))
        .filter(offers::request_id.eq_any(of_requests.to_vec()))
        .select((offers::request_id, offers::from_site_id))
        .load(conn)?)
}

/// Offers whose time to answer is over.
pub fn list_overdue_offers(conn: &mut AnyConn, now: Instant) -> Result<Vec<OfferRow>, StoreError> {
    Ok(offers::table
        .filter(offers::state.eq(OfferState::Proposed))
        .filter(offers::answer_by.le(now))
        .order(offers::id)
        .load(conn)?)
}

/// How an offer was decided.
pub struct OfferDecision<'a> {
    /// The new state.
    pub state: OfferState,
    /// When.
    pub at: Instant,
    /// Who.
    pub by: &'a str,
    /// Why not.
    pub decline: Option<(DeclineReason, Option<&'a str>)>,
    /// By the site's standing rule.
    pub by_standing_rule: bool,
}

/// Decides an offer that waits; false when its version is no longer the one given or it was decided.
pub fn decide_offer(
    conn: &mut AnyConn,
    id: OfferId,
    version: i64,
    decision: &OfferDecision<'_>,
) -> Result<bool, StoreError> {
    let changed = diesel::update(
        offers::table
            .filter(offers::id.eq(id))
            .filter(offers::version.eq(version))
            .filter(offers::state.eq(OfferState::Proposed)),
    )
    .set((
        offers::state.eq(decision.state),
        offers::decided_at.eq(Some(decision.at)),
        offers::decided_by.eq(Some(decision.by)),
        offers::decline_reason.eq(decision.decline.map(|(reason, _)| reason)),
        offers::decline_note.eq(decision.decline.and_then(|(_, note)| note)),
        offers::by_standing_rule.eq(decision.by_standing_rule),
        offers::version.eq(version + 1),
    ))
    .prepared()
    .execute(conn)?;
    Ok(changed == 1)
}

/// What a list of offers or allocations may be narrowed by.
#[derive(Debug, Clone, Default)]
pub struct PromiseFilter {
    /// Only those in which one of these sites takes part, on either side.
    pub sites: Option<Vec<SiteId>>,
    /// Only those of this request.
    pub request: Option<RequestId>,
    /// Only those made for this site's holder or asker, on top of `sites`.
    pub site: Option<SiteId>,
    /// Only those made at this instant or later.
    pub since: Option<Instant>,
}

/// A page of offers with the tier and the need of their requests.
pub fn list_offers(
    conn: &mut AnyConn,
    filter: &PromiseFilter,
    state: Option<OfferState>,
    after: Option<OfferId>,
    limit: i64,
) -> Result<Vec<OfferWithNeed>, StoreError> {
    let mut query = offers::table
        .inner_join(requests::table)
        .select((offers::all_columns, (requests::tier, requests::needed_by)))
        .order(offers::id.asc())
        .limit(limit)
        .into_boxed();
    if let Some(sites) = &filter.sites {
        query = query.filter(offers::from_site_id.eq_any(sites.clone()).or(offers::to_site_id.eq_any(sites.clone())));
    }
    if let Some(site) = filter.site {
        query = query.filter(offers::from_site_id.eq(site).or(offers::to_site_id.eq(site)));
    }
    if let Some(request) = filter.request {
        query = query.filter(offers::request_id.eq(request));
    }
    if let Some(since) = filter.since {
        query = query.filter(offers::proposed_at.ge(since));
    }
    if let Some(state) = state {
        query = query.filter(offers::state.eq(state));
    }
    if let Some(after) = after {
        query = query.filter(offers::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// Lines of offers: offer, lot, lot number, bottle size, number of bottles.
pub fn list_offer_lines(conn: &mut AnyConn, ids: &[OfferId]) -> Result<Vec<OfferLine>, StoreError> {
    Ok(offer_bottles::table
        .inner_join(bottles::table.inner_join(lots::table))
        .filter(offer_bottles::offer_id.eq_any(ids.to_vec()))
        .group_by((offer_bottles::offer_id, lots::id, lots::code, bottles::size_ml))
        .order((offer_bottles::offer_id, lots::code, bottles::size_ml))
        .select((offer_bottles::offer_id, lots::id, lots::code, bottles::size_ml, diesel::dsl::count_star()))
        .load(conn)?)
}

/// The lines of one offer, each with the state and the expiry of its lot. One id is compared by `=`, so that SQLite
/// keeps the statement.
pub fn list_lines_to_accept(conn: &mut AnyConn, id: OfferId) -> Result<Vec<LineToAccept>, StoreError> {
    Ok(offer_bottles::table
        .inner_join(bottles::table.inner_join(lots::table))
        .filter(offer_bottles::offer_id.eq(id))
        .group_by((lots::id, lots::code, bottles::size_ml, lots::state, lots::expires_at))
        .order((lots::code, bottles::size_ml))
        .select((lots::id, lots::code, bottles::size_ml, diesel::dsl::count_star(), lots::state, lots::expires_at))
        .prepared()
        .load(conn)?)
}

/// Adds an allocation.
pub fn insert_allocation(conn: &mut AnyConn, row: &AllocationRow) -> Result<(), StoreError> {
    diesel::insert_into(allocations::table).values(row.clone()).prepared().execute(conn)?;
    Ok(())
}

/// The allocation, if there is one.
pub fn find_allocation(conn: &mut AnyConn, id: AllocationId) -> Result<Option<AllocationRow>, StoreError> {
    Ok(allocations::table.filter(allocations::id.eq(id)).prepared().get_result(conn).optional()?)
}

/// The allocation of an offer, if it was accepted.
pub fn find_allocation_of(conn: &mut AnyConn, offer: OfferId) -> Result<Option<AllocationRow>, StoreError> {
    Ok(allocations::table.filter(allocations::offer_id.eq(offer)).prepared().get_result(conn).optional()?)
}

/// The allocations of some offers: offer and allocation.
pub fn list_allocation_ids(conn: &mut AnyConn, of: &[OfferId]) -> Result<Vec<(OfferId, AllocationId)>, StoreError> {
    Ok(allocations::table
        .filter(allocations::offer_id.eq_any(of.to_vec()))
        .select((allocations::offer_id, allocations::id))
        .load(conn)?)
}

/// Held allocations whose time is over.
pub fn list_overdue_allocations(conn: &mut AnyConn, now: Instant) -> Result<Vec<AllocationRow>, StoreError> {
    Ok(allocations::table
        .filter(allocations::state.eq(AllocationState::Held))
        .filter(allocations::lapses_at.le(now))
        .order(allocations::id)
        .load(conn)?)
}

/// Sites between which promised milk waits for its journey: holding and asking site.
pub fn list_pairs_with_held_milk(conn: &mut AnyConn) -> Result<Vec<(SiteId, SiteId)>, StoreError> {
    Ok(allocations::table
        .filter(allocations::state.eq(AllocationState::Held))
        .select((allocations::from_site_id, allocations::to_site_id))
        .distinct()
        .load(conn)?)
}

/// A page of allocations with the tier and the need of their requests.
pub fn list_allocations(
    conn: &mut AnyConn,
    filter: &PromiseFilter,
    state: Option<AllocationState>,
    after: Option<AllocationId>,
    limit: i64,
) -> Result<Vec<AllocationWithNeed>, StoreError> {
    let mut query = allocations::table
        .inner_join(requests::table)
        .select((allocations::all_columns, (requests::tier, requests::needed_by)))
        .order(allocations::id.asc())
        .limit(limit)
        .into_boxed();
    if let Some(sites) = &filter.sites {
        query = query
            .filter(allocations::from_site_id.eq_any(sites.clone()).or(allocations::to_site_id.eq_any(sites.clone())));
    }
    if let Some(site) = filter.site {
        query = query.filter(allocations::from_site_id.eq(site).or(allocations::to_site_id.eq(site)));
    }
    if let Some(request) = filter.request {
        query = query.filter(allocations::request_id.eq(request));
    }
    if let Some(since) = filter.since {
        query = query.filter(allocations::created_at.ge(since));
    }
    if let Some(state) = state {
        query = query.filter(allocations::state.eq(state));
    }
    if let Some(after) = after {
        query = query.filter(allocations::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// Moves an allocation from one state to another; false when its version or state is not the one given.
pub fn move_allocation(
    conn: &mut AnyConn,
    row: &AllocationRow,
    state: AllocationState,
    transfer: Option<TransferId>,
    ended: Option<(Instant, &str)>,
) -> Result<bool, StoreError> {
    let changed = diesel::update(
        allocations::table
            .filter(allocations::id.eq(row.id))
            .filter(allocations::version.eq(row.version))
            .filter(allocations::state.eq(row.state)),
    )
    .set((
        allocations::state.eq(state),
        allocations::transfer_id.eq(transfer),
        allocations::ended_at.eq(ended.map(|(at, _)| at)),
        allocations::end_reason.eq(ended.map(|(_, why)| why)),
        allocations::version.eq(row.version + 1),
    ))
    .prepared()
    .execute(conn)?;
    Ok(changed == 1)
}

/// Marks an allocation whose journey came into doubt; false when it was marked before or moved.
pub fn doubt_allocation(conn: &mut AnyConn, row: &AllocationRow, at: Instant) -> Result<bool, StoreError> {
    let changed = diesel::update(
        allocations::table
            .filter(allocations::id.eq(row.id))
            .filter(allocations::version.eq(row.version))
            .filter(allocations::state.eq(AllocationState::InTransfer))
            .filter(allocations::doubted_at.is_null()),
    )
    .set((allocations::doubted_at.eq(Some(at)), allocations::version.eq(row.version + 1)))
    .execute(conn)?;
    Ok(changed == 1)
}

/// Millilitres delivered from one site to another since an instant, for every pair of different sites.
pub fn sum_delivered_between_sites(
    conn: &mut AnyConn,
    since: Instant,
) -> Result<Vec<(SiteId, SiteId, i64)>, StoreError> {
    Ok(allocations::table
        .filter(allocations::state.eq(AllocationState::Delivered))
        .filter(allocations::created_at.ge(since))
        .filter(allocations::from_site_id.ne(allocations::to_site_id))
        .group_by((allocations::from_site_id, allocations::to_site_id))
        .order((allocations::from_site_id, allocations::to_site_id))
        .select((allocations::from_site_id, allocations::to_site_id, total_of(allocations::volume_ml)))
        .load(conn)?)
}
