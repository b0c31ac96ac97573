//! Logger files as they came, the extremes they hold, and the mappings that read files of other makers. Nothing
//! of it is ever changed.

use super::dialect::on_backend;
use super::schema::{logger_file_corrections, logger_files, logger_mappings, reading_intervals};
use super::{AnyConn, StoreError};
use crate::domain::ids::{LoggerFileId, LoggerMappingId, SiteId};
use crate::domain::logger::IntervalReading;
use crate::domain::quantity::Celsius;
use crate::domain::time::Instant;
use diesel::prelude::*;

/// A logger file as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = logger_files, treat_none_as_default_value = false)]
pub struct LoggerFileRow {
    /// Identifier.
    pub id: LoggerFileId,
    /// The site that answers for it.
    pub site_id: SiteId,
    /// `transfer` or `storage_unit`.
    pub subject_kind: String,
    /// Which.
    pub subject_id: String,
    /// Hash of the original bytes, hex.
    pub sha256: String,
    /// How it is written.
    pub format: String,
    /// The logger.
    pub logger_ref: String,
    /// The zone it was read in.
    pub time_zone: Option<String>,
    /// Size of the original.
    pub size_bytes: i64,
    /// The original, compressed, base64.
    pub content: String,
    /// Rows that should hold readings.
    pub rows_read: i64,
    /// Readings that were new.
    pub rows_stored: i64,
    /// Readings that were known.
    pub rows_repeated: i64,
    /// Rows that were not taken.
    pub rows_refused: i64,
    /// What was remarked, JSON.
    pub report: String,
    /// Who sent it.
    pub uploaded_by: String,
    /// When.
    pub uploaded_at: Instant,
    /// Hash of what was read of it, hex.
    pub read_sha256: String,
    /// How often these bytes were read; the last time counts, the others are kept.
    pub turn: i64,
}

/// Adds a file.
pub fn insert_logger_file(conn: &mut AnyConn, row: &LoggerFileRow) -> Result<(), StoreError> {
    diesel::insert_into(logger_files::table).values(row.clone()).execute(conn)?;
    Ok(())
}

