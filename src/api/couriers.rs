//! Couriers: who may carry milk, under which agreement, when and how far.

use super::auth::{
    Allowed,
    permit::{ManageHub, ReadNetwork},
};
use super::conditional::{IfMatch, single};
use super::extract::{Body, PathId, Query};
use super::idempotency::{Creating, created, send};
use super::listed::CourierStateWord;
use super::openapi::{ChangingHeaders, CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::sites::given;
use super::state::{Answer, State};
use crate::actions::couriers::{self, ChangeCourier, CreateCourier};
use crate::domain::courier::{Courier, CourierState, Covers};
use crate::domain::ids::{CourierId, SiteId};
use crate::domain::opening_hours::{DailySpan, Days};
use crate::domain::quantity::Volume;
use crate::domain::time::Instant;
use actix_web::{HttpRequest, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(create_courier, list_couriers, get_courier, change_courier);

/// A courier to be registered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CourierBody {
    /// Short stable code.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$")]
    code: String,
    /// Its name.
    #[schema(max_length = 200)]
    name: String,
    /// What it is, as a short word.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$", example = "hospital_vehicle")]
    kind: String,
    /// Where its vehicles stand.
    #[schema(value_type = String, format = "uuid")]
    base_site_id: SiteId,
    /// The signed agreement under which it carries milk.
    #[schema(max_length = 500)]
    agreement_reference: String,
    /// End of that agreement.
    #[schema(value_type = Option<String>, format = DateTime)]
    agreement_valid_until: Option<Instant>,
    /// Most milk in one vehicle, mL.
    #[schema(value_type = i64, minimum = 1)]
    max_payload_ml: Volume,
    /// Minutes for which its packaging keeps the temperature.
    #[schema(minimum = 1, maximum = 43200)]
    hold_time_minutes: i64,
    /// Mean road speed, km/h.
    #[schema(minimum = 1, maximum = 1200)]
    speed_kmh: i64,
    /// Vehicles on a full day.
    #[schema(minimum = 0)]
    vehicles: i64,
    /// `all`, `radius:KM` around the base, `all-local:KM` between the ends, or `country:CODE`.
    #[schema(value_type = String, example = "radius:60")]
    covers: Covers,
    /// When on a working day it collects, in the zone of its base; may pass midnight.
    #[schema(value_type = Vec<String>, min_items = 2, max_items = 2, example = json!(["09:00", "18:00"]))]
    hours: DailySpan,
    /// Its working days: `daily`, a range such as `mon-fri` or a list such as `mon,wed,fri`.
    #[schema(value_type = String, example = "mon-sat")]
    days: Days,
    /// Packaging in words; one that says ambient carries no frozen milk.
    #[schema(max_length = 500)]
    packaging: String,
}

/// What changes about a courier; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CourierChangeBody {
    /// Vehicles on a full day.
    #[schema(minimum = 0)]
    vehicles: Option<i64>,
    /// Whether it may be used.
    #[schema(value_type = Option<CourierStateWord>)]
    state: Option<CourierState>,
    /// End of its agreement; null takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = DateTime)]
    agreement_valid_until: Option<Option<Instant>>,
}

/// A courier.
#[derive(Serialize, ToSchema)]
#[schema(as = Courier)]
struct CourierView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: CourierId,
    /// Short stable code.
    code: String,
    /// Its name.
    name: String,
    /// What it is.
    kind: String,
    /// Where its vehicles stand.
    #[schema(value_type = String, format = "uuid")]
    base_site_id: SiteId,
    /// The signed agreement under which it carries milk.
    agreement_reference: String,
    /// End of that agreement.
    #[schema(value_type = Option<String>, format = DateTime)]
    agreement_valid_until: Option<Instant>,
    /// Most milk in one vehicle, mL.
    max_payload_ml: i64,
    /// Minutes for which its packaging keeps the temperature.
    hold_time_minutes: i64,
    /// Mean road speed, km/h.
    speed_kmh: i64,
    /// Vehicles on a full day.
    vehicles: i64,
    /// Which journeys it takes on.
    #[schema(value_type = String)]
    covers: Covers,
    /// When on a working day it collects.
    #[schema(value_type = Vec<String>)]
    hours: DailySpan,
    /// Its working days.
    #[schema(value_type = String)]
    days: Days,
    /// Packaging in words.
    packaging: String,
    /// Whether it may be used.
    #[schema(value_type = CourierStateWord)]
    state: CourierState,
    /// First registered.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// Version for `If-Match`.
    version: i64,
}

