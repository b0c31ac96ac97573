//! Vehicles of couriers, and where they are.

use super::auth::{Allowed, permit::DriveRoutes, permit::ManageVehicles, permit::ReadRoutes};
use super::conditional::{IfMatch, single};
use super::extract::{Body, PathId, Query};
use super::idempotency::{Creating, created, send};
use super::openapi::{ChangingHeaders, CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::problem::{Problem, ProblemCode};
use super::state::{Answer, State};
use crate::actions::dispatch::positions::{self, ReportedPosition};
use crate::actions::dispatch::vehicles::{self, ChangeVehicle, CreateVehicle, VehicleRow};
use crate::domain::dispatch::VehicleState;
use crate::domain::geography::Position;
use crate::domain::ids::{CourierId, SiteId, VehicleId};
use crate::domain::quantity::Volume;
use crate::domain::time::Instant;
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(create_vehicle, list_vehicles, get_vehicle, change_vehicle, report_positions);

/// A vehicle to be registered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "courier_id": "019b8d2a-5c00-7000-8000-0000000000c1", "code": "van-1", "name": "Van 1", "kind": "van",
    "boxes": 4, "box_ml": 1000, "cents_per_km": 50, "cents_per_hour": 3000, "cents_per_start": 500
}))]
struct VehicleBody {
    /// Whose it is.
    #[schema(value_type = String, format = "uuid")]
    courier_id: CourierId,
    /// Short stable code, unique with its courier.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$")]
    code: String,
    /// Its name.
    #[schema(max_length = 200)]
    name: String,
    /// What it is, as a short word.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$", example = "motorcycle")]
    kind: String,
    /// Where it stands; at the courier's base, if left out.
    #[schema(value_type = Option<String>, format = "uuid")]
    base_site_id: Option<SiteId>,
    /// Boxes that fit.
    #[schema(minimum = 1, maximum = 1000)]
    boxes: i64,
    /// Most milk in a box, mL.
    #[schema(value_type = i64, minimum = 1)]
    box_ml: Volume,
    /// Packaging in words; the courier's, if left out.
    #[schema(max_length = 500)]
    packaging: Option<String>,
    /// Minutes for which it holds a box that no packing was proven for; the courier's, if left out.
    #[schema(minimum = 1, maximum = 43200)]
    hold_time_minutes: Option<i64>,
    /// Mean road speed, km/h; the courier's, if left out.
    #[schema(minimum = 1, maximum = 1200)]
    speed_kmh: Option<i64>,
    /// Cost of a kilometre, hundredths of the hub's currency.
    #[serde(default)]
    #[schema(minimum = 0)]
    cents_per_km: i64,
    /// Cost of an hour, hundredths of the hub's currency.
    #[serde(default)]
    #[schema(minimum = 0)]
    cents_per_hour: i64,
    /// Cost of a start, hundredths of the hub's currency.
    #[serde(default)]
    #[schema(minimum = 0)]
    cents_per_start: i64,
}

/// What changes about a vehicle; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VehicleChangeBody {
    /// Its name.
    #[schema(max_length = 200)]
    name: Option<String>,
    /// Boxes that fit.
    #[schema(minimum = 1)]
    boxes: Option<i64>,
    /// Minutes for which its packaging holds a box that no packing was proven for.
    #[schema(minimum = 1)]
    hold_time_minutes: Option<i64>,
    /// Mean road speed, km/h.
    #[schema(minimum = 1)]
    speed_kmh: Option<i64>,
    /// Cost of a kilometre, hundredths of the hub's currency.
    #[schema(minimum = 0)]
    cents_per_km: Option<i64>,
    /// Cost of an hour, hundredths of the hub's currency.
    #[schema(minimum = 0)]
    cents_per_hour: Option<i64>,
    /// Cost of a start, hundredths of the hub's currency.
    #[schema(minimum = 0)]
    cents_per_start: Option<i64>,
    /// `active` or `ended`.
    #[schema(value_type = Option<String>, example = "active")]
    state: Option<VehicleState>,
}

