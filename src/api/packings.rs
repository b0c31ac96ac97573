//! Validated packings, and the weather that sites expect. A packing is entered, superseded or retired, never changed.

use super::auth::{
    Allowed,
    permit::{ManagePackings, ReadNetwork},
};
use super::conditional::{IfMatch, single};
use super::extract::{Body, PathId, Query};
use super::idempotency::{Creating, created, send};
use super::listed::{CoolantWord, PackingStateWord};
use super::openapi::{ChangingHeaders, CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::state::{Answer, State};
use super::temperature::{Degrees, degrees};
use crate::actions::packings::{self, EnterPacking, NotedClimate, PackingFilter};
use crate::domain::ids::{CourierId, PackingId, SiteId};
use crate::domain::packing::{Climate, Coolant, HoldStep, Packing, PackingFacts, PackingState};
use crate::domain::quantity::Volume;
use crate::domain::time::Instant;
use actix_web::{HttpRequest, HttpResponse, get, post, put};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(enter_packing, list_packings, get_packing, retire_packing, put_climate, get_climate);

/// How long a packing holds in weather up to some temperature.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HoldStepInput)]
struct StepBody {
    /// The warmest weather that was tested.
    #[schema(value_type = f64, minimum = -60, maximum = 60)]
    up_to_c: Degrees,
    /// Minutes for which the milk stayed below its limit.
    #[schema(minimum = 1, maximum = 43_200)]
    hold_minutes: i64,
}

/// A packing to be entered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PackingBody {
    /// Short stable code; one of a code is active at a time.
    #[schema(max_length = 64, example = "van-gel-20l")]
    code: String,
    /// The carrier that packs so; any, if left out.
    #[schema(value_type = Option<String>, format = "uuid")]
    courier_id: Option<CourierId>,
    /// The site that packs so; any, if left out. One of the two must be named.
    #[schema(value_type = Option<String>, format = "uuid")]
    site_id: Option<SiteId>,
    /// The container, in words.
    #[schema(max_length = 500, example = "20 L insulated box")]
    container: String,
    /// What keeps it cold; `none` is for dry milk alone.
    #[schema(value_type = CoolantWord)]
    coolant: Coolant,
    /// Milk in one container.
    #[schema(minimum = 1, maximum = 10_000_000)]
    capacity_ml: i64,
    /// Bottles in one container, where that was tested.
    #[schema(minimum = 1, maximum = 100_000)]
    capacity_bottles: Option<i64>,
    /// Containers of one transfer at most; one, if left out.
    #[schema(minimum = 1, maximum = 1_000)]
    containers: Option<i64>,
    /// Times by weather, coldest first; weather beyond the last step is not planned in.
    #[schema(min_items = 1, max_items = 12)]
    steps: Vec<StepBody>,
    /// Who validated it.
    #[schema(max_length = 200, example = "Hospital engineering, cold-chain laboratory")]
    validated_by: String,
    /// The report of the validation.
    #[schema(max_length = 500)]
    document_reference: String,
    /// Its date.
    #[schema(value_type = String, format = Date)]
    validated_on: Date,
    /// When it must be validated anew.
    #[schema(value_type = Option<String>, format = DateTime)]
    valid_until: Option<Instant>,
    /// The packing whose place it takes.
    #[schema(value_type = Option<String>, format = "uuid")]
    supersedes: Option<PackingId>,
}

impl From<PackingBody> for PackingFacts {
    fn from(body: PackingBody) -> Self {
        let step = |step: StepBody| HoldStep { up_to_hundredths: step.up_to_c.0, minutes: step.hold_minutes };
        Self {
            code: body.code,
            courier_id: body.courier_id,
            site_id: body.site_id,
            container: body.container,
            coolant: body.coolant,
            capacity_ml: Volume::from_ml(body.capacity_ml),
            capacity_bottles: body.capacity_bottles,
            containers: body.containers.unwrap_or(1),
            steps: body.steps.into_iter().map(step).collect(),
            validated_by: body.validated_by,
            document_reference: body.document_reference,
            validated_on: body.validated_on,
            valid_until: body.valid_until,
        }
    }
}

/// How long a packing holds in weather up to some temperature.
#[derive(Serialize, ToSchema)]
#[schema(as = HoldStep)]
struct StepView {
    /// The warmest weather that was tested.
    up_to_c: f64,
    /// Minutes for which the milk stayed below its limit.
    hold_minutes: i64,
}

