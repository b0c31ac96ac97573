//! Offers: a holding site answers, or its standing rule does, or time runs out; an accepted offer becomes an
//! allocation, which releases itself when nobody collects it.

use super::network::live_site;
use super::requests::{settle, settle_request};
use super::{ActionError, Happening, Tx};
use crate::domain::actor::Actor;
use crate::domain::ids::{AllocationId, LotId, OfferId, SiteId};
use crate::domain::lot::LotState;
use crate::domain::offer::{AllocationState, DeclineReason, OfferState};
use crate::domain::policy::Tier;
use crate::domain::quantity::Volume;
use crate::domain::refusal::RefusalCode;
use crate::domain::request::RequestKind;
use crate::domain::time::Instant;
use crate::store::offers::{self as rows, LineToAccept, OfferDecision};
pub use crate::store::offers::{AllocationRow, AllocationWithNeed, OfferRow, OfferWithNeed, PromiseFilter};
use crate::store::{AnyConn, promises, requests};
use serde_json::json;
use std::collections::BTreeMap;

/// Hours an accepted offer is held where a policy names none.
const DEFAULT_HOLD_HOURS: i64 = 24;

/// Accepts an offer for the holding site.
///
/// # Errors
/// Refusals 1, 5 and 6 when a lot changed since the offer was made; `Stale` and `Conflict` when it was decided.
pub fn accept_offer(tx: &mut Tx<'_>, id: OfferId, version: i64) -> Result<OfferListing, ActionError> {
    let offer = get_to_answer(tx, id, version)?;
    let by = tx.actor.id.clone();
    accept(tx, offer, &by, false)
}

/// Accepts a fresh offer by the holding site's own standing rule.
///
/// # Errors
/// As [`accept_offer`].
pub fn accept_by_standing_rule(tx: &mut Tx<'_>, offer: OfferRow) -> Result<OfferListing, ActionError> {
    accept(tx, offer, "standing rule", true)
}

fn accept(tx: &mut Tx<'_>, offer: OfferRow, by: &str, by_standing_rule: bool) -> Result<OfferListing, ActionError> {
    let request = requests::find_request(tx.conn, offer.request_id)?
        .ok_or_else(|| ActionError::Internal("an offer without its request".to_owned()))?;
    let lines = rows::list_lines_to_accept(tx.conn, offer.id)?;
    refuse_changed_lots(tx.now, &lines)?;
    let decision = OfferDecision { state: OfferState::Accepted, at: tx.now, by, decline: None, by_standing_rule };
    decide(tx, &offer, &decision)?;
    let allocation = insert_allocation(tx, &offer, request.tier)?;
    let in_place = allocation.state == AllocationState::Delivered;
    if in_place {
        let keep_for = (request.kind == RequestKind::NamedInfant).then_some(request.id);
        promises::keep_promise_in_place(tx.conn, offer.id, keep_for, tx.now)?;
    }
    let delivered = if in_place { offer.volume_ml } else { Volume::ZERO };
    if let Some(request) = requests::add_to_request(tx.conn, request.id, offer.volume_ml, delivered)? {
        settle(tx, &request)?;
    }
    record_offer(tx, "offer.accepted", &offer, &json!({"allocation_id": allocation.id, "volume_ml": offer.volume_ml}))?;
    Ok(OfferListing {
        row: OfferRow {
            state: OfferState::Accepted,
            decided_at: Some(tx.now),
            decided_by: Some(by.to_owned()),
            by_standing_rule,
            version: offer.version + 1,
            ..offer
        },
        tier: request.tier,
        needed_by: request.needed_by,
        lines: lines.into_iter().map(|(lot, code, size, bottles, ..)| (lot, code, size, bottles)).collect(),
        allocation: Some(allocation.id),
    })
}