/// Adds the extremes of a file, before the file itself, whose counts depend on them.
pub fn insert_intervals(
    conn: &mut AnyConn,
    row: &LoggerFileRow,
    intervals: &[IntervalReading],
) -> Result<(), StoreError> {
    for chunk in intervals.chunks(1_000) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|interval| {
                (
                    reading_intervals::logger_file_id.eq(row.id),
                    reading_intervals::row_number.eq(i64::from(interval.row)),
                    reading_intervals::subject_id.eq(row.subject_id.clone()),
                    reading_intervals::logger_ref.eq(row.logger_ref.clone()),
                    reading_intervals::starts_at.eq(interval.from),
                    reading_intervals::ends_at.eq(interval.until),
                    reading_intervals::lowest_hundredths.eq(interval.lowest),
                    reading_intervals::highest_hundredths.eq(interval.highest),
                    reading_intervals::minutes_above_limit.eq(interval.above.map(|(_, minutes)| minutes)),
                )
            })
            .collect();
        on_backend!(conn, |c| diesel::insert_into(reading_intervals::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// The file, if there is one.
pub fn find_logger_file(conn: &mut AnyConn, id: LoggerFileId) -> Result<Option<LoggerFileRow>, StoreError> {
    Ok(logger_files::table.filter(logger_files::id.eq(id)).first(conn).optional()?)
}

/// The same file of the same subject as it was read last, if it was sent before.
pub fn find_same_file(conn: &mut AnyConn, subject_id: &str, sha256: &str) -> Result<Option<LoggerFileRow>, StoreError> {
    Ok(logger_files::table
        .filter(logger_files::subject_id.eq(subject_id))
        .filter(logger_files::sha256.eq(sha256))
        .order(logger_files::turn.desc())
        .first(conn)
        .optional()?)
}

/// Notes that a file puts another right; what that one said no longer counts.
pub fn insert_correction(conn: &mut AnyConn, file: &LoggerFileRow, replaced: LoggerFileId) -> Result<(), StoreError> {
    diesel::insert_into(logger_file_corrections::table)
        .values((
            logger_file_corrections::replaced_id.eq(replaced),
            logger_file_corrections::subject_id.eq(file.subject_id.clone()),
            logger_file_corrections::logger_file_id.eq(file.id),
        ))
        .execute(conn)?;
    Ok(())
}

/// The files of a subject that were put right: what they said is kept and no longer counts.
pub fn list_replaced(conn: &mut AnyConn, subject_id: &str) -> Result<Vec<LoggerFileId>, StoreError> {
    Ok(logger_file_corrections::table
        .filter(logger_file_corrections::subject_id.eq(subject_id))
        .select(logger_file_corrections::replaced_id)
        .load(conn)?)
}

/// Files of one subject or of some sites, by identifier.
pub fn list_logger_files(
    conn: &mut AnyConn,
    subject_id: &str,
    after: Option<LoggerFileId>,
    limit: i64,
) -> Result<Vec<LoggerFileRow>, StoreError> {
    let mut query = logger_files::table
        .filter(logger_files::subject_id.eq(subject_id.to_owned()))
        .order(logger_files::id.asc())
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(logger_files::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// The extremes that files of a subject hold about a window and that count, by logger and time, each stretch once.
pub fn list_intervals(
    conn: &mut AnyConn,
    subject_id: &str,
    from: Option<Instant>,
    until: Option<Instant>,
) -> Result<Vec<(String, IntervalReading)>, StoreError> {
    type Row = (String, i64, Instant, Instant, Celsius, Celsius, Option<i64>);
    let replaced = list_replaced(conn, subject_id)?;
    let mut query = reading_intervals::table
        .filter(reading_intervals::subject_id.eq(subject_id.to_owned()))
        .order((
            reading_intervals::logger_ref,
            reading_intervals::starts_at,
            reading_intervals::highest_hundredths.desc(),
        ))
        .select((
            reading_intervals::logger_ref,
            reading_intervals::row_number,
            reading_intervals::starts_at,
            reading_intervals::ends_at,
            reading_intervals::lowest_hundredths,
            reading_intervals::highest_hundredths,
            reading_intervals::minutes_above_limit,
        ))
        .into_boxed();
    if !replaced.is_empty() {
        query = query.filter(reading_intervals::logger_file_id.ne_all(replaced));
    }
    if let Some(from) = from {
        query = query.filter(reading_intervals::ends_at.gt(from));
    }
    if let Some(until) = until {
        query = query.filter(reading_intervals::starts_at.lt(until));
    }
    let rows: Vec<Row> = query.load(conn)?;
    let mut found: Vec<(String, IntervalReading)> = rows
        .into_iter()
        .map(|(logger, row, from, until, lowest, highest, minutes)| {
            // The device's own limit is kept in the original; minutes are kept only when it was as strict.
            let above = minutes.map(|minutes| (Celsius::from_hundredths(i64::MIN), minutes));
            let row = u32::try_from(row).unwrap_or(u32::MAX);
            (logger, IntervalReading { row, from, until, lowest, highest, above })
        })
        .collect();
    found.dedup_by(|later, earlier| later.0 == earlier.0 && later.1.from == earlier.1.from);
    Ok(found)
}

/// A mapping as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = logger_mappings, treat_none_as_default_value = false)]
pub struct LoggerMappingRow {
    /// Identifier.
    pub id: LoggerMappingId,
    /// The site it is for.
    pub site_id: SiteId,
    /// Its name, such as the logger's model.
    pub name: String,
    /// The mapping, JSON.
    pub document: String,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Instant,
}

/// Adds a mapping.
pub fn insert_mapping(conn: &mut AnyConn, row: &LoggerMappingRow) -> Result<(), StoreError> {
    diesel::insert_into(logger_mappings::table).values(row.clone()).execute(conn)?;
    Ok(())
}

/// The mapping, if there is one.
pub fn find_mapping(conn: &mut AnyConn, id: LoggerMappingId) -> Result<Option<LoggerMappingRow>, StoreError> {
    Ok(logger_mappings::table.filter(logger_mappings::id.eq(id)).first(conn).optional()?)
}

/// A page of the mappings of some sites.
pub fn list_mappings(
    conn: &mut AnyConn,
    sites: Option<&[SiteId]>,
    after: Option<LoggerMappingId>,
    limit: i64,
) -> Result<Vec<LoggerMappingRow>, StoreError> {
    let mut query = logger_mappings::table.order(logger_mappings::id.asc()).limit(limit).into_boxed();
    if let Some(sites) = sites {
        query = query.filter(logger_mappings::site_id.eq_any(sites.to_vec()));
    }
    if let Some(after) = after {
        query = query.filter(logger_mappings::id.gt(after));
    }
    Ok(query.load(conn)?)
}
