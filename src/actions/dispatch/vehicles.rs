//! Vehicles of couriers. A courier's own people and the dispatchers keep them.

use crate::actions::couriers::get_courier;
use crate::actions::sites::taken;
use crate::actions::transfers::own_sites;
use crate::actions::{ActionError, Happening, Tx};
use crate::domain::actor::Actor;
use crate::domain::courier::Courier;
use crate::domain::dispatch::VehicleState;
use crate::domain::field::FieldError;
use crate::domain::ids::{CourierId, SiteId, VehicleId};
use crate::domain::quantity::Volume;
use crate::domain::text::{code_fault, text_fault};
use crate::store::dispatch::vehicles as rows;
pub use crate::store::dispatch::vehicles::VehicleRow;
use crate::store::{AnyConn, sites};
use serde_json::json;

/// A vehicle to register.
#[derive(Debug, Clone)]
pub struct CreateVehicle {
    /// Whose it is.
    pub courier_id: CourierId,
    /// Short stable code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: String,
    /// Where it stands; at the courier's base, if not given.
    pub base_site_id: Option<SiteId>,
    /// Boxes that fit.
    pub boxes: i64,
    /// Most milk in a box.
    pub box_ml: Volume,
    /// Packaging in words; the courier's, if not given.
    pub packaging: Option<String>,
    /// Minutes for which it holds; the courier's, if not given.
    pub hold_time_minutes: Option<i64>,
    /// Mean road speed in km/h; the courier's, if not given.
    pub speed_kmh: Option<i64>,
    /// Cost of a kilometre, cents.
    pub cents_per_km: i64,
    /// Cost of an hour, cents.
    pub cents_per_hour: i64,
    /// Cost of a start, cents.
    pub cents_per_start: i64,
}

/// What of a vehicle may change; none leaves it.
#[derive(Debug, Clone, Default)]
pub struct ChangeVehicle {
    /// Its name.
    pub name: Option<String>,
    /// Boxes that fit.
    pub boxes: Option<i64>,
    /// Minutes for which its packaging holds.
    pub hold_time_minutes: Option<i64>,
    /// Mean road speed in km/h.
    pub speed_kmh: Option<i64>,
    /// Cost of a kilometre, cents.
    pub cents_per_km: Option<i64>,
    /// Cost of an hour, cents.
    pub cents_per_hour: Option<i64>,
    /// Cost of a start, cents.
    pub cents_per_start: Option<i64>,
    /// Whether it may be used.
    pub state: Option<VehicleState>,
}