/// The promise that an accepted offer becomes: delivered at once where the milk is already in the house.
fn insert_allocation(tx: &mut Tx<'_>, offer: &OfferRow, tier: i64) -> Result<AllocationRow, ActionError> {
    let in_place = offer.from_site_id == offer.to_site_id;
    let allocation = AllocationRow {
        id: AllocationId::new(tx.new_id()),
        offer_id: offer.id,
        request_id: offer.request_id,
        from_site_id: offer.from_site_id,
        to_site_id: offer.to_site_id,
        state: if in_place { AllocationState::Delivered } else { AllocationState::Held },
        volume_ml: offer.volume_ml,
        bottles: offer.bottles,
        lapses_at: tx.now.plus_hours(hold_hours(tx, offer.from_site_id, tier)?),
        transfer_id: None,
        created_at: tx.now,
        ended_at: in_place.then_some(tx.now),
        end_reason: in_place.then(|| "kept at its own site".to_owned()),
        doubted_at: None,
        version: 1,
    };
    rows::insert_allocation(tx.conn, &allocation)?;
    Ok(allocation)
}

/// How long the holding site's policy keeps an accepted offer for collection.
fn hold_hours(tx: &mut Tx<'_>, holder: SiteId, tier: i64) -> Result<i64, ActionError> {
    let timer = live_site(tx.conn, holder)?.and_then(|site| {
        let tier = Tier(u8::try_from(tier).unwrap_or(u8::MAX));
        site.policy.values.priority.timer(tier)
    });
    Ok(timer.map_or(DEFAULT_HOLD_HOURS, |timer| i64::from(timer.allocation_lapses_after_h)))
}

/// What was sound when the offer was made must be sound when it is accepted.
fn refuse_changed_lots(now: Instant, lines: &[LineToAccept]) -> Result<(), ActionError> {
    let lots: BTreeMap<LotId, (&str, LotState, Instant)> =
        lines.iter().map(|(lot, code, _, _, state, expires_at)| (*lot, (code.as_str(), *state, *expires_at))).collect();
    let mut refusals = Vec::new();
    for (code, state, expires_at) in lots.into_values() {
        match state {
            LotState::Released => {}
            LotState::Recalled => {
                refusals.push(RefusalCode::LotRecalled.because(format!("Lot {code} is recalled.")));
            }
            state => {
                refusals.push(RefusalCode::LotNotReleased.because(format!("Lot {code} is {state}, not released.")));
            }
        }
        if expires_at <= now {
            refusals.push(RefusalCode::LotExpired.because(format!("Lot {code} expired at {expires_at}.")));
        }
    }
    if refusals.is_empty() { Ok(()) } else { Err(ActionError::Refused(refusals)) }
}

/// Declines an offer for the holding site; the request is matched anew from elsewhere.
///
/// # Errors
/// `Stale` and `Conflict` when it was decided.
pub fn decline_offer(
    tx: &mut Tx<'_>,
    id: OfferId,
    version: i64,
    reason: DeclineReason,
    note: Option<&str>,
) -> Result<OfferRow, ActionError> {
    let offer = get_to_answer(tx, id, version)?;
    let by = tx.actor.id.clone();
    let decision = OfferDecision {
        state: OfferState::Declined,
        at: tx.now,
        by: &by,
        decline: Some((reason, note)),
        by_standing_rule: false,
    };
    end(tx, &offer, &decision, "offer.declined", &json!({"reason": reason}))?;
    get_offer(tx.conn, tx.actor, id)
}

/// Withdraws a waiting offer: its request ended, its milk froze, or a more urgent request needs it.
///
/// # Errors
/// `Conflict` when it was decided meanwhile.
pub fn withdraw_offer(tx: &mut Tx<'_>, offer: &OfferRow, why: &str) -> Result<(), ActionError> {
    let by = tx.actor.id.clone();
    let decision =
        OfferDecision { state: OfferState::Withdrawn, at: tx.now, by: &by, decline: None, by_standing_rule: false };
    end(tx, offer, &decision, "offer.withdrawn", &json!({"reason": why}))
}

/// Lapses every offer that nobody answered in time; the number lapsed.
///
/// # Errors
/// Those of the store.
pub fn lapse_offers(tx: &mut Tx<'_>) -> Result<usize, ActionError> {
    let overdue = rows::list_overdue_offers(tx.conn, tx.now)?;
    for offer in &overdue {
        let decision =
            OfferDecision { state: OfferState::Lapsed, at: tx.now, by: "hub", decline: None, by_standing_rule: false };
        end(tx, offer, &decision, "offer.lapsed", &json!({}))?;
    }
    Ok(overdue.len())
}

