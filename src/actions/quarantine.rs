//! Setting bottles aside and giving them back: the figures of their requests follow in the same transaction.

use super::freezing::freeze;
use super::requests::settle_request;
use super::{ActionError, Tx};
use crate::domain::bottle::BottleState;
use crate::domain::ids::{BottleId, RequestId, SiteId, TransferId};
use crate::domain::lot::LotState;
use crate::domain::quantity::Volume;
use crate::domain::receipt::{BottleOutcome, OutcomeReason};
use crate::store::feeds::BottleForFate;
use crate::store::quarantine::BroughtBy;
use crate::store::{feeds, holds, loading, quarantine, requests};
use std::collections::{BTreeMap, BTreeSet};

/// Gives back to stock those of some bottles that nothing keeps aside any more: the lot is released, no hold
/// is open, every excursion of their journey was decided for them. What came for a request counts for it.
///
/// # Errors
/// `Conflict` when a bottle moved meanwhile.
pub(super) fn free_bottles(tx: &mut Tx<'_>, ids: &[BottleId]) -> Result<Vec<BottleId>, ActionError> {
    let held: BTreeSet<BottleId> = holds::list_held_bottles(tx.conn, ids)?.into_iter().collect();
    let aside: Vec<BottleForFate> = feeds::list_bottles_for_fate(tx.conn, ids)?
        .into_iter()
        .filter(|bottle| bottle.state == BottleState::Quarantined && bottle.lot_state == LotState::Released)
        .filter(|bottle| bottle.lot_expires_at > tx.now && !held.contains(&bottle.id))
        .collect();
    let brought: BTreeMap<BottleId, BroughtBy> =
        quarantine::list_journeys_of(tx.conn, ids, BottleOutcome::Quarantined)?
            .into_iter()
            .map(|row| (row.bottle_id, row))
            .collect();
    let journeys: BTreeSet<TransferId> = brought.values().map(|row| row.transfer_id).collect();
    let journeys: Vec<TransferId> = journeys.into_iter().collect();
    let not_cleared: BTreeSet<TransferId> = quarantine::list_not_cleared(tx.conn, &journeys)?.into_iter().collect();
    let free: Vec<&BottleForFate> = aside
        .iter()
        .filter(|bottle| brought.get(&bottle.id).is_none_or(|row| !not_cleared.contains(&row.transfer_id)))
        .collect();

    let mut heaps: BTreeMap<(SiteId, Option<RequestId>), Vec<BottleId>> = BTreeMap::new();
    let mut in_place: BTreeMap<SiteId, Vec<BottleId>> = BTreeMap::new();
    let mut notes: BTreeMap<TransferId, Vec<BottleId>> = BTreeMap::new();
    let mut figures: BTreeMap<RequestId, Volume> = BTreeMap::new();
    for bottle in &free {
        match brought.get(&bottle.id) {
            Some(row) => {
                heaps.entry((bottle.site_id, row.kept_for())).or_default().push(bottle.id);
                notes.entry(row.transfer_id).or_default().push(bottle.id);
                *figures.entry(row.request_id).or_default() += bottle.size_ml;
            }
            None => in_place.entry(bottle.site_id).or_default().push(bottle.id),
        }
    }
    for ((site, kept_for), ids) in &heaps {
        expect_all(quarantine::restore_bottles(tx.conn, *site, ids, *kept_for)?, ids)?;
    }
    for (site, ids) in &in_place {
        let moved = feeds::set_aside(tx.conn, *site, ids, BottleState::Quarantined, BottleState::InStock)?;
        expect_all(moved, ids)?;
    }
    for (transfer, ids) in &notes {
        let outcome = BottleOutcome::Accepted.as_str();
        loading::note_outcomes(tx.conn, *transfer, ids, outcome, None, tx.now)?;
    }
    for (request, volume) in figures {
        requests::add_to_request(tx.conn, request, volume, volume)?;
        settle_request(tx, request)?;
    }
    Ok(free.into_iter().map(|bottle| bottle.id).collect())
}

/// Sets aside what a journey brought into stock, because an excursion came to light after its receipt. Their
/// promises end, and their requests want that milk again.
///
/// # Errors
/// `Conflict` when a bottle moved meanwhile.
pub(super) fn set_aside_received(tx: &mut Tx<'_>, transfer: TransferId, site: SiteId) -> Result<(), ActionError> {
    let ids = quarantine::list_brought(tx.conn, transfer, BottleOutcome::Accepted, BottleState::InStock)?;
    if ids.is_empty() {
        return Ok(());
    }
    let brought = quarantine::list_journeys_of(tx.conn, &ids, BottleOutcome::Accepted)?;
    let sizes: BTreeMap<BottleId, BottleForFate> =
        feeds::list_bottles_for_fate(tx.conn, &ids)?.into_iter().map(|bottle| (bottle.id, bottle)).collect();
    // Milk that was sent on is another journey's; its own receiver judges it.
    let here: Vec<BottleId> =
        ids.into_iter().filter(|id| sizes.get(id).is_some_and(|bottle| bottle.site_id == site)).collect();
    freeze(tx, &[], &here, "an excursion came to light")?;
    let moved = feeds::set_aside(tx.conn, site, &here, BottleState::InStock, BottleState::Quarantined)?;
    expect_all(moved, &here)?;
    let outcome = BottleOutcome::Quarantined.as_str();
    let reason = OutcomeReason::Excursion.as_str();
    loading::note_outcomes(tx.conn, transfer, &here, outcome, Some(reason), tx.now)?;
    let mut figures: BTreeMap<RequestId, Volume> = BTreeMap::new();
    for row in brought.iter().filter(|row| row.transfer_id == transfer && here.contains(&row.bottle_id)) {
        let size = sizes.get(&row.bottle_id).map_or(Volume::ZERO, |bottle| bottle.size_ml);
        *figures.entry(row.request_id).or_default() += size;
    }
    for (request, volume) in figures {
        let less = Volume::ZERO - volume;
        requests::add_to_request(tx.conn, request, less, less)?;
        settle_request(tx, request)?;
    }
    Ok(())
}

fn expect_all(moved: usize, ids: &[BottleId]) -> Result<(), ActionError> {
    if moved == ids.len() {
        return Ok(());
    }
    Err(ActionError::conflict("bottle_moved", "A bottle moved meanwhile; read it again."))
}
