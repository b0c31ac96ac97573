//! Routes offered to courier companies, and what carriers did.

use super::auth::{Allowed, permit::DriveRoutes, permit::PlanRoutes, permit::ReadRoutes};
use super::conditional::{IfMatch, single};
use super::extract::{Body, PathId, Query};
use super::openapi::{ChangingHeaders, IdInPath, operations};
use super::paging::Page;
use super::route_views::RouteView;
use super::state::{Answer, State};
use crate::actions::dispatch::carriers::{self, CarrierOfferRow};
use crate::actions::dispatch::reports::{self, CarrierReport};
use crate::domain::dispatch::{CarrierFigures, CarrierOfferState, StopProblem};
use crate::domain::ids::{CarrierOfferId, CourierId, RouteId, SiteId};
use crate::domain::time::Instant;
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

operations!(offer_route, list_carrier_offers, accept_carrier_offer, decline_carrier_offer, report_carriers);

/// An offer to the courier of a route's vehicle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OfferBody {
    /// Until when it may be answered.
    #[schema(value_type = String, format = DateTime)]
    answer_by: Instant,
}

/// Why a route is not taken.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeclineBody {
    /// In a few words.
    #[schema(max_length = 500)]
    reason: String,
}

/// A route offered to a courier company.
#[derive(Serialize, ToSchema)]
#[schema(as = CarrierOffer)]
struct CarrierOfferView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: CarrierOfferId,
    /// The route.
    #[schema(value_type = String, format = "uuid")]
    route_id: RouteId,
    /// Who is asked.
    #[schema(value_type = String, format = "uuid")]
    courier_id: CourierId,
    /// `proposed`, `accepted`, `declined`, `lapsed` or `withdrawn`.
    #[schema(value_type = String)]
    state: CarrierOfferState,
    /// Until when it may be answered.
    #[schema(value_type = String, format = DateTime)]
    answer_by: Instant,
    /// Why it was declined.
    reason: Option<String>,
    /// When it was answered.
    #[schema(value_type = Option<String>, format = DateTime)]
    answered_at: Option<Instant>,
    /// By whom.
    answered_by: Option<String>,
    /// Who asked.
    created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// Version for `If-Match`.
    version: i64,
}

impl From<&CarrierOfferRow> for CarrierOfferView {
    fn from(row: &CarrierOfferRow) -> Self {
        let CarrierOfferRow {
            id,
            route_id,
            courier_id,
            state,
            answer_by,
            reason,
            answered_at,
            answered_by,
            created_by,
            created_at,
            version,
        } = row.clone();
        Self {
            id,
            route_id,
            courier_id,
            state,
            answer_by,
            reason,
            answered_at,
            answered_by,
            created_by,
            created_at,
            version,
        }
    }
}

/// Offers a route to the courier of its vehicle.
#[utoipa::path(tag = "dispatch", params(IdInPath, ChangingHeaders), request_body = OfferBody,
    responses((status = 200, description = "It is offered.", body = CarrierOfferView)))]
#[post("/v1/routes/{id}/offer")]
async fn offer_route(
    call: Allowed<PlanRoutes>,
    state: State,
    request: HttpRequest,
    id: PathId<RouteId>,
    version: IfMatch,
    body: Body<OfferBody>,
) -> Answer {
    let (PathId(id), IfMatch(version), OfferBody { answer_by }) = (id, version, body.into_inner());
    let row = state.hub.write(&call, move |tx| carriers::offer_route(tx, id, version, answer_by)).await?;
    Ok(single(&request, row.version, &CarrierOfferView::from(&row)))
}

/// Which offers.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OffersQuery {
    /// Only in this state.
    #[param(value_type = Option<String>, example = "proposed")]
    state: Option<CarrierOfferState>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    cursor: Option<String>,
}

/// Lists offers of routes: all for dispatchers, a courier's own for the courier.
#[utoipa::path(tag = "dispatch", params(OffersQuery),
    responses((status = 200, description = "A page of offers.", body = Page<CarrierOfferView>)))]
#[get("/v1/carrier-offers")]
async fn list_carrier_offers(
    call: Allowed<ReadRoutes>,
    state: State,
    request: HttpRequest,
    query: Query<OffersQuery>,
) -> Answer {
    let Query(query) = query;
    let page = state.pager.open::<CarrierOfferId, _>(query.limit, query.cursor.as_deref(), &("carrier", &query))?;
    let (after, rows, actor, wanted) = (page.after, page.rows(), call.actor().clone(), query.state);
    let found = state.hub.read(move |conn| carriers::list_offers(conn, &actor, wanted, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |row| row.id, |row| CarrierOfferView::from(row)))
}

/// An accepted offer with its route.
#[derive(Serialize, ToSchema)]
#[schema(as = AcceptedRoute)]
struct AcceptedView {
    /// The offer.
    offer: CarrierOfferView,
    /// The route, which is theirs now.
    route: RouteView,
}

