//! A vehicle: registered, or changed while it is at work. What changes holds for every plan from then on.

use super::{FormPage, own_carriers};
use crate::actions::ActionError;
use crate::actions::dispatch::vehicles::{
    ChangeVehicle, CreateVehicle, VehicleRow, change_vehicle, create_vehicle, get_vehicle,
};
use crate::domain::courier::Courier;
use crate::domain::dispatch::VehicleState;
use crate::domain::ids::{CourierId, VehicleId};
use crate::domain::quantity::Volume;
use crate::portal::fault::{Fault, show, show_with};
use crate::portal::fields::Field;
use crate::portal::form::{Faults, Filled, Form};
use crate::portal::lot::id_of;
use crate::portal::signed::{Posted, Signed, Visitor, permit::ManageVehicles};
use crate::portal::state::Shown;
use crate::portal::texts::Texts;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

/// Where the faults of the use cases belong in the forms.
const FIELDS: &[(&str, &str)] = &[
    ("/code", "code"),
    ("/name", "name"),
    ("/kind", "kind"),
    ("/boxes", "boxes"),
    ("/box_ml", "box_ml"),
    ("/hold_time_minutes", "hold"),
    ("/speed_kmh", "speed"),
    ("/cents_per_km", "per_km"),
    ("/cents_per_hour", "per_hour"),
    ("/cents_per_start", "per_start"),
];

/// Adds the routes of a vehicle.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/carriers/vehicles/new", web::get().to(blank));
    config.route("/carriers/vehicles/new", web::post().to(register));
    config.route("/carriers/vehicles/{id}", web::get().to(open));
    config.route("/carriers/vehicles/{id}", web::post().to(change));
}

/// What both forms ask: room, hold, speed, cost.
fn figures(filled: &Filled, texts: &Texts) -> Vec<Field> {
    let number = |name: &'static str, label: &str, unit: &str| {
        filled.field(name, texts.get(label)).number(texts.get(unit), "numeric")
    };
    let money = |name: &'static str, label: &str| {
        filled.field(name, texts.get(label)).number(texts.get("carriers-money"), "decimal")
    };
    vec![
        number("boxes", "carriers-boxes", "carriers-unit-boxes").needed(),
        number("hold", "carriers-holds", "carriers-unit-minutes").hint(texts.get("carriers-as-carrier")),
        number("speed", "carriers-speed", "carriers-unit-kmh").hint(texts.get("carriers-as-carrier")),
        money("per_km", "carriers-per-km"),
        money("per_hour", "carriers-per-hour"),
        money("per_start", "carriers-per-start"),
    ]
}

fn new_page(visitor: &Visitor, carriers: &[Courier], filled: &Filled) -> FormPage {
    let texts = visitor.texts();
    let choice = |carrier: &Courier| (carrier.id.to_string(), carrier.name.clone());
    let mut fields = vec![
        filled.field("carrier", texts.get("carriers-carrier")).choose(carriers.iter().map(choice).collect()).needed(),
        filled.field("name", texts.get("carriers-name")).needed(),
        filled.field("code", texts.get("carriers-code")).hint(texts.get("carriers-code-hint")).needed(),
        filled.field("kind", texts.get("carriers-kind")).hint(texts.get("carriers-kind-hint")).needed(),
        filled.field("box_ml", texts.get("carriers-box-ml")).number("mL".to_owned(), "numeric").needed(),
    ];
    fields.extend(figures(filled, texts));
    FormPage::new(visitor, "carriers-new-vehicle", filled, ("/portal/carriers/vehicles/new".to_owned(), None), fields)
}

async fn blank(visitor: Signed<ManageVehicles>) -> Shown {
    let carriers = own_carriers(&visitor).await?;
    show(&new_page(&visitor, &carriers, &Filled::default()))
}

/// The figures as they were typed; what was left out is none.
struct Figures {
    boxes: Option<i64>,
    hold: Option<i64>,
    speed: Option<i64>,
    per_km: Option<i64>,
    per_hour: Option<i64>,
    per_start: Option<i64>,
}

impl Figures {
    fn read(form: &Form, texts: &Texts, faults: &mut Faults) -> Self {
        let mut number = |name: &str, read: Option<i64>| {
            if form.has(name) && read.is_none() {
                faults.note(name, texts.get("form-not-a-number"));
            }
            read
        };
        Self {
            boxes: number("boxes", form.whole("boxes")),
            hold: number("hold", form.whole("hold")),
            speed: number("speed", form.whole("speed")),
            per_km: number("per_km", form.decimal("per_km", 2)),
            per_hour: number("per_hour", form.decimal("per_hour", 2)),
            per_start: number("per_start", form.decimal("per_start", 2)),
        }
    }
}

