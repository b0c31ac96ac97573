//! Allocations: milk promised to a request by an accepted offer.

use super::auth::{Allowed, permit::RaiseRequests, permit::ReadRequests};
use super::conditional::{IfMatch, single};
use super::extract::{Body, PathId, Query};
use super::lots::ReasonBody;
use super::openapi::{ChangingHeaders, IdInPath, operations};
use super::paging::Page;
use super::scope::visible_sites;
use super::state::{Answer, State};
use crate::actions::offers::{self, AllocationRow, AllocationWithNeed, PromiseFilter};
use crate::domain::ids::{AllocationId, OfferId, RequestId, SiteId, TransferId};
use crate::domain::offer::AllocationState;
use crate::domain::quantity::Volume;
use crate::domain::time::Instant;
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(list_allocations, get_allocation, release_allocation);

/// An allocation.
#[derive(Serialize, ToSchema)]
#[schema(as = Allocation)]
struct AllocationView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: AllocationId,
    /// Its offer.
    #[schema(value_type = String, format = "uuid")]
    offer_id: OfferId,
    /// Its request.
    #[schema(value_type = String, format = "uuid")]
    request_id: RequestId,
    /// The holding site.
    #[schema(value_type = String, format = "uuid")]
    from_site_id: SiteId,
    /// The asking site.
    #[schema(value_type = String, format = "uuid")]
    to_site_id: SiteId,
    /// held, in_transfer, delivered or released.
    #[schema(value_type = String)]
    state: AllocationState,
    /// Volume, mL.
    #[schema(value_type = i64)]
    volume_ml: Volume,
    /// Bottles.
    bottles: i64,
    /// The request's tier; only in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    tier: Option<i64>,
    /// When the request needs the milk; only in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    needed_by: Option<Instant>,
    /// When it releases itself unless it moved.
    #[schema(value_type = String, format = DateTime)]
    lapses_at: Instant,
    /// The transfer that carries it.
    #[schema(value_type = Option<String>)]
    transfer_id: Option<TransferId>,
    /// Why it ended.
    end_reason: Option<String>,
    /// Version for `If-Match`.
    version: i64,
}

fn view(row: &AllocationRow, need: Option<(i64, Instant)>) -> AllocationView {
    AllocationView {
        id: row.id,
        offer_id: row.offer_id,
        request_id: row.request_id,
        from_site_id: row.from_site_id,
        to_site_id: row.to_site_id,
        state: row.state,
        volume_ml: row.volume_ml,
        bottles: row.bottles,
        tier: need.map(|(tier, _)| tier),
        needed_by: need.map(|(_, needed_by)| needed_by),
        lapses_at: row.lapses_at,
        transfer_id: row.transfer_id,
        end_reason: row.end_reason.clone(),
        version: row.version,
    }
}

/// Which allocations.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AllocationQuery {
    /// Only allocations in which this site takes part, on either side.
    #[param(value_type = Option<String>)]
    site_id: Option<SiteId>,
    /// Only allocations in this state.
    #[param(value_type = Option<String>)]
    state: Option<AllocationState>,
    /// Only allocations to this request.
    #[param(value_type = Option<String>)]
    request_id: Option<RequestId>,
    /// Only allocations made at this instant or later.
    #[param(value_type = Option<String>)]
    created_after: Option<Instant>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    cursor: Option<String>,
}

/// Lists the allocations that concern the caller's sites, in the order they were made.
#[utoipa::path(tag = "offers", params(AllocationQuery),
    responses((status = 200, description = "A page of allocations.", body = Page<AllocationView>)))]
#[get("/v1/allocations")]
async fn list_allocations(
    call: Allowed<ReadRequests>,
    state: State,
    request: HttpRequest,
    query: Query<AllocationQuery>,
) -> Answer {
    let Query(query) = query;
    let page = state.pager.open::<AllocationId, _>(query.limit, query.cursor.as_deref(), &("allocations", &query))?;
    let (after, rows, wanted) = (page.after, page.rows(), query.state);
    let filter = PromiseFilter {
        sites: visible_sites(&call.actor.sites, None),
        site: query.site_id,
        request: query.request_id,
        since: query.created_after,
    };
    let found = state.hub.read(move |conn| offers::list_allocations(conn, &filter, wanted, after, rows)).await?;
    let each = |(row, need): &AllocationWithNeed| view(row, Some(*need));
    Ok(state.pager.answer(&request, &page, found, |(row, _)| row.id, each))
}

/// Gives one allocation that concerns the caller's sites.
#[utoipa::path(tag = "offers", params(IdInPath),
    responses((status = 200, description = "The allocation.", body = AllocationView)))]
#[get("/v1/allocations/{id}")]
async fn get_allocation(
    call: Allowed<ReadRequests>,
    state: State,
    request: HttpRequest,
    id: PathId<AllocationId>,
) -> Answer {
    let (PathId(id), actor) = (id, call.actor.clone());
    let row = state.hub.read(move |conn| offers::get_allocation(conn, &actor, id)).await?;
    Ok(single(&request, row.version, &view(&row, None)))
}

/// Releases a held allocation; its request wants milk again.
#[utoipa::path(tag = "offers", params(IdInPath, ChangingHeaders), request_body = ReasonBody,
    responses((status = 200, description = "It is released.", body = AllocationView)))]
#[post("/v1/allocations/{id}/release")]
async fn release_allocation(
    call: Allowed<RaiseRequests>,
    state: State,
    request: HttpRequest,
    id: PathId<AllocationId>,
    version: IfMatch,
    body: Body<ReasonBody>,
) -> Answer {
    let (PathId(id), IfMatch(version), ReasonBody { reason }) = (id, version, body.into_inner());
    let row = state.hub.write(&call, move |tx| offers::release_allocation(tx, id, version, &reason)).await?;
    Ok(single(&request, row.version, &view(&row, None)))
}