/// A packing.
#[derive(Serialize, ToSchema)]
#[schema(as = Packing)]
struct PackingView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: PackingId,
    /// Short stable code.
    code: String,
    /// The carrier that packs so; any, if none is named.
    #[schema(value_type = Option<String>, format = "uuid")]
    courier_id: Option<CourierId>,
    /// The site that packs so; any, if none is named.
    #[schema(value_type = Option<String>, format = "uuid")]
    site_id: Option<SiteId>,
    /// The container.
    container: String,
    /// What keeps it cold.
    #[schema(value_type = CoolantWord)]
    coolant: Coolant,
    /// Milk in one container.
    #[schema(value_type = i64)]
    capacity_ml: Volume,
    /// Bottles in one container.
    capacity_bottles: Option<i64>,
    /// Containers of one transfer at most.
    containers: i64,
    /// Times by weather, coldest first.
    steps: Vec<StepView>,
    /// Who validated it.
    validated_by: String,
    /// The report of the validation.
    document_reference: String,
    /// Its date.
    #[schema(value_type = String, format = Date)]
    validated_on: Date,
    /// When it must be validated anew.
    #[schema(value_type = Option<String>, format = DateTime)]
    valid_until: Option<Instant>,
    /// Whether it may be planned with.
    #[schema(value_type = PackingStateWord)]
    state: PackingState,
    /// The packing whose place it took.
    #[schema(value_type = Option<String>, format = "uuid")]
    supersedes: Option<PackingId>,
    /// When it was superseded or retired.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Instant>,
    /// Why.
    end_reason: Option<String>,
    /// Who entered it.
    created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// Version for `If-Match`.
    version: i64,
}

impl From<&Packing> for PackingView {
    fn from(packing: &Packing) -> Self {
        let step = |step: &HoldStep| StepView { up_to_c: degrees(step.up_to_hundredths), hold_minutes: step.minutes };
        Self {
            id: packing.id,
            code: packing.code.clone(),
            courier_id: packing.courier_id,
            site_id: packing.site_id,
            container: packing.container.clone(),
            coolant: packing.coolant,
            capacity_ml: packing.capacity_ml,
            capacity_bottles: packing.capacity_bottles,
            containers: packing.containers,
            steps: packing.steps.iter().map(step).collect(),
            validated_by: packing.validated_by.clone(),
            document_reference: packing.document_reference.clone(),
            validated_on: packing.validated_on,
            valid_until: packing.valid_until,
            state: packing.state,
            supersedes: packing.supersedes,
            ended_at: packing.ended_at,
            end_reason: packing.end_reason.clone(),
            created_by: packing.created_by.clone(),
            created_at: packing.created_at,
            version: packing.version,
        }
    }
}

/// Which packings.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PackingQuery {
    /// Only in this state.
    #[param(value_type = Option<PackingStateWord>)]
    state: Option<PackingState>,
    /// Only of this carrier.
    #[param(value_type = Option<String>)]
    courier_id: Option<CourierId>,
    /// Only of this site.
    #[param(value_type = Option<String>)]
    site_id: Option<SiteId>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    cursor: Option<String>,
}

/// Enters a validated packing, in the place of an earlier one if that is named.
#[utoipa::path(tag = "packings", params(CreatingHeaders), request_body = PackingBody,
    responses((status = 201, description = "It is in force.", body = PackingView)))]
#[post("/v1/packings")]
async fn enter_packing(call: Allowed<ManagePackings>, state: State, creating: Creating<PackingBody>) -> Answer {
    let Creating { body, once } = creating;
    let command = EnterPacking { supersedes: body.supersedes, facts: body.into() };
    let render =
        |made: &Packing| created(format!("/v1/packings/{}", made.id), made.version, &PackingView::from(made));
    let answer = state.hub.write_once(&call, once, move |tx| packings::enter_packing(tx, &command), render).await?;
    Ok(send(answer))
}

/// Lists packings, newest first.
#[utoipa::path(tag = "packings", params(PackingQuery),
    responses((status = 200, description = "A page of packings.", body = Page<PackingView>)))]
