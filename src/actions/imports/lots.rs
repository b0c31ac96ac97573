//! Lots by file: a number that the bank does not know is registered; one that waits in quarantine is corrected.

use super::{Change, Judged, fault};
use crate::actions::lots::{LotRow, RegisterLot, impossible, register_at, row_of};
use crate::actions::network::get_live_site;
use crate::actions::{ActionError, Happening, Tx, stored};
use crate::domain::actor::Actor;
use crate::domain::ids::{LotId, SiteId};
use crate::domain::lot::{LotState, SafetyRecord};
use crate::domain::quantity::Volume;
use crate::store::{AnyConn, imports};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// What a row comes to.
enum Step {
    Register,
    Correct(Box<LotRow>),
    Nothing,
}

/// What is known about the lots that rows name.
struct Known {
    lots: BTreeMap<String, LotRow>,
    sizes: BTreeMap<LotId, Vec<(Volume, i64)>>,
    labels: BTreeMap<(String, String), (SiteId, String)>,
}

/// What each row would do.
///
/// # Errors
/// `NotFound` for a bank that is not the actor's, and those of the store.
pub fn judge_lots(
    conn: &mut AnyConn,
    actor: &Actor,
    bank: SiteId,
    rows: &[RegisterLot],
) -> Result<Vec<Judged>, ActionError> {
    let steps = steps_of(conn, actor, bank, rows)?;
    let change = |step: Step| match step {
        Step::Register => Change::Created,
        Step::Correct(_) => Change::Updated,
        Step::Nothing => Change::Unchanged,
    };
    Ok(steps.into_iter().map(|step| step.map(change)).collect())
}

/// Does what can be done of the rows, and says what each did.
///
/// # Errors
/// Those of registering a lot that cannot be foreseen, and those of the store; then nothing is written.
pub fn import_lots(tx: &mut Tx<'_>, bank: SiteId, rows: &[RegisterLot]) -> Result<Vec<Judged>, ActionError> {
    let steps = steps_of(tx.conn, tx.actor, bank, rows)?;
    let site = get_live_site(tx, bank)?;
    let mut done = Vec::with_capacity(rows.len());
    for (row, step) in rows.iter().zip(steps) {
        done.push(match step {
            Err(errors) => Err(errors),
            Ok(Step::Nothing) => Ok(Change::Unchanged),
            Ok(Step::Register) => match register_at(tx, row, &site) {
                Ok(_) => Ok(Change::Created),
                Err(ActionError::Invalid(errors)) => Err(errors),
                Err(other) => return Err(other),
            },
            Ok(Step::Correct(before)) => {
                correct(tx, row, &before)?;
                Ok(Change::Updated)
            }
        });
    }
    Ok(done)
}

fn steps_of(
    conn: &mut AnyConn,
    actor: &Actor,
    bank: SiteId,
    rows: &[RegisterLot],
) -> Result<Vec<Result<Step, Vec<crate::domain::field::FieldError>>>, ActionError> {
    if !actor.acts_for(bank) {
        return Err(ActionError::NotFound { what: "site" });
    }
    let known = known(conn, bank, rows)?;
    let mut named = BTreeSet::new();
    let mut labelled = BTreeSet::new();
    let mut steps = Vec::with_capacity(rows.len());
    for row in rows {
        let label = row.record.isbt.as_ref().map(|label| (label.din.clone(), label.product_code.clone()));
        let taken = label.as_ref().and_then(|label| known.labels.get(label));
        let repeated_label = label.is_some_and(|label| !labelled.insert(label));
        steps.push(if !named.insert(row.code.as_str()) {
            Err(fault("/code", "duplicate", "this lot stands in the file before"))
        } else if repeated_label || taken.is_some_and(|(site, code)| (*site, code) != (bank, &row.code)) {
            Err(fault("/record/isbt/din", "label_taken", "another lot bears this label (refusal 11)"))
        } else {
            step_of(row, &known)?
        });
    }
    Ok(steps)
}

fn known(conn: &mut AnyConn, bank: SiteId, rows: &[RegisterLot]) -> Result<Known, ActionError> {
    let codes: Vec<&str> = rows.iter().map(|row| row.code.as_str()).collect();
    let lots: BTreeMap<String, LotRow> =
        imports::list_lots_by_code(conn, bank, &codes)?.into_iter().map(|lot| (lot.code.clone(), lot)).collect();
    let ids: Vec<LotId> = lots.values().map(|lot| lot.id).collect();
    let mut sizes: BTreeMap<LotId, Vec<(Volume, i64)>> = BTreeMap::new();
    for (lot, size, count) in imports::count_sizes(conn, &ids)? {
        sizes.entry(lot).or_default().push((size, count));
    }
    let dins: Vec<&str> = rows.iter().filter_map(|row| Some(row.record.isbt.as_ref()?.din.as_str())).collect();
    let labels = imports::list_labels(conn, &dins)?;
    let labels = labels.into_iter().filter_map(|(din, product, site, code)| Some(((din?, product?), (site, code))));
    Ok(Known { lots, sizes, labels: labels.collect() })
}

fn step_of(
    row: &RegisterLot,
    known: &Known,
) -> Result<Result<Step, Vec<crate::domain::field::FieldError>>, ActionError> {
    let mut faults = row.record.defects();
    faults.extend(impossible(row));
    if !faults.is_empty() {
        return Ok(Err(faults));
    }
    let Some(lot) = known.lots.get(&row.code) else { return Ok(Ok(Step::Register)) };
    let record: SafetyRecord = stored(&lot.record)?;
    let same_bottles = known.sizes.get(&lot.id).is_some_and(|sizes| *sizes == wanted_sizes(row));
    if record == row.record && same_bottles {
        return Ok(Ok(Step::Nothing));
    }
    if lot.state != LotState::Quarantined {
        let detail = format!("this lot is {}; only one that waits in quarantine can be corrected", lot.state);
        return Ok(Err(fault("/code", "not_in_quarantine", detail)));
    }
    if !same_bottles {
        let detail = "its bottles differ from those on record; correct them by a file of bottles";
        return Ok(Err(fault("/containers/0/count", "bottles_differ", detail)));
    }
    Ok(Ok(Step::Correct(Box::new(lot.clone()))))
}

/// The bottles of a row by size, in order of size.
fn wanted_sizes(row: &RegisterLot) -> Vec<(Volume, i64)> {
    let mut sizes: BTreeMap<Volume, i64> = BTreeMap::new();
    for group in &row.containers {
        *sizes.entry(group.size).or_default() += group.count;
    }
    sizes.into_iter().collect()
}

fn correct(tx: &mut Tx<'_>, row: &RegisterLot, before: &LotRow) -> Result<(), ActionError> {
    let lot = row_of(tx, row, before.policy_set_id)?;
    let lot = LotRow { id: before.id, ..lot };
    let donors: Vec<&str> = row.record.donors.iter().map(|donor| donor.donor_ref.as_str()).collect();
    if !imports::rewrite_lot(tx.conn, &lot, &donors, before.version)? {
        return Err(ActionError::Stale { current_version: before.version + 1 });
    }
    tx.record(Happening {
        kind: "lot.corrected",
        subject_kind: "lot",
        subject_id: before.id.to_string(),
        site: Some(before.bank_site_id),
        other_site: None,
        network: false,
        data: &json!({"code": before.code, "version": before.version + 1}),
    })
}
