//! What loggers show of an excursion that is open: evidence that came late, evidence that was put right, and when milk
//! began to thaw at the earliest. Who decides is always a person.

use super::excursions::{TEMPERATURE, record};
use super::readings::{Ends, by_speaker, limits_of};
use super::storage_excursions;
use super::{ActionError, Tx};
use crate::domain::excursion::ExcursionState;
use crate::domain::ids::TransferId;
use crate::domain::logger::{IntervalReading, judge_intervals};
use crate::domain::quantity::Celsius;
use crate::domain::temperature::{ExcursionKind, Journey, Trace, join, judge};
use crate::domain::time::Instant;
use crate::store::excursions::{self as rows, ExcursionRow};
use crate::store::logger_files::list_intervals;
use crate::store::storage_units::StorageUnitRow;
use crate::store::transfers::TransferRow;
use crate::store::{readings, storage_units};
use serde_json::json;

/// Above this milk thaws.
const THAWS_ABOVE: Celsius = Celsius::from_degrees(0);

/// Gives the undecided excursions of a journey the evidence that they lacked, because a logger was read late. What they
/// are stays: somebody looks and decides.
pub(super) fn tell_undecided(tx: &mut Tx<'_>, transfer: TransferId, trace: &Trace) -> Result<(), ActionError> {
    tell(tx, transfer, (trace, None), |row| row.peak_hundredths.is_none() && trace.highest.is_some())
}

/// Gives the undecided excursions of a journey the evidence as it is now, because a file was put right.
pub(super) fn tell_anew(tx: &mut Tx<'_>, transfer: &TransferRow, trace: &Trace) -> Result<(), ActionError> {
    tell(tx, transfer.id, (trace, trace.excursion(limits_of(transfer))), |_| true)
}

fn tell(
    tx: &mut Tx<'_>,
    transfer: TransferId,
    (trace, shown): (&Trace, Option<ExcursionKind>),
    wanted: impl Fn(&ExcursionRow) -> bool,
) -> Result<(), ActionError> {
    for row in rows::list_excursions_of(tx.conn, transfer)? {
        let undecided = row.state != ExcursionState::Dispositioned && TEMPERATURE.contains(&row.kind);
        // What a person saw of the milk is not what a logger says of it.
        let kind = shown.filter(|_| row.kind != ExcursionKind::NotFrozen).unwrap_or(row.kind);
        if undecided && wanted(&row) && (trace_of_row(&row), row.kind) != (*trace, kind) {
            note(tx, &row, (kind, trace))?;
        }
    }
    Ok(())
}

const fn trace_of_row(row: &ExcursionRow) -> Trace {
    Trace {
        highest: row.peak_hundredths,
        minutes_above_limit: row.minutes_above_limit,
        longest_gap_minutes: row.longest_gap_minutes,
    }
}

/// Keeps other evidence with an excursion; what stood there before is in its event.
fn note(tx: &mut Tx<'_>, row: &ExcursionRow, (kind, trace): (ExcursionKind, &Trace)) -> Result<(), ActionError> {
    if !rows::worsen_excursion(tx.conn, row.id, row.version, kind, trace)? {
        return Err(ActionError::Stale { current_version: row.version + 1 });
    }
    let facts = |kind: ExcursionKind, trace: &Trace| {
        json!({
            "kind": kind, "peak_hundredths": trace.highest, "minutes_above_limit": trace.minutes_above_limit,
            "longest_gap_minutes": trace.longest_gap_minutes,
        })
    };
    let data = json!({"was": facts(row.kind, &trace_of_row(row)), "is": facts(kind, trace)});
    record(tx, "excursion.evidence", row, None, &data)
}

/// Gives the silent excursion of a storage unit its evidence once the whole silence is told of.
pub(super) fn tell_silent_unit(tx: &mut Tx<'_>, unit: &StorageUnitRow) -> Result<(), ActionError> {
    let Some(open) = rows::find_undecided_of_unit(tx.conn, unit.id)? else { return Ok(()) };
    if open.kind != ExcursionKind::Silent || open.peak_hundredths.is_some() {
        return Ok(());
    }
    let (from, until) = (open.opened_at.plus_minutes(-open.longest_gap_minutes), open.opened_at);
    let known = storage_units::list_storage_readings(tx.conn, unit.id, from, until)?;
    let silence = Journey { from: Some(from), until: Some(until) };
    let limits = storage_excursions::limits_of(unit);
    let mut traces: Vec<Trace> = by_speaker(&known).values().map(|readings| judge(readings, limits, silence)).collect();
    let days: Vec<IntervalReading> =
        list_intervals(tx.conn, unit.id.as_str(), Some(from), Some(until))?.into_iter().map(|(_, day)| day).collect();
    if !days.is_empty() {
        traces.push(judge_intervals(&days, limits, silence));
    }
    let trace = join(&traces);
    if trace.highest.is_some() && trace.longest_gap_minutes <= limits.longest_gap_minutes {
        note(tx, &open, (open.kind, &trace))?;
    }
    Ok(())
}

/// The first moment at which the loggers show that the milk of an excursion may have begun to thaw, and how warm it was.
pub(super) fn first_thaw(
    tx: &mut Tx<'_>,
    row: &ExcursionRow,
    transfer: Option<&TransferRow>,
) -> Result<Option<(Instant, Celsius)>, ActionError> {
    let mut shown: Vec<(Instant, Celsius)> = Vec::new();
    let (subject, from, until) = match (transfer, row.storage_unit_id) {
        (Some(transfer), _) => {
            let (from, until) = (transfer.collected_at, Ends::of(transfer).warmth_until());
            let known = readings::list_readings(tx.conn, transfer.id)?;
            shown.extend(known.iter().map(|(_, reading)| (reading.measured_at, reading.temperature)));
            (transfer.id.to_string(), from, until)
        }
        (None, Some(unit)) => {
            let inside = rows::list_bottles_of_excursion(tx.conn, row.id)?;
            let Some(from) = storage_units::earliest_stay(tx.conn, unit, &inside)? else { return Ok(None) };
            let first = storage_units::first_above(tx.conn, unit, from, THAWS_ABOVE)?;
            shown.extend(first.map(|reading| (reading.measured_at, reading.temperature)));
            (unit.to_string(), Some(from), None)
        }
        (None, None) => return Ok(None),
    };
    // Of a day only its extremes are known: it may have begun with them.
    for (_, day) in list_intervals(tx.conn, &subject, from, until)? {
        shown.push((from.map_or(day.from, |from| from.max(day.from)), day.highest));
    }
    let inside = |at: Instant| from.is_none_or(|from| from <= at) && until.is_none_or(|until| at <= until);
    Ok(shown.into_iter().filter(|(at, degrees)| *degrees > THAWS_ABOVE && inside(*at)).min())
}
