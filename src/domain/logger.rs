//! What a logger's file holds, and the judging of its rows one by one. A bad row is named with its reason and
//! never hides among the good ones; a spike is kept, because it is evidence.

use super::field::FieldError;
use super::quantity::Celsius;
use super::temperature::{Journey, Reading, TemperatureLimits, Trace};
use super::time::Instant;
use super::words::words;

words! {
    /// How a logger's file is written.
    LoggerFormat {
        /// LogTag's CSV: two-field lines of facts, then numbered rows.
        LogTagCsv = "logtag_csv",
        /// Berlinger's indented text: extremes of each day, signed.
        BerlingerText = "berlinger_text",
        /// WHO PQS E006 equipment monitoring, JSON.
        WhoEmsJson = "who_ems_json",
        /// Any table, read by a saved mapping.
        Mapped = "mapped",
    }

    /// What is remarkable about one row.
    RowCode {
        /// Later than the hub's clock allows.
        InTheFuture = "in_the_future",
        /// The logger's clock was never set.
        ClockNotSet = "clock_not_set",
        /// No logger measures that.
        Impossible = "impossible",
        /// The time cannot be read.
        UnreadableTime = "unreadable_time",
        /// That local time did not exist: the clocks went forward.
        NoSuchLocalTime = "no_such_local_time",
        /// That local time came twice: the clocks went back. The first is taken.
        LocalTimeTwice = "local_time_twice",
        /// The temperature cannot be read.
        UnreadableTemperature = "unreadable_temperature",
        /// The temperature is not in the unit of the file.
        WrongUnit = "wrong_unit",
        /// The row breaks off.
        CutOffRow = "cut_off_row",
        /// The file breaks off.
        CutOff = "cut_off",
        /// Another row gives another temperature for the same moment.
        Contradicts = "contradicts",
        /// A day's highest temperature is below its lowest; the warmer of both is taken as the highest.
        ExtremesCrossed = "extremes_crossed",
        /// The minutes above the limit are more than a day has, or fewer than none; the whole day counts instead.
        MinutesOutOfRange = "minutes_out_of_range",
        /// A change faster than milk or air allows; kept, as a spike is evidence.
        Jump = "jump",
        /// The file's signature cannot be checked here; it is kept with the original.
        SignatureNotChecked = "signature_not_checked",
    }

    /// Why a whole file is not taken.
    FileFault {
        /// It is not text in UTF-8 or UTF-16.
        NotText = "not_text",
        /// Nothing in it is a reading.
        NoRows = "no_rows",
        /// It has more rows than a logger keeps.
        TooManyRows = "too_many_rows",
        /// It is a file of another maker than the one named.
        AnotherMaker = "another_maker",
        /// No known layout fits; say which mapping reads it.
        UnknownLayout = "unknown_layout",
        /// Its times have no offset and nobody named the device's zone.
        ZoneMissing = "zone_missing",
        /// There is no such zone.
        ZoneUnknown = "zone_unknown",
        /// Day and month cannot be told apart; say in which order they stand.
        DateOrderUnclear = "date_order_unclear",
        /// It does not say in which unit it measures.
        UnitMissing = "unit_missing",
        /// It measures in a unit that is not taken.
        WrongUnit = "wrong_unit",
        /// It breaks off.
        CutOff = "cut_off",
        /// The mapping does not fit the file.
        MappingDoesNotFit = "mapping_does_not_fit",
        /// It names no logger and nobody else did.
        LoggerMissing = "logger_missing",
    }
}

/// Rows of one file at most; the largest loggers keep some 60,000.
pub const MOST_ROWS: usize = 100_000;
/// Bytes of one file at most.
pub const MOST_BYTES: usize = 8 * 1024 * 1024;
/// Remarks that are listed one by one; all are counted.
pub const MOST_NOTES: usize = 500;
/// How far a logger's clock may run ahead of the hub's.
const CLOCK_AHEAD_MINUTES: i64 = 5;
/// What a logger near dry ice or in the sun can measure.
const PLAUSIBLE: std::ops::RangeInclusive<Celsius> = Celsius::from_degrees(-100)..=Celsius::from_degrees(80);
/// No logger in use is older: 2005-01-01T00:00:00Z.
pub const OLDEST: Instant = Instant::from_micros(1_104_537_600_000_000);
/// Faster than this within a minute is remarked, in hundredths of a degree.
const JUMP_HUNDREDTHS_PER_MINUTE: i64 = 4_000;

/// One reading with the line it stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileReading {
    /// Line of the file, from 1.
    pub row: u32,
    /// The reading.
    pub reading: Reading,
}

