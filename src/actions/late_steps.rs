//! Steps of custody that a device kept while it had no network: they come late, in any order and more than once,
//! and form one chain by the device's time. A fact is never turned away; what does not fit sets milk aside by
//! itself and opens a case.

use super::acting::acting;
use super::cases::open_case;
use super::custody::{LONGEST_SEAL, device_time, record, refuse_hidden, step};
use super::excursions::note_excursion;
use super::handover::{Handover, LONGEST_REFERENCE};
use super::holds::{HoldOn, place_hold};
use super::quarantine::set_aside_received;
use super::transfer_plan::refuse_unsound_milk;
use super::transfers::{TransferDetail, get_transfer, get_transfer_detail};
use super::{ActionError, Tx};
use crate::domain::actor::{Actor, Role, SiteScope};
use crate::domain::custody::{CaseKind, StepKind, compare_scan};
use crate::domain::ids::{BottleId, CustodyEventId, SiteId, TransferId};
use crate::domain::temperature::{ExcursionKind, Trace};
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use crate::store::custody::{self, CustodyRow};
use crate::store::transfers::{self as rows, StepMarks, TransferRow};
use crate::store::{loading, storage_units};
use serde_json::json;
use std::collections::BTreeSet;

/// Most steps sent at a time.
pub const MOST_STEPS: usize = 50;

/// One step as a device reports it.
#[derive(Debug, Clone)]
pub struct LateStep {
    /// The device's own name for it; a repeat adds nothing.
    pub step_ref: String,
    /// What happened.
    pub kind: StepKind,
    /// By the device's clock.
    pub at: Instant,
    /// Where.
    pub site: Option<SiteId>,
    /// The seal put on or seen.
    pub seal_number: Option<String>,
    /// What shows that it changed hands.
    pub handover: Handover,
    /// The bottles scanned in the box.
    pub scanned: Option<Vec<BottleId>>,
    /// What was seen.
    pub condition: Option<serde_json::Value>,
}

/// Adds steps to a journey's chain and moves it as far as the chain reaches.
///
/// # Errors
/// `NotFound`; `Invalid` for a step in the future or without a name.
pub fn record_steps(tx: &mut Tx<'_>, id: TransferId, steps: &[LateStep]) -> Result<TransferDetail, ActionError> {
    let head = get_transfer(tx.conn, tx.actor, id)?;
    if steps.is_empty() || steps.len() > MOST_STEPS {
        let detail = format!("Send 1 to {MOST_STEPS} steps at a time.");
        return Err(ActionError::field("/steps", "out_of_range", detail));
    }
    refuse_strangers(tx, &head, steps)?;
    let mut known: BTreeSet<String> =
        custody::list_custody_events(tx.conn, id)?.into_iter().filter_map(|row| row.step_ref).collect();
    let fresh: Vec<&LateStep> = steps.iter().filter(|step| known.insert(step.step_ref.clone())).collect();
    for step in &fresh {
        append(tx, &head, step)?;
    }
    let new: BTreeSet<&str> = fresh.iter().map(|step| step.step_ref.as_str()).collect();
    follow(tx, id, &new)?;
    // Seal and code may have come with these very steps.
    let head = get_transfer(tx.conn, tx.actor, id)?;
    for step in &fresh {
        look_at(tx, &head, step)?;
    }
    get_transfer_detail(tx.conn, tx.actor, id)
}

/// Milk leaves by its sender's hand: who receives it neither packs it nor sends it.
fn refuse_strangers(tx: &Tx<'_>, head: &TransferRow, steps: &[LateStep]) -> Result<(), ActionError> {
    let has = |kind: StepKind| steps.iter().any(|step| step.kind == kind);
    let of_sender = tx.actor.acts_for(head.from_site_id);
    let carries = tx.actor.role == Role::Courier;
    let may = of_sender || !has(StepKind::Packed) && (carries || !has(StepKind::Collected));
    if may { Ok(()) } else { Err(ActionError::Forbidden) }
}