impl From<&Courier> for CourierView {
    fn from(courier: &Courier) -> Self {
        let Courier {
            id,
            code,
            name,
            kind,
            base_site_id,
            agreement_reference,
            agreement_valid_until,
            max_payload_ml,
            hold_time_minutes,
            speed_kmh,
            vehicles,
            covers,
            hours,
            days,
            packaging,
            state,
            version,
            created_at,
        } = courier.clone();
        Self {
            id,
            code,
            name,
            kind,
            base_site_id,
            agreement_reference,
            agreement_valid_until,
            max_payload_ml: max_payload_ml.ml(),
            hold_time_minutes,
            speed_kmh,
            vehicles,
            covers,
            hours,
            days,
            packaging,
            state,
            created_at,
            version,
        }
    }
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CourierQuery {
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    cursor: Option<String>,
}

/// Registers a courier.
#[utoipa::path(tag = "couriers", params(CreatingHeaders), request_body = CourierBody,
    responses((status = 201, description = "It is registered.", body = CourierView)))]
#[post("/v1/couriers")]
async fn create_courier(call: Allowed<ManageHub>, state: State, creating: Creating<CourierBody>) -> Answer {
    let Creating { body, once } = creating;
    let CourierBody {
        code,
        name,
        kind,
        base_site_id,
        agreement_reference,
        agreement_valid_until,
        max_payload_ml,
        hold_time_minutes,
        speed_kmh,
        vehicles,
        covers,
        hours,
        days,
        packaging,
    } = body;
    let command = CreateCourier {
        code,
        name,
        kind,
        base_site_id,
        agreement_reference,
        agreement_valid_until,
        max_payload_ml,
        hold_time_minutes,
        speed_kmh,
        vehicles,
        covers,
        hours,
        days,
        packaging,
    };
    let render =
        |made: &Courier| created(format!("/v1/couriers/{}", made.id), made.version, &CourierView::from(made));
    let answer = state.hub.write_once(&call, once, move |tx| couriers::create_courier(tx, &command), render).await?;
    Ok(send(answer))
}

/// Lists couriers by code.
#[utoipa::path(tag = "couriers", params(CourierQuery),
    responses((status = 200, description = "A page of couriers.", body = Page<CourierView>)))]
#[get("/v1/couriers")]
async fn list_couriers(
    _call: Allowed<ReadNetwork>,
    state: State,
    request: HttpRequest,
    query: Query<CourierQuery>,
) -> Answer {
    let Query(CourierQuery { limit, cursor }) = query;
    let page = state.pager.open::<String, _>(limit, cursor.as_deref(), &"couriers")?;
    let (after, rows) = (page.after.clone(), page.rows());
    let found = state.hub.read(move |conn| couriers::list_couriers(conn, after.as_deref(), rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |one| one.code.clone(), |one| CourierView::from(one)))
}

/// Gives one courier.
#[utoipa::path(tag = "couriers", params(IdInPath),
    responses((status = 200, description = "The courier.", body = CourierView)))]
#[get("/v1/couriers/{id}")]
async fn get_courier(_call: Allowed<ReadNetwork>, state: State, request: HttpRequest, id: PathId<CourierId>) -> Answer {
    let PathId(id) = id;
    let courier = state.hub.read(move |conn| couriers::get_courier(conn, id)).await?;
    Ok(single(&request, courier.version, &CourierView::from(&courier)))
}

/// Changes a courier.
#[utoipa::path(tag = "couriers", params(IdInPath, ChangingHeaders), request_body = CourierChangeBody,
    responses((status = 200, description = "The changed courier.", body = CourierView)))]
#[patch("/v1/couriers/{id}")]
async fn change_courier(
    call: Allowed<ManageHub>,
    state: State,
    request: HttpRequest,
    id: PathId<CourierId>,
    version: IfMatch,
    body: Body<CourierChangeBody>,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let CourierChangeBody { vehicles, state: wanted, agreement_valid_until } = body.into_inner();
    let change = ChangeCourier { vehicles, state: wanted, agreement_valid_until };
    let courier = state.hub.write(&call, move |tx| couriers::change_courier(tx, id, version, &change)).await?;
    Ok(single(&request, courier.version, &CourierView::from(&courier)))
}
