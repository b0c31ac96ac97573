//! Files of loggers: kept as they came, judged row by row, stored once. A preview changes nothing; the same file
//! sent again gets the same answer; what a file leaves out is evidence of a gap.

use super::logger_keeping::keep;
use super::readings::{Ends, trace_of};
use super::storage_units::get_unit;
use super::transfers::get_transfer;
use super::{ActionError, Tx, stored};
use crate::domain::actor::Actor;
use crate::domain::ids::{ExcursionId, LoggerFileId, SiteId, StorageUnitId, TransferId};
use crate::domain::logger::{IntervalReading, JudgedLog, LoggerLog, RowCode, judge_intervals, judge_rows};
use crate::domain::quantity::Celsius;
use crate::domain::temperature::{Journey, Trace, join, judge};
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use crate::domain::voices::logger_fault;
use crate::store::logger_files as rows;
pub use crate::store::logger_files::LoggerFileRow;
use crate::store::storage_units::StorageUnitRow;
use crate::store::transfers::TransferRow;
use crate::store::{AnyConn, readings};
use serde::{Deserialize, Serialize};

/// What a file is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoggerSubject {
    /// A journey.
    Transfer(TransferId),
    /// A freezer or fridge.
    StorageUnit(StorageUnitId),
}

/// A file that was read.
#[derive(Debug, Clone)]
pub struct ImportFile {
    /// What it is about.
    pub subject: LoggerSubject,
    /// What it says.
    pub log: LoggerLog,
    /// The logger, by the sender's word; the file's own number otherwise.
    pub logger_ref: Option<String>,
    /// The zone it was read in.
    pub time_zone: Option<String>,
    /// Hash of the original bytes, hex.
    pub sha256: String,
    /// Hash of what was read of it, hex: the same bytes may be read again in another zone or by another mapping.
    pub read_sha256: String,
    /// The original as it is kept.
    pub content: String,
    /// Size of the original.
    pub size_bytes: i64,
    /// Mean kinetic temperature of its readings; shown and never decided by.
    pub mean_kinetic: Option<Celsius>,
    /// Only show what would happen.
    pub preview: bool,
}

/// What was made of a file, as it is kept and told again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// Its first moment.
    pub first_at: Option<Instant>,
    /// Its last moment.
    pub last_at: Option<Instant>,
    /// Longest time between two of its readings.
    pub longest_gap_minutes: i64,
    /// Its highest temperature.
    pub highest: Option<Celsius>,
    /// Stretches of which only the extremes are known.
    pub intervals: usize,
    /// Remarks in all.
    pub notes_in_all: u32,
    /// Remarks: row, code, sentence.
    pub notes: Vec<(u32, RowCode, String)>,
    /// What all readings of the subject show with it, minutes above the limit.
    pub minutes_above_limit: i64,
    /// The excursion it belongs to.
    pub excursion_id: Option<ExcursionId>,
    /// Mean kinetic temperature; shown and never decided by.
    pub mean_kinetic: Option<Celsius>,
}

/// A file with its report.
#[derive(Debug, Clone)]
pub struct FileImported {
    /// As it is kept; in a preview, as it would be.
    pub row: LoggerFileRow,
    /// What was made of it.
    pub report: FileReport,
    /// True when the same file was there already.
    pub repeated: bool,
    /// True when nothing was stored.
    pub preview: bool,
    /// False when it was read again in another way since: it is kept, and what it said no longer counts.
    pub counts: bool,
}

/// What a file is about, as it is kept.
pub(super) enum Target {
    Journey(Box<TransferRow>),
    Unit(Box<StorageUnitRow>),
}

impl Target {
    pub(super) fn place(&self) -> (SiteId, &'static str, String, Option<&str>) {
        match self {
            Self::Journey(journey) => {
                (journey.to_site_id, "transfer", journey.id.to_string(), journey.logger_ref.as_deref())
            }
            Self::Unit(unit) => (unit.site_id, "storage_unit", unit.id.to_string(), unit.logger_ref.as_deref()),
        }
    }
}