/// The extremes of a stretch of time, from a logger that keeps no single readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntervalReading {
    /// Line of the file where it begins, from 1.
    pub row: u32,
    /// Its beginning.
    pub from: Instant,
    /// Its end.
    pub until: Instant,
    /// The lowest temperature in it.
    pub lowest: Celsius,
    /// The highest temperature in it.
    pub highest: Celsius,
    /// Minutes above the device's own upper limit, with that limit.
    pub above: Option<(Celsius, i64)>,
}

/// A remark about one row, or about the file when the row is 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowNote {
    /// Line of the file, from 1; 0 for the file.
    pub row: u32,
    /// What it is.
    pub code: RowCode,
    /// A sentence; it does not repeat the row.
    pub detail: String,
}

impl RowNote {
    /// Names the row, the code and the sentence.
    #[must_use]
    pub fn new(row: u32, code: RowCode, detail: impl Into<String>) -> Self {
        Self { row, code, detail: detail.into() }
    }
}

impl RowCode {
    /// True when the row was not taken.
    #[must_use]
    pub const fn refuses(self) -> bool {
        !matches!(
            self,
            Self::LocalTimeTwice
                | Self::Jump
                | Self::SignatureNotChecked
                | Self::CutOff
                | Self::ExtremesCrossed
                | Self::MinutesOutOfRange
        )
    }
}

/// Why a file was not taken, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} at row {row}: {detail}")]
pub struct Unreadable {
    /// Line of the file, from 1; 0 for the file.
    pub row: u32,
    /// What it is.
    pub code: FileFault,
    /// A sentence with what to do.
    pub detail: String,
}

impl Unreadable {
    /// Names the row, the code and the sentence.
    #[must_use]
    pub fn new(row: u32, code: FileFault, detail: impl Into<String>) -> Self {
        Self { row, code, detail: detail.into() }
    }

    /// As the fault of a field.
    #[must_use]
    pub fn as_field(&self, pointer: &str) -> FieldError {
        let place = if self.row == 0 { "The file".to_owned() } else { format!("Row {}", self.row) };
        FieldError::new(pointer, self.code.as_str(), format!("{place}: {}", self.detail))
    }
}

/// What a file says, before its rows are judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggerLog {
    /// How it is written.
    pub format: LoggerFormat,
    /// The logger's own number, where the file holds it.
    pub logger_ref: Option<String>,
    /// Rows that should hold readings.
    pub rows_read: u32,
    /// Its readings, in the order of the file.
    pub readings: Vec<FileReading>,
    /// Its extremes, in the order of the file.
    pub intervals: Vec<IntervalReading>,
    /// What is remarkable.
    pub notes: Vec<RowNote>,
}

/// A file's rows after each was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedLog {
    /// Rows that should hold readings.
    pub rows_read: u32,
    /// Readings that are taken, in the order of time, each moment once.
    pub readings: Vec<Reading>,
    /// The line of each of these readings.
    pub lines: Vec<u32>,
    /// Extremes that are taken.
    pub intervals: Vec<IntervalReading>,
    /// Rows that say again what another row of the file says.
    pub rows_repeated: u32,
    /// Rows that are not taken.
    pub rows_refused: u32,
    /// Remarks, by row, at most [`MOST_NOTES`].
    pub notes: Vec<RowNote>,
    /// Remarks in all.
    pub notes_in_all: u32,
    /// The longest time between two readings, in minutes.
    pub longest_gap_minutes: i64,
}

fn fault_of(at: Instant, temperature: Celsius, now: Instant) -> Option<(RowCode, String)> {
    if at > now.plus_minutes(CLOCK_AHEAD_MINUTES) {
        let detail = "it lies in the future; check the logger's clock and the zone";
        return Some((RowCode::InTheFuture, detail.to_owned()));
    }
    if at < OLDEST {
        return Some((RowCode::ClockNotSet, "it lies before 2005; the logger's clock was not set".to_owned()));
    }
    if !PLAUSIBLE.contains(&temperature) {
        return Some((RowCode::Impossible, "a logger measures -100 to 80 °C; check sensor and unit".to_owned()));
    }
    None
}

