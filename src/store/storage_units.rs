//! Freezers and fridges: what stood in them when, and what their loggers measured. Stays end and are never
//! removed; readings are only added.

use super::dialect::on_backend;
use super::logger_files::list_replaced;
use super::readings::{Source, StoredRow, add_to, as_stored};
use super::schema::{bottles, storage_readings, storage_stays, storage_units};
use super::{AnyConn, StoreError};
use crate::domain::bottle::BottleState;
use crate::domain::ids::{BottleId, SiteId, StorageUnitId, TransferId};
use crate::domain::quantity::Celsius;
use crate::domain::temperature::Reading;
use crate::domain::time::Instant;
use crate::domain::voices::StoredReading;
use diesel::prelude::*;

/// A storage unit as it is kept.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = storage_units, treat_none_as_default_value = false)]
pub struct StorageUnitRow {
    /// Identifier.
    pub id: StorageUnitId,
    /// Where it stands.
    pub site_id: SiteId,
    /// Short stable code within the site.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Warmest allowed.
    pub max_temperature_hundredths: Celsius,
    /// At or above this a single reading is an excursion.
    pub peak_hundredths: Celsius,
    /// Minutes above it that are tolerated in all.
    pub tolerance_minutes: i64,
    /// Minutes without a reading after which its logger is silent.
    pub silent_after_minutes: i64,
    /// The logger in it.
    pub logger_ref: Option<String>,
    /// The newest reading.
    pub last_reading_at: Option<Instant>,
    /// `active` or `ended`.
    pub state: String,
    /// Row version.
    pub version: i64,
    /// First registered.
    pub created_at: Instant,
}

/// Adds a storage unit.
pub fn insert_storage_unit(conn: &mut AnyConn, row: &StorageUnitRow) -> Result<(), StoreError> {
    diesel::insert_into(storage_units::table).values(row.clone()).execute(conn)?;
    Ok(())
}

/// The storage unit, if there is one.
pub fn find_storage_unit(conn: &mut AnyConn, id: StorageUnitId) -> Result<Option<StorageUnitRow>, StoreError> {
    Ok(storage_units::table.filter(storage_units::id.eq(id)).first(conn).optional()?)
}