fn end(
    tx: &mut Tx<'_>,
    offer: &OfferRow,
    decision: &OfferDecision<'_>,
    kind: &'static str,
    data: &serde_json::Value,
) -> Result<(), ActionError> {
    decide(tx, offer, decision)?;
    promises::end_promise(tx.conn, offer.id, tx.now)?;
    record_offer(tx, kind, offer, data)
}

fn decide(tx: &mut Tx<'_>, offer: &OfferRow, decision: &OfferDecision<'_>) -> Result<(), ActionError> {
    if rows::decide_offer(tx.conn, offer.id, offer.version, decision)? {
        return Ok(());
    }
    match rows::find_offer(tx.conn, offer.id)? {
        Some(now) if now.state == OfferState::Proposed => Err(ActionError::Stale { current_version: now.version }),
        Some(now) => Err(already_decided(now.state)),
        None => Err(ActionError::NotFound { what: "offer" }),
    }
}

fn already_decided(state: OfferState) -> ActionError {
    ActionError::conflict("offer_decided", format!("This offer is {state}; nothing was changed."))
}

fn get_to_answer(tx: &mut Tx<'_>, id: OfferId, version: i64) -> Result<OfferRow, ActionError> {
    let offer = get_offer(tx.conn, tx.actor, id)?;
    if !tx.actor.acts_for(offer.from_site_id) {
        return Err(ActionError::Forbidden);
    }
    if offer.state != OfferState::Proposed {
        return Err(already_decided(offer.state));
    }
    if offer.version != version {
        return Err(ActionError::Stale { current_version: offer.version });
    }
    if offer.answer_by <= tx.now {
        return Err(ActionError::conflict("offer_lapsed", "The time to answer this offer is over."));
    }
    Ok(offer)
}

/// The offer, for the two sites it concerns and for hub roles.
///
/// # Errors
/// `NotFound` also when it is another pair's.
pub fn get_offer(conn: &mut AnyConn, actor: &Actor, id: OfferId) -> Result<OfferRow, ActionError> {
    rows::find_offer(conn, id)?
        .filter(|offer| actor.acts_for(offer.from_site_id) || actor.acts_for(offer.to_site_id))
        .ok_or(ActionError::NotFound { what: "offer" })
}

/// The allocation, for the two sites it concerns and for hub roles.
///
/// # Errors
/// `NotFound` also when it is another pair's.
pub fn get_allocation(conn: &mut AnyConn, actor: &Actor, id: AllocationId) -> Result<AllocationRow, ActionError> {
    rows::find_allocation(conn, id)?
        .filter(|row| actor.acts_for(row.from_site_id) || actor.acts_for(row.to_site_id))
        .ok_or(ActionError::NotFound { what: "allocation" })
}

/// An offer as lists show it.
#[derive(Debug, Clone)]
pub struct OfferListing {
    /// The offer.
    pub row: OfferRow,
    /// Its request's tier.
    pub tier: i64,
    /// When its request needs the milk.
    pub needed_by: Instant,
    /// Lot, lot number, bottle size, bottles.
    pub lines: Vec<(LotId, String, Volume, i64)>,
    /// What it became.
    pub allocation: Option<AllocationId>,
}

/// A page of offers with their lines.
///
/// # Errors
/// Those of the store.
pub fn list_offers(
    conn: &mut AnyConn,
    filter: &PromiseFilter,
    state: Option<OfferState>,
    after: Option<OfferId>,
    rows_wanted: i64,
) -> Result<Vec<OfferListing>, ActionError> {
    let found = rows::list_offers(conn, filter, state, after, rows_wanted)?;
    with_lines(conn, found)
}

/// One offer with its lines.
///
/// # Errors
/// `NotFound` also when it is another pair's.
pub fn get_offer_listing(conn: &mut AnyConn, actor: &Actor, id: OfferId) -> Result<OfferListing, ActionError> {
    let row = get_offer(conn, actor, id)?;
    let request = requests::find_request(conn, row.request_id)?
        .ok_or_else(|| ActionError::Internal("an offer without its request".to_owned()))?;
    with_lines(conn, vec![(row, (request.tier, request.needed_by))])?
        .pop()
        .ok_or(ActionError::NotFound { what: "offer" })
}