#[get("/v1/packings")]
async fn list_packings(
    _call: Allowed<ReadNetwork>,
    state: State,
    request: HttpRequest,
    query: Query<PackingQuery>,
) -> Answer {
    let Query(PackingQuery { state: wanted, courier_id, site_id, limit, cursor }) = query;
    let filter = PackingFilter { state: wanted, courier: courier_id, site: site_id };
    let asked = ("packings", wanted, courier_id, site_id);
    let page = state.pager.open::<PackingId, _>(limit, cursor.as_deref(), &asked)?;
    let (before, rows) = (page.after, page.rows());
    let found = state.hub.read(move |conn| packings::list_packings(conn, &filter, before, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |one| one.id, |one| PackingView::from(one)))
}

/// Gets one packing.
#[utoipa::path(tag = "packings", params(IdInPath),
    responses((status = 200, description = "The packing.", body = PackingView)))]
#[get("/v1/packings/{id}")]
async fn get_packing(_call: Allowed<ReadNetwork>, state: State, request: HttpRequest, id: PathId<PackingId>) -> Answer {
    let PathId(id) = id;
    let packing = state.hub.read(move |conn| packings::get_packing(conn, id)).await?;
    Ok(single(&request, packing.version, &PackingView::from(&packing)))
}

/// Why a packing is taken out of use.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RetirementBody {
    /// In a few words.
    #[schema(max_length = 500)]
    reason: String,
}

/// Takes a packing out of use. What is planned with it and not packed yet must be planned anew.
#[utoipa::path(tag = "packings", params(IdInPath, ChangingHeaders), request_body = RetirementBody,
    responses((status = 200, description = "The retired packing.", body = PackingView)))]
#[post("/v1/packings/{id}/retire")]
async fn retire_packing(
    call: Allowed<ManagePackings>,
    state: State,
    request: HttpRequest,
    id: PathId<PackingId>,
    version: IfMatch,
    body: Body<RetirementBody>,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let RetirementBody { reason } = body.into_inner();
    let retired = state.hub.write(&call, move |tx| packings::retire_packing(tx, id, version, &reason)).await?;
    Ok(single(&request, retired.version, &PackingView::from(&retired)))
}

/// The weather that a site expects.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClimateInput)]
struct ClimateBody {
    /// The warmest that a day of each month is expected to become, January first.
    #[schema(value_type = Vec<f64>, min_items = 12, max_items = 12)]
    monthly_high_c: [Degrees; 12],
    /// Where the figures come from.
    #[schema(max_length = 500, example = "climatological normals 1991-2020 of the national weather service")]
    source: String,
}

/// The weather that a site expects.
#[derive(Serialize, ToSchema)]
#[schema(as = Climate)]
struct ClimateView {
    /// The site.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// The warmest that a day of each month is expected to become, January first.
    monthly_high_c: Vec<f64>,
    /// Where the figures come from.
    source: String,
    /// Who noted it.
    noted_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    noted_at: Instant,
}

impl From<NotedClimate> for ClimateView {
    fn from(noted: NotedClimate) -> Self {
        let NotedClimate { site_id, climate, source, noted_by, noted_at } = noted;
        Self { site_id, monthly_high_c: climate.0.into_iter().map(degrees).collect(), source, noted_by, noted_at }
    }
}

/// Notes the weather that a site expects, in place of what was noted. Without it a packing counts for no more than its
/// warmest test.
#[utoipa::path(tag = "packings", params(IdInPath), request_body = ClimateBody,
    responses((status = 200, description = "It is noted.", body = ClimateView)))]
#[put("/v1/sites/{id}/climate")]
async fn put_climate(
    call: Allowed<ManagePackings>,
    state: State,
    id: PathId<SiteId>,
    body: Body<ClimateBody>,
) -> Answer {
    let PathId(id) = id;
    let ClimateBody { monthly_high_c, source } = body.into_inner();
    let climate = Climate(monthly_high_c.map(|high| high.0));
    let noted = state.hub.write(&call, move |tx| packings::note_climate(tx, id, climate, &source)).await?;
    Ok(HttpResponse::Ok().json(ClimateView::from(noted)))
}

/// Gets the weather that a site noted.
#[utoipa::path(tag = "packings", params(IdInPath),
    responses((status = 200, description = "The weather.", body = ClimateView)))]
#[get("/v1/sites/{id}/climate")]
async fn get_climate(_call: Allowed<ReadNetwork>, state: State, id: PathId<SiteId>) -> Answer {
    let PathId(id) = id;
    let noted = state.hub.read(move |conn| packings::get_climate(conn, id)).await?;
    Ok(HttpResponse::Ok().json(ClimateView::from(noted)))
}