fn append(tx: &mut Tx<'_>, head: &TransferRow, step: &LateStep) -> Result<(), ActionError> {
    let device_at = device_time(tx, Some(step.at))?;
    if step.step_ref.is_empty() || step.step_ref.len() > 64 {
        return Err(ActionError::field("/steps", "out_of_range", "Name each step with 1 to 64 characters."));
    }
    for (text, most) in [
        (Some(&step.step_ref), LONGEST_SEAL),
        (step.seal_number.as_ref(), LONGEST_SEAL),
        (step.handover.signature_ref.as_ref(), LONGEST_REFERENCE),
        (step.handover.photo_ref.as_ref(), LONGEST_REFERENCE),
    ] {
        refuse_hidden("/steps", text.map_or("", String::as_str), most)?;
    }
    let handed_by = step.handover.proof(tx.actor, head);
    let condition = json!({
        "seen": step.condition, "handed_over_by": handed_by, "signature_ref": step.handover.signature_ref,
        "photo_ref": step.handover.photo_ref,
        "scanned": step.scanned.as_ref().map(Vec::len),
    });
    let row = CustodyRow {
        id: CustodyEventId::new(tx.new_id()),
        transfer_id: head.id,
        kind: step.kind.as_str().to_owned(),
        site_id: step.site,
        actor: tx.actor.id.clone(),
        device_at,
        recorded_at: tx.now,
        seal_number: step.seal_number.clone(),
        condition: Some(condition.to_string()),
        step_ref: Some(step.step_ref.clone()),
    };
    custody::append_custody_event(tx.conn, &row)?;
    let data = json!({"kind": step.kind, "at": device_at, "step_ref": step.step_ref});
    record(tx, "custody.reported", head, &data)
}

/// What a step says against the box: another seal, a bottle nobody sent, a carrier without the code.
fn look_at(tx: &mut Tx<'_>, head: &TransferRow, step: &LateStep) -> Result<(), ActionError> {
    let sealed = head.seal_number.as_deref();
    let seen = step.seal_number.as_deref().map(str::trim).filter(|_| step.kind != StepKind::Packed);
    if let (Some(sealed), Some(seen)) = (sealed, seen)
        && sealed != seen
    {
        note_other_seal(tx, head, step.kind, Some(&step.step_ref))?;
    }
    if is_unproven(tx, head, step)? {
        open_case(tx, head, CaseKind::NoProof, &json!({"step": step.kind, "step_ref": step.step_ref}))?;
    }
    if let (Some(code), Some(wanted)) = (&step.handover.code, &head.handover_code)
        && code.trim() != wanted
    {
        open_case(tx, head, CaseKind::WrongCode, &json!({"step": step.kind, "step_ref": step.step_ref}))?;
    }
    if let Some(scanned) = &step.scanned {
        let manifest: BTreeSet<BottleId> =
            rows::list_manifest(tx.conn, head.id)?.into_iter().map(|line| line.bottle_id).collect();
        let (unlisted, missing) = compare_scan(&manifest, &scanned.iter().copied().collect());
        for bottle in &unlisted {
            quarantine_unlisted(tx, head, *bottle)?;
        }
        if !missing.is_empty() {
            open_case(tx, head, CaseKind::MissingBottle, &json!({"bottle_ids": missing, "step": step.kind}))?;
        }
    }
    Ok(())
}

/// True for the step that delivered the box, where nothing but the carrier's or the sender's word speaks for it.
fn is_unproven(tx: &mut Tx<'_>, head: &TransferRow, step: &LateStep) -> Result<bool, ActionError> {
    if step.kind != StepKind::Delivered || step.handover.proof(tx.actor, head).is_some() {
        return Ok(false);
    }
    let chain = custody::list_custody_events(tx.conn, head.id)?;
    let first = chain.iter().find(|row| row.kind == StepKind::Delivered.as_str());
    Ok(first.is_some_and(|row| row.step_ref.as_deref() == Some(step.step_ref.as_str())))
}

/// Refusal 10: a bottle that nobody sent is held at once, wherever it stands in the books of either end and whoever
/// scans it.
pub(super) fn quarantine_unlisted(tx: &mut Tx<'_>, head: &TransferRow, bottle: BottleId) -> Result<(), ActionError> {
    let why = format!("found in the box of transfer {}, whose manifest does not list it", head.id);
    let ends = [head.from_site_id, head.to_site_id].into();
    let at_the_ends = Actor { sites: SiteScope::Only(ends), ..tx.actor.clone() };
    let held = match acting(tx, &at_the_ends, |tx| place_hold(tx, HoldOn::Bottle(bottle), &why)) {
        Ok(_) => true,
        // Another site's bottle, or one that is over: the case tells of it.
        Err(ActionError::NotFound { .. } | ActionError::Conflict { .. }) => false,
        Err(other) => return Err(other),
    };
    open_case(tx, head, CaseKind::UnlistedBottle, &json!({"bottle_id": bottle, "held": held}))?;
    Ok(())
}

