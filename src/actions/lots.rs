//! Registering, releasing and discarding lots. A lot is offered to nobody until its record passes its own bank's
//! rules and a person has released it; a record that fails is kept in quarantine with every reason.

use super::network::{LiveSite, get_live_site, policy_of};
use super::release_bars::hub_refusals;
use super::stored;
use super::{ActionError, Happening, Tx};
use crate::domain::actor::Actor;
use crate::domain::field::FieldError;
use crate::domain::ids::{BottleId, LotId, SiteId};
use crate::domain::lot::{LotState, LotStep, SafetyRecord, release_failures};
use crate::domain::policy::PolicyDocument;
use crate::domain::quantity::Volume;
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::text::{code_fault, text_fault};
use crate::domain::time::Instant;
use crate::store::AnyConn;
use crate::store::bottles;
pub use crate::store::bottles::{BottleFilter, BottleListing, BottleRow};
use crate::store::lots as rows;
pub use crate::store::lots::{LotFilter, LotRow};
use crate::store::{holds, policy_sets, surplus};
use serde_json::json;

/// Longest number of a lot, in characters; what is on a label.
const MAX_CODE_CHARS: usize = 64;

/// A lot's divisions are numbered 001 to 999 (ISBT 128 ST-001): more bottles need a second lot.
const MOST_BOTTLES: i64 = 999;
/// The largest bottle that the field fills, mL.
const LARGEST_BOTTLE_ML: i64 = 1_000;

/// A lot to be registered.
#[derive(Debug, Clone)]
pub struct RegisterLot {
    /// The bank that made it.
    pub bank: SiteId,
    /// The bank's own number.
    pub code: String,
    /// The pool it was filled from, by the bank's own number.
    pub pool_ref: Option<String>,
    /// The deposits in it, by the bank's own numbers.
    pub deposit_refs: Vec<String>,
    /// Its safety record.
    pub record: SafetyRecord,
    /// Its expiry as labelled.
    pub expires_at: Instant,
    /// Bottles by size.
    pub containers: Vec<Containers>,
    /// Where they are, when not all at the bank: stock on hand when a hub starts.
    pub held_at: Vec<Holding>,
    /// Register and release in one step.
    pub release: bool,
}

/// Equal bottles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Containers {
    /// Size.
    pub size: Volume,
    /// How many.
    pub count: i64,
}

/// Bottles that are already at a site.
#[derive(Debug, Clone)]
pub struct Holding {
    /// The site.
    pub site: SiteId,
    /// Bottles by size.
    pub containers: Vec<Containers>,
}

/// A lot with what stands against its release.
#[derive(Debug, Clone)]
pub struct LotDetail {
    /// The lot.
    pub row: LotRow,
    /// Number of its bottles.
    pub bottles: usize,
    /// Why it was not released, when release was asked.
    pub refusals: Vec<Refusal>,
}

/// Registers a lot with its bottles, and releases it when that is asked and nothing stands against it.
///
/// # Errors
/// `Invalid` for impossible figures, `Conflict` for a number or a label used before (refusal 11). A record that
/// fails the rules is no error: the lot is kept in quarantine and its refusals are in the answer.
pub fn register_lot(tx: &mut Tx<'_>, command: &RegisterLot) -> Result<LotDetail, ActionError> {
    let bank = get_live_site(tx, command.bank)?;
    register_at(tx, command, &bank)
}

/// Registers a lot at a bank that was looked at before, for those who register many.
pub(super) fn register_at(tx: &mut Tx<'_>, command: &RegisterLot, bank: &LiveSite) -> Result<LotDetail, ActionError> {
    let policy = policy_of(tx, bank)?;
    let invalid = impossible(command);
    if !invalid.is_empty() {
        return Err(ActionError::Invalid(invalid));
    }
    let mut row = row_of(tx, command, bank.policy_set_id)?;
    let mut refusals = release_failures(&command.record, &policy, tx.now, &bank.time_zone);
    refusals.extend(hub_refusals(tx.conn, &row, &command.record, Some(&command.deposit_refs))?);
    let released = command.release && refusals.is_empty();
    if released {
        row.state = LotState::Released;
        row.released_at = Some(tx.now);
        row.released_by = Some(tx.actor.id.clone());
    }
    let donors: Vec<&str> = command.record.donors.iter().map(|donor| donor.donor_ref.as_str()).collect();
    rows::insert_lot(tx.conn, &row, &donors).map_err(label_taken)?;
    rows::insert_deposits(tx.conn, row.id, &command.deposit_refs)?;
    let bottles = bottles_of(tx, command, &row);
    bottles::insert_bottles(tx.conn, &bottles)?;
    record_lot(tx, "lot.registered", &row)?;
    if released {
        record_lot(tx, "lot.released", &row)?;
    }
    let refusals = if command.release { refusals } else { Vec::new() };
    Ok(LotDetail { row, bottles: bottles.len(), refusals })
}

fn label_taken(error: crate::store::StoreError) -> ActionError {
    match error {
        crate::store::StoreError::Conflict { kind: crate::store::ConflictKind::Unique, .. } => ActionError::conflict(
            "label_taken",
            "Refusal 11: this bank already has a lot with this number, or the label's DIN and product code are in use.",
        ),
        other => other.into(),
    }
}

