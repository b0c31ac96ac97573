//! Files of temperature loggers: LogTag CSV, Berlinger text, WHO EMS JSON, and any other table by a saved
//! mapping. A parser takes what it can read, names every row that it cannot, and never guesses zone or unit.

mod berlinger;
mod ems;
mod kinetic;
mod logtag;
mod mapped;
mod original;
mod stamp;
#[cfg(test)]
mod tests;

pub use kinetic::mean_kinetic;
pub use mapped::{DecimalMark, Mapping, Unit};
pub use original::{pack, read_hash, sha256_hex, unpack};
pub use stamp::DateOrder;

use crate::domain::logger::{FileFault, LoggerFormat, LoggerLog, MOST_ROWS, Unreadable};
use jiff::tz::TimeZone;
use stamp::Zone;

/// What the sender says about a file.
#[derive(Debug, Clone, Default)]
pub struct FileHints {
    /// How it is written; found out when it is not said.
    pub format: Option<LoggerFormat>,
    /// The zone of the device's clock, such as `Asia/Hong_Kong`; needed where the times have no offset.
    pub time_zone: Option<String>,
    /// In which order day and month stand; needed where the file does not show it.
    pub date_order: Option<DateOrder>,
    /// The mapping, for files of other makers.
    pub mapping: Option<Mapping>,
}

/// Reads a file.
///
/// # Errors
/// Why nothing of it can be taken; single rows never make a whole file fail.
pub fn read_file(bytes: &[u8], hints: &FileHints) -> Result<LoggerLog, Unreadable> {
    let text = as_text(bytes)?;
    let zone = match &hints.time_zone {
        None => Zone(None),
        Some(name) => Zone(Some(TimeZone::get(name).map_err(|_unknown| {
            Unreadable::new(0, FileFault::ZoneUnknown, "there is no such zone; name one such as Asia/Hong_Kong")
        })?)),
    };
    let looks = detect(&text);
    let format = match (hints.format, looks) {
        (Some(LoggerFormat::Mapped), _) => LoggerFormat::Mapped,
        (Some(named), Some(seen)) if named != seen => {
            let detail = format!("it was sent as {named} and is written as {seen}");
            return Err(Unreadable::new(0, FileFault::AnotherMaker, detail));
        }
        (Some(named), None) => {
            let detail = format!("it was sent as {named} and is not written so");
            return Err(Unreadable::new(0, FileFault::AnotherMaker, detail));
        }
        (_, Some(seen)) => seen,
        (None, None) if hints.mapping.is_some() => LoggerFormat::Mapped,
        (None, None) => {
            let detail = "no known layout fits; send it with the mapping that reads it";
            return Err(Unreadable::new(0, FileFault::UnknownLayout, detail));
        }
    };
    let log = match format {
        LoggerFormat::LogTagCsv => logtag::read(&text, &zone, hints.date_order),
        LoggerFormat::BerlingerText => berlinger::read(&text, &zone),
        LoggerFormat::WhoEmsJson => ems::read(&text),
        LoggerFormat::Mapped => match &hints.mapping {
            Some(mapping) => mapped::read(&text, &zone, mapping),
            None => Err(Unreadable::new(0, FileFault::MappingDoesNotFit, "send the mapping that reads it")),
        },
    }?;
    if log.readings.is_empty() && log.intervals.is_empty() {
        let (row, why) = log
            .notes
            .iter()
            .find(|note| note.code.refuses())
            .map_or((0, String::new()), |note| (note.row, format!("; this row: {}", note.detail)));
        return Err(Unreadable::new(row, FileFault::NoRows, format!("nothing in the file is a reading{why}")));
    }
    Ok(log)
}

/// UTF-8, with or without its mark, or UTF-16 with one, as desktop programs write it.
fn as_text(bytes: &[u8]) -> Result<String, Unreadable> {
    let not_text = || Unreadable::new(0, FileFault::NotText, "it is neither UTF-8 nor UTF-16 text");
    let wide = |pairs: &[u8], join: fn([u8; 2]) -> u16| -> Result<String, Unreadable> {
        let (units, rest) = pairs.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(not_text());
        }
        char::decode_utf16(units.iter().map(|pair| join(*pair)))
            .collect::<Result<String, _>>()
            .map_err(|_lone_half| not_text())
    };
    let text = if let Some(rest) = bytes.strip_prefix(&[0xFF, 0xFE]) {
        wide(rest, u16::from_le_bytes)?
    } else if let Some(rest) = bytes.strip_prefix(&[0xFE, 0xFF]) {
        wide(rest, u16::from_be_bytes)?
    } else {
        let rest = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
        // Old programs write the degree sign in Latin-1; it is the only such letter they use.
        let mended: Vec<u8>;
        let rest = if std::str::from_utf8(rest).is_err() && rest.contains(&0xB0) {
            mended = rest.iter().flat_map(|byte| if *byte == 0xB0 { vec![0xC2, 0xB0] } else { vec![*byte] }).collect();
            mended.as_slice()
        } else {
            rest
        };
        std::str::from_utf8(rest).map_err(|_not_utf8| not_text())?.to_owned()
    };
    if text.contains('\0') { Err(not_text()) } else { Ok(text) }
}

/// What a file looks like, by marks that no other layout has.
fn detect(text: &str) -> Option<LoggerFormat> {
    if text.trim_start().starts_with('{') || text.trim_start().starts_with('[') {
        return Some(LoggerFormat::WhoEmsJson);
    }
    let mut facts = 0;
    for line in text.lines().take(60) {
        let line = line.trim();
        if line.starts_with("Fw Vers") || line.starts_with("Hist:") || line.starts_with("T AL:") {
            return Some(LoggerFormat::BerlingerText);
        }
        let lower = line.to_ascii_lowercase();
        let field = lower.split([',', ';', '\t']).next().unwrap_or_default().trim_matches('"').trim();
        if matches!(field, "serial #" | "serial number" | "last reading" | "reading interval" | "non alert range") {
            facts += 1;
        }
    }
    (facts >= 2).then_some(LoggerFormat::LogTagCsv)
}

fn too_many(row: u32) -> Unreadable {
    Unreadable::new(row, FileFault::TooManyRows, format!("a logger keeps at most {MOST_ROWS} rows"))
}