fn faults_of(row: &VehicleRow) -> Vec<FieldError> {
    let range = |pointer: &str, value: i64, least: i64, most: i64| {
        let outside = !(least..=most).contains(&value);
        outside.then(|| FieldError::new(pointer, "out_of_range", format!("{least} to {most}")))
    };
    [
        code_fault("/code", &row.code),
        text_fault("/name", &row.name, 200),
        code_fault("/kind", &row.kind),
        text_fault("/packaging", &row.packaging, 500),
        range("/boxes", row.boxes, 1, 1_000),
        range("/box_ml", row.box_ml.ml(), 1, 1_000_000),
        range("/hold_time_minutes", row.hold_time_minutes, 1, 43_200),
        range("/speed_kmh", row.speed_kmh, 1, 1_200),
        range("/cents_per_km", row.cents_per_km, 0, 1_000_000),
        range("/cents_per_hour", row.cents_per_hour, 0, 10_000_000),
        range("/cents_per_start", row.cents_per_start, 0, 100_000_000),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A courier whose vehicles and shifts the actor may keep.
pub(super) fn get_own_courier(conn: &mut AnyConn, actor: &Actor, id: CourierId) -> Result<Courier, ActionError> {
    let courier = get_courier(conn, id)?;
    if actor.acts_for(courier.base_site_id) { Ok(courier) } else { Err(ActionError::NotFound { what: "courier" }) }
}

/// Registers a vehicle.
///
/// # Errors
/// `NotFound` for a courier of others, `Invalid`, `Conflict` for a code that its courier has given already.
pub fn create_vehicle(tx: &mut Tx<'_>, command: &CreateVehicle) -> Result<VehicleRow, ActionError> {
    let courier = get_own_courier(tx.conn, tx.actor, command.courier_id)?;
    let command = command.clone();
    let row = VehicleRow {
        id: VehicleId::new(tx.new_id()),
        courier_id: courier.id,
        code: command.code,
        name: command.name,
        kind: command.kind,
        base_site_id: command.base_site_id.unwrap_or(courier.base_site_id),
        boxes: command.boxes,
        box_ml: command.box_ml,
        packaging: command.packaging.unwrap_or(courier.packaging),
        hold_time_minutes: command.hold_time_minutes.unwrap_or(courier.hold_time_minutes),
        speed_kmh: command.speed_kmh.unwrap_or(courier.speed_kmh),
        cents_per_km: command.cents_per_km,
        cents_per_hour: command.cents_per_hour,
        cents_per_start: command.cents_per_start,
        state: VehicleState::Active,
        version: 1,
        created_at: tx.now,
    };
    let mut faults = faults_of(&row);
    if sites::find_site(tx.conn, row.base_site_id)?.is_none() {
        faults.push(FieldError::new("/base_site_id", "not_found", "There is no such site."));
    }
    if !faults.is_empty() {
        return Err(ActionError::Invalid(faults));
    }
    rows::insert_vehicle(tx.conn, &row).map_err(taken)?;
    note(tx, "vehicle.registered", &row)?;
    Ok(row)
}

/// A vehicle, for dispatchers and its own courier.
///
/// # Errors
/// `NotFound` also for one of another courier.
pub fn get_vehicle(conn: &mut AnyConn, actor: &Actor, id: VehicleId) -> Result<VehicleRow, ActionError> {
    rows::find_vehicle(conn, id)?
        .filter(|row| actor.acts_for(row.base_site_id))
        .ok_or(ActionError::NotFound { what: "vehicle" })
}

/// A page of vehicles, for dispatchers and their own courier.
///
/// # Errors
/// Those of the store.
pub fn list_vehicles(
    conn: &mut AnyConn,
    actor: &Actor,
    courier: Option<CourierId>,
    after: Option<VehicleId>,
    rows_wanted: i64,
) -> Result<Vec<VehicleRow>, ActionError> {
    Ok(rows::list_vehicles(conn, own_sites(actor).as_deref(), courier, after, rows_wanted)?)
}

/// Changes a vehicle.
///
/// # Errors
/// `NotFound`, `Stale`, `Invalid`.
pub fn change_vehicle(
    tx: &mut Tx<'_>,
    id: VehicleId,
    version: i64,
    change: &ChangeVehicle,
) -> Result<VehicleRow, ActionError> {
    let mut row = get_vehicle(tx.conn, tx.actor, id)?;
    if row.version != version {
        return Err(ActionError::Stale { current_version: row.version });
    }
    let ChangeVehicle {
        name,
        boxes,
        hold_time_minutes,
        speed_kmh,
        cents_per_km,
        cents_per_hour,
        cents_per_start,
        state,
    } = change.clone();
    row.name = name.unwrap_or(row.name);
    row.boxes = boxes.unwrap_or(row.boxes);
    row.hold_time_minutes = hold_time_minutes.unwrap_or(row.hold_time_minutes);
    row.speed_kmh = speed_kmh.unwrap_or(row.speed_kmh);
    row.cents_per_km = cents_per_km.unwrap_or(row.cents_per_km);
    row.cents_per_hour = cents_per_hour.unwrap_or(row.cents_per_hour);
    row.cents_per_start = cents_per_start.unwrap_or(row.cents_per_start);
    row.state = state.unwrap_or(row.state);
    row.version = version + 1;
    let faults = faults_of(&row);
    if !faults.is_empty() {
        return Err(ActionError::Invalid(faults));
    }
    if !rows::update_vehicle(tx.conn, &row, version)? {
        return Err(ActionError::Stale { current_version: version + 1 });
    }
    note(tx, "vehicle.changed", &row)?;
    Ok(row)
}

fn note(tx: &mut Tx<'_>, kind: &'static str, row: &VehicleRow) -> Result<(), ActionError> {
    tx.record(Happening {
        kind,
        subject_kind: "vehicle",
        subject_id: row.id.to_string(),
        site: Some(row.base_site_id),
        other_site: None,
        network: false,
        data: &json!({"code": row.code, "courier_id": row.courier_id, "boxes": row.boxes, "state": row.state}),
    })
}
