//! Excursions: one for each episode, open until an authorised person of the receiving site has looked at the
//! milk and decided. Their bottles are neither used nor offered until then (refusal 8).

use super::evidence::first_thaw;
use super::network::live_site;
use super::quarantine::free_bottles;
use super::readings::limits_of;
use super::transfers::own_sites;
use super::{ActionError, Happening, Tx};
use crate::domain::actor::{Actor, Permission, Role};
use crate::domain::bottle::BottleState;
use crate::domain::excursion::{Disposition, ExcursionState, MilkFound, ThawClock, taken_in};
use crate::domain::fate::FateReason;
use crate::domain::ids::{BottleId, ExcursionId, SiteId, StorageUnitId, TransferId};
use crate::domain::lot::LotState;
use crate::domain::quantity::Volume;
use crate::domain::receipt::BottleOutcome;
use crate::domain::temperature::{ExcursionKind, Trace};
use crate::domain::time::Instant;
use crate::domain::transfer::{BottleCondition, DispositionFacts, disposition_failures};
use crate::store::excursions as rows;
pub use crate::store::excursions::{ExcursionFilter, ExcursionRow};
use crate::store::feeds::BottleEnd;
use crate::store::transfers::TransferRow;
use crate::store::{AnyConn, couriers, feeds, loading, quarantine, transfers};
use serde_json::json;
use std::collections::BTreeMap;

/// One episode, however it shows: in the readings or in the milk itself.
pub(super) const TEMPERATURE: [ExcursionKind; 5] =
    [ExcursionKind::Warm, ExcursionKind::Spike, ExcursionKind::Gap, ExcursionKind::Silent, ExcursionKind::NotFrozen];

/// Opens an excursion of a journey, or adds to the one that is open for the same cause. None is opened when
/// the same evidence was decided before.
///
/// # Errors
/// `Stale` when it was decided meanwhile.
pub(super) fn note_excursion(
    tx: &mut Tx<'_>,
    transfer: &TransferRow,
    kind: ExcursionKind,
    trace: &Trace,
) -> Result<Option<ExcursionId>, ActionError> {
    note_excursion_at(tx, transfer, transfer.to_site_id, kind, trace)
}

/// As [`note_excursion`], for the site where the box is opened: its people decide.
///
/// # Errors
/// As [`note_excursion`].
pub(super) fn note_excursion_at(
    tx: &mut Tx<'_>,
    transfer: &TransferRow,
    site: SiteId,
    kind: ExcursionKind,
    trace: &Trace,
) -> Result<Option<ExcursionId>, ActionError> {
    let known = rows::list_excursions_of(tx.conn, transfer.id)?;
    let same_cause =
        |row: &&ExcursionRow| row.kind == kind || (TEMPERATURE.contains(&row.kind) && TEMPERATURE.contains(&kind));
    if let Some(last) = known.iter().rfind(same_cause) {
        let worse = trace.highest > last.peak_hundredths
            || trace.minutes_above_limit > last.minutes_above_limit
            || trace.longest_gap_minutes > last.longest_gap_minutes;
        if last.state != ExcursionState::Dispositioned {
            if worse && !rows::worsen_excursion(tx.conn, last.id, last.version, kind, trace)? {
                return Err(ActionError::Stale { current_version: last.version + 1 });
            }
            return Ok(Some(last.id));
        }
        if !worse {
            return Ok(None);
        }
    }
    let row = opened(tx, (Some(transfer.id), None), site, kind, trace);
    rows::insert_excursion(tx.conn, &row)?;
    let data = json!({"kind": kind, "transfer_id": transfer.id});
    record(tx, "excursion.opened", &row, Some(transfer.from_site_id), &data)?;
    tell_courier(tx, transfer, &row)?;
    Ok(Some(row.id))
}

/// The carrier's base finds in its feed what happened to its box.
fn tell_courier(tx: &mut Tx<'_>, transfer: &TransferRow, row: &ExcursionRow) -> Result<(), ActionError> {
    let Some(courier) = transfer.courier_id else { return Ok(()) };
    let Some(courier) = couriers::find_courier(tx.conn, courier)? else { return Ok(()) };
    tx.record(Happening {
        kind: "courier.told",
        subject_kind: "excursion",
        subject_id: row.id.to_string(),
        site: Some(courier.base_site_id),
        other_site: None,
        network: false,
        data: &json!({"courier_id": courier.id, "kind": row.kind, "transfer_id": transfer.id}),
    })
}