/// Takes a route.
#[utoipa::path(tag = "dispatch", params(IdInPath, ChangingHeaders),
    responses((status = 200, description = "It is theirs.", body = AcceptedView)))]
#[post("/v1/carrier-offers/{id}/accept")]
async fn accept_carrier_offer(
    call: Allowed<DriveRoutes>,
    state: State,
    id: PathId<CarrierOfferId>,
    version: IfMatch,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let (row, route) = state.hub.write(&call, move |tx| carriers::accept_offer(tx, id, version)).await?;
    let view = AcceptedView { offer: CarrierOfferView::from(&row), route: RouteView::from(&route) };
    Ok(HttpResponse::Ok().json(view))
}

/// Declines a route; it waits for somebody else.
#[utoipa::path(tag = "dispatch", params(IdInPath, ChangingHeaders), request_body = DeclineBody,
    responses((status = 200, description = "It is declined.", body = CarrierOfferView)))]
#[post("/v1/carrier-offers/{id}/decline")]
async fn decline_carrier_offer(
    call: Allowed<DriveRoutes>,
    state: State,
    request: HttpRequest,
    id: PathId<CarrierOfferId>,
    version: IfMatch,
    body: Body<DeclineBody>,
) -> Answer {
    let (PathId(id), IfMatch(version), DeclineBody { reason }) = (id, version, body.into_inner());
    let row = state.hub.write(&call, move |tx| carriers::decline_offer(tx, id, version, &reason)).await?;
    Ok(single(&request, row.version, &CarrierOfferView::from(&row)))
}

/// Between which instants.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReportQuery {
    /// Routes that were over after this.
    #[param(value_type = String, format = DateTime)]
    from: Instant,
    /// Routes that left before this.
    #[param(value_type = String, format = DateTime)]
    until: Instant,
}

/// What a carrier did, or what was done between two sites.
#[derive(Serialize, ToSchema)]
#[schema(as = CarrierFigures)]
struct FiguresView {
    /// The carrier, in figures by carrier.
    #[schema(value_type = Option<String>, format = "uuid")]
    courier_id: Option<CourierId>,
    /// The sender, in figures by pair.
    #[schema(value_type = Option<String>, format = "uuid")]
    from_site_id: Option<SiteId>,
    /// The receiver, in figures by pair.
    #[schema(value_type = Option<String>, format = "uuid")]
    to_site_id: Option<SiteId>,
    /// Deliveries made.
    deliveries: i64,
    /// Of those, by the deadline.
    on_time: i64,
    /// Thousandths on time; null without a delivery.
    on_time_permille: Option<i64>,
    /// Boxes that were not delivered.
    failed: i64,
    /// Milk delivered, mL.
    volume_ml: i64,
    /// Road, metres.
    distance_m: i64,
    /// Metres driven for a litre; null without milk.
    metres_per_litre: Option<i64>,
    /// Cost, cents.
    cost_cents: i64,
    /// Minutes late in all.
    late_minutes: i64,
    /// How often each cause was named, for what came late or not at all.
    #[schema(value_type = Object)]
    causes: BTreeMap<StopProblem, i64>,
}

fn figures_view(courier: Option<CourierId>, pair: Option<(SiteId, SiteId)>, figures: &CarrierFigures) -> FiguresView {
    let (on_time_permille, metres_per_litre) = (figures.on_time_permille(), figures.metres_per_litre());
    let CarrierFigures { deliveries, on_time, failed, volume_ml, metres, cost_cents, late_minutes, causes } =
        figures.clone();
    FiguresView {
        courier_id: courier,
        from_site_id: pair.map(|(from, _)| from),
        to_site_id: pair.map(|(_, to)| to),
        deliveries,
        on_time,
        on_time_permille,
        failed,
        volume_ml,
        distance_m: metres,
        metres_per_litre,
        cost_cents,
        late_minutes,
        causes,
    }
}

/// What carriers did between two instants.
#[derive(Serialize, ToSchema)]
#[schema(as = CarrierReport)]
struct ReportView {
    /// By carrier.
    carriers: Vec<FiguresView>,
    /// By sender and receiver.
    pairs: Vec<FiguresView>,
}

/// Reports share on time, kilometres per litre, cost and causes of delay, by carrier and by pair of sites.
#[utoipa::path(tag = "dispatch", params(ReportQuery),
    responses((status = 200, description = "The figures.", body = ReportView)))]
#[get("/v1/carrier-report")]
async fn report_carriers(call: Allowed<ReadRoutes>, state: State, query: Query<ReportQuery>) -> Answer {
    let (Query(ReportQuery { from, until }), actor) = (query, call.actor().clone());
    let CarrierReport { carriers, pairs } =
        state.hub.read(move |conn| reports::report_carriers(conn, &actor, from, until)).await?;
    Ok(HttpResponse::Ok().json(ReportView {
        carriers: carriers.iter().map(|(id, figures)| figures_view(Some(*id), None, figures)).collect(),
        pairs: pairs.iter().map(|(pair, figures)| figures_view(None, Some(*pair), figures)).collect(),
    }))
}
