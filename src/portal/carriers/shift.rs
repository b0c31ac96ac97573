//! A shift: planned, or changed during the day: another driver, earlier home, a cut-off, cancelled.

use super::FormPage;
use crate::actions::ActionError;
use crate::actions::dispatch::shifts::{ChangeShift, CreateShift, ShiftRow, change_shift, create_shift, get_shift};
use crate::actions::dispatch::vehicles::{VehicleRow, list_vehicles};
use crate::domain::dispatch::{ShiftState, VehicleState};
use crate::domain::ids::{ShiftId, VehicleId};
use crate::domain::time::Instant;
use crate::portal::fault::{Fault, show, show_with};
use crate::portal::fields::Field;
use crate::portal::form::{Faults, Filled, Form};
use crate::portal::lot::id_of;
use crate::portal::signed::{Posted, Signed, Visitor, permit::ManageVehicles};
use crate::portal::state::Shown;
use crate::portal::texts::Texts;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

/// Vehicles to choose from.
const MOST_VEHICLES: i64 = 500;
/// Where the faults of the use cases belong in the forms.
const FIELDS: &[(&str, &str)] = &[
    ("/vehicle_id", "vehicle"),
    ("/driver_ref", "driver"),
    ("/starts_at", "from"),
    ("/ends_at", "until"),
    ("/last_pickup_at", "cut_off"),
];

/// Adds the routes of a shift.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/carriers/shifts/new", web::get().to(blank));
    config.route("/carriers/shifts/new", web::post().to(plan));
    config.route("/carriers/shifts/{id}", web::get().to(open));
    config.route("/carriers/shifts/{id}", web::post().to(change));
}

/// What both forms ask: driver and times.
fn times(filled: &Filled, texts: &Texts) -> Vec<Field> {
    let at = |name: &'static str, label: &str| filled.field(name, texts.get(label)).kind("datetime-local", "off");
    vec![
        at("from", "carriers-from").needed(),
        at("until", "carriers-until").needed(),
        at("cut_off", "carriers-cut-off").hint(texts.get("carriers-cut-off-hint")),
        filled.field("driver", texts.get("carriers-driver")).hint(texts.get("carriers-driver-hint")),
    ]
}

async fn vehicles_of(visitor: &Visitor) -> Result<Vec<VehicleRow>, Fault> {
    let actor = visitor.actor().clone();
    let mut found =
        visitor.state().hub.read(move |conn| list_vehicles(conn, &actor, None, None, MOST_VEHICLES)).await?;
    found.retain(|vehicle| vehicle.state == VehicleState::Active);
    Ok(found)
}

fn new_page(visitor: &Visitor, vehicles: &[VehicleRow], filled: &Filled) -> FormPage {
    let texts = visitor.texts();
    let choice = |vehicle: &VehicleRow| (vehicle.id.to_string(), vehicle.name.clone());
    let mut fields = vec![
        filled.field("vehicle", texts.get("carriers-vehicle")).choose(vehicles.iter().map(choice).collect()).needed(),
    ];
    fields.extend(times(filled, texts));
    FormPage::new(visitor, "carriers-new-shift", filled, ("/portal/carriers/shifts/new".to_owned(), None), fields)
}

async fn blank(visitor: Signed<ManageVehicles>) -> Shown {
    let vehicles = vehicles_of(&visitor).await?;
    show(&new_page(&visitor, &vehicles, &Filled::default()))
}

/// From, until and cut-off as they were typed.
fn read_times(form: &Form, texts: &Texts, faults: &mut Faults) -> (Option<Instant>, Option<Instant>, Option<Instant>) {
    let at = |name: &str| texts.moments().read(form.get(name));
    let from = faults.need("from", at("from"), || texts.get("form-missing"));
    let until = faults.need("until", at("until"), || texts.get("form-missing"));
    let cut_off = at("cut_off");
    if form.has("cut_off") && cut_off.is_none() {
        faults.note("cut_off", texts.get("carriers-no-time"));
    }
    (from, until, cut_off)
}

fn driver_of(form: &Form) -> Option<String> {
    form.has("driver").then(|| form.get("driver").to_owned())
}

