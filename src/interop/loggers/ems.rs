//! WHO PQS E006 equipment monitoring, JSON: a document of facts with records, each with an absolute time
//! `ABST`, or a time `RELT` relative to the document's own, and the compartment's temperature `TVC`.

use super::too_many;
use crate::domain::logger::{FileFault, FileReading, LoggerFormat, LoggerLog, MOST_ROWS, RowCode, RowNote, Unreadable};
use crate::domain::quantity::Celsius;
use crate::domain::temperature::Reading;
use crate::domain::time::Instant;
use jiff::{Span, Timestamp};
use serde_json::{Map, Value};

pub(super) fn read(text: &str) -> Result<LoggerLog, Unreadable> {
    let document: Value = serde_json::from_str(text).map_err(|error| {
        let row = u32::try_from(error.line()).unwrap_or(u32::MAX);
        if error.is_eof() {
            return Unreadable::new(row, FileFault::CutOff, "the document breaks off; copy it from the device again");
        }
        Unreadable::new(row, FileFault::AnotherMaker, "it is not JSON")
    })?;
    let documents: Vec<&Value> = match &document {
        Value::Array(many) => many.iter().collect(),
        one => vec![one],
    };
    let mut log = LoggerLog {
        format: LoggerFormat::WhoEmsJson,
        logger_ref: None,
        rows_read: 0,
        readings: Vec::new(),
        intervals: Vec::new(),
        notes: Vec::new(),
    };
    for document in documents {
        let Value::Object(facts) = document else { continue };
        for name in ["LSER", "ASER", "ESER"] {
            if log.logger_ref.is_none() {
                log.logger_ref = facts.get(name).and_then(Value::as_str).map(str::to_owned);
            }
        }
        let begun = facts.get("ABST").and_then(Value::as_str).and_then(basic_instant);
        match facts.get("records").or_else(|| facts.get("RECORDS")).or_else(|| facts.get("data")) {
            Some(Value::Array(records)) => {
                for record in records {
                    take(&mut log, record, begun)?;
                }
            }
            _ if facts.contains_key("TVC") => take(&mut log, document, begun)?,
            _ => {}
        }
    }
    if log.rows_read == 0 {
        return Err(Unreadable::new(0, FileFault::AnotherMaker, "no record in it has the field TVC"));
    }
    Ok(log)
}

/// Records are counted from 1, as a document need not have lines.
fn take(log: &mut LoggerLog, record: &Value, begun: Option<Instant>) -> Result<(), Unreadable> {
    log.rows_read = log.rows_read.saturating_add(1);
    let row = log.rows_read;
    if log.readings.len() >= MOST_ROWS || log.notes.len() >= MOST_ROWS {
        return Err(too_many(row));
    }
    let Value::Object(fields) = record else {
        log.notes.push(RowNote::new(row, RowCode::CutOffRow, "it is not a record"));
        return Ok(());
    };
    let Some(measured_at) = when(fields, begun) else {
        let detail = "it has neither an absolute time with its offset nor a relative one";
        log.notes.push(RowNote::new(row, RowCode::UnreadableTime, detail));
        return Ok(());
    };
    match fields.get("TVC").and_then(hundredths) {
        Some(hundredths) => {
            let temperature = Celsius::from_hundredths(hundredths);
            log.readings.push(FileReading { row, reading: Reading { measured_at, temperature } });
        }
        None => {
            log.notes.push(RowNote::new(row, RowCode::UnreadableTemperature, "its field TVC is not a number"));
        }
    }
    Ok(())
}

fn hundredths(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => super::stamp::hundredths_of(&number.to_string(), false),
        _ => None,
    }
}

fn when(fields: &Map<String, Value>, begun: Option<Instant>) -> Option<Instant> {
    if let Some(text) = fields.get("ABST").and_then(Value::as_str) {
        return basic_instant(text);
    }
    let span: Span = fields.get("RELT").and_then(Value::as_str)?.parse().ok()?;
    let begun = begun?.timestamp();
    begun.checked_add(span).ok().map(Instant::from)
}

/// RFC 3339, or the basic form `20260901T070000Z`.
fn basic_instant(text: &str) -> Option<Instant> {
    if let Ok(instant) = text.parse() {
        return Some(instant);
    }
    let read = Timestamp::strptime("%Y%m%dT%H%M%S%z", text.replace('Z', "+0000"));
    read.ok().map(Instant::from)
}
