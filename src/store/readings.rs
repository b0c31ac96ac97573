//! Readings of loggers: a repeat is the same row and adds nothing; none is ever changed.

use super::dialect::on_backend;
use super::schema::readings;
use super::{AnyConn, StoreError};
use crate::domain::ids::TransferId;
use crate::domain::quantity::Celsius;
use crate::domain::temperature::Reading;
use crate::domain::time::Instant;
use diesel::prelude::*;

/// Adds readings of one logger; the number that were not there yet.
pub fn add_readings(
    conn: &mut AnyConn,
    transfer: TransferId,
    logger_ref: &str,
    batch: &[Reading],
    recorded_at: Instant,
) -> Result<usize, StoreError> {
    let mut added = 0;
    // Five binds a row; SQLite takes at most 32,766 a statement.
    for chunk in batch.chunks(5_000) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|reading| {
                (
                    readings::transfer_id.eq(transfer),
                    readings::logger_ref.eq(logger_ref),
                    readings::measured_at.eq(reading.measured_at),
                    readings::temperature_hundredths.eq(reading.temperature),
                    readings::recorded_at.eq(recorded_at),
                )
            })
            .collect();
        added += on_backend!(conn, |c| diesel::insert_into(readings::table)
            .values(rows)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(added)
}

/// Every reading of a journey with its logger, by logger and time.
pub fn list_readings(conn: &mut AnyConn, transfer: TransferId) -> Result<Vec<(String, Reading)>, StoreError> {
    let rows: Vec<(String, Instant, Celsius)> = readings::table
        .filter(readings::transfer_id.eq(transfer))
        .order((readings::logger_ref, readings::measured_at))
        .select((readings::logger_ref, readings::measured_at, readings::temperature_hundredths))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(logger, measured_at, temperature)| (logger, Reading { measured_at, temperature }))
        .collect())
}
