//! Bottles: where each is and whom it is promised to.

use super::auth::{Allowed, permit::ReadStock};
use super::extract::Query;
use super::openapi::operations;
use super::paging::Page;
use super::scope::visible_sites;
use super::state::{Answer, State};
use crate::actions::lots::{self, BottleFilter, BottleListing};
use crate::domain::bottle::BottleState;
use crate::domain::ids::{AllocationId, BottleId, LotId, OfferId, RequestId, SiteId, SurplusLineId, TransferId};
use crate::domain::quantity::Volume;
use crate::domain::time::Instant;
use actix_web::{HttpRequest, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(list_bottles);

/// A bottle.
#[derive(Serialize, ToSchema)]
#[schema(as = Bottle)]
struct BottleView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: BottleId,
    /// Its lot.
    #[schema(value_type = String, format = "uuid")]
    lot_id: LotId,
    /// The bank's number of the lot.
    lot_code: String,
    /// Number within the lot.
    division: i64,
    /// Size, mL.
    #[schema(value_type = i64)]
    size_ml: Volume,
    /// Where it is.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// in_stock, in_transit, quarantined, used or discarded.
    #[schema(value_type = String)]
    state: BottleState,
    /// The lot's expiry.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
    /// Published on this line.
    #[schema(value_type = Option<String>)]
    surplus_line_id: Option<SurplusLineId>,
    /// Promised by this offer.
    #[schema(value_type = Option<String>)]
    offer_id: Option<OfferId>,
    /// On this transfer.
    #[schema(value_type = Option<String>)]
    transfer_id: Option<TransferId>,
    /// Kept at its site for this request.
    #[schema(value_type = Option<String>)]
    for_request_id: Option<RequestId>,
    /// From here on it may not be fed: it was taken in as thawed, and is never offered.
    #[schema(value_type = Option<String>, format = DateTime)]
    thaw_ends_at: Option<Instant>,
    /// Fed, mL.
    #[schema(value_type = i64)]
    fed_ml: Volume,
    /// Thrown away, mL.
    #[schema(value_type = i64)]
    discarded_ml: Volume,
}

fn view((row, (lot_code, expires_at)): &BottleListing) -> BottleView {
    BottleView {
        id: row.id,
        lot_id: row.lot_id,
        lot_code: lot_code.clone(),
        division: row.division,
        size_ml: row.size_ml,
        site_id: row.site_id,
        state: row.state,
        expires_at: *expires_at,
        surplus_line_id: row.surplus_line_id,
        offer_id: row.offer_id,
        transfer_id: row.transfer_id,
        for_request_id: row.for_request_id,
        thaw_ends_at: row.thaw_ends_at,
        fed_ml: row.fed_ml,
        discarded_ml: row.discarded_ml,
    }
}

/// Which bottles.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct BottleQuery {
    /// Only bottles at this site.
    #[param(value_type = Option<String>)]
    site_id: Option<SiteId>,
    /// Only bottles in this state.
    #[param(value_type = Option<String>)]
    state: Option<BottleState>,
    /// Only bottles of this lot.
    #[param(value_type = Option<String>)]
    lot_id: Option<LotId>,
    /// Only bottles on this transfer.
    #[param(value_type = Option<String>)]
    transfer_id: Option<TransferId>,
    /// Only bottles that this allocation promised, now or before.
    #[param(value_type = Option<String>)]
    allocation_id: Option<AllocationId>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    cursor: Option<String>,
}

/// Lists the bottles at the caller's sites.
#[utoipa::path(tag = "lots", params(BottleQuery),
    responses((status = 200, description = "A page of bottles.", body = Page<BottleView>)))]
#[get("/v1/bottles")]
async fn list_bottles(call: Allowed<ReadStock>, state: State, request: HttpRequest, query: Query<BottleQuery>) -> Answer {
    let Query(query) = query;
    let page = state.pager.open::<BottleId, _>(query.limit, query.cursor.as_deref(), &("bottles", &query))?;
    let (after, rows) = (page.after, page.rows());
    let filter = BottleFilter {
        sites: visible_sites(&call.actor.sites, query.site_id),
        state: query.state,
        lot: query.lot_id,
        transfer: query.transfer_id,
        allocation: query.allocation_id,
    };
    let found = state.hub.read(move |conn| lots::list_bottles(conn, &filter, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |listing| listing.0.id, view))
}
