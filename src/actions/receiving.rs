//! Receiving a box bottle by bottle. A bottle nobody sent is held, one that came before is refused (10); another seal,
//! an excursion or a recalled lot sets bottles aside; what thawed or broke is thrown away (7).

use super::cases::open_case;
use super::custody::{LONGEST_SEAL, append_custody, device_time, get_to_move, record, refuse_hidden, step};
use super::excursions::note_excursion_at;
use super::late_steps::quarantine_unlisted;
use super::network::live_site;
use super::readings::{Ends, limits_of, trace_of};
use super::requests::settle_request;
use super::taking_back::out_too_long;
use super::transfers::{ManifestLine, TransferDetail, TransferRow, get_transfer, get_transfer_detail};
use super::{ActionError, Tx};
use crate::domain::bottle::BottleState;
use crate::domain::custody::CaseKind;
use crate::domain::excursion::ExcursionState;
use crate::domain::ids::{AllocationId, BottleId, RequestId, SiteId, TransferId};
use crate::domain::offer::AllocationState;
use crate::domain::policy::IceCrystals;
use crate::domain::quantity::Volume;
use crate::domain::receipt::{
    Arrival, ArrivalCondition, BottleOutcome, BoxFindings, OutcomeReason, Verdict, judge_bottle, unnamed, verdict,
};
use crate::domain::refusal::RefusalCode;
use crate::domain::request::{RequestKind, RequestState};
use crate::domain::temperature::ExcursionKind;
use crate::domain::time::Instant;
use crate::domain::transfer::{ReceiptFacts, TransferState, receipt_failures};
use crate::domain::voices::speaker;
use crate::store::loading::{self, CheckIn};
use crate::store::logger_files::list_intervals;
use crate::store::transfers::{self as rows, StepMarks};
use crate::store::{excursions, holds, offers, promises, readings, requests};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// What the receiver found.
#[derive(Debug, Clone)]
pub struct ReceiveTransfer {
    /// By the receiver's clock.
    pub at: Option<Instant>,
    /// The seal on the box.
    pub seal_number: String,
    /// The milk was frozen solid.
    pub frozen_solid: bool,
    /// Each bottle as it was found.
    pub bottles: Vec<(BottleId, ArrivalCondition)>,
    /// Every bottle that is not named came intact.
    pub accept_all: bool,
}

/// A bottle judged.
pub(super) struct Judged<'a> {
    pub(super) line: &'a ManifestLine,
    pub(super) outcome: BottleOutcome,
    pub(super) reason: Option<OutcomeReason>,
}

/// Requests that bottles are kept for, by their allocation.
pub(super) type KeptFor = BTreeMap<AllocationId, Option<RequestId>>;

/// Most bottles in a box that nobody sent; more of them are another box, and nothing of it is checked in.
const MOST_UNLISTED: usize = 20;

/// Checks a delivered box in. A bottle that is not on the manifest is held and opens a case; it is not received.
///
/// # Errors
/// Refusal 10 for a bottle that was received before, or for a box full of bottles that nobody sent; `Invalid` when a bottle of the
/// manifest is not named; `Stale`, `Conflict`.
pub fn receive_transfer(
    tx: &mut Tx<'_>,
    id: TransferId,
    version: i64,
    command: &ReceiveTransfer,
) -> Result<TransferDetail, ActionError> {
    let head = get_transfer(tx.conn, tx.actor, id)?;
    if !tx.actor.acts_for(head.to_site_id) {
        return Err(ActionError::Forbidden);
    }
    refuse_second_receipt(&head, version)?;
    let head = get_to_move(tx, id, version, TransferState::Received)?;
    let at = device_time(tx, command.at)?;
    if head.delivered_at.is_some_and(|delivered| at < delivered) {
        let detail = "A box is not checked in before it was delivered.";
        return Err(ActionError::field("/at", "before_delivery", detail));
    }
    let manifest = rows::list_manifest(tx.conn, id)?;
    let judged = judge_box(tx, &head, head.to_site_id, &manifest, (command, at))?;
    let unlisted = hold_unlisted(tx, &head, &manifest, command)?;
    let kept_for = kept_for(tx, &head)?;
    save_bottles(tx, &head, head.to_site_id, &judged, &kept_for)?;
    save_promises(tx, &head, &judged)?;
    finish(tx, &head, (&judged, unlisted), command, at)?;
    get_transfer_detail(tx.conn, tx.actor, id)
}

