//! Planning a journey: what is promised to one site and waits, who carries it, when, and in which packing.

use super::fault::{Fault, show, show_with};
use super::fields::{Choice, Choices, ErrorSummary, Field};
use super::form::{Faults, Filled, Form};
use super::frame::Frame;
use super::packing_choice::{PackingPart, packing_part};
use super::parts::SiteName;
use super::rule_text::refusal_lines;
use super::signed::{Posted, Signed, Visitor, permit::MoveMilk};
use super::state::Shown;
use super::texts::Texts;
use super::transfers::name_of;
use crate::actions::ActionError;
use crate::actions::packing_fits::{AskPackings, PackingChoice, list_packing_choice};
use crate::actions::transfer_sheet::{ToSend, list_to_send};
use crate::actions::transfers::{PlanTransfer, TransferDetail, plan_transfer};
use crate::domain::ids::{AllocationId, CourierId, PackingId, SiteId};
use crate::domain::time::Instant;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// Minutes from now to the usual collection, and from there to the usual delivery.
const USUAL_MINUTES: (i64, i64) = (60, 120);

/// Adds the routes of the plan.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/transfers/new", web::get().to(blank));
    config.route("/transfers/new", web::post().to(plan));
}

#[derive(Deserialize)]
struct PlanQuery {
    #[serde(default)]
    to: String,
}

struct Destination {
    href: String,
    name: SiteName,
    load: String,
    current: bool,
}

struct PlanForm {
    to: String,
    allocations: Choices,
    fields: Vec<Field>,
    packing: Option<PackingPart>,
}

/// What a plan needs before anything can be said of it.
struct Journey {
    allocations: Vec<AllocationId>,
    courier: CourierId,
    pickup_at: Instant,
    delivery_at: Instant,
}

#[derive(Template)]
#[template(path = "transfer_new.html")]
struct PlanPage {
    f: Frame,
    errors: Option<ErrorSummary>,
    destinations: Vec<Destination>,
    form: Option<PlanForm>,
}

async fn waiting(visitor: &Visitor) -> Result<ToSend, Fault> {
    let (actor, from) = (visitor.actor().clone(), visitor.site().ok_or(Fault::NotFound)?.id);
    Ok(visitor.state().hub.read(move |conn| list_to_send(conn, &actor, from)).await?)
}

/// The packings of a journey; nothing while something of it is missing.
async fn packings_for(visitor: &Visitor, form: &Form) -> Result<Option<PackingChoice>, Fault> {
    let Some(Journey { allocations, courier, pickup_at, delivery_at }) =
        journey_of(form, visitor.texts(), &mut Faults::default())
    else {
        return Ok(None);
    };
    let (actor, asked) = (visitor.actor().clone(), AskPackings { allocations, courier, pickup_at, delivery_at });
    Ok(Some(visitor.state().hub.read(move |conn| list_packing_choice(conn, &actor, &asked)).await?))
}

fn page(
    visitor: &Visitor,
    waiting: &ToSend,
    to: Option<SiteId>,
    (filled, found): (&Filled, Option<&PackingChoice>),
) -> PlanPage {
    let texts = visitor.texts();
    let destinations = waiting.sites.iter().map(|site| {
        let of_site = waiting.allocations.iter().filter(|row| row.to_site_id == site.id);
        let (bottles, ml) = of_site.fold((0, 0), |(bottles, ml), row| (bottles + row.bottles, ml + row.volume_ml.ml()));
        Destination {
            href: format!("/portal/transfers/new?to={}", site.id),
            name: name_of(&waiting.sites, site.id),
            load: format!("{}, {}", texts.one("unit-bottles", "n", bottles), texts.millilitres(ml)),
            current: Some(site.id) == to,
        }
    });
    let heading = texts.get("plan-not-planned");
    PlanPage {
        f: visitor.frame("transfers", &texts.get("plan-title")),
        errors: ErrorSummary::of(texts, heading, &filled.faults, visitor.request_id()),
        destinations: destinations.collect(),
        form: to.map(|to| PlanForm {
            packing: packing_part(found, filled, texts),
            ..form_of(visitor, waiting, to, filled)
        }),
    }
}

fn form_of(visitor: &Visitor, waiting: &ToSend, to: SiteId, filled: &Filled) -> PlanForm {
    let (texts, now) = (visitor.texts(), visitor.now());
    let chosen = filled.form.all("allocation");
    let options = waiting.allocations.iter().filter(|row| row.to_site_id == to).map(|row| Choice {
        value: row.id.to_string(),
        label: texts.one("unit-bottles", "n", row.bottles) + ", " + &texts.millilitres(row.volume_ml.ml()),
        note: Some(texts.one("plan-lapses", "at", texts.short_moment(row.lapses_at, now))),
        chosen: chosen.contains(&row.id.as_str()),
    });
    let couriers = waiting.couriers.iter().filter(|courier| courier.refuses(now).is_none());
    let couriers = couriers.map(|courier| (courier.id.to_string(), format!("{}, {}", courier.name, courier.packaging)));
    PlanForm {
        to: to.to_string(),
        allocations: Choices {
            name: "allocation".to_owned(),
            legend: texts.get("plan-what"),
            quiet: false,
            hint: None,
            kind: "checkbox",
            options: options.collect(),
            fault: filled.faults.of("allocation").map(str::to_owned),
        },
        fields: vec![
            filled.field("courier", texts.get("transfer-courier")).choose(couriers.collect()),
            filled.field("pickup", texts.get("transfer-pickup")).kind("datetime-local", "off").needed(),
            filled.field("delivery", texts.get("transfer-delivery")).kind("datetime-local", "off").needed(),
            filled.field("logger", texts.get("plan-logger")).hint(texts.get("plan-logger-hint")),
        ],
        packing: None,
    }
}

