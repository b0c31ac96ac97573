//! Any other table, read by a saved mapping: which columns, which marks, which unit. A mapping says everything;
//! what it leaves out is not guessed.

use super::stamp::{DateOrder, Zone, date_of, date_parts, hundredths_of, instant_at, time_of};
use super::too_many;
use crate::domain::field::FieldError;
use crate::domain::logger::{FileFault, FileReading, LoggerFormat, LoggerLog, MOST_ROWS, RowCode, RowNote, Unreadable};
use crate::domain::quantity::Celsius;
use crate::domain::temperature::Reading;
use crate::domain::time::Instant;
use serde::{Deserialize, Serialize};

/// The unit of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Degrees Celsius.
    Celsius,
    /// Degrees Fahrenheit; converted because somebody said so.
    Fahrenheit,
}

/// The decimal mark of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalMark {
    /// -18.5
    Point,
    /// -18,5
    Comma,
}

/// How the files of one model are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What separates the fields: `,`, `;` or a tab.
    pub separator: char,
    /// Lines before the line with the names of the columns.
    pub skip_lines: u32,
    /// Name of the column with the date, or with date and time.
    pub date_column: String,
    /// Name of the column with the time, where it stands apart.
    #[serde(default)]
    pub time_column: Option<String>,
    /// Name of the column with the temperature.
    pub temperature_column: String,
    /// In which order day and month stand.
    pub date_order: DateOrder,
    /// The decimal mark.
    pub decimal_mark: DecimalMark,
    /// The unit.
    pub unit: Unit,
}

impl Mapping {
    /// Everything wrong with a mapping.
    #[must_use]
    pub fn faults(&self) -> Vec<FieldError> {
        let mut found = Vec::new();
        if ![',', ';', '\t', '|'].contains(&self.separator) {
            found.push(FieldError::new("/mapping/separator", "out_of_range", "A comma, semicolon, bar or tab."));
        }
        if self.skip_lines > 1_000 {
            found.push(FieldError::new("/mapping/skip_lines", "out_of_range", "0 to 1000"));
        }
        if self.separator == ',' && self.decimal_mark == DecimalMark::Comma {
            let detail = "A comma cannot separate both fields and decimals.";
            found.push(FieldError::new("/mapping/decimal_mark", "out_of_range", detail));
        }
        let names =
            [("/mapping/date_column", &self.date_column), ("/mapping/temperature_column", &self.temperature_column)];
        for (pointer, name) in names {
            found.extend(crate::domain::text::text_fault(pointer, name, 200));
        }
        found
    }
}

struct Columns {
    date: usize,
    time: Option<usize>,
    temperature: usize,
}

pub(super) fn read(text: &str, zone: &Zone, mapping: &Mapping) -> Result<LoggerLog, Unreadable> {
    let skip = usize::try_from(mapping.skip_lines).unwrap_or(usize::MAX);
    let separator = u8::try_from(mapping.separator).unwrap_or(b',');
    // Lines before the table need not be of its shape, so they are cut off before it is read as one.
    let start = text.split_inclusive('\n').take(skip).map(str::len).sum::<usize>();
    let table = text.get(start..).unwrap_or_default();
    let mut rows = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(true)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(table.as_bytes());
    let names = rows.headers().map_err(|_unreadable| does_not_fit(mapping.skip_lines))?.clone();
    let find = |name: &str| names.iter().position(|field| field.eq_ignore_ascii_case(name));
    let columns = Columns {
        date: find(&mapping.date_column).ok_or_else(|| does_not_fit(mapping.skip_lines))?,
        time: match &mapping.time_column {
            Some(name) => Some(find(name).ok_or_else(|| does_not_fit(mapping.skip_lines))?),
            None => None,
        },
        temperature: find(&mapping.temperature_column).ok_or_else(|| does_not_fit(mapping.skip_lines))?,
    };
    let mut log = LoggerLog {
        format: LoggerFormat::Mapped,
        logger_ref: None,
        rows_read: 0,
        readings: Vec::new(),
        intervals: Vec::new(),
        notes: Vec::new(),
    };
    let mut record = csv::StringRecord::new();
    while rows.read_record(&mut record).unwrap_or(false) {
        let line = record.position().map_or(0, csv::Position::line);
        let line = u32::try_from(line).unwrap_or(u32::MAX).saturating_add(mapping.skip_lines);
        log.rows_read = log.rows_read.saturating_add(1);
        if log.readings.len() >= MOST_ROWS || log.notes.len() >= MOST_ROWS {
            return Err(too_many(line));
        }
        match row_of(&record, &columns, zone, mapping)? {
            Ok((reading, remark)) => {
                if let Some(code) = remark {
                    log.notes.push(RowNote::new(line, code, "that local time came twice; the first is taken"));
                }
                log.readings.push(FileReading { row: line, reading });
            }
            Err((code, detail)) => log.notes.push(RowNote::new(line, code, detail)),
        }
    }
    Ok(log)
}

