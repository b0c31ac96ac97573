//! One more box in running routes, priced before it is accepted.

use super::auth::{Allowed, permit::PlanRoutes};
use super::conditional::IfMatch;
use super::extract::{Body, PathId, Query};
use super::openapi::{ChangingHeaders, IdInPath, operations};
use super::route_views::RouteView;
use super::routes::shown;
use super::state::{Answer, State};
use crate::actions::dispatch::insertion::{self, InsertionOption, LaterBox};
use crate::domain::dispatch::UnassignedReason;
use crate::domain::ids::{RouteId, ShiftId, TransferId, VehicleId};
use crate::domain::time::Instant;
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(price_insertion, insert_box);

/// Which box.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PriceQuery {
    /// The transfer; it is on no route.
    #[param(value_type = String, format = "uuid")]
    transfer_id: TransferId,
    /// It may come after its need, as long as its milk keeps.
    #[serde(default)]
    accept_late: bool,
}

/// A box that comes later because of another.
#[derive(Serialize, ToSchema)]
#[schema(as = LaterBox)]
struct LaterView {
    /// The box.
    #[schema(value_type = String, format = "uuid")]
    transfer_id: TransferId,
    /// Minutes later.
    minutes: i64,
    /// Minutes to spare then.
    slack_minutes: i64,
}

/// A vehicle that could take the box, with the price.
#[derive(Serialize, ToSchema)]
#[schema(as = InsertionOption)]
struct OptionView {
    /// The shift.
    #[schema(value_type = String, format = "uuid")]
    shift_id: ShiftId,
    /// The vehicle.
    #[schema(value_type = String, format = "uuid")]
    vehicle_id: VehicleId,
    /// Its open route; without one, make a route for the shift.
    #[schema(value_type = Option<String>, format = "uuid")]
    route_id: Option<RouteId>,
    /// The version of that route that was priced.
    route_version: Option<i64>,
    /// When the box comes aboard.
    #[schema(value_type = String, format = DateTime)]
    pickup_at: Instant,
    /// When it arrives.
    #[schema(value_type = String, format = DateTime)]
    delivery_at: Instant,
    /// Minutes to spare then.
    slack_minutes: i64,
    /// Metres more.
    added_m: i64,
    /// Seconds more.
    added_s: i64,
    /// Cents more.
    added_cents: i64,
    /// Who gets milk later.
    later: Vec<LaterView>,
}

impl From<&InsertionOption> for OptionView {
    fn from(option: &InsertionOption) -> Self {
        let InsertionOption {
            shift_id,
            vehicle_id,
            route,
            pickup_at,
            delivery_at,
            slack_minutes,
            added_m,
            added_s,
            added_cents,
            later,
        } = option.clone();
        let later = later.into_iter().map(|LaterBox { transfer_id, minutes, slack_minutes }| LaterView {
            transfer_id,
            minutes,
            slack_minutes,
        });
        Self {
            shift_id,
            vehicle_id,
            route_id: route.map(|(id, _)| id),
            route_version: route.map(|(_, version)| version),
            pickup_at,
            delivery_at,
            slack_minutes,
            added_m,
            added_s,
            added_cents,
            later: later.collect(),
        }
    }
}

/// The prices of a box.
#[derive(Serialize, ToSchema)]
#[schema(as = InsertionPrices)]
struct PricesView {
    /// Vehicles that could take it, the cheapest first.
    options: Vec<OptionView>,
    /// Why none can, as a stable word.
    #[schema(value_type = Option<String>)]
    reason: Option<UnassignedReason>,
    /// What would help.
    remedy: Option<&'static str>,
}

/// Prices a box in every open shift; nothing is changed.
#[utoipa::path(tag = "dispatch", params(PriceQuery),
    responses((status = 200, description = "The prices.", body = PricesView)))]
#[get("/v1/insertion-prices")]
async fn price_insertion(call: Allowed<PlanRoutes>, state: State, query: Query<PriceQuery>) -> Answer {
    let Query(PriceQuery { transfer_id, accept_late }) = query;
    let (actor, now) = (call.actor().clone(), state.hub.clock.now());
    let prices = state
        .hub
        .read(move |conn| insertion::price_insertion(conn, &actor, transfer_id, accept_late, now))
        .await?;
    Ok(HttpResponse::Ok().json(PricesView {
        options: prices.options.iter().map(OptionView::from).collect(),
        remedy: prices.reason.map(UnassignedReason::remedy),
        reason: prices.reason,
    }))
}

/// The box.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InsertBody {
    /// The transfer; it is on no route.
    #[schema(value_type = String, format = "uuid")]
    transfer_id: TransferId,
    /// It may come after its need, as long as its milk keeps.
    #[serde(default)]
    accept_late: bool,
}

/// Puts a box into a route where it is cheapest.
#[utoipa::path(tag = "dispatch", params(IdInPath, ChangingHeaders), request_body = InsertBody,
    responses((status = 200, description = "It is on the route.", body = RouteView)))]
#[post("/v1/routes/{id}/insert")]
async fn insert_box(
    call: Allowed<PlanRoutes>,
    state: State,
    request: HttpRequest,
    id: PathId<RouteId>,
    version: IfMatch,
    body: Body<InsertBody>,
) -> Answer {
    let (PathId(id), IfMatch(version), InsertBody { transfer_id, accept_late }) = (id, version, body.into_inner());
    let detail =
        state.hub.write(&call, move |tx| insertion::insert_box(tx, id, version, transfer_id, accept_late)).await?;
    Ok(shown(&request, &detail))
}
