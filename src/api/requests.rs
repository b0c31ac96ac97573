//! Requests for milk.

use super::auth::{Allowed, permit::RaiseRequests, permit::ReadRequests};
use super::conditional::{IfMatch, single};
use super::extract::{Body, PathId, Query};
use super::idempotency::{Creating, created, saved, send};
use super::infants::InfantBody;
use super::lots::ReasonBody;
use super::openapi::{ChangingHeaders, CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::problem::{Problem, ProblemCode};
use super::scope::visible_sites;
use super::state::{Answer, State};
use super::wishes::{ConstraintsBody, PreferencesBody};
use crate::actions::requests::{self, MilkFreed, RaiseRequest, RequestFilter, RequestRow};
use crate::domain::ids::{RequestId, SiteId};
use crate::domain::policy::Form;
use crate::domain::quantity::Volume;
use crate::domain::request::{InfantProfile, RequestKind, RequestState, Urgency};
use crate::domain::time::Instant;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(raise_request, list_requests, get_request, cancel_request, close_request, free_kept_milk);

/// The ward behind an order for stock.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WardBody {
    /// Infants on donor milk now.
    #[schema(minimum = 0, maximum = 1000)]
    infants_on_donor_milk: i64,
    /// The neediest infant that the stock feeds; it decides the tier.
    most_vulnerable: Option<InfantBody>,
    /// Hours that the ward's own stock still lasts.
    #[schema(minimum = 0, maximum = 10_000)]
    hours_of_stock: Option<i64>,
}

/// What a unit asks for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site_id": "019b8d2a-5c00-7000-8000-0000000000b2", "kind": "named_infant", "urgency": "urgent", "volume_ml": 300,
    "needed_by": "2026-01-07T08:00:00Z", "days_of_use": 3,
    "infant": {
        "infant_ref": "INF-0042", "gestation_days": 180, "birth_weight_g": 800, "current_weight_g": 850,
        "postnatal_age_days": 6, "indication": "prematurity_own_milk_insufficient", "galactosaemia": false
    },
    "constraints": {"dairy_free": false, "cmv_negative": false}, "prescription_ref": "RX-1", "consent_ref": "CO-1"
}))]
struct RequestBody {
    /// The asking site.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// named_infant or ward_stock.
    #[schema(value_type = String, example = "named_infant")]
    kind: RequestKind,
    /// emergency, urgent or routine, as the unit puts it; the tier comes from the written policy.
    #[schema(value_type = String, example = "urgent")]
    urgency: Urgency,
    /// How much, mL.
    #[schema(minimum = 1, maximum = 200_000, example = 300)]
    volume_ml: i64,
    /// When it is needed.
    #[schema(value_type = String, format = DateTime)]
    needed_by: Instant,
    /// Days over which it will be used.
    #[schema(minimum = 1, maximum = 120, example = 3)]
    days_of_use: i64,
    /// Forms taken; the site's own, if none is given.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 5)]
    accepts_forms: Vec<Form>,
    /// The infant; needed for a named infant.
    infant: Option<InfantBody>,
    /// The ward; for stock.
    ward: Option<WardBody>,
    /// Hard constraints, as the family and the prescriber stated them.
    #[serde(default)]
    constraints: ConstraintsBody,
    /// Preferences among milk that passes.
    #[serde(default)]
    preferences: PreferencesBody,
    /// Prescription, by reference.
    #[schema(max_length = 100)]
    prescription_ref: Option<String>,
    /// The family's consent, by reference.
    #[schema(max_length = 100)]
    consent_ref: Option<String>,
    /// Nothing rather than a part.
    #[serde(default)]
    all_or_nothing: bool,
    /// Most lots it may be filled from.
    #[schema(minimum = 1, maximum = 20)]
    max_lots: Option<i64>,
    /// Why, in the unit's words; no names.
    #[schema(max_length = 500)]
    reason: Option<String>,
}

impl RequestBody {
    /// An infant by name and a ward are two kinds of request: what belongs to the other kind is refused, so that nobody
    /// is ranked by it.
    fn refuse_mixed(&self) -> Result<(), Problem> {
        let stray = match self.kind {
            RequestKind::NamedInfant => self.ward.is_some().then_some("/ward"),
            RequestKind::WardStock => self.infant.is_some().then_some("/infant"),
        };
        if let Some(pointer) = stray {
            let detail = "this belongs to the other kind of request";
            return Err(Problem::field(ProblemCode::BodyInvalid, pointer, "unexpected", detail));
        }
        let infants = self.ward.as_ref().map(|ward| ward.infants_on_donor_milk);
        if infants.is_some_and(|infants| !(0..=1_000).contains(&infants)) {
            let pointer = "/ward/infants_on_donor_milk";
            return Err(Problem::field(ProblemCode::BodyInvalid, pointer, "out_of_range", "0 to 1000"));
        }
        Ok(())
    }
}

