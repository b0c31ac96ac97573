//! Where vehicles are. Only the last position of a vehicle is kept; one from the future is refused, one that comes
//! late changes nothing.

use super::vehicles::get_vehicle;
use crate::actions::{ActionError, Tx};
use crate::domain::field::FieldError;
use crate::domain::geography::Position;
use crate::domain::ids::VehicleId;
use crate::domain::time::Instant;
pub use crate::store::dispatch::vehicles::PositionRow;
use crate::store::dispatch::{routes, vehicles};

/// Most positions sent at a time.
pub const MOST_POSITIONS: usize = 1_000;
/// How far a device's clock may run ahead of the hub's.
const CLOCK_AHEAD_MINUTES: i64 = 1;

/// Where a vehicle is.
#[derive(Debug, Clone, Copy)]
pub struct ReportedPosition {
    /// The vehicle.
    pub vehicle_id: VehicleId,
    /// Where.
    pub position: Position,
    /// By the device's clock.
    pub at: Instant,
}

/// Keeps positions; how many were news.
///
/// # Errors
/// `NotFound` for a vehicle of others; `Invalid` for a position from the future. Nothing is kept then.
pub fn report_positions(tx: &mut Tx<'_>, reported: &[ReportedPosition]) -> Result<usize, ActionError> {
    if reported.is_empty() || reported.len() > MOST_POSITIONS {
        let detail = format!("Send 1 to {MOST_POSITIONS} positions at a time.");
        return Err(ActionError::field("/positions", "out_of_range", detail));
    }
    let ahead = tx.now.plus_minutes(CLOCK_AHEAD_MINUTES);
    let faults: Vec<FieldError> = reported
        .iter()
        .enumerate()
        .filter(|(_, one)| one.at > ahead)
        .map(|(index, _)| {
            FieldError::new(format!("/positions/{index}/at"), "in_the_future", "This instant lies in the future.")
        })
        .collect();
    if !faults.is_empty() {
        return Err(ActionError::Invalid(faults));
    }
    let mut news = 0;
    for one in reported {
        get_vehicle(tx.conn, tx.actor, one.vehicle_id)?;
        news += usize::from(keep(tx, one)?);
    }
    Ok(news)
}

/// Keeps one position and notes that its vehicle was heard of.
pub(super) fn keep(tx: &mut Tx<'_>, one: &ReportedPosition) -> Result<bool, ActionError> {
    let route = routes::find_running_route_of(tx.conn, one.vehicle_id)?;
    let row = PositionRow {
        vehicle_id: one.vehicle_id,
        route_id: route.as_ref().map(|route| route.id),
        latitude_e6: one.position.latitude_e6(),
        longitude_e6: one.position.longitude_e6(),
        at: one.at,
        recorded_at: tx.now,
    };
    let news = vehicles::keep_position(tx.conn, &row)?;
    if let Some(route) = route.filter(|_| news) {
        // Silence counts by the hub's clock: a device may be wrong about its own.
        routes::note_heard(tx.conn, route.id, Some(tx.now), route.check_at)?;
    }
    Ok(news)
}
