//! Readings of loggers: a repeat is the same row and adds nothing; none is ever changed.

use super::dialect::on_backend;
use super::schema::readings;
use super::{AnyConn, StoreError};
use crate::domain::ids::TransferId;
use crate::domain::quantity::Celsius;
use crate::domain::temperature::Reading;
use crate::domain::time::Instant;
use diesel::prelude::*;

/// Adds readings of one logger to a table of them; the number that were not there yet. The tables differ in whose logger
/// it is, so the statement is written out for each.
macro_rules! add_to {
    ($conn:expr, $table:ident of $owner:ident = $id:expr, $logger:expr, $batch:expr, $recorded_at:expr) => {{
        let mut added = 0;
        // Five binds a row; SQLite takes at most 32,766 a statement.
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

/// Adds readings of a journey's logger; the number that were not there yet.
pub fn add_readings(
    conn: &mut AnyConn,
    transfer: TransferId,
    logger_ref: &str,
    batch: &[Reading],
    recorded_at: Instant,
) -> Result<usize, StoreError> {
    Ok(add_to!(conn, readings of transfer_id = transfer, logger_ref, batch, recorded_at))
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
