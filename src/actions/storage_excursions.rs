//! Excursions of freezers and fridges: the milk that stood in the unit is taken out of every promise and set
//! aside in the transaction that stores the reading, and the requests behind it are planned anew.

use super::evidence::tell_silent_unit;
use super::excursions::{opened, record};
use super::freezing::freeze;
use super::readings::by_speaker;
use super::{ActionError, Happening, Tx};
use crate::domain::bottle::BottleState;
use crate::domain::ids::{BottleId, ExcursionId, SiteId};
use crate::domain::logger::{IntervalReading, judge_intervals};
use crate::domain::temperature::{ExcursionKind, Journey, TemperatureLimits, Trace, join, judge};
use crate::domain::time::Instant;
use crate::store::logger_files::list_intervals;
use crate::store::storage_units::{self as rows, StorageUnitRow};
use crate::store::{excursions, feeds};
use serde_json::json;
use std::collections::BTreeMap;

/// The limits a unit is judged by.
pub(super) const fn limits_of(unit: &StorageUnitRow) -> TemperatureLimits {
    TemperatureLimits {
        max: unit.max_temperature_hundredths,
        tolerance_minutes: unit.tolerance_minutes,
        peak: unit.peak_hundredths,
        longest_gap_minutes: unit.silent_after_minutes,
    }
}

/// Judges what a unit's loggers said around some new readings.
pub(super) fn judge_unit(
    tx: &mut Tx<'_>,
    unit: &StorageUnitRow,
    (from, until): (Instant, Instant),
) -> Result<(Trace, Option<ExcursionId>), ActionError> {
    let margin = unit.silent_after_minutes;
    let known = rows::list_storage_readings(tx.conn, unit.id, from.plus_minutes(-margin), until.plus_minutes(margin))?;
    let limits = limits_of(unit);
    let whole = Journey { from: None, until: None };
    let traces: Vec<Trace> = by_speaker(&known).values().map(|readings| judge(readings, limits, whole)).collect();
    act(tx, unit, &join(&traces), (from, until))
}

/// Judges days of which only the extremes are known, those that no file told of before, and what no day tells of.
pub(super) fn judge_unit_days(
    tx: &mut Tx<'_>,
    unit: &StorageUnitRow,
    days: &[IntervalReading],
) -> Result<Option<ExcursionId>, ActionError> {
    let first = days.iter().map(|day| day.from).min();
    let last = days.iter().map(|day| day.until).max();
    let Some((first, last)) = first.zip(last) else { return Ok(None) };
    rows::note_last_reading(tx.conn, unit.id, last.min(tx.now))?;
    let (limits, margin) = (limits_of(unit), unit.silent_after_minutes);
    let around = (Some(first.plus_minutes(-margin)), Some(last.plus_minutes(margin)));
    let known = list_intervals(tx.conn, unit.id.as_str(), around.0, around.1)?;
    let mut by_logger: BTreeMap<&str, Vec<IntervalReading>> = BTreeMap::new();
    for (logger, day) in &known {
        by_logger.entry(logger).or_default().push(*day);
    }
    let whole = Journey { from: None, until: None };
    let gaps = by_logger.values().map(|days| judge_intervals(days, limits, whole).longest_gap_minutes);
    let gap = gaps.min().unwrap_or(0);
    let trace = Trace { longest_gap_minutes: gap, ..judge_intervals(days, limits, whole) };
    // Milk that came after the warm days, or left before them, did not stand in the warmth.
    let warm = || days.iter().filter(|day| day.highest > limits.max || day.highest >= limits.peak);
    let warmed = warm().map(|day| day.from).min().zip(warm().map(|day| day.until).max());
    let stretch = warmed.filter(|_| gap <= limits.longest_gap_minutes).unwrap_or((first, last));
    let (_, excursion) = act(tx, unit, &trace, stretch)?;
    Ok(excursion)
}

fn act(
    tx: &mut Tx<'_>,
    unit: &StorageUnitRow,
    trace: &Trace,
    stretch: (Instant, Instant),
) -> Result<(Trace, Option<ExcursionId>), ActionError> {
    let Some(kind) = trace.excursion(limits_of(unit)) else {
        tell_silent_unit(tx, unit)?;
        return Ok((*trace, None));
    };
    let excursion = note_unit_excursion(tx, unit, kind, trace, stretch)?;
    Ok((*trace, Some(excursion)))
}

/// Opens the unit's excursion or adds to the one that is open, and sets its milk aside.
fn note_unit_excursion(
    tx: &mut Tx<'_>,
    unit: &StorageUnitRow,
    kind: ExcursionKind,
    trace: &Trace,
    (from, until): (Instant, Instant),
) -> Result<ExcursionId, ActionError> {
    let id = match excursions::find_undecided_of_unit(tx.conn, unit.id)? {
        Some(open) => {
            let worst = Trace {
                highest: trace.highest.max(open.peak_hundredths),
                minutes_above_limit: trace.minutes_above_limit.max(open.minutes_above_limit),
                longest_gap_minutes: trace.longest_gap_minutes.max(open.longest_gap_minutes),
            };
            if !excursions::worsen_excursion(tx.conn, open.id, open.version, kind, &worst)? {
                return Err(ActionError::Stale { current_version: open.version + 1 });
            }
            open.id
        }
        None => {
            let row = opened(tx, (None, Some(unit.id)), unit.site_id, kind, trace);
            excursions::insert_excursion(tx.conn, &row)?;
            record(tx, "excursion.opened", &row, None, &json!({"kind": kind, "storage_unit_id": unit.id}))?;
            row.id
        }
    };
    let margin = unit.silent_after_minutes;
    let inside = rows::list_bottles_in(tx.conn, unit.id, from.plus_minutes(-margin), until)?;
    let all: Vec<BottleId> = inside.iter().map(|(bottle, ..)| *bottle).collect();
    // What is on the road is caught at its door; what stands somewhere, here or where it was sent, is set aside there.
    let mut stands: BTreeMap<SiteId, Vec<BottleId>> = BTreeMap::new();
    for (bottle, site, _) in inside.iter().filter(|(.., state)| *state == BottleState::InStock) {
        stands.entry(*site).or_default().push(*bottle);
    }
    excursions::add_bottles_to_excursion(tx.conn, id, &all)?;
    for (site, bottles) in stands {
        freeze(tx, &[], &bottles, "an excursion of its storage unit")?;
        let moved = feeds::set_aside(tx.conn, site, &bottles, BottleState::InStock, BottleState::Quarantined)?;
        if moved != bottles.len() {
            return Err(ActionError::conflict("bottle_moved", "A bottle moved meanwhile; try again."));
        }
        if site != unit.site_id {
            tell_site(tx, (id, unit), site, &bottles)?;
        }
    }
    Ok(id)
}

/// Tells a site that milk it was sent stood in a freezer that was too warm.
fn tell_site(
    tx: &mut Tx<'_>,
    (id, unit): (ExcursionId, &StorageUnitRow),
    site: SiteId,
    bottles: &[BottleId],
) -> Result<(), ActionError> {
    tx.record(Happening {
        kind: "excursion.reached_site",
        subject_kind: "excursion",
        subject_id: id.to_string(),
        site: Some(site),
        other_site: Some(unit.site_id),
        network: false,
        data: &json!({"storage_unit_id": unit.id, "bottle_ids": bottles}),
    })
}
