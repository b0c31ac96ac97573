//! Freezers and fridges, what stands in them, and the logger of each.

use super::auth::{
    Allowed,
    permit::{ManageLots, ReadStock},
};
use super::conditional::{IfMatch, single};
use super::extract::{Body, PathId, Query};
use super::idempotency::{Creating, created, saved, send};
use super::openapi::{ChangingHeaders, CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::sites::given;
use super::state::{Answer, State};
use super::temperature::{Degrees, degrees};
use crate::actions::storage_units::{self, RegisterUnit, StorageUnitRow};
use crate::domain::ids::{BottleId, SiteId, StorageUnitId};
use crate::domain::time::Instant;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(
    register_storage_unit,
    list_storage_units,
    get_storage_unit,
    change_storage_unit,
    place_bottles_in_storage,
);

/// A freezer or fridge to be registered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StorageUnitBody {
    /// Where it stands.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// Short stable code within the site.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$", example = "freezer-2")]
    code: String,
    /// Its name.
    #[schema(max_length = 200)]
    name: String,
    /// Warmest allowed.
    #[schema(value_type = f64, example = -18)]
    max_temperature_c: Degrees,
    /// At or above this a single reading is an excursion.
    #[schema(value_type = f64, example = -3)]
    peak_c: Degrees,
    /// Minutes above it that are tolerated in all.
    #[schema(minimum = 0, maximum = 1440)]
    tolerance_minutes: i64,
    /// Minutes without a reading after which its logger is silent: some are read every minute, some twice a day.
    #[schema(minimum = 5, maximum = 2880)]
    silent_after_minutes: i64,
    /// The logger in it.
    #[schema(max_length = 64)]
    logger_ref: Option<String>,
}

/// What changes about a unit; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StorageUnitChangeBody {
    /// The logger in it; null takes it out.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 64)]
    logger_ref: Option<Option<String>>,
    /// True when it is no longer in use.
    #[serde(default)]
    ended: bool,
}

/// Bottles that are put into a unit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlacedBody {
    /// The bottles; where they stood before ends.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 1000)]
    bottle_ids: Vec<BottleId>,
    /// By the device's clock; now, if left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Instant>,
}

/// How many were put.
#[derive(Serialize, ToSchema)]
#[schema(as = Placed)]
struct PlacedView {
    /// Bottles.
    placed: usize,
}

/// A freezer or fridge.
#[derive(Serialize, ToSchema)]
#[schema(as = StorageUnit)]
struct StorageUnitView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: StorageUnitId,
    /// Where it stands.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// Short stable code within the site.
    code: String,
    /// Its name.
    name: String,
    /// Warmest allowed.
    max_temperature_c: f64,
    /// At or above this a single reading is an excursion.
    peak_c: f64,
    /// Minutes above it that are tolerated.
    tolerance_minutes: i64,
    /// Minutes without a reading after which its logger is silent.
    silent_after_minutes: i64,
    /// The logger in it.
    logger_ref: Option<String>,
    /// The newest reading.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_reading_at: Option<Instant>,
    /// `active` or `ended`.
    state: String,
    /// First registered.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// Version for `If-Match`.
    version: i64,
}

impl From<&StorageUnitRow> for StorageUnitView {
    fn from(row: &StorageUnitRow) -> Self {
        let StorageUnitRow {
            id,
            site_id,
            code,
            name,
            max_temperature_hundredths,
            peak_hundredths,
            tolerance_minutes,
            silent_after_minutes,
            logger_ref,
            last_reading_at,
            state,
            version,
            created_at,
        } = row.clone();
        Self {
            id,
            site_id,
            code,
            name,
            max_temperature_c: degrees(max_temperature_hundredths),
            peak_c: degrees(peak_hundredths),
            tolerance_minutes,
            silent_after_minutes,
            logger_ref,
            last_reading_at,
            state,
            created_at,
            version,
        }
    }
}

/// Which units.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct StorageUnitsQuery {
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    cursor: Option<String>,
}

/// Registers a freezer or fridge.
#[utoipa::path(tag = "loggers", params(CreatingHeaders), request_body = StorageUnitBody,
    responses((status = 201, description = "It is registered.", body = StorageUnitView)))]
