//! Journeys: planned from held allocations of one pair of sites, packed and sealed, collected, delivered. A
//! box without carrier agreement, temperature plan, seal or manifest does not leave (refusal 9).

use super::custody::{LONGEST_SEAL, append_custody, device_time, get_to_move, record, refuse_hidden, step};
use super::late_steps::new_code;
use super::offers::release;
use super::transfer_plan::{plan, refuse_unsound_milk};
use super::{ActionError, Tx};
use crate::domain::actor::{Actor, Role, SiteScope};
use crate::domain::field::FieldError;
use crate::domain::ids::{AllocationId, CourierId, OfferId, PackingId, SiteId, TransferId};
use crate::domain::lot::LotState;
use crate::domain::offer::AllocationState;
use crate::domain::quantity::Volume;
use crate::domain::refusal::RefusalCode;
use crate::domain::text::text_fault;
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use crate::store::AnyConn;
use crate::store::custody;
pub use crate::store::custody::CustodyRow;
use crate::store::offers::{self, AllocationRow};
pub use crate::store::packings::PlanRow;
use crate::store::transfers::{self as rows, ManifestRow, StepMarks};
pub use crate::store::transfers::{ManifestLine, TransferFilter, TransferRow};
use crate::store::{couriers, loading, packings, promises, storage_units};
use serde_json::json;
use std::collections::BTreeSet;

/// Most allocations in one box.
pub const MOST_ALLOCATIONS: usize = 200;
/// Hours that an allocation of a cancelled transfer waits for another one.
const WAIT_AGAIN_HOURS: i64 = 24;

/// What somebody plans.
#[derive(Debug, Clone)]
pub struct PlanTransfer {
    /// Held allocations, all between the same two sites.
    pub allocations: Vec<AllocationId>,
    /// Who carries it.
    pub courier: CourierId,
    /// Collection.
    pub pickup_at: Instant,
    /// Delivery.
    pub delivery_at: Instant,
    /// The validated packing; of those that hold the one that holds longest, if not given.
    pub packing: Option<PackingId>,
    /// How it is packed, in words; as the packing says, if not given.
    pub packaging: Option<String>,
    /// The logger in the box.
    pub logger_ref: Option<String>,
}

/// A transfer with its manifest.
#[derive(Debug, Clone)]
pub struct TransferDetail {
    /// The transfer.
    pub head: TransferRow,
    /// Its bottles.
    pub manifest: Vec<ManifestLine>,
    /// What its plan was proven with, and the code of the packing; none for one planned before proofs were kept.
    pub plan: Option<(PlanRow, String)>,
}

/// Plans a transfer and puts its bottles on the manifest.
///
/// # Errors
/// Refusals 1, 5, 6, 8, 9 and 16; `Conflict` when an allocation is not held, the box would be too small, or a
/// site is closed.
pub fn plan_transfer(tx: &mut Tx<'_>, command: &PlanTransfer) -> Result<TransferDetail, ActionError> {
    let allocations = held_allocations(tx, &command.allocations)?;
    let plan = plan(tx, command, &allocations)?;
    let id = TransferId::new(tx.new_id());
    let head = TransferRow {
        id,
        from_site_id: plan.from,
        to_site_id: plan.to,
        state: TransferState::Planned,
        courier_id: Some(command.courier),
        planned_pickup_at: command.pickup_at,
        planned_delivery_at: command.delivery_at,
        max_temperature_hundredths: plan.max_temperature,
        tolerance_minutes: plan.tolerance_minutes,
        peak_limit_hundredths: plan.peak_limit,
        gap_limit_minutes: plan.gap_limit_minutes,
        max_duration_minutes: plan.proof.hold_minutes,
        packaging: plan.packaging,
        seal_number: None,
        logger_ref: command.logger_ref.as_deref().map(|logger| logger.trim().to_owned()),
        volume_ml: allocations.iter().map(|allocation| allocation.volume_ml).sum::<Volume>(),
        bottles: allocations.iter().map(|allocation| allocation.bottles).sum::<i64>(),
        distance_m: plan.distance_m,
        packed_at: None,
        collected_at: None,
        delivered_at: None,
        received_at: None,
        highest_hundredths: None,
        minutes_above_limit: None,
        longest_gap_minutes: None,
        verdict: None,
        handover_code: None,
        created_by: tx.actor.id.clone(),
        created_at: tx.now,
        version: 1,
    };
    load(tx, &head, &allocations)?;
    packings::insert_plan(tx.conn, id, &plan.proof)?;
    let data = json!({
        "packing_id": plan.proof.packing_id, "hold_minutes": plan.proof.hold_minutes,
        "bottles": head.bottles, "volume_ml": head.volume_ml,
        "pickup_at": head.planned_pickup_at, "delivery_at": head.planned_delivery_at,
    });
    record(tx, "custody.planned", &head, &data)?;
    get_transfer_detail(tx.conn, tx.actor, id)
}

