//! Freezers and fridges: registered by their site, bound to a logger, filled bottle by bottle, judged with every
//! reading.

use super::readings::ReadingsRecorded;
use super::sites::taken;
use super::storage_excursions::judge_unit;
use super::transfers::own_sites;
use super::voices::{Kept, Subject, keep_readings, sift};
use super::{ActionError, Happening, Tx};
use crate::domain::actor::Actor;
use crate::domain::bottle::BottleState;
use crate::domain::field::FieldError;
use crate::domain::ids::{BottleId, ExcursionId, LoggerFileId, SiteId, StorageUnitId};
use crate::domain::quantity::Celsius;
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::temperature::{Reading, Trace};
use crate::domain::text::{code_fault, text_fault};
use crate::domain::time::Instant;
use crate::domain::voices::logger_fault;
use crate::store::feeds::BottleForFate;
use crate::store::storage_units as rows;
pub use crate::store::storage_units::StorageUnitRow;
use crate::store::{AnyConn, feeds};
use serde_json::json;

/// Most bottles placed at a time.
pub const MOST_PLACED: usize = 1_000;

/// A unit to be registered.
#[derive(Debug, Clone)]
pub struct RegisterUnit {
    /// Where it stands.
    pub site: SiteId,
    /// Short stable code within the site.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Warmest allowed.
    pub max_temperature: Celsius,
    /// At or above this a single reading is an excursion.
    pub peak: Celsius,
    /// Minutes above it that are tolerated in all.
    pub tolerance_minutes: i64,
    /// Minutes without a reading after which its logger is silent.
    pub silent_after_minutes: i64,
    /// The logger in it.
    pub logger_ref: Option<String>,
}