impl From<RequestBody> for RaiseRequest {
    fn from(body: RequestBody) -> Self {
        let (neediest, hours_of_stock) = match body.ward {
            Some(ward) => (ward.most_vulnerable, ward.hours_of_stock),
            None => (None, None),
        };
        Self {
            site: body.site_id,
            kind: body.kind,
            urgency: body.urgency,
            volume: Volume::from_ml(body.volume_ml),
            needed_by: body.needed_by,
            days_of_use: body.days_of_use,
            accepts_forms: body.accepts_forms,
            infant: body.infant.or(neediest).map(InfantProfile::from),
            hours_of_stock,
            constraints: body.constraints.into(),
            preferences: body.preferences.into(),
            prescription_ref: body.prescription_ref,
            consent_ref: body.consent_ref,
            all_or_nothing: body.all_or_nothing,
            max_lots: body.max_lots,
            reason: body.reason,
        }
    }
}

/// A request.
#[derive(Serialize, ToSchema)]
#[schema(as = Request)]
struct RequestView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: RequestId,
    /// The asking site.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// named_infant or ward_stock.
    #[schema(value_type = String)]
    kind: RequestKind,
    /// open, partly_allocated, allocated, fulfilled, cancelled or closed_unmet.
    #[schema(value_type = String)]
    state: RequestState,
    /// Urgency tier by the written policy, 1 first.
    tier: i64,
    /// As the unit put it.
    #[schema(value_type = String)]
    urgency: Urgency,
    /// Pseudonym.
    infant_ref: Option<String>,
    /// Asked for, mL.
    #[schema(value_type = i64)]
    volume_ml: Volume,
    /// Promised by accepted offers, mL.
    #[schema(value_type = i64)]
    allocated_ml: Volume,
    /// Accepted on receipt, mL.
    #[schema(value_type = i64)]
    delivered_ml: Volume,
    /// When it is needed.
    #[schema(value_type = String, format = DateTime)]
    needed_by: Instant,
    /// When the last of it is used.
    #[schema(value_type = String, format = DateTime)]
    last_use_at: Instant,
    /// When it was raised.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// When it got its first offer.
    #[schema(value_type = Option<String>, format = DateTime)]
    first_offer_at: Option<Instant>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    closed_at: Option<Instant>,
    /// Why it ended.
    close_reason: Option<String>,
    /// Version for `If-Match`.
    version: i64,
}

impl From<&RequestRow> for RequestView {
    fn from(row: &RequestRow) -> Self {
        Self {
            id: row.id,
            site_id: row.site_id,
            kind: row.kind,
            state: row.state,
            tier: row.tier,
            urgency: row.urgency,
            infant_ref: row.infant_ref.clone(),
            volume_ml: row.volume_ml,
            allocated_ml: row.allocated_ml,
            delivered_ml: row.delivered_ml,
            needed_by: row.needed_by,
            last_use_at: row.last_use_at,
            created_at: row.created_at,
            first_offer_at: row.first_offer_at,
            closed_at: row.closed_at,
            close_reason: row.close_reason.clone(),
            version: row.version,
        }
    }
}

/// Asks for milk.
#[utoipa::path(tag = "requests", params(CreatingHeaders), request_body = RequestBody,
    responses((status = 201, description = "The hub looks for milk.", body = RequestView)))]
#[post("/v1/requests")]
async fn raise_request(call: Allowed<RaiseRequests>, state: State, creating: Creating<RequestBody>) -> Answer {
    let Creating { body, once } = creating;
    body.refuse_mixed()?;
    let command = RaiseRequest::from(body);
    let answer = state
        .hub
        .write_once(
            &call,
            once,
            move |tx| requests::raise_request(tx, &command),
            |row| created(format!("/v1/requests/{}", row.id), row.version, &RequestView::from(row)),
        )
        .await?;
    Ok(send(answer))
}

/// Which requests.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RequestQuery {
    /// Only this site's requests.
    #[param(value_type = Option<String>)]
    site_id: Option<SiteId>,
    /// Only requests in this state.
    #[param(value_type = Option<String>)]
    state: Option<RequestState>,
    /// Only this tier.
    #[param(minimum = 1, maximum = 8)]
    tier: Option<i64>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    cursor: Option<String>,
}

