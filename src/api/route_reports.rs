//! Stops as couriers report them, and the alarms that follow.

use super::auth::{Allowed, permit::DriveRoutes, permit::PlanRoutes, permit::ReadRoutes};
use super::conditional::{IfMatch, single};
use super::extract::{PathId, Query};
use super::idempotency::{Creating, saved, send};
use super::openapi::{ChangingHeaders, CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::route_views::{AlarmView, RouteView};
use super::state::{Answer, State};
use crate::actions::dispatch::progress::{self, Reported, StopReport};
use crate::actions::dispatch::{alarms, routes};
use crate::domain::dispatch::{AlarmState, StopProblem};
use crate::domain::ids::{AlarmId, BottleId, RouteId, StopId};
use crate::domain::time::Instant;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(report_stop, list_route_alarms, acknowledge_route_alarm);

/// What happened at a stop.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StopReport)]
pub(super) struct StopReportBody {
    /// The stop.
    #[schema(value_type = String, format = "uuid")]
    pub(super) stop_id: StopId,
    /// The reporter's own name for the step, such as a UUID; a repeat adds nothing.
    #[schema(min_length = 1, max_length = 64)]
    step_ref: String,
    /// `arrived`, `done` or `failed`.
    #[schema(value_type = String, example = "done")]
    what: Reported,
    /// By the device's clock; now, if left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Instant>,
    /// Why it could not be done: `site_closed`, `nobody_there`, `box_not_ready`, `seal_broken`, `too_warm`,
    /// `vehicle_broken`, `road_blocked`, `refused` or `other`.
    #[schema(value_type = Option<String>)]
    problem: Option<StopProblem>,
    /// In words.
    #[schema(max_length = 1000)]
    note: Option<String>,
    /// The seal seen.
    #[schema(max_length = 64)]
    seal_number: Option<String>,
    /// The code of the receiving door.
    #[schema(max_length = 16)]
    handover_code: Option<String>,
    /// The reference of a signature.
    #[schema(max_length = 200)]
    signature_ref: Option<String>,
    /// The reference of a photo.
    #[schema(max_length = 200)]
    photo_ref: Option<String>,
    /// The code of the box as it was scanned, or at least its last four letters; that of another box is refused.
    #[schema(min_length = 4, max_length = 200)]
    box_code: Option<String>,
    /// The bottles scanned.
    #[schema(value_type = Option<Vec<String>>, max_items = 1000)]
    scanned_bottle_ids: Option<Vec<BottleId>>,
    /// What was seen, kept as it is sent; the hub reads no key of it.
    #[schema(value_type = Option<Object>)]
    condition: Option<serde_json::Map<String, serde_json::Value>>,
}

impl From<StopReportBody> for StopReport {
    fn from(body: StopReportBody) -> Self {
        let StopReportBody {
            stop_id: _,
            step_ref,
            what,
            at,
            problem,
            note,
            seal_number,
            handover_code,
            signature_ref,
            photo_ref,
            box_code,
            scanned_bottle_ids,
            condition,
        } = body;
        Self {
            step_ref,
            what,
            at,
            problem,
            note,
            seal_number,
            handover_code,
            signature_ref,
            photo_ref,
            box_code,
            scanned: scanned_bottle_ids,
            condition: condition.map(serde_json::Value::Object),
        }
    }
}

/// Reports that a stop was reached, made or given up. It is a step of custody at the same time.
#[utoipa::path(tag = "dispatch", params(IdInPath, CreatingHeaders), request_body = StopReportBody,
    responses((status = 200, description = "The route as it stands now.", body = RouteView)))]
#[post("/v1/routes/{id}/reports")]
async fn report_stop(
    call: Allowed<DriveRoutes>,
    state: State,
    id: PathId<RouteId>,
    creating: Creating<StopReportBody>,
) -> Answer {
    let (PathId(id), Creating { body, once }) = (id, creating);
    let stop = body.stop_id;
    let report = StopReport::from(body);
    let answer = state
        .hub
        .write_once(
            &call,
            once,
            move |tx| {
                progress::report_stop(tx, id, stop, &report)?;
                routes::get_route(tx.conn, tx.actor, id)
            },
            |detail| saved(StatusCode::OK, &RouteView::from(detail)),
        )
        .await?;
    Ok(send(answer))
}

/// Which alarms.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AlarmsQuery {
    /// Only in this state.
    #[param(value_type = Option<String>, example = "open")]
    state: Option<AlarmState>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    cursor: Option<String>,
}

/// Lists alarms of routes: late, silent, warm.
#[utoipa::path(tag = "dispatch", params(AlarmsQuery),
    responses((status = 200, description = "A page of alarms.", body = Page<AlarmView>)))]
#[get("/v1/route-alarms")]
async fn list_route_alarms(
    call: Allowed<ReadRoutes>,
    state: State,
    request: HttpRequest,
    query: Query<AlarmsQuery>,
) -> Answer {
    let Query(query) = query;
    let page = state.pager.open::<AlarmId, _>(query.limit, query.cursor.as_deref(), &("alarms", &query))?;
    let (after, rows, actor, wanted) = (page.after, page.rows(), call.actor().clone(), query.state);
    let found = state.hub.read(move |conn| alarms::list_alarms(conn, &actor, wanted, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |row| row.id, |row| AlarmView::from(row)))
}

/// Takes an alarm: the caller sees to it from now on.
#[utoipa::path(tag = "dispatch", params(IdInPath, ChangingHeaders),
    responses((status = 200, description = "It is theirs.", body = AlarmView)))]
#[post("/v1/route-alarms/{id}/acknowledge")]
async fn acknowledge_route_alarm(
    call: Allowed<PlanRoutes>,
    state: State,
    request: HttpRequest,
    id: PathId<AlarmId>,
    version: IfMatch,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let row = state.hub.write(&call, move |tx| alarms::acknowledge_alarm(tx, id, version)).await?;
    Ok(single(&request, row.version, &AlarmView::from(&row)))
}