/// Judges a file row by row and, unless it is a preview, keeps it and what is good of it. The same bytes read in another
/// way, in the right zone this time, put the file right: it is kept a second time, and what it said before no longer counts.
/// An excursion that came of it stays until somebody decides.
///
/// # Errors
/// `NotFound` for another site's journey or unit; `Invalid` when nobody names the logger or it is another one's.
pub fn import_file(tx: &mut Tx<'_>, command: &ImportFile) -> Result<FileImported, ActionError> {
    let target = target_of(tx, command.subject)?;
    let (site_id, kind, subject_id, bound) = target.place();
    let logger_ref = logger_of(command, bound)?;
    let same = rows::find_same_file(tx.conn, &subject_id, &command.sha256)?;
    let as_before = |same: &LoggerFileRow| same.read_sha256 == command.read_sha256 && same.logger_ref == logger_ref;
    let wrong = match same {
        Some(same) if as_before(&same) => return told_again(same, (command.preview, true), true),
        other => other.map(|same| (same.id, same.turn)),
    };
    let judged = judge_rows(command.log.clone(), tx.now);
    let mut row = LoggerFileRow {
        id: LoggerFileId::new(tx.new_id()),
        site_id,
        subject_kind: kind.to_owned(),
        subject_id,
        sha256: command.sha256.clone(),
        format: command.log.format.as_str().to_owned(),
        logger_ref,
        time_zone: command.time_zone.clone(),
        size_bytes: command.size_bytes,
        content: String::new(),
        rows_read: i64::from(judged.rows_read),
        rows_stored: 0,
        rows_repeated: i64::from(judged.rows_repeated),
        rows_refused: i64::from(judged.rows_refused),
        report: String::new(),
        uploaded_by: tx.actor.id.clone(),
        uploaded_at: tx.now,
        read_sha256: command.read_sha256.clone(),
        turn: wrong.map_or(1, |(_, turn)| turn.saturating_add(1)),
    };
    let wrong = wrong.map(|(id, _)| id);
    let mut report = report_of(&judged, command.mean_kinetic);
    if command.preview {
        preview(tx, (&target, wrong), &judged, &mut row, &mut report)?;
    } else {
        row.content.clone_from(&command.content);
        keep(tx, (&target, wrong), &judged, &mut row, &mut report)?;
    }
    Ok(FileImported { row, report, repeated: false, preview: command.preview, counts: true })
}

fn target_of(tx: &mut Tx<'_>, subject: LoggerSubject) -> Result<Target, ActionError> {
    match subject {
        LoggerSubject::Transfer(id) => {
            let journey = get_transfer(tx.conn, tx.actor, id)?;
            if journey.state == TransferState::Cancelled {
                let detail = "This transfer was cancelled; it has no journey.";
                return Err(ActionError::conflict("transfer_cancelled", detail));
            }
            Ok(Target::Journey(Box::new(journey)))
        }
        LoggerSubject::StorageUnit(id) => Ok(Target::Unit(Box::new(get_unit(tx.conn, tx.actor, id)?))),
    }
}

/// The logger's name; a file of another logger than the one bound here is not taken unasked.
fn logger_of(command: &ImportFile, bound: Option<&str>) -> Result<String, ActionError> {
    let own = command.log.logger_ref.as_deref().map(str::trim).filter(|own| !own.is_empty());
    if let Some(named) = command.logger_ref.as_deref() {
        return match logger_fault("/logger_ref", named) {
            None => Ok(named.trim().to_owned()),
            Some(fault) => Err(ActionError::Invalid(vec![fault])),
        };
    }
    match (own, bound) {
        (Some(own), Some(bound)) if own != bound => {
            let detail = "The file is of another logger than the one bound here; if it is this one, name it.";
            Err(ActionError::field("/logger_ref", "another_logger", detail))
        }
        (Some(own), _) if logger_fault("/logger_ref", own).is_none() => Ok(own.to_owned()),
        (None, Some(bound)) => Ok(bound.to_owned()),
        _ => Err(ActionError::field("/logger_ref", "logger_missing", "The file names no logger; name it.")),
    }
}

fn told_again(
    row: LoggerFileRow,
    (preview, repeated): (bool, bool),
    counts: bool,
) -> Result<FileImported, ActionError> {
    let report: FileReport = stored(&row.report)?;
    Ok(FileImported { row, report, repeated, preview, counts })
}

