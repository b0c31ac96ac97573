//! Shifts of vehicles.

use super::auth::{Allowed, permit::ManageVehicles, permit::ReadRoutes};
use super::conditional::{IfMatch, single};
use super::extract::{Body, PathId, Query};
use super::idempotency::{Creating, created, send};
use super::openapi::{ChangingHeaders, CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::sites::given;
use super::state::{Answer, State};
use crate::actions::dispatch::shifts::{self, ChangeShift, CreateShift, ShiftFilter, ShiftRow};
use crate::domain::dispatch::ShiftState;
use crate::domain::ids::{CourierId, ShiftId, SiteId, VehicleId};
use crate::domain::time::Instant;
use actix_web::{HttpRequest, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(create_shift, list_shifts, get_shift, change_shift);

/// A shift to be planned.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "vehicle_id": "019b8d2a-5c00-7000-8000-0000000000c2", "driver_ref": "driver-1",
    "end_site_id": "019b8d2a-5c00-7000-8000-0000000000b1",
    "starts_at": "2026-01-05T08:00:00Z", "ends_at": "2026-01-05T18:00:00Z"
}))]
struct ShiftBody {
    /// The vehicle.
    #[schema(value_type = String, format = "uuid")]
    vehicle_id: VehicleId,
    /// Pseudonym of the driver.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$")]
    driver_ref: Option<String>,
    /// Where it begins; at the vehicle's base, if left out.
    #[schema(value_type = Option<String>, format = "uuid")]
    start_site_id: Option<SiteId>,
    /// Where it ends; at its last stop, if left out.
    #[schema(value_type = Option<String>, format = "uuid")]
    end_site_id: Option<SiteId>,
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    starts_at: Instant,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Instant,
    /// No box comes aboard after this.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_pickup_at: Option<Instant>,
}

/// What changes about a shift; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ShiftChangeBody {
    /// Pseudonym of the driver; null takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    driver_ref: Option<Option<String>>,
    /// When it begins.
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Instant>,
    /// When it ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Instant>,
    /// The cut-off; null takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = DateTime)]
    last_pickup_at: Option<Option<Instant>>,
    /// `open`, `ended` or `cancelled`.
    #[schema(value_type = Option<String>, example = "ended")]
    state: Option<ShiftState>,
}

/// A shift.
#[derive(Serialize, ToSchema)]
#[schema(as = Shift)]
struct ShiftView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: ShiftId,
    /// The vehicle.
    #[schema(value_type = String, format = "uuid")]
    vehicle_id: VehicleId,
    /// Its courier.
    #[schema(value_type = String, format = "uuid")]
    courier_id: CourierId,
    /// Pseudonym of the driver.
    driver_ref: Option<String>,
    /// Where it begins.
    #[schema(value_type = String, format = "uuid")]
    start_site_id: SiteId,
    /// Where it ends.
    #[schema(value_type = Option<String>, format = "uuid")]
    end_site_id: Option<SiteId>,
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    starts_at: Instant,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Instant,
    /// The cut-off.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_pickup_at: Option<Instant>,
    /// `open`, `ended` or `cancelled`.
    #[schema(value_type = String)]
    state: ShiftState,
    /// First planned.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// Version for `If-Match`.
    version: i64,
}

impl From<&ShiftRow> for ShiftView {
    fn from(row: &ShiftRow) -> Self {
        let ShiftRow {
            id,
            vehicle_id,
            courier_id,
            driver_ref,
            start_site_id,
            end_site_id,
            starts_at,
            ends_at,
            last_pickup_at,
            state,
            version,
            created_at,
        } = row.clone();
        Self {
            id,
            vehicle_id,
            courier_id,
            driver_ref,
            start_site_id,
            end_site_id,
            starts_at,
            ends_at,
            last_pickup_at,
            state,
            created_at,
            version,
        }
    }
}

