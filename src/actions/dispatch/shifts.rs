//! Shifts: a driver with a vehicle, from a depot, between two instants, with a cut-off for collections. They may
//! change during the day.

use super::vehicles::get_vehicle;
use crate::actions::couriers::{get_courier, list_couriers};
use crate::actions::transfers::own_sites;
use crate::actions::{ActionError, Happening, Tx};
use crate::domain::actor::Actor;
use crate::domain::dispatch::{ShiftState, VehicleState};
use crate::domain::field::FieldError;
use crate::domain::ids::{CourierId, ShiftId, SiteId, VehicleId};
use crate::domain::text::code_fault;
use crate::domain::time::Instant;
use crate::store::dispatch::routes;
use crate::store::dispatch::vehicles as rows;
pub use crate::store::dispatch::vehicles::{ShiftFilter, ShiftRow};
use crate::store::{AnyConn, sites};
use serde_json::json;

/// The longest shift.
const MOST_HOURS: i64 = 48;
/// Couriers that are read to find one's own.
const MOST_COURIERS: i64 = 1_000;

/// A shift to plan.
#[derive(Debug, Clone)]
pub struct CreateShift {
    /// The vehicle.
    pub vehicle_id: VehicleId,
    /// Pseudonym of the driver.
    pub driver_ref: Option<String>,
    /// Where it begins; at the vehicle's base, if not given.
    pub start_site_id: Option<SiteId>,
    /// Where it ends; none ends at the last stop.
    pub end_site_id: Option<SiteId>,
    /// When it begins.
    pub starts_at: Instant,
    /// When it ends.
    pub ends_at: Instant,
    /// No box comes aboard after this.
    pub last_pickup_at: Option<Instant>,
}

/// What of a shift may change; none leaves it.
#[derive(Debug, Clone, Default)]
pub struct ChangeShift {
    /// Pseudonym of the driver; inner none takes it away.
    pub driver_ref: Option<Option<String>>,
    /// When it begins.
    pub starts_at: Option<Instant>,
    /// When it ends.
    pub ends_at: Option<Instant>,
    /// The cut-off; inner none takes it away.
    pub last_pickup_at: Option<Option<Instant>>,
    /// Where it stands.
    pub state: Option<ShiftState>,
}

fn faults_of(row: &ShiftRow) -> Vec<FieldError> {
    let mut faults: Vec<FieldError> =
        row.driver_ref.as_deref().and_then(|text| code_fault("/driver_ref", text)).into_iter().collect();
    if row.ends_at <= row.starts_at {
        faults.push(FieldError::new("/ends_at", "out_of_order", "a shift ends after it begins"));
    } else if row.ends_at > row.starts_at.plus_hours(MOST_HOURS) {
        let detail = format!("a shift lasts at most {MOST_HOURS} hours");
        faults.push(FieldError::new("/ends_at", "out_of_range", detail));
    }
    if row.last_pickup_at.is_some_and(|last| last < row.starts_at || last > row.ends_at) {
        faults.push(FieldError::new("/last_pickup_at", "out_of_order", "the cut-off lies within the shift"));
    }
    faults
}

/// Plans a shift.
///
/// # Errors
/// `NotFound`, `Invalid`; `Conflict` when the vehicle is out of use or has another shift then, or its carrier does not
/// work on that day.
pub fn create_shift(tx: &mut Tx<'_>, command: &CreateShift) -> Result<ShiftRow, ActionError> {
    let vehicle = get_vehicle(tx.conn, tx.actor, command.vehicle_id)?;
    let command = command.clone();
    let row = ShiftRow {
        id: ShiftId::new(tx.new_id()),
        vehicle_id: vehicle.id,
        courier_id: vehicle.courier_id,
        driver_ref: command.driver_ref,
        start_site_id: command.start_site_id.unwrap_or(vehicle.base_site_id),
        end_site_id: command.end_site_id,
        starts_at: command.starts_at,
        ends_at: command.ends_at,
        last_pickup_at: command.last_pickup_at,
        state: ShiftState::Open,
        version: 1,
        created_at: tx.now,
    };
    let mut faults = faults_of(&row);
    if row.ends_at <= tx.now {
        faults.push(FieldError::new("/ends_at", "in_the_past", "plan a shift that is not over"));
    }
    for (pointer, site) in [("/start_site_id", Some(row.start_site_id)), ("/end_site_id", row.end_site_id)] {
        if let Some(site) = site
            && sites::find_site(tx.conn, site)?.is_none()
        {
            faults.push(FieldError::new(pointer, "not_found", "There is no such site."));
        }
    }
    if !faults.is_empty() {
        return Err(ActionError::Invalid(faults));
    }
    if vehicle.state == VehicleState::Ended {
        return Err(ActionError::conflict("vehicle_ended", "This vehicle is no longer in use."));
    }
    refuse_day_off(tx, &row)?;
    refuse_overlap(tx, &row)?;
    rows::insert_shift(tx.conn, &row)?;
    note(tx, "shift.planned", &row)?;
    Ok(row)
}