fn report_of(judged: &JudgedLog, mean_kinetic: Option<Celsius>) -> FileReport {
    let first = judged.readings.first().map(|reading| reading.measured_at);
    let last = judged.readings.last().map(|reading| reading.measured_at);
    FileReport {
        first_at: first.into_iter().chain(judged.intervals.iter().map(|interval| interval.from)).min(),
        last_at: last.into_iter().chain(judged.intervals.iter().map(|interval| interval.until)).max(),
        longest_gap_minutes: judged.longest_gap_minutes,
        highest: judged
            .readings
            .iter()
            .map(|reading| reading.temperature)
            .chain(judged.intervals.iter().map(|interval| interval.highest))
            .max(),
        intervals: judged.intervals.len(),
        notes_in_all: judged.notes_in_all,
        notes: judged.notes.iter().map(|note| (note.row, note.code, note.detail.clone())).collect(),
        minutes_above_limit: 0,
        excursion_id: None,
        mean_kinetic,
    }
}

fn preview(
    tx: &mut Tx<'_>,
    (target, wrong): (&Target, Option<LoggerFileId>),
    judged: &JudgedLog,
    row: &mut LoggerFileRow,
    report: &mut FileReport,
) -> Result<(), ActionError> {
    row.rows_stored = i64::try_from(judged.readings.len()).unwrap_or(i64::MAX);
    report.minutes_above_limit = match target {
        Target::Journey(journey) => {
            let mut known = readings::list_readings_without(tx.conn, journey.id, wrong)?;
            known.extend(judged.readings.iter().map(|reading| (row.logger_ref.clone(), *reading)));
            let days: Vec<(String, IntervalReading)> =
                judged.intervals.iter().map(|day| (row.logger_ref.clone(), *day)).collect();
            trace_of(journey, &known, &days, Ends::of(journey)).minutes_above_limit
        }
        Target::Unit(unit) => trace_in(unit, judged).minutes_above_limit,
    };
    Ok(())
}

pub(super) fn trace_in(unit: &StorageUnitRow, judged: &JudgedLog) -> Trace {
    let limits = super::storage_excursions::limits_of(unit);
    let whole = Journey { from: None, until: None };
    let mut traces = Vec::new();
    if !judged.readings.is_empty() {
        traces.push(judge(&judged.readings, limits, whole));
    }
    if !judged.intervals.is_empty() {
        traces.push(judge_intervals(&judged.intervals, limits, whole));
    }
    join(&traces)
}

/// The file, for both sites of its journey or the site of its unit, and for hub roles.
///
/// # Errors
/// `NotFound` also when it is another site's.
pub fn get_file(conn: &mut AnyConn, actor: &Actor, id: LoggerFileId) -> Result<FileImported, ActionError> {
    let row = rows::find_logger_file(conn, id)?.ok_or(ActionError::NotFound { what: "logger file" })?;
    subject_seen(conn, actor, &row.subject_kind, &row.subject_id)?;
    let counts = !rows::list_replaced(conn, &row.subject_id)?.contains(&id);
    told_again(row, (false, false), counts)
}

fn subject_seen(conn: &mut AnyConn, actor: &Actor, kind: &str, id: &str) -> Result<(), ActionError> {
    let absent = |_unreadable| ActionError::NotFound { what: "logger file" };
    if kind == "transfer" {
        get_transfer(conn, actor, id.parse().map_err(absent)?).map(drop)
    } else {
        get_unit(conn, actor, id.parse().map_err(absent)?).map(drop)
    }
}

/// The files of one journey or unit, oldest first.
///
/// # Errors
/// `NotFound` when the subject is another site's.
pub fn list_files(
    conn: &mut AnyConn,
    actor: &Actor,
    subject: LoggerSubject,
    after: Option<LoggerFileId>,
    rows_wanted: i64,
) -> Result<Vec<FileImported>, ActionError> {
    let (kind, id) = match subject {
        LoggerSubject::Transfer(id) => ("transfer", id.to_string()),
        LoggerSubject::StorageUnit(id) => ("storage_unit", id.to_string()),
    };
    subject_seen(conn, actor, kind, &id)?;
    let replaced = rows::list_replaced(conn, &id)?;
    rows::list_logger_files(conn, &id, after, rows_wanted)?
        .into_iter()
        .map(|row| {
            let counts = !replaced.contains(&row.id);
            told_again(row, (false, true), counts)
        })
        .collect()
}
