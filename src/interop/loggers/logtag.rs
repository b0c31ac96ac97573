//! LogTag CSV: two-field lines are facts, one header line names the columns, rows of four fields and more are
//! index, date, time and degrees.

use super::stamp::{DateOrder, Zone, celsius_of, date_of, date_parts, instant_at, order_of, time_of};
use super::too_many;
use crate::domain::logger::{FileFault, FileReading, LoggerFormat, LoggerLog, MOST_ROWS, RowCode, RowNote, Unreadable};
use crate::domain::temperature::Reading;

struct Row<'a> {
    line: u32,
    date: &'a str,
    time: &'a str,
    degrees: &'a str,
}

pub(super) fn read(text: &str, zone: &Zone, named: Option<DateOrder>) -> Result<LoggerLog, Unreadable> {
    let separator = separator_of(text);
    let mut logger_ref = None;
    let mut declared: Option<usize> = None;
    let mut unit_shown = false;
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut notes = Vec::new();
    for (line, text) in (1_u32..).zip(text.lines()) {
        let fields: Vec<&str> = text.split(separator).map(|field| field.trim().trim_matches('"').trim()).collect();
        let fields = match fields.as_slice() {
            [kept @ .., last] if last.is_empty() && kept.len() > 3 => kept,
            all => all,
        };
        match fields {
            [] | [""] => {}
            [index, ..] if fields.len() < 4 && !rows.is_empty() && is_index(index) => {
                notes.push(RowNote::new(line, RowCode::CutOffRow, "it has fewer fields than a row"));
            }
            [name, value] | [name, value, ""] => {
                unit_shown |= is_celsius(value)?;
                match name.to_ascii_lowercase().as_str() {
                    "serial #" | "serial number" => logger_ref = Some((*value).to_owned()),
                    "total readings" | "number of readings" | "# readings" => declared = value.parse().ok(),
                    _ => {}
                }
            }
            [index, date, time, degrees, ..] if is_index(index) => {
                if rows.len() >= MOST_ROWS {
                    return Err(too_many(line));
                }
                rows.push(Row { line, date, time, degrees });
            }
            [index, ..] if rows.is_empty() || !is_index(index) => {
                for field in fields {
                    unit_shown |= is_celsius(field)?;
                }
            }
            _ => notes.push(RowNote::new(line, RowCode::CutOffRow, "it has fewer fields than a row")),
        }
    }
    unit_shown |= rows.iter().any(|row| row.degrees.contains(['C', '°']));
    if !unit_shown {
        let detail = "nothing in it says that it is in degrees Celsius; export it with units";
        return Err(Unreadable::new(0, FileFault::UnitMissing, detail));
    }
    let found = rows.len() + notes.len();
    if let Some(declared) = declared.filter(|declared| *declared > found) {
        let detail = format!("it declares {declared} readings and holds {found}");
        notes.push(RowNote::new(0, RowCode::CutOff, detail));
    }
    let readings = take(&rows, zone, named, separator == ';', &mut notes)?;
    let rows_read = u32::try_from(found).unwrap_or(u32::MAX);
    Ok(LoggerLog { format: LoggerFormat::LogTagCsv, logger_ref, rows_read, readings, intervals: Vec::new(), notes })
}

fn take(
    rows: &[Row<'_>],
    zone: &Zone,
    named: Option<DateOrder>,
    comma: bool,
    notes: &mut Vec<RowNote>,
) -> Result<Vec<FileReading>, Unreadable> {
    let zone = zone.required()?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let order = order_of(rows.iter().filter_map(|row| date_parts(row.date)), named)?;
    let mut readings = Vec::with_capacity(rows.len());
    for row in rows {
        let local = date_parts(row.date).and_then(|parts| date_of(parts, order)).zip(time_of(row.time));
        let Some((date, time)) = local else {
            notes.push(RowNote::new(row.line, RowCode::UnreadableTime, "date or time cannot be read"));
            continue;
        };
        let measured_at = match instant_at(zone, date.to_datetime(time)) {
            Ok((at, None)) => at,
            Ok((at, Some(remark))) => {
                notes.push(RowNote::new(row.line, remark, "that local time came twice; the first is taken"));
                at
            }
            Err(code) => {
                notes.push(RowNote::new(row.line, code, "there was no such local time in the zone"));
                continue;
            }
        };
        match celsius_of(row.degrees, comma) {
            Ok(temperature) => {
                readings.push(FileReading { row: row.line, reading: Reading { measured_at, temperature } });
            }
            Err(why) => {
                let (code, detail) = why.remark();
                notes.push(RowNote::new(row.line, code, detail));
            }
        }
    }
    Ok(readings)
}

fn is_index(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Exports from countries with a decimal comma separate by semicolons.
fn separator_of(text: &str) -> char {
    let lines = || text.lines().take(40);
    let count = |mark: char| lines().filter(|line| line.contains(mark)).count();
    if count('\t') > count(',') && count('\t') >= count(';') {
        '\t'
    } else if count(';') > count(',') / 2 && count(';') > 2 {
        ';'
    } else {
        ','
    }
}

/// Whether a text says degrees Celsius; a text that says Fahrenheit is a file in the wrong unit.
fn is_celsius(text: &str) -> Result<bool, Unreadable> {
    let fahrenheit = ["°F", "ºF", "deg F", "Fahrenheit"];
    if fahrenheit.iter().any(|unit| text.contains(unit)) {
        let detail = "it is in degrees Fahrenheit; export it in degrees Celsius";
        return Err(Unreadable::new(0, FileFault::WrongUnit, detail));
    }
    Ok(["°C", "ºC", "deg C", "Celsius"].iter().any(|unit| text.contains(unit)))
}
