//! Planning many boxes at once: asked for, watched, cancelled. The routes that come of it are routes like others.

use super::auth::{Allowed, permit::PlanRoutes as MayPlan, permit::ReadRoutes};
use super::extract::{PathId, Query};
use super::idempotency::{Creating, created, send};
use super::openapi::{CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::state::{Answer, State};
use crate::actions::dispatch::plans::{self, PlanRoutes, PlanRow};
use crate::domain::dispatch::PlanState;
use crate::domain::ids::{RoutePlanId, ShiftId, TransferId};
use crate::domain::time::Instant;
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(plan_routes, list_route_plans, get_route_plan, cancel_route_plan);

/// Seconds that a planning takes, if nothing else is asked for.
const USUAL_SECONDS: i64 = 5;

/// What is to be planned.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlanBody {
    /// These transfers; all that wait, if left out.
    #[schema(value_type = Option<Vec<String>>, max_items = 2000)]
    transfer_ids: Option<Vec<TransferId>>,
    /// In these shifts; all that are open within a day and a half, if left out.
    #[schema(value_type = Option<Vec<String>>, max_items = 2000)]
    shift_ids: Option<Vec<ShiftId>>,
    /// The time to plan in; five seconds, if left out.
    #[schema(minimum = 1, maximum = 120)]
    time_limit_s: Option<i64>,
    /// What cannot come in time may come late, as long as its milk keeps.
    #[serde(default)]
    accept_late: bool,
    /// Routes that nobody was given yet may be planned anew.
    #[serde(default)]
    replan: bool,
}

/// A planning.
#[derive(Serialize, ToSchema)]
#[schema(as = RoutePlan)]
struct PlanView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: RoutePlanId,
    /// `queued`, `running`, `done`, `cancelled` or `failed`. A cancelled one has kept the best plan until then.
    #[schema(value_type = String)]
    state: PlanState,
    /// Thousandths of its time.
    progress_permille: i64,
    /// Routes that were made or changed.
    routes: i64,
    /// Boxes that it leaves out.
    unassigned: i64,
    /// What its routes cost, cents.
    cost_cents: i64,
    /// Its routes, and each box that is left out with the reason and what would help.
    #[schema(value_type = Option<Object>)]
    outcome: Option<serde_json::Value>,
    /// When somebody asked to stop it.
    #[schema(value_type = Option<String>, format = DateTime)]
    cancel_asked_at: Option<Instant>,
    /// Who asked for it.
    created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// When it last moved on.
    #[schema(value_type = String, format = DateTime)]
    moved_at: Instant,
    /// When it was over.
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Instant>,
}

impl From<&PlanRow> for PlanView {
    fn from(row: &PlanRow) -> Self {
        let PlanRow {
            id,
            state,
            command: _,
            progress_permille,
            routes,
            unassigned,
            cost_cents,
            outcome,
            cancel_asked_at,
            created_by,
            created_at,
            moved_at,
            finished_at,
            version: _,
        } = row.clone();
        Self {
            id,
            state,
            progress_permille,
            routes,
            unassigned,
            cost_cents,
            outcome: outcome.and_then(|text| serde_json::from_str(&text).ok()),
            cancel_asked_at,
            created_by,
            created_at,
            moved_at,
            finished_at,
        }
    }
}

/// Starts a planning. Read it until it is over; its routes are planned then.
#[utoipa::path(tag = "dispatch", params(CreatingHeaders), request_body = PlanBody,
    responses((status = 201, description = "It is being worked on.", body = PlanView)))]
#[post("/v1/route-plans")]
async fn plan_routes(call: Allowed<MayPlan>, state: State, creating: Creating<PlanBody>) -> Answer {
    let Creating { body: PlanBody { transfer_ids, shift_ids, time_limit_s, accept_late, replan }, once } = creating;
    let time_limit_s = time_limit_s.unwrap_or(USUAL_SECONDS);
    let command = PlanRoutes { transfer_ids, shift_ids, time_limit_s, accept_late, replan };
    let made = std::sync::Arc::new(std::sync::Mutex::new(None));
    let seen = std::sync::Arc::clone(&made);
    let render = move |row: &PlanRow| {
        *seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(row.id);
        created(format!("/v1/route-plans/{}", row.id), row.version, &PlanView::from(row))
    };
    let answer = state.hub.write_once(&call, once, move |tx| plans::create_plan(tx, &command), render).await?;
    let id = *made.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(id) = id {
        plans::start(&state.hub, id);
    }
    Ok(send(answer))
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PlansQuery {
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    cursor: Option<String>,
}

/// Lists plannings, newest first.
#[utoipa::path(tag = "dispatch", params(PlansQuery),
    responses((status = 200, description = "A page of plannings.", body = Page<PlanView>)))]
#[get("/v1/route-plans")]
async fn list_route_plans(
    _call: Allowed<MayPlan>,
    state: State,
    request: HttpRequest,
    query: Query<PlansQuery>,
) -> Answer {
    let Query(PlansQuery { limit, cursor }) = query;
    let page = state.pager.open::<RoutePlanId, _>(limit, cursor.as_deref(), &"route-plans")?;
    let (before, rows) = (page.after, page.rows());
    let found = state.hub.read(move |conn| plans::list_plans(conn, before, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |row| row.id, |row| PlanView::from(row)))
}

/// Gives one planning, with its progress or its outcome.
#[utoipa::path(tag = "dispatch", params(IdInPath),
    responses((status = 200, description = "The planning.", body = PlanView)))]
#[get("/v1/route-plans/{id}")]
async fn get_route_plan(_call: Allowed<ReadRoutes>, state: State, id: PathId<RoutePlanId>) -> Answer {
    let PathId(id) = id;
    let row = state.hub.read(move |conn| plans::get_plan(conn, id)).await?;
    Ok(HttpResponse::Ok().json(PlanView::from(&row)))
}

/// Stops a planning; the best plan until then is kept.
#[utoipa::path(tag = "dispatch", params(IdInPath),
    responses((status = 200, description = "It will stop.", body = PlanView)))]
#[post("/v1/route-plans/{id}/cancel")]
async fn cancel_route_plan(call: Allowed<MayPlan>, state: State, id: PathId<RoutePlanId>) -> Answer {
    let PathId(id) = id;
    let row = state.hub.write(&call, move |tx| plans::cancel_plan(tx, id)).await?;
    Ok(HttpResponse::Ok().json(PlanView::from(&row)))
}
