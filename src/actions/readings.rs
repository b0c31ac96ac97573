//! Readings of loggers: stored as they came, judged together each time. A future or impossible reading is
//! refused by its row; a repeat is harmless; two values for one moment are a contradiction.

use super::doubt::doubt_journey;
use super::excursions::note_excursion;
use super::quarantine::set_aside_received;
use super::transfers::get_transfer;
use super::{ActionError, Happening, Tx};
use crate::domain::field::FieldError;
use crate::domain::ids::{ExcursionId, TransferId};
use crate::domain::logger::{IntervalReading, judge_intervals};
use crate::domain::quantity::Celsius;
use crate::domain::temperature::{Journey, Reading, TemperatureLimits, Trace, join, judge};
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use crate::store::logger_files::list_intervals;
use crate::store::readings as rows;
use crate::store::transfers::{TransferRow, save_trace};
use serde_json::json;
use std::collections::BTreeMap;

/// Most readings of one batch.
pub const MOST_READINGS: usize = 5_000;
/// How far a logger's clock may run ahead of the hub's.
const CLOCK_AHEAD_MINUTES: i64 = 5;
/// What a logger near dry ice or in the sun can measure.
const PLAUSIBLE: std::ops::RangeInclusive<Celsius> = Celsius::from_degrees(-100)..=Celsius::from_degrees(80);

/// A batch of one logger's readings.
#[derive(Debug, Clone)]
pub struct RecordReadings {
    /// The journey.
    pub transfer: TransferId,
    /// The logger.
    pub logger_ref: String,
    /// What it measured, in any order.
    pub readings: Vec<Reading>,
}

/// What a batch added and what all readings of the journey show now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingsRecorded {
    /// New ones.
    pub stored: usize,
    /// Ones that were known.
    pub repeated: usize,
    /// The journey so far.
    pub trace: Trace,
    /// The excursion they belong to, when they show one that is not decided.
    pub excursion: Option<ExcursionId>,
}

/// Stores and judges a batch. An excursion opens at once; after the receipt it also sets the bottles aside.
///
/// # Errors
/// `Invalid` with the row for an impossible reading; `Conflict` for two values at one moment.
pub fn record_readings(tx: &mut Tx<'_>, command: &RecordReadings) -> Result<ReadingsRecorded, ActionError> {
    let transfer = get_transfer(tx.conn, tx.actor, command.transfer)?;
    if transfer.state == TransferState::Cancelled {
        return Err(ActionError::conflict("transfer_cancelled", "This transfer was cancelled; it has no journey."));
    }
    let defects = row_defects(&command.readings, &command.logger_ref, tx.now);
    if !defects.is_empty() {
        return Err(ActionError::Invalid(defects));
    }
    let stored = rows::add_readings(tx.conn, transfer.id, &command.logger_ref, &command.readings, tx.now)?;
    let known = rows::list_readings(tx.conn, transfer.id)?;
    refuse_contradiction(command, &known)?;
    let (trace, excursion) = judge_journey(tx, &transfer, &known)?;
    tx.record(Happening {
        kind: "readings.recorded",
        subject_kind: "transfer",
        subject_id: transfer.id.to_string(),
        site: Some(transfer.from_site_id),
        other_site: Some(transfer.to_site_id),
        network: false,
        data: &json!({"logger_ref": command.logger_ref, "stored": stored, "excursion_id": excursion}),
    })?;
    Ok(ReadingsRecorded { stored, repeated: command.readings.len() - stored, trace, excursion })
}

/// Judges a journey by everything its loggers said. An excursion acts at once: what it brought is set aside, or
/// the requests that wait for it are planned anew from other milk.
pub(super) fn judge_journey(
    tx: &mut Tx<'_>,
    transfer: &TransferRow,
    known: &[(String, Reading)],
) -> Result<(Trace, Option<ExcursionId>), ActionError> {
    let intervals = list_intervals(tx.conn, transfer.id.as_str(), transfer.collected_at, transfer.received_at)?;
    let trace = trace_of(transfer, known, &intervals, Ends::of(transfer));
    // Before the carrier has the box, a logger cools down beside it: that is kept and not judged.
    if transfer.collected_at.is_none() {
        return Ok((trace, None));
    }
    save_trace(tx.conn, transfer.id, &trace)?;
    let Some(kind) = trace.excursion(limits_of(transfer)) else { return Ok((trace, None)) };
    let excursion = note_excursion(tx, transfer, kind, &trace)?;
    if excursion.is_some() && transfer.received_at.is_some() {
        set_aside_received(tx, transfer.id, transfer.to_site_id)?;
    } else if excursion.is_some() {
        doubt_journey(tx, transfer)?;
    }
    Ok((trace, excursion))
}

/// The limits a transfer is judged by.
pub(super) const fn limits_of(transfer: &TransferRow) -> TemperatureLimits {
    TemperatureLimits {
        max: transfer.max_temperature_hundredths,
        tolerance_minutes: transfer.tolerance_minutes,
        peak: transfer.peak_limit_hundredths,
        longest_gap_minutes: transfer.gap_limit_minutes,
    }
}

