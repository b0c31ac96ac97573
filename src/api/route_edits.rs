//! What dispatchers do to routes: order, assign, take back, cancel, give elsewhere, swap. Each change names the
//! version it was decided on; who comes second gets 412 with what changed since.

use super::auth::{Allowed, permit::PlanRoutes};
use super::conditional::IfMatch;
use super::extract::{Body, PathId};
use super::openapi::{ChangingHeaders, IdInPath, operations};
use super::route_views::RouteView;
use super::routes::shown;
use super::state::{Answer, State};
use crate::actions::dispatch::docking;
use crate::actions::dispatch::editing::{self, WantedStop};
use crate::actions::dispatch::handing::{self, Handed};
use crate::actions::dispatch::turning_back;
use crate::domain::dispatch::StopKind;
use crate::domain::ids::{RouteId, ShiftId, SiteId, TransferId};
use actix_web::{HttpRequest, HttpResponse, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

operations!(order_stops, assign_route, unassign_route, cancel_route, give_boxes, swap_routes, dock_box, turn_back_box);

/// A stop as it is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WantedStopBody {
    /// The box.
    #[schema(value_type = String, format = "uuid")]
    transfer_id: TransferId,
    /// `pickup` or `delivery`; `drop` or `take` where the route has one.
    #[schema(value_type = String, example = "pickup")]
    kind: StopKind,
}

/// The stops still to come, in the order wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OrderBody {
    /// All of them; a box that is left out waits again, one that is new is added.
    #[schema(max_items = 400)]
    stops: Vec<WantedStopBody>,
    /// Boxes may come after their need, as long as their milk keeps.
    #[serde(default)]
    accept_late: bool,
}

/// Puts the stops still to come into another order, with boxes added or taken off. Every reason against it is named.
#[utoipa::path(tag = "dispatch", params(IdInPath, ChangingHeaders), request_body = OrderBody,
    responses((status = 200, description = "The changed route.", body = RouteView)))]
#[put("/v1/routes/{id}/stops")]
async fn order_stops(
    call: Allowed<PlanRoutes>,
    state: State,
    request: HttpRequest,
    id: PathId<RouteId>,
    version: IfMatch,
    body: Body<OrderBody>,
) -> Answer {
    let (PathId(id), IfMatch(version), OrderBody { stops, accept_late }) = (id, version, body.into_inner());
    let wanted: Vec<WantedStop> =
        stops.into_iter().map(|WantedStopBody { transfer_id, kind }| WantedStop { transfer_id, kind }).collect();
    let detail = state.hub.write(&call, move |tx| editing::order_stops(tx, id, version, &wanted, accept_late)).await?;
    Ok(shown(&request, &detail))
}

/// Who drives.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AssignBody {
    /// Pseudonym of the driver; the shift's, if left out.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$")]
    driver_ref: Option<String>,
}

/// Gives a route to its driver.
#[utoipa::path(tag = "dispatch", params(IdInPath, ChangingHeaders), request_body = AssignBody,
    responses((status = 200, description = "It is assigned.", body = RouteView)))]
#[post("/v1/routes/{id}/assign")]
async fn assign_route(
    call: Allowed<PlanRoutes>,
    state: State,
    request: HttpRequest,
    id: PathId<RouteId>,
    version: IfMatch,
    body: Body<AssignBody>,
) -> Answer {
    let (PathId(id), IfMatch(version), AssignBody { driver_ref }) = (id, version, body.into_inner());
    let detail =
        state.hub.write(&call, move |tx| editing::assign_route(tx, id, version, driver_ref.as_deref())).await?;
    Ok(shown(&request, &detail))
}

/// Takes a route back from its driver before it has left.
#[utoipa::path(tag = "dispatch", params(IdInPath, ChangingHeaders),
    responses((status = 200, description = "It is planned again.", body = RouteView)))]
#[post("/v1/routes/{id}/unassign")]
async fn unassign_route(
    call: Allowed<PlanRoutes>,
    state: State,
    request: HttpRequest,
    id: PathId<RouteId>,
    version: IfMatch,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let detail = state.hub.write(&call, move |tx| editing::unassign_route(tx, id, version)).await?;
    Ok(shown(&request, &detail))
}

/// Why a route is not driven.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CancelBody {
    /// In a few words.
    #[schema(max_length = 500)]
    reason: String,
}

/// Cancels a route with nothing aboard; its boxes wait for another one.
#[utoipa::path(tag = "dispatch", params(IdInPath, ChangingHeaders), request_body = CancelBody,
    responses((status = 200, description = "It is cancelled.", body = RouteView)))]
#[post("/v1/routes/{id}/cancel")]
async fn cancel_route(
    call: Allowed<PlanRoutes>,
    state: State,
    request: HttpRequest,
    id: PathId<RouteId>,
    version: IfMatch,
    body: Body<CancelBody>,
) -> Answer {
    let (PathId(id), IfMatch(version), CancelBody { reason }) = (id, version, body.into_inner());
    let detail = state.hub.write(&call, move |tx| editing::cancel_route(tx, id, version, &reason)).await?;
    Ok(shown(&request, &detail))
}