/// Judges every row by itself and against its neighbours.
#[must_use]
pub fn judge_rows(log: LoggerLog, now: Instant) -> JudgedLog {
    let LoggerLog { rows_read, readings, intervals, mut notes, .. } = log;
    let mut rows: Vec<FileReading> = Vec::with_capacity(readings.len());
    for row in readings {
        match fault_of(row.reading.measured_at, row.reading.temperature, now) {
            Some((code, detail)) => notes.push(RowNote::new(row.row, code, detail)),
            None => rows.push(row),
        }
    }
    let taken_intervals = take_intervals(intervals, now, &mut notes);
    // A stable sort keeps the first row of two that name one moment.
    rows.sort_by_key(|row| row.reading.measured_at);
    let mut kept: Vec<FileReading> = Vec::with_capacity(rows.len());
    let mut rows_repeated = 0_u32;
    let mut longest_gap_minutes = 0;
    for row in rows {
        if let Some(last) = kept.last_mut() {
            if last.reading.measured_at == row.reading.measured_at {
                if last.reading.temperature == row.reading.temperature {
                    rows_repeated = rows_repeated.saturating_add(1);
                } else {
                    let detail =
                        format!("row {} gives another temperature for the same moment; the warmer counts", last.row);
                    notes.push(RowNote::new(row.row, RowCode::Contradicts, detail));
                    last.reading = last.reading.max(row.reading);
                }
                continue;
            }
            longest_gap_minutes =
                longest_gap_minutes.max(row.reading.measured_at.minutes_since(last.reading.measured_at));
            if jumps(last.reading, row.reading) {
                let detail =
                    format!("faster than milk or air changes since row {}; kept, a spike is evidence", last.row);
                notes.push(RowNote::new(row.row, RowCode::Jump, detail));
            }
        }
        kept.push(row);
    }
    let refused = notes.iter().filter(|note| note.code.refuses()).count();
    let notes_in_all = u32::try_from(notes.len()).unwrap_or(u32::MAX);
    notes.sort_by_key(|note| note.row);
    notes.truncate(MOST_NOTES);
    JudgedLog {
        rows_read,
        lines: kept.iter().map(|row| row.row).collect(),
        readings: kept.into_iter().map(|row| row.reading).collect(),
        intervals: taken_intervals,
        rows_repeated,
        rows_refused: u32::try_from(refused).unwrap_or(u32::MAX),
        notes,
        notes_in_all,
        longest_gap_minutes,
    }
}

/// The days of a file that can be taken.
fn take_intervals(intervals: Vec<IntervalReading>, now: Instant, notes: &mut Vec<RowNote>) -> Vec<IntervalReading> {
    let mut taken_intervals = Vec::with_capacity(intervals.len());
    for interval in intervals {
        let lowest = fault_of(interval.from, interval.lowest, now);
        match lowest.or_else(|| fault_of(interval.from, interval.highest, now)) {
            Some((code, detail)) => notes.push(RowNote::new(interval.row, code, detail)),
            None if interval.highest < interval.lowest => {
                let detail = "its highest temperature is below its lowest; the warmer of both is judged";
                notes.push(RowNote::new(interval.row, RowCode::ExtremesCrossed, detail));
                taken_intervals.push(IntervalReading {
                    lowest: interval.highest,
                    highest: interval.lowest,
                    above: None,
                    ..interval
                });
            }
            None => taken_intervals.push(interval),
        }
    }
    taken_intervals
}

fn jumps(before: Reading, after: Reading) -> bool {
    let minutes = after.measured_at.minutes_since(before.measured_at).max(1);
    let change = after.temperature.hundredths().saturating_sub(before.temperature.hundredths()).saturating_abs();
    change > JUMP_HUNDREDTHS_PER_MINUTE.saturating_mul(minutes)
}

/// What extremes say about a journey. Where a file does not tell how long the limit was passed, the whole
/// stretch counts: what is not known is not assumed to be short.
#[must_use]
pub fn judge_intervals(intervals: &[IntervalReading], limits: TemperatureLimits, journey: Journey) -> Trace {
    let mut trace = Trace::default();
    // What no day tells of is a gap: before the first, between them and after the last.
    let mut end: Option<Instant> = journey.from;
    for interval in intervals {
        let before = journey.from.is_some_and(|from| interval.until <= from);
        let after = journey.until.is_some_and(|until| interval.from >= until);
        if before || after {
            continue;
        }
        trace.highest = trace.highest.max(Some(interval.highest));
        if interval.highest > limits.max {
            let from = journey.from.map_or(interval.from, |from| from.max(interval.from));
            let until = journey.until.map_or(interval.until, |until| until.min(interval.until));
            let minutes = match interval.above {
                Some((limit, minutes)) if limit <= limits.max => minutes,
                _ => until.minutes_since(from),
            };
            trace.minutes_above_limit = trace.minutes_above_limit.saturating_add(minutes);
        }
        if let Some(end) = end {
            trace.longest_gap_minutes = trace.longest_gap_minutes.max(interval.from.minutes_since(end));
        }
        end = Some(end.map_or(interval.until, |known| known.max(interval.until)));
    }
    if let (Some(end), Some(until)) = (end, journey.until) {
        trace.longest_gap_minutes = trace.longest_gap_minutes.max(until.minutes_since(end));
    }
    trace
}

#[cfg(test)]
#[path = "logger_tests.rs"]
mod tests;
