//! Routes and the board, made and read. `route_edits.rs` changes them.

use super::auth::{Allowed, permit::PlanRoutes, permit::ReadRoutes};
use super::conditional::single;
use super::extract::{PathId, Query};
use super::idempotency::{Creating, created, send};
use super::openapi::{CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::route_views::{ChangeView, PositionView, RouteView};
use super::state::{Answer, State};
use crate::actions::dispatch::board::{self, WaitingBox};
use crate::actions::dispatch::editing;
use crate::actions::dispatch::routes::{self, RouteDetail, RouteFilter};
use crate::domain::dispatch::RouteState;
use crate::domain::ids::{RouteId, ShiftId, SiteId, TransferId, VehicleId};
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(
    read_board,
    create_route,
    list_routes,
    get_route,
    list_route_changes,
);

/// A box that waits for a vehicle.
#[derive(Serialize, ToSchema)]
#[schema(as = WaitingBox)]
struct WaitingView {
    /// Its transfer.
    #[schema(value_type = String, format = "uuid")]
    transfer_id: TransferId,
    /// Version of the transfer.
    transfer_version: i64,
    /// `planned` or `packed`.
    #[schema(value_type = String)]
    transfer_state: TransferState,
    /// The site that sends.
    #[schema(value_type = String, format = "uuid")]
    from_site_id: SiteId,
    /// The site that receives.
    #[schema(value_type = String, format = "uuid")]
    to_site_id: SiteId,
    /// Milk, mL.
    volume_ml: i64,
    /// Bottles.
    bottles: i64,
    /// The most urgent tier of its milk, 1 first.
    tier: i64,
    /// Its deadline.
    #[schema(value_type = String, format = DateTime)]
    needed_by: Instant,
    /// Minutes to spare if a vehicle came at once.
    slack_minutes: i64,
}

impl From<&WaitingBox> for WaitingView {
    fn from(waiting: &WaitingBox) -> Self {
        let WaitingBox { transfer, tier, needed_by, slack_minutes } = waiting;
        Self {
            transfer_id: transfer.id,
            transfer_version: transfer.version,
            transfer_state: transfer.state,
            from_site_id: transfer.from_site_id,
            to_site_id: transfer.to_site_id,
            volume_ml: transfer.volume_ml.ml(),
            bottles: transfer.bottles,
            tier: *tier,
            needed_by: *needed_by,
            slack_minutes: *slack_minutes,
        }
    }
}

/// Everything that dispatchers watch, the least to spare first.
#[derive(Serialize, ToSchema)]
#[schema(as = DispatchBoard)]
struct BoardView {
    /// Boxes without a route.
    waiting: Vec<WaitingView>,
    /// Open routes.
    routes: Vec<RouteView>,
    /// Where their vehicles were last.
    positions: Vec<PositionView>,
}

/// Gives the board: what waits for a vehicle and what is on the road.
#[utoipa::path(tag = "dispatch",
    responses((status = 200, description = "The board.", body = BoardView)))]
#[get("/v1/dispatch-board")]
async fn read_board(call: Allowed<ReadRoutes>, state: State) -> Answer {
    let (actor, now) = (call.actor().clone(), state.hub.clock.now());
    let board = state.hub.read(move |conn| board::read_board(conn, &actor, now)).await?;
    Ok(HttpResponse::Ok().json(BoardView {
        waiting: board.waiting.iter().map(WaitingView::from).collect(),
        routes: board.routes.iter().map(RouteView::from).collect(),
        positions: board.positions.iter().map(PositionView::from).collect(),
    }))
}

/// A route to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RouteBody {
    /// The shift that drives it; it has no open route yet.
    #[schema(value_type = String, format = "uuid")]
    shift_id: ShiftId,
    /// Transfers that are on no route.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 200)]
    transfer_ids: Vec<TransferId>,
    /// Boxes may come after their need, as long as their milk keeps.
    #[serde(default)]
    accept_late: bool,
}

/// Makes a route from boxes, in the best order that is found.
#[utoipa::path(tag = "dispatch", params(CreatingHeaders), request_body = RouteBody,
    responses((status = 201, description = "It is planned.", body = RouteView)))]
