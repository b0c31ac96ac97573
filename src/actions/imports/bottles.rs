//! Bottles by file: one row a bottle of a lot that waits in quarantine. Nothing of a released lot changes so.

use super::{Change, Judged, fault};
use crate::actions::lots::{BottleRow, LotRow};
use crate::actions::{ActionError, Happening, Tx};
use crate::domain::actor::Actor;
use crate::domain::bottle::BottleState;
use crate::domain::ids::{BottleId, LotId, SiteId};
use crate::domain::lot::LotState;
use crate::domain::quantity::Volume;
use crate::store::imports::{self, BottleSeen};
use crate::store::{AnyConn, bottles};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Divisions are numbered 1 to 999 (ISBT 128 ST-001).
const LAST_DIVISION: i64 = 999;
/// The largest bottle, mL.
const LARGEST_BOTTLE_ML: i64 = 1_000;

/// A bottle as a row wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BottleWanted {
    /// The number of its lot.
    pub lot_code: String,
    /// Its number within the lot.
    pub division: i64,
    /// Its size.
    pub size: Volume,
}

enum Step {
    Add(LotId),
    Resize(BottleId, LotId, Volume),
    Nothing,
}

struct Known {
    lots: BTreeMap<String, LotRow>,
    bottles: BTreeMap<(LotId, i64), BottleSeen>,
}

/// What each row would do.
///
/// # Errors
/// `NotFound` for a bank that is not the actor's, and those of the store.
pub fn judge_bottles(
    conn: &mut AnyConn,
    actor: &Actor,
    bank: SiteId,
    rows: &[BottleWanted],
) -> Result<Vec<Judged>, ActionError> {
    let known = known(conn, actor, bank, rows)?;
    Ok(steps_of(&known, bank, rows).into_iter().map(|step| step.map(|step| change_of(&step))).collect())
}

const fn change_of(step: &Step) -> Change {
    match step {
        Step::Add(_) => Change::Created,
        Step::Resize(..) => Change::Updated,
        Step::Nothing => Change::Unchanged,
    }
}

/// Does what can be done of the rows, and says what each did.
///
/// # Errors
/// `Stale` when a lot changed meanwhile, and those of the store; then nothing is written.
pub fn import_bottles(tx: &mut Tx<'_>, bank: SiteId, rows: &[BottleWanted]) -> Result<Vec<Judged>, ActionError> {
    let known = known(tx.conn, tx.actor, bank, rows)?;
    let steps = steps_of(&known, bank, rows);
    let mut added = Vec::new();
    let mut grown: BTreeMap<LotId, Volume> = BTreeMap::new();
    for (row, step) in rows.iter().zip(&steps) {
        match step {
            Ok(Step::Add(lot)) => {
                let id = BottleId::new(tx.new_id());
                added.push(BottleRow::filled(id, *lot, row.division, row.size, bank));
                *grown.entry(*lot).or_insert(Volume::ZERO) += row.size;
            }
            Ok(Step::Resize(bottle, lot, before)) => {
                if !imports::resize_bottle(tx.conn, *bottle, row.size)? {
                    return Err(ActionError::conflict("bottles_moved", "A bottle moved meanwhile; try again."));
                }
                *grown.entry(*lot).or_insert(Volume::ZERO) += row.size - *before;
            }
            Ok(Step::Nothing) | Err(_) => {}
        }
    }
    bottles::insert_bottles(tx.conn, &added)?;
    for lot in known.lots.values() {
        if let Some(more) = grown.get(&lot.id) {
            save_lot(tx, lot, *more)?;
        }
    }
    Ok(steps.into_iter().map(|step| step.map(|step| change_of(&step))).collect())
}

fn known(conn: &mut AnyConn, actor: &Actor, bank: SiteId, rows: &[BottleWanted]) -> Result<Known, ActionError> {
    if !actor.acts_for(bank) {
        return Err(ActionError::NotFound { what: "site" });
    }
    let codes: BTreeSet<&str> = rows.iter().map(|row| row.lot_code.as_str()).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    let lots: BTreeMap<String, LotRow> =
        imports::list_lots_by_code(conn, bank, &codes)?.into_iter().map(|lot| (lot.code.clone(), lot)).collect();
    let ids: Vec<LotId> = lots.values().map(|lot| lot.id).collect();
    let found = imports::list_bottles_of_lots(conn, &ids)?;
    Ok(Known { lots, bottles: found.into_iter().map(|bottle| ((bottle.lot_id, bottle.division), bottle)).collect() })
}

type Stepped = Result<Step, Vec<crate::domain::field::FieldError>>;

fn steps_of(known: &Known, bank: SiteId, rows: &[BottleWanted]) -> Vec<Stepped> {
    let mut named = BTreeSet::new();
    rows.iter()
        .map(|row| {
            if named.insert((row.lot_code.as_str(), row.division)) {
                step_of(known, bank, row)
            } else {
                Err(fault("/bottle", "duplicate", "this bottle stands in the file before"))
            }
        })
        .collect()
}

fn step_of(known: &Known, bank: SiteId, row: &BottleWanted) -> Stepped {
    if !(1..=LAST_DIVISION).contains(&row.division) {
        return Err(fault("/bottle", "out_of_range", "1 to 999"));
    }
    if !(1..=LARGEST_BOTTLE_ML).contains(&row.size.ml()) {
        return Err(fault("/size_ml", "out_of_range", "1 to 1,000 mL"));
    }
    let Some(lot) = known.lots.get(&row.lot_code) else {
        return Err(fault("/lot_code", "unknown_lot", "the bank has no lot with this number"));
    };
    let bottle = known.bottles.get(&(lot.id, row.division));
    if bottle.is_some_and(|bottle| bottle.size_ml == row.size) {
        return Ok(Step::Nothing);
    }
    if lot.state != LotState::Quarantined {
        let detail = format!("this lot is {}; only one that waits in quarantine can be corrected", lot.state);
        return Err(fault("/lot_code", "not_in_quarantine", detail));
    }
    match bottle {
        None => Ok(Step::Add(lot.id)),
        Some(bottle) if bottle.state == BottleState::InStock && bottle.site_id == bank => {
            Ok(Step::Resize(bottle.id, lot.id, bottle.size_ml))
        }
        Some(_) => Err(fault("/bottle", "not_in_stock", "this bottle is not in the bank's stock")),
    }
}

fn save_lot(tx: &mut Tx<'_>, lot: &LotRow, more: Volume) -> Result<(), ActionError> {
    let volume = lot.volume_ml + more;
    if !imports::set_lot_volume(tx.conn, lot.id, lot.version, volume)? {
        return Err(ActionError::Stale { current_version: lot.version + 1 });
    }
    tx.record(Happening {
        kind: "lot.corrected",
        subject_kind: "lot",
        subject_id: lot.id.to_string(),
        site: Some(lot.bank_site_id),
        other_site: None,
        network: false,
        data: &json!({"code": lot.code, "version": lot.version + 1, "volume_ml": volume}),
    })
}