fn with_lines(conn: &mut AnyConn, found: Vec<OfferWithNeed>) -> Result<Vec<OfferListing>, ActionError> {
    let ids: Vec<OfferId> = found.iter().map(|(row, _)| row.id).collect();
    let mut lines: BTreeMap<OfferId, Vec<(LotId, String, Volume, i64)>> = BTreeMap::new();
    for (offer, lot, code, size, count) in rows::list_offer_lines(conn, &ids)? {
        lines.entry(offer).or_default().push((lot, code, size, count));
    }
    let allocated: BTreeMap<OfferId, AllocationId> = rows::list_allocation_ids(conn, &ids)?.into_iter().collect();
    Ok(found
        .into_iter()
        .map(|(row, (tier, needed_by))| OfferListing {
            lines: lines.remove(&row.id).unwrap_or_default(),
            allocation: allocated.get(&row.id).copied(),
            row,
            tier,
            needed_by,
        })
        .collect())
}

/// A page of allocations with the tier and the need of their requests.
///
/// # Errors
/// Those of the store.
pub fn list_allocations(
    conn: &mut AnyConn,
    filter: &PromiseFilter,
    state: Option<AllocationState>,
    after: Option<AllocationId>,
    rows_wanted: i64,
) -> Result<Vec<AllocationWithNeed>, ActionError> {
    Ok(rows::list_allocations(conn, filter, state, after, rows_wanted)?)
}

/// Releases every held allocation that nobody collected in time; the number released.
///
/// # Errors
/// Those of the store.
pub fn lapse_allocations(tx: &mut Tx<'_>) -> Result<usize, ActionError> {
    let overdue = rows::list_overdue_allocations(tx.conn, tx.now)?;
    for allocation in &overdue {
        release(tx, allocation, "not collected in time")?;
    }
    Ok(overdue.len())
}

/// Releases a held allocation at the wish of either site.
///
/// # Errors
/// `NotFound`, `Stale`, or `Conflict` when it moves already.
pub fn release_allocation(
    tx: &mut Tx<'_>,
    id: AllocationId,
    version: i64,
    why: &str,
) -> Result<AllocationRow, ActionError> {
    let allocation = get_allocation(tx.conn, tx.actor, id)?;
    if allocation.version != version {
        return Err(ActionError::Stale { current_version: allocation.version });
    }
    if allocation.state != AllocationState::Held {
        return Err(ActionError::conflict(
            "allocation_not_held",
            format!("This allocation is {}; only a held one is released.", allocation.state),
        ));
    }
    release(tx, &allocation, why)?;
    rows::find_allocation(tx.conn, id)?.ok_or(ActionError::NotFound { what: "allocation" })
}

/// Releases a held allocation: its bottles are free again and its request wants milk again.
///
/// # Errors
/// `Conflict` when it moved meanwhile.
pub fn release(tx: &mut Tx<'_>, allocation: &AllocationRow, why: &str) -> Result<(), ActionError> {
    if !rows::move_allocation(tx.conn, allocation, AllocationState::Released, None, Some((tx.now, why)))? {
        return Err(ActionError::conflict("allocation_moved", "This allocation changed meanwhile; read it again."));
    }
    promises::end_promise(tx.conn, allocation.offer_id, tx.now)?;
    requests::add_to_request(tx.conn, allocation.request_id, Volume::ZERO - allocation.volume_ml, Volume::ZERO)?;
    settle_request(tx, allocation.request_id)?;
    tx.record(Happening {
        kind: "allocation.released",
        subject_kind: "allocation",
        subject_id: allocation.id.to_string(),
        site: Some(allocation.from_site_id),
        other_site: Some(allocation.to_site_id),
        network: false,
        data: &json!({"reason": why, "volume_ml": allocation.volume_ml}),
    })
}

fn record_offer(
    tx: &mut Tx<'_>,
    kind: &'static str,
    offer: &OfferRow,
    data: &serde_json::Value,
) -> Result<(), ActionError> {
    tx.record(Happening {
        kind,
        subject_kind: "offer",
        subject_id: offer.id.to_string(),
        site: Some(offer.from_site_id),
        other_site: Some(offer.to_site_id),
        network: false,
        data,
    })
}