fn does_not_fit(skip_lines: u32) -> Unreadable {
    let detail = "this line does not hold the columns that the mapping names";
    Unreadable::new(skip_lines.saturating_add(1), FileFault::MappingDoesNotFit, detail)
}

/// A row that was read, or why not.
type RowRead = Result<(Reading, Option<RowCode>), (RowCode, &'static str)>;

fn row_of(
    record: &csv::StringRecord,
    columns: &Columns,
    zone: &Zone,
    mapping: &Mapping,
) -> Result<RowRead, Unreadable> {
    let (Some(date), Some(degrees)) = (record.get(columns.date), record.get(columns.temperature)) else {
        return Ok(Err((RowCode::CutOffRow, "it has fewer fields than a row")));
    };
    let (measured_at, remark) = match columns.time.map(|column| record.get(column)) {
        None if date.parse::<Instant>().is_ok() => {
            (date.parse().unwrap_or_else(|_never| Instant::from_micros(0)), None)
        }
        Some(None) => return Ok(Err((RowCode::CutOffRow, "it has fewer fields than a row"))),
        time => {
            let apart = time.flatten();
            let split = date.split_once([' ', 'T']).map(|(day, clock)| (day, clock.trim()));
            let Some((day, clock)) = apart.map(|time| (date, time)).or(split) else {
                return Ok(Err((RowCode::UnreadableTime, "date or time cannot be read")));
            };
            let date = date_parts(day).and_then(|parts| date_of(parts, mapping.date_order));
            let Some((date, time)) = date.zip(time_of(clock)) else {
                return Ok(Err((RowCode::UnreadableTime, "date or time cannot be read")));
            };
            match instant_at(zone.required()?, date.to_datetime(time)) {
                Ok(found) => found,
                Err(code) => return Ok(Err((code, "there was no such local time in the zone"))),
            }
        }
    };
    Ok(match temperature_of(degrees, mapping) {
        Ok(temperature) => Ok((Reading { measured_at, temperature }, remark)),
        Err(why) => Err(why),
    })
}

fn temperature_of(text: &str, mapping: &Mapping) -> Result<Celsius, (RowCode, &'static str)> {
    let bare = text.trim_end_matches(|letter: char| letter.is_alphabetic() || "°º ".contains(letter));
    let sign = text.get(bare.len()..).unwrap_or_default().to_ascii_lowercase();
    let other = match mapping.unit {
        Unit::Celsius => sign.contains(['f', 'k']),
        Unit::Fahrenheit => sign.contains(['c', 'k']),
    };
    if other {
        return Err((RowCode::WrongUnit, "the temperature is not in the unit of the mapping"));
    }
    let hundredths = hundredths_of(bare.trim(), mapping.decimal_mark == DecimalMark::Comma)
        .ok_or((RowCode::UnreadableTemperature, "the temperature cannot be read"))?;
    Ok(Celsius::from_hundredths(match mapping.unit {
        Unit::Celsius => hundredths,
        Unit::Fahrenheit => (hundredths - 3_200) * 5 / 9,
    }))
}