/// Which shifts.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ShiftsQuery {
    /// Only of this vehicle.
    #[param(value_type = Option<String>, format = "uuid")]
    vehicle_id: Option<VehicleId>,
    /// Only in this state.
    #[param(value_type = Option<String>, example = "open")]
    state: Option<ShiftState>,
    /// Only those that end after this.
    #[param(value_type = Option<String>, format = DateTime)]
    ends_after: Option<Instant>,
    /// Only those that begin before this.
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

/// Plans a shift.
#[utoipa::path(tag = "dispatch", params(CreatingHeaders), request_body = ShiftBody,
    responses((status = 201, description = "It is planned.", body = ShiftView)))]
#[post("/v1/shifts")]
async fn create_shift(call: Allowed<ManageVehicles>, state: State, creating: Creating<ShiftBody>) -> Answer {
    let Creating { body, once } = creating;
    let ShiftBody { vehicle_id, driver_ref, start_site_id, end_site_id, starts_at, ends_at, last_pickup_at } = body;
    let command =
        CreateShift { vehicle_id, driver_ref, start_site_id, end_site_id, starts_at, ends_at, last_pickup_at };
    let render = |made: &ShiftRow| created(format!("/v1/shifts/{}", made.id), made.version, &ShiftView::from(made));
    let answer = state.hub.write_once(&call, once, move |tx| shifts::create_shift(tx, &command), render).await?;
    Ok(send(answer))
}

/// Lists shifts: all for dispatchers, a courier's own for the courier.
#[utoipa::path(tag = "dispatch", params(ShiftsQuery),
    responses((status = 200, description = "A page of shifts.", body = Page<ShiftView>)))]
#[get("/v1/shifts")]
async fn list_shifts(
    call: Allowed<ReadRoutes>,
    state: State,
    request: HttpRequest,
    query: Query<ShiftsQuery>,
) -> Answer {
    let Query(query) = query;
    let page = state.pager.open::<ShiftId, _>(query.limit, query.cursor.as_deref(), &("shifts", &query))?;
    let (after, rows, actor) = (page.after, page.rows(), call.actor().clone());
    let ShiftsQuery { vehicle_id, state: wanted, ends_after, starts_before, limit: _, cursor: _ } = query;
    let filter = ShiftFilter { couriers: None, vehicle: vehicle_id, state: wanted, ends_after, starts_before };
    let found = state.hub.read(move |conn| shifts::list_shifts(conn, &actor, &filter, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |row| row.id, |row| ShiftView::from(row)))
}

/// Gives one shift.
#[utoipa::path(tag = "dispatch", params(IdInPath),
    responses((status = 200, description = "The shift.", body = ShiftView)))]
#[get("/v1/shifts/{id}")]
async fn get_shift(call: Allowed<ReadRoutes>, state: State, request: HttpRequest, id: PathId<ShiftId>) -> Answer {
    let (PathId(id), actor) = (id, call.actor().clone());
    let row = state.hub.read(move |conn| shifts::get_shift(conn, &actor, id)).await?;
    Ok(single(&request, row.version, &ShiftView::from(&row)))
}

/// Changes a shift, also during the day.
#[utoipa::path(tag = "dispatch", params(IdInPath, ChangingHeaders), request_body = ShiftChangeBody,
    responses((status = 200, description = "The changed shift.", body = ShiftView)))]
#[patch("/v1/shifts/{id}")]
async fn change_shift(
    call: Allowed<ManageVehicles>,
    state: State,
    request: HttpRequest,
    id: PathId<ShiftId>,
    version: IfMatch,
    body: Body<ShiftChangeBody>,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let ShiftChangeBody { driver_ref, starts_at, ends_at, last_pickup_at, state: wanted } = body.into_inner();
    let change = ChangeShift { driver_ref, starts_at, ends_at, last_pickup_at, state: wanted };
    let row = state.hub.write(&call, move |tx| shifts::change_shift(tx, id, version, &change)).await?;
    Ok(single(&request, row.version, &ShiftView::from(&row)))
}