fn held_allocations(tx: &mut Tx<'_>, ids: &[AllocationId]) -> Result<Vec<AllocationRow>, ActionError> {
    let distinct: BTreeSet<AllocationId> = ids.iter().copied().collect();
    if distinct.is_empty() || distinct.len() != ids.len() || ids.len() > MOST_ALLOCATIONS {
        let detail = format!("Name 1 to {MOST_ALLOCATIONS} allocations, each once.");
        return Err(ActionError::field("/allocation_ids", "out_of_range", detail));
    }
    let mut found: Vec<AllocationRow> = Vec::new();
    let mut defects = Vec::new();
    for (position, id) in ids.iter().enumerate() {
        match offers::find_allocation(tx.conn, *id)? {
            Some(row) if tx.actor.acts_for(row.from_site_id) => found.push(row),
            Some(_) | None => {
                let pointer = format!("/allocation_ids/{position}");
                defects.push(FieldError::new(pointer, "not_found", "There is no such allocation of your site."));
            }
        }
    }
    if !defects.is_empty() {
        return Err(ActionError::Invalid(defects));
    }
    found.sort_by_key(|row| row.id);
    for row in &found {
        if row.state != AllocationState::Held || row.lapses_at <= tx.now {
            let detail = format!("Allocation {} is {} and cannot be sent.", row.id, row.state);
            return Err(ActionError::conflict("allocation_not_held", detail));
        }
    }
    let pairs: BTreeSet<(SiteId, SiteId)> = found.iter().map(|row| (row.from_site_id, row.to_site_id)).collect();
    if pairs.len() != 1 {
        let detail = "All allocations of a transfer go from one site to one other.";
        return Err(ActionError::field("/allocation_ids", "mixed_sites", detail));
    }
    Ok(found)
}

fn load(tx: &mut Tx<'_>, head: &TransferRow, allocations: &[AllocationRow]) -> Result<(), ActionError> {
    let mut manifest = Vec::new();
    let mut of: Vec<OfferId> = Vec::new();
    for allocation in allocations {
        of.push(allocation.offer_id);
        for bottle in promises::list_promised_bottles(tx.conn, allocation.offer_id)? {
            manifest.push(ManifestRow {
                transfer_id: head.id,
                bottle_id: bottle.bottle_id,
                allocation_id: allocation.id,
                outcome: None,
                outcome_reason: None,
                ended_at: None,
            });
        }
    }
    let whole = usize::try_from(head.bottles).is_ok_and(|bottles| bottles == manifest.len());
    rows::insert_transfer(tx.conn, head, &manifest)?;
    for allocation in allocations {
        if !offers::move_allocation(tx.conn, allocation, AllocationState::InTransfer, Some(head.id), None)? {
            return Err(ActionError::conflict("allocation_moved", "An allocation changed meanwhile; read it again."));
        }
    }
    if !whole || loading::load_bottles(tx.conn, &of, head.id)? != manifest.len() {
        return Err(ActionError::conflict("bottles_moved", "A promised bottle is not in stock any more."));
    }
    Ok(())
}