/// Where boxes go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GiveBody {
    /// Another shift; its route is made when it has none.
    #[schema(value_type = String, format = "uuid")]
    shift_id: ShiftId,
    /// These boxes; all that are not aboard, if left out.
    #[schema(value_type = Option<Vec<String>>, max_items = 200)]
    transfer_ids: Option<Vec<TransferId>>,
}

/// Two routes after boxes went from one to the other.
#[derive(Serialize, ToSchema)]
#[schema(as = HandedBoxes)]
struct HandedView {
    /// The route that gave.
    from: RouteView,
    /// The route that took.
    to: RouteView,
}

impl From<&Handed> for HandedView {
    fn from(handed: &Handed) -> Self {
        let Handed { from, to } = handed;
        Self { from: RouteView::from(from), to: RouteView::from(to) }
    }
}

/// Gives boxes of a route to another shift: all of them, or some, which splits the route.
#[utoipa::path(tag = "dispatch", params(IdInPath, ChangingHeaders), request_body = GiveBody,
    responses((status = 200, description = "They went.", body = HandedView)))]
#[post("/v1/routes/{id}/give")]
async fn give_boxes(
    call: Allowed<PlanRoutes>,
    state: State,
    id: PathId<RouteId>,
    version: IfMatch,
    body: Body<GiveBody>,
) -> Answer {
    let (PathId(id), IfMatch(version), GiveBody { shift_id, transfer_ids }) = (id, version, body.into_inner());
    let handed = state
        .hub
        .write(&call, move |tx| handing::give_boxes(tx, id, version, shift_id, transfer_ids.as_deref()))
        .await?;
    Ok(HttpResponse::Ok().json(HandedView::from(&handed)))
}

/// The other route.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SwapBody {
    /// The route to swap with.
    #[schema(value_type = String, format = "uuid")]
    other_route_id: RouteId,
    /// The version of it that was read.
    #[schema(minimum = 1)]
    other_version: i64,
}

/// Swaps the boxes that are not aboard between two routes.
#[utoipa::path(tag = "dispatch", params(IdInPath, ChangingHeaders), request_body = SwapBody,
    responses((status = 200, description = "They are swapped.", body = HandedView)))]
#[post("/v1/routes/{id}/swap")]
async fn swap_routes(
    call: Allowed<PlanRoutes>,
    state: State,
    id: PathId<RouteId>,
    version: IfMatch,
    body: Body<SwapBody>,
) -> Answer {
    let (PathId(id), IfMatch(version), SwapBody { other_route_id, other_version }) = (id, version, body.into_inner());
    let handed = state
        .hub
        .write(&call, move |tx| handing::swap_routes(tx, (id, version), (other_route_id, other_version)))
        .await?;
    Ok(HttpResponse::Ok().json(HandedView::from(&handed)))
}

/// A box that changes vehicles.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DockBody {
    /// The box.
    #[schema(value_type = String, format = "uuid")]
    transfer_id: TransferId,
    /// The bank or depot in whose freezer it waits.
    #[schema(value_type = String, format = "uuid")]
    depot_site_id: SiteId,
    /// The shift that takes it on; its route is made when it has none.
    #[schema(value_type = String, format = "uuid")]
    shift_id: ShiftId,
}

/// Leaves a box of a route at a depot, where another shift takes it on.
#[utoipa::path(tag = "dispatch", params(IdInPath, ChangingHeaders), request_body = DockBody,
    responses((status = 200, description = "Both routes.", body = HandedView)))]
#[post("/v1/routes/{id}/dock")]
async fn dock_box(
    call: Allowed<PlanRoutes>,
    state: State,
    id: PathId<RouteId>,
    version: IfMatch,
    body: Body<DockBody>,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let DockBody { transfer_id, depot_site_id, shift_id } = body.into_inner();
    let handed = state
        .hub
        .write(&call, move |tx| docking::dock_box(tx, (id, version), transfer_id, depot_site_id, shift_id))
        .await?;
    Ok(HttpResponse::Ok().json(HandedView::from(&handed)))
}

/// A box that goes back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TurnBackBody {
    /// The box; it is aboard.
    #[schema(value_type = String, format = "uuid")]
    transfer_id: TransferId,
    /// Why, in a few words.
    #[schema(max_length = 500)]
    reason: String,
}

/// Sends a box that is aboard back to its sender, within the hold time of its packaging; its requests are planned anew.
#[utoipa::path(tag = "dispatch", params(IdInPath, ChangingHeaders), request_body = TurnBackBody,
    responses((status = 200, description = "The route with the way back.", body = RouteView)))]
#[post("/v1/routes/{id}/turn-back")]
async fn turn_back_box(
    call: Allowed<PlanRoutes>,
    state: State,
    request: HttpRequest,
    id: PathId<RouteId>,
    version: IfMatch,
    body: Body<TurnBackBody>,
) -> Answer {
    let (PathId(id), IfMatch(version), TurnBackBody { transfer_id, reason }) = (id, version, body.into_inner());
    let detail =
        state.hub.write(&call, move |tx| turning_back::turn_back(tx, (id, version), transfer_id, &reason)).await?;
    Ok(shown(&request, &detail))
}
