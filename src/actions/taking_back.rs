//! A box that came back to its sender: its bottles are looked at as at any door, go back into the freezer or are set
//! aside, and its promises end, so that the requests behind it get other milk, or this milk again.

use super::cases::open_case;
use super::custody::{append_custody, device_time, record, step};
use super::excursions::note_excursion_at;
use super::receiving::{Judged, KeptFor, ReceiveTransfer, hold_unlisted, judge_box, save_bottles};
use super::requests::settle_request;
use super::transfers::{TransferDetail, TransferRow, get_transfer, get_transfer_detail};
use super::{ActionError, Happening, Tx};
use crate::domain::custody::CaseKind;
use crate::domain::ids::TransferId;
use crate::domain::offer::AllocationState;
use crate::domain::quantity::Volume;
use crate::domain::receipt::BottleOutcome;
use crate::domain::temperature::{ExcursionKind, Trace};
use crate::domain::text::text_fault;
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use crate::store::transfers::{self as rows, StepMarks};
use crate::store::{excursions, offers, promises, requests};
use serde_json::json;

/// The verdict on a box that came back.
pub const RETURNED: &str = "returned";

/// What the sender found in a box that came back.
#[derive(Debug, Clone)]
pub struct TakeBack {
    /// The box, as any receiver finds it.
    pub found: ReceiveTransfer,
    /// Why it came back.
    pub reason: String,
}

/// Takes a box back at its sender. What is sound goes back into stock and is free; a box that was out for longer than
/// its packaging holds is set aside whatever it looks like.
///
/// # Errors
/// `Forbidden` for anybody but the sender; refusal 10 for a box full of bottles that are not on the manifest; `Invalid` without a
/// reason or with a bottle unnamed; `Stale`; `Conflict` when the box is not on the road.
pub fn take_back_transfer(
    tx: &mut Tx<'_>,
    id: TransferId,
    version: i64,
    command: &TakeBack,
) -> Result<TransferDetail, ActionError> {
    let head = get_transfer(tx.conn, tx.actor, id)?;
    if !tx.actor.acts_for(head.from_site_id) {
        return Err(ActionError::Forbidden);
    }
    if head.version != version {
        return Err(ActionError::Stale { current_version: head.version });
    }
    if !matches!(head.state, TransferState::Collected | TransferState::InTransit) {
        let detail = format!("This transfer is {} and cannot come back; nothing was changed.", head.state);
        return Err(ActionError::conflict("transfer_state", detail));
    }
    if let Some(fault) = text_fault("/reason", &command.reason, 500) {
        return Err(ActionError::Invalid(vec![fault]));
    }
    let at = device_time(tx, command.found.at)?;
    if head.collected_at.is_some_and(|collected| at < collected) {
        return Err(ActionError::field("/at", "before_collection", "A box is not back before it was collected."));
    }
    let home = head.from_site_id;
    // Whoever has the milk decides about it.
    excursions::move_excursions_of(tx.conn, id, home)?;
    if out_too_long(&head, at) {
        note_excursion_at(tx, &head, home, ExcursionKind::NotFrozen, &Trace::default())?;
    }
    let manifest = rows::list_manifest(tx.conn, id)?;
    let judged = judge_box(tx, &head, home, &manifest, (&command.found, at))?;
    hold_unlisted(tx, &head, &manifest, &command.found)?;
    save_bottles(tx, &head, home, &judged, &KeptFor::new())?;
    end_promises(tx, &head, command.reason.trim())?;
    finish(tx, &head, &judged, command, at)?;
    get_transfer_detail(tx.conn, tx.actor, id)
}

/// True when the box was out of the freezer for longer than its packaging holds.
pub(super) fn out_too_long(head: &TransferRow, at: Instant) -> bool {
    head.collected_at.is_some_and(|collected| at.minutes_since(collected) > head.max_duration_minutes)
}

/// Ends the promises: nothing was delivered, and the requests want their milk again.
fn end_promises(tx: &mut Tx<'_>, head: &TransferRow, why: &str) -> Result<(), ActionError> {
    let end = format!("came back to its sender: {why}");
    for allocation in rows::list_allocations_of(tx.conn, head.id)? {
        let ended = Some((tx.now, end.as_str()));
        if !offers::move_allocation(tx.conn, &allocation, AllocationState::Released, Some(head.id), ended)? {
            return Err(ActionError::conflict("allocation_moved", "An allocation changed meanwhile; read it again."));
        }
        promises::end_promise(tx.conn, allocation.offer_id, tx.now)?;
        // A journey in doubt gave its claims back when the doubt arose.
        if allocation.doubted_at.is_none() {
            let less = Volume::ZERO - allocation.volume_ml;
            requests::add_to_request(tx.conn, allocation.request_id, less, Volume::ZERO)?;
        }
        settle_request(tx, allocation.request_id)?;
        tx.record(Happening {
            kind: "allocation.released",
            subject_kind: "allocation",
            subject_id: allocation.id.to_string(),
            site: Some(allocation.from_site_id),
            other_site: Some(allocation.to_site_id),
            network: false,
            data: &json!({"reason": end, "volume_ml": allocation.volume_ml}),
        })?;
    }
    Ok(())
}

fn finish(
    tx: &mut Tx<'_>,
    head: &TransferRow,
    judged: &[Judged<'_>],
    command: &TakeBack,
    at: Instant,
) -> Result<(), ActionError> {
    let marks = StepMarks { received_at: Some(at), verdict: Some(RETURNED), ..StepMarks::default() };
    step(tx, head, TransferState::Rejected, &marks)?;
    let seal = command.found.seal_number.trim();
    let condition = json!({"frozen_solid": command.found.frozen_solid, "reason": command.reason.trim()}).to_string();
    append_custody(tx, head, "taken_back", Some(head.from_site_id), at, Some(seal), Some(condition))?;
    let volume = |wanted: BottleOutcome| -> Volume {
        judged.iter().filter(|one| one.outcome == wanted).map(|one| one.line.size_ml).sum()
    };
    let data = json!({
        "reason": command.reason.trim(),
        "in_stock_ml": volume(BottleOutcome::Accepted),
        "quarantined_ml": volume(BottleOutcome::Quarantined),
        "rejected_ml": volume(BottleOutcome::Rejected),
        "missing_ml": volume(BottleOutcome::Missing),
    });
    if judged.iter().any(|one| one.outcome != BottleOutcome::Accepted) {
        open_case(tx, head, CaseKind::Receipt, &data)?;
    }
    record(tx, "transfer.returned", head, &data)
}
