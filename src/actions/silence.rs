//! Silent loggers: a freezer that has said nothing for too long, a box at a door whose logger nobody read. Each
//! is an alarm of its own, raised by time alone, once an episode.

use super::doubt::doubt_journey;
use super::excursions::{note_excursion, opened, record};
use super::{ActionError, Tx};
use crate::domain::ids::TransferId;
use crate::domain::temperature::{ExcursionKind, Trace};
use crate::domain::time::Instant;
use crate::store::storage_units::{self, StorageUnitRow};
use crate::store::{AnyConn, excursions, transfers};
use serde_json::json;

/// A box's logger is read within this time of its delivery.
const READ_WITHIN_MINUTES: i64 = 60;

/// What has fallen silent and raised no alarm yet.
fn find_silent(conn: &mut AnyConn, now: Instant) -> Result<(Vec<StorageUnitRow>, Vec<TransferId>), ActionError> {
    let mut units = Vec::new();
    for unit in storage_units::list_silent_units(conn, now)? {
        if excursions::find_undecided_of_unit(conn, unit.id)?.is_none() {
            units.push(unit);
        }
    }
    let boxes = excursions::list_silent_boxes(conn, now.plus_minutes(-READ_WITHIN_MINUTES))?;
    Ok((units, boxes))
}

/// True when something has fallen silent.
///
/// # Errors
/// Those of the store.
pub fn any_silent(conn: &mut AnyConn, now: Instant) -> Result<bool, ActionError> {
    let (units, boxes) = find_silent(conn, now)?;
    Ok(!units.is_empty() || !boxes.is_empty())
}

/// Raises the alarm of everything that has fallen silent; the number raised.
///
/// # Errors
/// Those of the store.
pub fn raise_silence(tx: &mut Tx<'_>) -> Result<usize, ActionError> {
    let (units, boxes) = find_silent(tx.conn, tx.now)?;
    for unit in &units {
        let since = unit.last_reading_at.unwrap_or(unit.created_at);
        let trace = Trace { longest_gap_minutes: tx.now.minutes_since(since), ..Trace::default() };
        // The milk stays where it is: whether it warmed is judged when the logger speaks again.
        let row = opened(tx, (None, Some(unit.id)), unit.site_id, ExcursionKind::Silent, &trace);
        excursions::insert_excursion(tx.conn, &row)?;
        let data = json!({"kind": row.kind, "storage_unit_id": unit.id});
        record(tx, "excursion.opened", &row, None, &data)?;
    }
    for id in &boxes {
        let Some(transfer) = transfers::find_transfer(tx.conn, *id)? else { continue };
        let silent = match (transfer.collected_at, transfer.delivered_at) {
            (Some(from), Some(until)) => until.minutes_since(from),
            _ => 0,
        };
        let trace = Trace { longest_gap_minutes: silent, ..Trace::default() };
        note_excursion(tx, &transfer, ExcursionKind::Silent, &trace)?;
        doubt_journey(tx, &transfer)?;
    }
    Ok(units.len() + boxes.len())
}