/// A carrier drives on its working days, by the calendar of its base.
fn refuse_day_off(tx: &mut Tx<'_>, row: &ShiftRow) -> Result<(), ActionError> {
    let courier = get_courier(tx.conn, row.courier_id)?;
    let Some(base) = sites::find_site(tx.conn, courier.base_site_id)? else { return Ok(()) };
    let day = row.starts_at.date_in(&base.time_zone);
    if courier.days.has(day.weekday()) {
        return Ok(());
    }
    let detail = format!("{} works on {} and not on {day}.", courier.code, courier.days);
    Err(ActionError::conflict("carrier_off_duty", detail))
}

fn refuse_overlap(tx: &mut Tx<'_>, row: &ShiftRow) -> Result<(), ActionError> {
    let filter = ShiftFilter {
        vehicle: Some(row.vehicle_id),
        state: Some(ShiftState::Open),
        ends_after: Some(row.starts_at),
        starts_before: Some(row.ends_at),
        ..ShiftFilter::default()
    };
    let others = rows::list_shifts(tx.conn, &filter, None, 2)?;
    if others.iter().any(|other| other.id != row.id) {
        return Err(ActionError::conflict("shift_overlaps", "The vehicle has another shift in this time."));
    }
    Ok(())
}

/// A shift, for dispatchers and its own courier.
///
/// # Errors
/// `NotFound` also for one of another courier.
pub fn get_shift(conn: &mut AnyConn, actor: &Actor, id: ShiftId) -> Result<ShiftRow, ActionError> {
    let row = rows::find_shift(conn, id)?.ok_or(ActionError::NotFound { what: "shift" })?;
    get_vehicle(conn, actor, row.vehicle_id)
        .map_err(|error| match error {
            ActionError::NotFound { .. } => ActionError::NotFound { what: "shift" },
            other => other,
        })
        .map(|_vehicle| row)
}

/// The couriers whose routes the actor may see; none for a role that spans all.
pub(super) fn own_couriers(conn: &mut AnyConn, actor: &Actor) -> Result<Option<Vec<CourierId>>, ActionError> {
    let Some(own) = own_sites(actor) else { return Ok(None) };
    let couriers = list_couriers(conn, None, MOST_COURIERS)?;
    Ok(Some(couriers.into_iter().filter(|one| own.contains(&one.base_site_id)).map(|one| one.id).collect()))
}

/// A page of shifts, for dispatchers and their own courier.
///
/// # Errors
/// Those of the store.
pub fn list_shifts(
    conn: &mut AnyConn,
    actor: &Actor,
    wanted: &ShiftFilter,
    after: Option<ShiftId>,
    rows_wanted: i64,
) -> Result<Vec<ShiftRow>, ActionError> {
    let filter = ShiftFilter { couriers: own_couriers(conn, actor)?, ..wanted.clone() };
    Ok(rows::list_shifts(conn, &filter, after, rows_wanted)?)
}

/// Changes a shift. One with a route that is driven or about to be is not cancelled.
///
/// # Errors
/// `NotFound`, `Stale`, `Invalid`; `Conflict` when a route stands in the way.
pub fn change_shift(tx: &mut Tx<'_>, id: ShiftId, version: i64, change: &ChangeShift) -> Result<ShiftRow, ActionError> {
    let mut row = get_shift(tx.conn, tx.actor, id)?;
    if row.version != version {
        return Err(ActionError::Stale { current_version: row.version });
    }
    let ChangeShift { driver_ref, starts_at, ends_at, last_pickup_at, state } = change.clone();
    row.driver_ref = driver_ref.unwrap_or(row.driver_ref);
    let before = row.starts_at;
    row.starts_at = starts_at.unwrap_or(before);
    row.ends_at = ends_at.unwrap_or(row.ends_at);
    row.last_pickup_at = last_pickup_at.unwrap_or(row.last_pickup_at);
    row.state = state.unwrap_or(row.state);
    row.version = version + 1;
    let faults = faults_of(&row);
    if !faults.is_empty() {
        return Err(ActionError::Invalid(faults));
    }
    if row.state != ShiftState::Open && routes::find_open_route_of(tx.conn, id)?.is_some() {
        let detail = "This shift has an open route; give that to another shift or cancel it first.";
        return Err(ActionError::conflict("shift_has_route", detail));
    }
    if row.starts_at != before {
        refuse_day_off(tx, &row)?;
    }
    if row.state == ShiftState::Open {
        refuse_overlap(tx, &row)?;
    }
    if !rows::update_shift(tx.conn, &row, version)? {
        return Err(ActionError::Stale { current_version: version + 1 });
    }
    note(tx, "shift.changed", &row)?;
    Ok(row)
}

fn note(tx: &mut Tx<'_>, kind: &'static str, row: &ShiftRow) -> Result<(), ActionError> {
    tx.record(Happening {
        kind,
        subject_kind: "shift",
        subject_id: row.id.to_string(),
        site: Some(row.start_site_id),
        other_site: None,
        network: false,
        data: &json!({
            "vehicle_id": row.vehicle_id, "starts_at": row.starts_at, "ends_at": row.ends_at, "state": row.state,
        }),
    })
}