/// A box is opened and its logger taken out within this time: what it shows then is the room.
const UNPACKING_MINUTES: i64 = 15;

/// When the carrier handed a box over, and when it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) handed_over: Option<Instant>,
    pub(super) opened: Option<Instant>,
}

impl Ends {
    /// Those of a journey, as far as it has come.
    pub(super) const fn of(transfer: &TransferRow) -> Self {
        Self { handed_over: transfer.delivered_at, opened: transfer.received_at }
    }

    /// Until when warmth counts: the box stands at the door before somebody opens it.
    fn warmth_until(self) -> Option<Instant> {
        let opened = self.opened?.plus_minutes(-UNPACKING_MINUTES);
        Some(self.handed_over.map_or(opened, |handed_over| handed_over.max(opened)))
    }
}

/// What the loggers of a journey show. Warmth counts whoever measured it, until the box is opened. Silence is that of the
/// logger that was bound to it, until its carrier handed it over.
pub(super) fn trace_of(
    transfer: &TransferRow,
    known: &[(String, Reading)],
    intervals: &[(String, IntervalReading)],
    ends: Ends,
) -> Trace {
    let bound = transfer.logger_ref.as_deref();
    let is_bound = |logger: &str| bound.is_none_or(|bound| bound == logger);
    let warmth = trace_by(transfer, known, intervals, ends.warmth_until());
    let known: Vec<_> = known.iter().filter(|(logger, _)| is_bound(logger)).cloned().collect();
    let intervals: Vec<_> = intervals.iter().filter(|(logger, _)| is_bound(logger)).cloned().collect();
    let owed = trace_by(transfer, &known, &intervals, ends.handed_over);
    Trace { longest_gap_minutes: owed.longest_gap_minutes, ..warmth }
}

/// What some loggers show until an instant, or so far; where several tell of the same time, the least silence counts.
fn trace_by(
    transfer: &TransferRow,
    known: &[(String, Reading)],
    intervals: &[(String, IntervalReading)],
    until: Option<Instant>,
) -> Trace {
    let mut by_logger: BTreeMap<&str, Vec<Reading>> = BTreeMap::new();
    for (logger, reading) in known {
        by_logger.entry(logger).or_default().push(*reading);
    }
    let journey = Journey { from: transfer.collected_at, until };
    let mut traces: Vec<Trace> =
        by_logger.values().map(|readings| judge(readings, limits_of(transfer), journey)).collect();
    let mut days: BTreeMap<&str, Vec<IntervalReading>> = BTreeMap::new();
    for (logger, interval) in intervals {
        days.entry(logger).or_default().push(*interval);
    }
    traces.extend(days.values().map(|days| judge_intervals(days, limits_of(transfer), journey)));
    if traces.is_empty() {
        return judge(&[], limits_of(transfer), journey);
    }
    join(&traces)
}

/// What is wrong with a batch, row by row.
pub(super) fn row_defects(batch: &[Reading], logger_ref: &str, now: Instant) -> Vec<FieldError> {
    let mut found = Vec::new();
    if batch.is_empty() || batch.len() > MOST_READINGS {
        let detail = format!("Send 1 to {MOST_READINGS} readings at a time.");
        found.push(FieldError::new("/readings", "out_of_range", detail));
    }
    if logger_ref.trim().is_empty() {
        found.push(FieldError::new("/logger_ref", "required", "Name the logger."));
    }
    let latest = now.plus_minutes(CLOCK_AHEAD_MINUTES);
    for (row, reading) in batch.iter().enumerate() {
        if reading.measured_at > latest {
            let detail = "This reading lies in the future; check the logger's clock and zone.";
            found.push(FieldError::new(format!("/readings/{row}/at"), "in_the_future", detail));
        }
        if !PLAUSIBLE.contains(&reading.temperature) {
            let detail = "A logger measures -100 to 80 °C; check the unit.";
            found.push(FieldError::new(format!("/readings/{row}/celsius"), "out_of_range", detail));
        }
    }
    found
}

/// What is stored is never rewritten (refusal 18), so a second value for one moment is told to the caller.
fn refuse_contradiction(command: &RecordReadings, known: &[(String, Reading)]) -> Result<(), ActionError> {
    let stored: BTreeMap<Instant, Celsius> = known
        .iter()
        .filter(|(logger, _)| *logger == command.logger_ref)
        .map(|(_, reading)| (reading.measured_at, reading.temperature))
        .collect();
    let row =
        command.readings.iter().position(|reading| stored.get(&reading.measured_at) != Some(&reading.temperature));
    row.map_or(Ok(()), |row| {
        Err(ActionError::conflict(
            "reading_contradicts",
            format!("Reading {row} gives another temperature for a moment that is stored; nothing was changed."),
        ))
    })
}