/// Lists the requests of the caller's sites in the order they were raised.
#[utoipa::path(tag = "requests", params(RequestQuery),
    responses((status = 200, description = "A page of requests.", body = Page<RequestView>)))]
#[get("/v1/requests")]
async fn list_requests(
    call: Allowed<ReadRequests>,
    state: State,
    request: HttpRequest,
    query: Query<RequestQuery>,
) -> Answer {
    let Query(query) = query;
    let page = state.pager.open::<RequestId, _>(query.limit, query.cursor.as_deref(), &("requests", &query))?;
    let (after, rows) = (page.after, page.rows());
    let filter = RequestFilter {
        sites: visible_sites(&call.actor.sites, query.site_id),
        state: query.state,
        tier: query.tier,
    };
    let found = state.hub.read(move |conn| requests::list_requests(conn, &filter, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |row| row.id, |row| RequestView::from(row)))
}

/// Gives one request of the caller's sites.
#[utoipa::path(tag = "requests", params(IdInPath),
    responses((status = 200, description = "The request.", body = RequestView)))]
#[get("/v1/requests/{id}")]
async fn get_request(call: Allowed<ReadRequests>, state: State, request: HttpRequest, id: PathId<RequestId>) -> Answer {
    let (PathId(id), actor) = (id, call.actor.clone());
    let row = state.hub.read(move |conn| requests::get_request(conn, &actor, id)).await?;
    Ok(single(&request, row.version, &RequestView::from(&row)))
}

/// Takes a request back; what is promised and has not moved is released.
#[utoipa::path(tag = "requests", params(IdInPath, ChangingHeaders), request_body = ReasonBody,
    responses((status = 200, description = "It is cancelled.", body = RequestView)))]
#[post("/v1/requests/{id}/cancel")]
async fn cancel_request(
    call: Allowed<RaiseRequests>,
    state: State,
    request: HttpRequest,
    id: PathId<RequestId>,
    version: IfMatch,
    body: Body<ReasonBody>,
) -> Answer {
    let (PathId(id), IfMatch(version), ReasonBody { reason }) = (id, version, body.into_inner());
    let row = state.hub.write(&call, move |tx| requests::cancel_request(tx, id, version, &reason)).await?;
    Ok(single(&request, row.version, &RequestView::from(&row)))
}

/// Closes what is unmet; what is promised still comes.
#[utoipa::path(tag = "requests", params(IdInPath, ChangingHeaders), request_body = ReasonBody,
    responses((status = 200, description = "It is closed.", body = RequestView)))]
#[post("/v1/requests/{id}/close")]
async fn close_request(
    call: Allowed<RaiseRequests>,
    state: State,
    request: HttpRequest,
    id: PathId<RequestId>,
    version: IfMatch,
    body: Body<ReasonBody>,
) -> Answer {
    let (PathId(id), IfMatch(version), ReasonBody { reason }) = (id, version, body.into_inner());
    let row = state.hub.write(&call, move |tx| requests::close_request(tx, id, version, &reason)).await?;
    Ok(single(&request, row.version, &RequestView::from(&row)))
}

/// Milk that was kept for a request and is the ward's now.
#[derive(Serialize, ToSchema)]
#[schema(as = MilkFreed)]
struct MilkFreedView {
    /// The request.
    #[schema(value_type = String, format = "uuid")]
    request_id: RequestId,
    /// Bottles.
    bottles: usize,
    /// What they hold, mL.
    #[schema(value_type = i64)]
    volume_ml: Volume,
}

/// Frees the milk in stock that is kept for a named infant who no longer needs it; others may then have it.
#[utoipa::path(tag = "requests", params(IdInPath, CreatingHeaders), request_body = ReasonBody,
    responses((status = 200, description = "It is any infant's of the ward.", body = MilkFreedView)))]
#[post("/v1/requests/{id}/free-milk")]
async fn free_kept_milk(
    call: Allowed<RaiseRequests>,
    state: State,
    id: PathId<RequestId>,
    creating: Creating<ReasonBody>,
) -> Answer {
    let (PathId(id), Creating { body: ReasonBody { reason }, once }) = (id, creating);
    let answer = state
        .hub
        .write_once(
            &call,
            once,
            move |tx| requests::free_kept_milk(tx, id, &reason),
            move |MilkFreed { bottles, volume }| {
                saved(StatusCode::OK, &MilkFreedView { request_id: id, bottles: *bottles, volume_ml: *volume })
            },
        )
        .await?;
    Ok(send(answer))
}
