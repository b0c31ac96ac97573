//! Adds to the record of a lot that waits in quarantine what was not known when it was registered.

use super::lots::{LotDetail, LotRow, RegisterLot, get_lot, get_versioned, row_of};
use super::network::get_live_site;
use super::policy_sets::get_policy_set;
use super::release_bars::hub_refusals;
use super::{ActionError, Happening, Tx, stored};
use crate::domain::ids::LotId;
use crate::domain::lot::{LotState, SafetyRecord, Supplement, release_failures};
use crate::store::imports;
use serde_json::json;

/// Adds parts to a record, and says what still stands against the lot's release.
///
/// # Errors
/// `Invalid` for parts that are on record already or cannot be; `Stale`; `Conflict` for a lot that does not wait any more.
pub fn complete_record(tx: &mut Tx<'_>, id: LotId, version: i64, more: &Supplement) -> Result<LotDetail, ActionError> {
    let lot = get_versioned(tx, id, version)?;
    if lot.state != LotState::Quarantined {
        let detail = format!("This lot is {}; only one that waits in quarantine is added to.", lot.state);
        return Err(ActionError::conflict("not_in_quarantine", detail));
    }
    let before: SafetyRecord = stored(&lot.record)?;
    let record = before.with(more).map_err(ActionError::Invalid)?;
    let defects = record.defects();
    if !defects.is_empty() {
        return Err(ActionError::Invalid(defects));
    }
    let donors: Vec<&str> = record.donors.iter().map(|donor| donor.donor_ref.as_str()).collect();
    let command = RegisterLot {
        bank: lot.bank_site_id,
        code: lot.code.clone(),
        pool_ref: lot.pool_ref.clone(),
        deposit_refs: Vec::new(),
        record: record.clone(),
        expires_at: lot.expires_at,
        containers: Vec::new(),
        held_at: Vec::new(),
        release: false,
    };
    let row = LotRow { id, ..row_of(tx, &command, lot.policy_set_id)? };
    if !imports::rewrite_lot(tx.conn, &row, &donors, version)? {
        return Err(ActionError::Stale { current_version: version + 1 });
    }
    tx.record(Happening {
        kind: "lot.completed",
        subject_kind: "lot",
        subject_id: id.to_string(),
        site: Some(lot.bank_site_id),
        other_site: None,
        network: false,
        data: &json!({"code": lot.code, "parts": more.parts()}),
    })?;
    let bank = get_live_site(tx, lot.bank_site_id)?;
    let policy = get_policy_set(tx.conn, lot.policy_set_id)?.document;
    let mut refusals = release_failures(&record, &policy, tx.now, &bank.time_zone);
    refusals.extend(hub_refusals(tx.conn, &row, &record, None)?);
    Ok(LotDetail { row: get_lot(tx.conn, tx.actor, id)?, bottles: 0, refusals })
}