/// Packs and seals the box.
///
/// # Errors
/// Refusal 9 without a seal, 1, 5 and 6 when a lot changed; `Stale`; `Conflict` when it is past that.
pub fn pack_transfer(
    tx: &mut Tx<'_>,
    id: TransferId,
    version: i64,
    seal_number: &str,
    at: Option<Instant>,
) -> Result<TransferDetail, ActionError> {
    let head = get_to_move(tx, id, version, TransferState::Packed)?;
    if !tx.actor.acts_for(head.from_site_id) {
        return Err(ActionError::Forbidden);
    }
    let at = device_time(tx, at)?;
    let seal = seal_number.trim();
    if seal.is_empty() {
        let refusal = RefusalCode::SealMissing.because("the box has no seal number; NICE CG93 1.2.45");
        return Err(ActionError::Refused(vec![refusal]));
    }
    refuse_hidden("/seal_number", seal, LONGEST_SEAL)?;
    refuse_unsound_milk(tx, &head)?;
    let code = new_code(tx);
    let marks =
        StepMarks { seal_number: Some(seal), packed_at: Some(at), handover_code: Some(&code), ..StepMarks::default() };
    step(tx, &head, TransferState::Packed, &marks)?;
    append_custody(tx, &head, "packed", Some(head.from_site_id), at, Some(seal), None)?;
    record(tx, "custody.packed", &head, &json!({"seal_number": seal}))?;
    get_transfer_detail(tx.conn, tx.actor, id)
}

/// Hands the sealed box to the carrier; it is on the road then.
///
/// # Errors
/// Refusal 9 for another seal or an ended carrier agreement, 1, 5 and 6 when a lot changed; `Stale`; `Conflict`.
pub fn collect_transfer(
    tx: &mut Tx<'_>,
    id: TransferId,
    version: i64,
    seal_number: &str,
    at: Option<Instant>,
) -> Result<TransferDetail, ActionError> {
    let head = get_to_move(tx, id, version, TransferState::Collected)?;
    if !tx.actor.acts_for(head.from_site_id) && tx.actor.role != Role::Courier {
        return Err(ActionError::Forbidden);
    }
    let at = device_time(tx, at)?;
    let mut refusals = Vec::new();
    if head.seal_number.as_deref() != Some(seal_number.trim()) {
        let detail = "the seal is not the one the box was packed with; NICE CG93 1.2.45";
        refusals.push(RefusalCode::SealMismatch.because(detail));
    }
    if let Some(courier) = head.courier_id
        && let Some(courier) = couriers::find_courier(tx.conn, courier)?
    {
        refusals.extend(courier.refuses(tx.now));
    }
    if !refusals.is_empty() {
        return Err(ActionError::Refused(refusals));
    }
    refuse_unsound_milk(tx, &head)?;
    let marks = StepMarks { collected_at: Some(at), ..StepMarks::default() };
    step(tx, &head, TransferState::InTransit, &marks)?;
    let left = loading::depart_bottles(tx.conn, id)?;
    if !usize::try_from(head.bottles).is_ok_and(|bottles| bottles == left) {
        return Err(ActionError::conflict("bottles_moved", "A bottle of the manifest is not in stock any more."));
    }
    storage_units::end_stays_of_transfer(tx.conn, id, at)?;
    append_custody(tx, &head, "collected", Some(head.from_site_id), at, Some(seal_number.trim()), None)?;
    record(tx, "custody.collected", &head, &json!({}))?;
    get_transfer_detail(tx.conn, tx.actor, id)
}

/// Cancels a transfer that has not left. Its allocations wait for another one, unless their milk is frozen.
///
/// # Errors
/// `NotFound`, `Stale`, `Conflict` once it was collected.
pub fn cancel_transfer(
    tx: &mut Tx<'_>,
    id: TransferId,
    version: i64,
    reason: &str,
) -> Result<TransferDetail, ActionError> {
    let head = get_to_move(tx, id, version, TransferState::Cancelled)?;
    if reason.trim().is_empty() {
        return Err(ActionError::field("/reason", "required", "Say why, in a few words."));
    }
    if let Some(fault) = text_fault("/reason", reason, 500) {
        return Err(ActionError::Invalid(vec![fault]));
    }
    cancel(tx, &head, reason.trim())?;
    get_transfer_detail(tx.conn, tx.actor, id)
}