/// Judges a box at the site where it was opened, bottle by bottle, and opens the excursions that this shows.
pub(super) fn judge_box<'a>(
    tx: &mut Tx<'_>,
    head: &TransferRow,
    site: SiteId,
    manifest: &'a [ManifestLine],
    (command, at): (&ReceiveTransfer, Instant),
) -> Result<Vec<Judged<'a>>, ActionError> {
    refuse_hidden("/seal_number", &command.seal_number, LONGEST_SEAL)?;
    let conditions = conditions(head, manifest, command)?;
    let thawing = shows_thaw(tx, site, conditions.values().copied())?;
    let found = look_at_box(tx, head, site, (command, at), thawing)?;
    let ids: Vec<BottleId> = manifest.iter().map(|line| line.bottle_id).collect();
    let held: BTreeSet<BottleId> = holds::list_held_bottles(tx.conn, &ids)?.into_iter().collect();
    Ok(manifest
        .iter()
        .map(|line| {
            let condition = conditions.get(&line.bottle_id).copied().unwrap_or(ArrivalCondition::Missing);
            let arrival = Arrival {
                condition,
                lot_state: line.lot_state,
                lot_expires_at: line.lot_expires_at,
                held: held.contains(&line.bottle_id),
            };
            let (outcome, reason) = judge_bottle(&arrival, &found);
            Judged { line, outcome, reason }
        })
        .collect())
}

/// Refusal 10: holds the bottles that nobody sent, each with a case of its own; how many there are.
pub(super) fn hold_unlisted(
    tx: &mut Tx<'_>,
    head: &TransferRow,
    manifest: &[ManifestLine],
    command: &ReceiveTransfer,
) -> Result<usize, ActionError> {
    let listed: BTreeSet<BottleId> = manifest.iter().map(|line| line.bottle_id).collect();
    let scanned: BTreeSet<BottleId> = command.bottles.iter().map(|(bottle, _)| *bottle).collect();
    let unlisted: Vec<BottleId> = scanned.difference(&listed).copied().collect();
    for bottle in &unlisted {
        quarantine_unlisted(tx, head, *bottle)?;
    }
    Ok(unlisted.len())
}

/// A box that is checked in is not checked in again, whatever the caller's version.
fn refuse_second_receipt(head: &TransferRow, version: i64) -> Result<(), ActionError> {
    if head.received_at.is_none() {
        return Ok(());
    }
    if head.version != version {
        return Err(ActionError::Stale { current_version: head.version });
    }
    let refusal = RefusalCode::BottleReceivedTwice
        .because(format!("this transfer is {}; its bottles were received before; WAC 246-720-080", head.state));
    Err(ActionError::Refused(vec![refusal]))
}

fn conditions(
    head: &TransferRow,
    manifest: &[ManifestLine],
    command: &ReceiveTransfer,
) -> Result<BTreeMap<BottleId, ArrivalCondition>, ActionError> {
    let listed: BTreeSet<BottleId> = manifest.iter().map(|line| line.bottle_id).collect();
    let before: BTreeSet<BottleId> =
        manifest.iter().filter(|line| line.outcome.is_some()).map(|line| line.bottle_id).collect();
    let scanned: Vec<BottleId> = command.bottles.iter().map(|(bottle, _)| *bottle).collect();
    let mut refusals = receipt_failures(&ReceiptFacts {
        seal_sent: head.seal_number.as_deref(),
        seal_found: Some(command.seal_number.trim()),
        manifest: &listed,
        received_before: &before,
        scanned: &scanned,
    });
    // Another seal does not turn the box away: its bottles are set aside. Nor does a bottle that nobody sent: it is
    // held, and the rest is checked in.
    let strangers = refusals.iter().filter(|refusal| refusal.code == RefusalCode::BottleNotOnManifest).count();
    refusals.retain(|refusal| match refusal.code {
        RefusalCode::SealMismatch => false,
        RefusalCode::BottleNotOnManifest => strangers > MOST_UNLISTED,
        _ => true,
    });
    if !refusals.is_empty() {
        return Err(ActionError::Refused(refusals));
    }
    let mut conditions: BTreeMap<BottleId, ArrivalCondition> =
        command.bottles.iter().copied().filter(|(bottle, _)| listed.contains(bottle)).collect();
    let rest = unnamed(&listed, &scanned);
    if command.accept_all {
        conditions.extend(rest.into_iter().map(|bottle| (bottle, ArrivalCondition::Intact)));
    } else if !rest.is_empty() {
        let detail = format!("{} bottles of the manifest are not named; say for each how it came.", rest.len());
        return Err(ActionError::field("/bottles", "incomplete", detail));
    }
    Ok(conditions)
}