async fn blank(visitor: Signed<MoveMilk>, query: web::Query<PlanQuery>) -> Shown {
    let waiting = waiting(&visitor).await?;
    let asked: Option<SiteId> = query.to.parse().ok();
    let only = waiting.sites.first().map(|site| site.id).filter(|_| waiting.sites.len() == 1);
    let to = asked.filter(|to| waiting.sites.iter().any(|site| site.id == *to)).or(only);
    let moments = visitor.texts().moments();
    let pickup = visitor.now().plus_minutes(USUAL_MINUTES.0);
    let carrier = waiting.couriers.iter().find(|courier| courier.refuses(visitor.now()).is_none());
    let mut pairs = vec![
        ("courier", carrier.map(|courier| courier.id.to_string()).unwrap_or_default()),
        ("pickup", moments.field_value(pickup)),
        ("delivery", moments.field_value(pickup.plus_minutes(USUAL_MINUTES.1))),
    ];
    let of_site = waiting.allocations.iter().filter(|row| Some(row.to_site_id) == to);
    pairs.extend(of_site.map(|row| ("allocation", row.id.to_string())));
    let filled = Filled { form: Form::of(&pairs), faults: Faults::default() };
    let found = packings_for(&visitor, &filled.form).await?;
    show(&page(&visitor, &waiting, to, (&filled, found.as_ref())))
}

/// Reads the journey and notes what is missing.
fn journey_of(form: &Form, texts: &Texts, faults: &mut Faults) -> Option<Journey> {
    let missing = || texts.get("form-missing");
    let courier: Option<CourierId> =
        faults.need("courier", form.get("courier").parse().ok(), || texts.get("form-choose"));
    let pickup_at = faults.need("pickup", texts.moments().read(form.get("pickup")), missing);
    let delivery_at = faults.need("delivery", texts.moments().read(form.get("delivery")), missing);
    let allocations: Vec<AllocationId> = form.all("allocation").iter().filter_map(|id| id.parse().ok()).collect();
    if allocations.is_empty() {
        faults.note("allocation", texts.get("form-choose"));
    }
    faults.is_empty().then_some(())?;
    Some(Journey { allocations, courier: courier?, pickup_at: pickup_at?, delivery_at: delivery_at? })
}

/// The packing that was chosen. One that was chosen for another journey and does not do for this one is a fault, as
/// long as another does.
fn packing_of(form: &Form, found: &PackingChoice, texts: &Texts, faults: &mut Faults) -> Option<PackingId> {
    let chosen: PackingId = form.get("packing").parse().ok()?;
    let mut fitting =
        found.packings.iter().filter(|(_, found)| found.is_ok()).map(|(packing, _)| packing.id).peekable();
    fitting.peek()?;
    if fitting.any(|id| id == chosen) {
        return Some(chosen);
    }
    faults.note("packing", texts.get("plan-packing-changed"));
    None
}

async fn plan(posted: Posted<MoveMilk>) -> Result<HttpResponse, Fault> {
    let waiting = waiting(&posted).await?;
    let to: Option<SiteId> = posted.form.get("to").parse().ok();
    let (form, texts) = (&posted.form, posted.texts());
    let found = packings_for(&posted, form).await?;
    let again = |status: StatusCode, faults: Faults| {
        let filled = Filled { form: posted.form.clone(), faults };
        show_with(status, &page(&posted, &waiting, to, (&filled, found.as_ref())))
    };
    let mut faults = Faults::default();
    let journey = journey_of(form, texts, &mut faults);
    if form.has("look") && journey.is_some() {
        return Ok(again(StatusCode::OK, faults));
    }
    let packing = found.as_ref().and_then(|found| packing_of(form, found, texts, &mut faults));
    let Some(Journey { allocations, courier, pickup_at, delivery_at }) = journey.filter(|_| faults.is_empty()) else {
        return Ok(again(StatusCode::UNPROCESSABLE_ENTITY, faults));
    };
    let logger_ref = form.has("logger").then(|| form.get("logger").to_owned());
    let command = PlanTransfer { allocations, courier, pickup_at, delivery_at, packing, packaging: None, logger_ref };
    let to_page = |detail: &TransferDetail| format!("/portal/transfers/{}?done=transfer-planned", detail.head.id);
    match posted.once(move |tx| plan_transfer(tx, &command), to_page).await {
        Ok(answer) => Ok(answer),
        Err(ActionError::Invalid(errors)) => {
            let fields = [
                ("/allocation_ids", "allocation"),
                ("/courier_id", "courier"),
                ("/planned_pickup_at", "pickup"),
                ("/planned_delivery_at", "delivery"),
                ("/logger_ref", "logger"),
            ];
            faults.take(&errors, &fields, texts);
            Ok(again(StatusCode::UNPROCESSABLE_ENTITY, faults))
        }
        Err(ActionError::Refused(refusals)) => {
            for line in refusal_lines(texts, &refusals) {
                faults.note("", line.to_string());
            }
            Ok(again(StatusCode::UNPROCESSABLE_ENTITY, faults))
        }
        Err(other) => Err(other.into()),
    }
}