/// Moves the journey through every step that its chain holds, in the order in which they must follow.
fn follow(tx: &mut Tx<'_>, id: TransferId, new: &BTreeSet<&str>) -> Result<(), ActionError> {
    let chain = custody::list_custody_events(tx.conn, id)?;
    for kind in [StepKind::Packed, StepKind::Collected, StepKind::Delivered] {
        let Some((from, to)) = kind.moves() else { continue };
        let Some(row) = chain.iter().find(|row| row.kind == kind.as_str()) else { continue };
        let head = get_transfer(tx.conn, tx.actor, id)?;
        if head.state == TransferState::Cancelled && row.step_ref.is_some() && row.recorded_at == tx.now {
            open_case(tx, &head, CaseKind::MovedAfterCancel, &json!({"step": kind}))?;
        }
        if head.state == from {
            apply(tx, &head, kind, to, row)?;
            // A step that was told before is compared once there is a seal to compare with.
            if kind != StepKind::Packed && !row.step_ref.as_deref().is_some_and(|step| new.contains(step)) {
                refuse_other_seal(tx, id, kind, row)?;
            }
        }
    }
    Ok(())
}

fn apply(
    tx: &mut Tx<'_>,
    head: &TransferRow,
    kind: StepKind,
    to: TransferState,
    row: &CustodyRow,
) -> Result<(), ActionError> {
    // A device whose clock is slow cannot deliver before it collected; the chain keeps what it said.
    let backwards = kind == StepKind::Delivered && head.collected_at.is_some_and(|from| row.device_at <= from);
    let at = Some(if backwards { row.recorded_at } else { row.device_at });
    let code = new_code(tx);
    let marks = match kind {
        StepKind::Packed => StepMarks {
            seal_number: row.seal_number.as_deref().map(str::trim),
            packed_at: at,
            handover_code: Some(&code),
            ..StepMarks::default()
        },
        StepKind::Collected => StepMarks { collected_at: at, ..StepMarks::default() },
        _ => StepMarks { delivered_at: at, ..StepMarks::default() },
    };
    if kind == StepKind::Packed && marks.seal_number.is_none_or(str::is_empty) {
        // Without a seal the box is not packed: the step stays in the chain and the transfer where it was.
        return Ok(());
    }
    if kind == StepKind::Collected {
        match refuse_unsound_milk(tx, head) {
            Ok(()) => {}
            // It has left; its door will set it aside.
            Err(ActionError::Refused(why)) => {
                open_case(tx, head, CaseKind::UnsoundMilkLeft, &json!({"refusals": why.len()}))?;
            }
            Err(other) => return Err(other),
        }
    }
    step(tx, head, to, &marks)?;
    if kind == StepKind::Collected {
        let left = loading::depart_bottles(tx.conn, head.id)?;
        if !usize::try_from(head.bottles).is_ok_and(|bottles| bottles == left) {
            return Err(ActionError::conflict("bottles_moved", "A bottle of the manifest is not in stock any more."));
        }
        storage_units::end_stays_of_transfer(tx.conn, head.id, row.device_at)?;
    }
    let event = match kind {
        StepKind::Packed => "custody.packed",
        StepKind::Collected => "custody.collected",
        _ => "custody.delivered",
    };
    record(tx, event, head, &json!({"late": true}))
}

/// A seal that was read before the box was said to be packed is compared as soon as there is one to compare with.
fn refuse_other_seal(tx: &mut Tx<'_>, id: TransferId, kind: StepKind, row: &CustodyRow) -> Result<(), ActionError> {
    let head = get_transfer(tx.conn, tx.actor, id)?;
    let seen = row.seal_number.as_deref().map(str::trim);
    if head.seal_number.as_deref().zip(seen).is_none_or(|(sealed, seen)| sealed == seen) {
        return Ok(());
    }
    note_other_seal(tx, &head, kind, row.step_ref.as_deref())
}

/// Another seal: the box is set aside at its door, and its milk where it was checked in meanwhile (refusal 9).
fn note_other_seal(
    tx: &mut Tx<'_>,
    head: &TransferRow,
    kind: StepKind,
    step_ref: Option<&str>,
) -> Result<(), ActionError> {
    note_excursion(tx, head, ExcursionKind::Seal, &Trace::default())?;
    open_case(tx, head, CaseKind::SealMismatch, &json!({"step": kind, "step_ref": step_ref}))?;
    if head.state == TransferState::Received {
        set_aside_received(tx, head.id, head.to_site_id)?;
    }
    Ok(())
}

/// Six digits that the receiving door asks the carrier for.
pub(super) fn new_code(tx: &Tx<'_>) -> String {
    format!("{:06}", tx.new_id().as_u128() % 1_000_000)
}

/// The code of the receiving door, for the receiving site alone.
///
/// # Errors
/// `NotFound` for others, and before the box is packed.
pub fn get_handover_code(
    conn: &mut crate::store::AnyConn,
    actor: &Actor,
    id: TransferId,
) -> Result<String, ActionError> {
    let head = get_transfer(conn, actor, id)?;
    if actor.role == Role::Courier || !actor.acts_for(head.to_site_id) {
        return Err(ActionError::Forbidden);
    }
    head.handover_code.ok_or(ActionError::NotFound { what: "handover code" })
}