/// Cancels a waiting transfer because its milk is frozen; one that left meanwhile is left alone.
pub(super) fn cancel_waiting(tx: &mut Tx<'_>, id: TransferId, why: &str) -> Result<(), ActionError> {
    match rows::find_transfer(tx.conn, id)? {
        Some(head) if head.state.become_state(TransferState::Cancelled).is_ok() => cancel(tx, &head, why),
        _ => Ok(()),
    }
}

fn cancel(tx: &mut Tx<'_>, head: &TransferRow, why: &str) -> Result<(), ActionError> {
    step(tx, head, TransferState::Cancelled, &StepMarks::default())?;
    let manifest = rows::list_manifest(tx.conn, head.id)?;
    loading::unload_bottles(tx.conn, head.id, tx.now)?;
    let frozen: BTreeSet<AllocationId> = manifest
        .iter()
        .filter(|line| line.lot_state != LotState::Released || line.lot_expires_at <= tx.now)
        .map(|line| line.allocation_id)
        .collect();
    for allocation in rows::list_allocations_of(tx.conn, head.id)? {
        if !rows::return_allocation(tx.conn, &allocation, tx.now.plus_hours(WAIT_AGAIN_HOURS))? {
            return Err(ActionError::conflict("allocation_moved", "An allocation changed meanwhile; read it again."));
        }
        if frozen.contains(&allocation.id)
            && let Some(held) = offers::find_allocation(tx.conn, allocation.id)?
        {
            release(tx, &held, why)?;
        }
    }
    append_custody(tx, head, "cancelled", Some(head.from_site_id), tx.now, None, None)?;
    record(tx, "transfer.cancelled", head, &json!({"reason": why}))
}

/// The transfer, for both its sites and for hub roles.
///
/// # Errors
/// `NotFound` also when it is another pair's.
pub fn get_transfer(conn: &mut AnyConn, actor: &Actor, id: TransferId) -> Result<TransferRow, ActionError> {
    rows::find_transfer(conn, id)?
        .filter(|head| actor.acts_for(head.from_site_id) || actor.acts_for(head.to_site_id))
        .ok_or(ActionError::NotFound { what: "transfer" })
}

/// The transfer with its manifest, for both its sites and for hub roles.
///
/// # Errors
/// As [`get_transfer`].
pub fn get_transfer_detail(conn: &mut AnyConn, actor: &Actor, id: TransferId) -> Result<TransferDetail, ActionError> {
    let head = get_transfer(conn, actor, id)?;
    let manifest = rows::list_manifest(conn, id)?;
    let plan = match packings::find_plan(conn, id)? {
        Some(plan) => packings::find_packing(conn, plan.packing_id)?.map(|packing| (plan, packing.facts.code)),
        None => None,
    };
    Ok(TransferDetail { head, manifest, plan })
}

/// A page of transfers from or to the actor's sites, without their manifests.
///
/// # Errors
/// Those of the store.
pub fn list_transfers(
    conn: &mut AnyConn,
    actor: &Actor,
    wanted: &TransferFilter,
    after: Option<TransferId>,
    rows_wanted: i64,
) -> Result<Vec<TransferRow>, ActionError> {
    Ok(rows::list_transfers(conn, own_sites(actor).as_deref(), wanted, after, rows_wanted)?)
}

/// The sites a list is limited to; none for a role that spans all.
pub(super) fn own_sites(actor: &Actor) -> Option<Vec<SiteId>> {
    match &actor.sites {
        SiteScope::All => None,
        SiteScope::Only(sites) => Some(sites.iter().copied().collect()),
    }
}

/// The steps of custody of a transfer, for both its sites and for hub roles.
///
/// # Errors
/// As [`get_transfer`].
pub fn list_custody(conn: &mut AnyConn, actor: &Actor, id: TransferId) -> Result<Vec<CustodyRow>, ActionError> {
    get_transfer(conn, actor, id)?;
    Ok(custody::list_custody_events(conn, id)?)
}