#[post("/v1/routes")]
async fn create_route(call: Allowed<PlanRoutes>, state: State, creating: Creating<RouteBody>) -> Answer {
    let Creating { body: RouteBody { shift_id, transfer_ids, accept_late }, once } = creating;
    let render = |made: &RouteDetail| {
        created(format!("/v1/routes/{}", made.head.id), made.head.version, &RouteView::from(made))
    };
    let answer = state
        .hub
        .write_once(&call, once, move |tx| editing::create_route(tx, shift_id, &transfer_ids, accept_late), render)
        .await?;
    Ok(send(answer))
}

/// Which routes.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RoutesQuery {
    /// Only in this state.
    #[param(value_type = Option<String>, example = "running")]
    state: Option<RouteState>,
    /// Only of this vehicle.
    #[param(value_type = Option<String>, format = "uuid")]
    vehicle_id: Option<VehicleId>,
    /// Only those over after this.
    #[param(value_type = Option<String>, format = DateTime)]
    ends_after: Option<Instant>,
    /// Only those that leave before this.
    #[param(value_type = Option<String>, format = DateTime)]
    starts_before: Option<Instant>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    cursor: Option<String>,
}

/// Lists routes: all for dispatchers, a courier's own for the courier.
#[utoipa::path(tag = "dispatch", params(RoutesQuery),
    responses((status = 200, description = "A page of routes.", body = Page<RouteView>)))]
#[get("/v1/routes")]
async fn list_routes(
    call: Allowed<ReadRoutes>,
    state: State,
    request: HttpRequest,
    query: Query<RoutesQuery>,
) -> Answer {
    let Query(query) = query;
    let page = state.pager.open::<RouteId, _>(query.limit, query.cursor.as_deref(), &("routes", &query))?;
    let (after, rows, actor) = (page.after, page.rows(), call.actor().clone());
    let RoutesQuery { state: wanted, vehicle_id, ends_after, starts_before, limit: _, cursor: _ } = query;
    let states = wanted.into_iter().collect();
    let filter = RouteFilter { couriers: None, states, vehicle: vehicle_id, ends_after, starts_before };
    let found = state.hub.read(move |conn| routes::list_routes(conn, &actor, &filter, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |one| one.head.id, |one| RouteView::from(one)))
}

/// Gives one route.
#[utoipa::path(tag = "dispatch", params(IdInPath),
    responses((status = 200, description = "The route.", body = RouteView)))]
#[get("/v1/routes/{id}")]
async fn get_route(call: Allowed<ReadRoutes>, state: State, request: HttpRequest, id: PathId<RouteId>) -> Answer {
    let (PathId(id), actor) = (id, call.actor().clone());
    let detail = state.hub.read(move |conn| routes::get_route(conn, &actor, id)).await?;
    // What is aboard and when it arrives moves without a new version, so that no answer may be "not modified".
    Ok(shown(&request, &detail))
}

/// A route as an answer.
pub(super) fn shown(request: &HttpRequest, detail: &RouteDetail) -> HttpResponse {
    let mut answer = single(request, detail.head.version, &RouteView::from(detail));
    if answer.status() == actix_web::http::StatusCode::NOT_MODIFIED {
        answer = HttpResponse::Ok()
            .insert_header((actix_web::http::header::ETAG, super::conditional::etag(detail.head.version)))
            .json(RouteView::from(detail));
    }
    answer
}

/// After which version.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ChangesQuery {
    /// Only what changed after this version.
    #[serde(default)]
    #[param(minimum = 0)]
    after_version: i64,
}

/// What changed on a route.
#[derive(Serialize, ToSchema)]
#[schema(as = RouteChanges)]
struct ChangesView {
    /// Oldest first.
    items: Vec<ChangeView>,
}

/// Says what changed on a route, by whom and when.
#[utoipa::path(tag = "dispatch", params(IdInPath, ChangesQuery),
    responses((status = 200, description = "Its changes.", body = ChangesView)))]
#[get("/v1/routes/{id}/changes")]
async fn list_route_changes(
    call: Allowed<ReadRoutes>,
    state: State,
    id: PathId<RouteId>,
    query: Query<ChangesQuery>,
) -> Answer {
    let (PathId(id), Query(ChangesQuery { after_version }), actor) = (id, query, call.actor().clone());
    let found = state.hub.read(move |conn| routes::list_changes(conn, &actor, id, after_version)).await?;
    Ok(HttpResponse::Ok().json(ChangesView { items: found.iter().map(ChangeView::from).collect() }))
}
