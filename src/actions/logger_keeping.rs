//! Keeping a logger's file: its readings and days beside what is stored, judged at once. A file that puts another right
//! takes that one's word away, and what it had opened stays with a person.

use super::evidence::tell_anew;
use super::logger_files::{FileReport, Target, trace_in};
use super::readings::judge_journey;
use super::storage_excursions::judge_unit_days;
use super::storage_units::keep_unit_readings;
use super::voices::{Kept, Subject, keep_readings};
use super::{ActionError, Happening, Tx};
use crate::domain::ids::{ExcursionId, LoggerFileId};
use crate::domain::logger::{IntervalReading, JudgedLog, MOST_NOTES, RowCode};
use crate::domain::quantity::Celsius;
use crate::domain::temperature::Trace;
use crate::store::logger_files::{self as rows, LoggerFileRow};
use crate::store::readings;
use crate::store::storage_units::StorageUnitRow;
use crate::store::transfers::TransferRow;
use serde_json::json;

/// Keeps a file and what is good of it; `wrong` is the file that it puts right.
pub(super) fn keep(
    tx: &mut Tx<'_>,
    (target, wrong): (&Target, Option<LoggerFileId>),
    judged: &JudgedLog,
    row: &mut LoggerFileRow,
    report: &mut FileReport,
) -> Result<(), ActionError> {
    if let Some(wrong) = wrong {
        rows::insert_correction(tx.conn, row, wrong)?;
    }
    let (kept, trace, excursion) = match target {
        Target::Journey(journey) => keep_of_journey(tx, journey, judged, row, wrong.is_some())?,
        Target::Unit(unit) => keep_of_unit(tx, unit, judged, row)?,
    };
    name_contradictions(judged, &kept.against, report);
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    row.rows_stored = count(kept.stored);
    row.rows_repeated += count(kept.repeated);
    row.rows_refused += count(kept.against.len());
    report.minutes_above_limit = trace.minutes_above_limit;
    report.excursion_id = excursion;
    row.report = serde_json::to_string(report)
        .map_err(|error| ActionError::Internal(format!("cannot write a report: {error}")))?;
    rows::insert_logger_file(tx.conn, row)?;
    let (site_id, kind, subject_id, _) = target.place();
    let other_site = match target {
        Target::Journey(journey) => Some(journey.from_site_id),
        Target::Unit(_) => None,
    };
    tx.record(Happening {
        kind: "logger_file.kept",
        subject_kind: kind,
        subject_id,
        site: Some(site_id),
        other_site,
        network: false,
        data: &json!({
            "logger_file_id": row.id, "sha256": row.sha256, "logger_ref": row.logger_ref,
            "stored": row.rows_stored, "refused": row.rows_refused, "excursion_id": excursion, "puts_right": wrong,
        }),
    })
}

type KeptOf = (Kept, Trace, Option<ExcursionId>);

fn keep_of_journey(
    tx: &mut Tx<'_>,
    journey: &TransferRow,
    judged: &JudgedLog,
    row: &LoggerFileRow,
    puts_right: bool,
) -> Result<KeptOf, ActionError> {
    rows::insert_intervals(tx.conn, row, &as_strict(judged, journey.max_temperature_hundredths))?;
    let kept = keep_readings(tx, Subject::Journey(journey.id), &row.logger_ref, &judged.readings, Some(row.id))?;
    let known = readings::list_readings(tx.conn, journey.id)?;
    let (trace, excursion) = judge_journey(tx, journey, &known)?;
    if puts_right {
        tell_anew(tx, journey, &trace)?;
    }
    Ok((kept, trace, excursion))
}

fn keep_of_unit(
    tx: &mut Tx<'_>,
    unit: &StorageUnitRow,
    judged: &JudgedLog,
    row: &LoggerFileRow,
) -> Result<KeptOf, ActionError> {
    let days = as_strict(judged, unit.max_temperature_hundredths);
    let first = days.iter().map(|day| day.from).min();
    let last = days.iter().map(|day| day.until).max();
    let known = rows::list_intervals(tx.conn, &row.subject_id, first, last)?;
    // A device tells of its last weeks each time: what was told, and decided, is not judged a second time.
    let told = |day: &IntervalReading| {
        let same = |known: &IntervalReading| {
            let minutes = |day: &IntervalReading| day.above.map(|(_, minutes)| minutes);
            (known.from, known.until, known.highest, minutes(known)) == (day.from, day.until, day.highest, minutes(day))
        };
        known.iter().any(|(logger, known)| *logger == row.logger_ref && same(known))
    };
    let news: Vec<IntervalReading> = days.iter().filter(|day| !told(day)).copied().collect();
    rows::insert_intervals(tx.conn, row, &days)?;
    let (kept, (_, of_readings)) = keep_unit_readings(tx, unit, &row.logger_ref, &judged.readings, Some(row.id))?;
    let of_days = judge_unit_days(tx, unit, &news)?;
    Ok((kept, trace_in(unit, judged), of_days.or(of_readings)))
}

/// The days of a file. A device with a laxer limit does not tell how long ours was passed.
fn as_strict(judged: &JudgedLog, limit: Celsius) -> Vec<IntervalReading> {
    judged
        .intervals
        .iter()
        .map(|day| IntervalReading { above: day.above.filter(|(own, _)| *own <= limit), ..*day })
        .collect()
}

/// Tells which rows give another temperature than another file or message did for the same moment.
fn name_contradictions(judged: &JudgedLog, against: &[usize], report: &mut FileReport) {
    for place in against {
        let (Some(line), Some(reading)) = (judged.lines.get(*place), judged.readings.get(*place)) else { continue };
        report.notes_in_all = report.notes_in_all.saturating_add(1);
        if report.notes.len() < MOST_NOTES {
            let at = reading.measured_at;
            let detail = format!("another temperature is stored for {at}; both are kept and the warmer counts");
            report.notes.push((*line, RowCode::Contradicts, detail));
        }
    }
    report.notes.sort_by_key(|(row, ..)| *row);
}
