//! Vehicles and shifts: what carriers have, and who drives when.

use super::{Way, carrier_name, own_carriers, ways};
use crate::actions::dispatch::shifts::{ShiftFilter, ShiftRow, list_shifts};
use crate::actions::dispatch::vehicles::{VehicleRow, list_vehicles};
use crate::domain::actor::Permission;
use crate::domain::courier::Courier;
use crate::domain::dispatch::{ShiftState, VehicleState};
use crate::portal::fault::show;
use crate::portal::frame::Frame;
use crate::portal::parts::Tag;
use crate::portal::signed::{Signed, Visitor, permit::ReadRoutes};
use crate::portal::state::Shown;
use crate::portal::texts::Texts;
use actix_web::web;
use askama::Template;

/// Vehicles and shifts that the page shows.
const MOST: i64 = 500;
/// Shifts that ended before so many hours are left out.
const HOURS_BACK: i64 = 24;

/// Adds the route of the page.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/carriers", web::get().to(fleet));
}

struct VehicleLine {
    href: String,
    name: String,
    code: String,
    carrier: String,
    boxes: String,
    holds: String,
    speed: String,
    state: Tag,
}

struct ShiftLine {
    href: String,
    from: String,
    until: String,
    vehicle: String,
    driver: String,
    cut_off: String,
    state: Tag,
}

#[derive(Template)]
#[template(path = "carriers.html")]
struct FleetPage {
    f: Frame,
    ways: Vec<Way>,
    vehicles: Vec<VehicleLine>,
    shifts: Vec<ShiftLine>,
    may_keep: bool,
}

/// The state of a vehicle.
pub(super) fn tag_of_vehicle(texts: &Texts, state: VehicleState) -> Tag {
    let (tone, icon) = match state {
        VehicleState::Active => ("ok", "check"),
        VehicleState::Ended => ("", "x"),
    };
    Tag::new(tone, icon, texts.word("vehicle-is", state.as_str()))
}

/// The state of a shift.
pub(super) fn tag_of_shift(texts: &Texts, state: ShiftState) -> Tag {
    let (tone, icon) = match state {
        ShiftState::Open => ("info", "clock"),
        ShiftState::Ended => ("", "check"),
        ShiftState::Cancelled => ("warn", "x"),
    };
    Tag::new(tone, icon, texts.word("shift-is", state.as_str()))
}

async fn fleet(visitor: Signed<ReadRoutes>) -> Shown {
    let (actor, now) = (visitor.actor().clone(), visitor.now());
    let wanted = ShiftFilter { ends_after: Some(now.plus_hours(-HOURS_BACK)), ..ShiftFilter::default() };
    let read = move |conn: &mut _| {
        let vehicles = list_vehicles(conn, &actor, None, None, MOST)?;
        Ok((vehicles, list_shifts(conn, &actor, &wanted, None, MOST)?))
    };
    let (vehicles, mut shifts) = visitor.state().hub.read(read).await?;
    shifts.sort_by_key(|shift| (shift.starts_at, shift.id));
    let carriers = own_carriers(&visitor).await?;
    let vehicle_of = |shift: &ShiftRow| vehicles.iter().find(|vehicle| vehicle.id == shift.vehicle_id);
    let name_of = |shift: &ShiftRow| vehicle_of(shift).map_or_else(|| "–".to_owned(), |vehicle| vehicle.name.clone());
    show(&FleetPage {
        f: visitor.frame("dispatch", &visitor.texts().get("carriers-title")),
        ways: ways(&visitor, "fleet"),
        vehicles: vehicles.iter().map(|row| vehicle_line(row, &carriers, visitor.texts())).collect(),
        shifts: shifts.iter().map(|row| shift_line(row, name_of(row), &visitor)).collect(),
        may_keep: visitor.may(Permission::ManageVehicles),
    })
}

fn vehicle_line(row: &VehicleRow, carriers: &[Courier], texts: &Texts) -> VehicleLine {
    VehicleLine {
        href: format!("/portal/carriers/vehicles/{}", row.id),
        name: row.name.clone(),
        code: row.code.clone(),
        carrier: carrier_name(carriers, row.courier_id),
        boxes: texts.with("carriers-boxes-of", &[("n", &row.boxes), ("ml", &row.box_ml.ml())]),
        holds: texts.span(row.hold_time_minutes),
        speed: texts.one("carriers-kmh", "n", row.speed_kmh),
        state: tag_of_vehicle(texts, row.state),
    }
}

fn shift_line(row: &ShiftRow, vehicle: String, visitor: &Visitor) -> ShiftLine {
    let texts = visitor.texts();
    let moments = texts.moments();
    ShiftLine {
        href: format!("/portal/carriers/shifts/{}", row.id),
        from: moments.date_time(row.starts_at),
        until: moments.date_time(row.ends_at),
        vehicle,
        driver: row.driver_ref.clone().unwrap_or_else(|| "–".to_owned()),
        cut_off: row.last_pickup_at.map_or_else(|| "–".to_owned(), |at| moments.time(at)),
        state: tag_of_shift(texts, row.state),
    }
}