/// Registers a unit.
///
/// # Errors
/// `NotFound` for another site, `Invalid` for texts or figures, `Conflict` for a code that is taken.
pub fn register_unit(tx: &mut Tx<'_>, command: &RegisterUnit) -> Result<StorageUnitRow, ActionError> {
    if !tx.actor.acts_for(command.site) {
        return Err(ActionError::NotFound { what: "site" });
    }
    let range = |pointer: &str, value: i64, least: i64, most: i64| {
        let outside = !(least..=most).contains(&value);
        outside.then(|| FieldError::new(pointer, "out_of_range", format!("{least} to {most}")))
    };
    let faults: Vec<FieldError> = [
        code_fault("/code", &command.code),
        text_fault("/name", &command.name, 200),
        command.logger_ref.as_deref().and_then(|logger| logger_fault("/logger_ref", logger)),
        range("/max_temperature_c", command.max_temperature.hundredths(), -20_000, 4_000),
        range("/peak_c", command.peak.hundredths(), command.max_temperature.hundredths(), 8_000),
        range("/tolerance_minutes", command.tolerance_minutes, 0, 1_440),
        range("/silent_after_minutes", command.silent_after_minutes, 5, 2_880),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !faults.is_empty() {
        return Err(ActionError::Invalid(faults));
    }
    let row = StorageUnitRow {
        id: StorageUnitId::new(tx.new_id()),
        site_id: command.site,
        code: command.code.clone(),
        name: command.name.clone(),
        max_temperature_hundredths: command.max_temperature,
        peak_hundredths: command.peak,
        tolerance_minutes: command.tolerance_minutes,
        silent_after_minutes: command.silent_after_minutes,
        logger_ref: command.logger_ref.as_deref().map(|logger| logger.trim().to_owned()),
        last_reading_at: None,
        state: "active".to_owned(),
        version: 1,
        created_at: tx.now,
    };
    rows::insert_storage_unit(tx.conn, &row).map_err(taken)?;
    note(tx, "storage_unit.registered", &row, &json!({"code": row.code}))?;
    Ok(row)
}

/// Binds another logger to a unit, takes it out, or ends the unit.
///
/// # Errors
/// `NotFound`, `Stale`, `Invalid`.
pub fn change_unit(
    tx: &mut Tx<'_>,
    id: StorageUnitId,
    version: i64,
    logger_ref: Option<Option<String>>,
    ended: bool,
) -> Result<StorageUnitRow, ActionError> {
    let unit = get_unit(tx.conn, tx.actor, id)?;
    if unit.version != version {
        return Err(ActionError::Stale { current_version: unit.version });
    }
    let logger = logger_ref.unwrap_or_else(|| unit.logger_ref.clone()).map(|logger| logger.trim().to_owned());
    if let Some(fault) = logger.as_deref().and_then(|logger| logger_fault("/logger_ref", logger)) {
        return Err(ActionError::Invalid(vec![fault]));
    }
    let state = if ended { "ended" } else { unit.state.as_str() };
    if !rows::change_storage_unit(tx.conn, id, version, logger.as_deref(), state)? {
        return Err(ActionError::Stale { current_version: version + 1 });
    }
    note(tx, "storage_unit.changed", &unit, &json!({"logger_ref": logger, "state": state}))?;
    get_unit(tx.conn, tx.actor, id)
}

/// Puts bottles of the site into a unit; the number put.
///
/// # Errors
/// `Invalid` by row for a bottle that is not in stock at the site; `Conflict` for a unit that has ended.
pub fn place_bottles(
    tx: &mut Tx<'_>,
    id: StorageUnitId,
    ids: &[BottleId],
    at: Option<Instant>,
) -> Result<usize, ActionError> {
    let unit = get_unit(tx.conn, tx.actor, id)?;
    if unit.state != "active" {
        return Err(ActionError::conflict("unit_ended", "This storage unit is no longer in use."));
    }
    let at = super::custody::device_time(tx, at)?;
    if ids.is_empty() || ids.len() > MOST_PLACED {
        let detail = format!("Name 1 to {MOST_PLACED} bottles.");
        return Err(ActionError::field("/bottle_ids", "out_of_range", detail));
    }
    let found = feeds::list_bottles_for_fate(tx.conn, ids)?;
    let mut distinct = ids.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let mut faults = Vec::new();
    for (row, bottle) in ids.iter().enumerate() {
        let here = found.iter().find(|one| one.id == *bottle).is_some_and(|one| {
            one.site_id == unit.site_id && matches!(one.state, BottleState::InStock | BottleState::Quarantined)
        });
        if !here {
            let pointer = format!("/bottle_ids/{row}");
            faults.push(FieldError::new(pointer, "not_here", "This bottle does not stand at the unit's site."));
        }
    }
    if !faults.is_empty() {
        return Err(ActionError::Invalid(faults));
    }
    refuse_refreezing(&unit, ids, &found)?;
    rows::place_bottles(tx.conn, id, &distinct, at)?;
    note(tx, "storage_unit.filled", &unit, &json!({"bottle_ids": distinct, "at": at}))?;
    Ok(distinct.len())
}

/// Refusal 7: milk that is thawed is not frozen again.
fn refuse_refreezing(unit: &StorageUnitRow, ids: &[BottleId], found: &[BottleForFate]) -> Result<(), ActionError> {
    if unit.max_temperature_hundredths >= Celsius::from_hundredths(0) {
        return Ok(());
    }
    let is_thawed = |id: &BottleId| found.iter().any(|one| one.id == *id && one.thaw_ends_at.is_some());
    let thawed = ids.iter().enumerate().filter(|(_, id)| is_thawed(id)).map(|(row, id)| {
        let why = format!("bottle {id} is thawed; it is not put into a freezer again");
        RefusalCode::LotThawed.because(why).at(format!("/bottle_ids/{row}"))
    });
    let refusals: Vec<Refusal> = thawed.collect();
    if refusals.is_empty() { Ok(()) } else { Err(ActionError::Refused(refusals)) }
}

/// Stores and judges readings of a unit; an excursion sets its milk aside at once. Bad rows are named and left out.
///
/// # Errors
/// `Invalid` with the rows when none of them can be taken; `NotFound` for another site's unit.
pub fn record_unit_readings(
    tx: &mut Tx<'_>,
    id: StorageUnitId,
    logger_ref: &str,
    batch: &[Reading],
) -> Result<ReadingsRecorded, ActionError> {
    let unit = get_unit(tx.conn, tx.actor, id)?;
    let logger_ref = logger_ref.trim();
    let sifted = sift(batch, logger_ref, tx.now)?;
    let (kept, judged) = keep_unit_readings(tx, &unit, logger_ref, &sifted.readings, None)?;
    let recorded = ReadingsRecorded::of(batch.len(), sifted, &kept, judged);
    note(tx, "readings.recorded", &unit, &recorded.as_data(logger_ref))?;
    Ok(recorded)
}

/// Stores readings that were judged row by row, and judges them together.
pub(super) fn keep_unit_readings(
    tx: &mut Tx<'_>,
    unit: &StorageUnitRow,
    logger_ref: &str,
    batch: &[Reading],
    file: Option<LoggerFileId>,
) -> Result<(Kept, (Trace, Option<ExcursionId>)), ActionError> {
    let kept = keep_readings(tx, Subject::Unit(unit.id), logger_ref, batch, file)?;
    let first = batch.iter().map(|reading| reading.measured_at).min();
    let last = batch.iter().map(|reading| reading.measured_at).max();
    let Some((first, last)) = first.zip(last) else { return Ok((kept, (Trace::default(), None))) };
    rows::note_last_reading(tx.conn, unit.id, last)?;
    let judged = if kept.is_news { judge_unit(tx, unit, (first, last))? } else { (Trace::default(), None) };
    Ok((kept, judged))
}

/// The unit, for its site and for hub roles.
///
/// # Errors
/// `NotFound` also when it is another site's.
pub fn get_unit(conn: &mut AnyConn, actor: &Actor, id: StorageUnitId) -> Result<StorageUnitRow, ActionError> {
    rows::find_storage_unit(conn, id)?
        .filter(|unit| actor.acts_for(unit.site_id))
        .ok_or(ActionError::NotFound { what: "storage unit" })
}

/// A page of the units of the actor's sites.
///
/// # Errors
/// Those of the store.
pub fn list_units(
    conn: &mut AnyConn,
    actor: &Actor,
    after: Option<StorageUnitId>,
    rows_wanted: i64,
) -> Result<Vec<StorageUnitRow>, ActionError> {
    Ok(rows::list_storage_units(conn, own_sites(actor).as_deref(), after, rows_wanted)?)
}

fn note(
    tx: &mut Tx<'_>,
    kind: &'static str,
    unit: &StorageUnitRow,
    data: &serde_json::Value,
) -> Result<(), ActionError> {
    tx.record(Happening {
        kind,
        subject_kind: "storage_unit",
        subject_id: unit.id.to_string(),
        site: Some(unit.site_id),
        other_site: None,
        network: false,
        data,
    })
}
