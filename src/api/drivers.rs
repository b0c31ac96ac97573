//! A driver's link: made by a dispatcher, opened by a phone, which then reads its route and sends what it kept
//! while it had no signal. The link itself says who may do it; no token is needed.

use super::auth::{Allowed, permit::PlanRoutes};
use super::conditional::IfMatch;
use super::extract::{Body, PathId};
use super::openapi::{ChangingHeaders, IdInPath, operations};
use super::problem::{Problem, ProblemCode};
use super::route_reports::StopReportBody;
use super::route_views::RouteView;
use super::state::{Answer, State};
use crate::actions::dispatch::driver::{self, DriverRoute, DriverStep, StepAnswer};
use crate::actions::dispatch::links::{self, MadeLink};
use crate::domain::geography::Position;
use crate::domain::ids::{DriverLinkId, RouteId, SiteId};
use crate::domain::time::Instant;
use actix_web::{HttpResponse, http::header::CACHE_CONTROL, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

operations!(make_driver_link, open_driver_route, send_driver_steps, send_driver_position);

/// Most steps of one sending.
const MOST_STEPS: usize = 100;

/// A link and the code that opens it, shown once.
#[derive(Serialize, ToSchema)]
#[schema(as = DriverLink)]
struct LinkView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: DriverLinkId,
    /// The route that it opens.
    #[schema(value_type = String, format = "uuid")]
    route_id: RouteId,
    /// The code; whoever has it may drive the route.
    code: String,
    /// The page that it opens, below the hub's address.
    path: String,
    /// It opens nothing after this.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
}

/// Makes a link for the driver of a route. Earlier links of the route open nothing any more; a route that nobody was
/// given yet is assigned by it.
#[utoipa::path(tag = "dispatch", params(IdInPath, ChangingHeaders),
    responses((status = 200, description = "The link, with its code.", body = LinkView)))]
#[post("/v1/routes/{id}/driver-links")]
async fn make_driver_link(
    call: Allowed<PlanRoutes>,
    state: State,
    id: PathId<RouteId>,
    version: IfMatch,
) -> Answer {
    let (PathId(id), IfMatch(version), key) = (id, version, state.driver_links.clone());
    let MadeLink { row, code } = state.hub.write(&call, move |tx| links::make_link(tx, &key, id, version)).await?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(LinkView {
        id: row.id,
        route_id: row.route_id,
        path: format!("/portal/drive/{code}"),
        code,
        expires_at: row.expires_at,
    }))
}

/// What a phone shows to be let in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OpenBody {
    /// The code of the link.
    #[schema(max_length = 200)]
    code: String,
    /// The phone's own name, made once and kept; the first phone that opens a link keeps it.
    #[schema(min_length = 8, max_length = 64)]
    device: String,
}

/// A site as a driver needs it.
#[derive(Serialize, ToSchema)]
#[schema(as = DriverSite)]
struct DriverSiteView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: SiteId,
    /// Its name.
    name: String,
    /// Its name in its own script.
    name_local: Option<String>,
    /// City.
    city: String,
    /// Degrees north.
    latitude: f64,
    /// Degrees east.
    longitude: f64,
}

/// Everything a phone shows.
#[derive(Serialize, ToSchema)]
#[schema(as = DriverRoute)]
struct DriverRouteView {
    /// The route with its stops.
    route: RouteView,
    /// The sites of its stops.
    sites: Vec<DriverSiteView>,
    /// The vehicle's name.
    vehicle: String,
    /// How boxes stay cold, in words.
    packaging: String,
    /// When the shift ends.
    #[schema(value_type = String, format = DateTime)]
    shift_ends_at: Instant,
    /// The most urgent tier aboard or to come, 1 first.
    tier: Option<i64>,
    /// Until when the link works.
    #[schema(value_type = String, format = DateTime)]
    link_expires_at: Instant,
    /// The hub's clock.
    #[schema(value_type = String, format = DateTime)]
    now: Instant,
}

fn route_view(found: &DriverRoute, now: Instant) -> DriverRouteView {
    let DriverRoute { route, shift, vehicle, sites, tier, expires_at } = found;
    let sites = sites.values().map(|site| {
        let (latitude, longitude) = site.position.degrees();
        DriverSiteView {
            id: site.id,
            name: site.name.clone(),
            name_local: site.name_local.clone(),
            city: site.city.clone(),
            latitude,
            longitude,
        }
    });
    DriverRouteView {
        route: RouteView::from(route),
        sites: sites.collect(),
        vehicle: vehicle.name.clone(),
        packaging: vehicle.packaging.clone(),
        shift_ends_at: shift.ends_at,
        tier: *tier,
        link_expires_at: *expires_at,
        now,
    }
}