pub(super) fn impossible(command: &RegisterLot) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (place, deposit) in command.deposit_refs.iter().enumerate() {
        errors.extend(code_fault(&format!("/deposit_refs/{place}"), deposit));
    }
    errors.extend(text_fault("/code", &command.code, MAX_CODE_CHARS));
    errors.extend(command.pool_ref.as_deref().and_then(|pool| code_fault("/pool_ref", pool)));
    let mut count = 0_i64;
    let groups = [("/containers".to_owned(), &command.containers)].into_iter().chain(
        command
            .held_at
            .iter()
            .enumerate()
            .map(|(position, holding)| (format!("/held_at/{position}/containers"), &holding.containers)),
    );
    for (pointer, containers) in groups {
        for (position, group) in containers.iter().enumerate() {
            count = count.saturating_add(group.count);
            if !(1..=LARGEST_BOTTLE_ML).contains(&group.size.ml()) {
                errors.push(FieldError::new(
                    format!("{pointer}/{position}/size_ml"),
                    "out_of_range",
                    format!("Send 1 to {LARGEST_BOTTLE_ML} mL."),
                ));
            }
            if !(1..=MOST_BOTTLES).contains(&group.count) {
                errors.push(FieldError::new(
                    format!("{pointer}/{position}/count"),
                    "out_of_range",
                    format!("Send 1 to {MOST_BOTTLES} bottles."),
                ));
            }
        }
    }
    if !(1..=MOST_BOTTLES).contains(&count) {
        errors.push(FieldError::new(
            "/containers",
            "bottle_count",
            format!("A lot has 1 to {MOST_BOTTLES} bottles; register the rest as a second lot."),
        ));
    }
    if command.record.declared_expires_at != command.expires_at {
        errors.push(FieldError::new(
            "/expires_at",
            "differs_from_record",
            "The label's expiry and the safety record's must be the same instant.",
        ));
    }
    errors
}

pub(super) fn row_of(
    tx: &Tx<'_>,
    command: &RegisterLot,
    policy_set_id: crate::domain::ids::PolicySetId,
) -> Result<LotRow, ActionError> {
    let record = &command.record;
    let json = serde_json::to_string(record)
        .map_err(|error| ActionError::Internal(format!("cannot write a safety record: {error}")))?;
    let all = command.containers.iter().chain(command.held_at.iter().flat_map(|holding| &holding.containers));
    let heat = record.pasteurisation.as_ref();
    Ok(LotRow {
        id: LotId::new(tx.new_id()),
        bank_site_id: command.bank,
        code: command.code.clone(),
        state: LotState::Quarantined,
        policy_set_id,
        form: record.form.to_string(),
        milk_type: record.milk_type.to_string(),
        donor_count: i64::try_from(record.donors.len()).unwrap_or(i64::MAX).max(1),
        dairy_free: record.dairy_free,
        cmv_negative: record.cmv_negative,
        expressed_from: record.expressed_from.to_string(),
        expressed_to: record.expressed_to.to_string(),
        pasteurised_at: heat.map(|heat| heat.ended_at),
        expires_at: command.expires_at,
        volume_ml: all.map(|group| group.size.times(group.count)).sum(),
        protein_mg_per_dl: record.composition.as_ref().map(|found| i64::from(found.protein_mg_per_dl)),
        energy_kcal_per_dl: record.composition.as_ref().map(|found| i64::from(found.energy_tenths_kcal_per_dl / 10)),
        record: json,
        din: record.isbt.as_ref().map(|label| label.din.clone()),
        product_code: record.isbt.as_ref().map(|label| label.product_code.clone()),
        cycle_ref: heat.and_then(|heat| heat.cycle_ref.clone()),
        device_ref: heat.and_then(|heat| heat.device_ref.clone()),
        pool_ref: command.pool_ref.clone(),
        released_at: None,
        released_by: None,
        registered_at: tx.now,
        version: 1,
    })
}

fn bottles_of(tx: &Tx<'_>, command: &RegisterLot, row: &LotRow) -> Vec<BottleRow> {
    let at_bank = command.containers.iter().map(|group| (command.bank, *group));
    let elsewhere =
        command.held_at.iter().flat_map(|holding| holding.containers.iter().map(|group| (holding.site, *group)));
    let mut division = 0;
    let mut bottles = Vec::new();
    for (site_id, group) in at_bank.chain(elsewhere) {
        for _ in 0..group.count {
            division += 1;
            let id = BottleId::new(tx.new_id());
            bottles.push(BottleRow::filled(id, row.id, division, group.size, site_id));
        }
    }
    bottles
}

/// The lot, for its bank and for hub roles.
///
/// # Errors
/// `NotFound` also when it is another bank's.
pub fn get_lot(conn: &mut AnyConn, actor: &Actor, id: LotId) -> Result<LotRow, ActionError> {
    rows::find_lot(conn, id)?
        .filter(|lot| actor.acts_for(lot.bank_site_id))
        .ok_or(ActionError::NotFound { what: "lot" })
}