async fn register(posted: Posted<ManageVehicles>) -> Result<HttpResponse, Fault> {
    let (form, texts) = (&posted.form, posted.texts());
    let carriers = own_carriers(&posted).await?;
    let mut faults = Faults::default();
    for name in ["name", "code", "kind", "boxes", "box_ml"] {
        if !form.has(name) {
            faults.note(name, texts.get("form-missing"));
        }
    }
    let carrier: Option<CourierId> = form.get("carrier").parse().ok();
    let carrier = faults.need("carrier", carrier, || texts.get("form-choose"));
    let figures = Figures::read(form, texts, &mut faults);
    let again = |faults: Faults| {
        let filled = Filled { form: form.clone(), faults };
        show_with(StatusCode::UNPROCESSABLE_ENTITY, &new_page(&posted, &carriers, &filled))
    };
    let Some(courier_id) = carrier.filter(|_| faults.is_empty()) else { return Ok(again(faults)) };
    let command = CreateVehicle {
        courier_id,
        code: form.get("code").to_owned(),
        name: form.get("name").to_owned(),
        kind: form.get("kind").to_owned(),
        base_site_id: None,
        boxes: figures.boxes.unwrap_or(0),
        box_ml: Volume::from_ml(form.whole("box_ml").unwrap_or(0)),
        packaging: None,
        hold_time_minutes: figures.hold,
        speed_kmh: figures.speed,
        cents_per_km: figures.per_km.unwrap_or(0),
        cents_per_hour: figures.per_hour.unwrap_or(0),
        cents_per_start: figures.per_start.unwrap_or(0),
    };
    let to = |_row: &VehicleRow| "/portal/carriers?done=vehicle-registered".to_owned();
    match posted.once(move |tx| create_vehicle(tx, &command), to).await {
        Ok(answer) => Ok(answer),
        Err(ActionError::Invalid(errors)) => {
            faults.take(&errors, FIELDS, texts);
            Ok(again(faults))
        }
        Err(other) => Err(other.into()),
    }
}

fn change_page(visitor: &Visitor, id: VehicleId, version: i64, filled: &Filled) -> FormPage {
    let texts = visitor.texts();
    let states = VehicleState::ALL.iter().map(|state| {
        let word = state.as_str();
        (word.to_owned(), texts.word("vehicle-is", word))
    });
    let mut fields = vec![
        filled
            .field("state", texts.get("carriers-state"))
            .hint(texts.get("carriers-state-hint"))
            .choose(states.collect()),
        filled.field("name", texts.get("carriers-name")).needed(),
    ];
    fields.extend(figures(filled, texts));
    let action = (format!("/portal/carriers/vehicles/{id}"), Some(version));
    FormPage::new(visitor, "carriers-vehicle", filled, action, fields)
}

/// Cents as people write them.
fn money(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

async fn open(visitor: Signed<ManageVehicles>, path: web::Path<String>) -> Shown {
    let (id, actor) = (id_of::<VehicleId>(&path)?, visitor.actor().clone());
    let row = visitor.state().hub.read(move |conn| get_vehicle(conn, &actor, id)).await?;
    let form = Form::of(&[
        ("state", row.state.as_str().to_owned()),
        ("name", row.name.clone()),
        ("boxes", row.boxes.to_string()),
        ("hold", row.hold_time_minutes.to_string()),
        ("speed", row.speed_kmh.to_string()),
        ("per_km", money(row.cents_per_km)),
        ("per_hour", money(row.cents_per_hour)),
        ("per_start", money(row.cents_per_start)),
    ]);
    show(&change_page(&visitor, id, row.version, &Filled { form, faults: Faults::default() }))
}

async fn change(posted: Posted<ManageVehicles>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let (form, texts) = (&posted.form, posted.texts());
    let id = id_of::<VehicleId>(&path)?;
    let version = form.whole("version").ok_or(Fault::Unreadable)?;
    let mut faults = Faults::default();
    let figures = Figures::read(form, texts, &mut faults);
    let state = faults.need("state", form.get("state").parse::<VehicleState>().ok(), || texts.get("form-choose"));
    let again = |faults: Faults| {
        let filled = Filled { form: form.clone(), faults };
        show_with(StatusCode::UNPROCESSABLE_ENTITY, &change_page(&posted, id, version, &filled))
    };
    if !faults.is_empty() {
        return Ok(again(faults));
    }
    let change = ChangeVehicle {
        name: Some(form.get("name").to_owned()),
        boxes: figures.boxes,
        hold_time_minutes: figures.hold,
        speed_kmh: figures.speed,
        cents_per_km: figures.per_km,
        cents_per_hour: figures.per_hour,
        cents_per_start: figures.per_start,
        state,
    };
    let to = |_row: &VehicleRow| "/portal/carriers?done=vehicle-changed".to_owned();
    match posted.once(move |tx| change_vehicle(tx, id, version, &change), to).await {
        Ok(answer) => Ok(answer),
        Err(ActionError::Invalid(errors)) => {
            faults.take(&errors, FIELDS, texts);
            Ok(again(faults))
        }
        Err(other) => Err(other.into()),
    }
}