#[post("/v1/storage-units")]
async fn register_storage_unit(
    call: Allowed<ManageLots>,
    state: State,
    creating: Creating<StorageUnitBody>,
) -> Answer {
    let Creating { body, once } = creating;
    let StorageUnitBody {
        site_id,
        code,
        name,
        max_temperature_c: Degrees(max_temperature),
        peak_c: Degrees(peak),
        tolerance_minutes,
        silent_after_minutes,
        logger_ref,
    } = body;
    let command =
        RegisterUnit { site: site_id, code, name, max_temperature, peak, tolerance_minutes, silent_after_minutes, logger_ref };
    let answer = state
        .hub
        .write_once(
            &call,
            once,
            move |tx| storage_units::register_unit(tx, &command),
            |row| created(format!("/v1/storage-units/{}", row.id), row.version, &StorageUnitView::from(row)),
        )
        .await?;
    Ok(send(answer))
}

/// Lists the storage units of the caller's sites.
#[utoipa::path(tag = "loggers", params(StorageUnitsQuery),
    responses((status = 200, description = "A page of units.", body = Page<StorageUnitView>)))]
#[get("/v1/storage-units")]
async fn list_storage_units(
    call: Allowed<ReadStock>,
    state: State,
    request: HttpRequest,
    query: Query<StorageUnitsQuery>,
) -> Answer {
    let Query(StorageUnitsQuery { limit, cursor }) = query;
    let page = state.pager.open::<StorageUnitId, _>(limit, cursor.as_deref(), &"storage-units")?;
    let (after, rows, actor) = (page.after, page.rows(), call.actor().clone());
    let found = state.hub.read(move |conn| storage_units::list_units(conn, &actor, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |row| row.id, |row| StorageUnitView::from(row)))
}

/// Gives one storage unit.
#[utoipa::path(tag = "loggers", params(IdInPath),
    responses((status = 200, description = "The unit.", body = StorageUnitView)))]
#[get("/v1/storage-units/{id}")]
async fn get_storage_unit(
    call: Allowed<ReadStock>,
    state: State,
    request: HttpRequest,
    id: PathId<StorageUnitId>,
) -> Answer {
    let (PathId(id), actor) = (id, call.actor().clone());
    let row = state.hub.read(move |conn| storage_units::get_unit(conn, &actor, id)).await?;
    Ok(single(&request, row.version, &StorageUnitView::from(&row)))
}

/// Binds another logger to a unit, takes it out, or ends the unit.
#[utoipa::path(tag = "loggers", params(IdInPath, ChangingHeaders), request_body = StorageUnitChangeBody,
    responses((status = 200, description = "It is changed.", body = StorageUnitView)))]
#[patch("/v1/storage-units/{id}")]
async fn change_storage_unit(
    call: Allowed<ManageLots>,
    state: State,
    request: HttpRequest,
    id: PathId<StorageUnitId>,
    version: IfMatch,
    body: Body<StorageUnitChangeBody>,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let StorageUnitChangeBody { logger_ref, ended } = body.into_inner();
    let row = state
        .hub
        .write(&call, move |tx| storage_units::change_unit(tx, id, version, logger_ref.clone(), ended))
        .await?;
    Ok(single(&request, row.version, &StorageUnitView::from(&row)))
}

/// Puts bottles into a unit.
#[utoipa::path(tag = "loggers", params(IdInPath, CreatingHeaders),
    request_body = PlacedBody, responses((status = 200, description = "They stand there.", body = PlacedView)))]
#[post("/v1/storage-units/{id}/bottles")]
async fn place_bottles_in_storage(
    call: Allowed<ManageLots>,
    state: State,
    id: PathId<StorageUnitId>,
    creating: Creating<PlacedBody>,
) -> Answer {
    let (PathId(id), Creating { body: PlacedBody { bottle_ids, at }, once }) = (id, creating);
    let answer = state
        .hub
        .write_once(
            &call,
            once,
            move |tx| storage_units::place_bottles(tx, id, &bottle_ids, at),
            |placed| saved(StatusCode::OK, &PlacedView { placed: *placed }),
        )
        .await?;
    Ok(send(answer))
}
