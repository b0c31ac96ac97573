//! Couriers: who may carry milk, under which agreement, when and how far.

use super::packings::state_packing;
use super::sites::taken;
use super::{ActionError, Happening, Tx};
use crate::domain::courier::{Courier, CourierState, Covers};
use crate::domain::field::FieldError;
use crate::domain::ids::{CourierId, PackingId, SiteId};
use crate::domain::opening_hours::{DailySpan, Days};
use crate::domain::packing::Packing;
use crate::domain::quantity::Volume;
use crate::domain::text::{code_fault, text_fault};
use crate::domain::time::Instant;
use crate::store::{AnyConn, couriers};
use serde_json::json;

/// A courier to register.
#[derive(Debug, Clone)]
pub struct CreateCourier {
    /// Short stable code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: String,
    /// Where its vehicles stand.
    pub base_site_id: SiteId,
    /// The signed agreement under which it carries milk.
    pub agreement_reference: String,
    /// End of that agreement.
    pub agreement_valid_until: Option<Instant>,
    /// Most milk in one vehicle.
    pub max_payload_ml: Volume,
    /// Minutes for which its packaging keeps the temperature.
    pub hold_time_minutes: i64,
    /// Mean road speed in km/h.
    pub speed_kmh: i64,
    /// Vehicles on a full day.
    pub vehicles: i64,
    /// Which journeys it takes on.
    pub covers: Covers,
    /// When on a working day it collects.
    pub hours: DailySpan,
    /// Its working days.
    pub days: Days,
    /// Packaging in words.
    pub packaging: String,
}

/// What of a courier may change; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct ChangeCourier {
    /// Vehicles.
    pub vehicles: Option<i64>,
    /// Whether it may be used.
    pub state: Option<CourierState>,
    /// End of its agreement; inner `None` takes it away.
    pub agreement_valid_until: Option<Option<Instant>>,
}

fn range_fault(pointer: &str, value: i64, least: i64, most: i64) -> Option<FieldError> {
    let outside = !(least..=most).contains(&value);
    outside.then(|| FieldError::new(pointer, "out_of_range", format!("{least} to {most}")))
}

/// Registers a courier. What its agreement states about its boxes is its packing, until somebody validates another.
///
/// # Errors
/// `Invalid` for texts or figures that cannot be taken, `Conflict` for a code that is taken.
pub fn create_courier(tx: &mut Tx<'_>, command: &CreateCourier) -> Result<Courier, ActionError> {
    let mut faults: Vec<FieldError> = [
        code_fault("/code", &command.code),
        text_fault("/name", &command.name, 200),
        code_fault("/kind", &command.kind),
        text_fault("/agreement_reference", &command.agreement_reference, 500),
        text_fault("/packaging", &command.packaging, 500),
        range_fault("/max_payload_ml", command.max_payload_ml.ml(), 1, 10_000_000),
        range_fault("/hold_time_minutes", command.hold_time_minutes, 1, 43_200),
        range_fault("/speed_kmh", command.speed_kmh, 1, 1_200),
        range_fault("/vehicles", command.vehicles, 0, 10_000),
    ]
    .into_iter()
    .flatten()
    .collect();
    let unknown = super::agreements::unknown_sites(tx, "", &[command.base_site_id])?;
    faults.extend(unknown.into_iter().map(|fault| FieldError { pointer: "/base_site_id".to_owned(), ..fault }));
    if !faults.is_empty() {
        return Err(ActionError::Invalid(faults));
    }
    let command = command.clone();
    let courier = Courier {
        id: CourierId::new(tx.new_id()),
        code: command.code,
        name: command.name,
        kind: command.kind,
        base_site_id: command.base_site_id,
        agreement_reference: command.agreement_reference,
        agreement_valid_until: command.agreement_valid_until,
        max_payload_ml: command.max_payload_ml,
        hold_time_minutes: command.hold_time_minutes,
        speed_kmh: command.speed_kmh,
        vehicles: command.vehicles,
        covers: command.covers,
        hours: command.hours,
        days: command.days,
        packaging: command.packaging,
        state: CourierState::Active,
        version: 1,
        created_at: tx.now,
    };
    couriers::insert_courier(tx.conn, &courier).map_err(taken)?;
    note(tx, "courier.registered", &courier)?;
    let id = PackingId::new(tx.new_id());
    let stated = Packing::stated_by(&courier, id, &tx.actor.id, tx.now.date_in("UTC"));
    state_packing(tx, &stated)?;
    Ok(courier)
}

/// A courier by its identifier.
///
/// # Errors
/// `NotFound`.
pub fn get_courier(conn: &mut AnyConn, id: CourierId) -> Result<Courier, ActionError> {
    couriers::find_courier(conn, id)?.ok_or(ActionError::NotFound { what: "courier" })
}

/// Couriers by code, after one code, at most so many.
///
/// # Errors
/// Those of the store.
pub fn list_couriers(conn: &mut AnyConn, after_code: Option<&str>, rows: i64) -> Result<Vec<Courier>, ActionError> {
    Ok(couriers::list_couriers(conn, after_code, rows)?)
}

/// Changes vehicles, state or the end of the agreement.
///
/// # Errors
/// `NotFound`, `Stale`, `Invalid`.
pub fn change_courier(
    tx: &mut Tx<'_>,
    id: CourierId,
    version: i64,
    change: &ChangeCourier,
) -> Result<Courier, ActionError> {
    let mut courier = get_courier(tx.conn, id)?;
    if courier.version != version {
        return Err(ActionError::Stale { current_version: courier.version });
    }
    let ChangeCourier { vehicles, state, agreement_valid_until } = change.clone();
    courier.vehicles = vehicles.unwrap_or(courier.vehicles);
    courier.state = state.unwrap_or(courier.state);
    courier.agreement_valid_until = agreement_valid_until.unwrap_or(courier.agreement_valid_until);
    if let Some(fault) = range_fault("/vehicles", courier.vehicles, 0, 10_000) {
        return Err(ActionError::Invalid(vec![fault]));
    }
    courier.version = version + 1;
    if !couriers::update_courier(tx.conn, &courier, version)? {
        return Err(ActionError::Stale { current_version: get_courier(tx.conn, id)?.version });
    }
    note(tx, "courier.changed", &courier)?;
    Ok(courier)
}

fn note(tx: &mut Tx<'_>, kind: &'static str, courier: &Courier) -> Result<(), ActionError> {
    tx.record(Happening {
        kind,
        subject_kind: "courier",
        subject_id: courier.id.to_string(),
        site: Some(courier.base_site_id),
        other_site: None,
        network: true,
        data: &json!({"code": courier.code, "vehicles": courier.vehicles, "state": courier.state}),
    })
}