/// A vehicle.
#[derive(Serialize, ToSchema)]
#[schema(as = Vehicle)]
struct VehicleView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: VehicleId,
    /// Whose it is.
    #[schema(value_type = String, format = "uuid")]
    courier_id: CourierId,
    /// Short stable code.
    code: String,
    /// Its name.
    name: String,
    /// What it is.
    kind: String,
    /// Where it stands.
    #[schema(value_type = String, format = "uuid")]
    base_site_id: SiteId,
    /// Boxes that fit.
    boxes: i64,
    /// Most milk in a box, mL.
    box_ml: i64,
    /// Packaging in words.
    packaging: String,
    /// Minutes for which it holds a box that no packing was proven for.
    hold_time_minutes: i64,
    /// Mean road speed, km/h.
    speed_kmh: i64,
    /// Cost of a kilometre, hundredths of the hub's currency.
    cents_per_km: i64,
    /// Cost of an hour, hundredths of the hub's currency.
    cents_per_hour: i64,
    /// Cost of a start, hundredths of the hub's currency.
    cents_per_start: i64,
    /// `active` or `ended`.
    #[schema(value_type = String)]
    state: VehicleState,
    /// First registered.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// Version for `If-Match`.
    version: i64,
}

impl From<&VehicleRow> for VehicleView {
    fn from(row: &VehicleRow) -> Self {
        let VehicleRow {
            id,
            courier_id,
            code,
            name,
            kind,
            base_site_id,
            boxes,
            box_ml,
            packaging,
            hold_time_minutes,
            speed_kmh,
            cents_per_km,
            cents_per_hour,
            cents_per_start,
            state,
            version,
            created_at,
        } = row.clone();
        let box_ml = box_ml.ml();
        Self {
            id,
            courier_id,
            code,
            name,
            kind,
            base_site_id,
            boxes,
            box_ml,
            packaging,
            hold_time_minutes,
            speed_kmh,
            cents_per_km,
            cents_per_hour,
            cents_per_start,
            state,
            created_at,
            version,
        }
    }
}

/// Which vehicles.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct VehiclesQuery {
    /// Only of this courier.
    #[param(value_type = Option<String>, format = "uuid")]
    courier_id: Option<CourierId>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    cursor: Option<String>,
}

/// Registers a vehicle.
#[utoipa::path(tag = "dispatch", params(CreatingHeaders), request_body = VehicleBody,
    responses((status = 201, description = "It is registered.", body = VehicleView)))]
#[post("/v1/vehicles")]
async fn create_vehicle(call: Allowed<ManageVehicles>, state: State, creating: Creating<VehicleBody>) -> Answer {
    let Creating { body, once } = creating;
    let VehicleBody {
        courier_id,
        code,
        name,
        kind,
        base_site_id,
        boxes,
        box_ml,
        packaging,
        hold_time_minutes,
        speed_kmh,
        cents_per_km,
        cents_per_hour,
        cents_per_start,
    } = body;
    let command = CreateVehicle {
        courier_id,
        code,
        name,
        kind,
        base_site_id,
        boxes,
        box_ml,
        packaging,
        hold_time_minutes,
        speed_kmh,
        cents_per_km,
        cents_per_hour,
        cents_per_start,
    };
    let render =
        |made: &VehicleRow| created(format!("/v1/vehicles/{}", made.id), made.version, &VehicleView::from(made));
    let answer = state.hub.write_once(&call, once, move |tx| vehicles::create_vehicle(tx, &command), render).await?;
    Ok(send(answer))
}

/// Lists vehicles: all for dispatchers, a courier's own for the courier.
#[utoipa::path(tag = "dispatch", params(VehiclesQuery),
    responses((status = 200, description = "A page of vehicles.", body = Page<VehicleView>)))]
