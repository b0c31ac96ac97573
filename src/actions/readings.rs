//! Readings of loggers: stored as they came, judged together each time. A future or impossible reading is
//! refused by its row; a repeat is harmless; of two values for one moment both are kept and the warmer is judged.

use super::doubt::doubt_journey;
use super::evidence::tell_undecided;
use super::excursions::note_excursion;
use super::quarantine::set_aside_received;
use super::transfers::get_transfer;
use super::voices::{Kept, Sifted, Subject, keep_readings, sift};
use super::{ActionError, Happening, Tx};
use crate::domain::field::FieldError;
use crate::domain::ids::{ExcursionId, TransferId};
use crate::domain::logger::{IntervalReading, judge_intervals};
use crate::domain::temperature::{Journey, Reading, TemperatureLimits, Trace, join, judge};
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use crate::domain::voices::speaker;
use crate::store::logger_files::list_intervals;
use crate::store::readings as rows;
use crate::store::transfers::{TransferRow, save_trace};
use serde_json::json;
use std::collections::BTreeMap;

pub use super::voices::MOST_READINGS;

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

/// What a batch added and what all readings of the journey, or a unit's with their neighbours, show now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingsRecorded {
    /// New ones.
    pub stored: usize,
    /// Ones that were known.
    pub repeated: usize,
    /// Ones that cannot be taken, and ones that contradict what is stored, which are kept beside it.
    pub refused: usize,
    /// What is wrong with these, row by row.
    pub errors: Vec<FieldError>,
    /// The journey so far.
    pub trace: Trace,
    /// The excursion they belong to, when they show one that is not decided.
    pub excursion: Option<ExcursionId>,
}

/// Stores and judges a batch. An excursion opens at once; after the receipt it also sets the bottles aside. A bad row is
/// named and left out; one that contradicts what is stored is named, kept beside it and judged too.
///
/// # Errors
/// `Invalid` with the rows when none of them can be taken; `Conflict` for a journey that was cancelled.
pub fn record_readings(tx: &mut Tx<'_>, command: &RecordReadings) -> Result<ReadingsRecorded, ActionError> {
    let transfer = get_transfer(tx.conn, tx.actor, command.transfer)?;
    if transfer.state == TransferState::Cancelled {
        return Err(ActionError::conflict("transfer_cancelled", "This transfer was cancelled; it has no journey."));
    }
    let logger_ref = command.logger_ref.trim();
    let sifted = sift(&command.readings, logger_ref, tx.now)?;
    let kept = keep_readings(tx, Subject::Journey(transfer.id), logger_ref, &sifted.readings, None)?;
    let known = rows::list_readings(tx.conn, transfer.id)?;
    let (trace, excursion) = judge_journey(tx, &transfer, &known)?;
    let recorded = ReadingsRecorded::of(command.readings.len(), sifted, &kept, (trace, excursion));
    tx.record(Happening {
        kind: "readings.recorded",
        subject_kind: "transfer",
        subject_id: transfer.id.to_string(),
        site: Some(transfer.from_site_id),
        other_site: Some(transfer.to_site_id),
        network: false,
        data: &recorded.as_data(logger_ref),
    })?;
    Ok(recorded)
}

impl ReadingsRecorded {
    /// What became of so many readings that were sent.
    pub(super) fn of(
        sent: usize,
        sifted: Sifted,
        kept: &Kept,
        (trace, excursion): (Trace, Option<ExcursionId>),
    ) -> Self {
        let (stored, repeated) = (kept.stored, kept.repeated);
        let refused = sent.saturating_sub(stored).saturating_sub(repeated);
        Self { stored, repeated, refused, errors: sifted.errors(kept), trace, excursion }
    }

    /// As the event tells it.
    pub(super) fn as_data(&self, logger_ref: &str) -> serde_json::Value {
        json!({
            "logger_ref": logger_ref, "stored": self.stored, "refused": self.refused, "excursion_id": self.excursion,
        })
    }
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
    let Some(kind) = trace.excursion(limits_of(transfer)) else {
        tell_undecided(tx, transfer.id, &trace)?;
        return Ok((trace, None));
    };
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
    pub(super) fn warmth_until(self) -> Option<Instant> {
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
    let is_bound = |logger: &str| bound.is_none_or(|bound| bound == speaker(logger));
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
    let journey = Journey { from: transfer.collected_at, until };
    let mut traces: Vec<Trace> =
        by_speaker(known).values().map(|readings| judge(readings, limits_of(transfer), journey)).collect();
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

/// Readings by the logger that measured them, whichever voice they are kept under.
pub(super) fn by_speaker(known: &[(String, Reading)]) -> BTreeMap<&str, Vec<Reading>> {
    let mut found: BTreeMap<&str, Vec<Reading>> = BTreeMap::new();
    for (voice, reading) in known {
        found.entry(speaker(voice)).or_default().push(*reading);
    }
    found
}