/// A new excursion of a journey or of a storage unit.
pub(super) fn opened(
    tx: &Tx<'_>,
    (transfer_id, storage_unit_id): (Option<TransferId>, Option<StorageUnitId>),
    site_id: SiteId,
    kind: ExcursionKind,
    trace: &Trace,
) -> ExcursionRow {
    ExcursionRow {
        id: ExcursionId::new(tx.new_id()),
        transfer_id,
        storage_unit_id,
        site_id,
        kind,
        state: ExcursionState::Open,
        peak_hundredths: trace.highest,
        minutes_above_limit: trace.minutes_above_limit,
        longest_gap_minutes: trace.longest_gap_minutes,
        opened_at: tx.now,
        acknowledged_at: None,
        acknowledged_by: None,
        disposition: None,
        disposition_reason: None,
        dispositioned_at: None,
        dispositioned_by: None,
        version: 1,
    }
}

/// Notes that somebody of the receiving site has seen it; the milk stays aside.
///
/// # Errors
/// `NotFound`, `Stale`, or `Conflict` when it is past that.
pub fn acknowledge_excursion(tx: &mut Tx<'_>, id: ExcursionId, version: i64) -> Result<ExcursionRow, ActionError> {
    let row = get_to_change(tx, id, version)?;
    if row.state != ExcursionState::Open {
        return Err(ActionError::conflict("excursion_seen", format!("This excursion is {}.", row.state)));
    }
    let by = tx.actor.id.clone();
    if !rows::mark_acknowledged(tx.conn, id, version, &by, tx.now)? {
        return Err(ActionError::Stale { current_version: version + 1 });
    }
    record(tx, "excursion.acknowledged", &row, None, &json!({}))?;
    get_excursion(tx.conn, tx.actor, id)
}

/// What an authorised person decides.
#[derive(Debug, Clone)]
pub struct DecideExcursion {
    /// What becomes of the milk.
    pub disposition: Disposition,
    /// On what grounds.
    pub reason: String,
    /// The softest bottle; needed to take in what should be frozen.
    pub milk: Option<BottleCondition>,
    /// When it began to thaw, at the earliest; from its collection on, if not given.
    pub thawed_since: Option<Instant>,
}

/// Decides an excursion: the bottles set aside for it become stock, thawed milk with its clock, or are thrown away.
///
/// # Errors
/// Refusal 8 without authority, reason or inspection; refusal 7 for thawed milk that would become frozen stock;
/// `Invalid` when it is not said how the milk is; `Conflict` before the box was checked in.
pub fn disposition_excursion(
    tx: &mut Tx<'_>,
    id: ExcursionId,
    version: i64,
    command: &DecideExcursion,
) -> Result<ExcursionRow, ActionError> {
    let (disposition, reason) = (command.disposition, command.reason.as_str());
    let row = get_to_change(tx, id, version)?;
    if row.state == ExcursionState::Dispositioned {
        return Err(ActionError::conflict("excursion_decided", "This excursion was decided already."));
    }
    let transfer = match row.transfer_id {
        Some(transfer) => transfers::find_transfer(tx.conn, transfer)?,
        None => None,
    };
    let checked_in =
        row.storage_unit_id.is_some() || transfer.as_ref().is_some_and(|transfer| transfer.received_at.is_some());
    if !checked_in {
        return Err(ActionError::conflict(
            "not_received",
            "The box is not checked in; receive it and look at the milk before deciding.",
        ));
    }
    let by = tx.actor.id.clone();
    let refusals = disposition_failures(&DispositionFacts {
        decided_by: Some(&by),
        authorised: authorised(tx.actor.role),
        reason,
        inspected: checked_in,
        peak_and_duration_known: disposition == Disposition::Discard || evidence_known(&row),
    });
    if !refusals.is_empty() {
        return Err(ActionError::Refused(refusals));
    }
    let clock = thaw_clock(tx, &row, transfer.as_ref(), command)?;
    if row.state == ExcursionState::Open && !rows::mark_acknowledged(tx.conn, id, version, &by, tx.now)? {
        return Err(ActionError::Stale { current_version: version + 1 });
    }
    let version = if row.state == ExcursionState::Open { version + 1 } else { version };
    if !rows::mark_dispositioned(tx.conn, id, version, (disposition, reason.trim()), &by, tx.now)? {
        return Err(ActionError::Stale { current_version: version + 1 });
    }
    let bottles = settle_set_aside(tx, &row, disposition, clock)?;
    let other = transfer.map(|transfer| transfer.from_site_id);
    let use_before = clock.map(|clock| clock.until);
    let data = json!({"disposition": disposition, "bottles": bottles, "milk": command.milk, "use_before": use_before});
    record(tx, "excursion.dispositioned", &row, other, &data)?;
    get_excursion(tx.conn, tx.actor, id)
}