/// A page of the storage units of some sites.
pub fn list_storage_units(
    conn: &mut AnyConn,
    sites: Option<&[SiteId]>,
    after: Option<StorageUnitId>,
    limit: i64,
) -> Result<Vec<StorageUnitRow>, StoreError> {
    let mut query = storage_units::table.order(storage_units::id.asc()).limit(limit).into_boxed();
    if let Some(sites) = sites {
        query = query.filter(storage_units::site_id.eq_any(sites.to_vec()));
    }
    if let Some(after) = after {
        query = query.filter(storage_units::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// Binds another logger, or ends the unit; false when its version is no longer the one given.
pub fn change_storage_unit(
    conn: &mut AnyConn,
    id: StorageUnitId,
    version: i64,
    logger_ref: Option<&str>,
    state: &str,
) -> Result<bool, StoreError> {
    let changed = diesel::update(
        storage_units::table.filter(storage_units::id.eq(id)).filter(storage_units::version.eq(version)),
    )
    .set((
        storage_units::logger_ref.eq(logger_ref),
        storage_units::state.eq(state),
        storage_units::version.eq(version + 1),
    ))
    .execute(conn)?;
    Ok(changed == 1)
}

/// Units with a logger whose last reading is older than it may be.
pub fn list_silent_units(conn: &mut AnyConn, now: Instant) -> Result<Vec<StorageUnitRow>, StoreError> {
    let units: Vec<StorageUnitRow> = storage_units::table
        .filter(storage_units::state.eq("active"))
        .filter(storage_units::logger_ref.is_not_null())
        .order(storage_units::id)
        .load(conn)?;
    let silent = |unit: &StorageUnitRow| {
        let since = unit.last_reading_at.unwrap_or(unit.created_at);
        now.minutes_since(since) > unit.silent_after_minutes
    };
    Ok(units.into_iter().filter(silent).collect())
}

/// Puts bottles into a unit; where they stood before ends at the same instant.
pub fn place_bottles(conn: &mut AnyConn, unit: StorageUnitId, ids: &[BottleId], at: Instant) -> Result<(), StoreError> {
    end_stays(conn, ids, at)?;
    for chunk in ids.chunks(5_000) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|bottle| {
                (
                    storage_stays::storage_unit_id.eq(unit),
                    storage_stays::bottle_id.eq(*bottle),
                    storage_stays::from_at.eq(at),
                    storage_stays::until_at.eq(None::<Instant>),
                )
            })
            .collect();
        on_backend!(conn, |c| diesel::insert_into(storage_stays::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// Ends the stays of some bottles.
pub fn end_stays(conn: &mut AnyConn, ids: &[BottleId], at: Instant) -> Result<usize, StoreError> {
    let mut ended = 0;
    for chunk in ids.chunks(10_000) {
        ended += diesel::update(
            storage_stays::table
                .filter(storage_stays::bottle_id.eq_any(chunk.to_vec()))
                .filter(storage_stays::until_at.is_null()),
        )
        .set(storage_stays::until_at.eq(Some(at)))
        .execute(conn)?;
    }
    Ok(ended)
}

/// Ends the stays of the bottles that leave with a transfer.
pub fn end_stays_of_transfer(conn: &mut AnyConn, transfer: TransferId, at: Instant) -> Result<usize, StoreError> {
    let leaving = bottles::table.filter(bottles::transfer_id.eq(Some(transfer))).select(bottles::id);
    Ok(diesel::update(
        storage_stays::table.filter(storage_stays::bottle_id.eq_any(leaving)).filter(storage_stays::until_at.is_null()),
    )
    .set(storage_stays::until_at.eq(Some(at)))
    .execute(conn)?)
}

/// The bottles that stood in a unit at any moment of a window and are still somewhere, with where they are.
pub fn list_bottles_in(
    conn: &mut AnyConn,
    unit: StorageUnitId,
    from: Instant,
    until: Instant,
) -> Result<Vec<(BottleId, SiteId, BottleState)>, StoreError> {
    Ok(storage_stays::table
        .inner_join(bottles::table)
        .filter(storage_stays::storage_unit_id.eq(unit))
        .filter(storage_stays::from_at.le(until))
        .filter(storage_stays::until_at.is_null().or(storage_stays::until_at.gt(from).assume_not_null()))
        .filter(bottles::state.ne_all([BottleState::Used, BottleState::Discarded]))
        .order(bottles::id)
        .select((bottles::id, bottles::site_id, bottles::state))
        .distinct()
        .load(conn)?)
}

/// Adds readings of a unit's logger; the number that were not there yet.
pub fn add_storage_readings(
    conn: &mut AnyConn,
    unit: StorageUnitId,
    logger_ref: &str,
    batch: &[Reading],
    source: Source,
) -> Result<usize, StoreError> {
    let Source { file, recorded_at } = source;
    Ok(add_to!(conn, storage_readings of storage_unit_id = unit, logger_ref, batch, file, recorded_at))
}

/// Notes until when a unit's logger has spoken, unless it has spoken since.
pub fn note_last_reading(conn: &mut AnyConn, unit: StorageUnitId, newest: Instant) -> Result<(), StoreError> {
    diesel::update(storage_units::table.filter(storage_units::id.eq(unit)).filter(
        storage_units::last_reading_at.is_null().or(storage_units::last_reading_at.lt(newest).assume_not_null()),
    ))
    .set(storage_units::last_reading_at.eq(Some(newest)))
    .execute(conn)?;
    Ok(())
}

/// The readings of a unit in a window that count, by logger and time.
pub fn list_storage_readings(
    conn: &mut AnyConn,
    unit: StorageUnitId,
    from: Instant,
    until: Instant,
) -> Result<Vec<(String, Reading)>, StoreError> {
    let replaced = list_replaced(conn, unit.as_str())?;
    let mut query = storage_readings::table
        .filter(storage_readings::storage_unit_id.eq(unit))
        .filter(storage_readings::measured_at.between(from, until))
        .order((storage_readings::logger_ref, storage_readings::measured_at))
        .select((storage_readings::logger_ref, storage_readings::measured_at, storage_readings::temperature_hundredths))
        .into_boxed();
    if !replaced.is_empty() {
        let live = storage_readings::logger_file_id.assume_not_null().ne_all(replaced);
        query = query.filter(storage_readings::logger_file_id.is_null().or(live));
    }
    let rows: Vec<(String, Instant, Celsius)> = query.load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(logger, measured_at, temperature)| (logger, Reading { measured_at, temperature }))
        .collect())
}

/// What is stored of a unit about a stretch of time, also what no longer counts.
pub fn list_stored_readings(
    conn: &mut AnyConn,
    unit: StorageUnitId,
    (from, until): (Instant, Instant),
) -> Result<Vec<StoredReading>, StoreError> {
    let replaced = list_replaced(conn, unit.as_str())?;
    let rows: Vec<StoredRow> = storage_readings::table
        .filter(storage_readings::storage_unit_id.eq(unit))
        .filter(storage_readings::measured_at.between(from, until))
        .select((
            storage_readings::logger_ref,
            storage_readings::measured_at,
            storage_readings::temperature_hundredths,
            storage_readings::logger_file_id,
        ))
        .load(conn)?;
    Ok(as_stored(rows, &replaced))
}

/// Since when the first of some bottles has stood in a unit.
pub fn earliest_stay(conn: &mut AnyConn, unit: StorageUnitId, ids: &[BottleId]) -> Result<Option<Instant>, StoreError> {
    let mut earliest: Option<Instant> = None;
    for chunk in ids.chunks(10_000) {
        let first: Option<Instant> = storage_stays::table
            .filter(storage_stays::storage_unit_id.eq(unit))
            .filter(storage_stays::bottle_id.eq_any(chunk.to_vec()))
            .order(storage_stays::from_at.asc())
            .select(storage_stays::from_at)
            .first(conn)
            .optional()?;
        earliest = earliest.into_iter().chain(first).min();
    }
    Ok(earliest)
}

/// The first reading of a unit above a temperature since an instant that counts.
pub fn first_above(
    conn: &mut AnyConn,
    unit: StorageUnitId,
    from: Instant,
    limit: Celsius,
) -> Result<Option<Reading>, StoreError> {
    let replaced = list_replaced(conn, unit.as_str())?;
    let mut query = storage_readings::table
        .filter(storage_readings::storage_unit_id.eq(unit))
        .filter(storage_readings::measured_at.ge(from))
        .filter(storage_readings::temperature_hundredths.gt(limit))
        .order(storage_readings::measured_at.asc())
        .select((storage_readings::measured_at, storage_readings::temperature_hundredths))
        .into_boxed();
    if !replaced.is_empty() {
        let live = storage_readings::logger_file_id.assume_not_null().ne_all(replaced);
        query = query.filter(storage_readings::logger_file_id.is_null().or(live));
    }
    let first: Option<(Instant, Celsius)> = query.first(conn).optional()?;
    Ok(first.map(|(measured_at, temperature)| Reading { measured_at, temperature }))
}
