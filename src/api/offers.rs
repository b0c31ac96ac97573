//! Offers: timed proposals to the holding site.

use super::auth::{Allowed, permit::AnswerOffers, permit::ReadRequests};
use super::conditional::{IfMatch, single};
use super::extract::{Body, NoBody, PathId, Query};
use super::openapi::{ChangingHeaders, IdInPath, operations};
use super::paging::Page;
use super::scope::visible_sites;
use super::state::{Answer, State};
use crate::actions::offers::{self, OfferListing, PromiseFilter};
use crate::domain::ids::{AllocationId, LotId, OfferId, RequestId, SiteId};
use crate::domain::offer::{DeclineReason, OfferState};
use crate::domain::quantity::Volume;
use crate::domain::time::Instant;
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(list_offers, get_offer, accept_offer, decline_offer);

/// Bottles of one lot and size in an offer.
#[derive(Serialize, ToSchema)]
#[schema(as = OfferLine)]
struct OfferLineView {
    /// The lot.
    #[schema(value_type = String, format = "uuid")]
    lot_id: LotId,
    /// The bank's number of the lot.
    lot_code: String,
    /// Size of one bottle, mL.
    #[schema(value_type = i64)]
    size_ml: Volume,
    /// Bottles.
    bottles: i64,
}

/// An offer.
#[derive(Serialize, ToSchema)]
#[schema(as = Offer)]
struct OfferView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: OfferId,
    /// For this request.
    #[schema(value_type = String, format = "uuid")]
    request_id: RequestId,
    /// The holding site.
    #[schema(value_type = String, format = "uuid")]
    from_site_id: SiteId,
    /// The asking site.
    #[schema(value_type = String, format = "uuid")]
    to_site_id: SiteId,
    /// proposed, accepted, declined, lapsed or withdrawn.
    #[schema(value_type = String)]
    state: OfferState,
    /// The request's tier.
    tier: i64,
    /// When the request needs the milk.
    #[schema(value_type = String, format = DateTime)]
    needed_by: Instant,
    /// Volume, mL.
    #[schema(value_type = i64)]
    volume_ml: Volume,
    /// Bottles.
    bottles: i64,
    /// Bottles by lot and size.
    lines: Vec<OfferLineView>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    proposed_at: Instant,
    /// Until when it may be answered.
    #[schema(value_type = String, format = DateTime)]
    answer_by: Instant,
    /// Accepted by the site's standing rule.
    by_standing_rule: bool,
    /// Coded reason, when declined.
    #[schema(value_type = Option<String>)]
    decline_reason: Option<DeclineReason>,
    /// The allocation it became when it was accepted.
    #[schema(value_type = Option<String>, format = "uuid")]
    allocation_id: Option<AllocationId>,
    /// Version for `If-Match`.
    version: i64,
}

fn view(listing: &OfferListing) -> OfferView {
    let OfferListing { row, tier, needed_by, lines, allocation } = listing;
    OfferView {
        id: row.id,
        request_id: row.request_id,
        from_site_id: row.from_site_id,
        to_site_id: row.to_site_id,
        state: row.state,
        tier: *tier,
        needed_by: *needed_by,
        volume_ml: row.volume_ml,
        bottles: row.bottles,
        lines: lines
            .iter()
            .map(|(lot_id, lot_code, size_ml, bottles)| OfferLineView {
                lot_id: *lot_id,
                lot_code: lot_code.clone(),
                size_ml: *size_ml,
                bottles: *bottles,
            })
            .collect(),
        proposed_at: row.proposed_at,
        answer_by: row.answer_by,
        by_standing_rule: row.by_standing_rule,
        decline_reason: row.decline_reason,
        allocation_id: *allocation,
        version: row.version,
    }
}

/// Which offers.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OfferQuery {
    /// Only offers in which this site takes part, on either side.
    #[param(value_type = Option<String>)]
    site_id: Option<SiteId>,
    /// Only offers in this state.
    #[param(value_type = Option<String>)]
    state: Option<OfferState>,
    /// Only offers for this request.
    #[param(value_type = Option<String>)]
    request_id: Option<RequestId>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    cursor: Option<String>,
}

/// Lists the offers that concern the caller's sites, in the order they were made.
#[utoipa::path(tag = "offers", params(OfferQuery),
    responses((status = 200, description = "A page of offers.", body = Page<OfferView>)))]
#[get("/v1/offers")]
async fn list_offers(
    call: Allowed<ReadRequests>,
    state: State,
    request: HttpRequest,
    query: Query<OfferQuery>,
) -> Answer {
    let Query(query) = query;
    let page = state.pager.open::<OfferId, _>(query.limit, query.cursor.as_deref(), &("offers", &query))?;
    let (after, rows, wanted) = (page.after, page.rows(), query.state);
    let filter = PromiseFilter {
        sites: visible_sites(&call.actor.sites, None),
        site: query.site_id,
        request: query.request_id,
        since: None,
    };
    let found = state.hub.read(move |conn| offers::list_offers(conn, &filter, wanted, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |listing| listing.row.id, view))
}

/// Gives one offer that concerns the caller's sites.
#[utoipa::path(tag = "offers", params(IdInPath), responses((status = 200, description = "The offer.", body = OfferView)))]
#[get("/v1/offers/{id}")]
async fn get_offer(call: Allowed<ReadRequests>, state: State, request: HttpRequest, id: PathId<OfferId>) -> Answer {
    let (PathId(id), actor) = (id, call.actor.clone());
    let listing = state.hub.read(move |conn| offers::get_offer_listing(conn, &actor, id)).await?;
    Ok(single(&request, listing.row.version, &view(&listing)))
}

/// Accepts an offer for the holding site.
#[utoipa::path(tag = "offers", params(IdInPath, ChangingHeaders),
    responses((status = 200, description = "The milk is promised.", body = OfferView)))]
#[post("/v1/offers/{id}/accept")]
async fn accept_offer(
    call: Allowed<AnswerOffers>,
    state: State,
    request: HttpRequest,
    id: PathId<OfferId>,
    version: IfMatch,
    _body: NoBody,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let listing = state.hub.write(&call, move |tx| offers::accept_offer(tx, id, version)).await?;
    Ok(single(&request, listing.row.version, &view(&listing)))
}

/// Why an offer is declined.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeclineBody {
    /// The coded reason.
    #[schema(value_type = String, example = "needed_here")]
    reason: DeclineReason,
    /// More, in words.
    #[schema(max_length = 500)]
    note: Option<String>,
}

/// Declines an offer for the holding site; the request is matched anew from elsewhere.
#[utoipa::path(tag = "offers", params(IdInPath, ChangingHeaders), request_body = DeclineBody,
    responses((status = 200, description = "It is declined.", body = OfferView)))]
#[post("/v1/offers/{id}/decline")]
async fn decline_offer(
    call: Allowed<AnswerOffers>,
    state: State,
    request: HttpRequest,
    id: PathId<OfferId>,
    version: IfMatch,
    body: Body<DeclineBody>,
) -> Answer {
    let (PathId(id), IfMatch(version), DeclineBody { reason, note }) = (id, version, body.into_inner());
    let listing = state
        .hub
        .write(&call, move |tx| {
            offers::decline_offer(tx, id, version, reason, note.as_deref())?;
            offers::get_offer_listing(tx.conn, tx.actor, id)
        })
        .await?;
    Ok(single(&request, listing.row.version, &view(&listing)))
}