/// A page of lots in the order they were registered.
///
/// # Errors
/// Those of the store.
pub fn list_lots(
    conn: &mut AnyConn,
    filter: &LotFilter,
    after: Option<LotId>,
    rows_wanted: i64,
) -> Result<Vec<LotRow>, ActionError> {
    Ok(rows::list_lots(conn, filter, after, rows_wanted)?)
}

/// A page of bottles with the number and the expiry of their lots.
///
/// # Errors
/// Those of the store.
pub fn list_bottles(
    conn: &mut AnyConn,
    filter: &BottleFilter,
    after: Option<BottleId>,
    rows_wanted: i64,
) -> Result<Vec<BottleListing>, ActionError> {
    Ok(bottles::list_bottles(conn, filter, after, rows_wanted)?)
}

/// Releases a quarantined lot.
///
/// # Errors
/// `Refused` with every rule the record fails; `Stale`; `Conflict` from another state.
pub fn release_lot(tx: &mut Tx<'_>, id: LotId, version: i64) -> Result<LotRow, ActionError> {
    let lot = get_versioned(tx, id, version)?;
    lot.state.next(LotStep::Release).map_err(illegal)?;
    if holds::is_lot_held(tx.conn, id)? {
        let refusal = RefusalCode::LotHeld.because(format!("a hold on lot {} is open", lot.code));
        return Err(ActionError::Refused(vec![refusal]));
    }
    let document = policy_sets::find_document(tx.conn, lot.policy_set_id)?
        .ok_or_else(|| ActionError::Internal("a lot under a policy set that is not stored".to_owned()))?;
    let policy: PolicyDocument = stored(&document)?;
    let bank = get_live_site(tx, lot.bank_site_id)?;
    let record: SafetyRecord = stored(&lot.record)?;
    let mut refusals = release_failures(&record, &policy, tx.now, &bank.time_zone);
    refusals.extend(hub_refusals(tx.conn, &lot, &record, None)?);
    if !refusals.is_empty() {
        return Err(ActionError::Refused(refusals));
    }
    let by = tx.actor.id.clone();
    if !rows::mark_lot_released(tx.conn, id, version, tx.now, &by)? {
        return Err(ActionError::Stale { current_version: version + 1 });
    }
    let lot = get_lot(tx.conn, tx.actor, id)?;
    record_lot(tx, "lot.released", &lot)?;
    Ok(lot)
}

/// Throws away every bottle of a lot that is in stock at its bank and promised to nobody.
///
/// # Errors
/// `Stale`; `Conflict` from a state in which nothing is left to throw away.
pub fn discard_lot(tx: &mut Tx<'_>, id: LotId, version: i64, reason: &str) -> Result<LotRow, ActionError> {
    let lot = get_versioned(tx, id, version)?;
    let state = lot.state.next(LotStep::Discard).map_err(illegal)?;
    if !rows::set_lot_state(tx.conn, id, version, state)? {
        return Err(ActionError::Stale { current_version: version + 1 });
    }
    let lines: Vec<_> = surplus::list_lines_of_lots(tx.conn, &[id])?.into_iter().map(|line| line.id).collect();
    // Lines first: whoever promises bottles locks the line before the bottles.
    surplus::close_lines(tx.conn, &lines)?;
    bottles::unpublish_bottles(tx.conn, &lines)?;
    bottles::discard_free_bottles(tx.conn, id, lot.bank_site_id, reason, tx.now)?;
    let lot = get_lot(tx.conn, tx.actor, id)?;
    record_lot(tx, "lot.discarded", &lot)?;
    Ok(lot)
}

pub(super) fn get_versioned(tx: &mut Tx<'_>, id: LotId, version: i64) -> Result<LotRow, ActionError> {
    let lot = get_lot(tx.conn, tx.actor, id)?;
    if lot.version != version {
        return Err(ActionError::Stale { current_version: lot.version });
    }
    Ok(lot)
}

fn illegal(step: crate::domain::lot::IllegalLotStep) -> ActionError {
    ActionError::conflict("lot_state", format!("{step}; nothing was changed."))
}

fn record_lot(tx: &mut Tx<'_>, kind: &'static str, lot: &LotRow) -> Result<(), ActionError> {
    tx.record(Happening {
        kind,
        subject_kind: "lot",
        subject_id: lot.id.to_string(),
        site: Some(lot.bank_site_id),
        other_site: None,
        network: false,
        data: &json!({"code": lot.code, "state": lot.state, "volume_ml": lot.volume_ml}),
    })
}

/// The bottle that bears a label, when the actor may see it.
///
/// # Errors
/// Those of the store.
pub fn find_bottle_by_label(
    conn: &mut AnyConn,
    actor: &Actor,
    din: &str,
    product_code: &str,
    division: u16,
) -> Result<Option<BottleId>, ActionError> {
    let found = bottles::find_bottle_by_label(conn, din, product_code, i64::from(division))?;
    let seen = found.filter(|(_, bank, site)| actor.acts_for(*bank) || actor.acts_for(*site));
    Ok(seen.map(|(bottle, ..)| bottle))
}