/// True when a bottle began to thaw by the site's own rule; by the strict one where no policy is in force.
fn shows_thaw(
    tx: &mut Tx<'_>,
    site: SiteId,
    mut conditions: impl Iterator<Item = ArrivalCondition> + Clone,
) -> Result<bool, ActionError> {
    if conditions.clone().all(|condition| !condition.shows_thaw(IceCrystals::CountAsThawed)) {
        return Ok(false);
    }
    let rule = match live_site(tx.conn, site) {
        Ok(Some(site)) => site.policy.values.delivery.ice_crystals.value,
        // Milk that is on the way is checked in wherever it arrives.
        Ok(None) | Err(ActionError::Refused(_)) => IceCrystals::CountAsThawed,
        Err(other) => return Err(other),
    };
    Ok(conditions.any(|condition| condition.shows_thaw(rule)))
}

/// Opens what the seal, the milk and the logger call for, and says whether an excursion is undecided.
fn look_at_box(
    tx: &mut Tx<'_>,
    head: &TransferRow,
    site: SiteId,
    (command, at): (&ReceiveTransfer, Instant),
    thawing: bool,
) -> Result<BoxFindings, ActionError> {
    let limits = limits_of(head);
    let known = readings::list_readings(tx.conn, head.id)?;
    let ends = Ends { handed_over: Some(head.delivered_at.unwrap_or(at)), opened: Some(at) };
    let days = list_intervals(tx.conn, head.id.as_str(), head.collected_at, Some(at))?;
    let trace = trace_of(head, &known, &days, ends);
    // Another logger's word does not speak for the one that was bound to the box.
    let is_bound = |logger: &String| head.logger_ref.as_deref().is_none_or(|bound| bound == speaker(logger));
    let spoke = known.iter().map(|(logger, _)| logger).chain(days.iter().map(|(logger, _)| logger)).any(is_bound);
    let never_spoke = !spoke;
    if head.logger_ref.is_some() || !never_spoke {
        rows::save_trace(tx.conn, head.id, &trace)?;
        let shown = trace.excursion(limits).or_else(|| never_spoke.then_some(ExcursionKind::Silent));
        if let Some(kind) = shown {
            note_excursion_at(tx, head, site, kind, &trace)?;
        }
    }
    let seal_matches = head.seal_number.as_deref() == Some(command.seal_number.trim());
    if !seal_matches {
        note_excursion_at(tx, head, site, ExcursionKind::Seal, &trace)?;
    }
    // Out for longer than its packing holds, and no logger that could tell: somebody looks at it first.
    if never_spoke && head.logger_ref.is_none() && out_too_long(head, head.delivered_at.unwrap_or(at)) {
        note_excursion_at(tx, head, site, ExcursionKind::NotFrozen, &trace)?;
    }
    let as_cold_as_planned = (command.frozen_solid && !thawing) || !limits.is_frozen();
    if !as_cold_as_planned {
        note_excursion_at(tx, head, site, ExcursionKind::NotFrozen, &trace)?;
    }
    let excursion_open = excursions::list_excursions_of(tx.conn, head.id)?
        .iter()
        .any(|excursion| excursion.state != ExcursionState::Dispositioned);
    Ok(BoxFindings { seal_matches, as_cold_as_planned, excursion_open, at: tx.now })
}

