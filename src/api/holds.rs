//! Holds on lots and bottles.

use super::auth::{Allowed, permit::ManageLots, permit::ReadStock};
use super::conditional::{IfMatch, single};
use super::extract::{Body, PathId, Query};
use super::idempotency::{Creating, created, send};
use super::openapi::{ChangingHeaders, CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::problem::{Problem, ProblemCode};
use super::state::{Answer, State};
use crate::actions::holds::{self, HoldOn, HoldRow};
use crate::domain::ids::{BottleId, HoldId, LotId, SiteId};
use crate::domain::time::Instant;
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations!(place_hold, list_holds, get_hold, lift_hold);

/// A hold to be placed on a lot or on one bottle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HoldBody {
    /// The lot; left out when a bottle is named.
    #[schema(value_type = Option<String>, format = "uuid")]
    lot_id: Option<LotId>,
    /// The bottle; left out when a lot is named.
    #[schema(value_type = Option<String>, format = "uuid")]
    bottle_id: Option<BottleId>,
    /// Why.
    #[schema(max_length = 500)]
    reason: String,
}

/// Why a hold is lifted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LiftBody {
    /// In a few words.
    #[schema(max_length = 500)]
    reason: String,
}

/// A hold.
#[derive(Serialize, ToSchema)]
#[schema(as = Hold)]
struct HoldView {
    /// Identifier.
    #[schema(value_type = String, format = "uuid")]
    id: HoldId,
    /// The lot held.
    #[schema(value_type = Option<String>, format = "uuid")]
    lot_id: Option<LotId>,
    /// The bottle held.
    #[schema(value_type = Option<String>, format = "uuid")]
    bottle_id: Option<BottleId>,
    /// The site that answers for it.
    #[schema(value_type = String, format = "uuid")]
    site_id: SiteId,
    /// Why.
    reason: String,
    /// Who placed it.
    placed_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    placed_at: Instant,
    /// Who lifted it.
    lifted_by: Option<String>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    lifted_at: Option<Instant>,
    /// Why.
    lift_reason: Option<String>,
    /// Version for `If-Match`.
    version: i64,
}

impl From<&HoldRow> for HoldView {
    fn from(row: &HoldRow) -> Self {
        let HoldRow {
            id,
            lot_id,
            bottle_id,
            site_id,
            reason,
            placed_by,
            placed_at,
            lifted_by,
            lifted_at,
            lift_reason,
            version,
        } = row.clone();
        Self {
            id,
            lot_id,
            bottle_id,
            site_id,
            reason,
            placed_by,
            placed_at,
            lifted_by,
            lifted_at,
            lift_reason,
            version,
        }
    }
}

/// Which holds.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct HoldsQuery {
    /// Only holds that nobody lifted.
    open: Option<bool>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    #[serde(skip_serializing_if = "super::paging::not_a_filter")]
    cursor: Option<String>,
}

/// Places a hold; it acts at once on surplus, offers, allocations and waiting transfers.
#[utoipa::path(tag = "holds", params(CreatingHeaders), request_body = HoldBody,
    responses((status = 201, description = "It is held.", body = HoldView)))]
#[post("/v1/holds")]
async fn place_hold(call: Allowed<ManageLots>, state: State, creating: Creating<HoldBody>) -> Answer {
    let Creating { body: HoldBody { lot_id, bottle_id, reason }, once } = creating;
    let on = match (lot_id, bottle_id) {
        (Some(lot), None) => HoldOn::Lot(lot),
        (None, Some(bottle)) => HoldOn::Bottle(bottle),
        _ => {
            let detail = "name either lot_id or bottle_id";
            return Err(Problem::field(ProblemCode::BodyInvalid, "/lot_id", "one_of", detail));
        }
    };
    let answer = state
        .hub
        .write_once(
            &call,
            once,
            move |tx| holds::place_hold(tx, on, &reason),
            |hold| created(format!("/v1/holds/{}", hold.id), hold.version, &HoldView::from(hold)),
        )
        .await?;
    Ok(send(answer))
}

/// Lists the holds of the caller's sites.
#[utoipa::path(tag = "holds", params(HoldsQuery),
    responses((status = 200, description = "A page of holds.", body = Page<HoldView>)))]
#[get("/v1/holds")]
async fn list_holds(call: Allowed<ReadStock>, state: State, request: HttpRequest, query: Query<HoldsQuery>) -> Answer {
    let Query(query) = query;
    let page = state.pager.open::<HoldId, _>(query.limit, query.cursor.as_deref(), &("holds", &query))?;
    let (after, rows, actor) = (page.after, page.rows(), call.actor().clone());
    let open_only = query.open.unwrap_or(false);
    let found = state.hub.read(move |conn| holds::list_holds(conn, &actor, open_only, after, rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |row| row.id, |row| HoldView::from(row)))
}

/// Gives one hold.
#[utoipa::path(tag = "holds", params(IdInPath),
    responses((status = 200, description = "The hold.", body = HoldView)))]
#[get("/v1/holds/{id}")]
async fn get_hold(call: Allowed<ReadStock>, state: State, request: HttpRequest, id: PathId<HoldId>) -> Answer {
    let (PathId(id), actor) = (id, call.actor().clone());
    let hold = state.hub.read(move |conn| holds::get_hold(conn, &actor, id)).await?;
    Ok(single(&request, hold.version, &HoldView::from(&hold)))
}

/// Lifts a hold; what nothing else keeps aside is free again.
#[utoipa::path(tag = "holds", params(IdInPath, ChangingHeaders), request_body = LiftBody,
    responses((status = 200, description = "It is lifted.", body = HoldView)))]
#[post("/v1/holds/{id}/lift")]
async fn lift_hold(
    call: Allowed<ManageLots>,
    state: State,
    request: HttpRequest,
    id: PathId<HoldId>,
    version: IfMatch,
    body: Body<LiftBody>,
) -> Answer {
    let (PathId(id), IfMatch(version), LiftBody { reason }) = (id, version, body.into_inner());
    let hold = state.hub.write(&call, move |tx| holds::lift_hold(tx, id, version, &reason)).await?;
    Ok(single(&request, hold.version, &HoldView::from(&hold)))
}