async fn plan(posted: Posted<ManageVehicles>) -> Result<HttpResponse, Fault> {
    let (form, texts) = (&posted.form, posted.texts());
    let vehicles = vehicles_of(&posted).await?;
    let mut faults = Faults::default();
    let vehicle: Option<VehicleId> = form.get("vehicle").parse().ok();
    let vehicle = faults.need("vehicle", vehicle, || texts.get("form-choose"));
    let (from, until, last_pickup_at) = read_times(form, texts, &mut faults);
    let again = |faults: Faults| {
        let filled = Filled { form: form.clone(), faults };
        show_with(StatusCode::UNPROCESSABLE_ENTITY, &new_page(&posted, &vehicles, &filled))
    };
    let (Some(vehicle_id), Some(starts_at), Some(ends_at), true) = (vehicle, from, until, faults.is_empty()) else {
        return Ok(again(faults));
    };
    let command = CreateShift {
        vehicle_id,
        driver_ref: driver_of(form),
        start_site_id: None,
        end_site_id: None,
        starts_at,
        ends_at,
        last_pickup_at,
    };
    let to = |_row: &ShiftRow| "/portal/carriers?done=shift-planned".to_owned();
    match posted.once(move |tx| create_shift(tx, &command), to).await {
        Ok(answer) => Ok(answer),
        Err(ActionError::Invalid(errors)) => {
            faults.take(&errors, FIELDS, texts);
            Ok(again(faults))
        }
        Err(other) => Err(other.into()),
    }
}

fn change_page(visitor: &Visitor, id: ShiftId, version: i64, filled: &Filled) -> FormPage {
    let texts = visitor.texts();
    let states = ShiftState::ALL.iter().map(|state| {
        let word = state.as_str();
        (word.to_owned(), texts.word("shift-is", word))
    });
    let mut fields = times(filled, texts);
    fields.push(filled.field("state", texts.get("carriers-state")).choose(states.collect()));
    FormPage::new(visitor, "carriers-shift", filled, (format!("/portal/carriers/shifts/{id}"), Some(version)), fields)
}

async fn open(visitor: Signed<ManageVehicles>, path: web::Path<String>) -> Shown {
    let (id, actor) = (id_of::<ShiftId>(&path)?, visitor.actor().clone());
    let row = visitor.state().hub.read(move |conn| get_shift(conn, &actor, id)).await?;
    let moments = visitor.texts().moments();
    let form = Form::of(&[
        ("from", moments.field_value(row.starts_at)),
        ("until", moments.field_value(row.ends_at)),
        ("cut_off", row.last_pickup_at.map(|at| moments.field_value(at)).unwrap_or_default()),
        ("driver", row.driver_ref.clone().unwrap_or_default()),
        ("state", row.state.as_str().to_owned()),
    ]);
    show(&change_page(&visitor, id, row.version, &Filled { form, faults: Faults::default() }))
}

async fn change(posted: Posted<ManageVehicles>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let (form, texts) = (&posted.form, posted.texts());
    let id = id_of::<ShiftId>(&path)?;
    let version = form.whole("version").ok_or(Fault::Unreadable)?;
    let mut faults = Faults::default();
    let (from, until, cut_off) = read_times(form, texts, &mut faults);
    let state = faults.need("state", form.get("state").parse::<ShiftState>().ok(), || texts.get("form-choose"));
    let again = |faults: Faults| {
        let filled = Filled { form: form.clone(), faults };
        show_with(StatusCode::UNPROCESSABLE_ENTITY, &change_page(&posted, id, version, &filled))
    };
    if !faults.is_empty() {
        return Ok(again(faults));
    }
    let change = ChangeShift {
        driver_ref: Some(driver_of(form)),
        starts_at: from,
        ends_at: until,
        last_pickup_at: Some(cut_off),
        state,
    };
    let to = |_row: &ShiftRow| "/portal/carriers?done=shift-changed".to_owned();
    match posted.once(move |tx| change_shift(tx, id, version, &change), to).await {
        Ok(answer) => Ok(answer),
        Err(ActionError::Invalid(errors)) => {
            faults.take(&errors, FIELDS, texts);
            Ok(again(faults))
        }
        Err(other) => Err(other.into()),
    }
}
