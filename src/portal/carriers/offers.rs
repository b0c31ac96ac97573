//! Routes offered to carriers: a dispatcher offers, the carrier's own people accept or say why not. What nobody
//! answers in time lapses.

use super::{Way, carrier_name, own_carriers, ways};
use crate::actions::ActionError;
use crate::actions::dispatch::carriers::{
    CarrierOfferRow, accept_offer, decline_offer, list_newest_offers, offer_route,
};
use crate::actions::dispatch::routes::{RouteDetail, RouteFilter, get_route, list_routes};
use crate::actions::dispatch::vehicles::list_vehicles;
use crate::domain::actor::Permission;
use crate::domain::dispatch::{CarrierOfferState, RouteState};
use crate::domain::ids::{CarrierOfferId, RouteId, VehicleId};
use crate::portal::fault::{Fault, see, show, show_with};
use crate::portal::fields::{ErrorSummary, Field};
use crate::portal::form::{Faults, Filled};
use crate::portal::frame::Frame;
use crate::portal::lot::{id_of, lacking};
use crate::portal::parts::Tag;
use crate::portal::signed::{Posted, Signed, Visitor, permit::DriveRoutes, permit::PlanRoutes, permit::ReadRoutes};
use crate::portal::state::Shown;
use crate::portal::texts::Texts;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use std::collections::BTreeMap;

/// Offers that the page shows, newest first.
const MOST: i64 = 100;
/// Routes that may be offered.
const MOST_ROUTES: i64 = 200;

/// Adds the routes of offers.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/carriers/offers", web::get().to(offers));
    config.route("/carriers/offers", web::post().to(offer));
    config.route("/carriers/offers/{id}/accept", web::post().to(accept));
    config.route("/carriers/offers/{id}/decline", web::post().to(decline));
}

struct OfferLine {
    id: String,
    version: i64,
    route: String,
    load: String,
    carrier: String,
    answer_by: String,
    state: Tag,
    reason: String,
    may_answer: bool,
}

#[derive(Template)]
#[template(path = "carrier_offers.html")]
struct OffersPage {
    f: Frame,
    ways: Vec<Way>,
    errors: Option<ErrorSummary>,
    fields: Vec<Field>,
    may_offer: bool,
    nothing_to_offer: bool,
    lines: Vec<OfferLine>,
}

fn tag_of(texts: &Texts, state: CarrierOfferState) -> Tag {
    let (tone, icon) = match state {
        CarrierOfferState::Proposed => ("warn", "clock"),
        CarrierOfferState::Accepted => ("ok", "check"),
        CarrierOfferState::Declined => ("crit", "x"),
        CarrierOfferState::Lapsed => ("", "hour"),
        CarrierOfferState::Withdrawn => ("", "x"),
    };
    Tag::new(tone, icon, texts.word("carrier-offer-is", state.as_str()))
}

/// What the page reads: offers with their routes, routes that wait for somebody, names of vehicles.
struct Read {
    offers: Vec<(CarrierOfferRow, RouteDetail)>,
    waiting: Vec<RouteDetail>,
    vehicles: BTreeMap<VehicleId, String>,
}

async fn read(visitor: &Visitor) -> Result<Read, Fault> {
    let actor = visitor.actor().clone();
    let look = move |conn: &mut _| {
        let mut offers = Vec::new();
        for row in list_newest_offers(conn, &actor, MOST)? {
            let route = get_route(conn, &actor, row.route_id)?;
            offers.push((row, route));
        }
        let planned = RouteFilter { states: vec![RouteState::Planned], ..RouteFilter::default() };
        let waiting = list_routes(conn, &actor, &planned, None, MOST_ROUTES)?;
        let vehicles = list_vehicles(conn, &actor, None, None, MOST_ROUTES)?;
        let vehicles = vehicles.into_iter().map(|vehicle| (vehicle.id, vehicle.name)).collect();
        Ok(Read { offers, waiting, vehicles })
    };
    Ok(visitor.state().hub.read(look).await?)
}

/// A route in a few words: its vehicle, and when it leaves.
fn name_of(read: &Read, route: &RouteDetail, texts: &Texts) -> String {
    let vehicle = read.vehicles.get(&route.head.vehicle_id).map_or("–", String::as_str);
    format!("{vehicle}, {}", texts.moments().date_time(route.head.starts_at))
}