#[get("/v1/vehicles")]
async fn list_vehicles(
    call: Allowed<ReadRoutes>,
    state: State,
    request: HttpRequest,
    query: Query<VehiclesQuery>,
) -> Answer {
    let Query(query) = query;
    let page = state.pager.open::<VehicleId, _>(query.limit, query.cursor.as_deref(), &("vehicles", &query))?;
    let (after, rows, actor, courier) = (page.after, page.rows(), call.actor().clone(), query.courier_id);
    let found = state.hub.read(move |conn| vehicles::list_vehicles(conn, &actor, courier, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |row| row.id, |row| VehicleView::from(row)))
}

/// Gives one vehicle.
#[utoipa::path(tag = "dispatch", params(IdInPath),
    responses((status = 200, description = "The vehicle.", body = VehicleView)))]
#[get("/v1/vehicles/{id}")]
async fn get_vehicle(call: Allowed<ReadRoutes>, state: State, request: HttpRequest, id: PathId<VehicleId>) -> Answer {
    let (PathId(id), actor) = (id, call.actor().clone());
    let row = state.hub.read(move |conn| vehicles::get_vehicle(conn, &actor, id)).await?;
    Ok(single(&request, row.version, &VehicleView::from(&row)))
}

/// Changes a vehicle.
#[utoipa::path(tag = "dispatch", params(IdInPath, ChangingHeaders), request_body = VehicleChangeBody,
    responses((status = 200, description = "The changed vehicle.", body = VehicleView)))]
#[patch("/v1/vehicles/{id}")]
async fn change_vehicle(
    call: Allowed<ManageVehicles>,
    state: State,
    request: HttpRequest,
    id: PathId<VehicleId>,
    version: IfMatch,
    body: Body<VehicleChangeBody>,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let VehicleChangeBody {
        name,
        boxes,
        hold_time_minutes,
        speed_kmh,
        cents_per_km,
        cents_per_hour,
        cents_per_start,
        state: wanted,
    } = body.into_inner();
    let change = ChangeVehicle {
        name,
        boxes,
        hold_time_minutes,
        speed_kmh,
        cents_per_km,
        cents_per_hour,
        cents_per_start,
        state: wanted,
    };
    let row = state.hub.write(&call, move |tx| vehicles::change_vehicle(tx, id, version, &change)).await?;
    Ok(single(&request, row.version, &VehicleView::from(&row)))
}

/// Where a vehicle is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PositionBody {
    /// The vehicle.
    #[schema(value_type = String, format = "uuid")]
    vehicle_id: VehicleId,
    /// Degrees north.
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
    /// Degrees east.
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
    /// By the device's clock.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
}

/// Positions of vehicles.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PositionsBody {
    /// In any order.
    #[schema(min_items = 1, max_items = 1000)]
    positions: Vec<PositionBody>,
}

/// What was kept.
#[derive(Serialize, ToSchema)]
#[schema(as = KeptPositions)]
struct KeptPositionsView {
    /// Positions that were later than what was known.
    kept: usize,
}

/// Reports where vehicles are. Only the last position of each is kept; one from the future is refused.
#[utoipa::path(tag = "dispatch", request_body = PositionsBody,
    responses((status = 200, description = "They are kept.", body = KeptPositionsView)))]
#[post("/v1/vehicle-positions")]
async fn report_positions(call: Allowed<DriveRoutes>, state: State, body: Body<PositionsBody>) -> Answer {
    let PositionsBody { positions: sent } = body.into_inner();
    let mut reported = Vec::with_capacity(sent.len());
    for (index, one) in sent.into_iter().enumerate() {
        let PositionBody { vehicle_id, latitude, longitude, at } = one;
        let position = Position::from_degrees(latitude, longitude).map_err(|nowhere| {
            let pointer = format!("/positions/{index}");
            Problem::field(ProblemCode::BodyInvalid, &pointer, "out_of_range", &nowhere.to_string())
        })?;
        reported.push(ReportedPosition { vehicle_id, position, at });
    }
    let kept = state.hub.write_quietly(&call, move |tx| positions::report_positions(tx, &reported)).await?;
    Ok(HttpResponse::Ok().json(KeptPositionsView { kept }))
}