/// What becomes of the bottles that were set aside; their number.
fn settle_set_aside(
    tx: &mut Tx<'_>,
    row: &ExcursionRow,
    disposition: Disposition,
    clock: Option<ThawClock>,
) -> Result<usize, ActionError> {
    let aside = match row.transfer_id {
        Some(transfer) => {
            quarantine::list_brought(tx.conn, transfer, BottleOutcome::Quarantined, BottleState::Quarantined)?
        }
        None => rows::list_bottles_of_excursion(tx.conn, row.id)?,
    };
    match (disposition, row.transfer_id) {
        (Disposition::Accept | Disposition::AcceptAsThawed, _) => {
            // Also what stays aside for another reason is thawed: whoever frees it later frees it with this clock.
            if let Some(clock) = clock {
                quarantine::mark_thawed(tx.conn, &aside, clock)?;
            }
            Ok(free_bottles(tx, &aside)?.len())
        }
        (Disposition::Discard, Some(transfer)) => discard_set_aside(tx, transfer),
        (Disposition::Discard, None) => discard_here(tx, &aside),
    }
}

/// The clock of milk that is taken in as thawed; none for frozen milk and for milk that is not kept frozen.
fn thaw_clock(
    tx: &mut Tx<'_>,
    row: &ExcursionRow,
    transfer: Option<&TransferRow>,
    command: &DecideExcursion,
) -> Result<Option<ThawClock>, ActionError> {
    let kept_frozen = transfer.is_none_or(|transfer| limits_of(transfer).is_frozen());
    let thawed = command.disposition == Disposition::AcceptAsThawed;
    let doubtful = TEMPERATURE.contains(&row.kind) || thawed;
    if command.disposition == Disposition::Discard || !kept_frozen || !doubtful {
        return Ok(None);
    }
    let Some(condition) = command.milk else {
        let detail = "Say how the softest bottle is: solid, ice_crystals or liquid.";
        return Err(ActionError::field("/milk", "missing", detail));
    };
    let known = command.thawed_since.or(transfer.and_then(|transfer| transfer.collected_at));
    if command.thawed_since.is_some_and(|since| since > row.opened_at) {
        let detail = "The excursion was seen before this instant; say when the milk began to thaw at the earliest.";
        return Err(ActionError::field("/thawed_since", "out_of_range", detail));
    }
    if let (Some(since), Some((at, degrees))) = (command.thawed_since, first_thaw(tx, row, transfer)?)
        && since > at
    {
        let detail = format!("The logger shows {degrees} at {at}; the milk began to thaw then or before.");
        return Err(ActionError::field("/thawed_since", "out_of_range", detail));
    }
    let thawed_since = match known {
        Some(since) => since,
        None if thawed => {
            return Err(ActionError::field("/thawed_since", "missing", "Say when it began to thaw at the earliest."));
        }
        None => tx.now,
    };
    let Some(receiver) = live_site(tx.conn, row.site_id)? else { return Err(ActionError::NotFound { what: "site" }) };
    let found = MilkFound { condition, thawed_since };
    taken_in(command.disposition, &found, &receiver.policy, tx.now)
        .map_err(|refusal| ActionError::Refused(vec![refusal]))
}

fn authorised(role: Role) -> bool {
    role.may(Permission::DispositionExcursions)
}

/// A logger that never spoke tells neither peak nor duration: such milk is not cleared.
fn evidence_known(row: &ExcursionRow) -> bool {
    row.peak_hundredths.is_some() || matches!(row.kind, ExcursionKind::Seal | ExcursionKind::NotFrozen)
}

