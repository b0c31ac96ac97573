//! Readings of loggers: a repeat is the same row and adds nothing; none is ever changed.

use super::dialect::on_backend;
use super::logger_files::list_replaced;
use super::schema::readings;
use super::{AnyConn, StoreError};
use crate::domain::ids::{LoggerFileId, TransferId};
use crate::domain::quantity::Celsius;
use crate::domain::temperature::Reading;
use crate::domain::time::Instant;
use crate::domain::voices::StoredReading;
use diesel::prelude::*;

/// Adds readings of one logger to a table of them; the number that were not there yet. The tables differ in whose logger
/// it is, so the statement is written out for each.
macro_rules! add_to {
    ($conn:expr, $table:ident of $owner:ident = $id:expr, $logger:expr, $batch:expr, $file:expr, $recorded_at:expr) => {{
        let mut added = 0;
        // Six binds a row; SQLite takes at most 32,766 a statement.
        for chunk in $batch.chunks(5_000) {
            let rows: Vec<_> = chunk
                .iter()
                .map(|reading| {
                    (
                        $table::$owner.eq($id),
                        $table::logger_ref.eq($logger),
                        $table::measured_at.eq(reading.measured_at),
                        $table::temperature_hundredths.eq(reading.temperature),
                        $table::recorded_at.eq($recorded_at),
                        $table::logger_file_id.eq($file),
                    )
                })
                .collect();
            added += on_backend!($conn, |c| diesel::insert_into($table::table)
                .values(rows)
                .on_conflict_do_nothing()
                .execute(c))?;
        }
        added
    }};
}
pub(super) use add_to;

/// Where a reading comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// The file that it stands in; none for one that was sent by itself.
    pub file: Option<LoggerFileId>,
    /// When the hub got it.
    pub recorded_at: Instant,
}

/// Adds readings of a journey's logger; the number that were not there yet.
pub fn add_readings(
    conn: &mut AnyConn,
    transfer: TransferId,
    logger_ref: &str,
    batch: &[Reading],
    source: Source,
) -> Result<usize, StoreError> {
    let Source { file, recorded_at } = source;
    Ok(add_to!(conn, readings of transfer_id = transfer, logger_ref, batch, file, recorded_at))
}

/// Every reading of a journey that counts, with its logger, by logger and time.
pub fn list_readings(conn: &mut AnyConn, transfer: TransferId) -> Result<Vec<(String, Reading)>, StoreError> {
    list_readings_without(conn, transfer, None)
}

/// As [`list_readings`], and as if a file had been put right.
pub fn list_readings_without(
    conn: &mut AnyConn,
    transfer: TransferId,
    file: Option<LoggerFileId>,
) -> Result<Vec<(String, Reading)>, StoreError> {
    let mut replaced = list_replaced(conn, transfer.as_str())?;
    replaced.extend(file);
    let mut query = readings::table
        .filter(readings::transfer_id.eq(transfer))
        .order((readings::logger_ref, readings::measured_at))
        .select((readings::logger_ref, readings::measured_at, readings::temperature_hundredths))
        .into_boxed();
    if !replaced.is_empty() {
        let live = readings::logger_file_id.assume_not_null().ne_all(replaced);
        query = query.filter(readings::logger_file_id.is_null().or(live));
    }
    let rows: Vec<(String, Instant, Celsius)> = query.load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(logger, measured_at, temperature)| (logger, Reading { measured_at, temperature }))
        .collect())
}

/// What is stored of a journey about a stretch of time, also what no longer counts.
pub fn list_stored_readings(
    conn: &mut AnyConn,
    transfer: TransferId,
    (from, until): (Instant, Instant),
) -> Result<Vec<StoredReading>, StoreError> {
    let replaced = list_replaced(conn, transfer.as_str())?;
    let rows: Vec<StoredRow> = readings::table
        .filter(readings::transfer_id.eq(transfer))
        .filter(readings::measured_at.between(from, until))
        .select((
            readings::logger_ref,
            readings::measured_at,
            readings::temperature_hundredths,
            readings::logger_file_id,
        ))
        .load(conn)?;
    Ok(as_stored(rows, &replaced))
}

/// Logger, moment, temperature and file of a row.
pub(super) type StoredRow = (String, Instant, Celsius, Option<LoggerFileId>);

/// Rows with whether they still count.
pub(super) fn as_stored(rows: Vec<StoredRow>, replaced: &[LoggerFileId]) -> Vec<StoredReading> {
    rows.into_iter()
        .map(|(voice, measured_at, temperature, file)| StoredReading {
            voice,
            reading: Reading { measured_at, temperature },
            counts: file.is_none_or(|file| !replaced.contains(&file)),
        })
        .collect()
}
