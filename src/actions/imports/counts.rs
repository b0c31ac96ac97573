//! Stock counts by file: what was counted beside what the hub knows. Fewer bottles than known are written off as
//! missing; more cannot be, since milk comes into the hub only with its record.

use super::{Change, Judged, fault};
use crate::actions::fates::{BottleFate, Fate, MOST_BOTTLES, RecordFates, record_fates};
use crate::actions::{ActionError, Tx};
use crate::domain::actor::Actor;
use crate::domain::fate::FateReason;
use crate::domain::ids::{BottleId, LotId, SiteId};
use crate::domain::quantity::Volume;
use crate::store::{AnyConn, imports};
use std::collections::{BTreeMap, BTreeSet};

/// What was counted of a lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountWanted {
    /// The number of the lot.
    pub lot_code: String,
    /// The size of the bottles.
    pub size: Volume,
    /// How many there are.
    pub bottles: i64,
}

enum Step {
    WriteOff(Vec<BottleId>),
    Nothing,
}

type Stepped = Result<Step, Vec<crate::domain::field::FieldError>>;

struct Known {
    stored: BTreeMap<(String, Volume), Vec<(LotId, i64)>>,
    free: BTreeMap<(LotId, Volume), Vec<BottleId>>,
}

/// What each row would do.
///
/// # Errors
/// `NotFound` for a site that is not the actor's, and those of the store.
pub fn judge_counts(
    conn: &mut AnyConn,
    actor: &Actor,
    site: SiteId,
    rows: &[CountWanted],
) -> Result<Vec<Judged>, ActionError> {
    let steps = steps_of(conn, actor, site, rows)?;
    Ok(steps.into_iter().map(|step| step.map(|step| change_of(&step))).collect())
}

const fn change_of(step: &Step) -> Change {
    match step {
        Step::WriteOff(_) => Change::Updated,
        Step::Nothing => Change::Unchanged,
    }
}

/// Does what can be done of the rows, and says what each did.
///
/// # Errors
/// Those of recording fates, and those of the store; then nothing is written.
pub fn import_counts(tx: &mut Tx<'_>, site: SiteId, rows: &[CountWanted]) -> Result<Vec<Judged>, ActionError> {
    let steps = steps_of(tx.conn, tx.actor, site, rows)?;
    let missing = steps.iter().filter_map(|step| match step {
        Ok(Step::WriteOff(bottles)) => Some(bottles.iter().copied()),
        _ => None,
    });
    let missing: Vec<BottleId> = missing.flatten().collect();
    for bottles in missing.chunks(MOST_BOTTLES) {
        let fate = |bottle: &BottleId| BottleFate { bottle: *bottle, fate: Fate::Discarded(FateReason::Missing) };
        record_fates(tx, &RecordFates { site, at: None, items: bottles.iter().map(fate).collect() })?;
    }
    Ok(steps.into_iter().map(|step| step.map(|step| change_of(&step))).collect())
}

fn steps_of(
    conn: &mut AnyConn,
    actor: &Actor,
    site: SiteId,
    rows: &[CountWanted],
) -> Result<Vec<Stepped>, ActionError> {
    if !actor.acts_for(site) {
        return Err(ActionError::NotFound { what: "site" });
    }
    let known = known(conn, site, rows)?;
    let mut named = BTreeSet::new();
    let steps = rows.iter().map(|row| {
        if named.insert((row.lot_code.as_str(), row.size)) {
            step_of(&known, row)
        } else {
            Err(fault("/lot_code", "duplicate", "this lot and size stand in the file before"))
        }
    });
    Ok(steps.collect())
}

fn known(conn: &mut AnyConn, site: SiteId, rows: &[CountWanted]) -> Result<Known, ActionError> {
    let mut stored: BTreeMap<(String, Volume), Vec<(LotId, i64)>> = BTreeMap::new();
    for (lot, code, size, bottles) in imports::list_stored_lots(conn, site)? {
        stored.entry((code, size)).or_default().push((lot, bottles));
    }
    let fewer = |row: &&CountWanted| {
        let of_row = stored.get(&(row.lot_code.clone(), row.size));
        of_row.is_some_and(|lots| lots.iter().any(|(_, known)| row.bottles < *known))
    };
    let short: BTreeSet<LotId> = rows
        .iter()
        .filter(fewer)
        .filter_map(|row| stored.get(&(row.lot_code.clone(), row.size)))
        .flat_map(|lots| lots.iter().map(|(lot, _)| *lot))
        .collect();
    let short: Vec<LotId> = short.into_iter().collect();
    let mut free: BTreeMap<(LotId, Volume), Vec<BottleId>> = BTreeMap::new();
    for (bottle, lot, size) in imports::list_countable_bottles(conn, site, &short)? {
        free.entry((lot, size)).or_default().push(bottle);
    }
    Ok(Known { stored, free })
}

fn step_of(known: &Known, row: &CountWanted) -> Stepped {
    if row.bottles < 0 {
        return Err(fault("/bottles", "out_of_range", "0 or more"));
    }
    let lots = known.stored.get(&(row.lot_code.clone(), row.size)).map_or(&[][..], Vec::as_slice);
    let (lot, there) = match lots {
        [] if row.bottles == 0 => return Ok(Step::Nothing),
        [] => return Err(fault("/lot_code", "unknown_lot", "the hub knows of no such bottles here")),
        [one] => *one,
        _ => {
            return Err(fault(
                "/lot_code",
                "ambiguous_lot",
                "lots of several banks bear this number; correct it by hand",
            ));
        }
    };
    if row.bottles == there {
        return Ok(Step::Nothing);
    }
    if row.bottles > there {
        let detail = format!("the hub knows of {there}; milk comes in only with its record or its transfer");
        return Err(fault("/bottles", "more_than_known", detail));
    }
    let missing = usize::try_from(there - row.bottles).unwrap_or(usize::MAX);
    let free = known.free.get(&(lot, row.size)).map_or(&[][..], Vec::as_slice);
    match free.get(..missing) {
        Some(bottles) => Ok(Step::WriteOff(bottles.to_vec())),
        None => {
            let detail = format!("{missing} are missing, but only {} are promised to nobody", free.len());
            Err(fault("/bottles", "promised", detail))
        }
    }
}