fn discard_set_aside(tx: &mut Tx<'_>, transfer: TransferId) -> Result<usize, ActionError> {
    let state = BottleState::Quarantined;
    let aside = quarantine::list_brought(tx.conn, transfer, BottleOutcome::Quarantined, state)?;
    let mut heaps: BTreeMap<(SiteId, FateReason), Vec<BottleId>> = BTreeMap::new();
    for bottle in feeds::list_bottles_for_fate(tx.conn, &aside)? {
        let recalled = bottle.lot_state == LotState::Recalled;
        let reason = if recalled { FateReason::Recalled } else { FateReason::Excursion };
        heaps.entry((bottle.site_id, reason)).or_default().push(bottle.id);
    }
    for ((site, reason), ids) in &heaps {
        let end = BottleEnd { fed_ml: Volume::ZERO, reason: Some(reason.as_str()), at: tx.now };
        if feeds::end_bottles(tx.conn, *site, ids, &end)? != ids.len() {
            return Err(ActionError::conflict("bottle_moved", "A bottle moved meanwhile; read it again."));
        }
        let outcome = BottleOutcome::Rejected.as_str();
        loading::note_outcomes(tx.conn, transfer, ids, outcome, Some(reason.as_str()), tx.now)?;
    }
    Ok(aside.len())
}

/// Throws away what an excursion of a storage unit set aside at its site.
fn discard_here(tx: &mut Tx<'_>, aside: &[BottleId]) -> Result<usize, ActionError> {
    let mut heaps: BTreeMap<(SiteId, FateReason), Vec<BottleId>> = BTreeMap::new();
    for bottle in feeds::list_bottles_for_fate(tx.conn, aside)? {
        if bottle.state == BottleState::Quarantined {
            let recalled = bottle.lot_state == LotState::Recalled;
            let reason = if recalled { FateReason::Recalled } else { FateReason::Excursion };
            heaps.entry((bottle.site_id, reason)).or_default().push(bottle.id);
        }
    }
    let mut ended = 0;
    for ((site, reason), ids) in &heaps {
        let end = BottleEnd { fed_ml: Volume::ZERO, reason: Some(reason.as_str()), at: tx.now };
        ended += feeds::end_bottles(tx.conn, *site, ids, &end)?;
    }
    Ok(ended)
}

fn get_to_change(tx: &mut Tx<'_>, id: ExcursionId, version: i64) -> Result<ExcursionRow, ActionError> {
    let row = get_excursion(tx.conn, tx.actor, id)?;
    if !tx.actor.acts_for(row.site_id) {
        return Err(ActionError::Forbidden);
    }
    if row.version != version {
        return Err(ActionError::Stale { current_version: row.version });
    }
    Ok(row)
}

/// The excursion, for both sites of its journey and for hub roles.
///
/// # Errors
/// `NotFound` also when it is another pair's.
pub fn get_excursion(conn: &mut AnyConn, actor: &Actor, id: ExcursionId) -> Result<ExcursionRow, ActionError> {
    let row = rows::find_excursion(conn, id)?.ok_or(ActionError::NotFound { what: "excursion" })?;
    let sender = match row.transfer_id {
        Some(transfer) => transfers::find_transfer(conn, transfer)?.map(|transfer| transfer.from_site_id),
        None => None,
    };
    let known = actor.acts_for(row.site_id) || sender.is_some_and(|site| actor.acts_for(site));
    if known { Ok(row) } else { Err(ActionError::NotFound { what: "excursion" }) }
}

/// A page of excursions of the actor's sites.
///
/// # Errors
/// Those of the store.
pub fn list_excursions(
    conn: &mut AnyConn,
    actor: &Actor,
    wanted: ExcursionFilter,
    after: Option<ExcursionId>,
    rows_wanted: i64,
) -> Result<Vec<ExcursionRow>, ActionError> {
    Ok(rows::list_excursions(conn, own_sites(actor).as_deref(), wanted, after, rows_wanted)?)
}

pub(super) fn record(
    tx: &mut Tx<'_>,
    kind: &'static str,
    row: &ExcursionRow,
    other_site: Option<SiteId>,
    data: &serde_json::Value,
) -> Result<(), ActionError> {
    tx.record(Happening {
        kind,
        subject_kind: "excursion",
        subject_id: row.id.to_string(),
        site: Some(row.site_id),
        other_site,
        network: false,
        data,
    })
}