/// Checks judged bottles in at a site.
pub(super) fn save_bottles(
    tx: &mut Tx<'_>,
    head: &TransferRow,
    site: SiteId,
    judged: &[Judged<'_>],
    kept_for: &KeptFor,
) -> Result<(), ActionError> {
    let mut heaps: BTreeMap<(BottleOutcome, Option<OutcomeReason>, Option<RequestId>), Vec<BottleId>> = BTreeMap::new();
    for one in judged {
        let request = kept_for.get(&one.line.allocation_id).copied().flatten();
        heaps.entry((one.outcome, one.reason, request)).or_default().push(one.line.bottle_id);
    }
    for ((outcome, reason, for_request), ids) in &heaps {
        let reason = reason.map(OutcomeReason::as_str);
        let state = match outcome {
            BottleOutcome::Accepted => BottleState::InStock,
            BottleOutcome::Quarantined => BottleState::Quarantined,
            BottleOutcome::Rejected | BottleOutcome::Missing => BottleState::Discarded,
        };
        let how = CheckIn {
            site,
            state,
            for_request: (*outcome == BottleOutcome::Accepted).then_some(*for_request).flatten(),
            fate_reason: reason,
            at: tx.now,
        };
        if loading::check_in_bottles(tx.conn, head.id, ids, &how)? != ids.len() {
            return Err(ActionError::conflict("bottles_moved", "A bottle of the manifest is not on the road."));
        }
        loading::note_outcomes(tx.conn, head.id, ids, outcome.as_str(), reason, tx.now)?;
    }
    Ok(())
}

/// For each allocation the request its bottles are kept for: a named infant's that still counts.
fn kept_for(tx: &mut Tx<'_>, head: &TransferRow) -> Result<KeptFor, ActionError> {
    let allocations = rows::list_allocations_of(tx.conn, head.id)?;
    let ids: BTreeSet<RequestId> = allocations.iter().map(|allocation| allocation.request_id).collect();
    let ids: Vec<RequestId> = ids.into_iter().collect();
    let named: BTreeSet<RequestId> = requests::list_requests_by_id(tx.conn, &ids)?
        .into_iter()
        .filter(|request| request.kind == RequestKind::NamedInfant)
        .filter(|request| !matches!(request.state, RequestState::Cancelled | RequestState::ClosedUnmet))
        .map(|request| request.id)
        .collect();
    let kept = |request: RequestId| named.contains(&request).then_some(request);
    Ok(allocations.iter().map(|allocation| (allocation.id, kept(allocation.request_id))).collect())
}

/// Ends the promises: what was accepted is delivered, the rest is wanted again.
fn save_promises(tx: &mut Tx<'_>, head: &TransferRow, judged: &[Judged<'_>]) -> Result<(), ActionError> {
    let mut accepted: BTreeMap<AllocationId, Volume> = BTreeMap::new();
    for one in judged.iter().filter(|one| one.outcome == BottleOutcome::Accepted) {
        *accepted.entry(one.line.allocation_id).or_default() += one.line.size_ml;
    }
    let mut figures: BTreeMap<RequestId, (Volume, Volume)> = BTreeMap::new();
    for allocation in rows::list_allocations_of(tx.conn, head.id)? {
        let delivered = accepted.get(&allocation.id).copied().unwrap_or(Volume::ZERO);
        let end = if delivered.is_positive() { "received" } else { "nothing was accepted" };
        let ended = Some((tx.now, end));
        if !offers::move_allocation(tx.conn, &allocation, AllocationState::Delivered, Some(head.id), ended)? {
            return Err(ActionError::conflict("allocation_moved", "An allocation changed meanwhile; read it again."));
        }
        promises::end_promise(tx.conn, allocation.offer_id, tx.now)?;
        let figure = figures.entry(allocation.request_id).or_default();
        // A journey in doubt had its request planned anew: that milk is not taken off a second time.
        let counted = if allocation.doubted_at.is_some() { Volume::ZERO } else { allocation.volume_ml };
        figure.0 += delivered - counted;
        figure.1 += delivered;
    }
    for (request, (allocated, delivered)) in figures {
        requests::add_to_request(tx.conn, request, allocated, delivered)?;
        settle_request(tx, request)?;
    }
    Ok(())
}

fn finish(
    tx: &mut Tx<'_>,
    head: &TransferRow,
    (judged, unlisted): (&[Judged<'_>], usize),
    command: &ReceiveTransfer,
    at: Instant,
) -> Result<(), ActionError> {
    let outcomes: Vec<BottleOutcome> = judged.iter().map(|one| one.outcome).collect();
    let verdict = verdict(&outcomes);
    let nothing_taken =
        outcomes.iter().all(|outcome| matches!(outcome, BottleOutcome::Rejected | BottleOutcome::Missing));
    let state = match verdict {
        Verdict::Accept if unlisted == 0 => TransferState::Received,
        Verdict::Reject if nothing_taken => TransferState::Rejected,
        Verdict::Accept | Verdict::Quarantine | Verdict::Reject => TransferState::ReceivedWithDiscrepancies,
    };
    let marks = StepMarks { received_at: Some(at), verdict: Some(verdict.as_str()), ..StepMarks::default() };
    step(tx, head, state, &marks)?;
    let condition = json!({"frozen_solid": command.frozen_solid, "verdict": verdict}).to_string();
    let seal = command.seal_number.trim();
    append_custody(tx, head, "received", Some(head.to_site_id), at, Some(seal), Some(condition))?;
    let volume = |wanted: BottleOutcome| -> Volume {
        judged.iter().filter(|one| one.outcome == wanted).map(|one| one.line.size_ml).sum()
    };
    let data = json!({
        "verdict": verdict,
        "accepted_ml": volume(BottleOutcome::Accepted),
        "quarantined_ml": volume(BottleOutcome::Quarantined),
        "rejected_ml": volume(BottleOutcome::Rejected),
        "missing_ml": volume(BottleOutcome::Missing),
        "unlisted_bottles": unlisted,
    });
    if verdict != Verdict::Accept {
        open_case(tx, head, CaseKind::Receipt, &data)?;
    }
    record(tx, "transfer.received", head, &data)
}