async fn page(visitor: &Visitor, filled: &Filled) -> Result<OffersPage, Fault> {
    let (read, carriers) = (read(visitor).await?, own_carriers(visitor).await?);
    let (texts, now) = (visitor.texts(), visitor.now());
    let offered = |route: &&RouteDetail| {
        let open = |(row, _): &&(CarrierOfferRow, RouteDetail)| row.state == CarrierOfferState::Proposed;
        read.offers.iter().filter(open).any(|(row, _)| row.route_id == route.head.id)
    };
    let choice = |route: &RouteDetail| {
        let name = format!("{}: {}", carrier_name(&carriers, route.head.courier_id), name_of(&read, route, texts));
        (format!("{}:{}", route.head.id, route.head.version), name)
    };
    let choices: Vec<(String, String)> = read.waiting.iter().filter(|route| !offered(route)).map(choice).collect();
    let may_answer = visitor.may(Permission::DriveRoutes);
    let line = |(row, route): &(CarrierOfferRow, RouteDetail)| OfferLine {
        id: row.id.to_string(),
        version: row.version,
        route: name_of(&read, route, texts),
        load: texts.one("carriers-stops", "n", route.stops.len()),
        carrier: carrier_name(&carriers, row.courier_id),
        answer_by: texts.short_moment(row.answer_by, now),
        state: tag_of(texts, row.state),
        reason: row.reason.clone().unwrap_or_default(),
        may_answer: may_answer && row.state == CarrierOfferState::Proposed && row.answer_by > now,
    };
    Ok(OffersPage {
        f: lacking(visitor, visitor.frame("dispatch", &texts.get("carriers-offers"))),
        ways: ways(visitor, "offers"),
        errors: ErrorSummary::of(texts, texts.get("carriers-not-saved"), &filled.faults, visitor.request_id()),
        may_offer: visitor.may(Permission::PlanRoutes) && !choices.is_empty(),
        nothing_to_offer: visitor.may(Permission::PlanRoutes) && choices.is_empty(),
        fields: vec![
            filled.field("route", texts.get("carriers-route")).choose(choices).needed(),
            filled.field("answer_by", texts.get("carriers-answer-by")).kind("datetime-local", "off").needed(),
        ],
        lines: read.offers.iter().map(line).collect(),
    })
}

async fn offers(visitor: Signed<ReadRoutes>) -> Shown {
    show(&page(&visitor, &Filled::default()).await?)
}

async fn offer(posted: Posted<PlanRoutes>) -> Result<HttpResponse, Fault> {
    let (form, texts) = (&posted.form, posted.texts());
    let mut faults = Faults::default();
    let named = form.get("route").split_once(':').and_then(|(id, version)| {
        let id: RouteId = id.parse().ok()?;
        Some((id, version.parse::<i64>().ok()?))
    });
    let named = faults.need("route", named, || texts.get("form-choose"));
    let by = faults.need("answer_by", texts.moments().read(form.get("answer_by")), || texts.get("carriers-no-time"));
    if let (Some((id, version)), Some(by)) = (named, by) {
        let to = |_row: &CarrierOfferRow| "/portal/carriers/offers?done=route-offered".to_owned();
        match posted.once(move |tx| offer_route(tx, id, version, by), to).await {
            Err(ActionError::Invalid(errors)) => faults.take(&errors, &[("/answer_by", "answer_by")], texts),
            other => return Ok(other?),
        }
    }
    let filled = Filled { form: form.clone(), faults };
    Ok(show_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&posted, &filled).await?))
}

async fn accept(posted: Posted<DriveRoutes>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let (id, version) = (id_of::<CarrierOfferId>(&path)?, posted.form.whole("version").ok_or(Fault::Unreadable)?);
    let to = |_done: &(CarrierOfferRow, RouteDetail)| "/portal/carriers/offers?done=route-taken".to_owned();
    Ok(posted.once(move |tx| accept_offer(tx, id, version), to).await?)
}

async fn decline(posted: Posted<DriveRoutes>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let (id, version) = (id_of::<CarrierOfferId>(&path)?, posted.form.whole("version").ok_or(Fault::Unreadable)?);
    let reason = posted.form.get("reason").to_owned();
    if reason.is_empty() {
        return Ok(see("/portal/carriers/offers?missing=reason"));
    }
    let to = |_row: &CarrierOfferRow| "/portal/carriers/offers?done=route-declined".to_owned();
    Ok(posted.once(move |tx| decline_offer(tx, id, version, &reason), to).await?)
}