/// Opens a driver's link and gives its route.
#[utoipa::path(tag = "drivers", security(()), request_body = OpenBody,
    responses((status = 200, description = "The route.", body = DriverRouteView)))]
#[post("/v1/driver/route")]
async fn open_driver_route(state: State, body: Body<OpenBody>) -> Answer {
    let (OpenBody { code, device }, key) = (body.into_inner(), state.driver_links.clone());
    let call = driver::unknown_driver();
    let found =
        state.hub.write_quietly(&call, move |tx| driver::open_route(tx, &key, &code, &device)).await?;
    let view = route_view(&found, state.hub.clock.now());
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(view))
}

/// Steps that a phone kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DriverStepsBody {
    /// The code of the link.
    #[schema(max_length = 200)]
    code: String,
    /// The phone's own name.
    #[schema(min_length = 8, max_length = 64)]
    device: String,
    /// In the order in which they happened.
    #[schema(min_items = 1, max_items = 100)]
    steps: Vec<StopReportBody>,
}

/// What became of a step.
#[derive(Serialize, ToSchema)]
#[schema(as = StepAnswer)]
struct StepAnswerView {
    /// The phone's name for the step.
    step_ref: String,
    /// `taken`, `repeated`, or `refused`: do not send it again.
    outcome: &'static str,
    /// Why it was refused.
    detail: Option<String>,
}

/// What became of the steps, and the route as it stands now.
#[derive(Serialize, ToSchema)]
#[schema(as = DriverStepsAnswer)]
struct DriverStepsView {
    /// In the order in which they were sent.
    steps: Vec<StepAnswerView>,
    /// The route.
    route: DriverRouteView,
}

/// Sends steps that a phone kept while it had no signal. Each is taken once, whatever becomes of the others; a repeat
/// adds nothing.
#[utoipa::path(tag = "drivers", security(()), request_body = DriverStepsBody,
    responses((status = 200, description = "What became of them.", body = DriverStepsView)))]
#[post("/v1/driver/steps")]
async fn send_driver_steps(state: State, body: Body<DriverStepsBody>) -> Answer {
    let DriverStepsBody { code, device, steps } = body.into_inner();
    if steps.is_empty() || steps.len() > MOST_STEPS {
        let detail = "Send 1 to 100 steps at a time.";
        return Err(Problem::field(ProblemCode::BodyInvalid, "/steps", "out_of_range", detail));
    }
    let call = driver::unknown_driver();
    let mut answers = Vec::with_capacity(steps.len());
    for body in steps {
        let step = DriverStep { stop_id: body.stop_id, report: body.into() };
        let step_ref = step.report.step_ref.clone();
        let (key, code, device) = (state.driver_links.clone(), code.clone(), device.clone());
        let taken = state.hub.write(&call, move |tx| driver::take_step(tx, &key, (&code, &device), &step)).await;
        let StepAnswer { step_ref, outcome, detail } = match taken {
            Ok(answer) => answer,
            Err(error) => match driver::refusal_of(&step_ref, &error) {
                Some(answer) => answer,
                None => return Err(error.into()),
            },
        };
        answers.push(StepAnswerView { step_ref, outcome, detail });
    }
    let key = state.driver_links.clone();
    let found =
        state.hub.write_quietly(&call, move |tx| driver::open_route(tx, &key, &code, &device)).await?;
    let route = route_view(&found, state.hub.clock.now());
    Ok(HttpResponse::Ok().json(DriverStepsView { steps: answers, route }))
}

/// Where a phone is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DriverPositionBody {
    /// The code of the link.
    #[schema(max_length = 200)]
    code: String,
    /// The phone's own name.
    #[schema(min_length = 8, max_length = 64)]
    device: String,
    /// Degrees north.
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
    /// Degrees east.
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
    /// By the phone's clock.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
}

/// Says where the phone is. One from the future is refused.
#[utoipa::path(tag = "drivers", security(()), request_body = DriverPositionBody,
    responses((status = 204, description = "It is kept.")))]
#[post("/v1/driver/positions")]
async fn send_driver_position(state: State, body: Body<DriverPositionBody>) -> Answer {
    let DriverPositionBody { code, device, latitude, longitude, at } = body.into_inner();
    let position = Position::from_degrees(latitude, longitude).map_err(|nowhere| {
        Problem::field(ProblemCode::BodyInvalid, "/latitude", "out_of_range", &nowhere.to_string())
    })?;
    let (call, key) = (driver::unknown_driver(), state.driver_links.clone());
    state
        .hub
        .write_quietly(&call, move |tx| driver::take_position(tx, &key, (&code, &device), position, at))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
